package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/store"
)

// States of a part. The numbers are stored.
const (
	partPending = 0
	partLive    = 1
	partDead    = 2
)

// PrepareParts is T1: it makes parts known before their files are written, so that a start-up
// can remove what a dead process has left. Only ID, LogType, Version, Day, Tier and Path are
// read. The parts belong to the leases: whoever loses these loses the parts. ErrLeaseLost when
// one is lost already.
func (d *DB) PrepareParts(ctx context.Context, owner string, leases []Lease, parts []store.Part) error {
	err := d.write(ctx, func(t *tx) error {
		if len(leases) == 0 {
			return invalid("no lease")
		}
		claim, err := t.insert(`INSERT INTO claims (owner) VALUES (?)`, owner)
		if err != nil {
			return err
		}
		var lost []string
		for _, l := range leases {
			n, err := t.change(fmt.Sprintf(`INSERT INTO claim_objects SELECT ?, num, epoch FROM objects WHERE id = ? AND state = %d AND epoch = ?`, Leased),
				claim, l.Object.ID, l.Epoch)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, l.Object.Key)
			}
		}
		if err := leaseLost(lost); err != nil {
			return err
		}
		return t.prepare(claim, parts)
	}, nil)
	if err != nil {
		return fmt.Errorf("prepare %d parts: %w", len(parts), err)
	}
	return nil
}

// PrepareRewrite is T1 for parts that replace live ones without an object being loaded:
// compaction, erasure, tier moves. The parts are the caller's for ttl; RenewRewrite extends it.
func (d *DB) PrepareRewrite(ctx context.Context, owner string, parts []store.Part, ttl time.Duration) error {
	err := d.write(ctx, func(t *tx) error {
		claim, err := t.insert(`INSERT INTO claims (owner, until) VALUES (?, ?)`, owner, nanos(d.now().Add(ttl)))
		if err != nil {
			return err
		}
		return t.prepare(claim, parts)
	}, nil)
	if err != nil {
		return fmt.Errorf("prepare rewrite into %d parts: %w", len(parts), err)
	}
	return nil
}

// RenewRewrite extends the time of pending parts of PrepareRewrite; ErrLeaseLost when one of
// them is no longer pending.
func (d *DB) RenewRewrite(ctx context.Context, parts []string, ttl time.Duration) error {
	err := d.write(ctx, func(t *tx) error {
		var have int
		if err := t.row(fmt.Sprintf(`SELECT count(*) FROM parts WHERE id IN (SELECT value FROM json_each(?)) AND state = %d`, partPending), list(parts)).Scan(&have); err != nil {
			return err
		}
		if have != len(parts) {
			return fmt.Errorf("%w: %d of %d parts are not pending any more", ErrLeaseLost, len(parts)-have, len(parts))
		}
		return t.exec(`UPDATE claims SET until = ? WHERE until > 0 AND num IN
			(SELECT claim FROM parts WHERE id IN (SELECT value FROM json_each(?)))`, nanos(d.now().Add(ttl)), list(parts))
	}, nil)
	if err != nil {
		return fmt.Errorf("renew rewrite: %w", err)
	}
	return nil
}

func (t *tx) prepare(claim int64, parts []store.Part) error {
	for _, p := range parts {
		if p.ID == "" || p.LogType == "" || p.Tier == "" || !relative(p.Path) {
			return invalid("part %q of type %q at tier %q, path %q", p.ID, p.LogType, p.Tier, p.Path)
		}
		err := t.exec(fmt.Sprintf(`INSERT INTO parts (id, state, log_type, version, day, tier, path, claim) VALUES (?, %d, ?, ?, ?, ?, ?, ?)`, partPending),
			p.ID, p.LogType, p.Version, p.Day, p.Tier, p.Path, claim)
		if err != nil {
			return fmt.Errorf("part %s: %w", p.ID, err)
		}
	}
	return nil
}

// relative accepts slash-separated paths that stay below their tier.
func relative(p string) bool {
	if p == "" || strings.HasPrefix(p, "/") || strings.Contains(p, "\\") {
		return false
	}
	for e := range strings.SplitSeq(p, "/") {
		if e == "" || e == "." || e == ".." {
			return false
		}
	}
	return true
}

// Abort gives pending parts up: they are dead, Garbage lists them until their files are
// removed. Parts that are not pending any more are passed over.
func (d *DB) Abort(ctx context.Context, parts []string) error {
	err := d.write(ctx, func(t *tx) error {
		err := t.exec(fmt.Sprintf(`UPDATE parts SET state = %d, dead_at = ?, claim = NULL WHERE state = %d AND id IN (SELECT value FROM json_each(?))`,
			partDead, partPending), nanos(d.now()), list(parts))
		if err != nil {
			return err
		}
		return t.dropClaims()
	}, nil)
	if err != nil {
		return fmt.Errorf("abort %d parts: %w", len(parts), err)
	}
	return nil
}

// dropClaims removes claims that no pending part needs. There are only ever a few.
func (t *tx) dropClaims() error {
	return t.exec(fmt.Sprintf(`DELETE FROM claims WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.claim = claims.num AND p.state = %d)`, partPending))
}

// partColumns are read by scanPart.
const partColumns = `p.num, p.id, p.log_type, p.version, p.day, p.tier, p.path, p.rows, p.bytes, p.raw_bytes,
	p.min_time, p.max_time, p.sha256, p.fields, p.original, p.rest, p.derived, p.seq`

// partRow is a part without its statistics, its column list by number.
type partRow struct {
	num    int64
	fields int64
	store.Part
}

func scanPart(r scanner, more ...any) (p partRow, err error) {
	var fields *int64
	err = r.Scan(append([]any{&p.num, &p.ID, &p.LogType, &p.Version, &p.Day, &p.Tier, &p.Path, &p.Rows, &p.Bytes, &p.RawBytes,
		&p.MinTime, &p.MaxTime, &p.SHA256, &fields, &p.Original, &p.Rest, &p.Derived, &p.Seq}, more...)...)
	if fields != nil {
		p.fields = *fields
	}
	return p, err
}

// fieldsNum returns the number of a column list, adding it when it is new.
func (t *tx) fieldsNum(fields []store.Field) (num int64, err error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return 0, err
	}
	if err := t.exec(`INSERT INTO part_fields (fields) VALUES (?) ON CONFLICT DO NOTHING`, string(b)); err != nil {
		return 0, err
	}
	err = t.row(`SELECT num FROM part_fields WHERE fields = ?`, string(b)).Scan(&num)
	return num, err
}
