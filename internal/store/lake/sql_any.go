package lake

import (
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// manyValues is the number of values of one field from which they become one list: looked up
// together, they cost a row one comparison instead of many.
const manyValues = 3

// or joins conditions; many values asked of one text or address field become one IN.
func (g *group) or(nodes []expr.Node) string {
	byField := map[string][]*expr.Matcher{}
	for _, n := range nodes {
		if p, m := g.listable(n); m != nil {
			byField[p.Field] = append(byField[p.Field], m)
		}
	}
	written := map[string]bool{}
	return connect(nodes, " OR ", sqlFalse, sqlTrue, func(n expr.Node) string {
		p, m := g.listable(n)
		if m == nil || len(byField[p.Field]) < manyValues {
			return g.condition(n)
		}
		if written[p.Field] {
			return sqlFalse // it is in the list already
		}
		written[p.Field] = true
		return g.anyOf(g.column(p.Field, g.kinds[p.Field]), byField[p.Field])
	})
}

// listable returns the matcher of a predicate that asks for one text or address of a declared
// field, else nil.
func (g *group) listable(n expr.Node) (*expr.Predicate, *expr.Matcher) {
	p, ok := n.(*expr.Predicate)
	if !ok || p.Op != expr.Equal {
		return nil, nil
	}
	kind, ok := g.kinds[p.Field]
	if !ok {
		return nil, nil
	}
	m := matcher(p, kind)
	switch {
	case m.Never:
	case m.Kind == schema.String && m.Op == expr.Equal:
		return p, m
	case m.Kind == schema.IP && m.Op == expr.Range && m.AddrLo == m.AddrHi:
		return p, m
	}
	return nil, nil
}

// anyOf makes the condition that a value of the column fits one of the matchers.
func (g *group) anyOf(c column, ms []*expr.Matcher) string {
	if c.absent {
		return sqlFalse
	}
	if c.kind == schema.IP {
		texts := make([]string, len(ms))
		for i, m := range ms {
			texts[i] = addrText(m.AddrLo)
		}
		if c.list != "" {
			return "list_has_any(" + c.list + ", [" + quoteList(texts) + "])"
		}
		return "(" + c.sql + " IN (" + quoteList(texts) + "))"
	}
	folds := make([]string, len(ms))
	set := make(map[string]bool, len(ms))
	for i, m := range ms {
		folds[i], set[m.Fold] = m.Fold, true
	}
	match := func(s string) bool { return s != "" && set[schema.Fold(s)] }
	if c.stats.known {
		return c.oneOf(match)
	}
	// The engine only sees what is ASCII, and there only such values can be found.
	ascii := slices.DeleteFunc(folds, func(f string) bool { return !schema.ASCII(f) })
	return c.any(func(x value) string {
		if len(ascii) == 0 {
			return g.folded(x, "\u0080", match, nil)
		}
		return g.folded(x, strings.Join(ascii, ""), match, func(lower string) string { return lower + " IN (" + quoteList(ascii) + ")" })
	})
}
