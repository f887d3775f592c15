// Package yamltext reads YAML that somebody else wrote: definitions, rules, dashboards, settings,
// from files and from the web. It stands before the YAML library, which takes quadratic time for
// some texts and goes down once for every sign of structure: what would cost too much is refused
// before. What the values mean is the business of the packages that ask.
package yamltext

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of the depth of a text. Nobody nests as deep by hand.
const (
	maxOpen  = 64 // brackets that begin a list or a map and are not closed
	maxMarks = 64 // signs of structure (- ? : ! &) in one line
)

// dear is what the library takes quadratic time for, with how many of it cost the whole budget.
var dear = [...]struct {
	name string
	most float64
}{
	keys:     {"keys", 8_000},
	items:    {"list items", 20_000},
	quotes:   {"quotes", 12_000},
	brackets: {"brackets", 10_000},
	odd:      {"signs that YAML keeps for itself (? & * ! % @ ` | >)", 4_000},
	commas:   {"commas", 20_000},
	lines:    {"lines", 8_000},
	size:     {"bytes", 1 << 20},
}

const (
	keys = iota
	items
	quotes
	brackets
	odd
	commas
	lines
	size
	kinds
)

// Budget bounds what the documents of one file cost together: about a second at most. The zero
// value is a whole budget.
type Budget struct{ spent float64 }

// Error says why a text is not read, and where.
type Error struct {
	Line, Column int // from 1
	Text         string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// Check is nil when the library may be given a text. The error is an *Error.
func Check(src []byte) error { return new(Budget).Check(src) }

// Parse reads a text with a whole budget. The error is an *Error.
func Parse(src []byte, options ...parser.Option) (*ast.File, error) {
	return new(Budget).Parse(src, options...)
}

var place = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

// Parse reads a document. The error is an *Error; a fault of the library itself is one, too.
func (b *Budget) Parse(src []byte, options ...parser.Option) (file *ast.File, err error) {
	if err := b.Check(src); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, &Error{1, 1, fmt.Sprintf("not readable as YAML: %v", r)}
		}
	}()
	file, err = parser.ParseBytes(src, 0, options...)
	if err == nil {
		return file, nil
	}
	m := place.FindStringSubmatch(err.Error())
	if m == nil {
		return nil, &Error{1, 1, fmt.Sprintf("not readable as YAML: %v", err)}
	}
	line, _ := strconv.Atoi(m[1])
	column, _ := strconv.Atoi(m[2])
	return nil, &Error{max(line, 1), max(column, 1), m[3]}
}

// Check takes from the budget what a document costs; one that is refused costs nothing. The error
// is an *Error.
func (b *Budget) Check(src []byte) error {
	var n [kinds]float64
	n[size] = float64(len(src))
	open, marks := 0, 0
	before := byte('\n') // the last byte that is no space
	for i, c := range src {
		end := i+1 == len(src) || src[i+1] <= ' '
		switch c {
		case '[', '{':
			n[brackets]++
			if bytes.IndexByte([]byte("\n:-?,[{"), before) >= 0 { // within prose it does not follow one of these
				open++
			}
		case ',':
			n[commas]++
			marks = 0 // what follows stands beside, not below
		case ']', '}':
			n[brackets]++
			open = max(open-1, 0)
		case '\n', '\r':
			n[lines]++
			marks = 0
		case ':':
			if end || i > 0 && (src[i-1] == '"' || src[i-1] == '\'') {
				n[keys]++
				marks++
			}
		case '-':
			if end {
				n[items]++
				marks++
			}
		case '?':
			if end {
				n[odd]++
				marks++
			}
		case '"', '\'':
			n[quotes]++
		case '%', '@', '`', '|', '>':
			n[odd]++
		case '&', '*', '!':
			if i == 0 || src[i-1] <= ' ' || before == '[' || before == '{' || before == ',' {
				n[odd]++
				marks++
			}
		}
		line := int(n[lines]) + 1
		switch {
		case open > maxOpen:
			return &Error{line, 1, fmt.Sprintf("more than %d open brackets", maxOpen)}
		case marks > maxMarks:
			return &Error{line, 1, fmt.Sprintf("more than %d keys or list items in one line", maxMarks)}
		}
		if c > ' ' || c == '\n' && bytes.IndexByte([]byte(":-?,[{"), before) < 0 {
			before = c
		}
	}
	most, cost := 0, 0.0
	for k := range n {
		x := n[k] / dear[k].most
		cost += x * x
		if x > n[most]/dear[most].most {
			most = k
		}
	}
	if b.spent+cost > 1 {
		return &Error{1, 1, fmt.Sprintf("too much to read: %.0f %s in one file", n[most], dear[most].name)}
	}
	b.spent += cost
	return nil
}
