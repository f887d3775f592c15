package event

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Column holds one field of a batch. Rows that were never set are absent. A column may be
// shorter than its batch while it is filled: the missing tail is absent, Batch.Seal pads it.
//
// Which slices are in use depends on Kind and Plain:
//
//	String, IP           Codes into Dict, -1 = absent    (Plain: Texts, "" = absent)
//	Strings, IPs         Codes into Dict, row r = Codes[Ends[r-1]:Ends[r]]; an empty list is absent
//	Int, Bool, Time      Ints with Set (Bool is 0 or 1)
//	Float                Floats with Set
type Column struct {
	schema.Field
	Dict   Dict
	Codes  []int32
	Ends   []int32
	Texts  []string
	Ints   []int64
	Floats []float64
	Set    []bool
}

// Len is the number of rows filled so far.
func (c *Column) Len() int {
	switch {
	case c.Kind.List():
		return len(c.Ends)
	case c.Kind.Text() && c.Plain:
		return len(c.Texts)
	case c.Kind.Text():
		return len(c.Codes)
	case c.Kind == schema.Float:
		return len(c.Floats)
	default:
		return len(c.Ints)
	}
}

// Pad makes rows up to n absent where they were not set. It never shortens.
func (c *Column) Pad(n int) {
	switch {
	case c.Kind.List():
		c.Ends = pad(c.Ends, n, int32(len(c.Codes)))
	case c.Kind.Text() && c.Plain:
		c.Texts = pad(c.Texts, n, "")
	case c.Kind.Text():
		c.Codes = pad(c.Codes, n, -1)
	case c.Kind == schema.Float:
		c.Floats, c.Set = pad(c.Floats, n, 0), pad(c.Set, n, false)
	default:
		c.Ints, c.Set = pad(c.Ints, n, 0), pad(c.Set, n, false)
	}
}

// pad appends v until s has n elements.
func pad[T any](s []T, n int, v T) []T {
	from := len(s)
	if n <= from {
		return s
	}
	if n == from+1 {
		return append(s, v)
	}
	s = slices.Grow(s, n-from)[:n]
	tail := s[from:]
	tail[0] = v
	for done := 1; done < len(tail); done *= 2 {
		copy(tail[done:], tail[:done])
	}
	return s
}

// Cut drops rows from n on (a record that failed half way).
func (c *Column) Cut(n int) {
	if c.Len() <= n {
		if c.Kind.List() {
			// Elements added for a row that was never closed.
			end := 0
			if len(c.Ends) > 0 {
				end = int(c.Ends[len(c.Ends)-1])
			}
			c.Codes = c.Codes[:end]
		}
		return
	}
	switch {
	case c.Kind.List():
		c.Ends = c.Ends[:n]
		end := 0
		if n > 0 {
			end = int(c.Ends[n-1])
		}
		c.Codes = c.Codes[:end]
	case c.Kind.Text() && c.Plain:
		c.Texts = c.Texts[:n]
	case c.Kind.Text():
		c.Codes = c.Codes[:n]
	case c.Kind == schema.Float:
		c.Floats, c.Set = c.Floats[:n], c.Set[:n]
	default:
		c.Ints, c.Set = c.Ints[:n], c.Set[:n]
	}
}

// SetText writes a text or (canonical) IP value; an empty value leaves the row absent. The
// bytes are aliased, see Dict.
func (c *Column) SetText(row int, v []byte) {
	if len(v) == 0 {
		return
	}
	if c.Plain {
		c.Pad(row)
		c.Texts = append(c.Texts, alias(v))
		return
	}
	if len(c.Codes) != row {
		c.Pad(row)
	}
	c.Codes = append(c.Codes, c.Dict.Code(v))
}

// SetCode writes a value by its number in Dict (which must exist, or be -1).
func (c *Column) SetCode(row int, code int32) {
	if len(c.Codes) != row {
		c.Pad(row)
	}
	c.Codes = append(c.Codes, code)
}

// AddText adds one element to the list of the row being filled; CloseList ends the row.
func (c *Column) AddText(v []byte) {
	if len(v) != 0 {
		c.Codes = append(c.Codes, c.Dict.Code(v))
	}
}

// CloseList ends the list of a row; earlier rows must have been padded with Pad(row) before
// the first AddText of this row.
func (c *Column) CloseList(row int) {
	c.Ends = append(c.Ends, int32(len(c.Codes)))
}

// SetInt writes an Int, Bool (0 or 1) or Time value.
func (c *Column) SetInt(row int, v int64) {
	if len(c.Ints) != row {
		c.Pad(row)
	}
	c.Ints, c.Set = append(c.Ints, v), append(c.Set, true)
}

// SetFloat writes a Float value.
func (c *Column) SetFloat(row int, v float64) {
	if len(c.Floats) != row {
		c.Pad(row)
	}
	c.Floats, c.Set = append(c.Floats, v), append(c.Set, true)
}

// Text returns the text of a row of a String or IP column, "" when absent. The column must
// be padded to the row.
func (c *Column) Text(row int) string {
	if c.Plain {
		return c.Texts[row]
	}
	if code := c.Codes[row]; code >= 0 {
		return c.Dict.Values[code]
	}
	return ""
}

// List returns the codes of a row of a list column.
func (c *Column) List(row int) []int32 {
	start := int32(0)
	if row > 0 {
		start = c.Ends[row-1]
	}
	return c.Codes[start:c.Ends[row]]
}
