package logtype

import (
	"iter"
	"math/bits"

	"github.com/yagura-siem/yagura/internal/parse"
)

// reads is what a source depends on in records of one shape.
type reads struct {
	// maybe is false when the source has no value in any record of the shape.
	maybe bool
	// bits are the slots and lists the value depends on, those of the shape only: what is absent
	// by the shape cannot make a difference between two records of it.
	bits   parse.Shape
	known  bool // it may depend on what is known of the object (@ names)
	opaque bool // it depends on something else
}

func (r *reads) also(o reads) {
	r.maybe = r.maybe || o.maybe
	r.known = r.known || o.known
	r.opaque = r.opaque || o.opaque
	r.bits.Or(&o.bits)
}

// each yields the bits.
func (r *reads) each() iter.Seq[parse.Bit] {
	return func(yield func(parse.Bit) bool) {
		for i, w := range r.bits {
			for ; w != 0; w &= w - 1 {
				if !yield(parse.Bit(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// only is the one bit there is; ok is false when there are none or several.
func (r *reads) only() (b parse.Bit, ok bool) {
	n := 0
	for x := range r.each() {
		b = x
		n++
	}
	return b, n == 1
}

// readsBit is what something depends on that is absent unless the shape has a bit.
func readsBit(b parse.Bit, in *parse.Shape) (r reads) {
	if b == parse.NoBit {
		return reads{maybe: true, opaque: true}
	}
	if in.Has(b) {
		r.maybe = true
		r.bits.Add(b)
	}
	return r
}

// readsOf finds out what a source depends on.
func readsOf(s source, in *parse.Shape) (r reads) {
	switch x := s.(type) {
	case slotSource:
		return readsBit(parse.SlotBit(x.slot), in)
	case listSource:
		return readsBit(parse.ListBit(x.id), in)
	case *pickedSource:
		return readsElements(x.of, x.id, in)
	case *filteredSource:
		return readsElements(x.of, x.id, in)
	case knownSource:
		return reads{maybe: true, known: true}
	case *constSource:
		return reads{maybe: len(x.vals) > 0}
	case *firstSource:
		for _, y := range x.of {
			o := readsOf(y, in)
			r.also(o)
			if _, plain := y.(slotSource); plain && o.maybe && !o.opaque {
				break // it is there, so nobody looks further
			}
		}
		return r
	case *concatSource:
		for _, y := range x.of {
			r.also(readsOf(y, in))
		}
		return r
	case *whenSource:
		for i, c := range x.ifs {
			cond := readsCondition(c, in)
			if !cond.maybe {
				continue
			}
			then := readsOf(x.then[i], in)
			r.also(then)
			cond.maybe = false
			r.also(cond)
		}
		if x.els != nil {
			r.also(readsOf(x.els, in))
		}
		return r
	case *joinSource:
		r.maybe = true
		for i := range x.parts {
			p := &x.parts[i]
			if p.src == nil {
				continue
			}
			o := readsOf(p.src, in)
			if !o.maybe && !p.optional {
				return reads{}
			}
			r.also(o)
		}
		return r
	case *sumSource:
		for _, y := range x.of {
			o := readsOf(y, in)
			if !o.maybe {
				return reads{}
			}
			r.also(o)
		}
		return r
	case *onceSource:
		return readsOf(x.of, in)
	case *opSource:
		return readsOf(x.of, in)
	case outSource:
		return readsOf(x.of.of, in)
	case *nestedSource:
		return readsOf(x.h.of, in)
	}
	return reads{maybe: true, opaque: true}
}

func readsElements(x *elements, list int, in *parse.Shape) reads {
	r := readsBit(parse.ListBit(list), in)
	if !r.maybe {
		return r
	}
	for i := range x.tests {
		t := readsBit(parse.ListBit(x.tests[i].list), in)
		if !t.maybe && !x.tests[i].absent {
			return reads{} // no element can pass
		}
		r.also(t)
	}
	return r
}

// readsCondition finds out what a condition depends on; maybe is false when it holds for no
// record of the shape.
func readsCondition(c condition, in *parse.Shape) (r reads) {
	switch x := c.(type) {
	case *predicate:
		return readsOf(x.src, in)
	case allOf:
		r.maybe = true
		for _, y := range x {
			o := readsCondition(y, in)
			if !o.maybe {
				return reads{}
			}
			r.also(o)
		}
		return r
	case anyOf:
		for _, y := range x {
			if o := readsCondition(y, in); o.maybe {
				r.also(o)
			}
		}
		return r
	case notOf:
		r = readsCondition(x.c, in)
		r.maybe = true
		return r
	}
	return reads{maybe: true, opaque: true}
}
