package lake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

// allTime is a query over all times; "" is no condition.
func allTime(where string) store.Query {
	q := store.Query{From: math.MinInt64, To: math.MaxInt64}
	if where != "" {
		n, err := expr.Parse(where)
		if err != nil {
			panic(err)
		}
		q.Where = n
	}
	return q
}

var countAll = []store.Agg{{Name: "n", Func: store.Count}}

func count(t testing.TB, s store.Searcher, q store.Query) int64 {
	t.Helper()
	res, err := s.Aggregate(t.Context(), store.AggregateQuery{Query: q, Aggs: countAll})
	if err != nil {
		t.Fatal(err)
	}
	return res.Rows[0][0].(int64)
}

// wafParts makes batches one after another in time.
func wafParts(n, rows int) []*event.Batch {
	w := newWAFWorld(6)
	var out []*event.Batch
	for i := range n {
		out = append(out, w.batch(wafTable(false), rows, synthDay.Start()+int64(i)*3_600_000_000_000, 1_000_000, event.ObjectIdentity{Key: fmt.Sprint(i)}.ID()))
	}
	return out
}

func TestDamagedParts(t *testing.T) {
	t.Parallel()
	damage := map[string]func(path string) error{
		"missing":   os.Remove,
		"truncated": func(p string) error { return os.Truncate(p, 1000) },
		"empty":     func(p string) error { return os.Truncate(p, 0) },
		"flipped": func(p string) error {
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			for i := 100; i < len(data)/2; i += 50 {
				data[i] ^= 0x55
			}
			return os.WriteFile(p, data, 0o600)
		},
	}
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLake(t, wafParts(3, 500)...)
			bad := l.parts[1]
			if err := harm(filepath.Join(l.root, bad.Path)); err != nil {
				t.Fatal(err)
			}
			if err := l.Check(t.Context(), bad); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), bad.ID) {
				t.Errorf("check: %v", err)
			}
			page, err := l.Events(t.Context(), store.EventsQuery{Query: allTime(""), Limit: 5000})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Events) != 1000 || !page.Stats.Partial || !strings.Contains(page.Stats.PartialNote, bad.ID) || strings.Contains(page.Stats.PartialNote, l.parts[0].ID) {
				t.Errorf("%d events, stats %+v", len(page.Events), page.Stats)
			}
			res, err := l.Aggregate(t.Context(), store.AggregateQuery{Query: allTime("url.path:*"), By: []store.Key{{Name: "p", Field: "url.path"}}, Aggs: countAll})
			if err != nil {
				t.Fatal(err)
			}
			total := int64(0)
			for _, r := range res.Rows {
				total += r[1].(int64)
			}
			if total != 1000 || !res.Stats.Partial || !strings.Contains(res.Stats.PartialNote, bad.ID) {
				t.Errorf("%d events, stats %+v", total, res.Stats)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	l := newLake(t, wafParts(2, 20_000)...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	id := l.engine.functions.add(func(string) bool { cancel(); return false })
	g := (&plan{lake: l.Lake, query: allTime("")}).groups(l.parts, false)[0]
	from, err := g.from(false)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`SELECT count(*) FROM %s a, %s b WHERE %s(%d, a."http.request.id" || b."http.request.id")`, from, from, matchFunction, id)
	if err := l.engine.query(ctx, text, func([]any) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("running query: %v", err)
	}
	if _, err := l.Events(ctx, store.EventsQuery{Query: allTime(""), Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("events: %v", err)
	}
	if _, err := l.Aggregate(ctx, store.AggregateQuery{Query: allTime(""), Aggs: countAll}); !errors.Is(err, context.Canceled) {
		t.Errorf("aggregate: %v", err)
	}
	if n := count(t, l, allTime("")); n != 40_000 {
		t.Errorf("after it: %d events", n)
	}
	if l.released.Load() != 3 {
		t.Errorf("%d of 3 snapshots released", l.released.Load())
	}
}

// TestWaitsForPlace fills all places: a query then waits and can be canceled.
func TestWaitsForPlace(t *testing.T) {
	t.Parallel()
	l := newLake(t, wafParts(1, 10)...)
	var release []func()
	for range cap(l.engine.slots) {
		r, err := l.engine.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release = append(release, r)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	superseded := errors.New("superseded")
	cancel(superseded)
	if _, err := l.Events(ctx, store.EventsQuery{Query: allTime(""), Limit: 1}); err == nil {
		t.Error("a query ran beyond the bound")
	}
	for _, r := range release {
		r()
	}
	if n := count(t, l, allTime("")); n != 10 {
		t.Errorf("%d events", n)
	}
}

// TestPagesAreStable adds parts between pages.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	batches := wafParts(4, 300)
	l := newLake(t, batches[:3]...)
	q := store.EventsQuery{Query: allTime("event.action:(ALLOW or BLOCK)"), Limit: 100, Fields: []string{"event.action"}}
	whole := q
	whole.Limit = 10_000
	want, err := l.Events(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	var got []store.Event
	for {
		page, err := l.Events(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Events...)
		if len(got) == 100 {
			l.add(t, batches[3])
			l.add(t, oddBatch(10))
		}
		if q.After = page.Next; q.After == nil {
			break
		}
	}
	if diff := cmp.Diff(want.Events, got); diff != "" {
		t.Errorf("%.2000s", diff)
	}
	for i := range l.parts {
		if s := l.parts[i].Seq; s < 1 {
			t.Errorf("part %d has no commit", i)
		}
	}
}

// TestReadsOnlyWhatMatters looks at the stats of answers.
func TestReadsOnlyWhatMatters(t *testing.T) {
	t.Parallel()
	l := newLake(t, append(wafParts(5, 200), oddBatch(50))...)
	id := ""
	page, err := l.Events(t.Context(), store.EventsQuery{Query: allTime(""), Limit: 1})
	if err == nil {
		id = page.Events[0].ID
	}
	hour := allTime("")
	hour.From, hour.To = synthDay.Start()+3_600_000_000_000, synthDay.Start()+2*3_600_000_000_000
	for _, c := range []struct {
		q    store.Query
		read int
	}{
		{allTime(""), 6},
		{hour, 1},
		{allTime("event.module:test.odd"), 1},
		{allTime("not event.module:test.odd"), 5},
		{allTime("source.ip:240.0.0.1"), 0},
		{allTime("source.ip:fd00::/8"), 0},
		{allTime("event.action:NONE"), 0},
		{allTime("not event.action:*"), 1},
		{allTime("aws.waf.spare_50:x"), 0},
		{allTime("http.request.id:\"1-nothing-like-it\""), 0},
		{allTime("unknown.native:5"), 0},
		{allTime("event.id:" + id), 1},
		{allTime("select > 0 and event.action:*"), 0},
		{store.Query{Types: []string{"test.odd"}, From: math.MinInt64, To: math.MaxInt64}, 1},
	} {
		res, err := l.Aggregate(t.Context(), store.AggregateQuery{Query: c.q, Aggs: append([]store.Agg{{Name: "first", Func: store.Min, Field: "@timestamp"}}, countAll...)})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, l, c.q); n != res.Rows[0][1] {
			t.Errorf("%v: counted %d without reading, %v with", c.q.Where, n, res.Rows[0][1])
		}
		estimate, err := l.Estimate(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		if res.Stats.PartsRead != c.read || estimate.Parts != c.read || estimate.Rows != res.Stats.Rows || estimate.Bytes != res.Stats.Bytes {
			t.Errorf("%v: read %+v, estimate %+v, want %d parts", c.q.Where, res.Stats, estimate, c.read)
		}
	}
}

// TestPruningAgreesWithJudge holds the verdict on every part against its events.
func TestPruningAgreesWithJudge(t *testing.T) {
	t.Parallel()
	_, batches := storetest.Data()
	l := newLake(t, batches...)
	seen := map[verdict]int{}
	for _, text := range append(hostileConditions, fuzzSeeds...) {
		n, err := expr.Parse(text)
		if err != nil {
			continue
		}
		for i := range l.parts {
			judge := naive.New(naive.FromBatch(batches[i]))
			got := count(t, judge, store.Query{Types: []string{l.parts[i].LogType}, From: math.MinInt64, To: math.MaxInt64, Where: n})
			v := matchers{}.prune(n, &l.parts[i])
			if l.needles.lacks(l.Lake, matchers{}, n, &l.parts[i]) {
				v = never
			}
			seen[v]++
			if v == never && got > 0 || v == always && got < l.parts[i].Rows {
				t.Errorf("%s: verdict %d on part %d with %d of %d events", text, v, i, got, l.parts[i].Rows)
			}
		}
	}
	if seen[never] < 100 || seen[always] < 20 || seen[maybe] < 100 {
		t.Errorf("one-sided test: %v", seen)
	}
}

// TestEngineIsLocked tries what a statement that slipped through could do.
func TestEngineIsLocked(t *testing.T) {
	t.Parallel()
	l := newLake(t, wafParts(1, 10)...)
	outside := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"SELECT * FROM read_csv(" + quote(outside) + ")",
		"SELECT * FROM read_text('/etc/hostname')",
		"COPY (SELECT 1) TO " + quote(outside),
		"ATTACH " + quote(outside+".db"),
		"INSTALL httpfs", "LOAD httpfs",
		"SET memory_limit='100GB'", "SET enable_external_access=true", "RESET lock_configuration",
	} {
		if err := l.engine.query(t.Context(), text, func([]any) error { return nil }); err == nil {
			t.Errorf("%s: allowed", text)
		}
	}
	settings := map[string]string{}
	err := l.engine.query(t.Context(), "SELECT name, value FROM duckdb_settings()", func(row []any) error {
		settings[row[0].(string)], _ = row[1].(string)
		return nil
	})
	if err != nil || settings["late_materialization_max_rows"] != "10001" || settings["lock_configuration"] != "true" {
		t.Errorf("settings %q %q, %v", settings["late_materialization_max_rows"], settings["lock_configuration"], err)
	}
}

func TestWithoutCatalogue(t *testing.T) {
	t.Parallel()
	l, err := Open(Config{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Events(t.Context(), store.EventsQuery{Limit: 1}); !errors.Is(err, ErrNoCatalogue) {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestOddRoot keeps a lake in a folder whose name is full of pattern characters.
func TestOddRoot(t *testing.T) {
	t.Parallel()
	cat := &testCatalogue{}
	l, err := Open(Config{Root: filepath.Join(t.TempDir(), "a [b]*?'\" {c} 山"), Catalogue: cat, Threads: 1, Queries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tl := testLake{l, cat}
	tl.add(t, oddBatch(20))
	page, err := l.Events(t.Context(), store.EventsQuery{Query: allTime(""), Limit: 100})
	if err != nil || len(page.Events) != 20 || page.Stats.Partial {
		t.Errorf("%d events, %+v, %v", len(page.Events), page.Stats, err)
	}
}

// TestConcurrentUse writes and searches from several goroutines at once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	batches := wafParts(6, 300)
	l := newLake(t, batches[0], batches[1])
	var group errgroup.Group
	for i := range 6 {
		group.Go(func() error {
			p := l.NewPart(batches[i])
			if err := l.Write(t.Context(), &p, batches[i], synthIngested); err != nil {
				return err
			}
			res, err := l.Events(t.Context(), store.EventsQuery{Query: allTime(`user_agent.original:*SQLmap* or url.path:/[aA]dmin/ or not rule.id:rule-1 or source.ip:10.1.2.3`), Limit: 1000})
			if err == nil && len(res.Events) < 500 {
				err = fmt.Errorf("%d events", len(res.Events))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
