package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ObjectFilter selects rows of the ledger. Zero fields select everything.
type ObjectFilter struct {
	Source   string
	States   []State
	Contains string // part of the key
}

// Page is a piece of a list, newest first.
type Page struct {
	Limit int   // 0 = 100; at most 10,000
	After int64 // Num of the last one before; 0 = from the start
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 100
	}
	return min(p.Limit, 10_000)
}

// objectColumns are read by scanObject; objects is o, sources s.
const objectColumns = `o.num, o.id, s.name, o.bucket, o.key, o.version, o.etag, o.size, o.modified, o.discovered, o.generation, o.state,
	o.owner, o.tries, o.retry_at, o.reason, o.detail, o.log_types, o.records, o.events, o.filtered, o.ignored, o.quarantined,
	o.content_hash, o.content_size, o.tail_from, o.commit_seq, o.done_at`

func scanObject(r scanner, more ...any) (o Object, err error) {
	var modified, discovered, retry, done int64
	var types string
	err = r.Scan(append([]any{&o.Num, &o.ID, &o.Source, &o.Bucket, &o.Key, &o.Version, &o.ETag, &o.Size, &modified, &discovered, &o.Generation, &o.State,
		&o.Owner, &o.Tries, &retry, &o.Reason, &o.Detail, &types, &o.Counts.Records, &o.Counts.Events, &o.Counts.Filtered, &o.Counts.Ignored, &o.Counts.Quarantined,
		&o.ContentHash, &o.ContentSize, &o.TailFrom, &o.Seq, &done}, more...)...)
	o.Modified, o.Discovered, o.RetryAt, o.DoneAt = fromNanos(modified), fromNanos(discovered), fromNanos(retry), fromNanos(done)
	if types != "" {
		o.LogTypes = strings.Split(types, ",")
	}
	return o, err
}

// Objects lists the ledger, newest discovered first. Lists of Failed, Ignored, Unrecognized or
// Gone objects are quick whatever the size of the ledger.
func (d *DB) Objects(ctx context.Context, f ObjectFilter, p Page) ([]Object, error) {
	where, args := []string{"1"}, []any{}
	add := func(cond string, v ...any) {
		where, args = append(where, cond), append(args, v...)
	}
	from := "objects o"
	if f.Source != "" {
		add("o.source = (SELECT num FROM sources WHERE name = ?)", f.Source)
	}
	if len(f.States) > 0 {
		var in []string
		trouble := true
		for _, s := range f.States {
			in = append(in, fmt.Sprint(int(s)))
			trouble = trouble && slices.Contains([]State{Failed, Ignored, Unrecognized, Gone}, s)
		}
		add("o.state IN (" + strings.Join(in, ",") + ")")
		if trouble {
			add(fmt.Sprintf("o.state IN (%d, %d, %d, %d)", Failed, Ignored, Unrecognized, Gone)) // so that the partial index applies
			from = "objects o INDEXED BY objects_trouble"
		}
	}
	if f.Contains != "" {
		add("instr(o.key, ?) > 0", f.Contains)
	}
	if p.After > 0 {
		add("o.num < ?", p.After)
	}
	args = append(args, p.limit())
	var out []Object
	err := d.read(ctx, func(r scanner) error {
		o, err := scanObject(r)
		out = append(out, o)
		return err
	}, `SELECT `+objectColumns+` FROM `+from+` JOIN sources s ON s.num = o.source WHERE `+strings.Join(where, " AND ")+` ORDER BY o.num DESC LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	return out, nil
}

// Object returns the object of an id; ErrNotFound when the ledger does not have it.
func (d *DB) Object(ctx context.Context, id string) (Object, error) {
	o, err := scanObject(d.readers.QueryRowContext(ctx, `SELECT `+objectColumns+` FROM objects o JOIN sources s ON s.num = o.source WHERE o.id = ?`, id))
	if noRows(err) {
		err = ErrNotFound
	}
	if err != nil {
		return Object{}, fmt.Errorf("object %s: %w", id, err)
	}
	return o, nil
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
