package lake

import (
	"encoding/binary"
	"math"

	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// intTable numbers a few distinct integers; it gives up when there are more than fit.
type intTable struct {
	slots [1 << 12]int32 // number + 1
	vals  []int64
}

const maxIntDict = 1 << 10

func (t *intTable) reset() {
	clear(t.slots[:])
	t.vals = t.vals[:0]
}

// code returns the number of a value, or -1 when the table is full.
func (t *intTable) code(v int64) int32 {
	i := uint64(v) * 0x9e3779b97f4a7c15 >> 52
	for {
		n := t.slots[i]
		if n == 0 {
			break
		}
		if t.vals[n-1] == v {
			return n - 1
		}
		i = (i + 1) & (1<<12 - 1)
	}
	if len(t.vals) == maxIntDict {
		return -1
	}
	t.vals = append(t.vals, v)
	t.slots[i] = int32(len(t.vals))
	return int32(len(t.vals) - 1)
}

// requiredInts writes an integer column that has a value in every row.
func (e *encoder) requiredInts(vals []int64, typ pq.Type) error {
	e.ints = e.ints[:0]
	for i := e.lo; i < e.hi; i++ {
		e.ints = append(e.ints, vals[e.row(i)])
	}
	e.levels = e.levels[:0]
	return e.intChunk(typ, 0, true)
}

// intColumn writes an optional integer or time column. Times at the ends of int64 move a
// little inwards: readers take the ends for infinity.
func (e *encoder) intColumn(vals []int64, set []bool, s *columnStats, times bool) error {
	if !e.gatherInts(vals, set) {
		return e.absent(1, 0)
	}
	if times {
		for i, v := range e.ints {
			e.ints[i] = min(max(v, minTime), maxTime)
		}
	}
	lo, hi := bounds(e.ints)
	s.int(lo, hi)
	s.present += int64(len(e.ints))
	return e.intChunk(pq.Int64, int64(e.rows()-len(e.ints)), false)
}

// gatherInts puts the present values into e.ints and the levels into e.levels.
func (e *encoder) gatherInts(vals []int64, set []bool) bool {
	e.ints, e.levels = e.ints[:0], e.levels[:0]
	if len(vals) == 0 {
		return false
	}
	for i := e.lo; i < e.hi; i++ {
		r := e.row(i)
		if !set[r] {
			e.levels = append(e.levels, 0)
			continue
		}
		e.levels = append(e.levels, 1)
		e.ints = append(e.ints, vals[r])
	}
	e.dropLevels()
	return len(e.ints) > 0
}

// dropLevels empties e.levels when every row has a value: pages knows what that means.
func (e *encoder) dropLevels() {
	if len(e.ints) == e.rows() {
		e.levels = e.levels[:0]
	}
}

func bounds(vals []int64) (lo, hi int64) {
	lo, hi = vals[0], vals[0]
	for _, v := range vals {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// intChunk writes e.ints with the levels in e.levels.
func (e *encoder) intChunk(typ pq.Type, nulls int64, required bool) error {
	lo, hi := bounds(e.ints)
	st := pq.Stats{Nulls: nulls, Min: appendSized(nil, lo, typ), Max: appendSized(nil, hi, typ)}
	return e.numbers(typ, st, required)
}

// numbers writes e.ints: as dictionary when few are distinct.
func (e *encoder) numbers(typ pq.Type, st pq.Stats, required bool) error {
	coded := e.intCodes()
	e.out.BeginColumn(!coded || e.worthPacking(8*len(e.table.vals), len(e.table.vals)))
	if coded {
		st.Distinct = int64(len(e.table.vals))
		e.dict = e.dict[:0]
		for _, v := range e.table.vals {
			e.dict = appendSized(e.dict, v, typ)
		}
		e.out.Dictionary(e.dict, len(e.table.vals))
	}
	e.pages(1, false, func(from, to, first, last int) {
		e.body = e.body[:0]
		if !required {
			e.pageLevels(from, to)
		}
		if coded {
			e.indices(e.codes[first:last], len(e.table.vals))
			e.out.Page(e.body, to-from, pq.RLEDictionary)
			return
		}
		for _, v := range e.ints[first:last] {
			e.body = appendSized(e.body, v, typ)
		}
		e.out.Page(e.body, to-from, pq.Plain)
	})
	return e.out.EndColumn(st, nil)
}

// intCodes numbers e.ints into e.codes; false when a dictionary would not pay.
func (e *encoder) intCodes() bool {
	e.table.reset()
	e.codes = e.codes[:0]
	limit := max(len(e.ints)/4, 16)
	for _, v := range e.ints {
		c := e.table.code(v)
		if c < 0 || int(c) >= limit {
			return false
		}
		e.codes = append(e.codes, c)
	}
	return true
}

func appendSized(dst []byte, v int64, typ pq.Type) []byte {
	if typ == pq.Int32 {
		return binary.LittleEndian.AppendUint32(dst, uint32(int32(v)))
	}
	return appendInt(dst, v)
}

// floatColumn writes an optional float column. A value that is no number is absent: it has no
// place in an order.
func (e *encoder) floatColumn(vals []float64, set []bool, s *columnStats) error {
	e.ints, e.levels = e.ints[:0], e.levels[:0]
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := e.lo; i < e.hi && len(vals) > 0; i++ {
		r := e.row(i)
		v := vals[r]
		if !set[r] || v != v {
			e.levels = append(e.levels, 0)
			continue
		}
		lo, hi = math.Min(lo, v), math.Max(hi, v)
		e.levels = append(e.levels, 1)
		e.ints = append(e.ints, int64(math.Float64bits(v)))
	}
	if len(e.ints) == 0 {
		return e.absent(1, 0)
	}
	s.float(lo, hi)
	s.present += int64(len(e.ints))
	e.dropLevels()
	st := pq.Stats{Nulls: int64(e.rows() - len(e.ints))}
	if lo != 0 && hi != 0 { // zero has two signs, which readers order differently
		st.Min = appendInt(nil, int64(math.Float64bits(lo)))
		st.Max = appendInt(nil, int64(math.Float64bits(hi)))
	}
	return e.numbers(pq.Double, st, false)
}

// boolColumn writes an optional boolean column, one bit a value.
func (e *encoder) boolColumn(vals []int64, set []bool, s *columnStats) error {
	if !e.gatherInts(vals, set) {
		return e.absent(1, 0)
	}
	lo, hi := bounds(e.ints)
	s.int(lo, hi)
	s.present += int64(len(e.ints))
	st := pq.Stats{Nulls: int64(e.rows() - len(e.ints)), Min: []byte{byte(lo)}, Max: []byte{byte(hi)}}
	e.out.BeginColumn(len(e.ints)/8 >= smallChunk)
	e.pages(1, false, func(from, to, first, last int) {
		e.pageLevels(from, to)
		at := len(e.body)
		e.body = append(e.body, make([]byte, (last-first+7)/8)...)
		for i, v := range e.ints[first:last] {
			if v != 0 {
				e.body[at+i/8] |= 1 << (i % 8)
			}
		}
		e.out.Page(e.body, to-from, pq.Plain)
	})
	return e.out.EndColumn(st, nil)
}
