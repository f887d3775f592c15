package event

import (
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Fields every event has that are no columns. A log type cannot set them.
const (
	TimestampField = "@timestamp"
	IDField        = "event.id"
	ModuleField    = "event.module" // the log type
	OriginalField  = "event.original"
	// NativeField holds the undeclared leaves of the record, by native name, as text.
	NativeField = "yagura.native"
	// SentenceField plus a language ("yagura.sentence.en") holds the readable sentence.
	SentenceField = "yagura.sentence"
)

// Document is one event as values by dotted name. Value types: string, int64, float64, bool,
// time.Time (UTC), []string, and map[string]string for NativeField. Absent fields are not in it.
type Document map[string]any

// Document returns row r of a batch that has been sealed. Its texts alias the batch.
func (b *Batch) Document(r int) Document {
	d := make(Document, 16+len(b.Columns)/2)
	for i := range b.Columns {
		if v := b.Columns[i].Value(r); v != nil {
			d[b.Columns[i].Name] = v
		}
	}
	if b.Table.Rest && len(b.Rest.Ends) > r {
		if native := b.Rest.Row(r); len(native) > 0 {
			d[NativeField] = native
		}
	}
	d[TimestampField] = time.Unix(0, b.Time[r]).UTC()
	d[ModuleField] = b.Table.LogType
	if len(b.Objects) > 0 && len(b.Object) > r && len(b.Offset) > r && len(b.Index) > r {
		d[IDField] = ID(b.Objects[b.Object[r]], b.Offset[r], b.Index[r])
	}
	if b.Table.Original && len(b.Original) > r && b.Original[r] != "" {
		d[OriginalField] = b.Original[r]
	}
	return d
}

// Value returns the value of a row as a Document holds it, nil when absent. Rows beyond the
// filled ones are absent.
func (c *Column) Value(row int) any {
	if row >= c.Len() {
		return nil
	}
	switch {
	case c.Kind.List():
		codes := c.List(row)
		if len(codes) == 0 {
			return nil
		}
		list := make([]string, len(codes))
		for i, code := range codes {
			list[i] = c.Dict.Values[code]
		}
		return list
	case c.Kind.Text():
		if s := c.Text(row); s != "" {
			return s
		}
		return nil
	case c.Kind == schema.Float:
		if c.Set[row] {
			return c.Floats[row]
		}
		return nil
	}
	if !c.Set[row] {
		return nil
	}
	switch c.Kind {
	case schema.Bool:
		return c.Ints[row] != 0
	case schema.Time:
		return time.Unix(0, c.Ints[row]).UTC()
	}
	return c.Ints[row]
}

// Row returns the undeclared leaves of a row by native name.
func (m *Rest) Row(r int) map[string]string {
	start := int32(0)
	if r > 0 {
		start = m.Ends[r-1]
	}
	if start == m.Ends[r] {
		return nil
	}
	row := make(map[string]string, m.Ends[r]-start)
	for i := start; i < m.Ends[r]; i++ {
		name := m.KeyDict.Values[m.Keys[i]]
		if old, ok := row[name]; ok { // several elements of one list leaf
			row[name] = old + "," + m.ValDict.Values[m.Vals[i]]
			continue
		}
		row[name] = m.ValDict.Values[m.Vals[i]]
	}
	return row
}
