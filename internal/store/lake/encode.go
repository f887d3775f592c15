package lake

import (
	"encoding/binary"

	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

const (
	rowGroupRows = 122_880 // rows of a row group at most
	pageRows     = 16_384  // rows of a page: what a reader unpacks for one of them
	pageBytes    = 1 << 20 // encoded bytes after which a page of plain values is closed
	smallChunk   = 64      // bytes below which a chunk is not compressed
)

// encoder turns the columns of a batch into chunks. Its buffers are reused from part to part.
type encoder struct {
	out    *pq.Writer
	perm   []int32 // row order by time; empty = as it is
	lo, hi int     // rows of the row group

	codes  []int32 // dictionary numbers of present values
	levels []int32
	reps   []int32
	remap  []int32 // dictionary number + 1 by code
	used   []int32 // codes by dictionary number
	dict   []byte
	body   []byte
	ints   []int64
	table  intTable
}

func newEncoder() *encoder { return &encoder{out: pq.NewWriter()} }

// row maps a position in the file to a row of the batch.
func (e *encoder) row(i int) int {
	if len(e.perm) > 0 {
		return int(e.perm[i])
	}
	return i
}

func (e *encoder) rows() int { return e.hi - e.lo }

// absent writes a column that has no value in the row group.
func (e *encoder) absent(defWidth, repWidth int) error {
	e.out.BeginColumn(false)
	e.body = e.body[:0]
	if repWidth > 0 {
		e.body = pq.AppendLevelRun(e.body, 0, e.rows(), repWidth)
	}
	e.body = pq.AppendLevelRun(e.body, 0, e.rows(), defWidth)
	e.out.Page(e.body, e.rows(), pq.Plain)
	return e.out.EndColumn(pq.Stats{Nulls: int64(e.rows())}, nil)
}

// renumber gives the codes in e.codes dictionary numbers in order of first use and leaves the
// used codes in e.used. size is the number of codes there are.
func (e *encoder) renumber(size int) {
	if cap(e.remap) < size {
		e.remap = make([]int32, size)
	}
	remap := e.remap[:size]
	clear(remap)
	e.used = e.used[:0]
	for i, c := range e.codes {
		n := remap[c]
		if n == 0 {
			e.used = append(e.used, c)
			n = int32(len(e.used))
			remap[c] = n
		}
		e.codes[i] = n - 1
	}
}

// pages calls write for the pages of a column, each of about pageRows rows: first and last
// level of the page, and first and last present value. e.levels is empty when every row has a
// value; maxDef is the level of a present one. Lists are not cut apart.
func (e *encoder) pages(maxDef int32, nested bool, write func(from, to, first, last int)) {
	if len(e.levels) == 0 {
		for at := 0; at < e.rows(); at += pageRows {
			to := min(at+pageRows, e.rows())
			write(at, to, at, to)
		}
		return
	}
	from, first, value := 0, 0, 0
	for i, l := range e.levels {
		if i-from >= pageRows && (!nested || e.reps[i] == 0) {
			write(from, i, first, value)
			from, first = i, value
		}
		if l == maxDef {
			value++
		}
	}
	write(from, len(e.levels), first, value)
}

// worthPacking estimates whether a chunk with a dictionary has enough bytes to compress.
func (e *encoder) worthPacking(dict, distinct int) bool {
	return dict+(len(e.codes)*pq.BitWidth(distinct-1)+len(e.levels))/8 >= smallChunk
}

// pageLevels starts a page in e.body with the levels of a flat optional column.
func (e *encoder) pageLevels(from, to int) {
	e.body = e.body[:0]
	if len(e.levels) == 0 {
		e.body = pq.AppendLevelRun(e.body, 1, to-from, 1)
		return
	}
	e.body = pq.AppendLevels(e.body, e.levels[from:to], 1)
}

// listLevels starts a page in e.body with the levels of a list.
func (e *encoder) listLevels(from, to int) {
	e.body = pq.AppendLevels(e.body[:0], e.reps[from:to], 1)
	e.body = pq.AppendLevels(e.body, e.levels[from:to], 2)
}

// indices appends dictionary numbers to e.body.
func (e *encoder) indices(codes []int32, distinct int) {
	w := pq.BitWidth(distinct - 1)
	e.body = append(e.body, byte(w))
	e.body = pq.AppendHybrid(e.body, codes, w)
}

func appendText(dst []byte, v string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(v)))
	return append(dst, v...)
}

func appendInt(dst []byte, v int64) []byte {
	return binary.LittleEndian.AppendUint64(dst, uint64(v))
}
