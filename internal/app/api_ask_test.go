package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// countingStore counts what it is asked and answers when it is let.
type countingStore struct {
	asked atomic.Int64
	let   chan struct{} // nil = at once
	ended atomic.Int64  // asked in vain
}

func (s *countingStore) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	n := s.asked.Add(1)
	if s.let != nil {
		select {
		case <-s.let:
		case <-ctx.Done():
			s.ended.Add(1)
			return store.Table{}, ctx.Err()
		}
	}
	return store.Table{Rows: [][]any{{n, q.From, q.To}}, Stats: store.Stats{Parts: 1}}, nil
}

func (s *countingStore) Events(context.Context, store.EventsQuery) (store.EventsResult, error) {
	s.asked.Add(1)
	return store.EventsResult{Events: []store.Event{{ID: "a"}}}, nil
}

func (s *countingStore) Estimate(context.Context, store.Query) (store.Estimate, error) {
	return store.Estimate{}, nil
}

// shelf is a catalogue that can be changed.
type shelf struct {
	mu    sync.Mutex
	parts []store.Part
}

func (s *shelf) Snapshot(_ context.Context, types []string, from, to int64) (store.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in []store.Part
	for _, p := range s.parts {
		if p.MinTime < to && p.MaxTime >= from && (len(types) == 0 || types[0] == p.LogType) {
			in = append(in, p)
		}
	}
	return store.Snapshot{Parts: in, Release: func() {}}, nil
}

func (s *shelf) add(p store.Part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = append(s.parts, p)
}

func counting(from, to int64) store.AggregateQuery {
	return store.AggregateQuery{Query: store.Query{From: from, To: to}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}}
}

func TestAnswersAreRememberedWhileTheirRangeStays(t *testing.T) {
	t.Parallel()
	s, c := &countingStore{}, &shelf{parts: []store.Part{{ID: "p", LogType: "a", MinTime: 100, MaxTime: 200}}}
	a := newAsker(s, c, 2, 1<<20)
	ask := func(q store.AggregateQuery) (n int64, cached bool) {
		t.Helper()
		got, err := a.Aggregate(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return got.Rows[0][0].(int64), got.Stats.Cached
	}
	type step struct {
		name   string
		do     func()
		q      store.AggregateQuery
		n      int64
		cached bool
	}
	where := counting(0, 1000)
	where.Where = &expr.Predicate{Field: "x", Op: expr.Exists}
	for _, st := range []step{
		{"first", nil, counting(0, 1000), 1, false},
		{"again", nil, counting(0, 1000), 1, true},
		{"a later now, an earlier start: the same events", nil, counting(50, 5000), 1, true},
		{"a start inside a part", nil, counting(150, 1000), 2, false},
		{"another condition", nil, where, 3, false},
		{"a part outside the range", func() { c.add(store.Part{ID: "late", LogType: "a", MinTime: 9000, MaxTime: 9001}) }, counting(0, 1000), 1, true},
		{"a part inside the range", func() { c.add(store.Part{ID: "new", LogType: "a", MinTime: 120, MaxTime: 130}) }, counting(0, 1000), 4, false},
		{"nothing there", nil, counting(2000, 3000), 5, false},
		{"nothing there either", nil, counting(2500, 3000), 5, true},
	} {
		if st.do != nil {
			st.do()
		}
		if n, cached := ask(st.q); n != st.n || cached != st.cached {
			t.Errorf("%s: answer %d, cached %t; want %d, %t", st.name, n, cached, st.n, st.cached)
		}
	}
	tables, errs := a.AggregateBatch(t.Context(), []store.AggregateQuery{counting(0, 1000), counting(1, 2000), counting(300, 301)})
	var rows []any
	for i := range tables {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		rows = append(rows, tables[i].Rows[0][0])
	}
	if d := cmp.Diff([]any{int64(4), int64(4), int64(5)}, rows); d != "" {
		t.Errorf("batch:\n%s", d)
	}
}

func TestEqualQuestionsShareOneExecution(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &countingStore{let: make(chan struct{})}, &shelf{parts: []store.Part{{ID: "p", MinTime: 100, MaxTime: 200}}}
		a := newAsker(s, c, 4, 1<<20)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var wg sync.WaitGroup
		var good, cancelled atomic.Int64
		for i := range 20 {
			wg.Go(func() {
				mine := t.Context()
				if i < 5 {
					mine = ctx
				}
				_, err := a.Aggregate(mine, counting(0, 1000))
				switch {
				case err == nil:
					good.Add(1)
				case errors.Is(err, context.Canceled):
					cancelled.Add(1)
				}
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		s.let <- struct{}{}
		wg.Wait()
		if s.asked.Load() != 1 || good.Load() != 15 || cancelled.Load() != 5 || s.ended.Load() != 0 {
			t.Errorf("asked %d, good %d, cancelled %d, ended %d", s.asked.Load(), good.Load(), cancelled.Load(), s.ended.Load())
		}
	})
}

func TestNobodyWaitsNothingRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, c := &countingStore{let: make(chan struct{})}, &shelf{}
		a := newAsker(s, c, 1, 1<<20)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := a.Aggregate(ctx, counting(0, 1)); done <- err }()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if s.ended.Load() != 1 {
			t.Error("the query goes on for nobody")
		}
	})
}

func TestGateServesInTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		leave, err := g.enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		var wg sync.WaitGroup
		queue := func(ctx context.Context, who string) {
			wg.Go(func() {
				leave, err := g.enter(ctx, who)
				if err != nil {
					return
				}
				order = append(order, who)
				leave()
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		for _, who := range []string{"a", "a", "a", "b", "c"} {
			queue(t.Context(), who)
		}
		queue(ctx, "d")
		queue(t.Context(), "b")
		cancel()
		synctest.Wait()
		leave()
		wg.Wait()
		if d := cmp.Diff([]string{"a", "b", "c", "a", "b", "a"}, order); d != "" {
			t.Error(d)
		}
		if g.free != 1 || len(g.turns) != 0 || len(g.lines) != 0 {
			t.Errorf("left over: %+v", g)
		}
	})
}

func TestAnswersHaveARoom(t *testing.T) {
	t.Parallel()
	a := newAnswers(8000)
	for i := range 100 {
		key := string(rune('a' + i%26))
		a.do(t.Context(), []string{key}, func(context.Context, []int) []outcome { return []outcome{{value: i, size: 700}} })
	}
	if a.used > a.room || len(a.known) != a.order.Len() || len(a.known) == 0 {
		t.Errorf("used %d of %d, %d known, %d in order", a.used, a.room, len(a.known), a.order.Len())
	}
	out, _ := a.do(t.Context(), []string{"bad"}, func(context.Context, []int) []outcome { panic("defect") })
	if out[0].err == nil {
		t.Error("a panic became an answer")
	}
}

func TestAskersAreTold(t *testing.T) {
	t.Parallel()
	if x, y := askerName(auth.With(t.Context(), auth.Principal{Kind: auth.Person, Name: "x"}, auth.Client{})), askerName(t.Context()); x == y {
		t.Errorf("%q and %q are one", x, y)
	}
}

func TestStartsThatMoveAreSteady(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	now := time.Date(2026, 11, 20, 10, 20, 47, 0, time.UTC)
	for _, c := range [][3]string{
		{"now-24h", "", "2026-11-19T10:20:00Z"}, {"24h", "now", "2026-11-19T10:20:00Z"}, {"now-7h", "", "2026-11-20T03:20:30Z"}, {"now-90m", "", "2026-11-20T08:50:40Z"},
		{"now-15m", "", "2026-11-20T10:05:47Z"}, {"now/d", "", "now/d"}, {"now-1d/d", "now/d", "now-1d/d"}, {"2026-11-01", "", "2026-11-01"}, {"", "", ""}, {"nonsense", "", "nonsense"},
		{"7d", "now-6d/d", "2026-11-13T10:20:00Z"},
	} {
		if got := steady(c[0], c[1], now, tokyo); got != c[2] {
			t.Errorf("%s to %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
