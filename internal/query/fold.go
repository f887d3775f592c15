package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// Functions that cut time by the clock: a store counts hours one after another, and these lay
// the same hours of all days, or of all weeks, over one another.
const (
	HourOf    = "hour"    // 0 to 23
	WeekdayOf = "weekday" // 1 = Monday to 7 = Sunday
)

// foldGroups bounds what a store may answer before hours are laid over one another.
const foldGroups = 200_000

// folded is a key hour(…) or weekday(…).
type folded struct {
	column int // in the keys
	part   string
	zone   *time.Location
}

func (f folded) value(t time.Time) int64 {
	t = t.In(f.zone)
	if f.part == HourOf {
		return int64(t.Hour())
	}
	return int64((t.Weekday()+6)%7) + 1
}

// foldKey reads the arguments of hour([zone]) and weekday([zone]).
func (p *planner) foldKey(r *reader, name token) (store.Key, error) {
	k := store.Key{Name: strings.ToLower(name.text), Field: "@timestamp"}
	if err := r.next(); err != nil { // past (
		return k, err
	}
	zone := p.Zone
	if r.tok.mark != ')' {
		t, err := r.field("a time zone")
		if err != nil {
			return k, err
		}
		if zone, err = loadZone(t.text); err != nil {
			return k, r.errorAt(t, `write a name such as "Asia/Tokyo" or UTC`, "there is no time zone %q", t.text)
		}
	}
	if err := r.expect(')', "after "+name.text); err != nil {
		return k, err
	}
	b, err := hours(p.query.From, p.query.To, zone)
	k.Buckets = b
	p.folds = append(p.folds, folded{column: len(p.stmt.Aggregate.By), part: k.Name, zone: zone})
	return k, r.asUser(name, err)
}

// hours cuts a range at the full hours of a zone's clock.
func hours(from, to int64, loc *time.Location) (*store.Buckets, error) {
	to = max(to, from+1)
	if (to-from)/int64(time.Hour) >= MaxGroups {
		return nil, fmt.Errorf("the hours of %s are more than %d: take a shorter range", time.Duration(to-from).Round(time.Minute), MaxGroups)
	}
	b := store.Buckets{Width: int64(time.Hour)}
	for t := expr.StartOf(time.Unix(0, from).In(loc), "h"); ; {
		edge := t.UnixNano()
		if n := len(b.Edges); n > 0 && edge-b.Edges[n-1] != int64(time.Hour) {
			b.Width = 0 // a clock was put by half an hour
		}
		b.Edges = append(b.Edges, edge)
		if edge >= to {
			return &b, nil
		}
		next := expr.StartOf(t.Add(time.Hour), "h")
		if !next.After(t) {
			next = t.Add(time.Hour)
		}
		t = next
	}
}

// fold adds the step that lays hours over one another, when a key asks for it.
func (p *planner) fold(r *reader, name token) error {
	if len(p.folds) == 0 {
		return nil
	}
	a := p.stmt.Aggregate
	for _, g := range a.Aggs {
		switch g.Func {
		case store.Count, store.Sum, store.Min, store.Max:
		default:
			return r.errorAt(name, "take count, sum, min or max", "%s cannot be put together by %s", g.Func, p.folds[0].part)
		}
	}
	a.Limit, p.stmt.whole = foldGroups, true
	folds, keys, aggs := p.folds, len(a.By), slices.Clone(a.Aggs)
	p.stmt.steps = append(p.stmt.steps, step{apply: func(t *store.Table) { foldTable(t, folds, keys, aggs) }})
	p.stmt.folds = folds
	return nil
}

// FoldedBy says what a key column of the statistics lays over one another: HourOf, WeekdayOf,
// or "" for an ordinary key.
func (s *Statement) FoldedBy(key int) string {
	for _, f := range s.folds {
		if f.column == key {
			return f.part
		}
	}
	return ""
}

func foldTable(t *store.Table, folds []folded, keys int, aggs []store.Agg) {
	for _, f := range folds {
		t.Columns[f.column].Kind = schema.Int
	}
	at := map[string]int{}
	var rows [][]any
	for _, r := range t.Rows {
		for _, f := range folds {
			if v, ok := r[f.column].(time.Time); ok {
				r[f.column] = f.value(v)
			}
		}
		id := fmt.Sprintf("%#v", r[:keys])
		i, known := at[id]
		if !known {
			at[id] = len(rows)
			rows = append(rows, r)
			continue
		}
		for j, g := range aggs {
			rows[i][keys+j] = together(g.Func, rows[i][keys+j], r[keys+j])
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return slices.CompareFunc(a[:keys], b[:keys], compareCells) })
	t.Rows = rows
}

// together is one aggregate of two groups.
func together(f store.Func, a, b any) any {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	switch f {
	case store.Min:
		if compareCells(b, a) < 0 {
			return b
		}
		return a
	case store.Max:
		if compareCells(b, a) > 0 {
			return b
		}
		return a
	}
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return x + y
		}
	case float64:
		if y, ok := b.(float64); ok {
			return x + y
		}
	}
	return a
}

// Finish does on a store's answer what is left of the statement. The answer is not changed, so
// that statements that ask a store the same can share it.
func (s *Statement) Finish(t store.Table) (store.Table, error) {
	if s.whole && t.More {
		return t, fmt.Errorf("running the query: more than %d groups of hours: take a shorter range or fewer keys", foldGroups)
	}
	t.Columns = slices.Clone(t.Columns)
	rows := make([][]any, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = r
		if s.whole {
			rows[i] = slices.Clone(r)
		}
	}
	t.Rows = rows
	for _, st := range s.steps {
		st.apply(&t)
	}
	return t, nil
}
