package query

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Filter is one condition made by clicking on a value. Its parts never pass through the text of
// a question, so that they need no quotes and can mean nothing else.
type Filter struct {
	Field  string
	Op     FilterOp
	Values []string // for Is and IsNot: any of these; none = no value at all
}

// FilterOp is what a filter asks of its field.
type FilterOp string

// The kinds of filters. Is without values is NotExists, IsNot without values is Exists.
const (
	Is        FilterOp = "is"
	IsNot     FilterOp = "is_not"
	Exists    FilterOp = "exists"
	NotExists FilterOp = "not_exists"
)

// Bounds of filters.
const (
	maxFilterField = 512
	maxFilterValue = 64 << 10
	maxFilters     = 200
)

// FilterError says which filter cannot be.
type FilterError struct {
	Index  int
	Reason string
}

func (e *FilterError) Error() string { return fmt.Sprintf("filter %d: %s", e.Index+1, e.Reason) }

// Node is the filter as a condition. kind is that of the field, 0 when it is not declared. An
// address field takes networks too, and so does a field that is not declared.
func (f Filter) Node(kind schema.Kind) (expr.Node, error) {
	switch {
	case f.Field == "" || len(f.Field) > maxFilterField || !utf8.ValidString(f.Field) || strings.ContainsAny(f.Field, "*\x00"):
		return nil, fmt.Errorf("its field is no name of a field")
	case len(f.Values) > expr.MaxNodes/10:
		return nil, fmt.Errorf("it has more than %d values", expr.MaxNodes/10)
	}
	exists := &expr.Predicate{Field: f.Field, Op: expr.Exists}
	op := f.Op
	if len(f.Values) == 0 {
		switch op {
		case Is, "":
			op = NotExists
		case IsNot:
			op = Exists
		}
	}
	switch op {
	case Exists:
		return exists, nil
	case NotExists:
		return &expr.Not{Node: exists}, nil
	case Is, IsNot, "":
	default:
		return nil, fmt.Errorf("there is no operation %q: is, is_not, exists, not_exists", f.Op)
	}
	nodes := make([]expr.Node, len(f.Values))
	for i, v := range f.Values {
		if !utf8.ValidString(v) || len(v) > maxFilterValue {
			return nil, fmt.Errorf("value %d is no valid text of at most %d KB", i+1, maxFilterValue>>10)
		}
		nodes[i] = equal(f.Field, v, kind.Element())
	}
	var n expr.Node = &expr.Or{Nodes: nodes}
	if len(nodes) == 1 {
		n = nodes[0]
	}
	if op == IsNot {
		n = &expr.Not{Node: n}
	}
	return n, nil
}

// equal holds for one value; an empty text is an absent one.
func equal(field, value string, kind schema.Kind) expr.Node {
	if value == "" {
		return &expr.Not{Node: &expr.Predicate{Field: field, Op: expr.Exists}}
	}
	if kind == schema.IP || kind == 0 {
		if net, ok := expr.ReadNet(value); ok {
			return &expr.Predicate{Field: field, Op: expr.CIDR, Text: value, Net: net}
		}
	}
	return &expr.Predicate{Field: field, Op: expr.Equal, Text: value, Quote: !plainValue.MatchString(value)}
}

// plainValue needs no quotes in any place.
var plainValue = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// filtered is a condition and the filters of the options.
func (p *planner) filtered(where expr.Node) (expr.Node, error) {
	if len(p.Filters) > maxFilters {
		return nil, &FilterError{maxFilters, fmt.Sprintf("there are more than %d filters", maxFilters)}
	}
	nodes := conjuncts(where)
	nodes = nodes[:len(nodes):len(nodes)]
	for i, f := range p.Filters {
		kind, _ := p.kind(f.Field)
		n, err := f.Node(kind)
		if err != nil {
			return nil, &FilterError{i, err.Error()}
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return &expr.And{Nodes: nodes}, nil
}
