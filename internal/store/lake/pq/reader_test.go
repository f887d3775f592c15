package pq

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// sampleFile writes a file with a column of every shape, in two row groups.
func sampleFile(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter()
	w.Reset(&out, []Column{
		{Name: "time", Type: Int64},
		{Name: "text", Type: ByteArray, Logical: String, Shape: Optional},
		{Name: "list", Type: ByteArray, Logical: String, Shape: List},
		{Name: "yes", Type: Boolean, Shape: Optional},
		{Name: "rest", Type: ByteArray, Logical: String, Shape: MapKey},
		{Name: "rest", Type: ByteArray, Logical: String, Shape: MapValue},
	})
	text := func(vals ...string) (b []byte) {
		for _, v := range vals {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
			b = append(b, v...)
		}
		return b
	}
	end := func() {
		if err := w.EndColumn(Stats{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for group := range 2 {
		w.BeginRowGroup(4)
		w.BeginColumn(true)
		var body []byte
		for i := range 4 {
			body = binary.LittleEndian.AppendUint64(body, uint64(100*group+i))
		}
		w.Page(body, 4, Plain)
		end()
		w.BeginColumn(group == 0)
		w.Dictionary(text("a", "bb"), 2)
		body = AppendLevels(nil, []int32{1, 0, 1, 1}, 1)
		w.Page(AppendHybrid(append(body, 1), []int32{0, 1, 0}, 1), 4, RLEDictionary)
		end()
		for column := range 4 {
			if column == 1 { // rows: true, absent, false, true
				w.BeginColumn(false)
				w.Page(append(AppendLevels(nil, []int32{1, 0, 1, 1}, 1), 0b101), 4, Plain)
				end()
				continue
			}
			// rows: [x y], none, [y], [x]
			w.BeginColumn(true)
			w.Dictionary(text("x", "y"), 2)
			body = AppendLevels(nil, []int32{0, 1, 0, 0, 0}, 1)
			body = AppendLevels(body, []int32{2, 2, 0, 2, 2}, 2)
			w.Page(AppendHybrid(append(body, 1), []int32{0, 1, 1, 0}, 1), 5, RLEDictionary)
			end()
		}
	}
	if _, err := w.Close(0); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReader(t *testing.T) {
	t.Parallel()
	data := sampleFile(t)
	m, err := ReadMeta(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadMeta(bytes.NewReader(data), int64(len(data)), m.Schema)
	if err != nil || again.Schema != m.Schema {
		t.Errorf("the schema is not shared: %v", err)
	}
	r := NewReader()
	read := func(group int, name string) *Chunk {
		t.Helper()
		k, err := r.Read(bytes.NewReader(data), m, group, m.Schema.Index(name))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for group := range 2 {
		if k := read(group, "time"); !slices.Equal(k.Values.Ints, []int64{int64(100 * group), int64(100*group + 1), int64(100*group + 2), int64(100*group + 3)}) || !k.Plain {
			t.Errorf("times %v", k.Values.Ints)
		}
		if k := read(group, "text"); !slices.Equal(k.Codes, []uint32{0, 1, 0}) || !slices.Equal(k.Levels, []uint32{1, 0, 1, 1}) || string(k.Values.At(1)) != "bb" {
			t.Errorf("texts %v %v", k.Codes, k.Levels)
		}
		if k := read(group, "list"); !slices.Equal(k.Repeats, []uint32{0, 1, 0, 0, 0}) || !slices.Equal(k.Codes, []uint32{0, 1, 1, 0}) {
			t.Errorf("lists %v %v", k.Repeats, k.Codes)
		}
		if k := read(group, "yes"); !slices.Equal(k.Values.Ints, []int64{1, 0, 1}) {
			t.Errorf("truths %v", k.Values.Ints)
		}
	}
	if m.Schema.Index("none") != -1 {
		t.Error("a column that is not there has a number")
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for width := range 21 {
		for range 30 {
			vals := make([]int32, rnd.IntN(300))
			for i := range vals {
				if i > 0 && rnd.IntN(3) > 0 {
					vals[i] = vals[i-1]
					continue
				}
				vals[i] = rnd.Int32N(1 << width)
			}
			packed := AppendHybrid(nil, vals, width)
			packed = append(packed, make([]byte, slack)...)[:len(packed)]
			got, rest, err := appendUnpacked(nil, packed, len(vals), width, 1<<width)
			if err != nil || len(rest) != 0 {
				t.Fatalf("width %d: %v, %d bytes left", width, err, len(rest))
			}
			for i, v := range vals {
				if got[i] != uint32(v) {
					t.Fatalf("width %d: value %d is %d, want %d", width, i, got[i], v)
				}
			}
		}
	}
}

// FuzzReader reads every column of any file: it may fail, never more.
func FuzzReader(f *testing.F) {
	data := sampleFile(f)
	f.Add(data)
	f.Add(oneColumn(f, []string{"a", "b", ""}, true))
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 200 { // damage of all kinds, so that plain go test sees some
		bad := bytes.Clone(data)
		for range 1 + rnd.IntN(4) {
			bad[rnd.IntN(len(bad))] = byte(rnd.Uint32())
		}
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadMeta(bytes.NewReader(data), int64(len(data)), nil)
		if err != nil {
			return
		}
		r := NewReader()
		for g := range m.Groups[:min(len(m.Groups), 4)] {
			for c := range m.Schema.Columns[:min(len(m.Schema.Columns), 20)] {
				k, err := r.Read(bytes.NewReader(data), m, g, c)
				if err != nil {
					continue
				}
				for _, code := range k.Codes {
					if int(code) >= k.Values.Len() {
						t.Fatalf("code %d of %d", code, k.Values.Len())
					}
				}
				for i := range k.Values.Starts {
					_ = k.Values.At(i)
				}
				if flat := m.Schema.Columns[c].Shape <= Optional; flat && len(k.Levels) != 0 && len(k.Levels) != k.Rows {
					t.Fatalf("%d levels of %d rows", len(k.Levels), k.Rows)
				}
			}
		}
	})
}
