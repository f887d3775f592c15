package state

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"
)

// Retries: the first after retryBase, then twice as long each time up to retryCap, maxTries in
// all (about five hours).
const (
	retryBase = 10 * time.Second
	retryCap  = 30 * time.Minute
	maxTries  = 18
)

const maxDetail = 2000 // bytes of explanation kept

// Failure says why an object could not be loaded.
type Failure struct {
	Reason string // short code, groups alike failures: "truncated_gzip", "access_denied"
	Detail string // for people: object, position, cause
	// Retry: it may pass by itself. Otherwise the object is Failed at once.
	Retry bool
	// Gone: the source no longer has this version; nothing can be done about it.
	Gone bool
}

// Fail ends a lease without loading the object: it waits for another try, or is Failed or Gone
// and stays visible with the reason. The new state is returned. ErrLeaseLost when the lease is
// no longer the caller's.
func (d *DB) Fail(ctx context.Context, l Lease, f Failure) (State, error) {
	var to State
	err := d.write(ctx, func(t *tx) error {
		now := d.now()
		var num, source, newer int64
		var tries int
		err := t.row(fmt.Sprintf(`SELECT num, source, newer, tries FROM objects WHERE id = ? AND state = %d AND epoch = ?`, Leased),
			l.Object.ID, l.Epoch).Scan(&num, &source, &newer, &tries)
		if noRows(err) {
			return leaseLost([]string{l.Object.Key})
		}
		if err != nil {
			return err
		}
		tries++
		var retry time.Time
		switch {
		case newer == 1:
			to = Replaced
		case f.Gone:
			to = Gone
		case f.Retry && tries < maxTries:
			to, retry = Waiting, now.Add(backoff(tries))
		default:
			to = Failed
		}
		detail := clip(f.Detail)
		err = t.exec(`UPDATE objects SET state = ?, tries = ?, retry_at = ?, reason = ?, detail = ?, owner = '', lease_until = 0 WHERE num = ?`,
			to, tries, nanos(retry), f.Reason, detail, num)
		if err != nil || to == Replaced {
			return err
		}
		return t.exec(`UPDATE sources SET error = ?, error_object = ?, error_at = ? WHERE num = ?`, clip(f.Reason+": "+f.Detail), l.Object.Key, nanos(now), source)
	}, nil)
	if err != nil {
		return 0, fmt.Errorf("record failure of object %s: %w", l.Object.Key, err)
	}
	return to, nil
}

// Retry makes objects pending again that had ended without being loaded: Waiting, Failed,
// Ignored, Unrecognized, Gone. Others are passed over. What an Ignored or Unrecognized one had
// counted is taken back, with its quarantined records: reading it again finds them again. It
// returns how many there were.
func (d *DB) Retry(ctx context.Context, ids []string) (n int, err error) {
	err = d.write(ctx, func(t *tx) error {
		const chosen = `id IN (SELECT value FROM json_each(?)) AND newer = 0`
		counted := fmt.Sprintf(` AND state IN (%d, %d)`, Ignored, Unrecognized)
		taken := map[int64]Counts{} // by source
		err := t.each(func(r scanner) error {
			var source int64
			var c Counts
			err := r.Scan(&source, &c.Records, &c.Filtered, &c.Ignored, &c.Quarantined)
			taken[source] = taken[source].Add(c)
			return err
		}, `SELECT source, records, filtered, ignored, quarantined FROM objects WHERE `+chosen+counted, list(ids))
		if err != nil {
			return err
		}
		for source, c := range taken {
			err := t.exec(`UPDATE sources SET records = records - ?, filtered = filtered - ?, ignored = ignored - ?, quarantined = quarantined - ? WHERE num = ?`,
				c.Records, c.Filtered, c.Ignored, c.Quarantined, source)
			if err != nil {
				return err
			}
		}
		for _, q := range []string{
			`DELETE FROM quarantine WHERE object IN (SELECT num FROM objects WHERE ` + chosen + counted + `)`,
			`UPDATE objects SET records = 0, filtered = 0, ignored = 0, quarantined = 0, log_types = '' WHERE ` + chosen + counted,
		} {
			if err := t.exec(q, list(ids)); err != nil {
				return err
			}
		}
		c, err := t.change(fmt.Sprintf(`UPDATE objects SET state = %d, tries = 0, lost = 0, retry_at = 0, reason = '', detail = ''
			WHERE `+chosen+` AND state IN (%d, %d, %d, %d, %d)`,
			Pending, Waiting, Failed, Ignored, Unrecognized, Gone), list(ids))
		n = int(c)
		return err
	}, nil)
	if err != nil {
		return 0, fmt.Errorf("retry %d objects: %w", len(ids), err)
	}
	return n, nil
}

func backoff(tries int) time.Duration {
	d := retryBase
	for i := 1; i < tries && d < retryCap; i++ {
		d *= 2
	}
	return min(d, retryCap)
}

// clip bounds a text without cutting a character.
func clip(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	n := maxDetail
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
