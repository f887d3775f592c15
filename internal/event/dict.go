package event

import (
	"hash/maphash"
	"unsafe"
)

// Dict gives each distinct text of a column a small number. Values may alias the buffer they
// were read from: whoever fills a Dict keeps that buffer alive and unchanged until the batch
// is written. The zero value is ready to use. Not safe for concurrent use.
type Dict struct {
	Values []string // by code

	table  []int32 // open addressing, code+1; 0 is free
	hashes []uint32
	last   int32 // code of the last answer, the best guess for the next
}

var dictSeed = maphash.MakeSeed()

// Code returns the number of a value, adding it if it is new.
func (d *Dict) Code(v []byte) int32 {
	if len(d.Values) > 0 {
		if p := d.Values[d.last]; len(p) == len(v) && p == string(v) {
			return d.last
		}
	}
	return d.code(v)
}

// CodeString is Code for a string that outlives the batch.
func (d *Dict) CodeString(v string) int32 {
	return d.Code(unsafe.Slice(unsafe.StringData(v), len(v)))
}

// Find returns the number of a value, or -1 if the dictionary does not have it.
func (d *Dict) Find(v string) int32 {
	if len(d.table) == 0 {
		return -1
	}
	mask := uint32(len(d.table) - 1)
	for i := hash(unsafe.Slice(unsafe.StringData(v), len(v))) & mask; ; i = (i + 1) & mask {
		c := d.table[i]
		if c == 0 {
			return -1
		}
		if d.Values[c-1] == v {
			return c - 1
		}
	}
}

func (d *Dict) code(v []byte) int32 {
	if len(d.Values)*4 >= len(d.table)*3 {
		d.grow()
	}
	h := hash(v)
	mask := uint32(len(d.table) - 1)
	i := h & mask
	for {
		c := d.table[i]
		if c == 0 {
			break
		}
		if d.hashes[c-1] == h && d.Values[c-1] == string(v) {
			d.last = c - 1
			return d.last
		}
		i = (i + 1) & mask
	}
	d.Values = append(d.Values, unsafe.String(unsafe.SliceData(v), len(v)))
	d.hashes = append(d.hashes, h)
	d.table[i] = int32(len(d.Values))
	d.last = int32(len(d.Values) - 1)
	return d.last
}

func (d *Dict) grow() {
	n := max(16, len(d.table)*2)
	d.table = make([]int32, n)
	mask := uint32(n - 1)
	for c, h := range d.hashes {
		i := h & mask
		for d.table[i] != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = int32(c + 1)
	}
}

func hash(v []byte) uint32 {
	h := maphash.Bytes(dictSeed, v)
	return uint32(h ^ h>>32)
}
