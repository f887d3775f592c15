// Package codes answers statistics over dictionary codes in memory: columns as small numbers,
// one dictionary a field for all parts, sets of rows as bits, and counting by arrays. It knows
// nothing of queries, catalogues or SQL; package lake puts it together.
package codes

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"sync"
	"unsafe"
)

// ErrTooBig says that an answer in memory would pass its bound; another executor may have it.
var ErrTooBig = errors.New("too many distinct values or groups to count in memory")

// Absent is the id of no value.
const Absent = ^uint32(0)

// Dict numbers the distinct values of a field over all parts, so that counts of different
// parts are added by number. It only grows. Safe for concurrent use.
type Dict struct {
	limit int64

	mu    sync.RWMutex
	text  []byte   // all values, one after another
	ends  []uint32 // of value i in text
	slots []uint64 // hash << 32 | id+1; open addressing
}

var seed = maphash.MakeSeed()

// NewDict makes a dictionary that takes at most about limit bytes.
func NewDict(limit int64) *Dict { return &Dict{limit: min(limit, 1<<31), slots: make([]uint64, 1<<6)} }

// Bytes is about the memory in use.
func (d *Dict) Bytes() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.bytes()
}

func (d *Dict) bytes() int64 {
	return int64(cap(d.text)) + 4*int64(cap(d.ends)) + 8*int64(len(d.slots))
}

// View reads the values a dictionary had at one time, without locks.
type View struct {
	text []byte
	ends []uint32
}

// View of the values there are now.
func (d *Dict) View() View {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return View{d.text, d.ends}
}

// Len is the number of values.
func (v View) Len() int { return len(v.ends) }

// Text is a value. It aliases the dictionary: whoever keeps it long clones it.
func (v View) Text(id uint32) string {
	from := uint32(0)
	if id > 0 {
		from = v.ends[id-1]
	}
	b := v.text[from:v.ends[id]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Int is a value added as a number.
func (v View) Int(id uint32) int64 {
	from := uint32(0)
	if id > 0 {
		from = v.ends[id-1]
	}
	return int64(binary.LittleEndian.Uint64(v.text[from:]))
}

// Add numbers n values: ids[i] becomes the id of value(i).
func (d *Dict) Add(ids []uint32, value func(i int) []byte) error {
	hashes := make([]uint32, len(ids))
	missing := 0
	d.mu.RLock()
	for i := range ids {
		b := value(i)
		h := uint32(maphash.Bytes(seed, b))
		hashes[i] = h
		ids[i] = d.find(h, b)
		if ids[i] == Absent {
			missing++
		}
	}
	d.mu.RUnlock()
	if missing == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, id := range ids {
		if id != Absent {
			continue
		}
		b := value(i)
		if id = d.find(hashes[i], b); id == Absent { // another may have added it meanwhile
			if d.bytes()+int64(len(b)) > d.limit {
				return ErrTooBig
			}
			id = d.insert(hashes[i], b)
		}
		ids[i] = id
	}
	return nil
}

// AddInts is Add for numbers.
func (d *Dict) AddInts(ids []uint32, vals []int64) error {
	var buf [8]byte
	return d.Add(ids, func(i int) []byte {
		binary.LittleEndian.PutUint64(buf[:], uint64(vals[i]))
		return buf[:]
	})
}

// find returns the id of a value, or Absent. The caller holds the lock.
func (d *Dict) find(h uint32, b []byte) uint32 {
	mask := uint32(len(d.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := d.slots[i]
		if s == 0 {
			return Absent
		}
		if uint32(s>>32) == h {
			id := uint32(s) - 1
			from := uint32(0)
			if id > 0 {
				from = d.ends[id-1]
			}
			if string(d.text[from:d.ends[id]]) == string(b) {
				return id
			}
		}
	}
}

func (d *Dict) insert(h uint32, b []byte) uint32 {
	if 2*len(d.ends) >= len(d.slots) {
		old := d.slots
		d.slots = make([]uint64, 2*len(old))
		for _, s := range old {
			if s != 0 {
				d.place(s)
			}
		}
	}
	id := uint32(len(d.ends))
	d.text = append(d.text, b...)
	d.ends = append(d.ends, uint32(len(d.text)))
	d.place(uint64(h)<<32 | uint64(id+1))
	return id
}

func (d *Dict) place(slot uint64) {
	mask := uint32(len(d.slots) - 1)
	i := uint32(slot>>32) & mask
	for d.slots[i] != 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = slot
}
