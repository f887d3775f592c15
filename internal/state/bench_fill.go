package state

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// FillSource is the name of the source whose objects FillLedger invents.
const FillSource = "bench"

// FillObject is object i of a filled ledger, as its source lists it.
func FillObject(i int) ObjectInfo {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Second)
	etag := fmt.Sprintf("%032x", uint64(i)*0x9e3779b97f4a7c15)
	return ObjectInfo{
		ObjectIdentity: event.ObjectIdentity{
			Source: FillSource, Bucket: "example-log-archive",
			Key:     fmt.Sprintf("AWSLogs/%012d/WAFLogs/ap-northeast-1/main-%d/%s/%08x.log.gz", 111122223333+i%50, i%12, at.Format("2006/01/02/15/04"), i),
			Version: fmt.Sprintf("%s-%d", etag, 20000+i%10000),
		},
		ETag: etag, Size: int64(20000 + i%10000), Modified: at,
	}
}

// FillLedger writes n finished objects and one live part for every 500 of them straight into
// an empty state file, for benchmarks. It is the only writer that goes around Commit, and needs
// about 40 bytes of memory per object. progress may be nil.
func FillLedger(ctx context.Context, d *DB, n int, progress func(done int)) error {
	if err := d.fillLedger(ctx, n, progress); err != nil {
		return fmt.Errorf("fill ledger with %d objects: %w", n, err)
	}
	return d.loadCatalogue(ctx)
}

func (d *DB) fillLedger(ctx context.Context, n int, progress func(int)) error {
	// In the order of their ids, so that the index grows at its end.
	type row struct {
		id [20]byte
		i  int32
	}
	rows := make([]row, n)
	for i := range rows {
		o := FillObject(i)
		rows[i].i = int32(i)
		copy(rows[i].id[:], o.ID())
	}
	slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a.id[:], b.id[:]) })

	var source, fields int64
	err := d.write(ctx, func(t *tx) (err error) {
		var have int64
		if err := t.row(`SELECT count(*) FROM (SELECT 1 FROM objects LIMIT 1)`).Scan(&have); err != nil {
			return err
		}
		if have > 0 {
			return conflict("the ledger is not empty")
		}
		if source, err = t.source(FillSource); err != nil {
			return err
		}
		var cols []store.Field
		for i := range 65 {
			cols = append(cols, store.Field{Name: fmt.Sprintf("bench.field_%02d", i), Kind: schema.String})
		}
		if fields, err = t.fieldsNum(cols); err != nil {
			return err
		}
		for _, q := range []string{`DROP TRIGGER objects_added`, `DROP INDEX objects_place`, `DROP INDEX part_objects_object`} {
			if err := t.exec(q); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil {
		return err
	}
	const perPart, chunk = 500, 50_000
	stats := encodeStats(fillStats())
	for from := 0; from < n; from += chunk {
		to := min(n, from+chunk)
		err := d.write(ctx, func(t *tx) error {
			var part int64
			for k := from; k < to; k++ {
				o := FillObject(int(rows[k].i))
				num, seq := int64(k+1), int64(k/perPart+1)
				err := t.exec(`INSERT INTO objects (num, id, source, place, bucket, key, version, etag, size, modified, discovered, state, epoch,
					log_types, records, events, content_hash, content_size, commit_seq, done_at)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 3, 1, 'aws.waf', 100, 100, ?, 200000, ?, ?)`,
					num, string(rows[k].id[:]), source, placeOf(o.Source, o.Bucket, o.Key), o.Bucket, o.Key, o.Version, o.ETag, o.Size,
					nanos(o.Modified), nanos(o.Modified)+5e9, o.ETag+o.ETag, seq, nanos(o.Modified)+9e9)
				if err != nil {
					return err
				}
				if k%perPart == 0 {
					id := uuid.Must(uuid.NewV7()).String()
					day := event.DayOf(nanos(o.Modified))
					part, err = t.insert(`INSERT INTO parts (id, state, log_type, version, day, tier, path, rows, bytes, raw_bytes, min_time, max_time, sha256, fields, stats, seq)
						VALUES (?, 1, 'aws.waf', 1, ?, 'hot', ?, ?, 5000000, 100000000, ?, ?, ?, ?, ?, ?)`,
						id, day, "aws.waf/"+id+".parquet", 100*min(perPart, n-k), day.Start(), day.End()-1, o.ETag+o.ETag, fields, stats, seq)
					if err != nil {
						return err
					}
				}
				if err := t.exec(`INSERT INTO part_objects VALUES (?, ?, 100)`, part, num); err != nil {
					return err
				}
			}
			return nil
		}, nil)
		if err != nil {
			return err
		}
		if progress != nil {
			progress(to)
		}
	}
	return d.write(ctx, func(t *tx) error {
		for _, q := range []string{
			`CREATE INDEX objects_place ON objects (place)`,
			`CREATE INDEX part_objects_object ON part_objects (object)`,
			`INSERT INTO tallies SELECT source, state, count(*), sum(size) FROM objects GROUP BY 1, 2`,
			`CREATE TRIGGER objects_added AFTER INSERT ON objects BEGIN
				INSERT INTO tallies VALUES (new.source, new.state, 1, new.size)
				ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + new.size; END`,
			`UPDATE counters SET value = (SELECT coalesce(max(seq), 0) FROM parts) WHERE name = 'commit_seq'`,
			`UPDATE sources SET records = t.n, events = t.n FROM (SELECT sum(rows) AS n FROM parts) t`,
		} {
			if err := t.exec(q); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// fillStats is of the usual size: some columns with few values, most with two ends.
func fillStats() map[string]store.ColumnStats {
	out := map[string]store.ColumnStats{}
	for i := range 65 {
		s := store.ColumnStats{Present: 50000, Min: fmt.Sprintf("value-%d-a", i), Max: fmt.Sprintf("value-%d-z", i), Distinct: int64(i * 100)}
		if i%4 == 0 {
			s.Distinct = 8
			for v := range 8 {
				s.Values = append(s.Values, fmt.Sprintf("value-%d-%c", i, 'a'+v))
			}
		}
		out[fmt.Sprintf("bench.field_%02d", i)] = s
	}
	return out
}
