package codes

import "slices"

// Column is the values of a field in one row group as numbers 0..Size-1; Size stands for no
// value. For lists these are the numbers of distinct lists. It is immutable and may be shared.
type Column struct {
	Rows int
	Size int // distinct values (or lists) in the row group
	// Same says that every row has code 0 (with Size 0: none has a value); then there are no codes.
	Same bool
	// Exactly one of these is in use unless Same: a code a row.
	C8  []uint8
	C16 []uint16
	C32 []uint32

	// Of lists: those of list l are Elems[Ends[l-1]:Ends[l]], distinct and at least one.
	Ends  []uint32
	Elems []uint32

	IDs  []uint32 // by code (of a list's element: by element): number in Dict
	Dict *Dict
	Ints []int64 // by code, for numbers, times and truth values; floats as their bits
}

// Nothing is a column without any value.
func Nothing(rows int) *Column { return &Column{Rows: rows, Same: true} }

// Bytes is about the memory in use.
func (c *Column) Bytes() int64 {
	return 160 + int64(cap(c.C8)) + 2*int64(cap(c.C16)) + 4*int64(cap(c.C32)+cap(c.Ends)+cap(c.Elems)+cap(c.IDs)) + 8*int64(cap(c.Ints))
}

// Lists reports whether rows may have several values.
func (c *Column) Lists() bool { return c.Ends != nil }

// pack keeps codes below size+1 in as few bytes as will do. codes is not kept.
func (c *Column) pack(codes []uint32, size int) {
	c.Size = size
	if len(codes) > 0 && !slices.ContainsFunc(codes, func(v uint32) bool { return v != 0 }) {
		c.Same = true
		return
	}
	switch {
	case size < 1<<8:
		c.C8 = narrow[uint8](codes)
	case size < 1<<16:
		c.C16 = narrow[uint16](codes)
	default:
		c.C32 = slices.Clone(codes)
	}
}

func narrow[T uint8 | uint16](codes []uint32) []T {
	out := make([]T, len(codes))
	for i, v := range codes {
		out[i] = T(v)
	}
	return out
}

// At is the code of a row.
func (c *Column) At(i int) uint32 {
	switch {
	case c.Same:
		return 0
	case c.C8 != nil:
		return uint32(c.C8[i])
	case c.C16 != nil:
		return uint32(c.C16[i])
	}
	return c.C32[i]
}

// List is the elements of a list.
func (c *Column) List(code uint32) []uint32 {
	from := uint32(0)
	if code > 0 {
		from = c.Ends[code-1]
	}
	return c.Elems[from:c.Ends[code]]
}

// Times are ascending times of the rows of a row group, kept small.
type Times struct {
	base, step int64
	small      []uint32 // (time - base) / step
	raw        []int64  // when they do not fit
}

// NewTimes keeps a copy of ascending times; ok is false when they do not ascend.
func NewTimes(ns []int64) (t *Times, ok bool) {
	if !slices.IsSorted(ns) {
		return nil, false
	}
	t = &Times{step: 1}
	if len(ns) == 0 {
		return t, true
	}
	t.base = ns[0]
	for _, step := range []int64{1_000_000_000, 1_000_000, 1_000, 1} {
		if fits(ns, step) {
			t.step = step
			t.small = make([]uint32, len(ns))
			for i, v := range ns {
				t.small[i] = uint32((v - t.base) / step)
			}
			return t, true
		}
	}
	t.raw = slices.Clone(ns)
	return t, true
}

func fits(ns []int64, step int64) bool {
	if span := uint64(ns[len(ns)-1]) - uint64(ns[0]); span/uint64(step) >= 1<<32 {
		return false
	}
	for _, v := range ns {
		if (v-ns[0])%step != 0 {
			return false
		}
	}
	return true
}

// Bytes is about the memory in use.
func (t *Times) Bytes() int64 { return 96 + 4*int64(len(t.small)) + 8*int64(len(t.raw)) }

// Len is the number of rows.
func (t *Times) Len() int { return len(t.small) + len(t.raw) }

// At is the time of a row.
func (t *Times) At(i int) int64 {
	if t.raw != nil {
		return t.raw[i]
	}
	return t.base + int64(t.small[i])*t.step
}

// Search returns the first row whose time is at or after ns.
func (t *Times) Search(ns int64) int {
	lo, hi := 0, t.Len()
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if t.At(mid) < ns {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
