package event

import (
	"hash/maphash"
	"slices"
	"strings"
	"unsafe"
)

// Dict gives each distinct text of a column a small number. Long values alias the buffer they
// were read from: whoever fills a Dict keeps that buffer alive and unchanged until the batch
// is written. The zero value is ready to use. Not safe for concurrent use.
type Dict struct {
	Values []string // by code

	table []slot  // open addressing
	next  []int32 // by code: the code that came after it the last time
	last  int32   // code of the last answer
	block []byte  // short values, side by side
}

// slot is an entry of the hash table; code+1, 0 is free.
type slot struct {
	hash uint32
	code int32
}

// maxCopied is the length up to which values are copied.
const maxCopied = 128

// maxPredicted bounds the dictionaries for which the order of values is remembered: in larger
// ones it hardly repeats and looking costs more than it saves.
const maxPredicted = 4096

var dictSeed = maphash.MakeSeed()

// Code returns the number of a value, adding it if it is new. The value given last and the one
// that followed it the last time are looked at first.
func (d *Dict) Code(v []byte) int32 {
	if len(d.Values) == 0 {
		return d.code(v)
	}
	last := d.last
	if p := d.Values[last]; len(p) == len(v) && p == string(v) {
		return last
	}
	if len(d.next) > 0 && len(d.Values) <= maxPredicted {
		next := d.next[last]
		if p := d.Values[next]; len(p) == len(v) && p == string(v) {
			d.last = next
			return next
		}
		c := d.code(v)
		d.next[last] = c
		return c
	}
	return d.code(v)
}

// CodeString is Code for a string that outlives the batch.
func (d *Dict) CodeString(v string) int32 {
	return d.Code(unsafe.Slice(unsafe.StringData(v), len(v)))
}

// CodeCopy is Code for a text that may not outlive the batch: it is copied when it is new.
func (d *Dict) CodeCopy(v string) int32 {
	if len(v) > maxCopied {
		if n := d.Find(v); n >= 0 {
			return n
		}
		v = strings.Clone(v)
	}
	return d.CodeString(v)
}

// Reserve makes room for about n different values ahead.
func (d *Dict) Reserve(n int) {
	if n <= cap(d.Values) {
		return
	}
	d.Values = slices.Grow(d.Values, n-len(d.Values))
	size := 16
	for size*3 < n*4 {
		size *= 2
	}
	if size > len(d.table) {
		d.resize(size)
	}
}

// Find returns the number of a value, or -1 if the dictionary does not have it.
func (d *Dict) Find(v string) int32 {
	if len(d.table) == 0 {
		return -1
	}
	h := hash(unsafe.Slice(unsafe.StringData(v), len(v)))
	mask := uint32(len(d.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		c := d.table[i]
		if c.code == 0 {
			return -1
		}
		if c.hash == h && d.Values[c.code-1] == v {
			return c.code - 1
		}
	}
}

func (d *Dict) code(v []byte) int32 {
	if len(d.Values)*4 >= len(d.table)*3 {
		d.resize(max(16, len(d.table)*2))
	}
	h := hash(v)
	mask := uint32(len(d.table) - 1)
	i := h & mask
	for {
		c := d.table[i]
		if c.code == 0 {
			break
		}
		if c.hash == h && d.Values[c.code-1] == string(v) {
			d.last = c.code - 1
			return d.last
		}
		i = (i + 1) & mask
	}
	d.Values = append(d.Values, d.keep(v))
	n := int32(len(d.Values))
	if n <= maxPredicted {
		d.next = append(d.next, n-1)
	}
	d.table[i] = slot{h, n}
	d.last = n - 1
	return d.last
}

// keep returns the text of a new value. Short ones are copied side by side: the buffer they came
// from is so large that looking there again would miss every cache.
func (d *Dict) keep(v []byte) string {
	if len(v) > maxCopied {
		return unsafe.String(unsafe.SliceData(v), len(v))
	}
	if cap(d.block)-len(d.block) < len(v) {
		d.block = make([]byte, 0, min(64<<10, max(256, 2*cap(d.block))))
	}
	from := len(d.block)
	d.block = append(d.block, v...)
	return unsafe.String(unsafe.SliceData(d.block[from:]), len(v))
}

func (d *Dict) resize(n int) {
	old := d.table
	d.table = make([]slot, n)
	mask := uint32(n - 1)
	for _, c := range old {
		if c.code == 0 {
			continue
		}
		i := c.hash & mask
		for d.table[i].code != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = c
	}
}

func hash(v []byte) uint32 {
	h := maphash.Bytes(dictSeed, v)
	return uint32(h ^ h>>32)
}
