package naive

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// group is the events of one group. A nil cell in keys is the group without a value.
type group struct {
	keys    []any
	records []Record
}

// Aggregate puts every event into its groups, computes every column, sorts and cuts.
func (s *Searcher) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	if err := ctx.Err(); err != nil {
		return store.Table{}, err
	}
	t, err := s.columns(q)
	if err != nil {
		return store.Table{}, fmt.Errorf("aggregating: %w", err)
	}
	found := s.scope(q.Query)
	var groups []*group
	if len(q.By) == 0 {
		groups = []*group{{records: found}}
	}
	byKey := map[string]*group{}
	for _, r := range found {
		if len(q.By) == 0 {
			break
		}
		for _, keys := range keysOf(r, q.By) {
			id := fmt.Sprintf("%#v", keys)
			if byKey[id] == nil {
				byKey[id] = &group{keys: keys}
				groups = append(groups, byKey[id])
			}
			byKey[id].records = append(byKey[id].records, r)
		}
	}
	for _, g := range groups {
		row := slices.Clone(g.keys)
		for _, a := range q.Aggs {
			row = append(row, aggregate(a, g.records))
		}
		t.Rows = append(t.Rows, row)
	}
	sortRows(t, q.Sort, len(q.By))
	limit := q.Limit
	if limit == 0 {
		limit = 10_000
	}
	if len(t.Rows) > limit {
		t.Rows, t.More = t.Rows[:limit], true
	}
	return t, nil
}

// AggregateBatch answers one after another.
func (s *Searcher) AggregateBatch(ctx context.Context, qs []store.AggregateQuery) ([]store.Table, []error) {
	tables, errs := make([]store.Table, len(qs)), make([]error, len(qs))
	for i, q := range qs {
		tables[i], errs[i] = s.Aggregate(ctx, q)
	}
	return tables, errs
}

// columns names the columns of the answer and refuses what has no meaning.
func (s *Searcher) columns(q store.AggregateQuery) (store.Table, error) {
	var t store.Table
	add := func(name string, kind schema.Kind) error {
		for _, c := range t.Columns {
			if c.Name == name {
				return fmt.Errorf("two columns are named %q", name)
			}
		}
		t.Columns = append(t.Columns, store.Column{Name: name, Kind: kind, Exact: true})
		return nil
	}
	for _, k := range q.By {
		kind := s.kind(k.Field)
		if k.Buckets != nil && kind != schema.Time {
			return t, fmt.Errorf("buckets of %s: it is no time", k.Field)
		}
		if err := add(k.Name, plainKind(kind)); err != nil {
			return t, err
		}
	}
	for _, a := range q.Aggs {
		in := s.kind(a.Field)
		out := plainKind(in)
		switch a.Func {
		case store.Count, store.Distinct:
			out = schema.Int
		case store.Min, store.Max:
		case store.Sum, store.Avg, store.Percentile:
			if in != schema.Int && in != schema.Float && in != schema.Map {
				return t, fmt.Errorf("%s of %s: its kind is %s", a.Func, a.Field, in)
			}
			if a.Func == store.Percentile && !(a.Arg > 0 && a.Arg < 100) {
				return t, fmt.Errorf("percentile %v: must be between 0 and 100", a.Arg)
			}
			out = schema.Float
			if a.Func == store.Sum && in == schema.Int {
				out = schema.Int
			}
		default:
			return t, fmt.Errorf("unknown function %q", a.Func)
		}
		if err := add(a.Name, out); err != nil {
			return t, err
		}
	}
	for _, o := range q.Sort {
		if !slices.ContainsFunc(t.Columns, func(c store.Column) bool { return c.Name == o.Column }) {
			return t, fmt.Errorf("sorting by %q: no such column", o.Column)
		}
	}
	return t, nil
}

func plainKind(k schema.Kind) schema.Kind {
	if k == schema.Map {
		return schema.String
	}
	return k
}

// kind of a field over all records; Map when no table declares it.
func (s *Searcher) kind(field string) schema.Kind {
	switch field {
	case "@timestamp":
		return schema.Time
	case "event.id", "_id", "event.module", "event.dataset", "yagura.log_type", "event.original":
		return schema.String
	}
	for _, r := range s.records {
		if i := r.Table.Index(field); i >= 0 {
			return r.Table.Fields[i].Kind.Element()
		}
	}
	return schema.Map
}

// keysOf returns the groups an event belongs to, each as one cell for every key.
func keysOf(r Record, by []store.Key) [][]any {
	rows := [][]any{nil}
	for _, k := range by {
		var cells []any
		for _, v := range Values(r, k.Field) {
			c := cell(v)
			if k.Buckets != nil {
				if c = bucket(v.Int, k.Buckets); c == nil {
					return nil
				}
			}
			if !slices.Contains(cells, c) {
				cells = append(cells, c)
			}
		}
		if len(cells) == 0 {
			cells = []any{nil}
		}
		var next [][]any
		for _, row := range rows {
			for _, c := range cells {
				next = append(next, append(slices.Clone(row), c))
			}
		}
		rows = next
	}
	return rows
}

func bucket(ns int64, b *store.Buckets) any {
	for i := range len(b.Edges) - 1 {
		if b.Edges[i] <= ns && ns < b.Edges[i+1] {
			return time.Unix(0, b.Edges[i]).UTC()
		}
	}
	return nil
}

func cell(v Value) any {
	switch v.Kind {
	case schema.Int:
		return v.Int
	case schema.Bool:
		return v.Int != 0
	case schema.Time:
		return time.Unix(0, v.Int).UTC()
	case schema.Float:
		return v.Float
	}
	return v.Text
}

func aggregate(a store.Agg, records []Record) any {
	if a.Func == store.Count && a.Field == "" {
		return int64(len(records))
	}
	var cells []any
	var have int64
	for _, r := range records {
		vs := Values(r, a.Field)
		if len(vs) > 0 {
			have++
		}
		for _, v := range vs {
			if v.Kind == schema.Map && (a.Func == store.Sum || a.Func == store.Avg || a.Func == store.Percentile) {
				_, f, _, ok := expr.ReadNumber(v.Text)
				if !ok {
					continue
				}
				v = Value{Kind: schema.Float, Float: f}
			}
			cells = append(cells, cell(v))
		}
	}
	switch a.Func {
	case store.Count:
		return have
	case store.Distinct:
		seen := map[any]bool{}
		for _, c := range cells {
			seen[c] = true
		}
		return int64(len(seen))
	}
	if len(cells) == 0 {
		return nil
	}
	slices.SortFunc(cells, compareCells)
	switch a.Func {
	case store.Min:
		return cells[0]
	case store.Max:
		return cells[len(cells)-1]
	case store.Sum:
		sum, whole := total(cells)
		if whole {
			return sum.Num().Int64()
		}
		f, _ := sum.Float64()
		return f
	case store.Avg:
		sum, _ := total(cells)
		f, _ := sum.Quo(sum, new(big.Rat).SetInt64(int64(len(cells)))).Float64()
		return f
	}
	at := a.Arg / 100 * float64(len(cells)-1)
	low, high := asFloat(cells[int(math.Floor(at))]), asFloat(cells[int(math.Ceil(at))])
	return low + (high-low)*(at-math.Floor(at))
}

// total adds exactly; whole says that all cells are integers.
func total(cells []any) (sum *big.Rat, whole bool) {
	sum, whole = new(big.Rat), true
	for _, c := range cells {
		switch v := c.(type) {
		case int64:
			sum.Add(sum, new(big.Rat).SetInt64(v))
		case float64:
			sum.Add(sum, new(big.Rat).SetFloat64(v))
			whole = false
		}
	}
	return sum, whole
}

func asFloat(c any) float64 {
	if i, ok := c.(int64); ok {
		return float64(i)
	}
	return c.(float64)
}

// sortRows orders by the columns asked for, then by the keys; nil is last either way.
func sortRows(t store.Table, by []store.Sort, keys int) {
	slices.SortStableFunc(t.Rows, func(a, b []any) int {
		for _, o := range by {
			for i, c := range t.Columns {
				if c.Name == o.Column {
					if d := compareCells(a[i], b[i]); d != 0 {
						if o.Desc && a[i] != nil && b[i] != nil {
							d = -d
						}
						return d
					}
					break
				}
			}
		}
		for i := range keys {
			if d := compareCells(a[i], b[i]); d != 0 {
				return d
			}
		}
		return 0
	})
}

// compareCells orders cells of one column, nil last. Cells of different types order by type,
// so that the order is total.
func compareCells(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	case int64:
		if y, ok := b.(int64); ok {
			return compareInts(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	case bool:
		if y, ok := b.(bool); ok {
			switch {
			case x == y:
				return 0
			case y:
				return -1
			}
			return 1
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	}
	return strings.Compare(fmt.Sprintf("%T", a), fmt.Sprintf("%T", b))
}
