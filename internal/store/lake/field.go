package lake

import (
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// fieldShape is what a field is over all groups of a query.
type fieldShape struct {
	kind schema.Kind // element kind; Map when no part declares it
	list bool        // some part holds several values of it in a row
}

// shape finds the kind of a field. Where it is not declared it may still be an undeclared
// leaf.
func (p *plan) shape(name string, groups []*group) fieldShape {
	k, declared := p.kinds[name]
	out := fieldShape{kind: k.kind}
	if !declared {
		switch name {
		case colTime, colIngested:
			return fieldShape{kind: schema.Time}
		case colOffset, colIndex:
			return fieldShape{kind: schema.Int}
		}
		if reserved(name) {
			return fieldShape{kind: schema.String}
		}
		out.kind = schema.Map
	}
	for _, g := range groups {
		if k, ok := g.kinds[name]; ok {
			out.list = out.list || k.List()
		} else if g.rest && !reserved(name) && !g.restColumn(name).absent {
			out.list = true
		}
	}
	return out
}

// field is the SQL of a field's value in a group in the shape wanted; NULL when absent. Times
// are nanoseconds. Values of another kind are converted from their text, where that can be.
func (g *group) field(name string, s fieldShape) string {
	typ := sqlType(s.kind)
	null := "NULL::" + typ
	if s.list {
		null += "[]"
	}
	if k, ok := g.kinds[name]; ok {
		if g.column(name, k).absent || (k.Element() == schema.Time) != (s.kind == schema.Time) {
			return null
		}
		return wrap(name, k, s)
	}
	switch name {
	case colTime, colIngested:
		return "epoch_ns(" + ident(name) + ")"
	case colOffset, colIndex, colObject:
		return ident(name)
	case colOriginal:
		if g.original {
			return ident(name)
		}
		return null
	case fieldModule, fieldDataset, fieldLogType:
		if s.list || typ != "VARCHAR" { // another log type declares the name with a kind of its own
			return null
		}
		return quote(g.logType)
	case fieldID, fieldID2:
		return idSQL
	}
	if !g.rest || !s.list || reserved(name) || s.kind == schema.Time {
		return null
	}
	c := g.restColumn(name)
	if c.absent {
		return null
	}
	if typ != "VARCHAR" {
		return g.numbers(c, typ)
	}
	return "list_transform(list_filter(" + c.list + ", lambda e: " + c.filter + "), lambda e: e.value)"
}

// numbers is the list of the leaves that read as decimal numbers.
func (g *group) numbers(c column, typ string) string {
	read := g.call("e.value", func(s string) bool {
		_, _, _, ok := expr.ReadNumber(s)
		return ok
	})
	return "list_transform(list_filter(" + c.list + ", lambda e: " + c.filter + " AND " + read + "), lambda e: TRY_CAST(e.value AS " + typ + "))"
}

func wrap(name string, k schema.Kind, s fieldShape) string {
	sql, list := ident(name), ""
	if sqlType(k) != sqlType(s.kind) {
		if k.List() {
			list = "[]"
		}
		sql = "TRY_CAST(" + sql + " AS " + sqlType(s.kind) + list + ")"
	}
	if k == schema.Time {
		sql = "epoch_ns(" + sql + ")"
	}
	if s.list && !k.List() {
		return "(CASE WHEN " + sql + " IS NULL THEN NULL ELSE [" + sql + "] END)"
	}
	return sql
}
