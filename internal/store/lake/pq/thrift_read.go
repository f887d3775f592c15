package pq

import "encoding/binary"

// maxNesting bounds the structs and lists inside each other that are skipped.
const maxNesting = 16

// scan reads values of the Thrift compact protocol from bytes nobody vouches for. After the
// first misfit bad is set and every value is zero.
type scan struct {
	buf []byte
	bad bool
}

func (s *scan) fail() {
	s.bad, s.buf = true, nil
}

func (s *scan) uvarint() uint64 {
	v, n := binary.Uvarint(s.buf)
	if n <= 0 {
		s.fail()
		return 0
	}
	s.buf = s.buf[n:]
	return v
}

func (s *scan) varint() int64 {
	v := s.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (s *scan) byte() byte {
	if len(s.buf) == 0 {
		s.fail()
		return 0
	}
	b := s.buf[0]
	s.buf = s.buf[1:]
	return b
}

func (s *scan) bytes() []byte {
	n := s.uvarint()
	if n > uint64(len(s.buf)) {
		s.fail()
		return nil
	}
	b := s.buf[:n]
	s.buf = s.buf[n:]
	return b
}

// list reads the head of a list. There are never more elements than bytes left.
func (s *scan) list() (n int, elem byte) {
	b := s.byte()
	size := uint64(b >> 4)
	if size == 15 {
		size = s.uvarint()
	}
	if size > uint64(len(s.buf)) {
		s.fail()
		return 0, 0
	}
	return int(size), b & 15
}

// fields walks a struct. each reads the value and returns true, or leaves it and returns false.
func (s *scan) fields(each func(id int16, typ byte) bool) {
	id := int16(0)
	for !s.bad {
		b := s.byte()
		typ := b & 15
		if b == 0 || s.bad {
			return
		}
		if d := b >> 4; d > 0 {
			id += int16(d)
		} else {
			id = int16(s.varint())
		}
		if !each(id, typ) {
			s.skip(typ, 0)
		}
	}
}

// skip passes over a value of a type.
func (s *scan) skip(typ byte, depth int) {
	if depth > maxNesting {
		s.fail()
		return
	}
	switch typ {
	case tTrue, tFalse:
	case 3: // one byte
		s.byte()
	case tI16, tI32, tI64:
		s.uvarint()
	case 7: // eight bytes
		if len(s.buf) < 8 {
			s.fail()
			return
		}
		s.buf = s.buf[8:]
	case tBinary:
		s.bytes()
	case tList, 10: // a set is written as a list
		n, elem := s.list()
		for range n {
			if s.bad {
				return
			}
			if elem == tTrue || elem == tFalse { // inside lists a truth value takes a byte
				s.byte()
				continue
			}
			s.skip(elem, depth+1)
		}
	case tStruct:
		for !s.bad {
			b := s.byte()
			if b == 0 {
				return
			}
			if b>>4 == 0 {
				s.varint()
			}
			s.skip(b&15, depth+1)
		}
	default:
		s.fail()
	}
}

// i reads an integer field of any width; false when the type is no integer.
func (s *scan) i(typ byte, dst *int64) bool {
	if typ != tI16 && typ != tI32 && typ != tI64 {
		return false
	}
	*dst = s.varint()
	return true
}
