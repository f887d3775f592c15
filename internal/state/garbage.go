package state

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/store"
)

// File is a file below the root of a tier.
type File struct {
	Tier string
	Path string
}

// DeadPart is a part that is no longer visible, with its files.
type DeadPart struct {
	ID    string
	Files []File // the part and its sidecars
}

// Recovery is what Recover did.
type Recovery struct {
	Leases int        // leases taken away
	Parts  []DeadPart // pending parts nobody may finish any more: unlink, then Forget
}

// Recover takes away what dead processes hold: leases that ran out, and pending parts whose
// lease or claim ran out, flipped to dead on that condition. At start-up, under the Lock of the
// data folder, owner names this instance: what it held in its former life (owner "x" and all
// "x/…") counts as run out. Later on call it with owner "" to sweep. Nothing else is touched;
// files the catalogue does not know are never its business, see Unknown.
func (d *DB) Recover(ctx context.Context, owner string) (r Recovery, err error) {
	err = d.write(ctx, func(t *tx) error {
		r = Recovery{}
		now := nanos(d.now())
		lost, err := t.lose(`(lease_until <= ?1 OR ?2 <> '' AND (owner = ?2 OR substr(owner, 1, length(?2) + 1) = ?2 || '/'))`, now, owner)
		if err != nil {
			return err
		}
		r.Leases = int(lost)
		// Held: by time, or by a lease that is still the same.
		err = t.exec(`DELETE FROM claim_objects WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.num = object AND o.epoch = claim_objects.epoch AND o.state = 2)`)
		if err != nil {
			return err
		}
		var dead []string
		err = t.each(func(row scanner) error {
			var id string
			err := row.Scan(&id)
			dead = append(dead, id)
			return err
		}, fmt.Sprintf(`UPDATE parts SET state = %d, dead_at = ?1, claim = NULL WHERE state = %d AND NOT EXISTS (
			SELECT 1 FROM claims c WHERE c.num = parts.claim AND (
				c.until > ?1 AND NOT (?2 <> '' AND (c.owner = ?2 OR substr(c.owner, 1, length(?2) + 1) = ?2 || '/'))
				OR EXISTS (SELECT 1 FROM claim_objects co WHERE co.claim = c.num)))
			RETURNING id`, partDead, partPending), now, owner)
		if err != nil {
			return err
		}
		if err := t.dropClaims(); err != nil {
			return err
		}
		r.Parts, err = deadParts(dead, t.each)
		return err
	}, nil)
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	return r, nil
}

// Garbage lists dead parts whose files may be unlinked: dead for at least grace, named by no
// snapshot. Unlink them, sync the folder, then Forget.
func (d *DB) Garbage(ctx context.Context, grace time.Duration) ([]DeadPart, error) {
	var ids []string
	err := d.read(ctx, func(r scanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, fmt.Sprintf(`SELECT id FROM parts WHERE state = %d AND dead_at <= ? ORDER BY num LIMIT 10000`, partDead), nanos(d.now().Add(-grace)))
	if err != nil {
		return nil, fmt.Errorf("list dead parts: %w", err)
	}
	d.parts.mu.Lock()
	ids = slices.DeleteFunc(ids, func(id string) bool {
		e := d.parts.dead[id]
		return e != nil && e.refs > 0
	})
	// From here on no snapshot may take them: their files are about to go.
	for _, id := range ids {
		if e := d.parts.dead[id]; e != nil {
			d.parts.gone = max(d.parts.gone, e.dead)
		}
	}
	d.parts.mu.Unlock()
	dead, err := deadParts(ids, func(f func(scanner) error, query string, args ...any) error { return d.read(ctx, f, query, args...) })
	if err != nil {
		return nil, fmt.Errorf("list dead parts: %w", err)
	}
	return dead, nil
}

// Forget removes dead parts from the catalogue, after their files are gone.
func (d *DB) Forget(ctx context.Context, ids []string) error {
	err := d.write(ctx, func(t *tx) error {
		err := t.exec(fmt.Sprintf(`UPDATE counters SET value = max(value, (SELECT coalesce(max(dead_seq), 0) FROM parts
			WHERE state = %d AND id IN (SELECT value FROM json_each(?)))) WHERE name = 'forgotten_seq'`, partDead), list(ids))
		if err != nil {
			return err
		}
		return t.exec(fmt.Sprintf(`DELETE FROM parts WHERE state = %d AND id IN (SELECT value FROM json_each(?))`, partDead), list(ids))
	}, func() {
		d.parts.mu.Lock()
		defer d.parts.mu.Unlock()
		for _, id := range ids {
			if e := d.parts.dead[id]; e != nil {
				d.parts.gone = max(d.parts.gone, e.dead)
				delete(d.parts.dead, id)
			}
		}
	})
	if err != nil {
		return fmt.Errorf("forget %d dead parts: %w", len(ids), err)
	}
	return nil
}

func deadParts(ids []string, each func(func(scanner) error, string, ...any) error) ([]DeadPart, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var out []DeadPart
	err := each(func(r scanner) error {
		var id string
		var f File
		if err := r.Scan(&id, &f.Tier, &f.Path); err != nil {
			return err
		}
		if n := len(out); n > 0 && out[n-1].ID == id {
			out[n-1].Files = append(out[n-1].Files, f)
			return nil
		}
		out = append(out, DeadPart{ID: id, Files: []File{f}})
		return nil
	}, `SELECT p.id, f.tier, f.path FROM json_each(?) e JOIN parts p ON p.id = e.value
		JOIN (SELECT num AS part, 0 AS n, tier, path FROM parts UNION ALL SELECT part, 1, tier, path FROM sidecars WHERE path <> '') f ON f.part = p.num
		ORDER BY p.num, f.n, f.path`, list(ids))
	return out, err
}

// Unknown returns those files of a listing that no row of the catalogue names, in whatever
// state. They are reported and moved to lost+found, never unlinked: they may be newer than a
// restored state file.
func (d *DB) Unknown(ctx context.Context, files []File) ([]File, error) {
	var unknown []File
	for chunk := range slices.Chunk(files, 5000) {
		paths := make([]string, len(chunk))
		for i, f := range chunk {
			paths[i] = f.Path
		}
		known := map[File]bool{}
		err := d.read(ctx, func(r scanner) error {
			var f File
			err := r.Scan(&f.Tier, &f.Path)
			known[f] = true
			return err
		}, `WITH asked AS (SELECT DISTINCT value AS path FROM json_each(?)), tiers AS (SELECT DISTINCT value AS tier FROM json_each(?))
			SELECT p.tier, p.path FROM asked a CROSS JOIN tiers t CROSS JOIN parts p ON p.tier = t.tier AND p.path = a.path
			UNION ALL SELECT tier, path FROM sidecars WHERE path <> '' AND path IN (SELECT path FROM asked)`, list(paths), list(tiersOf(chunk)))
		if err != nil {
			return nil, fmt.Errorf("look up %d files in the catalogue: %w", len(files), err)
		}
		for _, f := range chunk {
			if !known[f] {
				unknown = append(unknown, f)
			}
		}
	}
	return unknown, nil
}

func tiersOf(files []File) []string {
	var tiers []string
	for _, f := range files {
		if !slices.Contains(tiers, f.Tier) {
			tiers = append(tiers, f.Tier)
		}
	}
	return tiers
}

// PartsOf returns the live parts that hold rows of any of the objects: what a commit that
// supersedes them has to replace. Order as in a Snapshot.
func (d *DB) PartsOf(ctx context.Context, objects []string) (store.Snapshot, error) {
	var ids []string
	err := d.read(ctx, func(r scanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, fmt.Sprintf(`SELECT DISTINCT p.id FROM json_each(?) e JOIN objects o ON o.id = e.value JOIN part_objects po ON po.object = o.num
		JOIN parts p ON p.num = po.part WHERE p.state = %d`, partLive), list(objects))
	if err != nil {
		return store.Snapshot{}, fmt.Errorf("find the parts of %d objects: %w", len(objects), err)
	}
	return d.hold(ctx, ids)
}

// Hold takes a snapshot of named live parts (a compaction's input). ErrConflict when one of
// them is not live any more.
func (d *DB) Hold(ctx context.Context, ids []string) (store.Snapshot, error) {
	s, err := d.hold(ctx, ids)
	if err == nil && len(s.Parts) != len(ids) {
		s.Release()
		return store.Snapshot{}, fmt.Errorf("hold %d parts: %w", len(ids), conflict("%d are not live any more", len(ids)-len(s.Parts)))
	}
	return s, err
}

func (d *DB) hold(ctx context.Context, ids []string) (store.Snapshot, error) {
	c := d.parts
	c.mu.Lock()
	var held []*entry
	for _, id := range ids {
		if e := c.live[id]; e != nil {
			e.refs++
			held = append(held, e)
		}
	}
	seq := c.seq
	c.mu.Unlock()
	slices.SortFunc(held, func(a, b *entry) int {
		if a.part.LogType != b.part.LogType {
			return cmp.Compare(a.part.LogType, b.part.LogType)
		}
		return byTime(a, b)
	})
	var once sync.Once
	release := func() { once.Do(func() { c.release(held) }) }
	parts, err := d.withStats(ctx, held)
	if err != nil {
		release()
		return store.Snapshot{}, fmt.Errorf("plan over %d parts: %w", len(held), err)
	}
	return store.Snapshot{Seq: seq, Parts: parts, Release: release}, nil
}
