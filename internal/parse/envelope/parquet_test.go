package envelope

import (
	"bytes"
	"io"
	"math/rand"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
)

func parquetFile(t testing.TB, s *arrow.Schema, json string) []byte {
	t.Helper()
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(s, &buf, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func flatFile(t testing.TB) []byte {
	return parquetFile(t, arrow.NewSchema([]arrow.Field{
		{Name: "account_id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "bytes", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "action", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil), `[{"account_id":"1","bytes":5,"action":"ACCEPT"},{"account_id":null,"bytes":null,"action":"a\tb\nc"}]`)
}

func nestedFile(t testing.TB) []byte {
	return parquetFile(t, arrow.NewSchema([]arrow.Field{
		{Name: "time", Type: arrow.PrimitiveTypes.Int64},
		{Name: "cloud", Type: arrow.StructOf(arrow.Field{Name: "region", Type: arrow.BinaryTypes.String, Nullable: true}), Nullable: true},
	}, nil), `[{"time":1,"cloud":{"region":"r"}},{"time":2,"cloud":null}]`)
}

func TestParquet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"flat":   {flatFile(t), "account_id\tbytes\taction\n1\t5\tACCEPT\n-\t-\ta b c\n"},
		"nested": {nestedFile(t), "{\"cloud\":{\"region\":\"r\"},\"time\":1}\n{\"cloud\":null,\"time\":2}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := Decompress(io.MultiReader(bytes.NewReader(c.file)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			got, err := io.ReadAll(x)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, string(got)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"parquet"}, x.Info().Formats); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestParquetDamage: a damaged file gives an error, never a panic.
func TestParquetDamage(t *testing.T) {
	t.Parallel()
	for _, whole := range [][]byte{flatFile(t), nestedFile(t)} {
		rnd := rand.New(rand.NewSource(1))
		for n := range 400 {
			b := bytes.Clone(whole)
			if n%2 == 0 {
				b = b[:5+rnd.Intn(len(b)-5)]
			}
			for range 1 + n%4 {
				b[4+rnd.Intn(len(b)-4)] = byte(rnd.Intn(256))
			}
			drain(b)
		}
	}
}

func drain(b []byte) {
	x, err := Decompress(bytes.NewReader(b), Limits{MaxDecoded: 1 << 20})
	if err != nil {
		return
	}
	defer x.Close()
	_, _ = io.Copy(io.Discard, x)
}

func FuzzParquet(f *testing.F) {
	f.Add(flatFile(f))
	f.Add(nestedFile(f))
	f.Fuzz(func(_ *testing.T, b []byte) { drain(b) })
}
