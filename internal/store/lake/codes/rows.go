package codes

import "math/bits"

// Rows is a set of rows of a row group: all, none, or those whose bit is set.
type Rows struct {
	All, None bool
	Bits      []uint64 // bits beyond the last row are zero
}

// Arena lends slices for the time of one row group; Reset takes all back.
type Arena struct {
	words [][]uint64
	nextW int
	nums  [][]uint32
	nextN int
}

// Reset takes back what was lent.
func (a *Arena) Reset() { a.nextW, a.nextN = 0, 0 }

// Words lends n words, all zero.
func (a *Arena) Words(n int) []uint64 {
	if a.nextW == len(a.words) {
		a.words = append(a.words, nil)
	}
	w := a.words[a.nextW]
	if cap(w) < n {
		w = make([]uint64, n)
	}
	w = w[:n]
	clear(w)
	a.words[a.nextW] = w
	a.nextW++
	return w
}

// Nums lends room for n numbers, of any content.
func (a *Arena) Nums(n int) []uint32 {
	if a.nextN == len(a.nums) {
		a.nums = append(a.nums, nil)
	}
	w := a.nums[a.nextN]
	if w == nil || cap(w) < n { // never nil: that would stand for all rows
		w = make([]uint32, n)
	}
	w = w[:n]
	a.nums[a.nextN] = w
	a.nextN++
	return w
}

func words(rows int) int { return (rows + 63) / 64 }

// Range is the rows in [from, to).
func Range(a *Arena, rows, from, to int) Rows {
	switch {
	case from >= to:
		return Rows{None: true}
	case from <= 0 && to >= rows:
		return Rows{All: true}
	}
	w := a.Words(words(rows))
	for i := from; i < to; {
		if i&63 == 0 && to-i >= 64 {
			w[i>>6] = ^uint64(0)
			i += 64
			continue
		}
		w[i>>6] |= 1 << (i & 63)
		i++
	}
	return Rows{Bits: w}
}

// Not is the other rows.
func (r Rows) Not(a *Arena, rows int) Rows {
	switch {
	case r.All:
		return Rows{None: true}
	case r.None:
		return Rows{All: true}
	}
	w := a.Words(len(r.Bits))
	for i, v := range r.Bits {
		w[i] = ^v
	}
	trim(w, rows)
	return Rows{Bits: w}
}

func trim(w []uint64, rows int) {
	if n := rows & 63; n != 0 && len(w) > 0 {
		w[len(w)-1] &= 1<<n - 1
	}
}

// And is the rows in both.
func (r Rows) And(a *Arena, o Rows) Rows {
	switch {
	case r.None || o.All:
		return r
	case o.None || r.All:
		return o
	}
	w := a.Words(len(r.Bits))
	any := uint64(0)
	for i, v := range r.Bits {
		w[i] = v & o.Bits[i]
		any |= w[i]
	}
	return Rows{Bits: w, None: any == 0}
}

// Or is the rows in one of them.
func (r Rows) Or(a *Arena, o Rows) Rows {
	switch {
	case r.All || o.None:
		return r
	case o.All || r.None:
		return o
	}
	w := a.Words(len(r.Bits))
	for i, v := range r.Bits {
		w[i] = v | o.Bits[i]
	}
	return Rows{Bits: w}
}

// Count is the number of rows in the set, of rows in all.
func (r Rows) Count(rows int) int {
	switch {
	case r.All:
		return rows
	case r.None:
		return 0
	}
	n := 0
	for _, w := range r.Bits {
		n += bits.OnesCount64(w)
	}
	return n
}

// List is the rows of the set in order; nil stands for all.
func (r Rows) List(a *Arena, rows int) []uint32 {
	if r.All {
		return nil
	}
	n := r.Count(rows)
	if n == rows {
		return nil
	}
	out := a.Nums(n)
	at := 0
	for i, w := range r.Bits {
		if r.None {
			break
		}
		for ; w != 0; w &= w - 1 {
			out[at] = uint32(i<<6 + bits.TrailingZeros64(w))
			at++
		}
	}
	return out
}

// Where is the rows with a value that fits: fit[code] is 1 or 0. It has a place for the code
// of no value, which is 0; for lists it is by element.
func (c *Column) Where(a *Arena, fit []uint8) Rows {
	if c.Ends != nil {
		fit = c.fitLists(fit)
	}
	hits := 0
	for _, f := range fit[:c.Size] {
		hits += int(f)
	}
	switch {
	case hits == 0:
		return Rows{None: true}
	case c.Same:
		return Rows{All: true}
	}
	w := a.Words(words(c.Rows))
	switch {
	case c.C8 != nil:
		where(w, c.C8, fit)
	case c.C16 != nil:
		where(w, c.C16, fit)
	default:
		where(w, c.C32, fit)
	}
	return Rows{Bits: w}
}

// fitLists says which lists have an element that fits.
func (c *Column) fitLists(fit []uint8) []uint8 {
	out := make([]uint8, c.Size+1)
	for l := range c.Size {
		for _, e := range c.List(uint32(l)) {
			out[l] |= fit[e]
		}
	}
	return out
}

func where[T uint8 | uint16 | uint32](w []uint64, codes []T, fit []uint8) {
	for i := range w {
		block := codes[i*64 : min(i*64+64, len(codes))]
		v := uint64(0)
		for j, c := range block {
			v |= uint64(fit[c]) << j
		}
		w[i] = v
	}
}
