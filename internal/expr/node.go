// Package expr is the one condition language of the program: its tree, its text form and its
// meaning over values in memory. Query, log type definitions, rules and filters all use it.
// The meaning is fixed in docs/design/query-semantics.md; this package does no I/O.
package expr

import "net/netip"

// Node is a condition. Logic is two-valued: a predicate on an absent field is false and Not is
// the complement.
type Node interface {
	// String returns the condition in the language; parsing it gives an equal tree.
	String() string
	node()
}

// And holds when all of its nodes hold; an empty And holds always.
type And struct{ Nodes []Node }

// Or holds when one of its nodes holds; an empty Or never holds.
type Or struct{ Nodes []Node }

// Not is the complement.
type Not struct{ Node Node }

// Op is the kind of a predicate.
type Op uint8

// The predicates. For a list field a predicate holds when one element satisfies it.
const (
	Exists   Op = iota + 1 // field: *          the field has a value
	Equal                  // field: value      folded text, number, boolean, time, address
	Wildcard               // field: a*b        folded, * = any run of characters, whole value
	Regex                  // field: /re/       RE2, unanchored, exact case
	CIDR                   // field: 10.0.0.0/8 an address inside the network
	Range                  // field >= 5        both bounds on the same element
	Contains               // only in a Matcher: Equal on a text field (message, event.original)
)

// Predicate is one condition on one field. Field may hold '*' wildcards ("user.*"): then it
// holds when it holds for one of the fields that match.
type Predicate struct {
	Field string
	Op    Op
	Text  string       // Equal, Wildcard (with \* and \\ for a literal star and backslash), Regex, CIDR: as written
	Quote bool         // Equal: the value was quoted (kept for the text form)
	Net   netip.Prefix // CIDR
	Lo    *Bound       // Range
	Hi    *Bound
	Pos   int // byte offset in the source text
}

// Bound is one end of a range; its text is read by the kind of the field (number, time,
// address, else text compared bytewise).
type Bound struct {
	Text      string
	Inclusive bool
}

// FreeText holds when the folded text occurs in message or event.original. A Wildcard text
// ("foo*bar") matches as *foo*bar*.
type FreeText struct {
	Text     string
	Wildcard bool
	Quote    bool
	Pos      int
}

func (*And) node()       {}
func (*Or) node()        {}
func (*Not) node()       {}
func (*Predicate) node() {}
func (*FreeText) node()  {}
