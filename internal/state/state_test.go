package state

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func openTest(t testing.TB, now func() time.Time) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "state.db"), now)
}

func openAt(t testing.TB, path string, now func() time.Time) *DB {
	t.Helper()
	d, err := Open(context.Background(), path, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// info is object n of a source, a minute younger than the one before.
func info(source string, n int, version string) ObjectInfo {
	return ObjectInfo{
		ObjectIdentity: event.ObjectIdentity{Source: source, Bucket: "logs", Key: fmt.Sprintf("a/%05d.gz", n), Version: version},
		ETag:           version, Size: int64(100 + n),
		Modified: time.Date(2026, 3, 1, 0, n, 0, 0, time.UTC),
	}
}

func infos(source string, n int) []ObjectInfo {
	out := make([]ObjectInfo, n)
	for i := range out {
		out[i] = info(source, i, "v1")
	}
	return out
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lease(t testing.TB, d *DB, owner string, n int) []Lease {
	t.Helper()
	return must[[]Lease](t)(d.Lease(context.Background(), LeaseRequest{Owner: owner, Objects: n, TTL: time.Minute}))
}

// newPart is a part as known before it is written.
func newPart() store.Part {
	id := uuid.Must(uuid.NewV7()).String()
	return store.Part{ID: id, LogType: "aws.waf", Version: 1, Day: 20513, Tier: "hot", Path: "aws.waf/" + id + ".parquet"}
}

// written is a part after it was written, with rows of the objects.
func written(p store.Part, rows ...ObjectRows) CommitPart {
	for _, r := range rows {
		p.Rows += r.Rows
	}
	p.Bytes, p.RawBytes, p.SHA256 = 1000, 9000, "ab12"
	p.MinTime = int64(p.Day) * dayNS
	p.MaxTime = p.MinTime + 5
	p.Fields = []store.Field{{Name: "source.ip", Kind: schema.IP}, {Name: "event.action", Kind: schema.String}}
	p.Stats = map[string]store.ColumnStats{"event.action": {Present: p.Rows, Min: "ALLOW", Max: "BLOCK", Values: []string{"ALLOW", "BLOCK"}, Distinct: 2}}
	return CommitPart{Part: p, Objects: rows}
}

// done is the result of a lease with n events.
func done(l Lease, n int64) ObjectResult {
	return ObjectResult{ID: l.Object.ID, Epoch: l.Epoch, State: Done, Counts: Counts{Records: n, Events: n}, LogTypes: []string{"aws.waf"}, ContentHash: "h", ContentSize: 10}
}

// load loads leases into one part, each with 10 events.
func load(t testing.TB, d *DB, owner string, leases []Lease) CommitPart {
	t.Helper()
	ctx := context.Background()
	p := newPart()
	ok(t, d.PrepareParts(ctx, owner, leases, []store.Part{p}))
	var rows []ObjectRows
	var rec CommitRecord
	for _, l := range leases {
		rows = append(rows, ObjectRows{l.Object.ID, 10})
		rec.Objects = append(rec.Objects, done(l, 10))
	}
	rec.Parts = []CommitPart{written(p, rows...)}
	must[int64](t)(d.Commit(ctx, rec))
	return rec.Parts[0]
}

func snapshot(t testing.TB, d *DB) store.Snapshot {
	t.Helper()
	return must[store.Snapshot](t)(d.Snapshot(context.Background(), nil, 0, 1<<62))
}
