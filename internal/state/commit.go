package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/yagura-siem/yagura/internal/store"
)

// Commit is T2: in one transaction it checks every lease epoch, makes exactly the named pending
// parts live and the replaced ones dead, finishes the objects with their counts and writes
// quarantine, sidecars, signals, findings and occurrences. It returns the sequence number of
// the commit; readers see commits in this order without gaps. Acknowledge the source only after
// it.
//
// Errors: ErrLeaseLost (drop the work, abort the parts), ErrConflict (a part was not in the
// expected state: plan again), ErrInvalid (counts or rows do not add up), ErrFull. After any
// error nothing has changed.
func (d *DB) Commit(ctx context.Context, rec CommitRecord) (seq int64, err error) {
	done, err := d.CommitAll(ctx, rec)
	return done.Seq, err
}

// CommitAll is Commit, and tells which alerts were raised and closed.
func (d *DB) CommitAll(ctx context.Context, rec CommitRecord) (done Committed, err error) {
	c := &commit{rec: rec, at: nanos(d.now()), hook: d.hook}
	if err := c.check(); err != nil {
		return done, fmt.Errorf("commit: %w", err)
	}
	for i := range rec.Parts {
		c.stats = append(c.stats, encodeStats(rec.Parts[i].Stats))
	}
	for i := range rec.Quarantine {
		c.bodies = append(c.bodies, pack(rec.Quarantine[i].Body))
	}
	err = d.write(ctx, c.run, func() {
		d.parts.apply(c.seq, c.live, append(rec.Replace[:len(rec.Replace):len(rec.Replace)], rec.Drop...))
	})
	if err != nil {
		return done, fmt.Errorf("commit of %d objects, %d parts: %w", len(rec.Objects), len(rec.Parts), err)
	}
	return Committed{Seq: c.seq, Alerts: c.raising.changes}, nil
}

// commit is one run of T2.
type commit struct {
	rec    CommitRecord
	at     int64
	hook   func(string)
	stats  [][]byte
	bodies [][]byte

	t       *tx
	seq     int64
	objects map[string]int64 // object id → number
	rows    map[int64]int64  // event rows to be gained by each object, by number
	later   []int64          // objects that replace earlier generations
	live    []partRow
	totals  map[int64]*sourceTotal
	raising raising
}

type sourceTotal struct {
	Counts
	modified int64
	done     bool
}

func (c *commit) run(t *tx) error {
	c.t = t
	c.objects, c.rows, c.totals, c.live = map[string]int64{}, map[int64]int64{}, map[int64]*sourceTotal{}, nil
	c.later, c.raising = nil, raising{touched: map[int64]bool{}}
	if err := t.row(`UPDATE counters SET value = value + 1 WHERE name = 'commit_seq' RETURNING value`).Scan(&c.seq); err != nil {
		return err
	}
	t.seq = c.seq
	for _, step := range []func() error{c.finishObjects, c.settleReplays, c.flipParts, c.checkRows, c.supersede, c.quarantine, c.detection, c.raise, c.sources} {
		if err := step(); err != nil {
			return err
		}
	}
	if c.hook != nil {
		c.hook("inside T2")
	}
	return nil
}

// finishObjects ends the leases. All lost ones are reported at once.
func (c *commit) finishObjects() error {
	var lost []string
	for _, o := range c.rec.Objects {
		var num, source, modified int64
		var later bool
		err := c.t.row(fmt.Sprintf(`UPDATE objects SET state = ?, owner = '', lease_until = 0, retry_at = 0, reason = ?, detail = ?, log_types = ?,
			records = ?, events = ?, filtered = ?, ignored = ?, quarantined = ?,
			content_hash = ?, content_size = ?, tail_from = ?, commit_seq = ?, done_at = ?
			WHERE id = ? AND state = %d AND epoch = ? RETURNING num, source, modified, prior IS NOT NULL`, Leased),
			o.State, o.Reason, clip(o.Detail), strings.Join(o.LogTypes, ","),
			o.Counts.Records, o.Counts.Events, o.Counts.Filtered, o.Counts.Ignored, o.Counts.Quarantined,
			o.ContentHash, o.ContentSize, o.TailFrom, c.seq, c.at,
			o.ID, o.Epoch).Scan(&num, &source, &modified, &later)
		if noRows(err) {
			lost = append(lost, o.ID)
			continue
		}
		if err != nil {
			return err
		}
		c.objects[o.ID] = num
		c.rows[num] += o.Counts.Events
		if later && o.State != Skipped && o.TailFrom == 0 {
			c.later = append(c.later, num)
		}
		s := c.total(source)
		s.Counts = s.Add(o.Counts)
		s.modified = max(s.modified, modified)
		s.done = true
	}
	return leaseLost(lost)
}

func (c *commit) total(source int64) *sourceTotal {
	s := c.totals[source]
	if s == nil {
		s = &sourceTotal{}
		c.totals[source] = s
	}
	return s
}

// settleReplays moves quarantined records to where they belong now.
func (c *commit) settleReplays() error {
	for _, r := range c.rec.Replays {
		var object, records int64
		err := c.t.row(`UPDATE quarantine SET replayed = ? WHERE num = ? AND replayed = 0 RETURNING object, records`, c.seq, r.Num).Scan(&object, &records)
		if noRows(err) {
			return conflict("quarantined record %d has been settled", r.Num)
		}
		if err != nil {
			return err
		}
		if r.Events+r.Filtered+r.Ignored != records {
			return invalid("quarantined record %d stands for %d records, %d are settled", r.Num, records, r.Events+r.Filtered+r.Ignored)
		}
		var source int64
		err = c.t.row(`UPDATE objects SET quarantined = quarantined - ?, events = events + ?, filtered = filtered + ?, ignored = ignored + ?,
			state = CASE WHEN ? > 0 THEN 3 ELSE state END
			WHERE num = ? AND state IN (3, 6, 7) RETURNING source`, records, r.Events, r.Filtered, r.Ignored, r.Events, object).Scan(&source)
		if noRows(err) {
			return conflict("the object of quarantined record %d has been replaced or is being read again", r.Num)
		}
		if err != nil {
			return err
		}
		c.rows[object] += r.Events
		s := c.total(source)
		s.Counts = s.Add(Counts{Events: r.Events, Filtered: r.Filtered, Ignored: r.Ignored, Quarantined: -records})
	}
	return nil
}

// flipParts makes the named parts live and dead. Fewer rows than expected end the commit.
func (c *commit) flipParts() error {
	if err := c.resolve(); err != nil {
		return err
	}
	for i, p := range c.rec.Parts {
		fields, err := c.t.fieldsNum(p.Fields)
		if err != nil {
			return err
		}
		row := partRow{fields: fields, Part: p.Part}
		row.Seq = c.seq
		err = c.t.row(fmt.Sprintf(`UPDATE parts SET state = %d, claim = NULL, rows = ?, bytes = ?, raw_bytes = ?, min_time = ?, max_time = ?, sha256 = ?,
			fields = ?, original = ?, rest = ?, derived = ?, stats = ?, seq = ?
			WHERE id = ? AND state = %d AND tier = ? AND path = ? AND log_type = ? AND version = ? AND day = ? RETURNING num`, partLive, partPending),
			p.Rows, p.Bytes, p.RawBytes, p.MinTime, p.MaxTime, p.SHA256, fields, p.Original, p.Rest, p.Derived, c.stats[i], c.seq,
			p.ID, p.Tier, p.Path, p.LogType, p.Version, p.Day).Scan(&row.num)
		if noRows(err) {
			return conflict("part %s is not pending as it was prepared", p.ID)
		}
		if err != nil {
			return err
		}
		for _, o := range p.Objects {
			if err := c.t.exec(`INSERT INTO part_objects VALUES (?, ?, ?)`, row.num, c.objects[o.Object], o.Rows); err != nil {
				return fmt.Errorf("rows of object %s in part %s: %w", o.Object, p.ID, err)
			}
		}
		for _, s := range p.Sidecars {
			err := c.t.exec(`INSERT INTO sidecars (part, name, version, tier, path, rows, bytes, sha256, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				row.num, s.Name, s.Version, s.Tier, s.Path, s.Rows, s.Bytes, s.SHA256, s.Data)
			if err != nil {
				return fmt.Errorf("sidecar %s of part %s: %w", s.Name, p.ID, err)
			}
		}
		c.live = append(c.live, row)
	}
	for _, ids := range [][]string{c.rec.Replace, c.rec.Drop} {
		if len(ids) == 0 {
			continue
		}
		n, err := c.t.change(fmt.Sprintf(`UPDATE parts SET state = %d, dead_seq = ?, dead_at = ?
			WHERE state = %d AND id IN (SELECT value FROM json_each(?))`, partDead, partLive), c.seq, c.at, list(ids))
		if err != nil {
			return err
		}
		if n != int64(len(ids)) {
			return conflict("%d of %d parts to be replaced are not live any more", int64(len(ids))-n, len(ids))
		}
	}
	if len(c.rec.Parts) > 0 {
		return c.t.dropClaims()
	}
	return nil
}

// resolve finds the numbers of the objects that parts name beside those of the commit.
func (c *commit) resolve() error {
	want := map[string]bool{}
	need := func(id string) {
		if _, ok := c.objects[id]; !ok {
			want[id] = true
		}
	}
	for _, p := range c.rec.Parts {
		for _, o := range p.Objects {
			need(o.Object)
		}
	}
	if len(want) == 0 {
		return nil
	}
	ids := make([]string, 0, len(want))
	for id := range want {
		ids = append(ids, id)
	}
	err := c.t.each(func(r scanner) error {
		var id string
		var num int64
		if err := r.Scan(&id, &num); err != nil {
			return err
		}
		c.objects[id] = num
		return nil
	}, `SELECT o.id, o.num FROM json_each(?) e JOIN objects o ON o.id = e.value`, list(ids))
	if err != nil {
		return err
	}
	for id := range want {
		if _, ok := c.objects[id]; !ok {
			return conflict("object %s is not in the ledger", id)
		}
	}
	return nil
}

// sources adds what changed to the totals of the sources.
func (c *commit) sources() error {
	for num, s := range c.totals {
		done := int64(0)
		if s.done {
			done = c.at
		}
		err := c.t.exec(`UPDATE sources SET records = records + ?, events = events + ?, filtered = filtered + ?, ignored = ignored + ?,
			quarantined = quarantined + ?, last_modified = max(last_modified, ?), last_done = max(last_done, ?) WHERE num = ?`,
			s.Records, s.Events, s.Filtered, s.Ignored, s.Quarantined, s.modified, done, num)
		if err != nil {
			return err
		}
	}
	return nil
}

// quarantine writes the records that failed.
func (c *commit) quarantine() error {
	for i, q := range c.rec.Quarantine {
		err := c.t.exec(`INSERT INTO quarantine (object, log_type, reason, detail, pos, wrapped, idx, length, records, sha256, body, seq, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.objects[q.Object], q.LogType, q.Reason, clip(q.Detail), q.Offset, q.Wrapped, q.Index, q.Length, max(q.Records, 1), q.SHA256, c.bodies[i], c.seq, c.at)
		if err != nil {
			return err
		}
	}
	return nil
}

// detection writes signals, findings and occurrences.
func (c *commit) detection() error {
	for n, s := range c.rec.Signals {
		err := c.t.exec(`INSERT INTO signals (seq, n, rule, rule_version, time, key, value, event_id, object) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.seq, n, s.Rule, s.RuleVersion, s.Time, s.Key, s.Value, s.EventID, c.objects[s.Object])
		if err != nil {
			return err
		}
	}
	for _, f := range c.rec.Findings {
		events, err := json.Marshal(f.Events)
		if err != nil {
			return err
		}
		err = c.t.exec(`INSERT INTO findings (id, revision, rule, rule_version, key, anchor, time, events, detail, withdrawn, seq, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			f.ID, f.Revision, f.Rule, f.RuleVersion, f.Key, f.Anchor, f.Time, string(events), string(f.Detail), f.Withdrawn, c.seq, c.at)
		if err != nil {
			return err
		}
	}
	for _, o := range c.rec.Occurrences {
		body := o.Body
		if body == nil {
			body = []byte{}
		}
		err := c.t.exec(`INSERT INTO occurrences (finding, revision, source, fingerprint, severity, time, body, seq, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			o.Finding, o.Revision, o.Source, o.Fingerprint, o.Severity, o.Time, body, c.seq, c.at)
		if err != nil {
			return err
		}
	}
	return nil
}

func partIDs(parts []CommitPart) []string {
	ids := make([]string, len(parts))
	for i := range parts {
		ids[i] = parts[i].ID
	}
	return ids
}

var _ store.Catalogue = (*DB)(nil)
