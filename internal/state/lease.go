package state

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Lease is the right to work on an object until a time. Its epoch grows with every lease of the
// object, so that a worker that was thought dead cannot commit over its successor.
type Lease struct {
	Object Object
	Epoch  int64
	Until  time.Time
	Prior  *Prior // what is stored of earlier generations; nil for most objects
}

// Prior is the loaded content a new generation of the same key has to be compared with.
type Prior struct {
	ID          string   // object id of the latest generation that was loaded or skipped
	ContentHash string   // of its whole content
	ContentSize int64    // length of that content
	Loaded      []string // object ids of all generations whose rows are live: what a replacement replaces
}

// LeaseRequest says what a worker wants.
type LeaseRequest struct {
	Owner    string        // instance, or instance/worker
	Objects  int           // at most
	MaxBytes int64         // stop before the sum of sizes exceeds this, but take one; 0 = no bound
	TTL      time.Duration // renew before it is over
	Sources  []string      // only from these; nil = all
}

// An object whose lease was lost this often is leased alone from then on: it may be what kills
// the process. At maxLost it is Failed.
const (
	aloneAfter = 2
	maxLost    = 6
)

// Lease takes the oldest pending objects. Leases that ran out are made pending first, and so
// are objects whose retry time has come. No work is an empty answer, not an error.
func (d *DB) Lease(ctx context.Context, q LeaseRequest) (leases []Lease, err error) {
	if q.Owner == "" || q.Objects < 1 || q.TTL <= 0 {
		return nil, fmt.Errorf("lease objects: %w", invalid("owner %q, %d objects, %v", q.Owner, q.Objects, q.TTL))
	}
	work, err := d.work(ctx)
	if err != nil {
		return nil, fmt.Errorf("lease objects: %w", err)
	}
	if !work {
		return nil, nil
	}
	err = d.write(ctx, func(t *tx) error {
		now := d.now()
		if err := t.wake(nanos(now)); err != nil {
			return err
		}
		picked, err := t.pick(q)
		if err != nil {
			return err
		}
		until := now.Add(q.TTL)
		leases = make([]Lease, 0, len(picked))
		for _, c := range picked {
			l := Lease{Until: until}
			err := t.exec(fmt.Sprintf(`UPDATE objects SET state = %d, owner = ?, epoch = epoch + 1, lease_until = ? WHERE num = ?`, Leased), q.Owner, nanos(until), c.num)
			if err != nil {
				return err
			}
			var prior sql.NullInt64
			l.Object, err = scanObject(t.row(`SELECT `+objectColumns+`, o.epoch, o.prior FROM objects o JOIN sources s ON s.num = o.source WHERE o.num = ?`, c.num), &l.Epoch, &prior)
			if err != nil {
				return err
			}
			if prior.Valid {
				if l.Prior, err = t.prior(l.Object); err != nil {
					return err
				}
			}
			leases = append(leases, l)
		}
		return nil
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("lease objects: %w", err)
	}
	return leases, nil
}

// work tells without disturbing the writer whether a Lease may find something.
func (d *DB) work(ctx context.Context) (yes bool, err error) {
	now := nanos(d.now())
	err = d.readers.QueryRowContext(ctx, fmt.Sprintf(`SELECT
		EXISTS (SELECT 1 FROM objects WHERE state = %d) OR
		EXISTS (SELECT 1 FROM objects WHERE state = %d AND retry_at <= ?1) OR
		EXISTS (SELECT 1 FROM objects WHERE state = %d AND lease_until <= ?1)`, Pending, Waiting, Leased), now).Scan(&yes)
	return yes, err
}

// wake makes objects pending whose retry time has come or whose lease ran out.
func (t *tx) wake(now int64) error {
	err := t.exec(fmt.Sprintf(`UPDATE objects SET state = %d, retry_at = 0 WHERE state = %d AND retry_at <= ?`, Pending, Waiting), now)
	if err != nil {
		return err
	}
	_, err = t.lose(`lease_until <= ?`, now)
	return err
}

// lose takes leases away from those who did not come back.
func (t *tx) lose(which string, args ...any) (int64, error) {
	return t.change(fmt.Sprintf(`UPDATE objects SET
		state = CASE WHEN newer = 1 THEN %d WHEN lost + 1 >= %d THEN %d ELSE %d END,
		reason = CASE WHEN newer = 0 AND lost + 1 >= %d THEN 'lease_lost' ELSE reason END,
		detail = CASE WHEN newer = 0 AND lost + 1 >= %d THEN 'the worker never came back from it, ' || (lost + 1) || ' times' ELSE detail END,
		lost = lost + 1, owner = '', lease_until = 0
		WHERE state = %d AND `+which, Replaced, maxLost, Failed, Pending, maxLost, maxLost, Leased), args...)
}

type candidate struct{ num, modified, size, lost int64 }

// pick chooses pending objects: of each source the oldest, merged by age.
func (t *tx) pick(q LeaseRequest) ([]candidate, error) {
	var sources []int64
	err := t.each(func(r scanner) error {
		var num int64
		var name string
		if err := r.Scan(&num, &name); err != nil {
			return err
		}
		if q.Sources == nil || slices.Contains(q.Sources, name) {
			sources = append(sources, num)
		}
		return nil
	}, fmt.Sprintf(`SELECT s.num, s.name FROM tallies t JOIN sources s ON s.num = t.source WHERE t.state = %d AND t.objects > 0`, Pending))
	if err != nil {
		return nil, err
	}
	var all []candidate
	for _, s := range sources {
		// A generation waits while the one before it is being read.
		err := t.each(func(r scanner) error {
			var c candidate
			if err := r.Scan(&c.num, &c.modified, &c.size, &c.lost); err != nil {
				return err
			}
			all = append(all, c)
			return nil
		}, fmt.Sprintf(`SELECT o.num, o.modified, o.size, o.lost FROM objects o INDEXED BY objects_pending
			WHERE o.state = %d AND o.source = ?
			AND (o.prior IS NULL OR NOT EXISTS (SELECT 1 FROM objects p WHERE p.num = o.prior AND p.state = %d))
			ORDER BY o.modified, o.num LIMIT ?`, Pending, Leased), s, q.Objects)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if a.modified != b.modified {
			return cmpInt(a.modified, b.modified)
		}
		return cmpInt(a.num, b.num)
	})
	var picked []candidate
	var sum int64
	for _, c := range all {
		if c.lost >= aloneAfter {
			if len(picked) == 0 {
				return []candidate{c}, nil
			}
			continue
		}
		if len(picked) == q.Objects || len(picked) > 0 && q.MaxBytes > 0 && sum+c.size > q.MaxBytes {
			break
		}
		picked = append(picked, c)
		sum += c.size
	}
	return picked, nil
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// prior describes what is stored of the earlier generations of an object.
func (t *tx) prior(o Object) (*Prior, error) {
	var p *Prior
	err := t.each(func(r scanner) error {
		var id, hash string
		var state State
		var size int64
		if err := r.Scan(&id, &state, &hash, &size); err != nil {
			return err
		}
		if p == nil {
			p = &Prior{ID: id, ContentHash: hash, ContentSize: size}
		}
		if state == Done {
			p.Loaded = append(p.Loaded, id)
		}
		return nil
	}, fmt.Sprintf(`SELECT o.id, o.state, o.content_hash, o.content_size FROM objects o JOIN sources s ON s.num = o.source
		WHERE o.place = ? AND s.name = ? AND o.bucket = ? AND o.key = ? AND o.generation < ? AND o.state IN (%d, %d)
		ORDER BY o.generation DESC`, Done, Skipped),
		placeOf(o.Source, o.Bucket, o.Key), o.Source, o.Bucket, o.Key, o.Generation)
	return p, err
}

// Renew extends leases. It is all or nothing: when one is lost, the error is ErrLeaseLost with
// the keys of those that are, and none was extended. Until of the given leases is updated.
func (d *DB) Renew(ctx context.Context, leases []Lease, ttl time.Duration) error {
	until := d.now().Add(ttl)
	err := d.write(ctx, func(t *tx) error {
		var lost []string
		for _, l := range leases {
			n, err := t.change(fmt.Sprintf(`UPDATE objects SET lease_until = ? WHERE id = ? AND state = %d AND epoch = ?`, Leased),
				nanos(until), l.Object.ID, l.Epoch)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, l.Object.Key)
			}
		}
		return leaseLost(lost)
	}, nil)
	if err != nil {
		return fmt.Errorf("renew %d leases: %w", len(leases), err)
	}
	for i := range leases {
		leases[i].Until = until
	}
	return nil
}

// Release gives leases back unused (shutdown); the objects are pending again at once. Leases
// that are lost already are passed over.
func (d *DB) Release(ctx context.Context, leases []Lease) error {
	err := d.write(ctx, func(t *tx) error {
		for _, l := range leases {
			err := t.exec(fmt.Sprintf(`UPDATE objects SET state = CASE WHEN newer = 1 THEN %d ELSE %d END, owner = '', lease_until = 0
				WHERE id = ? AND state = %d AND epoch = ?`, Replaced, Pending, Leased), l.Object.ID, l.Epoch)
			if err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil {
		return fmt.Errorf("release %d leases: %w", len(leases), err)
	}
	return nil
}

// leaseLost is nil when nothing is lost.
func leaseLost(keys []string) error {
	switch {
	case len(keys) == 0:
		return nil
	case len(keys) > 5:
		return fmt.Errorf("%w: %s and %d more", ErrLeaseLost, strings.Join(keys[:5], ", "), len(keys)-5)
	}
	return fmt.Errorf("%w: %s", ErrLeaseLost, strings.Join(keys, ", "))
}
