package detect

import (
	"strings"
)

// Limits of a rule.
const (
	maxSearches = 200
	maxValues   = 20_000 // tests, variants of values included
	maxText     = 8 << 10
)

// searches reads the named searches of a rule.
type searches struct {
	p     *problems
	tests int
}

// readDetection reads the searches and the condition; nil after a problem.
func readDetection(n *value, p *problems) (texts []string, root *node) {
	if !p.want(n, yamlMap, "detection") {
		return nil, nil
	}
	before := p.errors
	s := &searches{p: p}
	byName := map[string]*node{}
	var names []string
	var cond *value
	for i := range n.pairs {
		x := &n.pairs[i]
		switch x.key {
		case "condition":
			cond = &x.value
			continue
		case "timeframe":
			p.refuse(x.pos, "timeframe", "timeframe is not supported: counting over time belongs in a correlation rule")
			continue
		}
		if len(names) == maxSearches {
			p.add(x.pos, "more than %d searches", maxSearches)
			break
		}
		names = append(names, x.key)
		if tree := s.search(&x.value, x.key); tree != nil {
			named := *tree
			named.name = x.key
			byName[x.key] = &named
		}
	}
	if cond == nil {
		p.add(n.pos, "condition is missing")
		return nil, nil
	}
	if p.errors > before {
		return nil, nil
	}
	conds := []value{*cond}
	if cond.kind == yamlList {
		conds = cond.items
	}
	used := map[string]bool{}
	var kids []*node
	for i := range conds {
		if !p.want(&conds[i], yamlText, "condition") && conds[i].kind != yamlNumber {
			return nil, nil
		}
		k := parseCondition(&conds[i], byName, names, used, p)
		if k == nil {
			return nil, nil
		}
		texts = append(texts, conds[i].text)
		kids = append(kids, k)
	}
	if len(kids) == 0 {
		p.add(cond.pos, "the condition is empty")
		return nil, nil
	}
	root = join(nodeOr, kids)
	if root.size(maxNodes) > maxNodes {
		p.add(cond.pos, "the rule is larger than %d tests once the names are put in", maxNodes)
		return nil, nil
	}
	for i := range n.pairs {
		if x := &n.pairs[i]; byName[x.key] != nil && !used[x.key] && !strings.HasPrefix(x.key, "_") {
			p.warn(x.pos, "", "search %s is not used in the condition", quote(x.key))
		}
	}
	return texts, root
}

// search reads a named search: a map, a list of maps, or keywords.
func (s *searches) search(n *value, name string) *node {
	switch n.kind {
	case yamlMap:
		return s.fields(n)
	case yamlList:
		var kids []*node
		for i := range n.items {
			x := &n.items[i]
			var k *node
			switch x.kind {
			case yamlMap:
				k = s.fields(x)
			case yamlText, yamlNumber, yamlBool:
				k = s.values(&modified{pos: x.pos}, x)
			default:
				s.p.add(x.pos, "search %s: %s cannot stand here", quote(name), x.kind)
			}
			if k != nil {
				kids = append(kids, k)
			}
		}
		if len(kids) == 0 {
			if len(n.items) == 0 {
				s.p.add(n.pos, "search %s is empty", quote(name))
			}
			return nil
		}
		return join(nodeOr, kids)
	case yamlText, yamlNumber, yamlBool:
		return s.values(&modified{pos: n.pos}, n)
	}
	s.p.add(n.pos, "search %s is empty", quote(name))
	return nil
}

// fields reads a map: all of its fields must match.
func (s *searches) fields(n *value) *node {
	var kids []*node
	for i := range n.pairs {
		x := &n.pairs[i]
		m := s.modified(x)
		if m == nil {
			continue
		}
		if k := s.values(m, &x.value); k != nil {
			kids = append(kids, k)
		}
	}
	if len(kids) == 0 {
		if len(n.pairs) == 0 {
			s.p.add(n.pos, "an empty map matches nothing")
		}
		return nil
	}
	return join(nodeAnd, kids)
}

// values reads the value or the list of values of a field.
func (s *searches) values(m *modified, n *value) *node {
	list := []value{*n}
	if n.kind == yamlList {
		list = n.items
		if len(list) == 0 {
			s.p.add(n.pos, "the list of values is empty")
			return nil
		}
	}
	var kids []*node
	for i := range list {
		v := &list[i]
		if v.kind == yamlList || v.kind == yamlMap {
			s.p.add(v.pos, "%s cannot be a value", v.kind)
			continue
		}
		if len(v.text) > maxText {
			s.p.add(v.pos, "a value has at most %d bytes", maxText)
			continue
		}
		preds := m.predicates(s.p, v)
		if s.tests += len(preds); s.tests > maxValues {
			s.p.add(v.pos, "a rule has at most %d values", maxValues)
			return nil
		}
		if len(preds) == 0 {
			continue
		}
		tests := make([]*node, len(preds))
		for j, p := range preds {
			p.pos = v.pos
			tests[j] = &node{kind: nodeTest, test: p, pos: v.pos}
		}
		kids = append(kids, join(nodeOr, tests))
	}
	if len(kids) == 0 {
		return nil
	}
	kind := nodeOr
	if m.all {
		kind = nodeAnd
	}
	out := join(kind, kids)
	if m.not {
		out = &node{kind: nodeNot, kids: []*node{out}}
	}
	return out
}
