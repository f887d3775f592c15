// Package pq writes Parquet files whose columns are already encoded: it knows pages, column
// chunks, row groups, bloom filters and the footer of the format, and nothing of events. It
// exists because a batch arrives dictionary-coded: the general writers take values, hash them
// again and walk levels row by row, which costs several times what is written here.
package pq

// Physical types of the format.
type Type int32

// The physical types in use.
const (
	Boolean   Type = 0
	Int32     Type = 1
	Int64     Type = 2
	Double    Type = 5
	ByteArray Type = 6
	Fixed     Type = 7 // FIXED_LEN_BYTE_ARRAY of 16 bytes
)

// FixedLen is the length of Fixed values.
const FixedLen = 16

// Logical says what a physical value means.
type Logical uint8

// The meanings in use.
const (
	None      Logical = iota
	String            // UTF-8 text
	Timestamp         // nanoseconds since 1970-01-01 UTC
)

// Shape is how values of a column sit in a row.
type Shape uint8

// The shapes.
const (
	Required Shape = iota // one value in every row
	Optional              // one value or none
	List                  // none, or a list of one or more values
	MapKey                // keys of a map; the next column must be its MapValue
	MapValue
)

// Column is one leaf column of a file.
type Column struct {
	Name    string // of the top-level column
	Type    Type
	Logical Logical
	Shape   Shape
}

// MaxDef is the definition level of a present value.
func (c Column) MaxDef() int {
	switch c.Shape {
	case Required:
		return 0
	case Optional:
		return 1
	default:
		return 2
	}
}

// path is the path of the leaf in the schema.
func (c Column) path() []string {
	switch c.Shape {
	case List:
		return []string{c.Name, "list", "element"}
	case MapKey:
		return []string{c.Name, "key_value", "key"}
	case MapValue:
		return []string{c.Name, "key_value", "value"}
	default:
		return []string{c.Name}
	}
}

// Repetition types and converted types of the format.
const (
	repRequired = 0
	repOptional = 1
	repRepeated = 2

	convUTF8 = 0
	convMap  = 1
	convList = 3
)

// schemaElements counts the elements of the flattened schema tree.
func schemaElements(cols []Column) int {
	n := 1
	for _, c := range cols {
		switch c.Shape {
		case List, MapKey:
			n += 3
		default:
			n++
		}
	}
	return n
}

func writeSchema(t *thrift, id int16, cols []Column) {
	t.list(id, tStruct, schemaElements(cols))
	top := 0
	for _, c := range cols {
		if c.Shape != MapValue {
			top++
		}
	}
	group(t, "schema", -1, top, -1)
	for _, c := range cols {
		switch c.Shape {
		case Required:
			leaf(t, c, c.Name, repRequired)
		case Optional:
			leaf(t, c, c.Name, repOptional)
		case List:
			group(t, c.Name, repOptional, 1, convList)
			group(t, "list", repRepeated, 1, -1)
			leaf(t, c, "element", repRequired)
		case MapKey:
			group(t, c.Name, repOptional, 1, convMap)
			group(t, "key_value", repRepeated, 2, -1)
			leaf(t, c, "key", repRequired)
		case MapValue:
			leaf(t, c, "value", repRequired)
		}
	}
}

func group(t *thrift, name string, repetition int32, children, converted int) {
	t.begin(0)
	if repetition >= 0 {
		t.i32(3, repetition)
	}
	t.text(4, name)
	t.i32(5, int32(children))
	if converted >= 0 {
		t.i32(6, int32(converted))
		t.begin(10)
		if converted == convMap {
			t.empty(2)
		} else {
			t.empty(3)
		}
		t.end()
	}
	t.end()
}

func leaf(t *thrift, c Column, name string, repetition int32) {
	t.begin(0)
	t.i32(1, int32(c.Type))
	if c.Type == Fixed {
		t.i32(2, FixedLen)
	}
	t.i32(3, repetition)
	t.text(4, name)
	switch c.Logical {
	case String:
		t.i32(6, convUTF8)
		t.begin(10)
		t.empty(1)
		t.end()
	case Timestamp:
		t.begin(10)
		t.begin(8)
		t.boolean(1, false) // readers that adjust to UTC cut nanoseconds
		t.begin(2)
		t.empty(3)
		t.end()
		t.end()
		t.end()
	}
	t.end()
}
