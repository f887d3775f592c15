package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// sheet is rows with what is known about their columns; keys come first.
type sheet struct {
	columns []Column
	rows    [][]any
	keys    int
	more    bool
	buckets *store.Buckets
}

// rows puts the answers of a panel's questions together.
func (s *session) rows(ctx context.Context, p *panel, asks []*question, minus *question) (*Data, error) {
	var sheets []sheet
	for _, q := range asks {
		x, err := s.sheet(ctx, q)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, x)
	}
	out := sheets[0]
	if len(sheets) > 1 {
		out = joined(asks, sheets)
	}
	if minus != nil {
		x, err := s.sheet(ctx, minus)
		if err != nil {
			return nil, err
		}
		out.take(x)
	}
	if p.Ratio != "" {
		out.ratio(p.part, p.whole)
	}
	if i := out.index(p.Options.First); i >= 0 {
		seen := map[string]bool{}
		out.rows = slices.DeleteFunc(slices.Clone(out.rows), func(r []any) bool {
			id := fmt.Sprintf("%#v", r[i])
			defer func() { seen[id] = true }()
			return seen[id]
		})
	}
	if n := p.Options.Rows; n > 0 && len(out.rows) > n {
		out.rows, out.more = out.rows[:n], true
	}
	if len(p.Options.Columns) > 0 {
		out = out.choose(p.Options.Columns)
	}
	for i := range out.columns {
		c := &out.columns[i]
		if t, ok := p.Labels[c.Name]; ok {
			c.Title = t
		} else if c.Title == (Text{}) {
			c.Title = commonLabels[c.Name]
		}
	}
	d := &Data{Columns: out.columns, Rows: out.rows, More: out.more}
	if d.Rows == nil {
		d.Rows = [][]any{}
	}
	if b := out.buckets; b != nil {
		n := len(b.Edges) - 1
		for _, e := range b.Edges[:n] {
			d.Buckets = append(d.Buckets, time.Unix(0, e).UTC())
		}
		end := time.Unix(0, b.Edges[n]).UTC()
		d.End = &end
	}
	return d, nil
}

// sheet waits for an answer, keys first.
func (s *session) sheet(ctx context.Context, q *question) (sheet, error) {
	t, _, err := s.table(ctx, q)
	if err != nil {
		return sheet{}, err
	}
	agg := q.stmt.Aggregate
	var out sheet
	var order []int
	for pass := range 2 {
		for i, c := range t.Columns {
			k := keyOf(q.stmt, c.Name)
			if (k >= 0) != (pass == 0) {
				continue
			}
			order = append(order, i)
			out.columns = append(out.columns, describe(q, c, k))
			if k >= 0 && agg.By[k].Buckets != nil && q.stmt.FoldedBy(k) == "" && out.keys == 0 {
				out.buckets = agg.By[k].Buckets
			}
			if k >= 0 {
				out.keys++
			}
		}
	}
	out.more = t.More
	for _, r := range t.Rows {
		row := make([]any, len(order))
		for i, j := range order {
			row[i] = r[j]
			if f, ok := r[j].(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
				row[i] = nil
			}
		}
		out.rows = append(out.rows, row)
	}
	return out, nil
}

func describe(q *question, c store.Column, key int) Column {
	d := Column{Name: c.Name, Kind: kindName(c.Kind), Role: "value", Exact: c.Exact, Bound: c.Error}
	agg := q.stmt.Aggregate
	if key >= 0 {
		d.Role, d.Field, d.Part = "key", agg.By[key].Field, q.stmt.FoldedBy(key)
		d.Time = agg.By[key].Buckets != nil && d.Part == ""
		return d
	}
	for _, g := range agg.Aggs {
		if g.Name == c.Name {
			d.Field, d.Func = g.Field, string(g.Func)
		}
	}
	return d
}

func (x *sheet) index(name string) int {
	return slices.IndexFunc(x.columns, func(c Column) bool { return c.Name == name && name != "" })
}

func keyID(row []any, keys int) string { return fmt.Sprintf("%#v", row[:keys]) }

// joined puts several sheets side by side: a row for each key, a column for each question.
// What a question did not find counts as nothing: 0 for counts and sums.
func joined(asks []*question, sheets []sheet) sheet {
	first := sheets[0]
	out := sheet{keys: first.keys, buckets: first.buckets, columns: slices.Clone(first.columns[:first.keys])}
	at := map[string]int{}
	empty := make([]any, len(sheets))
	for j, x := range sheets {
		c := x.columns[x.keys]
		if c.Func == string(store.Count) || c.Func == string(store.Distinct) || c.Func == string(store.Sum) {
			empty[j] = any(int64(0))
		}
		c.Name, c.Title = asks[j].ask.name, asks[j].ask.title
		out.columns = append(out.columns, c)
		out.more = out.more || x.more
	}
	for j, x := range sheets {
		for _, r := range x.rows {
			id := keyID(r, x.keys)
			i, known := at[id]
			if !known {
				i = len(out.rows)
				at[id] = i
				out.rows = append(out.rows, slices.Concat(r[:x.keys], empty))
			}
			out.rows[i][x.keys+j] = r[x.keys]
		}
	}
	if out.keys > 0 && out.columns[0].Time {
		slices.SortStableFunc(out.rows, func(a, b []any) int {
			x, _ := a[0].(time.Time)
			y, _ := b[0].(time.Time)
			return x.Compare(y)
		})
	} else if out.keys > 0 {
		slices.SortStableFunc(out.rows, func(a, b []any) int { return cmp.Compare(number(b[out.keys]), number(a[out.keys])) })
	}
	return out
}

// take removes the rows whose keys another sheet has.
func (x *sheet) take(other sheet) {
	known := map[string]bool{}
	for _, r := range other.rows {
		known[keyID(r, other.keys)] = true
	}
	x.rows = slices.DeleteFunc(slices.Clone(x.rows), func(r []any) bool { return known[keyID(r, x.keys)] })
}

// ratio puts one number before the columns of the questions; nil when there is no whole.
func (x *sheet) ratio(part, whole int) {
	c := Column{Name: "ratio", Kind: kindName(schema.Float), Role: "value", Exact: true}
	x.columns = append([]Column{c}, x.columns...)
	for i, r := range x.rows {
		var v any
		if b := number(r[whole]); b != 0 {
			v = number(r[part]) / b
		}
		x.rows[i] = append([]any{v}, r...)
	}
}

// choose orders and drops columns.
func (x *sheet) choose(names []string) sheet {
	out := sheet{more: x.more, buckets: x.buckets}
	var at []int
	for _, n := range names {
		if i := x.index(n); i >= 0 {
			at = append(at, i)
			out.columns = append(out.columns, x.columns[i])
		}
	}
	for _, r := range x.rows {
		row := make([]any, len(at))
		for i, j := range at {
			row[i] = r[j]
		}
		out.rows = append(out.rows, row)
	}
	return out
}
