package codes

import (
	"fmt"
	"math"

	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// Decoder makes columns of unpacked chunks. Its buffers are used again; not safe for
// concurrent use.
type Decoder struct {
	codes []uint32
	remap []uint32
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
		spread := make([]uint32, len(k.Levels))
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
	ends, err := listEnds(k)
	if err != nil {
		return err
	}
	c.Ends = ends
	c.pack(codes, n)
	return nil
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

// Leaves is the keys of a map column.
type Leaves struct {
	Keys  *Column  // a list
	Names []string // the keys by code
}

// Bytes is about the memory in use.
func (l *Leaves) Bytes() int64 {
	n := l.Keys.Bytes()
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
	l := &Leaves{Keys: &Column{Rows: k.Rows}, Names: make([]string, n)}
	for i := range n {
		at := i
		if k.Plain {
			at = int(d.remap[i])
		}
		l.Names[i] = string(k.Values.At(at))
	}
	return l, d.rows(l.Keys, k, pq.List, codes, n)
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
	rows := l.Keys.Rows
	if !any {
		return Nothing(rows), nil
	}
	codes, n := k.Codes, k.Values.Len()
	if k.Plain {
		codes, n = d.textCodes(&k.Values)
	}
	if rows > 0 && len(codes) != int(l.Keys.Ends[rows-1]) {
		return nil, fmt.Errorf("%w: %d keys for %d values", pq.ErrFormat, l.Keys.Ends[rows-1], len(codes))
	}
	renumber := make([]uint32, n) // new code + 1
	var used, kept []uint32       // old codes; new codes of the elements
	ends := make([]uint32, rows)
	for r := range rows {
		from, to := l.Keys.Span(r)
		for i := from; i < to; i++ {
			if !take[l.Keys.At(int(i))] {
				continue
			}
			code := codes[i]
			if renumber[code] == 0 {
				used = append(used, code)
				renumber[code] = uint32(len(used))
			}
			kept = append(kept, renumber[code]-1)
		}
		ends[r] = uint32(len(kept))
	}
	value := func(i int) []byte { return k.Values.At(int(used[i])) }
	if k.Plain {
		value = func(i int) []byte { return k.Values.At(int(d.remap[used[i]])) }
	}
	// An empty text is no value.
	empty := -1
	for i := range used {
		if len(value(i)) == 0 {
			empty = i
		}
	}
	if empty >= 0 {
		kept, ends = without(kept, ends, uint32(empty))
	}
	if len(kept) == 0 {
		return Nothing(rows), nil
	}
	c := &Column{Rows: rows, Dict: dict, IDs: make([]uint32, len(used)), Ends: ends}
	if err := dict.Add(c.IDs, value); err != nil {
		return nil, err
	}
	c.pack(kept, len(used))
	return c, nil
}

// without drops a code from lists.
func without(codes, ends []uint32, code uint32) (kept, keptEnds []uint32) {
	at := uint32(0)
	for _, end := range ends {
		for ; at < end; at++ {
			if codes[at] != code {
				kept = append(kept, codes[at])
			}
		}
		keptEnds = append(keptEnds, uint32(len(kept)))
	}
	return kept, keptEnds
}
