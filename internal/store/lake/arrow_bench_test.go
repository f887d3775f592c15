package lake

import (
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// BenchmarkWriteArrow is what BenchmarkWrite is compared with: the general writer of arrow-go
// fed with dictionary arrays made of the same codes. It leaves out lists, the map, statistics,
// checksum and sync, all in its favor.
func BenchmarkWriteArrow(b *testing.B) {
	batch := newWAFWorld(1).batch(wafTable(false), 35_000, synthDay.Start(), 8_000_000, "0000000000000000000a")
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithBloomFilterEnabledFor("source.ip", true), parquet.WithDictionaryDefault(true))
	cpu := cpuTime()
	for b.Loop() {
		rec := arrowRecord(batch)
		w, err := pqarrow.NewFileWriter(rec.Schema(), io.Discard, props, pqarrow.DefaultWriterProps())
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Write(rec); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		rec.Release()
	}
	b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/float64(batch.Rows), "cpu-ns/record")
}

func arrowRecord(batch *event.Batch) arrow.RecordBatch {
	var fields []arrow.Field
	var cols []arrow.Array
	add := func(name string, a arrow.Array) {
		fields = append(fields, arrow.Field{Name: name, Type: a.DataType(), Nullable: true})
		cols = append(cols, a)
	}
	for i := range batch.Columns {
		c := &batch.Columns[i]
		switch c.Kind {
		case schema.String, schema.IP:
			add(c.Name, dictionaryOf(c, batch.Rows))
		case schema.Int, schema.Time, schema.Bool:
			bld := array.NewInt64Builder(memory.DefaultAllocator)
			bld.AppendValues(c.Ints, c.Set)
			add(c.Name, bld.NewArray())
		case schema.Float:
			bld := array.NewFloat64Builder(memory.DefaultAllocator)
			bld.AppendValues(c.Floats, c.Set)
			add(c.Name, bld.NewArray())
		}
	}
	for name, vals := range map[string][]int64{colTime: batch.Time, colOffset: batch.Offset} {
		bld := array.NewInt64Builder(memory.DefaultAllocator)
		bld.AppendValues(vals, nil)
		add(name, bld.NewArray())
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(batch.Rows))
}

func dictionaryOf(c *event.Column, rows int) arrow.Array {
	if c.Plain {
		bld := array.NewStringBuilder(memory.DefaultAllocator)
		bld.AppendValues(c.Texts, nil)
		return bld.NewArray()
	}
	dict := array.NewStringBuilder(memory.DefaultAllocator)
	dict.AppendValues(c.Dict.Values, nil)
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	codes.Reserve(rows)
	for _, code := range c.Codes {
		if code < 0 {
			codes.UnsafeAppendBoolToBitmap(false)
		} else {
			codes.UnsafeAppend(code)
		}
	}
	if codes.Len() != rows {
		panic(fmt.Sprintf("%d of %d codes", codes.Len(), rows))
	}
	return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, codes.NewArray(), dict.NewArray())
}
