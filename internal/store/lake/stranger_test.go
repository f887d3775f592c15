package lake

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

// TestReadableByArrow reads every column of every row with a reader that knows nothing of us.
func TestReadableByArrow(t *testing.T) {
	t.Parallel()
	_, batches := storetest.Data()
	batches = append([]*event.Batch{newWAFWorld(3).batch(wafTable(true), 3000, synthDay.Start(), 1_000_000, "x")}, batches...)
	l := newLake(t, batches...)
	for i, p := range l.parts {
		reader, err := file.OpenParquetFile(filepath.Join(l.root, p.Path), false)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		arrows, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		table, err := arrows.ReadTable(t.Context())
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		defer table.Release()
		if table.NumRows() != p.Rows {
			t.Fatalf("part %d: %d rows, want %d", i, table.NumRows(), p.Rows)
		}
		compareWithArrow(t, batches[i], table)
	}
}

// compareWithArrow checks the declared columns by their text.
func compareWithArrow(t *testing.T, b *event.Batch, table arrow.Table) {
	t.Helper()
	e := newEncoder()
	e.sort(b)
	for c := range b.Columns {
		col := &b.Columns[c]
		at := table.Schema().FieldIndices(col.Name)
		if len(at) != 1 {
			t.Fatalf("%d columns named %s", len(at), col.Name)
		}
		row := 0
		for _, chunk := range table.Column(at[0]).Data().Chunks() {
			for i := range chunk.Len() {
				want := col.Value(e.row(row))
				if got := arrowCell(chunk, i); got != wantText(want) {
					t.Fatalf("%s row %d: %q, want %q", col.Name, row, got, wantText(want))
				}
				row++
			}
		}
	}
}

func arrowCell(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "-"
	}
	switch x := a.(type) {
	case *array.List:
		from, to := x.ValueOffsets(i)
		out := ""
		for k := from; k < to; k++ {
			out += arrowCell(x.ListValues(), int(k)) + ";"
		}
		return out
	case *array.Timestamp:
		return fmt.Sprint(int64(x.Value(i)))
	case *array.Float64:
		return fmt.Sprint(x.Value(i))
	}
	return a.ValueStr(i)
}

func wantText(v any) string {
	switch x := v.(type) {
	case nil:
		return "-"
	case []string:
		out := ""
		for _, s := range x {
			out += s + ";"
		}
		return out
	case interface{ UnixNano() int64 }:
		return fmt.Sprint(x.UnixNano())
	}
	return fmt.Sprint(v)
}

// TestReadableByDuckDB reads a part as a person with a DuckDB shell would.
func TestReadableByDuckDB(t *testing.T) {
	t.Parallel()
	b := newWAFWorld(4).batch(wafTable(true), 5000, synthDay.Start(), 1_000_000, "00000000000000000001")
	l := newLake(t, b)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows, blocked, labels, leaves int64
	var first, object, stamp string
	err = db.QueryRow(`SELECT count(*), count(*) FILTER ("event.action" = 'BLOCK'), sum(len("aws.waf.labels"))::BIGINT, sum(cardinality(_rest))::BIGINT,
		min("@timestamp")::VARCHAR, any_value(_object), any_value(typeof("@timestamp")) FROM read_parquet(?)`, filepath.Join(l.root, l.parts[0].Path)).Scan(&rows, &blocked, &labels, &leaves, &first, &object, &stamp)
	if err != nil {
		t.Fatal(err)
	}
	wantBlocked := int64(0)
	action := b.Column("event.action")
	for r := range b.Rows {
		if action.Text(r) == "BLOCK" {
			wantBlocked++
		}
	}
	want := []any{int64(5000), wantBlocked, int64(len(b.Column("aws.waf.labels").Codes)), int64(len(b.Rest.Keys)), "00000000000000000001", "TIMESTAMP_NS"}
	if diff := cmp.Diff(want, []any{rows, blocked, labels, leaves, object, stamp}); diff != "" {
		t.Error(diff)
	}
	if len(first) < 10 || first[:10] != "2026-10-01" {
		t.Errorf("first time %q", first)
	}
}
