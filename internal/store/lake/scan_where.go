package lake

import (
	"math"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
)

// conditions are the conditions of all queries of a scan; what is asked more than once is
// looked at once.
type conditions struct {
	byText map[string]*cond
	count  int
}

// cond is a condition or a part of one.
type cond struct {
	id     int
	node   expr.Node
	kids   []*cond
	fields []string          // or patterns, that it asks for
	anyOf  []*expr.Predicate // of one field: node is their disjunction, looked up as one
}

// add takes a condition in; nil when the scan cannot test it.
func (c *conditions) add(n expr.Node) *cond {
	text := n.String()
	if old, ok := c.byText[text]; ok {
		return old
	}
	out := &cond{node: n}
	var kids []expr.Node
	switch v := n.(type) {
	case *expr.And:
		kids = v.Nodes
	case *expr.Or:
		if out.anyOf = oneField(v.Nodes); out.anyOf != nil {
			out.fields = []string{out.anyOf[0].Field}
			break
		}
		kids = v.Nodes
	case *expr.Not:
		kids = []expr.Node{v.Node}
	case *expr.Predicate:
		out.fields = []string{v.Field}
	case *expr.FreeText:
		out.fields = []string{colOriginal, "message"}
	default:
		return nil
	}
	for _, k := range kids {
		kid := c.add(k)
		if kid == nil {
			return nil
		}
		out.kids = append(out.kids, kid)
		for _, f := range kid.fields {
			if !slices.Contains(out.fields, f) {
				out.fields = append(out.fields, f)
			}
		}
	}
	if c.byText == nil {
		c.byText = map[string]*cond{}
	}
	out.id = c.count
	c.count++
	c.byText[text] = out
	return out
}

// oneField is predicates of one field, of which one must hold; nil when they are not that, or
// so few that each is better asked for itself, since others may ask it too.
func oneField(nodes []expr.Node) []*expr.Predicate {
	if len(nodes) < 3 {
		return nil
	}
	var out []*expr.Predicate
	for _, n := range nodes {
		p, ok := n.(*expr.Predicate)
		if !ok || expr.WildField(p.Field) || p.Field == colTime || len(out) > 0 && p.Field != out[0].Field {
			return nil
		}
		out = append(out, p)
	}
	return out
}

// memo remembers which values of a dictionary fit a predicate, or one of several.
type memo struct {
	matcher *expr.Matcher // of several: one that tests for no value in particular
	several []*expr.Matcher
	match   func(string) bool
	known   []uint8 // by id: 0 not tried, 1 no, 2 yes
}

type memoKey struct {
	cond int
	name string
	kind schema.Kind
}

// holds is the rows of the row group for which a condition holds.
func (g *rowGroup) holds(c *cond) (codes.Rows, error) {
	if g.tested[c.id] {
		return g.held[c.id], nil
	}
	rows, err := g.test(c)
	if err != nil {
		return rows, err
	}
	g.tested[c.id], g.held[c.id] = true, rows
	return rows, nil
}

func (g *rowGroup) test(c *cond) (codes.Rows, error) {
	if c.anyOf != nil {
		return g.testField(c, c.anyOf[0], c.anyOf[0].Field)
	}
	switch v := c.node.(type) {
	case *expr.And:
		out := codes.Rows{All: true}
		for _, k := range c.kids {
			rows, err := g.holds(k)
			if err != nil {
				return out, err
			}
			if out = out.And(&g.arena, rows); out.None {
				break
			}
		}
		return out, nil
	case *expr.Or:
		out := codes.Rows{None: true}
		for _, k := range c.kids {
			rows, err := g.holds(k)
			if err != nil {
				return out, err
			}
			if out = out.Or(&g.arena, rows); out.All {
				break
			}
		}
		return out, nil
	case *expr.Not:
		rows, err := g.holds(c.kids[0])
		return rows.Not(&g.arena, g.rows), err
	case *expr.FreeText:
		return g.testText(c, v)
	case *expr.Predicate:
		if expr.WildField(v.Field) {
			return g.testMany(c, v)
		}
		return g.testField(c, v, v.Field)
	}
	return codes.Rows{}, errUnfit
}

// testText is free text, in parts that keep no originals.
func (g *rowGroup) testText(c *cond, f *expr.FreeText) (codes.Rows, error) {
	const name = "message"
	k := memoKey{c.id, name, schema.String}
	m := g.memos[k]
	if m == nil {
		m = &memo{matcher: &expr.Matcher{Op: expr.Contains, Kind: schema.String}, match: expr.CompileText(f).Match}
		g.memos[k] = m
	}
	var col *codes.Column
	var err error
	kind, declared := g.table.kinds[name]
	switch {
	case declared && kind.Element() == schema.String:
		col, err = g.column(name, kind)
	case !declared && g.table.rest:
		col, err = g.leaf(name, func(n string) bool { return n == name })
	default:
		return codes.Rows{None: true}, nil
	}
	if err != nil {
		return codes.Rows{}, err
	}
	return g.fitting(m, col), nil
}

// testMany holds when a predicate holds for one of the fields its pattern stands for.
func (g *rowGroup) testMany(c *cond, p *expr.Predicate) (codes.Rows, error) {
	out := codes.Rows{None: true}
	for _, name := range g.table.names {
		if !expr.MatchField(p.Field, name) {
			continue
		}
		rows, err := g.testField(c, p.On(name), name)
		if err != nil {
			return out, err
		}
		out = out.Or(&g.arena, rows)
	}
	if !g.table.rest || out.All {
		return out, nil
	}
	pattern := expr.Glob{Parts: strings.Split(p.Field, "*")}
	col, err := g.leaf(p.Field, func(name string) bool {
		_, declared := g.table.kinds[name]
		return !declared && !strings.HasPrefix(name, "_") && name != colOriginal && pattern.Match(name)
	})
	if err != nil {
		return out, err
	}
	return out.Or(&g.arena, g.fitting(g.memo(c, p, p.Field, schema.Map), col)), nil
}

func (g *rowGroup) testField(c *cond, p *expr.Predicate, name string) (codes.Rows, error) {
	if kind, ok := g.table.kinds[name]; ok {
		m := g.memo(c, p, name, kind.Element())
		if m.matcher.Never {
			return codes.Rows{None: true}, nil
		}
		col, err := g.column(name, kind)
		if err != nil {
			return codes.Rows{}, err
		}
		return g.fitting(m, col), nil
	}
	switch name {
	case colTime:
		return g.testTime(g.memo(c, p, name, schema.Time).matcher)
	case colOriginal:
		return codes.Rows{None: true}, nil // conditions on parts that have them are the engine's
	case fieldModule, fieldDataset, fieldLogType:
		if g.memo(c, p, name, schema.String).match(g.table.logType) {
			return codes.Rows{All: true}, nil
		}
		return codes.Rows{None: true}, nil
	}
	if !g.table.rest {
		return codes.Rows{None: true}, nil
	}
	col, err := g.leaf(name, func(n string) bool { return n == name })
	if err != nil {
		return codes.Rows{}, err
	}
	return g.fitting(g.memo(c, p, name, schema.Map), col), nil
}

// testTime uses that rows stand in the order of time.
func (g *rowGroup) testTime(m *expr.Matcher) (codes.Rows, error) {
	switch {
	case m.Never:
		return codes.Rows{None: true}, nil
	case m.Op == expr.Exists:
		return codes.Rows{All: true}, nil
	case m.Op != expr.Range || m.IntLo > m.IntHi:
		return codes.Rows{None: true}, nil
	}
	to := int64(math.MaxInt64)
	if m.IntHi < math.MaxInt64 {
		to = m.IntHi + 1
	}
	return g.between(m.IntLo, to)
}

// between is the rows with times in [from, to).
func (g *rowGroup) between(from, to int64) (codes.Rows, error) {
	switch {
	case g.part.MinTime >= from && g.part.MaxTime < to:
		return codes.Rows{All: true}, nil
	case g.part.MaxTime < from || g.part.MinTime >= to:
		return codes.Rows{None: true}, nil
	}
	t, err := g.times()
	if err != nil {
		return codes.Rows{}, err
	}
	return codes.Range(&g.arena, g.rows, t.Search(from), t.Search(to)), nil
}

// memo is the matcher of a predicate for a field with what is known of its values.
func (w *worker) memo(c *cond, p *expr.Predicate, name string, kind schema.Kind) *memo {
	k := memoKey{c.id, name, kind}
	m := w.memos[k]
	if m == nil {
		if c.anyOf != nil {
			m = memoOf(c.anyOf, kind)
		} else {
			m = &memo{matcher: matcher(p, kind)}
			m.match = m.matcher.Match
		}
		w.memos[k] = m
	}
	return m
}

// fitting is the rows with a value that fits.
func (g *rowGroup) fitting(m *memo, col *codes.Column) codes.Rows {
	if m.matcher.Never || col.Size == 0 {
		return codes.Rows{None: true}
	}
	n := max(len(col.IDs), len(col.Ints))
	g.fit = slices.Grow(g.fit[:0], n+1)[:n+1]
	fit := g.fit
	fit[n] = 0
	switch {
	case m.matcher.Op == expr.Exists:
		for i := range fit[:n] {
			fit[i] = 1
		}
	case col.Ints != nil:
		for i, v := range col.Ints {
			fit[i] = b2u(m.number(v))
		}
	default:
		m.texts(fit, col)
	}
	return col.Where(&g.arena, fit)
}

// memoOf is one memo for several predicates: values to be equal to are looked up at once.
func memoOf(ps []*expr.Predicate, kind schema.Kind) *memo {
	m := &memo{matcher: &expr.Matcher{Op: expr.Equal, Kind: kind, Never: true}}
	equal := map[string]bool{} // folded texts, or addresses
	var rest []*expr.Matcher
	for _, p := range ps {
		x := matcher(p, kind)
		if x.Never {
			continue
		}
		m.matcher.Never = false
		m.several = append(m.several, x)
		switch {
		case x.Op == expr.Exists:
			m.matcher = x
		case x.Op == expr.Equal:
			equal[x.Fold] = true
		case x.Kind == schema.IP && x.Op == expr.Range && x.AddrLo == x.AddrHi && x.Match(addrText(x.AddrLo)):
			equal[addrText(x.AddrLo)] = true
		default:
			rest = append(rest, x)
		}
	}
	m.match = func(s string) bool {
		return s != "" && (m.matcher.Op == expr.Exists || equal[schema.Fold(s)]) || slices.ContainsFunc(rest, func(x *expr.Matcher) bool { return x.Match(s) })
	}
	return m
}

// number reports whether a number fits.
func (m *memo) number(v int64) bool {
	if m.several == nil {
		return matchNumber(m.matcher, v)
	}
	return slices.ContainsFunc(m.several, func(x *expr.Matcher) bool { return matchNumber(x, v) })
}

func matchNumber(m *expr.Matcher, v int64) bool {
	if m.Kind == schema.Float {
		return m.MatchFloat(math.Float64frombits(uint64(v)))
	}
	return m.MatchInt(v)
}

// texts tries each value of a dictionary once.
func (m *memo) texts(fit []uint8, col *codes.Column) {
	var view codes.View
	for i, id := range col.IDs {
		if int(id) >= len(m.known) || m.known[id] == 0 {
			if view.Len() == 0 {
				view = col.Dict.View()
				if n := view.Len(); n > len(m.known) {
					m.known = append(m.known, make([]uint8, n-len(m.known))...)
				}
			}
			m.known[id] = 1 + b2u(m.match(view.Text(id)))
		}
		fit[i] = m.known[id] - 1
	}
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
