package expr

import (
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Value is one value of a field. Kind is an element kind; Text is used by String, IP
// (canonical) and Map, Int by Int, Bool (0 or 1) and Time (ns UTC), Float by Float.
type Value struct {
	Kind  schema.Kind
	Text  string
	Int   int64
	Float float64
}

// Row is an event or record in memory.
type Row interface {
	// Values returns the values of a field: none when it is absent, one for each element of a list.
	Values(field string) []Value
	// Fields returns the names of the fields that have a value, for field patterns.
	Fields() []string
}

// Condition is a node made ready for rows. It is immutable and safe for concurrent use.
type Condition struct {
	node     Node
	matchers map[*Predicate]*[2][schema.Map + 1]*Matcher // ordinary and text fields, by kind
	texts    map[*FreeText]*TextMatcher
}

// Prepare makes a condition ready. now gives relative times a meaning; the zero time gives
// them none.
func Prepare(n Node, now time.Time) *Condition {
	c := &Condition{node: n, matchers: map[*Predicate]*[2][schema.Map + 1]*Matcher{}, texts: map[*FreeText]*TextMatcher{}}
	Walk(n, func(n Node) {
		switch v := n.(type) {
		case *Predicate:
			var table [2][schema.Map + 1]*Matcher
			for k := schema.String; k <= schema.Map; k++ {
				table[0][k], _ = CompileAt(v, k, now)
			}
			for _, k := range []schema.Kind{schema.String, schema.Map} {
				table[1][k], _ = CompileAt(v.On("message"), k, now)
			}
			c.matchers[v] = &table
		case *FreeText:
			c.texts[v] = CompileText(v)
		}
	})
	return c
}

// Match tests a row.
func (c *Condition) Match(row Row) bool { return c.match(c.node, row) }

func (c *Condition) match(n Node, row Row) bool {
	switch v := n.(type) {
	case nil:
		return true
	case *And:
		return !slices.ContainsFunc(v.Nodes, func(n Node) bool { return !c.match(n, row) })
	case *Or:
		return slices.ContainsFunc(v.Nodes, func(n Node) bool { return c.match(n, row) })
	case *Not:
		return !c.match(v.Node, row)
	case *FreeText:
		t := c.texts[v]
		return slices.ContainsFunc(row.Values("message"), func(x Value) bool { return t.Match(x.Text) }) ||
			slices.ContainsFunc(row.Values("event.original"), func(x Value) bool { return t.Match(x.Text) })
	case *Predicate:
		if !WildField(v.Field) {
			return c.field(v, v.Field, row)
		}
		return slices.ContainsFunc(row.Fields(), func(f string) bool {
			return MatchField(v.Field, f) && c.field(v, f, row)
		})
	}
	return false
}

func (c *Condition) field(p *Predicate, field string, row Row) bool {
	table := c.matchers[p]
	for _, v := range row.Values(field) {
		m := table[0][v.Kind]
		if TextField(field) && table[1][v.Kind] != nil {
			m = table[1][v.Kind]
		}
		if m != nil && m.Value(v) {
			return true
		}
	}
	return false
}

// Value tests a value of the matcher's kind.
func (m *Matcher) Value(v Value) bool {
	switch m.Kind {
	case schema.Float:
		return m.MatchFloat(v.Float)
	case schema.Int, schema.Bool, schema.Time:
		return m.MatchInt(v.Int)
	}
	return m.Match(v.Text)
}

// TextMatcher is a FreeText made ready.
type TextMatcher struct{ Glob Glob }

// CompileText makes free text ready; the glob is to fit schema.Fold of message or
// event.original.
func CompileText(f *FreeText) *TextMatcher {
	if f.Wildcard {
		return &TextMatcher{ReadGlob(f.Text, schema.Fold).Within()}
	}
	return &TextMatcher{Glob{[]string{schema.Fold(f.Text)}}.Within()}
}

// Match tests a message or an original record.
func (t *TextMatcher) Match(s string) bool { return s != "" && t.Glob.Match(schema.Fold(s)) }

// On returns the predicate for another field, for one name of a field pattern or an alias.
func (p *Predicate) On(field string) *Predicate {
	q := *p
	q.Field = field
	return &q
}

// Walk visits a node and all nodes below it, parents first.
func Walk(n Node, visit func(Node)) {
	if n == nil {
		return
	}
	visit(n)
	switch v := n.(type) {
	case *And:
		for _, c := range v.Nodes {
			Walk(c, visit)
		}
	case *Or:
		for _, c := range v.Nodes {
			Walk(c, visit)
		}
	case *Not:
		Walk(v.Node, visit)
	}
}

// Rewrite builds a new tree in which each predicate is replaced by what replace returns for
// it. Nodes that do not change are shared with the old tree.
func Rewrite(n Node, replace func(*Predicate) Node) Node {
	each := func(nodes []Node) []Node {
		out := make([]Node, len(nodes))
		for i, c := range nodes {
			out[i] = Rewrite(c, replace)
		}
		return out
	}
	switch v := n.(type) {
	case *And:
		return &And{each(v.Nodes)}
	case *Or:
		return &Or{each(v.Nodes)}
	case *Not:
		return &Not{Rewrite(v.Node, replace)}
	case *Predicate:
		return replace(v)
	}
	return n
}

// Fields returns the field names and patterns a condition asks for, each once, in order of
// appearance; free text asks for message and event.original.
func Fields(n Node) []string {
	var out []string
	add := func(f string) {
		if !slices.Contains(out, f) {
			out = append(out, strings.Clone(f))
		}
	}
	Walk(n, func(n Node) {
		switch v := n.(type) {
		case *Predicate:
			add(v.Field)
		case *FreeText:
			add("message")
			add("event.original")
		}
	})
	return out
}
