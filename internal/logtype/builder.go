package logtype

import (
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
)

// maxBuilders bounds the open batches of a reader.
const maxBuilders = 64

// builder is an open batch.
type builder struct {
	t      *Type
	batch  *event.Batch
	gen    uint64  // number of the builder: codes remembered elsewhere belong to one builder
	consts []int32 // codes of constant columns
	mark   int     // rows before the object being read
	raw    int64   // RawBytes before it
}

func newBuilder(t *Type, day event.Day, gen uint64) *builder {
	b := &builder{t: t, batch: event.NewBatch(t.Table, day), gen: gen, consts: make([]int32, len(t.Table.Fields))}
	for i := range b.consts {
		b.consts[i] = -1
	}
	return b
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
func (b *builder) keep(buf []byte) {
	if n := len(b.batch.Keep); len(buf) > 0 && (n == 0 || &b.batch.Keep[n-1][0] != &buf[0]) {
		b.batch.Keep = append(b.batch.Keep, buf)
	}
}
