package lake

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// Without writes into a new part the rows of p whose object is not among objects, and returns how
// many rows each object has in it. When nothing is left no file is written. Column layout,
// plain columns and bloom filters are those of the file it reads.
func (l *Lake) Without(ctx context.Context, p store.Part, into *store.Part, objects []string) (map[string]int64, error) {
	b, ingested, err := l.readPart(ctx, p, func(object string) bool { return !slices.Contains(objects, object) })
	if err != nil {
		return nil, fmt.Errorf("reading part %s: %w", p.ID, err)
	}
	rows := map[string]int64{}
	for _, o := range b.Object {
		rows[b.Objects[o]]++
	}
	if b.Rows == 0 {
		return rows, nil
	}
	if p.Rows > 0 {
		b.RawBytes = p.RawBytes * int64(b.Rows) / p.Rows
	}
	into.Fields, into.Original, into.Rest = p.Fields, p.Original, p.Rest
	return rows, l.Write(ctx, into, b, ingested)
}

// readPart reads the rows of a part that keep selects into a batch of its table.
func (l *Lake) readPart(ctx context.Context, p store.Part, keep func(object string) bool) (*event.Batch, time.Time, error) {
	full, err := l.localPath(p.Path)
	if err != nil {
		return nil, time.Time{}, err
	}
	f, err := os.Open(full)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	pf, err := file.NewParquetReader(f)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer pf.Close()
	r, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: 32 << 10}, memory.DefaultAllocator)
	if err != nil {
		return nil, time.Time{}, err
	}
	table, err := tableOfFile(p, pf)
	if err != nil {
		return nil, time.Time{}, err
	}
	rr, err := r.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer rr.Release()
	c := &copier{b: event.NewBatch(table, event.Day(p.Day)), keep: keep, objects: map[string]int32{}}
	for rr.Next() {
		if err := c.add(rr.RecordBatch()); err != nil {
			return nil, time.Time{}, err
		}
	}
	if err := rr.Err(); err != nil && err.Error() != "EOF" {
		return nil, time.Time{}, err
	}
	c.b.Seal()
	return c.b, time.Unix(0, c.ingested).UTC(), nil
}

// tableOfFile is the table a part was written with; what the catalogue does not keep (plain
// columns, bloom filters) is read from the file.
func tableOfFile(p store.Part, pf *file.Reader) (*schema.Table, error) {
	fields := make([]schema.Field, len(p.Fields))
	at := map[string]int{}
	for i, f := range p.Fields {
		fields[i] = schema.Field{Name: f.Name, Kind: f.Kind}
		at[f.Name] = i
	}
	if pf.NumRowGroups() > 0 {
		rg := pf.MetaData().RowGroup(0)
		for i := range rg.NumColumns() {
			cc, err := rg.ColumnChunk(i)
			if err != nil {
				return nil, err
			}
			// A list column's path goes on behind its name, with dots of its own.
			name := strings.TrimSuffix(cc.PathInSchema().String(), ".list.element")
			k, ok := at[name]
			if !ok {
				continue
			}
			fields[k].Bloom = cc.BloomFilterOffset() > 0
			if fields[k].Kind == schema.String && cc.NumValues() > 0 {
				fields[k].Plain = !cc.HasDictionaryPage() && !slices.Contains(cc.Encodings(), parquet.Encodings.RLEDict)
			}
		}
	}
	t := schema.NewTable(p.LogType, p.Version, fields)
	t.Original, t.Rest = p.Original, p.Rest
	return t, nil
}

// copier appends record batches of a part to an event batch.
type copier struct {
	b        *event.Batch
	keep     func(string) bool
	objects  map[string]int32
	ingested int64
	take     []int // rows of the record batch that are kept
}

func (c *copier) add(rec arrow.RecordBatch) error {
	cols := map[string]arrow.Array{}
	for i := range int(rec.NumCols()) {
		cols[rec.ColumnName(i)] = rec.Column(i)
	}
	object, err := arrowTexts(cols[colObject])
	if err != nil {
		return fmt.Errorf("column %s: %w", colObject, err)
	}
	c.take = c.take[:0]
	for i := range int(rec.NumRows()) {
		if c.keep(object(i)) {
			c.take = append(c.take, i)
		}
	}
	base := c.b.Rows
	if err := c.fixed(cols, object); err != nil {
		return err
	}
	for i := range c.b.Columns {
		col := &c.b.Columns[i]
		a, ok := cols[col.Name]
		if !ok {
			return fmt.Errorf("column %s is missing", col.Name)
		}
		if err := c.column(col, a, base); err != nil {
			return fmt.Errorf("column %s: %w", col.Name, err)
		}
	}
	if c.b.Table.Rest {
		if err := c.rest(cols[colRest]); err != nil {
			return fmt.Errorf("column %s: %w", colRest, err)
		}
	}
	return nil
}

func (c *copier) fixed(cols map[string]arrow.Array, object func(int) string) error {
	b := c.b
	at, err1 := arrowInts(cols[colTime])
	offset, err2 := arrowInts(cols[colOffset])
	index, err3 := arrowInts(cols[colIndex])
	ingested, err4 := arrowInts(cols[colIngested])
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return err
		}
	}
	original := func(int) string { return "" }
	if b.Table.Original {
		var err error
		if original, err = arrowTexts(cols[colOriginal]); err != nil {
			return fmt.Errorf("column %s: %w", colOriginal, err)
		}
	}
	for _, i := range c.take {
		b.Time = append(b.Time, at(i))
		b.Offset = append(b.Offset, offset(i))
		b.Index = append(b.Index, int32(index(i)))
		id := object(i)
		n, ok := c.objects[id]
		if !ok {
			n = int32(len(b.Objects))
			id = strings.Clone(id)
			b.Objects = append(b.Objects, id)
			c.objects[id] = n
		}
		b.Object = append(b.Object, n)
		if b.Table.Original {
			b.Original = append(b.Original, strings.Clone(original(i)))
		}
		c.ingested = max(c.ingested, ingested(i))
		b.Rows++
	}
	return nil
}

func (c *copier) column(col *event.Column, a arrow.Array, base int) error {
	switch {
	case col.Kind.List():
		l, ok := a.(*array.List)
		if !ok {
			return fmt.Errorf("is %s, not a list", a.DataType())
		}
		element, err := arrowTexts(l.ListValues())
		if err != nil {
			return err
		}
		for k, i := range c.take {
			col.Pad(base + k)
			start, end := l.ValueOffsets(i)
			for j := start; j < end; j++ {
				col.Codes = append(col.Codes, code(&col.Dict, element(int(j))))
			}
			col.CloseList(base + k)
		}
	case col.Kind.Text():
		text, err := arrowTexts(a)
		if err != nil {
			return err
		}
		for k, i := range c.take {
			if a.IsNull(i) {
				continue
			}
			if col.Plain {
				col.SetText(base+k, []byte(text(i)))
			} else {
				col.SetCode(base+k, code(&col.Dict, text(i)))
			}
		}
	case col.Kind == schema.Float:
		f, ok := a.(*array.Float64)
		if !ok {
			return fmt.Errorf("is %s, not a float", a.DataType())
		}
		for k, i := range c.take {
			if !f.IsNull(i) {
				col.SetFloat(base+k, f.Value(i))
			}
		}
	default:
		v, err := arrowInts(a)
		if err != nil {
			return err
		}
		for k, i := range c.take {
			if !a.IsNull(i) {
				col.SetInt(base+k, v(i))
			}
		}
	}
	return nil
}

func (c *copier) rest(a arrow.Array) error {
	m, ok := a.(*array.Map)
	if !ok {
		return fmt.Errorf("is %T, not a map", a)
	}
	key, err := arrowTexts(m.Keys())
	if err != nil {
		return err
	}
	val, err := arrowTexts(m.Items())
	if err != nil {
		return err
	}
	r := &c.b.Rest
	for _, i := range c.take {
		start, end := m.ValueOffsets(i)
		for j := int(start); j < int(end); j++ {
			r.Keys = append(r.Keys, code(&r.KeyDict, key(j)))
			r.Vals = append(r.Vals, code(&r.ValDict, val(j)))
		}
		r.Ends = append(r.Ends, int32(len(r.Keys)))
	}
	return nil
}

// code is the number of a text in a dictionary that must own its values.
func code(d *event.Dict, v string) int32 {
	if n := d.Find(v); n >= 0 {
		return n
	}
	return d.CodeString(strings.Clone(v))
}

// arrowTexts reads a column of text, dictionary-coded or not.
func arrowTexts(a arrow.Array) (func(int) string, error) {
	switch t := a.(type) {
	case *array.String:
		return t.Value, nil
	case *array.Dictionary:
		values, err := arrowTexts(t.Dictionary())
		if err != nil {
			return nil, err
		}
		return func(i int) string { return values(t.GetValueIndex(i)) }, nil
	}
	return nil, fmt.Errorf("is %T, not text", a)
}

// arrowInts reads a column of integers, times or truth values.
func arrowInts(a arrow.Array) (func(int) int64, error) {
	switch t := a.(type) {
	case *array.Int64:
		return t.Value, nil
	case *array.Int32:
		return func(i int) int64 { return int64(t.Value(i)) }, nil
	case *array.Timestamp:
		return func(i int) int64 { return int64(t.Value(i)) }, nil
	case *array.Boolean:
		return func(i int) int64 {
			if t.Value(i) {
				return 1
			}
			return 0
		}, nil
	}
	return nil, fmt.Errorf("is %T, not a number", a)
}
