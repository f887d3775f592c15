package lake

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

const (
	sqlTrue  = "true"
	sqlFalse = "false"
)

// condition turns a condition into SQL for the columns of the group. The result may be NULL
// where it does not hold; only Not needs two values and makes them so.
func (g *group) condition(n expr.Node) string {
	switch v := n.(type) {
	case *expr.And:
		return connect(v.Nodes, " AND ", sqlTrue, sqlFalse, g.condition)
	case *expr.Or:
		return g.or(v.Nodes)
	case *expr.Not:
		switch c := g.condition(v.Node); c {
		case sqlTrue:
			return sqlFalse
		case sqlFalse:
			return sqlTrue
		default:
			if g.total(v.Node) { // the engine sees through a plain NOT, not through coalesce
				return "(NOT " + c + ")"
			}
			return "(NOT coalesce(" + c + ", false))"
		}
	case *expr.FreeText:
		return g.freeText(v)
	case *expr.Predicate:
		if expr.WildField(v.Field) {
			return g.wildField(v)
		}
		return g.predicate(v, v.Field)
	}
	return sqlTrue
}

// connect joins conditions; neutral ones fall away, an absorbing one decides.
func connect[T any](nodes []T, op, neutral, absorbing string, sql func(T) string) string {
	var parts []string
	for _, n := range nodes {
		switch c := sql(n); c {
		case absorbing:
			return absorbing
		case neutral:
		default:
			parts = append(parts, c)
		}
	}
	if len(parts) == 0 {
		return neutral
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, op) + ")"
}

// total reports whether the SQL of a condition is never NULL: it only asks for columns that
// have one value in every row.
func (g *group) total(n expr.Node) bool {
	all := func(nodes []expr.Node) bool {
		return !slices.ContainsFunc(nodes, func(n expr.Node) bool { return !g.total(n) })
	}
	switch v := n.(type) {
	case *expr.And:
		return all(v.Nodes)
	case *expr.Or:
		return all(v.Nodes)
	case *expr.Not:
		return true
	case *expr.Predicate:
		kind, ok := g.kinds[v.Field]
		return ok && g.column(v.Field, kind).always
	}
	return false
}

func (g *group) freeText(f *expr.FreeText) string {
	t := expr.CompileText(f)
	fields := []string{"message", colOriginal}
	return connect(fields, " OR ", sqlFalse, sqlTrue, func(name string) string {
		kind, ok := g.kinds[name]
		switch {
		case name == colOriginal && !ok:
			if !g.original {
				return sqlFalse
			}
			kind = schema.String
		case !ok && g.rest:
			c := g.restColumn(name)
			return c.any(func(x value) string { return g.glob(x, t.Glob, t.Match) })
		case !ok || kind.Element() != schema.String:
			return sqlFalse
		}
		c := g.column(name, kind)
		return c.any(func(x value) string { return g.glob(x, t.Glob, t.Match) })
	})
}

// wildField holds when the predicate holds for one of the declared columns or undeclared
// leaves whose name fits.
func (g *group) wildField(p *expr.Predicate) string {
	var names []string
	for _, f := range g.fields {
		names = append(names, f.Name)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !expr.MatchField(p.Field, n) })
	out := connect(names, " OR ", sqlFalse, sqlTrue, func(n string) string { return g.predicate(p.On(n), n) })
	if !g.rest || out == sqlTrue {
		return out
	}
	c := g.restFields(p.Field)
	m := matcher(p, schema.Map)
	return connect([]string{out, g.test(c, m)}, " OR ", sqlFalse, sqlTrue, func(s string) string { return s })
}

// predicate tests one field by name.
func (g *group) predicate(p *expr.Predicate, name string) string {
	if kind, ok := g.kinds[name]; ok {
		return g.test(g.column(name, kind), matcher(p, kind))
	}
	switch name {
	case colTime, colIngested:
		return g.test(column{sql: ident(name), kind: schema.Time, always: true}, matcher(p, schema.Time))
	case colOffset, colIndex:
		return g.test(column{sql: ident(name), kind: schema.Int, always: true}, matcher(p, schema.Int))
	case colObject:
		return g.test(column{sql: ident(name), kind: schema.String, always: true, stats: g.stats(name)}, matcher(p, schema.String))
	case colOriginal:
		if !g.original {
			return sqlFalse
		}
		return g.test(g.column(name, schema.String), matcher(p, schema.String))
	case fieldModule, fieldDataset, fieldLogType:
		if matcher(p, schema.String).Match(g.logType) {
			return sqlTrue
		}
		return sqlFalse
	case fieldID, fieldID2:
		return g.eventID(p)
	}
	if !g.rest {
		return sqlFalse
	}
	return g.test(g.restColumn(name), matcher(p, schema.Map))
}

// idSQL spells the event id out of its parts, as event.ID does.
const idSQL = `(_object || '-' || lower(to_base(_offset, 36)) || '-' || lower(to_base(_index, 36)))`

func (g *group) eventID(p *expr.Predicate) string {
	m := matcher(p, schema.String)
	if m.Op == expr.Equal && !m.Never {
		object, offset, index, err := event.ParseID(m.Fold)
		// Only the one spelling event.ID gives is an id; and objects are lower-case.
		if err == nil && event.ID(object, offset, index) == m.Fold {
			o := column{sql: ident(colObject), kind: schema.String, always: true, stats: g.stats(colObject)}
			same := g.test(o, &expr.Matcher{Op: expr.Equal, Kind: schema.String, Fold: object})
			if same == sqlFalse {
				return sqlFalse
			}
			return fmt.Sprintf("(%s AND _offset = %s AND _index = %d)", same, intLit(offset), index)
		}
	}
	return g.test(column{sql: idSQL, kind: schema.String, always: true, stats: textStats{nonASCII: g.stats(colObject).nonASCII}}, m)
}

// column is a stored column as conditions see it.
type column struct {
	sql    string
	kind   schema.Kind
	list   string // SQL of the list of values, when there may be several
	elem   string // SQL of the value of an element "e" of that list
	filter string // SQL condition on the element, for leaves of the map
	always bool   // has a value in every row
	absent bool   // has no value in any row
	addr   string // SQL of the 16 bytes: the companion column
	stats  textStats
}

// textStats is what the statistics of all parts of a group say of a column together.
type textStats struct {
	nonASCII bool
	values   []string // all distinct values, when known
	known    bool
}

// stats combines the statistics of a column over the parts of the group.
func (g *group) stats(name string) textStats {
	out := textStats{known: true}
	for i := range g.parts {
		p := &g.parts[i]
		if p.Stats == nil {
			return textStats{nonASCII: true}
		}
		s, ok := p.Stats[name]
		if !ok {
			continue
		}
		out.nonASCII = out.nonASCII || s.NonASCII
		if len(s.Values) == 0 {
			out.known = false
		}
		for _, v := range s.Values {
			if !contains(out.values, v) {
				out.values = append(out.values, v)
			}
		}
	}
	if !out.known || len(out.values) > 256 {
		out.known, out.values = false, nil
	}
	slices.Sort(out.values)
	return out
}

func (g *group) column(name string, kind schema.Kind) column {
	c := column{sql: ident(name), kind: kind.Element(), absent: true, always: !kind.List()}
	for i := range g.parts {
		s, ok := g.parts[i].Stats[name]
		c.absent = c.absent && g.parts[i].Stats != nil && !ok
		c.always = c.always && ok && s.Present == g.parts[i].Rows
	}
	if kind.List() {
		c.list, c.elem = ident(name), "e"
	}
	switch c.kind {
	case schema.String:
		c.stats = g.stats(name)
	case schema.IP:
		c.stats = g.stats(name)
		c.addr = ident(ipPrefix + name)
	}
	return c
}

// restColumn is an undeclared leaf: any entry of the map with that key.
func (g *group) restColumn(key string) column {
	c := g.restEntries()
	c.filter = "e.key = " + quote(key)
	if s := g.stats(colRest); s.known && !contains(s.values, key) {
		c.absent = true
	}
	return c
}

// restFields is every undeclared leaf whose name fits a pattern.
func (g *group) restFields(pattern string) column {
	c := g.restEntries()
	not := []string{colOriginal} // nor what is declared: that is no leaf
	for _, f := range g.fields {
		if expr.MatchField(pattern, f.Name) {
			not = append(not, f.Name)
		}
	}
	c.filter = "NOT starts_with(e.key, '_') AND e.key NOT IN (" + quoteList(not) + ") AND e.key LIKE " + likePattern(strings.Split(pattern, "*"))
	return c
}

func (g *group) restEntries() column {
	return column{kind: schema.Map, list: "map_entries(" + ident(colRest) + ")", elem: "e.value", stats: textStats{nonASCII: g.stats(colRest).nonASCII}}
}

// value is one scalar a test looks at.
type value struct {
	sql   string
	addr  string
	stats textStats
	kind  schema.Kind
}

// any makes the condition that one value of the column satisfies test.
func (c column) any(test func(value) string) string {
	if c.absent {
		return sqlFalse
	}
	if c.list == "" {
		return test(value{sql: c.sql, addr: c.addr, stats: c.stats, kind: c.kind})
	}
	t := test(value{sql: c.elem, addr: "e", stats: c.stats, kind: c.kind})
	if t == sqlFalse {
		return sqlFalse
	}
	if c.filter != "" {
		t = c.filter + " AND coalesce(" + t + ", false)"
	}
	return "(len(list_filter(" + c.list + ", lambda e: " + t + ")) > 0)"
}

// test makes the condition that one value of the column fits the matcher.
func (g *group) test(c column, m *expr.Matcher) string {
	switch {
	case m.Never || c.absent:
		return sqlFalse
	case m.Op == expr.Exists && c.filter == "":
		if c.always {
			return sqlTrue
		}
		if c.list != "" {
			return "(" + c.list + " IS NOT NULL)"
		}
		return "(" + c.sql + " IS NOT NULL)"
	case m.Op == expr.Exists:
		return c.any(func(value) string { return sqlTrue })
	}
	switch c.kind {
	case schema.IP:
		return g.testAddr(c, m)
	case schema.String, schema.Map:
		if c.stats.known {
			return c.oneOf(m.Match)
		}
		return c.any(func(x value) string { return g.testText(x, m) })
	}
	return c.any(func(x value) string { return testNumber(x.sql, m) })
}

// oneOf compares a column whose values are all known with those that fit: exact comparison
// lets the engine use its own statistics.
func (c column) oneOf(match func(string) bool) string {
	var fit []string
	for _, v := range c.stats.values {
		if match(v) {
			fit = append(fit, v)
		}
	}
	switch {
	case len(fit) == 0:
		return sqlFalse
	case len(fit) == len(c.stats.values) && c.always:
		return sqlTrue
	case c.list != "" && len(fit) == 1:
		return "list_contains(" + c.list + ", " + quote(fit[0]) + ")"
	case c.list != "":
		return "list_has_any(" + c.list + ", [" + quoteList(fit) + "])"
	case len(fit) == 1:
		return "(" + c.sql + " = " + quote(fit[0]) + ")"
	}
	return "(" + c.sql + " IN (" + quoteList(fit) + "))"
}

// testAddr tests an address column: one address on its text, which has a bloom filter, a
// range on the companion.
func (g *group) testAddr(c column, m *expr.Matcher) string {
	if m.Op != expr.Range {
		return c.any(func(x value) string { return g.testText(x, m) })
	}
	if m.AddrLo == m.AddrHi {
		text := quote(addrText(m.AddrLo))
		if c.list != "" {
			return "list_contains(" + c.list + ", " + text + ")"
		}
		return "(" + c.sql + " = " + text + ")"
	}
	if bytes.Compare(m.AddrLo[:], m.AddrHi[:]) > 0 {
		return sqlFalse
	}
	if c.list != "" {
		c.list = c.addr
	}
	return c.any(func(x value) string {
		return "(" + x.addr + " >= " + blobLit(m.AddrLo[:]) + " AND " + x.addr + " <= " + blobLit(m.AddrHi[:]) + ")"
	})
}

// testNumber tests an Int, Float, Bool or Time value.
func testNumber(x string, m *expr.Matcher) string {
	if m.Op == expr.Wildcard {
		return "(CAST(" + x + " AS VARCHAR) LIKE " + likePattern(m.Glob.Parts) + ")"
	}
	if m.Op == expr.Regex {
		return "regexp_matches(CAST(" + x + " AS VARCHAR), " + quote(m.Regexp.String()) + ")"
	}
	var conds []string
	switch m.Kind {
	case schema.Float:
		if !math.IsInf(m.FloatLo, -1) {
			conds = append(conds, x+open(" >", m.FloatLoOpen)+floatLit(m.FloatLo))
		}
		if !math.IsInf(m.FloatHi, 1) {
			conds = append(conds, x+open(" <", m.FloatHiOpen)+floatLit(m.FloatHi))
		}
	case schema.Bool:
		switch zero, one := m.MatchInt(0), m.MatchInt(1); {
		case zero && !one:
			return "(NOT " + x + ")"
		case one && !zero:
			return x
		case !zero:
			return sqlFalse
		}
	default:
		lit, first, last := intLit, int64(math.MinInt64), int64(math.MaxInt64)
		if m.Kind == schema.Time {
			lit, first, last = timeLit, minTime, maxTime
		}
		switch {
		case m.IntLo > m.IntHi:
			return sqlFalse
		case m.IntLo == m.IntHi:
			return "(" + x + " = " + lit(m.IntLo) + ")"
		}
		if m.IntLo > first {
			conds = append(conds, x+" >= "+lit(m.IntLo))
		}
		if m.IntHi < last {
			conds = append(conds, x+" <= "+lit(m.IntHi))
		}
	}
	if len(conds) == 0 {
		return "(" + x + " IS NOT NULL)"
	}
	return "(" + strings.Join(conds, " AND ") + ")"
}

func open(op string, excluded bool) string {
	if excluded {
		return op + " "
	}
	return op + "= "
}
