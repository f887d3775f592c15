package logtype

import (
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// elements chooses elements of a list of objects.
type elements struct {
	counter int // of the scanner
	tests   []elementTest
	lead    int // a test that only elements with an item can pass, -1 = none
	last    bool
	id      int // helper state of the picked one
}

type elementTest struct {
	list   int // of the sub-path, counted by element
	kind   testKind
	absent bool
	values []string
	secret func(name string) bool
	lens   uint64 // bit n: a value of length n (mod 64) is among them
}

type testKind uint8

const (
	testPresent testKind = iota // and absent
	testStarts
	testFold
	testIn
	testSecret
)

func newElementTest(list int, t Test) elementTest {
	x := elementTest{list: list, values: t.Values, absent: t.Kind == "absent"}
	switch t.Kind {
	case "starts":
		x.kind = testStarts
	case "fold_in":
		x.kind = testFold
	case "in":
		x.kind = testIn
	case "secret":
		x.kind, x.secret = testSecret, secretTest(t.Values[0])
	}
	for _, v := range t.Values {
		x.lens |= 1 << (len(v) & 63)
	}
	return x
}

func (t *elementTest) item(e *env, v parse.Value) bool {
	if t.kind == testPresent {
		return v.Present()
	}
	s := v.Text
	if v.Kind == parse.Escaped {
		s = e.text(v)
	} else if !v.Scalar() {
		return false
	}
	if t.kind == testStarts {
		return strings.HasPrefix(s, t.values[0])
	}
	if t.kind == testSecret {
		return t.secret(s)
	}
	if t.lens&(1<<(len(s)&63)) == 0 {
		return false
	}
	for _, w := range t.values {
		if len(w) == len(s) && (s == w || t.kind == testFold && strings.EqualFold(s, w)) {
			return true
		}
	}
	return false
}

// passes tests one element.
func (x *elements) passes(e *env, elem int32) bool {
	for i := range x.tests {
		t := &x.tests[i]
		found := false
		for _, it := range e.sc.List(t.list) {
			if it.Elem == elem && t.item(e, it.Value) {
				found = true
				break
			}
		}
		if found == t.absent {
			return false
		}
	}
	return true
}

// each calls yield for every element that passes, in order, until it returns false.
func (x *elements) each(e *env, yield func(int32) bool) {
	if x.lead < 0 {
		for i := int32(0); i < e.sc.Elems(x.counter); i++ {
			if x.passes(e, i) && !yield(i) {
				return
			}
		}
		return
	}
	t := &x.tests[x.lead]
	before := int32(-1)
	for _, it := range e.sc.List(t.list) {
		if it.Elem != before && t.item(e, it.Value) && (len(x.tests) == 1 || x.passes(e, it.Elem)) {
			if !yield(it.Elem) {
				return
			}
			before = it.Elem
		}
	}
}

// picked is the chosen element, -1 = none; computed once per record.
func (x *elements) picked(e *env) int32 {
	st := &e.states[x.id]
	if st.record == e.record {
		return st.elem
	}
	st.record, st.elem = e.record, -1
	if x.lead < 0 {
		n := e.sc.Elems(x.counter)
		for i := int32(0); i < n; i++ {
			k := i
			if x.last {
				k = n - 1 - i
			}
			if x.passes(e, k) {
				st.elem = k
				break
			}
		}
		return st.elem
	}
	t := &x.tests[x.lead]
	items := e.sc.List(t.list)
	for i := range items {
		it := &items[i]
		if x.last {
			it = &items[len(items)-1-i]
		}
		if t.item(e, it.Value) && (len(x.tests) == 1 || x.passes(e, it.Elem)) {
			st.elem = it.Elem
			break
		}
	}
	return st.elem
}

// pickedSource is a sub-path of the picked element.
type pickedSource struct {
	of   *elements
	id   int // list of the sub-path
	many bool
}

func (s *pickedSource) value(e *env) parse.Value {
	items := e.sc.List(s.id)
	if len(items) == 0 {
		return parse.Value{}
	}
	if elem := s.of.picked(e); elem >= 0 {
		for i := range items {
			if items[i].Elem == elem {
				return items[i].Value
			}
		}
	}
	return parse.Value{}
}

func (s *pickedSource) values(e *env, out []parse.Value) []parse.Value {
	items := e.sc.List(s.id)
	if len(items) == 0 {
		return out
	}
	if elem := s.of.picked(e); elem >= 0 {
		for i := range items {
			if items[i].Elem == elem {
				out = append(out, items[i].Value)
			}
		}
	}
	return out
}
func (s *pickedSource) list() bool { return s.many }

// filteredSource is a sub-path of every element that passes.
type filteredSource struct {
	of *elements
	id int
}

func (s *filteredSource) value(e *env) parse.Value {
	v := e.borrow()
	v = s.values(e, v)
	var first parse.Value
	if len(v) > 0 {
		first = v[0]
	}
	e.giveBack(v)
	return first
}

func (s *filteredSource) values(e *env, out []parse.Value) []parse.Value {
	items := e.sc.List(s.id)
	if len(items) == 0 {
		return out
	}
	s.of.each(e, func(elem int32) bool {
		for i := range items {
			if items[i].Elem == elem {
				out = append(out, items[i].Value)
			}
		}
		return true
	})
	return out
}
func (s *filteredSource) list() bool { return true }
