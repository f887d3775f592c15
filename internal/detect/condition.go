package detect

import (
	"strings"
)

// Limits of a condition.
const (
	maxCondition      = 8 << 10 // bytes
	maxConditionDepth = 50
	maxNodes          = 100_000 // of the whole rule, after names were put in
)

// condition parses the condition language: names joined by and, or, not and parentheses, and
// "1 of", "any of", "all of" with them or a pattern of names.
type condition struct {
	src      string
	at       Pos
	p        *problems
	searches map[string]*node
	names    []string // in order
	used     map[string]bool
	tokens   []word
	next     int
	failed   bool
}

// word is a token and where it stands.
type word struct {
	text string
	off  int
}

// parseCondition makes the tree of a condition; nil after a problem.
func parseCondition(v *value, searches map[string]*node, names []string, used map[string]bool, p *problems) *node {
	c := &condition{src: v.text, at: v.pos, p: p, searches: searches, names: names, used: used}
	if len(c.src) > maxCondition {
		p.add(v.pos, "condition: at most %d bytes", maxCondition)
		return nil
	}
	if !c.scan() {
		return nil
	}
	if len(c.tokens) == 0 {
		p.add(v.pos, "the condition is empty")
		return nil
	}
	n := c.or(0)
	if !c.failed && c.next < len(c.tokens) {
		c.fail(c.tokens[c.next], "", "%s cannot stand here: and, or is missing before it", quote(c.tokens[c.next].text))
	}
	if c.failed {
		return nil
	}
	return n
}

func nameByte(b byte) bool {
	return b == '_' || b == '*' || b == '?' || b == '-' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func (c *condition) scan() bool {
	for i := 0; i < len(c.src); {
		b := c.src[i]
		switch {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			i++
		case b == '(' || b == ')':
			c.tokens = append(c.tokens, word{c.src[i : i+1], i})
			i++
		case nameByte(b):
			j := i
			for j < len(c.src) && nameByte(c.src[j]) {
				j++
			}
			c.tokens = append(c.tokens, word{c.src[i:j], i})
			i = j
		case b == '|':
			c.failed = true
			c.p.refuse(c.place(i), "aggregation", "counting in a condition (| %s) is not supported: it belongs in a correlation rule", strings.TrimSpace(c.src[i+1:min(len(c.src), i+40)]))
			return false
		default:
			c.fail(word{c.src[i : i+1], i}, "", "%s cannot stand in a condition", quote(c.src[i:i+1]))
			return false
		}
	}
	return true
}

// place is the place of a byte of the condition; it is exact when the condition stands in one line.
func (c *condition) place(off int) Pos {
	at := c.at
	if line := at.Line - 1; line >= 0 && line < len(c.p.lines) {
		text, col := c.p.lines[line], max(at.Col-1, 0)
		if first, _, _ := strings.Cut(c.src, "\n"); col <= len(text) {
			if i := strings.Index(text[col:], first); i >= 0 && off <= len(first) {
				at.Col += i + off
			}
		}
	}
	return at
}

func (c *condition) fail(w word, hint, format string, args ...any) {
	if c.failed {
		return
	}
	c.failed = true
	c.p.hint(c.place(w.off), hint, format, args...)
}

// peek is the next word in lower case, "" at the end.
func (c *condition) peek() string {
	if c.next < len(c.tokens) {
		return strings.ToLower(c.tokens[c.next].text)
	}
	return ""
}

func (c *condition) last() word {
	if c.next < len(c.tokens) {
		return c.tokens[c.next]
	}
	return word{"", len(c.src)}
}

func (c *condition) or(depth int) *node {
	kids := []*node{c.and(depth)}
	for !c.failed && c.peek() == "or" {
		c.next++
		kids = append(kids, c.and(depth))
	}
	return join(nodeOr, kids)
}

func (c *condition) and(depth int) *node {
	kids := []*node{c.not(depth)}
	for !c.failed && c.peek() == "and" {
		c.next++
		kids = append(kids, c.not(depth))
	}
	return join(nodeAnd, kids)
}

func (c *condition) not(depth int) *node {
	negated := false
	for c.peek() == "not" {
		c.next++
		negated = !negated
	}
	n := c.primary(depth)
	if negated && n != nil {
		return &node{kind: nodeNot, kids: []*node{n}}
	}
	return n
}

func (c *condition) primary(depth int) *node {
	if c.failed {
		return nil
	}
	w := c.last()
	if depth > maxConditionDepth {
		c.fail(w, "", "parentheses nested deeper than %d", maxConditionDepth)
		return nil
	}
	word := c.peek()
	switch word {
	case "":
		c.fail(w, "", "the condition ends where a name should stand")
		return nil
	case "(":
		c.next++
		n := c.or(depth + 1)
		if !c.failed && c.peek() != ")" {
			c.fail(c.last(), "", "a parenthesis is not closed")
			return nil
		}
		c.next++
		return n
	case ")", "and", "or", "of", "them":
		c.fail(w, "", "%s cannot stand here: a name is missing before it", quote(w.text))
		return nil
	case "near":
		c.failed = true
		c.p.refuse(c.place(w.off), "near", "near is not supported: it needs several events")
		return nil
	}
	if c.next+1 < len(c.tokens) && strings.EqualFold(c.tokens[c.next+1].text, "of") {
		return c.quantified()
	}
	c.next++
	n, ok := c.searches[w.text]
	if !ok {
		hint := suggest(w.text, c.names)
		if hint == "" && len(c.names) > 0 {
			hint = "there are: " + strings.Join(c.names[:min(len(c.names), 20)], " ")
		}
		if strings.ContainsAny(w.text, "*?") {
			hint = "write 1 of " + w.text + " or all of " + w.text
		}
		c.fail(w, hint, "no search is named %s", quote(w.text))
		return nil
	}
	c.used[w.text] = true
	return n
}

// quantified reads "1 of them", "all of selection_*".
func (c *condition) quantified() *node {
	how := c.tokens[c.next]
	c.next += 2
	kind := nodeOr
	switch strings.ToLower(how.text) {
	case "1", "any":
	case "all":
		kind = nodeAnd
	default:
		if strings.Trim(how.text, "0123456789") == "" {
			c.failed = true
			c.p.refuse(c.place(how.off), "count", "%s of is not supported: 1 of and all of are", how.text)
			return nil
		}
		c.fail(how, "1 of …, any of …, all of …", "%s of is unknown", quote(how.text))
		return nil
	}
	w := c.last()
	if w.text == "" || w.text == "(" || w.text == ")" {
		c.fail(w, "", "a pattern of names is missing after of")
		return nil
	}
	c.next++
	var kids []*node
	for _, name := range c.names {
		if strings.EqualFold(w.text, "them") {
			if strings.HasPrefix(name, "_") {
				continue
			}
		} else if !wild(w.text, name) {
			continue
		}
		c.used[name] = true
		kids = append(kids, c.searches[name])
	}
	if len(kids) == 0 {
		c.fail(w, suggest(w.text, c.names), "no search is named like %s", quote(w.text))
		return nil
	}
	return join(kind, kids)
}

// wild matches a name against a pattern with * and ?.
func wild(pattern, name string) bool {
	return globText(newGlob(pattern, false), name)
}

// join makes a node of several, or the only one.
func join(kind nodeKind, kids []*node) *node {
	if len(kids) == 1 {
		return kids[0]
	}
	return &node{kind: kind, kids: kids}
}
