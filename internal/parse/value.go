// Package parse turns decoded bytes into native values: it frames records in a stream, scans
// JSON by a trie of wanted paths without copying, and splits text lines. It knows nothing of
// log types and does no I/O.
package parse

import "unsafe"

// Kind says what a native value is.
type Kind uint8

// The kinds of native value. The zero value of Value is absent.
const (
	Absent  Kind = iota
	Null         // JSON null, or a text that the definition calls null
	Text         // text as it stands in the buffer
	Escaped      // JSON text that still has its backslash escapes
	Quoted       // text of a quoted field in which quotes still have their backslash
	Number       // JSON number, as written
	True         // Text is "true"
	False        // Text is "false"
	Object       // Text is the JSON subtree
	Array        // Text is the JSON subtree
)

// Value is one native value. Text aliases the scanned buffer (between the quotes for texts):
// it is good as long as that buffer is.
type Value struct {
	Text string
	Kind Kind
}

// Present reports whether there is a value other than null.
func (v Value) Present() bool { return v.Kind > Null }

// Scalar reports whether the value is a text, number or boolean.
func (v Value) Scalar() bool { return v.Kind > Null && v.Kind < Object }

// Item is a value below a list: Elem is the number of the element it belongs to, counted over
// the record, so that values of one element can be brought together.
type Item struct {
	Value
	Elem int32
}

// Key is a path under which leaves that nobody asked for are reported. The memo fields are
// free for the use of whoever consumes the leaves (for example a dictionary code).
type Key struct {
	Path string
	Gen  uint64
	Code int32
	Last int32
}

// Leaf is a scalar that no wanted path covers.
type Leaf struct {
	Key *Key
	Value
}

// Pad is the number of zero bytes that must follow the data in every buffer handed to a
// Scanner: they let it look ahead without checking for the end.
const Pad = 16

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Bytes returns the bytes of a text without copying. Writing to them is allowed only when the
// text aliases a buffer the caller owns.
func Bytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
