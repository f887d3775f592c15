package lake

import (
	"fmt"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// Names of the columns every part has beside its declared ones. A declared field may not use
// them, nor begin with an underscore.
const (
	colTime     = "@timestamp"
	colObject   = "_object"
	colOffset   = "_offset"
	colIndex    = "_index"
	colIngested = "event.ingested"
	colOriginal = "event.original"
	colRest     = "_rest"

	// ipPrefix and the name of an IP field name its companion column of 16-byte addresses.
	ipPrefix = "_ip."
)

// Fields that are not columns: they follow from the part or from several columns.
const (
	fieldID      = "event.id"
	fieldID2     = "_id"
	fieldModule  = "event.module"
	fieldDataset = "event.dataset"
	fieldLogType = "yagura.log_type"
)

// fixedColumns are the leaf columns in front of the declared ones.
var fixedColumns = []pq.Column{
	{Name: colTime, Type: pq.Int64, Logical: pq.Timestamp},
	{Name: colObject, Type: pq.ByteArray, Logical: pq.String},
	{Name: colOffset, Type: pq.Int64},
	{Name: colIndex, Type: pq.Int32},
	{Name: colIngested, Type: pq.Int64, Logical: pq.Timestamp},
}

// leafColumns lays out the leaf columns of a table, in file order.
func leafColumns(t *schema.Table) ([]pq.Column, error) {
	if err := checkNames(t.Fields); err != nil {
		return nil, fmt.Errorf("laying out %s version %d: %w", t.LogType, t.Version, err)
	}
	cols := append(make([]pq.Column, 0, 2*len(t.Fields)+8), fixedColumns...)
	if t.Original {
		cols = append(cols, pq.Column{Name: colOriginal, Type: pq.ByteArray, Logical: pq.String, Shape: pq.Optional})
	}
	for _, f := range t.Fields {
		c := pq.Column{Name: f.Name, Shape: pq.Optional}
		if f.Kind.List() {
			c.Shape = pq.List
		}
		switch f.Kind.Element() {
		case schema.String, schema.IP:
			c.Type, c.Logical = pq.ByteArray, pq.String
		case schema.Int:
			c.Type = pq.Int64
		case schema.Float:
			c.Type = pq.Double
		case schema.Bool:
			c.Type = pq.Boolean
		case schema.Time:
			c.Type, c.Logical = pq.Int64, pq.Timestamp
		default:
			return nil, fmt.Errorf("laying out %s version %d: field %q has kind %s, which no column can hold", t.LogType, t.Version, f.Name, f.Kind)
		}
		cols = append(cols, c)
		if f.Kind.Element() == schema.IP {
			cols = append(cols, pq.Column{Name: ipPrefix + f.Name, Type: pq.Fixed, Shape: c.Shape})
		}
	}
	if t.Rest {
		cols = append(cols,
			pq.Column{Name: colRest, Type: pq.ByteArray, Logical: pq.String, Shape: pq.MapKey},
			pq.Column{Name: colRest, Type: pq.ByteArray, Logical: pq.String, Shape: pq.MapValue})
	}
	return cols, nil
}

// checkNames refuses names that clash with fixed columns or, as the engine ignores case, with
// each other.
func checkNames(fields []schema.Field) error {
	seen := map[string]string{}
	for _, n := range []string{colTime, colIngested, colOriginal, fieldID, fieldModule} {
		seen[n] = n
	}
	for _, f := range fields {
		switch {
		case f.Name == "" || strings.HasPrefix(f.Name, "_"):
			return fmt.Errorf("field name %q: empty names and names with a leading underscore are reserved", f.Name)
		case strings.ContainsRune(f.Name, 0) || strings.ToValidUTF8(f.Name, "") != f.Name:
			return fmt.Errorf("field name %q is not plain text", f.Name)
		}
		low := strings.ToLower(f.Name)
		if other, ok := seen[low]; ok {
			return fmt.Errorf("field name %q clashes with %q", f.Name, other)
		}
		seen[low] = f.Name
	}
	return nil
}

// storedFields is what a part says of its declared columns.
func storedFields(t *schema.Table) []store.Field {
	out := make([]store.Field, len(t.Fields))
	for i, f := range t.Fields {
		out[i] = store.Field{Name: f.Name, Kind: f.Kind}
	}
	return out
}

// checkBatch makes sure that a batch is whole before anything is written.
func checkBatch(b *event.Batch) error {
	if b.Rows == 0 {
		return fmt.Errorf("batch of %s has no rows", b.Table.LogType)
	}
	for name, n := range map[string]int{colTime: len(b.Time), colObject: len(b.Object), colOffset: len(b.Offset), colIndex: len(b.Index)} {
		if n != b.Rows {
			return fmt.Errorf("batch of %s: %s has %d of %d rows", b.Table.LogType, name, n, b.Rows)
		}
	}
	if len(b.Columns) != len(b.Table.Fields) {
		return fmt.Errorf("batch of %s has %d columns, its table %d", b.Table.LogType, len(b.Columns), len(b.Table.Fields))
	}
	return nil
}
