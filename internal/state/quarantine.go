package state

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// QuarantineGroup counts open quarantined records that are alike.
type QuarantineGroup struct {
	LogType string // "" = not recognised
	Reason  string
	Rows    int64
	Records int64
	Bytes   int64
	Example int64 // Num of the newest
	Last    time.Time
}

// QuarantineFilter selects open quarantined records. Zero fields select everything.
type QuarantineFilter struct {
	LogType *string // "" is a value of its own: not recognised
	Reason  string
	Source  string
	Object  string
}

// QuarantineGroups summarises open quarantined records, most records first.
func (d *DB) QuarantineGroups(ctx context.Context) ([]QuarantineGroup, error) {
	var out []QuarantineGroup
	err := d.read(ctx, func(r scanner) error {
		var g QuarantineGroup
		var last int64
		err := r.Scan(&g.LogType, &g.Reason, &g.Rows, &g.Records, &g.Bytes, &g.Example, &last)
		g.Last = fromNanos(last)
		out = append(out, g)
		return err
	}, `SELECT log_type, reason, count(*), sum(records), sum(length), max(num), max(at) FROM quarantine WHERE replayed = 0
		GROUP BY log_type, reason ORDER BY 4 DESC, 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("summarise quarantine: %w", err)
	}
	return out, nil
}

const quarantineColumns = `q.num, o.id, q.log_type, q.reason, q.detail, q.pos, q.wrapped, q.idx, q.length, q.records, q.sha256, q.body, q.seq, q.at, q.replayed,
	s.name, o.bucket, o.key, o.version, o.etag, o.size, o.modified`

func scanQuarantine(r scanner) (e QuarantineEntry, err error) {
	var body []byte
	var at, modified int64
	i := &e.Identity
	err = r.Scan(&e.Num, &e.Object, &e.LogType, &e.Reason, &e.Detail, &e.Offset, &e.Wrapped, &e.Index, &e.Length, &e.Records, &e.SHA256, &body, &e.Seq, &at, &e.Replayed,
		&i.Source, &i.Bucket, &i.Key, &i.Version, &i.ETag, &i.Size, &modified)
	if err != nil {
		return e, err
	}
	e.At, i.Modified = fromNanos(at), fromNanos(modified)
	if e.Body, err = unpack(body); err != nil {
		return e, fmt.Errorf("bytes of quarantined record %d: %w", e.Num, err)
	}
	return e, nil
}

// Quarantine lists open quarantined records, newest first, with their bytes.
func (d *DB) Quarantine(ctx context.Context, f QuarantineFilter, p Page) ([]QuarantineEntry, error) {
	var out []QuarantineEntry
	where, args := f.where()
	if p.After > 0 {
		where, args = where+" AND q.num < ?", append(args, p.After)
	}
	err := d.read(ctx, func(r scanner) error {
		e, err := scanQuarantine(r)
		out = append(out, e)
		return err
	}, `SELECT `+quarantineColumns+` FROM quarantine q JOIN objects o ON o.num = q.object JOIN sources s ON s.num = o.source
		WHERE `+where+` ORDER BY q.num DESC LIMIT ?`, append(args, p.limit())...)
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	return out, nil
}

// Quarantined returns one quarantined record; ErrNotFound when there is none of that number.
func (d *DB) Quarantined(ctx context.Context, num int64) (QuarantineEntry, error) {
	e, err := scanQuarantine(d.readers.QueryRowContext(ctx, `SELECT `+quarantineColumns+` FROM quarantine q
		JOIN objects o ON o.num = q.object JOIN sources s ON s.num = o.source WHERE q.num = ?`, num))
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return QuarantineEntry{}, fmt.Errorf("quarantined record %d: %w", num, err)
	}
	return e, nil
}

// ExportQuarantine calls f for every open record the filter selects, oldest first, in pages so
// that no reader is held while f works. To replay them, commit parts with Replays; a replay is
// settled once, whoever tries.
func (d *DB) ExportQuarantine(ctx context.Context, f QuarantineFilter, each func(QuarantineEntry) error) error {
	where, args := f.where()
	after := int64(0)
	for {
		var page []QuarantineEntry
		err := d.read(ctx, func(r scanner) error {
			e, err := scanQuarantine(r)
			page = append(page, e)
			return err
		}, `SELECT `+quarantineColumns+` FROM quarantine q JOIN objects o ON o.num = q.object JOIN sources s ON s.num = o.source
			WHERE `+where+` AND q.num > ? ORDER BY q.num LIMIT 200`, append(args[:len(args):len(args)], after)...)
		if err != nil {
			return fmt.Errorf("export quarantine: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, e := range page {
			if err := each(e); err != nil {
				return fmt.Errorf("export quarantined record %d: %w", e.Num, err)
			}
			after = e.Num
		}
	}
}

func (f QuarantineFilter) where() (string, []any) {
	where, args := []string{"q.replayed = 0"}, []any{}
	if f.LogType != nil {
		where, args = append(where, "q.log_type = ?"), append(args, *f.LogType)
	}
	if f.Reason != "" {
		where, args = append(where, "q.reason = ?"), append(args, f.Reason)
	}
	if f.Source != "" {
		where, args = append(where, "s.name = ?"), append(args, f.Source)
	}
	if f.Object != "" {
		where, args = append(where, "o.id = ?"), append(args, f.Object)
	}
	return strings.Join(where, " AND "), args
}
