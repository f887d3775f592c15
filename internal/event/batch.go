// Package event holds events in memory: columnar batches of one log type and one UTC day.
// It knows no log format and does no I/O.
package event

import (
	"unsafe"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Nanoseconds in a UTC day (leap seconds do not exist in Unix time).
const dayNS = 24 * 60 * 60 * 1_000_000_000

// Day is a UTC day, counted from 1970-01-01.
type Day int32

// DayOf returns the UTC day of a time in nanoseconds.
func DayOf(ns int64) Day {
	d := ns / dayNS
	if ns%dayNS < 0 {
		d--
	}
	return Day(d)
}

// Start is the first nanosecond of the day.
func (d Day) Start() int64 { return int64(d) * dayNS }

// End is the first nanosecond after the day.
func (d Day) End() int64 { return int64(d+1) * dayNS }

// Rest is the map column of undeclared leaves: row r = entries Ends[r-1]:Ends[r].
type Rest struct {
	KeyDict Dict
	ValDict Dict
	Keys    []int32
	Vals    []int32
	Ends    []int32
}

// Batch is a set of events of one log type and UTC day. One stage owns it at a time; whoever
// owns it may add to it. Texts alias the buffers listed in Keep, which live as long as the
// batch does.
//
// The event id of row r is ID(Objects[Object[r]], Offset[r], Index[r]).
type Batch struct {
	Table *schema.Table
	Day   Day
	Rows  int

	Time     []int64  // @timestamp, ns UTC
	Object   []int32  // into Objects
	Objects  []string // object ids, see ObjectID
	Offset   []int64  // where the record starts in the decoded stream of the object
	Index    []int32  // number of the event among those of the same offset
	Original []string // masked original record, when Table.Original

	Columns []Column // parallel to Table.Fields
	Rest    Rest     // when Table.Rest

	Keep     []*Buffer // held, since the texts alias them
	RawBytes int64     // decoded bytes of the records in the batch
}

// NewBatch makes an empty batch.
func NewBatch(t *schema.Table, day Day) *Batch {
	b := &Batch{Table: t, Day: day, Columns: make([]Column, len(t.Fields))}
	for i, f := range t.Fields {
		b.Columns[i].Field = f
	}
	return b
}

// Column returns a column by field name, or nil.
func (b *Batch) Column(name string) *Column {
	if i := b.Table.Index(name); i >= 0 {
		return &b.Columns[i]
	}
	return nil
}

// AddObject returns the number of an object id in Objects, adding it at the end if the last
// one differs (objects are read one after another).
func (b *Batch) AddObject(id string) int32 {
	if n := len(b.Objects); n == 0 || b.Objects[n-1] != id {
		b.Objects = append(b.Objects, id)
	}
	return int32(len(b.Objects) - 1)
}

// Truncate drops rows from n on, in every column; used when a record fails half way or when
// an object of a shared batch is given up.
func (b *Batch) Truncate(n int) {
	for i := range b.Columns {
		b.Columns[i].Cut(n)
	}
	if b.Table.Rest {
		end := 0
		if len(b.Rest.Ends) > n {
			b.Rest.Ends = b.Rest.Ends[:n]
		}
		if k := len(b.Rest.Ends); k > 0 {
			end = int(b.Rest.Ends[k-1])
		}
		b.Rest.Keys, b.Rest.Vals = b.Rest.Keys[:end], b.Rest.Vals[:end]
	}
	b.Time, b.Object, b.Offset, b.Index = b.Time[:min(n, len(b.Time))], b.Object[:min(n, len(b.Object))], b.Offset[:min(n, len(b.Offset))], b.Index[:min(n, len(b.Index))]
	b.Original = b.Original[:min(n, len(b.Original))]
	b.Rows = n
}

// Release drops the buffers and leaves the batch empty. Nobody may use a text of it afterwards
// that was not copied. It is not necessary, but saves getting and clearing memory.
func (b *Batch) Release() {
	for _, k := range b.Keep {
		k.Drop()
	}
	*b = Batch{}
}

// Seal pads every column to Rows. After it all columns have the same length.
func (b *Batch) Seal() {
	for i := range b.Columns {
		b.Columns[i].Pad(b.Rows)
	}
	if b.Table.Rest {
		end := int32(len(b.Rest.Keys))
		for len(b.Rest.Ends) < b.Rows {
			b.Rest.Ends = append(b.Rest.Ends, end)
		}
	}
}

// alias makes a string of bytes without copying.
func alias(v []byte) string { return unsafe.String(unsafe.SliceData(v), len(v)) }
