package app

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// Histogram implements api.SearchBackend.
func (f *face) Histogram(ctx context.Context, r api.HistogramRequest) (api.Histogram, error) {
	q, err := f.read(r.Scope, f.instant(), nil)
	if err != nil {
		return api.Histogram{}, err
	}
	if err := f.dear(ctx, q.Query(), r.Yes); err != nil {
		return api.Histogram{}, err
	}
	return f.histogram(ctx, q.Query(), q.loc, r.By, cmp.Or(r.Buckets, 60), cmp.Or(r.Top, 8), r.Compare)
}

// count is the statistics every part of a histogram is made of.
var countAgg = []store.Agg{{Name: "n", Func: store.Count}}

// bounded draws an open range in to the events there are.
func (f *face) bounded(ctx context.Context, q store.Query, now time.Time) store.Query {
	if q.From > math.MinInt64/2 && q.From > 0 && q.To < math.MaxInt64/2 {
		return q
	}
	drawn, _, ok := f.ask.scope(ctx, q)
	if !ok || drawn.From >= drawn.To {
		q.From, q.To = now.Add(-24*time.Hour).UnixNano(), now.UnixNano()
		return q
	}
	q.From, q.To = max(q.From, drawn.From), min(q.To, drawn.To)
	return q
}

// histogram counts the events of a query over time, in one batch; by "" gives one series.
func (f *face) histogram(ctx context.Context, q store.Query, loc *time.Location, by string, buckets, top int, compare string) (api.Histogram, error) {
	q = f.bounded(ctx, q, f.instant())
	span := query.NiceSpan(q.From, q.To, buckets)
	b, err := query.MakeBuckets(span, q.From, q.To, loc)
	if err != nil {
		return api.Histogram{}, api.Invalid("body.from", "%v", err)
	}
	h := api.Histogram{From: clockTime(q.From), To: clockTime(q.To), Span: span, WidthMS: b.Width / int64(time.Millisecond)}
	n := len(b.Edges) - 1
	for _, e := range b.Edges[:n] {
		h.Buckets = append(h.Buckets, clockTime(e))
	}
	h.End = clockTime(b.Edges[n])

	over := func(q store.Query, b *store.Buckets, also ...store.Key) store.AggregateQuery {
		return store.AggregateQuery{Query: q, By: append([]store.Key{{Name: "t", Field: "@timestamp", Buckets: b}}, also...), Aggs: countAgg, Limit: query.MaxGroups}
	}
	ask := []store.AggregateQuery{over(q, b)}
	var before store.Query
	var beforeEdges *store.Buckets
	if compare != "" {
		before, beforeEdges = shifted(q, b, loc, compare)
		ask = append(ask, over(before, beforeEdges))
	}
	has := &expr.Predicate{Field: by, Op: expr.Exists}
	if by != "" {
		ask = append(ask, over(with(q, has), b), store.AggregateQuery{
			Query: with(q, has), By: []store.Key{{Name: "v", Field: by}}, Aggs: countAgg, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: top,
		})
	}
	tables, errs := f.ask.AggregateBatch(ctx, ask)
	if err := errors.Join(errs...); err != nil {
		return h, tooBig(firstOf(errs))
	}
	total := spread(tables[0].Rows, b, 1)
	for _, c := range total {
		h.Total += c
	}
	if compare != "" {
		p := &api.Previous{From: clockTime(before.From), To: clockTime(before.To), Counts: spread(tables[1].Rows, beforeEdges, 1)}
		for _, c := range p.Counts {
			p.Total += c
		}
		h.Previous = p
	}
	if by == "" {
		h.Series = []api.Series{{Counts: total}}
		h.Stats = sumStats(tables)
		return h, nil
	}
	present, values := spread(tables[len(ask)-2].Rows, b, 1), tables[len(ask)-1].Rows
	series, t, err := f.series(ctx, q, b, by, values, over)
	if err != nil {
		return h, tooBig(err)
	}
	h.Series = append(h.Series, series...)
	rest, absent := make([]int64, n), make([]int64, n)
	for i := range n {
		absent[i], rest[i] = total[i]-present[i], present[i]
		for _, s := range series {
			rest[i] -= s.Counts[i]
		}
		rest[i] = max(0, rest[i]) // an event with several values stands in several series
	}
	if slices.Max(append(absent, 0)) > 0 {
		h.Series = append(h.Series, api.Series{Counts: absent})
	}
	if slices.Max(append(rest, 0)) > 0 {
		other := "other"
		h.Series = append(h.Series, api.Series{Key: &other, Other: true, Counts: rest})
	}
	h.Stats = sumStats(append(tables, t))
	return h, nil
}

// series counts the given values of a field over time.
func (f *face) series(ctx context.Context, q store.Query, b *store.Buckets, by string, values [][]any, over func(store.Query, *store.Buckets, ...store.Key) store.AggregateQuery) ([]api.Series, store.Table, error) {
	if len(values) == 0 {
		return nil, store.Table{}, nil
	}
	place := map[string]int{}
	series := make([]api.Series, len(values))
	var texts []string
	for i, v := range values {
		key := plainText(v[0])
		place[key] = i
		texts = append(texts, key)
		series[i] = api.Series{Key: &key, Counts: make([]int64, len(b.Edges)-1)}
	}
	only, err := query.Filter{Field: by, Op: query.Is, Values: texts}.Node(f.fields[by].kind)
	if err != nil { // a value that is no text to search by: all groups, then
		only = &expr.Predicate{Field: by, Op: expr.Exists}
	}
	t, err := f.ask.Aggregate(ctx, over(with(q, only), b, store.Key{Name: "v", Field: by}))
	if err != nil {
		return nil, t, err
	}
	for _, row := range t.Rows {
		i, ok := place[plainText(row[1])]
		at := bucketOf(row[0], b)
		if ok && at >= 0 && row[1] != nil {
			series[i].Counts[at] += row[2].(int64)
		}
	}
	return series, t, nil
}

// with adds conditions to a query.
func with(q store.Query, nodes ...expr.Node) store.Query {
	var all []expr.Node
	switch w := q.Where.(type) {
	case nil:
	case *expr.And:
		all = append(all, w.Nodes...)
	default:
		all = append(all, w)
	}
	all = append(all, nodes...)
	if len(all) == 1 {
		q.Where = all[0]
	} else {
		q.Where = &expr.And{Nodes: all}
	}
	return q
}

// spread puts counts by bucket into their places; column is where the count stands.
func spread(rows [][]any, b *store.Buckets, column int) []int64 {
	out := make([]int64, len(b.Edges)-1)
	for _, r := range rows {
		if i := bucketOf(r[0], b); i >= 0 {
			out[i] += r[column].(int64)
		}
	}
	return out
}

// bucketOf finds the bucket a group key names; -1 = none.
func bucketOf(key any, b *store.Buckets) int {
	t, ok := key.(time.Time)
	if !ok {
		return -1
	}
	if i, found := slices.BinarySearch(b.Edges[:len(b.Edges)-1], t.UnixNano()); found {
		return i
	}
	return -1
}

// shifted moves a range and its buckets back by their own length, by a day or by a week of the zone.
func shifted(q store.Query, b *store.Buckets, loc *time.Location, compare string) (store.Query, *store.Buckets) {
	back := func(ns int64) int64 { return ns - (q.To - q.From) }
	if compare == "day" || compare == "week" {
		unit := compare[:1]
		back = func(ns int64) int64 { return expr.AddUnit(time.Unix(0, ns).In(loc), unit, -1).UnixNano() }
	}
	out := &store.Buckets{Width: b.Width}
	for i, e := range b.Edges {
		e = back(e)
		if i > 0 && e <= out.Edges[i-1] { // an hour that the day before does not have
			e = out.Edges[i-1] + 1
		}
		if i > 0 && e-out.Edges[i-1] != b.Width {
			out.Width = 0
		}
		out.Edges = append(out.Edges, e)
	}
	q.From, q.To = back(q.From), back(q.To)
	return q, out
}

// plainText is a group key as text.
func plainText(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	}
	return query.Text(v)
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
