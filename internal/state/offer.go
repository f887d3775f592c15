package state

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// offerChunk bounds the time one Offer keeps commits waiting.
const offerChunk = 1000

// Offer tells the ledger of objects a source has listed. Unknown ones become Pending; known
// ones are left alone. An object whose key is known with another version becomes the next
// generation of it: an earlier generation of which nothing is stored is Replaced at once, one
// that is being read is waited for.
// It returns how many were new. Chunks are committed one by one: after an error, offer all again.
func (d *DB) Offer(ctx context.Context, objects []ObjectInfo) (added int, err error) {
	for chunk := range slices.Chunk(objects, offerChunk) {
		n, err := d.offer(ctx, chunk)
		added += n
		if err != nil {
			return added, fmt.Errorf("offer %d objects to the ledger: %w", len(objects), err)
		}
	}
	return added, nil
}

type offered struct {
	id string
	*ObjectInfo
}

func (d *DB) offer(ctx context.Context, objects []ObjectInfo) (added int, err error) {
	all := make([]offered, len(objects))
	for i := range objects {
		if objects[i].Source == "" || objects[i].Key == "" || objects[i].Size < 0 {
			return 0, invalid("object %q of source %q with %d bytes", objects[i].Key, objects[i].Source, objects[i].Size)
		}
		all[i] = offered{objects[i].ID(), &objects[i]}
	}
	unknown, err := d.unknownObjects(ctx, all)
	if err != nil || len(unknown) == 0 {
		return 0, err
	}
	// Order of discovery is the order of the listing; a listing may name a key twice.
	err = d.write(ctx, func(t *tx) error {
		added = 0
		now := nanos(d.now())
		sources := map[string]int64{}
		for _, o := range unknown {
			src, ok := sources[o.Source]
			if !ok {
				if src, err = t.source(o.Source); err != nil {
					return err
				}
				sources[o.Source] = src
			}
			n, err := t.offer(o, src, now)
			if err != nil {
				return err
			}
			added += n
		}
		return nil
	}, nil)
	if err != nil {
		added = 0
	}
	return added, err
}

// unknownObjects leaves those that are not in the ledger, on a reading connection: most
// listings hold nothing new and must not disturb the writer.
func (d *DB) unknownObjects(ctx context.Context, all []offered) ([]offered, error) {
	ids := make([]string, len(all))
	for i, o := range all {
		ids[i] = o.id
	}
	slices.Sort(ids) // neighbours in the index
	unknown := map[string]bool{}
	err := d.read(ctx, func(r scanner) error {
		var id string
		if err := r.Scan(&id); err != nil {
			return err
		}
		unknown[id] = true
		return nil
	}, `SELECT e.value FROM json_each(?) e WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.id = e.value)`, list(ids))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(o offered) bool { return !unknown[o.id] }), nil
}

func (t *tx) offer(o offered, source, now int64) (added int, err error) {
	place := placeOf(o.Source, o.Bucket, o.Key)
	var prior sql.NullInt64
	var generation int64
	err = t.row(`SELECT num, generation FROM objects
		WHERE place = ? AND source = ? AND bucket = ? AND key = ? ORDER BY generation DESC LIMIT 1`,
		place, source, o.Bucket, o.Key).Scan(&prior, &generation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	n, err := t.change(`INSERT INTO objects (id, source, place, bucket, key, version, etag, size, modified, discovered, generation, prior)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		o.id, source, place, o.Bucket, o.Key, o.Version, o.ETag, o.Size, nanos(o.Modified), now, generation+1, prior)
	if err != nil || n == 0 {
		return 0, err
	}
	if prior.Valid {
		// Nothing stored of it: the newer content is what the key means now.
		err = t.exec(fmt.Sprintf(`UPDATE objects SET newer = 1, state = CASE WHEN state IN (%d, %d, %d, %d) THEN %d ELSE state END WHERE num = ?`,
			Pending, Waiting, Failed, Gone, Replaced), prior.Int64)
	}
	return 1, err
}

// source returns the number of a source, adding it when it is new.
func (t *tx) source(name string) (num int64, err error) {
	if err := t.exec(`INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
		return 0, err
	}
	err = t.row(`SELECT num FROM sources WHERE name = ?`, name).Scan(&num)
	return num, err
}

// placeOf is a 63-bit hash of where an object is, whatever its version: an index on it finds
// the generations of a key in a twentieth of the room an index on the key itself would take.
func placeOf(source, bucket, key string) int64 {
	b := make([]byte, 0, len(source)+len(bucket)+len(key)+12)
	for _, s := range []string{source, bucket, key} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	h := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(h[:8]) >> 1)
}

// list is a JSON array for json_each.
func list[T cmp.Ordered](v []T) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and integers only
	}
	return string(b)
}
