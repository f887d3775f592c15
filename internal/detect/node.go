package detect

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

type nodeKind uint8

const (
	nodeAnd nodeKind = iota + 1
	nodeOr
	nodeNot
	nodeTest
)

// node is a part of a rule's condition. Searches are put in where their names stand, so a node can
// be in a tree several times; nodes are never changed once the tree is made.
type node struct {
	kind nodeKind
	kids []*node
	test *predicate
	name string // of the search it is the root of
	pos  Pos
}

// size counts the nodes of a tree as it is walked, up to a limit.
func (n *node) size(limit int) int {
	total := 1
	for _, k := range n.kids {
		if total > limit {
			break
		}
		total += k.size(limit - total)
	}
	return total
}

type op uint8

const (
	opEqual op = iota + 1
	opPrefix
	opSuffix
	opContains
	opGlob
	opRegex
	opCIDR
	opPresent
	opAbsent
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opField // equal to, or with how contained in, another field
)

var opNames = [...]string{"", "is", "starts with", "ends with", "contains", "is like", "matches", "is in", "is present", "is absent", "<", "<=", ">", ">=", "is field"}

// predicate is one test of one field.
type predicate struct {
	field string // "" = keyword: any value of the event
	op    op
	cased bool
	text  string // literal: folded, unless cased
	num   string // opEqual: canonical decimal form of a number, or ""
	ip    string // opEqual: canonical form of an address, or ""
	glob  glob
	re    *regexp.Regexp
	net   netip.Prefix
	bound float64 // of the comparisons
	ref   string  // opField: the other field
	how   op      // opField: opEqual, opContains, opPrefix or opSuffix
	shown string  // the value as the author wrote it
	pos   Pos
}

// String is the predicate for people.
func (p *predicate) String() string {
	field := p.field
	if field == "" {
		field = "any value"
	}
	switch p.op {
	case opPresent, opAbsent:
		return field + " " + opNames[p.op]
	case opField:
		if p.how == opEqual {
			return field + " is the same as " + p.ref
		}
		return field + " " + opNames[p.how] + " the value of " + p.ref
	case opCIDR:
		return field + " is in " + p.shown
	}
	word := opNames[p.op]
	if p.cased && p.op != opRegex {
		word += " exactly"
	}
	return field + " " + word + " " + quote(p.shown)
}

// key is the same for predicates that mean the same.
func (p *predicate) key() string {
	s := strconv.Itoa(int(p.op)) + "|" + strconv.FormatBool(p.cased) + "|" + p.field + "|"
	switch p.op {
	case opGlob:
		return s + strings.Join(p.glob, "\x01")
	case opRegex:
		return s + p.re.String()
	case opCIDR:
		return s + p.net.String()
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		return s + strconv.FormatFloat(p.bound, 'g', -1, 64)
	case opField:
		return s + p.ref + "|" + strconv.Itoa(int(p.how))
	}
	return s + p.text
}

// raw reports whether the test looks at the text as it is, not folded.
func (p *predicate) raw() bool {
	switch p.op {
	case opEqual, opPrefix, opSuffix, opContains, opGlob:
		return p.cased
	}
	return true
}

// match tests one value, which is not empty. folded is schema.Fold of it.
func (p *predicate) match(text, folded string) bool {
	s := folded
	if p.cased {
		s = text
	}
	switch p.op {
	case opEqual:
		return s == p.text || p.num != "" && text == p.num || p.ip != "" && text == p.ip
	case opPrefix:
		return strings.HasPrefix(s, p.text)
	case opSuffix:
		return strings.HasSuffix(s, p.text)
	case opContains:
		return strings.Contains(s, p.text)
	case opGlob:
		return globText(p.glob, s)
	case opRegex:
		return p.re.MatchString(text)
	case opCIDR:
		a, ok := schema.ParseIP(text)
		return ok && p.net.Contains(a)
	case opPresent, opField:
		return true // of opField this is only the half: see matchField
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		v, ok := number(text)
		if !ok {
			return false
		}
		switch p.op {
		case opLess:
			return v < p.bound
		case opLessEqual:
			return v <= p.bound
		case opGreater:
			return v > p.bound
		}
		return v >= p.bound
	}
	return false
}

// number reads a decimal number.
func number(s string) (float64, bool) {
	if s == "" || len(s) > 400 || (s[0] < '0' || s[0] > '9') && s[0] != '-' && s[0] != '.' {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// matchField compares two values of opField.
func (p *predicate) matchField(a, b string) bool {
	if !p.cased {
		a, b = schema.Fold(a), schema.Fold(b)
	}
	switch p.how {
	case opPrefix:
		return strings.HasPrefix(a, b)
	case opSuffix:
		return strings.HasSuffix(a, b)
	case opContains:
		return strings.Contains(a, b)
	}
	return a == b
}
