package pq

import "encoding/binary"

// Type codes of the Thrift compact protocol.
const (
	tTrue   = 1
	tFalse  = 2
	tI16    = 4
	tI32    = 5
	tI64    = 6
	tBinary = 8
	tList   = 9
	tStruct = 12
)

// thrift appends values in the Thrift compact protocol. Fields of a struct are written in
// ascending order of their ids; begin and end bracket a nested struct.
type thrift struct {
	buf  []byte
	last []int16 // last field id, one per open struct
}

// start empties the buffer and opens the outermost struct.
func (t *thrift) start() {
	t.buf = t.buf[:0]
	t.last = append(t.last[:0], 0)
}

func (t *thrift) field(id int16, typ byte) {
	top := len(t.last) - 1
	if d := id - t.last[top]; d > 0 && d < 16 {
		t.buf = append(t.buf, byte(d)<<4|typ)
	} else {
		t.buf = append(t.buf, typ)
		t.varint(int64(id))
	}
	t.last[top] = id
}

func (t *thrift) varint(v int64) { t.buf = binary.AppendUvarint(t.buf, uint64(v<<1)^uint64(v>>63)) }

func (t *thrift) i16(id int16, v int16) { t.field(id, tI16); t.varint(int64(v)) }
func (t *thrift) i32(id int16, v int32) { t.field(id, tI32); t.varint(int64(v)) }
func (t *thrift) i64(id int16, v int64) { t.field(id, tI64); t.varint(v) }

func (t *thrift) boolean(id int16, v bool) {
	if v {
		t.field(id, tTrue)
	} else {
		t.field(id, tFalse)
	}
}

func (t *thrift) text(id int16, v string) { t.field(id, tBinary); t.rawText(v) }

func (t *thrift) bytes(id int16, v []byte) {
	t.field(id, tBinary)
	t.buf = binary.AppendUvarint(t.buf, uint64(len(v)))
	t.buf = append(t.buf, v...)
}

func (t *thrift) rawText(v string) {
	t.buf = binary.AppendUvarint(t.buf, uint64(len(v)))
	t.buf = append(t.buf, v...)
}

// list opens a list of n elements, which the caller writes next.
func (t *thrift) list(id int16, elem byte, n int) {
	t.field(id, tList)
	if n < 15 {
		t.buf = append(t.buf, byte(n)<<4|elem)
		return
	}
	t.buf = append(t.buf, 0xf0|elem)
	t.buf = binary.AppendUvarint(t.buf, uint64(n))
}

// begin opens a nested struct as a field; id 0 opens a list element, which has no header.
func (t *thrift) begin(id int16) {
	if id != 0 {
		t.field(id, tStruct)
	}
	t.last = append(t.last, 0)
}

// end closes the innermost struct.
func (t *thrift) end() {
	t.buf = append(t.buf, 0)
	t.last = t.last[:len(t.last)-1]
}

// empty writes a struct without fields, as unions of the format use them.
func (t *thrift) empty(id int16) {
	t.begin(id)
	t.end()
}
