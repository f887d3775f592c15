package naive

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// The judge is judged by hand: small answers that a reader can check.

var start = time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)

func small() *Searcher {
	table := schema.NewTable("t", 1, []schema.Field{{Name: "user", Kind: schema.String}, {Name: "ip", Kind: schema.IP}, {Name: "n", Kind: schema.Int}, {Name: "tags", Kind: schema.Strings}})
	at := func(id string, minute int, f map[string]any) Record {
		return Record{Table: table, Event: store.Event{ID: id, LogType: "t", Time: start.Add(time.Duration(minute) * time.Minute), Fields: f}}
	}
	return New([]Record{
		at("a", 0, map[string]any{"user": "Root", "n": int64(1), "tags": []string{"x", "y", "x"}}),
		at("b", 60, map[string]any{"user": "root", "n": int64(2), "ip": "10.0.0.1"}),
		at("c", 60, map[string]any{"user": "bob", "n": int64(4), "ip": "2001:db8::1"}),
		at("d", 90, map[string]any{"n": int64(9), "tags": []string{"y"}, NativeField: map[string]string{"leaf": "10"}}),
	})
}

func query(t *testing.T, where string) store.Query {
	t.Helper()
	n, err := expr.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	return store.Query{From: start.UnixNano(), To: start.Add(2 * time.Hour).UnixNano(), Where: n}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		"*": "dbca", "user:ROOT": "ba", "not user:root": "dc", "ip:10.0.0.0/8": "b", "ip:*": "bc", "n > 1 and n <= 4": "bc", "tags:y": "da", "leaf > 9": "d", "leaf:1*": "d",
		"user:/^r/": "b", "u*:bob": "c", `@timestamp:"2026-03-29T01:00:00Z"`: "bc", "n:x": "", "not n:x": "dbca", "event.module:T": "dbca",
	} {
		got := ""
		q := store.EventsQuery{Query: query(t, where), Limit: 1}
		for {
			page, err := small().Events(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				got += e.ID
			}
			if q.After = page.Next; page.Next == nil {
				break
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	n := func(f store.Func, arg float64) store.Agg {
		return store.Agg{Name: string(f), Func: f, Field: "n", Arg: arg}
	}
	for name, c := range map[string]struct {
		q    store.AggregateQuery
		want [][]any
	}{
		"all functions": {store.AggregateQuery{Query: query(t, "*"), Aggs: []store.Agg{n(store.Count, 0), n(store.Sum, 0), n(store.Avg, 0), n(store.Min, 0), n(store.Max, 0), n(store.Percentile, 50), n(store.Distinct, 0)}},
			[][]any{{int64(4), int64(16), 4.0, int64(1), int64(9), 3.0, int64(4)}}},
		"nothing found": {store.AggregateQuery{Query: query(t, "not *"), Aggs: []store.Agg{n(store.Count, 0), n(store.Sum, 0), n(store.Percentile, 50)}}, [][]any{{int64(0), nil, nil}}},
		"nil is a group, exact text": {store.AggregateQuery{Query: query(t, "*"), By: []store.Key{{Name: "user", Field: "user"}}, Aggs: []store.Agg{n(store.Sum, 0)}},
			[][]any{{"Root", int64(1)}, {"bob", int64(4)}, {"root", int64(2)}, {nil, int64(9)}}},
		"elements once": {store.AggregateQuery{Query: query(t, "tags:*"), By: []store.Key{{Name: "tag", Field: "tags"}}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}, Sort: []store.Sort{{Column: "n", Desc: true}}},
			[][]any{{"y", int64(2)}, {"x", int64(1)}}},
		"buckets": {store.AggregateQuery{Query: query(t, "*"), By: []store.Key{{Name: "t", Field: "@timestamp", Buckets: &store.Buckets{Edges: []int64{start.Add(time.Hour).UnixNano(), start.Add(90 * time.Minute).UnixNano()}}}}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}},
			[][]any{{start.Add(time.Hour), int64(2)}}},
	} {
		got, err := small().Aggregate(context.Background(), c.q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got.Rows); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
