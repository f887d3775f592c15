package logtype

import (
	"math"
	"strconv"

	"github.com/yagura-siem/yagura/internal/parse"
)

// source computes a native value of the record in env.
type source interface {
	// value is the single value, or the first of a list; Absent when there is none.
	value(e *env) parse.Value
	// values appends all present values.
	values(e *env, out []parse.Value) []parse.Value
	// list reports whether there may be several.
	list() bool
}

// numeric is a source that computes a number; exact text is only made when it is asked for.
type numeric interface {
	number(e *env) (float64, bool)
}

func appendPresent(out []parse.Value, v parse.Value) []parse.Value {
	if v.Present() {
		return append(out, v)
	}
	return out
}

// slotSource is a single value at a path.
type slotSource struct{ slot int }

func (s slotSource) value(e *env) parse.Value { return e.sc.Value(s.slot) }
func (s slotSource) values(e *env, out []parse.Value) []parse.Value {
	return appendPresent(out, e.sc.Value(s.slot))
}
func (s slotSource) list() bool { return false }

// listSource is all values at a path with list steps.
type listSource struct{ id int }

func (s listSource) value(e *env) parse.Value {
	if l := e.sc.List(s.id); len(l) > 0 {
		return l[0].Value
	}
	return parse.Value{}
}

func (s listSource) values(e *env, out []parse.Value) []parse.Value {
	for _, it := range e.sc.List(s.id) {
		out = append(out, it.Value)
	}
	return out
}
func (s listSource) list() bool { return true }

// knownSource is something known of the object or the envelope.
type knownSource struct{ id int }

func (s knownSource) value(e *env) parse.Value { return e.known[s.id] }
func (s knownSource) values(e *env, out []parse.Value) []parse.Value {
	return appendPresent(out, e.known[s.id])
}
func (s knownSource) list() bool { return false }

// constSource is a constant.
type constSource struct {
	vals []parse.Value
	many bool
}

func (s *constSource) value(*env) parse.Value {
	if len(s.vals) == 0 {
		return parse.Value{}
	}
	return s.vals[0]
}
func (s *constSource) values(_ *env, out []parse.Value) []parse.Value { return append(out, s.vals...) }
func (s *constSource) list() bool                                     { return s.many }

// firstSource is the first present value of several.
type firstSource struct{ of []source }

func (s *firstSource) value(e *env) parse.Value {
	for _, x := range s.of {
		if v := x.value(e); v.Present() {
			return v
		}
	}
	return parse.Value{}
}

func (s *firstSource) values(e *env, out []parse.Value) []parse.Value {
	n := len(out)
	for _, x := range s.of {
		if out = x.values(e, out); len(out) > n {
			return out
		}
	}
	return out
}
func (s *firstSource) list() bool { return anyList(s.of) }

func anyList(of []source) bool {
	for _, x := range of {
		if x.list() {
			return true
		}
	}
	return false
}

// concatSource is the list of all present values of several.
type concatSource struct{ of []source }

func (s *concatSource) value(e *env) parse.Value { return (&firstSource{s.of}).value(e) }
func (s *concatSource) values(e *env, out []parse.Value) []parse.Value {
	for _, x := range s.of {
		out = x.values(e, out)
	}
	return out
}
func (s *concatSource) list() bool { return true }

// whenSource is the value of the first case that holds.
type whenSource struct {
	ifs  []condition
	then []source
	els  source // may be nil
}

func (s *whenSource) pick(e *env) source {
	for i, c := range s.ifs {
		if c.holds(e) {
			return s.then[i]
		}
	}
	return s.els
}

func (s *whenSource) value(e *env) parse.Value {
	if x := s.pick(e); x != nil {
		return x.value(e)
	}
	return parse.Value{}
}

func (s *whenSource) values(e *env, out []parse.Value) []parse.Value {
	if x := s.pick(e); x != nil {
		return x.values(e, out)
	}
	return out
}

func (s *whenSource) list() bool { return anyList(s.then) || s.els != nil && s.els.list() }

// joinSource puts texts together.
type joinSource struct{ parts []joinPart }

type joinPart struct {
	text           string
	src            source
	optional       bool
	prefix, suffix string
}

func (s *joinSource) value(e *env) parse.Value {
	only, n := -1, 0
	vals := e.borrow()
	for i, p := range s.parts {
		var v parse.Value
		if p.src != nil {
			v = p.src.value(e)
			if v.Kind == parse.Escaped || v.Kind == parse.Quoted {
				v = textValue(e.text(v))
			}
			if !v.Scalar() {
				if !p.optional {
					e.giveBack(vals)
					return parse.Value{}
				}
				v = parse.Value{}
			} else {
				n += len(p.prefix) + len(v.Text) + len(p.suffix)
				if only == -1 && p.prefix == "" && p.suffix == "" {
					only = i
				} else {
					only = -2
				}
			}
		} else {
			n += len(p.text)
			only = -2
		}
		vals = append(vals, v)
	}
	if only >= 0 {
		v := vals[only]
		e.giveBack(vals)
		return v
	}
	b := e.sc.Arena.Reserve(n)
	for i, p := range s.parts {
		switch {
		case p.src == nil:
			b = append(b, p.text...)
		case vals[i].Present():
			b = append(append(append(b, p.prefix...), vals[i].Text...), p.suffix...)
		}
	}
	e.giveBack(vals)
	return textValue(e.sc.Arena.Commit(b))
}

func (s *joinSource) values(e *env, out []parse.Value) []parse.Value {
	return appendPresent(out, s.value(e))
}
func (s *joinSource) list() bool { return false }

// sumSource adds numbers up, or subtracts; absent when one is missing.
type sumSource struct {
	of    []source
	minus bool
	scale float64
}

func (s *sumSource) number(e *env) (float64, bool) {
	total := 0.0
	for i, x := range s.of {
		f, ok := numberOf(e, x)
		if !ok {
			return 0, false
		}
		if s.minus && i > 0 {
			f = -f
		}
		total += f
	}
	return total * s.scale, true
}

func (s *sumSource) value(e *env) parse.Value {
	f, ok := s.number(e)
	if !ok || math.IsInf(f, 0) || math.IsNaN(f) {
		return parse.Value{}
	}
	b := strconv.AppendFloat(e.sc.Arena.Reserve(400), f, 'f', -1, 64)
	return parse.Value{Text: e.sc.Arena.Commit(b), Kind: parse.Number}
}
func (s *sumSource) values(e *env, out []parse.Value) []parse.Value {
	return appendPresent(out, s.value(e))
}
func (s *sumSource) list() bool { return false }

func numberOf(e *env, x source) (float64, bool) {
	if n, ok := x.(numeric); ok {
		return n.number(e)
	}
	v := x.value(e)
	if !v.Scalar() {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// onceSource computes a helper's value once per record.
type onceSource struct {
	of source
	id int
}

func (s *onceSource) value(e *env) parse.Value {
	st := &e.states[s.id]
	if st.record != e.record {
		st.value, st.record = s.of.value(e), e.record
	}
	return st.value
}

func (s *onceSource) values(e *env, out []parse.Value) []parse.Value {
	if s.of.list() {
		return s.of.values(e, out)
	}
	return appendPresent(out, s.value(e))
}
func (s *onceSource) list() bool { return s.of.list() }

// outSource is one output of a helper that takes a text apart.
type outSource struct {
	of  *parsedHelper
	out int
}

func (s outSource) value(e *env) parse.Value {
	v := s.of.outputs(e)[s.out]
	if v == "" || e.sc.IsNull(v) {
		return parse.Value{}
	}
	return parse.Value{Text: v, Kind: parse.Text}
}
func (s outSource) values(e *env, out []parse.Value) []parse.Value {
	return appendPresent(out, s.value(e))
}
func (s outSource) list() bool { return false }
