package pq

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/google/go-cmp/cmp"
)

// readHybrid is a plain reader of the hybrid encoding, the mirror of AppendHybrid.
func readHybrid(t *testing.T, src []byte, n, width int) []int32 {
	t.Helper()
	var out []int32
	for len(out) < n {
		head, k := binary.Uvarint(src)
		if k <= 0 {
			t.Fatalf("%d of %d values, then no run", len(out), n)
		}
		src = src[k:]
		if head&1 == 0 {
			v := int32(0)
			for i := range (width + 7) / 8 {
				v |= int32(src[i]) << (8 * i)
			}
			src = src[(width+7)/8:]
			for range head >> 1 {
				out = append(out, v)
			}
			continue
		}
		groups := int(head >> 1)
		for i := range groups * 8 {
			v := int32(0)
			for b := range width {
				bit := i*width + b
				v |= int32(src[bit/8]>>(bit%8)&1) << b
			}
			out = append(out, v)
		}
		src = src[groups*width:]
	}
	if len(src) != 0 {
		t.Fatalf("%d bytes left over", len(src))
	}
	return out[:n]
}

func TestHybridRoundTrip(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for width := range 21 {
		for range 40 {
			vals := make([]int32, rnd.IntN(200))
			for i := range vals {
				if i > 0 && rnd.IntN(10) > 0 && rnd.IntN(3) > 0 {
					vals[i] = vals[i-1]
					continue
				}
				vals[i] = rnd.Int32N(1 << width)
			}
			got := readHybrid(t, AppendHybrid(nil, vals, width), len(vals), width)
			if !slices.Equal(got, vals) {
				t.Fatalf("width %d: %s", width, cmp.Diff(vals, got))
			}
		}
	}
}

func FuzzHybrid(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, uint8(2))
	f.Add(bytes.Repeat([]byte{7, 7, 7, 1}, 30), uint8(3))
	f.Fuzz(func(t *testing.T, raw []byte, w uint8) {
		width := int(w % 9)
		vals := make([]int32, len(raw))
		for i, b := range raw {
			vals[i] = int32(b) & (1<<width - 1)
		}
		if got := readHybrid(t, AppendHybrid(nil, vals, width), len(vals), width); !slices.Equal(got, vals) {
			t.Fatal(cmp.Diff(vals, got))
		}
	})
}

// oneColumn writes a file with one required text column in plain pages.
func oneColumn(t testing.TB, vals []string, bloom bool) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter()
	w.Reset(&out, []Column{{Name: "v", Type: ByteArray, Logical: String}})
	w.BeginRowGroup(len(vals))
	w.BeginColumn(true)
	var body []byte
	filter := NewBloom(len(vals))
	for _, v := range vals {
		body = binary.LittleEndian.AppendUint32(body, uint32(len(v)))
		body = append(body, v...)
		filter.Add(v)
	}
	if !bloom {
		filter = nil
	}
	w.Page(body, len(vals), Plain)
	if err := w.EndColumn(Stats{}, filter); err != nil {
		t.Fatal(err)
	}
	n, err := w.Close(-1, "k", "v")
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("size %d of %d: %v", n, out.Len(), err)
	}
	return out.Bytes()
}

func TestBloomAndDirectory(t *testing.T) {
	t.Parallel()
	var vals []string
	for i := range 2000 {
		vals = append(vals, fmt.Sprintf("value %d", i))
	}
	data := oneColumn(t, vals, true)
	dir, err := ReadDirectory(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(dir["v"]) != 1 {
		t.Fatalf("directory %v: %v", dir, err)
	}
	reader, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	group, err := reader.GetBloomFilterReader().RowGroup(0)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := group.GetColumnBloomFilter(0)
	if err != nil || stranger == nil {
		t.Fatalf("arrow finds no filter: %v", err)
	}
	wrong := 0
	for i := range 4000 {
		v := fmt.Sprintf("value %d", i)
		has, err := dir["v"][0].Has(bytes.NewReader(data), v)
		if err != nil {
			t.Fatal(err)
		}
		if theirs := stranger.CheckHash(stranger.Hasher().Sum64([]byte(v))); theirs != has {
			t.Fatalf("%q: we say %t, arrow %t", v, has, theirs)
		}
		switch {
		case i < 2000 && !has:
			t.Fatalf("%q is lost", v)
		case i >= 2000 && has:
			wrong++
		}
	}
	if wrong > 60 {
		t.Errorf("%d of 2000 false positives", wrong)
	}
}

func TestDirectoryAbsent(t *testing.T) {
	t.Parallel()
	data := oneColumn(t, []string{"a"}, false)
	dir, err := ReadDirectory(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(dir) != 0 {
		t.Errorf("got %v, %v", dir, err)
	}
}

func FuzzReadDirectory(f *testing.F) {
	f.Add(oneColumn(f, []string{"a", "b"}, true))
	f.Add([]byte("PAR1"))
	f.Add([]byte("\x00\x00\x00\x00YBD1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir, err := ReadDirectory(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, all := range dir {
			for _, b := range all {
				if b.Length <= 0 || b.Offset < 0 || b.Offset+b.Length > int64(len(data)) {
					t.Fatalf("bits %v outside a file of %d bytes", b, len(data))
				}
				_, _ = b.Has(bytes.NewReader(data), "x")
			}
		}
	})
}
