package state

import (
	"context"
	"fmt"
	"time"
)

// SourceSummary is the state of a source.
type SourceSummary struct {
	Name        string
	Objects     map[State]int64 // by state; states without objects are left out
	Bytes       int64           // of all its objects, as stored at the source
	Counts      Counts          // of loaded objects
	LastObject  time.Time       // newest modification time among finished objects
	LastDone    time.Time       // when an object was last finished
	Oldest      time.Time       // modification time of the oldest object that waits or is worked on; zero = none
	Lag         time.Duration   // age of Oldest
	Failures    int64           // objects given up
	LastError   string
	ErrorObject string // key
	LastErrorAt time.Time
}

// Sources summarises every source, by name. It reads running totals and the ends of the work
// lists: its cost does not grow with the ledger.
func (d *DB) Sources(ctx context.Context) ([]SourceSummary, error) {
	var out []SourceSummary
	at := map[int64]int{}
	err := d.read(ctx, func(r scanner) error {
		s := SourceSummary{Objects: map[State]int64{}}
		var num, modified, done, failed, oldest int64
		err := r.Scan(&num, &s.Name, &s.Counts.Records, &s.Counts.Events, &s.Counts.Filtered, &s.Counts.Ignored, &s.Counts.Quarantined,
			&modified, &done, &s.LastError, &s.ErrorObject, &failed, &oldest)
		s.LastObject, s.LastDone, s.LastErrorAt, s.Oldest = fromNanos(modified), fromNanos(done), fromNanos(failed), fromNanos(oldest)
		at[num] = len(out)
		out = append(out, s)
		return err
	}, fmt.Sprintf(`SELECT num, name, records, events, filtered, ignored, quarantined, last_modified, last_done, error, error_object, error_at,
		coalesce((SELECT min(m) FROM (
			SELECT * FROM (SELECT modified AS m FROM objects INDEXED BY objects_pending WHERE state = %d AND source = s.num ORDER BY modified LIMIT 1)
			UNION ALL SELECT min(modified) FROM objects INDEXED BY objects_waiting WHERE state = %d AND source = s.num
			UNION ALL SELECT min(modified) FROM objects INDEXED BY objects_leased WHERE state = %d AND source = s.num)), 0)
		FROM sources s ORDER BY name`, Pending, Waiting, Leased))
	if err == nil {
		err = d.read(ctx, func(r scanner) error {
			var num, objects, bytes int64
			var state State
			if err := r.Scan(&num, &state, &objects, &bytes); err != nil {
				return err
			}
			s := &out[at[num]]
			s.Objects[state] = objects
			s.Bytes += bytes
			if state == Failed {
				s.Failures = objects
			}
			return nil
		}, `SELECT source, state, objects, bytes FROM tallies WHERE objects > 0 AND source IN (SELECT num FROM sources)`)
	}
	if err != nil {
		return nil, fmt.Errorf("summarise sources: %w", err)
	}
	now := d.now()
	for i := range out {
		if !out[i].Oldest.IsZero() {
			out[i].Lag = now.Sub(out[i].Oldest)
		}
	}
	return out, nil
}
