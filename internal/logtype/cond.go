package logtype

import (
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// condition is an expr node over native values. What a predicate means is asked of expr; this
// file only brings values to it without making a row first.
type condition interface{ holds(e *env) bool }

type allOf []condition

func (c allOf) holds(e *env) bool {
	for _, x := range c {
		if !x.holds(e) {
			return false
		}
	}
	return true
}

type anyOf []condition

func (c anyOf) holds(e *env) bool {
	for _, x := range c {
		if x.holds(e) {
			return true
		}
	}
	return false
}

type notOf struct{ c condition }

func (c notOf) holds(e *env) bool { return !c.c.holds(e) }

// predicate tests the values of one source.
type predicate struct {
	src     source
	many    bool
	m       *expr.Matcher
	op      expr.Op
	fold    string   // Equal: ASCII text to compare with
	parts   []string // Wildcard: folded ASCII parts, compared without making a folded copy
	objects bool     // Exists holds for objects and lists, too
}

func newPredicate(p *expr.Predicate, src source) *predicate {
	m, _ := expr.Compile(p, schema.Map)
	c := &predicate{src: src, many: src.list(), m: m, op: m.Op}
	switch {
	case m.Never:
	case m.Op == expr.Equal && schema.ASCII(m.Fold):
		c.fold = m.Fold
	case m.Op == expr.Wildcard:
		c.parts = m.Glob.Parts
		for _, x := range c.parts {
			if !schema.ASCII(x) {
				c.parts = nil
				break
			}
		}
	}
	return c
}

func (c *predicate) holds(e *env) bool {
	if !c.many {
		return c.test(e, c.src.value(e))
	}
	vals := c.src.values(e, e.borrow())
	ok := false
	for _, v := range vals {
		if ok = c.test(e, v); ok {
			break
		}
	}
	e.giveBack(vals)
	return ok
}

func (c *predicate) test(e *env, v parse.Value) bool {
	if v.Kind <= parse.Null {
		return false
	}
	if c.op == expr.Exists {
		return v.Text != ""
	}
	if !v.Scalar() {
		return false
	}
	s := v.Text
	if v.Kind == parse.Escaped || v.Kind == parse.Quoted {
		s = e.text(v)
	}
	if c.fold != "" {
		if len(s) == len(c.fold) {
			if s == c.fold {
				return true
			}
			if schema.ASCII(s) {
				return foldedEqual(s, c.fold)
			}
		} else if schema.ASCII(s) {
			return false
		}
		return c.m.Match(s)
	}
	if c.parts != nil && !c.m.Never && schema.ASCII(s) {
		return s != "" && foldedGlob(s, c.parts)
	}
	return c.m.Match(s)
}

// foldedEqual compares an ASCII text of the same length with a folded one.
func foldedEqual(s, folded string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != folded[i] {
			return false
		}
	}
	return true
}

// foldedGlob is expr.Glob.Match of the folded text.
func foldedGlob(s string, parts []string) bool {
	n := len(parts)
	if n == 1 {
		return len(s) == len(parts[0]) && foldedEqual(s, parts[0])
	}
	first, last := parts[0], parts[n-1]
	if len(s) < len(first)+len(last) || !foldedEqual(s[:len(first)], first) || !foldedEqual(s[len(s)-len(last):], last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
next:
	for _, p := range parts[1 : n-1] {
		for i := 0; i+len(p) <= len(s); i++ {
			if foldedEqual(s[i:i+len(p)], p) {
				s = s[i+len(p):]
				continue next
			}
		}
		return false
	}
	return true
}

// condition compiles a condition; nil text means none.
func (c *compiler) condition(d *Condition) condition {
	node, err := expr.Parse(d.Text)
	if err != nil {
		c.p.hint(d.Pos, errorHint(err), "condition: %s", errorText(err))
		return allOf{}
	}
	return c.node(node, d.Pos)
}

func (c *compiler) node(n expr.Node, pos Pos) condition {
	switch v := n.(type) {
	case *expr.And:
		var out allOf
		for _, x := range v.Nodes {
			out = append(out, c.node(x, pos))
		}
		return out
	case *expr.Or:
		var out anyOf
		for _, x := range v.Nodes {
			out = append(out, c.node(x, pos))
		}
		return out
	case *expr.Not:
		return notOf{c.node(v.Node, pos)}
	case *expr.Predicate:
		if strings.Contains(v.Field, "*") {
			c.p.add(pos, "condition: patterns of names (%s) are not possible over native paths", v.Field)
			return allOf{}
		}
		if src := c.ref(v.Field, pos); src != nil {
			return newPredicate(v, src)
		}
		return allOf{}
	}
	c.p.add(pos, "condition: a text without a field has no meaning over native paths")
	return allOf{}
}

func errorText(err error) string {
	if e, ok := err.(*expr.Error); ok {
		return e.Reason
	}
	return err.Error()
}

func errorHint(err error) string {
	if e, ok := err.(*expr.Error); ok {
		return e.Hint
	}
	return ""
}
