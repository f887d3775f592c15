package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// oddTable has a field of every kind, plain and with filters, and names that SQL dislikes.
func oddTable() *schema.Table {
	t := schema.NewTable("test.odd", 3, []schema.Field{
		{Name: "text", Kind: schema.String},
		{Name: "plain", Kind: schema.String, Plain: true, Bloom: true},
		{Name: `we"ird'name; drop`, Kind: schema.String, Bloom: true},
		{Name: "select", Kind: schema.Int},
		{Name: "名前", Kind: schema.Float},
		{Name: "yes", Kind: schema.Bool},
		{Name: "when", Kind: schema.Time},
		{Name: "addr", Kind: schema.IP, Plain: true},
		{Name: "tags", Kind: schema.Strings},
		{Name: "addrs", Kind: schema.IPs},
		{Name: "nothing", Kind: schema.Strings},
	})
	t.Original, t.Rest = true, true
	return t
}

var oddTexts = []string{"", "plain", "'; DROP TABLE x; --", `"quoted" \ back`, "nul\x00inside", "\x00", "new\nline\ttab", "%_*?[a-z]", "山田😀", "bad\xff\xfeutf8", "İSTANBUL", strings.Repeat("x", 1<<20), " ", "NULL"}

// oddBatch fills every kind with hostile values, out of time order.
func oddBatch(rows int) *event.Batch {
	b := event.NewBatch(oddTable(), synthDay)
	ints := []int64{0, math.MinInt64, math.MaxInt64, -1, 1 << 60}
	floats := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324, math.MaxFloat64}
	for r := range rows {
		o := b.AddObject(fmt.Sprintf("%020d", r/50))
		b.Time = append(b.Time, synthDay.Start()+int64((r*7919)%rows)*1001)
		b.Object, b.Offset, b.Index = append(b.Object, o), append(b.Offset, int64(r%50)*1000), append(b.Index, int32(r%3))
		v := oddTexts[r%len(oddTexts)]
		if r > 20 && len(v) > 1000 {
			v = v[:1000]
		}
		b.Original = append(b.Original, v)
		for i := range b.Columns {
			c := &b.Columns[i]
			if r%5 == 4 {
				continue
			}
			switch c.Name {
			case "select":
				c.SetInt(r, ints[r%len(ints)])
			case "名前":
				c.SetFloat(r, floats[r%len(floats)])
			case "yes":
				c.SetInt(r, int64(r%2))
			case "when":
				c.SetInt(r, ints[r%len(ints)])
			case "addr":
				c.SetText(r, fmt.Appendf(nil, "10.0.%d.%d", r%3, r%200))
			case "addrs", "tags":
				c.Pad(r)
				for k := range r % 4 {
					if c.Name == "tags" {
						v := oddTexts[(r+k)%len(oddTexts)]
						c.AddText([]byte(v[:min(len(v), 2000)]))
					} else {
						c.AddText(fmt.Appendf(nil, "2001:db8::%x", r+k+1))
					}
				}
				c.CloseList(r)
			case "nothing":
			default:
				c.SetText(r, []byte(v))
			}
		}
		for k := range r % 3 {
			b.Rest.Keys = append(b.Rest.Keys, b.Rest.KeyDict.CodeString(fmt.Sprintf("x[].'k%d\"", k%2)))
			b.Rest.Vals = append(b.Rest.Vals, b.Rest.ValDict.CodeString(oddTexts[1+(r+k)%(len(oddTexts)-3)]))
		}
		b.Rest.Ends = append(b.Rest.Ends, int32(len(b.Rest.Keys)))
		b.Rows++
	}
	b.Seal()
	return b
}

// wantEvents is what the lake must give back for a batch, by id. Texts are valid UTF-8, times
// at the ends of int64 have moved inwards.
func wantEvents(b *event.Batch) map[string]map[string]any {
	out := map[string]map[string]any{}
	for r := range b.Rows {
		doc := b.Document(r)
		id := doc[event.IDField].(string)
		for _, f := range []string{event.IDField, event.ModuleField} {
			delete(doc, f)
		}
		for k, v := range doc {
			switch x := v.(type) {
			case string:
				doc[k] = strings.ToValidUTF8(x, "\uFFFD")
			case []string:
				for i := range x {
					x[i] = strings.ToValidUTF8(x[i], "\uFFFD")
				}
			case map[string]string:
				for key := range x {
					x[key] = strings.ToValidUTF8(x[key], "\uFFFD")
				}
			case time.Time:
				doc[k] = time.Unix(0, min(max(x.UnixNano(), minTime), maxTime)).UTC()
			}
		}
		doc[colIngested] = time.Unix(0, synthDay.End()).UTC()
		out[id] = doc
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, b := range []*event.Batch{oddBatch(1), oddBatch(700), newWAFWorld(2).batch(wafTable(true), 2000, synthDay.Start(), 1_000_000, "00000000000000000009")} {
		l := newLake(t, b)
		got := map[string]map[string]any{}
		q := store.EventsQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64}, Limit: 1500}
		for {
			res, err := l.Events(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range res.Events {
				e.Fields[colTime] = e.Time
				got[e.ID] = e.Fields
			}
			if q.After = res.Next; q.After == nil {
				break
			}
		}
		if diff := cmp.Diff(wantEvents(b), got); diff != "" {
			t.Errorf("%s: %.3000s", b.Table.LogType, diff)
		}
	}
}

// TestRowGroups writes more rows than a row group holds, and plain columns over many pages.
func TestRowGroups(t *testing.T) {
	t.Parallel()
	table := schema.NewTable("test.long", 1, []schema.Field{
		{Name: "user", Kind: schema.String, Bloom: true}, {Name: "id", Kind: schema.String, Plain: true}, {Name: "n", Kind: schema.Int}, {Name: "l", Kind: schema.Strings}, {Name: "late", Kind: schema.String}, {Name: "many", Kind: schema.String},
	})
	b := event.NewBatch(table, synthDay)
	rows := 2*rowGroupRows + 17
	o := b.AddObject("00000000000000000001")
	for r := range rows {
		b.Time, b.Object, b.Offset, b.Index = append(b.Time, synthDay.Start()+int64(r)), append(b.Object, o), append(b.Offset, int64(r)), append(b.Index, 0)
		b.Columns[0].SetText(r, fmt.Appendf(nil, "user-%d", r%300))
		b.Columns[1].SetText(r, fmt.Appendf(nil, "id-%032d", r))
		b.Columns[2].SetInt(r, int64(r))
		if r%2 == 0 {
			b.Columns[3].Pad(r)
			b.Columns[3].AddText(fmt.Appendf(nil, "a%d", r%7))
			b.Columns[3].AddText([]byte("z"))
			b.Columns[3].CloseList(r)
		}
		b.Columns[5].SetText(r, fmt.Appendf(nil, "many-%d", r))
	}
	b.Columns[4].SetText(rows-1, []byte("here"))
	b.Rows = rows
	l := newLake(t, b)
	p := l.parts[0]
	want := map[string]store.ColumnStats{
		colObject: {Present: int64(rows), Min: "00000000000000000001", Max: "00000000000000000001", Values: []string{"00000000000000000001"}, Distinct: 1},
		"user":    {Present: int64(rows), Min: "user-0", Max: "user-99", Distinct: 300},
		"id":      {Present: int64(rows), Min: fmt.Sprintf("id-%032d", 0), Max: fmt.Sprintf("id-%032d", rows-1)},
		"n":       {Present: int64(rows), Min: "0", Max: fmt.Sprint(rows - 1)},
		"l":       {Present: int64((rows + 1) / 2), Min: "a0", Max: "z", Values: []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "z"}, Distinct: 8},
		"late":    {Present: 1, Min: "here", Max: "here", Values: []string{"here"}, Distinct: 1},
		"many":    {Present: int64(rows), Min: "many-0", Max: "many-99999", Distinct: int64(rows)},
	}
	if diff := cmp.Diff(want, p.Stats); diff != "" {
		t.Error(diff)
	}
	res, err := l.Aggregate(t.Context(), store.AggregateQuery{Query: allTime("l:z and user:user-2*"), Aggs: []store.Agg{{Name: "n", Func: store.Count}, {Name: "s", Func: store.Sum, Field: "n"}, {Name: "d", Func: store.Distinct, Field: "id"}}})
	if err != nil {
		t.Fatal(err)
	}
	n, sum := int64(0), int64(0)
	for r := 0; r < rows; r += 2 {
		if strings.HasPrefix(fmt.Sprint(r%300), "2") {
			n++
			sum += int64(r)
		}
	}
	if diff := cmp.Diff([][]any{{n, sum, n}}, res.Rows); diff != "" {
		t.Error(diff)
	}
	one, err := l.Events(t.Context(), store.EventsQuery{Query: allTime(fmt.Sprintf("id:ID-%032d", rows-1)), Limit: 5, Fields: []string{"late", "many"}})
	if err != nil || len(one.Events) != 1 || one.Events[0].Fields["late"] != "here" {
		t.Errorf("got %v, %v", one.Events, err)
	}
}

func TestPartDescribesFile(t *testing.T) {
	t.Parallel()
	b := oddBatch(100)
	l := newLake(t)
	p := l.NewPart(b)
	if p.Path != "test.odd/2026-10-01/"+p.ID+".parquet" || p.Tier != "hot" || p.Version != 3 || p.Day != int32(synthDay) || len(p.Fields) != len(b.Table.Fields) {
		t.Errorf("part before it is written: %+v", p)
	}
	if err := l.Write(t.Context(), &p, b, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(l.root, p.Path))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if p.Bytes != int64(len(data)) || p.SHA256 != hex.EncodeToString(sum[:]) || p.Rows != 100 {
		t.Errorf("part %+v for %d bytes", p, len(data))
	}
	if err := l.Check(t.Context(), p); err != nil {
		t.Error(err)
	}
	again := p
	if err := l.Write(t.Context(), &again, b, time.Unix(0, 0)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over a part: %v", err)
	}
	if err := l.Check(t.Context(), p); err != nil {
		t.Errorf("the refused write harmed the part: %v", err)
	}
}

// fullDisk is a file on a disk with some bytes left.
type fullDisk struct {
	*os.File
	left int
}

func (f *fullDisk) Write(b []byte) (int, error) {
	if len(b) > f.left {
		n, _ := f.File.Write(b[:f.left])
		f.left = 0
		return n, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	f.left -= len(b)
	return f.File.Write(b)
}

func (f *fullDisk) Sync() error {
	if f.left == 0 {
		return syscall.ENOSPC
	}
	return f.File.Sync()
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	b := newWAFWorld(5).batch(wafTable(true), 2000, synthDay.Start(), 1_000_000, "x")
	l := newLake(t)
	whole := l.add(t, b)
	for _, left := range []int64{0, 1, 1000, whole.Bytes / 2, whole.Bytes - 1, whole.Bytes} {
		l.create = func(path string) (sink, error) {
			f, err := os.Create(path)
			return &fullDisk{f, int(left)}, err
		}
		p := l.NewPart(b)
		err := l.Write(t.Context(), &p, b, time.Unix(0, synthDay.End()))
		if !errors.Is(err, ErrNoSpace) || !strings.Contains(err.Error(), p.ID) {
			t.Errorf("%d bytes left: %v", left, err)
		}
		if _, err := os.Stat(filepath.Join(l.root, p.Path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d bytes left: the half file is still there: %v", left, err)
		}
	}
	l.create = createExclusive
	l.add(t, b)
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	l := newLake(t)
	b := oddBatch(10)
	p := l.NewPart(b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Write(ctx, &p, b, time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	for _, path := range []string{"../out.parquet", "/abs.parquet", "", "a/../../b", "nul\x00"} {
		p.Path = path
		if err := l.Write(t.Context(), &p, b, time.Time{}); err == nil {
			t.Errorf("path %q was written", path)
		}
	}
	for _, names := range [][]string{{"a", "A"}, {"@timestamp"}, {"event.original"}, {"_object"}, {""}, {"x\x00y"}, {"\xff"}, {"Event.ID"}} {
		var fields []schema.Field
		for _, n := range names {
			fields = append(fields, schema.Field{Name: n, Kind: schema.String})
		}
		bad := event.NewBatch(schema.NewTable("test.bad", 1, fields), synthDay)
		bad.Time, bad.Object, bad.Offset, bad.Index, bad.Rows = []int64{1}, []int32{bad.AddObject("o")}, []int64{0}, []int32{0}, 1
		p := l.NewPart(bad)
		if err := l.Write(t.Context(), &p, bad, time.Time{}); err == nil {
			t.Errorf("fields %q were written", names)
		}
	}
	empty := event.NewBatch(oddTable(), synthDay)
	p = l.NewPart(empty)
	if err := l.Write(t.Context(), &p, empty, time.Time{}); err == nil {
		t.Error("an empty batch was written")
	}
	left := 0
	err := filepath.WalkDir(l.root, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left++
		}
		return err
	})
	if err != nil || left > 0 {
		t.Errorf("%d files left behind, %v", left, err)
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	t.Parallel()
	l := newLake(t)
	b := oddBatch(500)
	p := l.NewPart(b)
	q := p
	q.Path = "other/" + q.Path
	for _, part := range []*store.Part{&p, &q} {
		if err := l.Write(t.Context(), part, b, time.Unix(5, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if p.SHA256 != q.SHA256 {
		t.Error("the same batch and part gave two files")
	}
}
