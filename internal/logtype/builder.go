package logtype

import (
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// maxBuilders bounds the open batches of a reader.
const maxBuilders = 64

// builder is an open batch.
type builder struct {
	t      *Type
	batch  *event.Batch
	gen    uint64  // number of the builder: codes remembered elsewhere belong to one builder
	consts []int32 // codes of constant columns
	twins  map[int][]int32
	mark   int   // rows before the object being read
	raw    int64 // RawBytes before it
}

func newBuilder(t *Type, day event.Day, gen uint64, h *sizes) *builder {
	b := &builder{t: t, batch: event.NewBatch(t.Table, day), gen: gen, consts: make([]int32, len(t.Table.Fields))}
	for i := range b.consts {
		b.consts[i] = -1
	}
	if h != nil {
		h.prepare(b.batch)
	}
	return b
}

// sizes are how large the last full batch of a type was: the next one will be much like it, and
// growing its columns step by step costs as much as filling them.
type sizes struct {
	rows    int
	columns []columnSize
	pairs   int
	vals    int
}

type columnSize struct{ rows, codes, dict int }

// minSizes is the number of rows below which a batch says nothing about the next one.
const minSizes = 4096

func sizesOf(b *event.Batch) *sizes {
	if b.Rows < minSizes {
		return nil
	}
	s := &sizes{rows: b.Rows, pairs: len(b.Rest.Keys), vals: len(b.Rest.ValDict.Values)}
	for i := range b.Columns {
		c := &b.Columns[i]
		s.columns = append(s.columns, columnSize{c.Len(), len(c.Codes), len(c.Dict.Values)})
	}
	return s
}

// prepare reserves room in a new batch. Columns that were empty stay so.
func (s *sizes) prepare(b *event.Batch) {
	room := func(n int) int { return n + n/16 }
	rows := room(s.rows)
	b.Time, b.Object = make([]int64, 0, rows), make([]int32, 0, rows)
	b.Offset, b.Index = make([]int64, 0, rows), make([]int32, 0, rows)
	if b.Table.Original {
		b.Original = make([]string, 0, rows)
	}
	if b.Table.Rest {
		b.Rest.Keys, b.Rest.Vals = make([]int32, 0, room(s.pairs)), make([]int32, 0, room(s.pairs))
		b.Rest.Ends = make([]int32, 0, rows)
		b.Rest.ValDict.Reserve(room(s.vals))
	}
	for i, z := range s.columns {
		c := &b.Columns[i]
		if z.rows == 0 || c.Derived {
			continue
		}
		switch {
		case c.Kind.List():
			c.Ends, c.Codes = make([]int32, 0, rows), make([]int32, 0, room(z.codes))
		case c.Kind.Text() && c.Plain:
			c.Texts = make([]string, 0, rows)
		case c.Kind.Text():
			c.Codes = make([]int32, 0, rows)
		case c.Kind == schema.Float:
			c.Floats, c.Set = make([]float64, 0, rows), make([]bool, 0, rows)
		default:
			c.Ints, c.Set = make([]int64, 0, rows), make([]bool, 0, rows)
		}
		if z.dict > 0 {
			c.Dict.Reserve(room(z.dict))
		}
	}
}

// rest writes the leaves of a record to the map column.
func (b *builder) rest(e *env) {
	r := &b.batch.Rest
	for i := range e.sc.Leaves {
		l := &e.sc.Leaves[i]
		s := l.Text
		if l.Kind == parse.Escaped || l.Kind == parse.Quoted {
			if s = e.text(l.Value); s == "" {
				continue
			}
		}
		k := l.Key
		if k.Gen != b.gen {
			k.Gen, k.Code, k.Last = b.gen, r.KeyDict.CodeString(k.Path), -1
		}
		if k.Last < 0 || r.ValDict.Values[k.Last] != s {
			k.Last = r.ValDict.Code(parse.Bytes(s))
		}
		r.Keys = append(r.Keys, k.Code)
		r.Vals = append(r.Vals, k.Last)
	}
	r.Ends = append(r.Ends, int32(len(r.Keys)))
}

// keep holds on to the buffer the row's texts alias.
func (b *builder) keep(buf *event.Buffer) {
	if n := len(b.batch.Keep); n == 0 || b.batch.Keep[n-1] != buf {
		buf.Hold()
		b.batch.Keep = append(b.batch.Keep, buf)
	}
}
