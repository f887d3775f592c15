package lake

import (
	"context"
	"fmt"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// defaultGroups is the number of groups of an answer when the query sets no limit.
const defaultGroups = 10_000

// aggregation is one statistics query being answered.
type aggregation struct {
	*plan
	q     store.AggregateQuery
	limit int
	keys  []keyColumn
	aggs  []aggColumn
	table store.Table
}

// aggregation decides kinds and columns from the parts the query will read.
func (p *plan) aggregation(q store.AggregateQuery) (*aggregation, error) {
	a := &aggregation{plan: p, q: q, limit: q.Limit}
	if a.limit <= 0 {
		a.limit = defaultGroups
	}
	groups := p.groups(p.parts, false)
	for i, k := range q.By {
		c, err := p.newKey(i, k, groups)
		if err != nil {
			return nil, err
		}
		a.keys = append(a.keys, c)
		a.addColumn(k.Name, c.kind)
	}
	for i, g := range q.Aggs {
		c, err := p.newAgg(i, g, groups)
		if err != nil {
			return nil, err
		}
		a.aggs = append(a.aggs, c)
		a.addColumn(g.Name, c.result)
	}
	return a, a.check()
}

func (a *aggregation) addColumn(name string, kind schema.Kind) {
	if kind == schema.Map {
		kind = schema.String
	}
	a.table.Columns = append(a.table.Columns, store.Column{Name: name, Kind: kind, Exact: true})
}

// check refuses questions that name a column twice, or one there is not.
func (a *aggregation) check() error {
	if len(a.table.Columns) == 0 {
		return fmt.Errorf("the query asks for no column")
	}
	names := map[string]bool{}
	for _, c := range a.table.Columns {
		if names[c.Name] {
			return fmt.Errorf("two columns are named %q", c.Name)
		}
		names[c.Name] = true
	}
	for _, s := range a.q.Sort {
		if !names[s.Column] {
			return fmt.Errorf("no column %q to sort by", s.Column)
		}
	}
	return nil
}

// run fills the table from the parts.
func (a *aggregation) run(ctx context.Context, parts []store.Part) error {
	a.table.Rows, a.table.More = nil, false
	text, err := a.sql(a.groups(parts, true))
	if err != nil {
		return err
	}
	return a.lake.engine.query(ctx, text, func(row []any) error {
		if len(a.keys) > 0 && len(a.table.Rows) == a.limit {
			a.table.More = true
			return nil
		}
		out := make([]any, len(row))
		for i, v := range row {
			if v == nil {
				continue
			}
			var err error
			if i < len(a.keys) {
				out[i], err = a.keys[i].cell(v)
			} else {
				out[i], err = a.aggs[i-len(a.keys)].cell(v)
			}
			if err != nil {
				return fmt.Errorf("reading %s: %w", a.table.Columns[i].Name, err)
			}
		}
		a.table.Rows = append(a.table.Rows, out)
		return nil
	})
}

// sql is the whole statement.
func (a *aggregation) sql(groups []*group) (string, error) {
	source, err := a.source(groups)
	if err != nil {
		return "", err
	}
	var exprs, order []string
	for i := range a.keys {
		exprs = append(exprs, a.keys[i].name)
	}
	for i := range a.aggs {
		exprs = append(exprs, a.aggs[i].call()+" AS "+a.aggs[i].out)
	}
	text := "SELECT " + strings.Join(exprs, ", ") + " FROM " + source
	if len(a.keys) == 0 {
		return text, nil
	}
	by := make([]string, len(a.keys))
	for i := range a.keys {
		by[i] = a.keys[i].name
	}
	for _, s := range a.q.Sort {
		order = append(order, a.sortColumn(s))
	}
	for _, k := range by {
		order = append(order, k+" ASC NULLS LAST")
	}
	return fmt.Sprintf("%s GROUP BY %s ORDER BY %s LIMIT %d", text, strings.Join(by, ", "), strings.Join(order, ", "), a.limit+1), nil
}

// sortColumn is the order by one column of the result; check has made sure it is there.
func (a *aggregation) sortColumn(s store.Sort) string {
	name := ""
	for i := range a.keys {
		if a.keys[i].Name == s.Column {
			name = a.keys[i].name
		}
	}
	for i := range a.aggs {
		if a.aggs[i].Name == s.Column {
			name = a.aggs[i].out
		}
	}
	if s.Desc {
		return name + " DESC NULLS LAST"
	}
	return name + " ASC NULLS LAST"
}

// source is the rows to group: all groups of parts with the columns of keys and aggregates,
// list keys unfolded, one after another.
func (a *aggregation) source(groups []*group) (string, error) {
	var selects []string
	for _, g := range groups {
		var cols, extra []string
		for i := range a.keys {
			c, cond := a.keys[i].column(g)
			cols = append(cols, c+" AS "+a.keys[i].name)
			extra = append(extra, cond)
		}
		for i := range a.aggs {
			if c := a.aggs[i].column(g); c != "" {
				cols = append(cols, c+" AS "+a.aggs[i].in)
			}
		}
		where := g.where(extra...)
		if where == whereFalse {
			continue
		}
		from, err := g.from(false)
		if err != nil {
			return "", err
		}
		if len(cols) == 0 {
			cols = []string{"1 AS one"}
		}
		selects = append(selects, "SELECT "+strings.Join(cols, ", ")+" FROM "+from+where)
	}
	if len(selects) == 0 {
		selects = []string{a.nothing()}
	}
	rows := "(" + strings.Join(selects, " UNION ALL ") + ")"
	for i := range a.keys {
		if b := a.keys[i].bucket(groups); b != "" { // once over all, not once a group
			rows = fmt.Sprintf("(SELECT * REPLACE (%s AS %s) FROM %s)", b, a.keys[i].name, rows)
		}
		if a.keys[i].list {
			n := a.keys[i].name
			rows = fmt.Sprintf("(SELECT * REPLACE (unnest(%s) AS %s) FROM %s)", n, n, rows)
		}
	}
	return rows, nil
}

// nothing is a typed source without rows.
func (a *aggregation) nothing() string {
	cols := []string{"1 AS one"}
	for i := range a.keys {
		cols = append(cols, a.keys[i].null()+" AS "+a.keys[i].name)
	}
	for i := range a.aggs {
		if n := a.aggs[i].null(); n != "" {
			cols = append(cols, n+" AS "+a.aggs[i].in)
		}
	}
	return "SELECT " + strings.Join(cols, ", ") + " WHERE false"
}

// sqlType is the type of values of a kind in the statements of this package; times are
// nanoseconds.
func sqlType(kind schema.Kind) string {
	switch kind.Element() {
	case schema.Int, schema.Time:
		return "BIGINT"
	case schema.Float:
		return "DOUBLE"
	case schema.Bool:
		return "BOOLEAN"
	}
	return "VARCHAR"
}
