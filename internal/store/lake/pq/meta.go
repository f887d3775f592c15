package pq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrFormat says that bytes are not what this package writes. Readers of it refuse what other
// writers may do; whoever gets it reads the file with a general reader.
var ErrFormat = errors.New("not a file of this format")

const (
	maxFooter  = 64 << 20 // bytes of a footer
	maxColumns = 20_000   // leaf columns of a file
	maxRows    = 1 << 20  // rows of a row group
)

// Schema is the leaf columns of files, shared by all that have the same.
type Schema struct {
	Columns []Column
	index   map[columnKey]int
}

type columnKey struct {
	name  string
	value bool // the MapValue of two columns of one name
}

// Index is the number of a column by its top-level name, of a map that of its keys; -1 when
// there is none. The values of a map are the column after its keys.
func (s *Schema) Index(name string) int {
	if i, ok := s.index[columnKey{name, false}]; ok {
		return i
	}
	return -1
}

// Span says where the pages of one column in one row group stand, and how they are packed.
type Span struct {
	Offset int64 // of the first page
	Packed int64 // bytes of all pages
	Values int64 // levels, absent ones too
	codec  int8
}

// Meta is what the footer of a file says of its pages.
type Meta struct {
	Schema *Schema
	Rows   int64
	Groups []Group
}

// Group is one row group; Spans stand by column.
type Group struct {
	Rows  int
	Spans []Span
}

// Bytes is about the memory the description takes.
func (m *Meta) Bytes() int64 {
	n := int64(64)
	for i := range m.Groups {
		n += 64 + 32*int64(len(m.Groups[i].Spans))
	}
	return n
}

// ReadMeta reads the footer of a file of a size. known is a schema to share when the file has
// the same; it may be nil.
func ReadMeta(r io.ReaderAt, size int64, known *Schema) (*Meta, error) {
	var tail [8]byte
	if size < 12 {
		return nil, fmt.Errorf("reading a footer: %w: %d bytes", ErrFormat, size)
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return nil, fmt.Errorf("reading the end of the file: %w", err)
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != "PAR1" || n > size-12 || n > maxFooter {
		return nil, fmt.Errorf("reading a footer: %w: no footer", ErrFormat)
	}
	buf := make([]byte, n)
	if _, err := r.ReadAt(buf, size-8-n); err != nil {
		return nil, fmt.Errorf("reading the footer: %w", err)
	}
	return parseMeta(buf, size-8-n, known)
}

// element is one node of the flattened schema tree.
type element struct {
	name        string
	typ, length int64
	repetition  int64
	children    int64
	converted   int64
}

// parseMeta reads a footer; pages lie below end.
func parseMeta(buf []byte, end int64, known *Schema) (*Meta, error) {
	s := &scan{buf: buf}
	m := &Meta{}
	var elements []element
	var groups []Group
	s.fields(func(id int16, typ byte) bool {
		switch {
		case id == 2 && typ == tList:
			n, elem := s.list()
			if elem != tStruct || n > 4*maxColumns {
				s.fail()
				return true
			}
			for range n {
				elements = append(elements, s.element())
			}
		case id == 3:
			return s.i(typ, &m.Rows)
		case id == 4 && typ == tList:
			n, elem := s.list()
			if elem != tStruct {
				s.fail()
				return true
			}
			for range n {
				groups = append(groups, s.group(end))
			}
		default:
			return false
		}
		return true
	})
	if s.bad {
		return nil, fmt.Errorf("reading a footer: %w: broken structure", ErrFormat)
	}
	cols, err := leaves(elements)
	if err != nil {
		return nil, fmt.Errorf("reading a footer: %w", err)
	}
	rows := int64(0)
	for i := range groups {
		rows += int64(groups[i].Rows)
		if len(groups[i].Spans) != len(cols) {
			return nil, fmt.Errorf("reading a footer: %w: %d columns in a row group, %d in the schema", ErrFormat, len(groups[i].Spans), len(cols))
		}
	}
	if rows != m.Rows {
		return nil, fmt.Errorf("reading a footer: %w: %d rows in groups, %d in the file", ErrFormat, rows, m.Rows)
	}
	m.Groups, m.Schema = groups, known
	if known == nil || !slices.Equal(known.Columns, cols) {
		m.Schema = newSchema(cols)
	}
	return m, nil
}

func newSchema(cols []Column) *Schema {
	out := &Schema{Columns: cols, index: make(map[columnKey]int, len(cols))}
	for i, c := range cols {
		out.index[columnKey{c.Name, c.Shape == MapValue}] = i
	}
	return out
}

func (s *scan) element() element {
	e := element{typ: -1, repetition: -1, converted: -1}
	s.fields(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return s.i(typ, &e.typ)
		case 2:
			return s.i(typ, &e.length)
		case 3:
			return s.i(typ, &e.repetition)
		case 4:
			if typ == tBinary {
				e.name = string(s.bytes())
				return true
			}
		case 5:
			return s.i(typ, &e.children)
		case 6:
			return s.i(typ, &e.converted)
		}
		return false
	})
	return e
}

func (s *scan) group(end int64) Group {
	var g Group
	rows := int64(0)
	s.fields(func(id int16, typ byte) bool {
		switch {
		case id == 1 && typ == tList:
			n, elem := s.list()
			if elem != tStruct || n > maxColumns {
				s.fail()
				return true
			}
			g.Spans = make([]Span, 0, n)
			for range n {
				g.Spans = append(g.Spans, s.chunk(end))
			}
			return true
		case id == 3:
			return s.i(typ, &rows)
		}
		return false
	})
	if rows < 0 || rows > maxRows {
		s.fail()
	}
	g.Rows = int(rows)
	return g
}

func (s *scan) chunk(end int64) Span {
	var p Span
	var codec, data, dict int64
	s.fields(func(id int16, typ byte) bool {
		if id != 3 || typ != tStruct {
			return false
		}
		s.fields(func(id int16, typ byte) bool {
			switch id {
			case 4:
				return s.i(typ, &codec)
			case 5:
				return s.i(typ, &p.Values)
			case 7:
				return s.i(typ, &p.Packed)
			case 9:
				return s.i(typ, &data)
			case 11:
				return s.i(typ, &dict)
			}
			return false
		})
		return true
	})
	p.Offset, p.codec = data, int8(codec)
	if dict > 0 {
		p.Offset = dict
	}
	if codec != codecNone && codec != codecZstd || p.Offset < 4 || p.Packed < 0 || p.Packed > end || p.Offset > end-p.Packed || p.Values < 0 {
		s.fail()
	}
	return p
}

// leaves finds the leaf columns of the shapes this package writes.
func leaves(tree []element) ([]Column, error) {
	if len(tree) == 0 {
		return nil, fmt.Errorf("%w: no schema", ErrFormat)
	}
	var cols []Column
	for i := 1; i < len(tree); {
		e := tree[i]
		at := func(k int) element {
			if i+k < len(tree) {
				return tree[i+k]
			}
			return element{children: -1}
		}
		middle := at(1).children
		switch {
		case e.children == 0 && (e.repetition == repRequired || e.repetition == repOptional):
			cols = append(cols, leafOf(e, e.name, Shape(e.repetition)))
			i++
		case e.children == 1 && middle == 1 && e.converted == convList && at(2).children == 0:
			cols = append(cols, leafOf(at(2), e.name, List))
			i += 3
		case e.children == 1 && middle == 2 && e.converted == convMap && at(2).children == 0 && at(3).children == 0:
			cols = append(cols, leafOf(at(2), e.name, MapKey), leafOf(at(3), e.name, MapValue))
			i += 4
		default:
			return nil, fmt.Errorf("%w: column %.80q has a shape of its own", ErrFormat, e.name)
		}
	}
	if len(cols) > maxColumns {
		return nil, fmt.Errorf("%w: %d columns", ErrFormat, len(cols))
	}
	return cols, nil
}

func leafOf(e element, name string, shape Shape) Column {
	c := Column{Name: name, Type: Type(e.typ), Shape: shape}
	if e.converted == convUTF8 {
		c.Logical = String
	}
	return c
}
