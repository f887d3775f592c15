package codes

import (
	"fmt"
	"math"
	"slices"

	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// Decoder makes columns of unpacked chunks. Its buffers are used again; not safe for
// concurrent use.
type Decoder struct {
	codes []uint32
	remap []uint32
	lists []uint32 // slots of distinct lists
	dedup []uint32
	rowed []uint32 // codes by row, before they are packed
	texts map[string]uint32
	ints  map[int64]uint32
}

// Texts makes a column of a chunk of texts, its values numbered by dict.
func (d *Decoder) Texts(k *pq.Chunk, shape pq.Shape, dict *Dict) (*Column, error) {
	c := &Column{Rows: k.Rows, Dict: dict}
	codes, n := k.Codes, k.Values.Len()
	if k.Plain {
		codes, n = d.textCodes(&k.Values)
	}
	if n == 0 {
		return Nothing(k.Rows), nil
	}
	c.IDs = make([]uint32, n)
	value := k.Values.At
	if k.Plain {
		first := d.remap[:n] // the first value with a code
		value = func(i int) []byte { return k.Values.At(int(first[i])) }
	}
	if err := dict.Add(c.IDs, value); err != nil {
		return nil, err
	}
	if err := d.rows(c, k, shape, codes, n); err != nil {
		return nil, err
	}
	return c, nil
}

// textCodes numbers plain values; d.remap then holds the first value of each number.
func (d *Decoder) textCodes(v *pq.Values) ([]uint32, int) {
	if d.texts == nil {
		d.texts = map[string]uint32{}
	}
	clear(d.texts)
	d.codes, d.remap = d.codes[:0], d.remap[:0]
	for i := range v.Len() {
		code, ok := d.texts[string(v.At(i))]
		if !ok {
			code = uint32(len(d.remap))
			d.texts[string(v.At(i))] = code
			d.remap = append(d.remap, uint32(i))
		}
		d.codes = append(d.codes, code)
	}
	return d.codes, len(d.remap)
}

// Numbers makes a column of a chunk of numbers. Floats lose the sign of zero.
func (d *Decoder) Numbers(k *pq.Chunk, shape pq.Shape, float bool) (*Column, error) {
	c := &Column{Rows: k.Rows}
	vals := k.Values.Ints
	if float {
		for i, v := range vals {
			if math.Float64frombits(uint64(v)) == 0 {
				vals[i] = 0
			}
		}
	}
	codes := k.Codes
	if k.Plain {
		codes = d.intCodes(vals)
		vals = make([]int64, len(d.ints))
		for v, code := range d.ints {
			vals[code] = v
		}
		c.Ints = vals
	} else {
		c.Ints = append(make([]int64, 0, len(vals)), vals...)
	}
	if len(vals) == 0 {
		return Nothing(k.Rows), nil
	}
	if err := d.rows(c, k, shape, codes, len(vals)); err != nil {
		return nil, err
	}
	return c, nil
}

func (d *Decoder) intCodes(vals []int64) []uint32 {
	if d.ints == nil {
		d.ints = map[int64]uint32{}
	}
	clear(d.ints)
	d.codes = d.codes[:0]
	for _, v := range vals {
		code, ok := d.ints[v]
		if !ok {
			code = uint32(len(d.ints))
			d.ints[v] = code
		}
		d.codes = append(d.codes, code)
	}
	return d.codes
}

// rows lays the codes of present values out by row.
func (d *Decoder) rows(c *Column, k *pq.Chunk, shape pq.Shape, codes []uint32, n int) error {
	switch shape {
	case pq.Required, pq.Optional:
		if len(k.Levels) == 0 {
			if len(codes) != k.Rows {
				return fmt.Errorf("%w: %d values in %d rows", pq.ErrFormat, len(codes), k.Rows)
			}
			c.pack(codes, n)
			return nil
		}
		spread := slices.Grow(d.rowed[:0], len(k.Levels))[:len(k.Levels)]
		d.rowed = spread
		next := 0
		for i, l := range k.Levels {
			if l == 0 {
				spread[i] = uint32(n)
				continue
			}
			spread[i] = codes[next]
			next++
		}
		c.pack(spread, n)
		return nil
	}
	if len(codes) == 0 {
		*c = *Nothing(k.Rows)
		return nil
	}
	return d.numberLists(c, k.Rows, codes, func(yield func(n int)) {
		elements := -1 // of the row so far; -1 before the first row
		for i, l := range k.Levels {
			if k.Repeats[i] == 0 {
				if elements >= 0 {
					yield(elements)
				}
				elements = 0
			}
			if l == 2 {
				elements++
			}
		}
		if elements >= 0 {
			yield(elements)
		}
	})
}

// numberLists numbers the distinct lists of a column: each calls back with the number of
// elements of every row, which stand in codes one after another.
func (d *Decoder) numberLists(c *Column, rows int, codes []uint32, each func(yield func(n int))) error {
	slots := 1 << 10
	if len(d.lists) < slots {
		d.lists = make([]uint32, slots)
	}
	clear(d.lists)
	out := slices.Grow(d.rowed[:0], rows)
	last, at := uint32(0), 0
	c.Ends = []uint32{}
	each(func(n int) {
		if n == 0 {
			out = append(out, ^uint32(0))
			return
		}
		elems := d.distinct(c, codes[at:at+n])
		at += n
		if len(c.Ends) == 0 || !equal(c.List(last), elems) {
			last = d.list(c, elems)
		}
		out = append(out, last)
	})
	d.rowed = out
	if len(out) != rows || at != len(codes) {
		return fmt.Errorf("%w: lists of %d rows, want %d", pq.ErrFormat, len(out), rows)
	}
	n := len(c.Ends)
	for i, v := range out {
		if v == ^uint32(0) {
			out[i] = uint32(n)
		}
	}
	c.pack(out, n)
	return nil
}

func equal(a, b []uint32) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}

// distinct is the elements of a list without those whose value it has already.
func (d *Decoder) distinct(c *Column, elems []uint32) []uint32 {
	for i, e := range elems[1:] {
		if c.has(elems[:i+1], e) {
			d.dedup = d.dedup[:0]
			for _, e := range elems {
				if !c.has(d.dedup, e) {
					d.dedup = append(d.dedup, e)
				}
			}
			return d.dedup
		}
	}
	return elems
}

// has reports whether a value is among elements: two codes may stand for one value.
func (c *Column) has(elems []uint32, code uint32) bool {
	for _, o := range elems {
		if o == code || c.IDs != nil && c.IDs[o] == c.IDs[code] {
			return true
		}
	}
	return false
}

// list is the number of a list, new or known.
func (d *Decoder) list(c *Column, elems []uint32) uint32 {
	if 2*len(c.Ends) >= len(d.lists) {
		d.lists = make([]uint32, 2*len(d.lists))
		for l := range c.Ends {
			i := hashList(c.List(uint32(l))) & uint64(len(d.lists)-1)
			for d.lists[i] != 0 {
				i = (i + 1) & uint64(len(d.lists)-1)
			}
			d.lists[i] = uint32(l + 1)
		}
	}
	mask := uint64(len(d.lists) - 1)
	for i := hashList(elems) & mask; ; i = (i + 1) & mask {
		l := d.lists[i]
		if l == 0 {
			c.Elems = append(c.Elems, elems...)
			c.Ends = append(c.Ends, uint32(len(c.Elems)))
			d.lists[i] = uint32(len(c.Ends))
			return uint32(len(c.Ends) - 1)
		}
		if equal(c.List(l-1), elems) {
			return l - 1
		}
	}
}

func hashList(elems []uint32) uint64 {
	h := uint64(len(elems))
	for _, e := range elems {
		h = (h ^ uint64(e)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

// Leaves is the keys of a map column.
type Leaves struct {
	Names []string // the keys by code
	codes []uint32 // of each entry
	ends  []uint32 // of the entries of each row
}

// Bytes is about the memory in use.
func (l *Leaves) Bytes() int64 {
	n := 64 + 4*int64(cap(l.codes)+cap(l.ends))
	for _, name := range l.Names {
		n += int64(len(name)) + 16
	}
	return n
}

// Keys makes the keys of a map column.
func (d *Decoder) Keys(k *pq.Chunk) (*Leaves, error) {
	codes, n := k.Codes, k.Values.Len()
	if k.Plain {
		codes, n = d.textCodes(&k.Values)
	}
	ends, err := listEnds(k)
	if err != nil {
		return nil, err
	}
	l := &Leaves{Names: make([]string, n), codes: slices.Clone(codes), ends: ends}
	for i := range n {
		at := i
		if k.Plain {
			at = int(d.remap[i])
		}
		l.Names[i] = string(k.Values.At(at))
	}
	return l, nil
}

// listEnds counts the present elements up to the end of each row.
func listEnds(k *pq.Chunk) ([]uint32, error) {
	ends := make([]uint32, 0, k.Rows)
	elements := uint32(0)
	for i, l := range k.Levels {
		if k.Repeats[i] == 0 && i > 0 {
			ends = append(ends, elements)
		}
		if l == 2 {
			elements++
		}
	}
	if k.Rows > 0 {
		ends = append(ends, elements)
	}
	if len(ends) != k.Rows {
		return nil, fmt.Errorf("%w: lists of %d rows, want %d", pq.ErrFormat, len(ends), k.Rows)
	}
	return ends, nil
}

// Leaf makes a list column of the values in k, the values of the map, under the keys that wanted
// accepts.
func (d *Decoder) Leaf(l *Leaves, k *pq.Chunk, wanted func(name string) bool, dict *Dict) (*Column, error) {
	take := make([]bool, len(l.Names)+1)
	any := false
	for i, name := range l.Names {
		take[i] = wanted(name)
		any = any || take[i]
	}
	rows := len(l.ends)
	if !any {
		return Nothing(rows), nil
	}
	codes, n := k.Codes, k.Values.Len()
	if k.Plain {
		codes, n = d.textCodes(&k.Values)
	}
	if k.Rows != rows || len(codes) != len(l.codes) {
		return nil, fmt.Errorf("%w: %d keys for %d values", pq.ErrFormat, len(l.codes), len(codes))
	}
	text := func(code uint32) []byte {
		if k.Plain {
			code = d.remap[code]
		}
		return k.Values.At(int(code))
	}
	renumber := make([]uint32, n)      // new code + 1
	var used, kept []uint32            // old codes; new codes of the elements
	lengths := make([]uint32, 0, rows) // elements of each row
	for r, i := 0, uint32(0); r < rows; r++ {
		before := len(kept)
		for ; i < l.ends[r]; i++ {
			code := codes[i]
			if !take[l.codes[i]] || len(text(code)) == 0 { // an empty text is no value
				continue
			}
			if renumber[code] == 0 {
				used = append(used, code)
				renumber[code] = uint32(len(used))
			}
			kept = append(kept, renumber[code]-1)
		}
		lengths = append(lengths, uint32(len(kept)-before))
	}
	if len(kept) == 0 {
		return Nothing(rows), nil
	}
	c := &Column{Rows: rows, Dict: dict, IDs: make([]uint32, len(used))}
	if err := dict.Add(c.IDs, func(i int) []byte { return text(used[i]) }); err != nil {
		return nil, err
	}
	return c, d.numberLists(c, rows, kept, func(yield func(n int)) {
		for _, n := range lengths {
			yield(int(n))
		}
	})
}
