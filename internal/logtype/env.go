package logtype

import (
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
)

// env is what the values of one log type are computed from: the record being read and what is
// remembered while it is. One per reader and type.
type env struct {
	sc      *parse.Scanner
	known   []parse.Value // @ names, by number
	record  uint64        // number of the record, so that helpers are computed once
	states  []helperState // by helper
	nested  []nestedState // by helper that decodes JSON
	hashes  []string      // of masked places, "" = none
	regexes []map[string]memo
	vals    [][]parse.Value // scratch stack for lists
	depth   int
	block   *event.Buffer // what the texts of the record alias
	fails   int           // conversions of this record that did not work
}

type helperState struct {
	record uint64
	block  *event.Buffer // what out aliases
	elem   int32
	value  parse.Value
	out    []string
}

type nestedState struct {
	record uint64
	sc     *parse.Scanner
	ok     bool
}

type memo struct {
	text string
	ok   bool
}

// text is the text of a scalar without escapes; "" for anything else.
func (e *env) text(v parse.Value) string {
	switch v.Kind {
	case parse.Text, parse.Number, parse.True, parse.False:
		return v.Text
	case parse.Escaped:
		return e.sc.Arena.Unescape(v.Text)
	case parse.Quoted:
		return e.unquote(v.Text)
	}
	return ""
}

// unquote takes the backslash from before quotes.
func (e *env) unquote(s string) string {
	b := e.sc.Arena.Reserve(len(s))
	for {
		i := strings.Index(s, `\"`)
		if i < 0 {
			return e.sc.Arena.Commit(append(b, s...))
		}
		b = append(append(b, s[:i]...), '"')
		s = s[i+2:]
	}
}

// textValue makes a text a value; the empty one is absent.
func textValue(s string) parse.Value {
	if s == "" {
		return parse.Value{}
	}
	return parse.Value{Text: s, Kind: parse.Text}
}

// borrow hands out a scratch list; give it back with giveBack. They nest.
func (e *env) borrow() []parse.Value {
	if e.depth == len(e.vals) {
		e.vals = append(e.vals, nil)
	}
	e.depth++
	return e.vals[e.depth-1][:0]
}

func (e *env) giveBack(v []parse.Value) {
	e.depth--
	e.vals[e.depth] = v
}
