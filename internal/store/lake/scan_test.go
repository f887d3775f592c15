package lake

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
	"github.com/yagura-siem/yagura/internal/store/naive"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

// randomTable is a table with any of the fields, some with a kind of their own in every version.
func randomTable(r *rand.Rand, logType string, version int) *schema.Table {
	var fields []schema.Field
	for _, f := range []schema.Field{
		{Name: "a.text", Kind: schema.String}, {Name: "b.text", Kind: schema.String, Bloom: true}, {Name: "c.plain", Kind: schema.String, Plain: true},
		{Name: "d.ip", Kind: schema.IP}, {Name: "e.int", Kind: schema.Int}, {Name: "f.float", Kind: schema.Float}, {Name: "g.bool", Kind: schema.Bool},
		{Name: "h.time", Kind: schema.Time}, {Name: "i.list", Kind: schema.Strings}, {Name: "j.ips", Kind: schema.IPs}, {Name: "l.wide", Kind: schema.String},
	} {
		if r.IntN(5) > 0 {
			fields = append(fields, f)
		}
	}
	mixed := []schema.Kind{schema.String, schema.IP, schema.Strings}
	if r.IntN(3) == 0 {
		mixed = []schema.Kind{schema.Int, schema.String}
	}
	fields = append(fields, schema.Field{Name: "k.mixed", Kind: mixed[r.IntN(len(mixed))]})
	t := schema.NewTable(logType, version, fields)
	t.Rest = r.IntN(3) > 0
	return t
}

// randomBatch fills a batch; most columns have gaps, some none, some nothing at all.
func randomBatch(r *rand.Rand, t *schema.Table, rows int, object string) *event.Batch {
	b := event.NewBatch(t, synthDay)
	o := b.AddObject(event.ObjectIdentity{Source: "test", Key: object}.ID())
	gaps := make([]int, len(b.Columns))
	for i := range gaps {
		gaps[i] = []int{0, 2, 4, 10, 11}[r.IntN(5)] // of 11: 0 never absent
	}
	words := r.IntN(30) + 1
	word := func() string {
		return []string{"word", "Wörd", "WORD", "山"}[r.IntN(4)] + strconv.Itoa(r.IntN(words))
	}
	ip := func() string {
		if r.IntN(4) == 0 {
			return fmt.Sprintf("2001:db8::%x", 1+r.IntN(20))
		}
		return fmt.Sprintf("10.0.%d.%d", r.IntN(3), r.IntN(40))
	}
	for row := range rows {
		at := synthDay.Start() + r.Int64N(24*3600)*int64(time.Second)
		b.Time, b.Object, b.Offset, b.Index = append(b.Time, at), append(b.Object, o), append(b.Offset, int64(row)), append(b.Index, 0)
		b.Rows++
		for i := range b.Columns {
			c := &b.Columns[i]
			if r.IntN(11) < gaps[i] {
				if c.Kind.List() {
					c.CloseList(row)
				}
				continue
			}
			switch c.Kind {
			case schema.String:
				v := word()
				if c.Name == "l.wide" { // overflows its dictionary in a long part
					v = strconv.Itoa(row*7919) + "x"
				}
				c.SetText(row, []byte(v))
			case schema.IP:
				c.SetText(row, []byte(ip()))
			case schema.Strings, schema.IPs:
				for range r.IntN(4) {
					if c.Kind == schema.IPs {
						c.AddText([]byte(ip()))
					} else {
						c.AddText([]byte(word()))
					}
				}
				c.CloseList(row)
			case schema.Float:
				c.SetFloat(row, []float64{0, 1.5, -2.25, 1e9, r.Float64()}[r.IntN(5)])
			case schema.Bool:
				c.SetInt(row, r.Int64N(2))
			case schema.Time:
				c.SetInt(row, synthDay.Start()+r.Int64N(48*3600)*int64(time.Second))
			default:
				c.SetInt(row, []int64{0, 5, -7, math.MaxInt64, math.MinInt64, r.Int64N(3000)}[r.IntN(6)])
			}
		}
		if t.Rest {
			for n := range r.IntN(4) {
				if r.IntN(3) == 0 {
					continue
				}
				b.Rest.Keys = append(b.Rest.Keys, b.Rest.KeyDict.CodeString([]string{"native.x", "a.text", "k.other", "i.list"}[n]))
				b.Rest.Vals = append(b.Rest.Vals, b.Rest.ValDict.CodeString(word()))
			}
			b.Rest.Ends = append(b.Rest.Ends, int32(len(b.Rest.Keys)))
		}
	}
	b.Seal()
	return b
}

var scanFields = []string{"a.text", "b.text", "c.plain", "d.ip", "e.int", "f.float", "g.bool", "h.time", "i.list", "j.ips", "k.mixed", "l.wide", "native.x", "none", "event.module"}

func randomWhere(r *rand.Rand, depth int) string {
	if depth > 0 {
		switch r.IntN(5) {
		case 0:
			return "(" + randomWhere(r, depth-1) + " and " + randomWhere(r, depth-1) + ")"
		case 1:
			return "(" + randomWhere(r, depth-1) + " or " + randomWhere(r, depth-1) + ")"
		case 2:
			return "not (" + randomWhere(r, depth-1) + ")"
		}
	}
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	switch r.IntN(10) {
	case 9: // several values of one field
		field := pick("a.text", "c.plain", "d.ip", "e.int", "f.float", "g.bool", "i.list", "j.ips", "k.mixed", "l.wide", "native.x", "event.module", "h.time")
		var any []string
		for range 3 + r.IntN(4) {
			any = append(any, field+":"+pick("word1", "WÖRD2", "山3", "10.0.0.5", "10.0.1.7", "10.0.1.0/24", "2001:db8::/64", "5", "1.5", "true", "wo*", "test.one", "*", "2026-10-01T10"))
		}
		return "(" + strings.Join(any, " or ") + ")"
	case 0:
		return pick(scanFields...) + ":*"
	case 1:
		return pick("a.text", "b.text", "c.plain", "i.list", "k.mixed", "native.x", "*.text", "i.*") + ":" + pick("word1", "WÖRD2", "wo*", "*1*", "山3", "/d1$/", `"word0"`)
	case 2:
		return pick("d.ip", "j.ips", "k.mixed") + ":" + pick("10.0.1.0/24", "10.0.0.5", "2001:db8::/64", "10.*")
	case 3:
		return pick("e.int", "f.float") + pick(" > 0", " <= 5", ":5", ":1.5", " < -2")
	case 4:
		return "g.bool:" + pick("true", "false")
	case 5:
		return pick("@timestamp", "h.time") + pick(" >= 2026-10-01T06:00", " < 2026-10-01T18:30", ":2026-10-01T10", " > 2026-10-02")
	case 6:
		return pick("event.module", "yagura.log_type") + ":" + pick("test.one", "test.*", "x")
	case 7:
		return pick("word1", "nothing") // free text
	}
	return pick("a.text > word1", "l.wide < 5", "c.plain >= m and c.plain < z", "*:word1", "not none:*")
}

func randomStatistics(t testing.TB, r *rand.Rand) store.AggregateQuery {
	n, err := expr.Parse(randomWhere(r, 2))
	if err != nil {
		t.Fatal(err)
	}
	q := store.AggregateQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64, Where: n}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}}
	if r.IntN(3) == 0 {
		q.From = synthDay.Start() + r.Int64N(20)*int64(time.Hour)
		q.To = q.From + r.Int64N(8)*int64(time.Hour)
	}
	if r.IntN(4) == 0 {
		q.Types = []string{"test.one"}
	}
	for i := range r.IntN(4) {
		k := store.Key{Name: fmt.Sprintf("k%d", i), Field: scanFields[r.IntN(len(scanFields))]}
		if r.IntN(4) == 0 {
			k.Field = []string{"@timestamp", "h.time"}[r.IntN(2)]
			k.Buckets = &store.Buckets{}
			w := []int64{int64(time.Hour), 7 * int64(time.Minute), 0}[r.IntN(3)]
			k.Buckets.Width = w
			for e := synthDay.Start() + r.Int64N(3)*int64(time.Hour); e < synthDay.Start()+int64(20*time.Hour); e += w {
				k.Buckets.Edges = append(k.Buckets.Edges, e)
				if w == 0 {
					e += (1 + r.Int64N(9)) * int64(time.Hour)
				}
			}
		}
		q.By = append(q.By, k)
	}
	for i := range r.IntN(3) {
		a := store.Agg{Name: fmt.Sprintf("a%d", i), Field: scanFields[r.IntN(len(scanFields))], Func: []store.Func{store.Count, store.Distinct, store.Min, store.Max}[r.IntN(4)]}
		if r.IntN(6) == 0 {
			a.Field = []string{"@timestamp", "event.ingested"}[r.IntN(2)]
		} else if r.IntN(3) == 0 {
			a.Field, a.Func, a.Arg = []string{"e.int", "f.float"}[r.IntN(2)], []store.Func{store.Avg, store.Percentile, store.Sum}[r.IntN(3)], 0
			if a.Func == store.Percentile {
				a.Arg = float64(1 + r.IntN(98))
			}
			if a.Field == "e.int" && a.Func == store.Sum { // the judge has no word for sums beyond int64
				a.Func = store.Avg
			}
		}
		q.Aggs = append(q.Aggs, a)
	}
	if r.IntN(2) == 0 {
		q.Sort = []store.Sort{{Column: "n", Desc: r.IntN(2) == 0}}
		q.Limit = 1 + r.IntN(30)
	}
	return q
}

// TestScanRandom compares the scan with the judge over made-up tables.
func TestScanRandom(t *testing.T) {
	t.Parallel()
	taken := 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 99))
		var batches []*event.Batch
		var records []naive.Record
		for i := range 2 + r.IntN(4) {
			table := randomTable(r, []string{"test.one", "test.two"}[i%2], 1+i/2)
			batches = append(batches, randomBatch(r, table, 1+r.IntN(150), fmt.Sprint(seed, i)))
			records = append(records, naive.FromBatch(batches[i])...)
		}
		l := newLake(t, batches...)
		for range 120 {
			q := randomStatistics(t, r)
			want, wantErr := engineAnswer(t, l.Lake, q)
			tables, errs := l.aggregateBy(t.Context(), []store.AggregateQuery{q}, scanOnly)
			if errors.Is(errs[0], errUnfit) {
				continue
			}
			taken++
			if (errs[0] != nil) != (wantErr != nil) {
				t.Fatalf("seed %d, %+v where %s: error %v, the engine says %v", seed, q, q.Where, errs[0], wantErr)
			}
			if wantErr != nil {
				continue
			}
			if diff := storetest.DiffTable(want, tables[0]); diff != "" {
				t.Errorf("seed %d, by %v aggs %v sort %v limit %d where %s [%d,%d) %v: the engine differs: %s", seed, q.By, q.Aggs, q.Sort, q.Limit, q.Where, q.From, q.To, q.Types, diff)
			}
		}
		judge(t, r, l.Lake, records, batches)
		if t.Failed() {
			return
		}
	}
	t.Logf("the scan took %d questions", taken)
	if taken < 200 {
		t.Errorf("the scan took only %d questions", taken)
	}
}

func engineAnswer(t *testing.T, l *Lake, q store.AggregateQuery) (store.Table, error) {
	t.Helper()
	tables, errs := l.aggregateBy(t.Context(), []store.AggregateQuery{q}, engineOnly)
	return tables[0], errs[0]
}

// judge asks the naive evaluator too, where all tables agree on the kinds of fields.
func judge(t *testing.T, r *rand.Rand, l *Lake, records []naive.Record, batches []*event.Batch) {
	t.Helper()
	kinds := map[string]schema.Kind{}
	for _, b := range batches {
		for _, f := range b.Table.Fields {
			if k, ok := kinds[f.Name]; ok && k.Element() != f.Kind.Element() {
				return
			}
			kinds[f.Name] = f.Kind
		}
		for _, f := range scanFields {
			if b.Table.Rest && b.Table.Index(f) < 0 && (f == "a.text" || f == "i.list") {
				return // a leaf of that name, of another kind
			}
		}
	}
	naive := naive.New(records)
	for range 120 {
		q := randomStatistics(t, r)
		if slices.ContainsFunc(q.Aggs, func(a store.Agg) bool { return a.Field == colIngested }) {
			continue // the judge does not know when events were stored
		}
		want, err := naive.Aggregate(t.Context(), q)
		got, gotErr := l.Aggregate(t.Context(), q)
		if _, engineErr := engineAnswer(t, l, q); gotErr != nil && engineErr != nil {
			continue // no part in range declares the time that is to have buckets
		}
		if (err != nil) != (gotErr != nil) {
			t.Fatalf("%+v: error %v, want %v", q, gotErr, err)
		}
		if diff := storetest.DiffTable(want, got); err == nil && diff != "" {
			t.Errorf("by %v aggs %v sort %v limit %d where %s: the judge differs: %s", q.By, q.Aggs, q.Sort, q.Limit, q.Where, diff)
		}
	}
}

// TestScanGroups compares over a part of several row groups and dictionaries that overflow.
func TestScanGroups(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	table := schema.NewTable("test.one", 1, []schema.Field{{Name: "a.text", Kind: schema.String}, {Name: "e.int", Kind: schema.Int}, {Name: "i.list", Kind: schema.Strings},
		{Name: "l.wide", Kind: schema.String}, {Name: "f.float", Kind: schema.Float}})
	l := newLake(t, randomBatch(r, table, rowGroupRows+9000, "long"), randomBatch(r, table, 9000, "short"))
	where, err := expr.Parse("not a.text:word1")
	if err != nil {
		t.Fatal(err)
	}
	hours := store.Key{Name: "t", Field: "@timestamp", Buckets: &store.Buckets{Width: int64(time.Hour)}}
	for e := synthDay.Start(); e <= synthDay.End(); e += int64(time.Hour) {
		hours.Buckets.Edges = append(hours.Buckets.Edges, e)
	}
	count := store.Agg{Name: "n", Func: store.Count}
	for _, q := range []store.AggregateQuery{
		{By: []store.Key{hours, {Name: "k", Field: "a.text"}}, Aggs: []store.Agg{count, {Name: "d", Func: store.Distinct, Field: "l.wide"}, {Name: "s", Func: store.Sum, Field: "f.float"}}},
		{By: []store.Key{{Name: "k", Field: "l.wide"}}, Aggs: []store.Agg{count}, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: 50},
		{By: []store.Key{{Name: "k", Field: "l.wide"}, {Name: "i", Field: "i.list"}, {Name: "e", Field: "e.int"}}, Aggs: []store.Agg{count, {Name: "m", Func: store.Max, Field: "a.text"}}, Limit: 500},
		{Aggs: []store.Agg{{Name: "p", Func: store.Percentile, Field: "f.float", Arg: 90}, {Name: "d", Func: store.Distinct, Field: "i.list"}}},
	} {
		q.From, q.To, q.Where = synthDay.Start()+int64(time.Minute), synthDay.End()-int64(time.Hour), where
		want, err := engineAnswer(t, l.Lake, q)
		if err != nil {
			t.Fatal(err)
		}
		tables, errs := l.aggregateBy(t.Context(), []store.AggregateQuery{q}, scanOnly)
		if errs[0] != nil {
			t.Fatalf("by %v: %v", q.By, errs[0])
		}
		if diff := storetest.DiffTable(want, tables[0]); diff != "" {
			t.Errorf("by %v: %s", q.By, diff)
		}
	}
}

// TestScanBounds leaves what does not fit into memory to the engine, and stops with the context.
func TestScanBounds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	table := schema.NewTable("test.one", 1, []schema.Field{{Name: "l.wide", Kind: schema.String}})
	l := newLake(t, randomBatch(r, table, 5000, "x"))
	q := store.AggregateQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64}, By: []store.Key{{Name: "k", Field: "l.wide"}}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}, Limit: 3}
	want, err := l.Aggregate(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for name, bound := range map[string]func(){
		"groups":       func() { l.scanMemory = 10_000 },
		"dictionaries": func() { l.scanMemory, l.cache = 1<<30, codes.NewCache(8_000) },
	} {
		bound()
		if _, errs := l.aggregateBy(t.Context(), []store.AggregateQuery{q}, scanOnly); !errors.Is(errs[0], errUnfit) {
			t.Errorf("%s: %v, want the question refused", name, errs[0])
		}
		got, err := l.Aggregate(t.Context(), q)
		if diff := storetest.DiffTable(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Aggregate(ctx, q); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
}

// TestScanConcurrent asks from many sides at once, while the cache overflows.
func TestScanConcurrent(t *testing.T) {
	t.Parallel()
	w := newWAFWorld(9)
	var batches []*event.Batch
	for i := range 6 {
		batches = append(batches, w.batch(wafTable(false), 800, synthDay.Start()+int64(i)*int64(time.Hour), 1_000_000, fmt.Sprintf("%020d", i)))
	}
	l := newLake(t, batches...)
	l.cache = codes.NewCache(300_000)
	_, qs := dashboard("aws.waf", synthDay)
	want, errs := l.aggregateBy(t.Context(), qs, engineOnly)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			got, errs := l.AggregateBatch(t.Context(), qs)
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
				return
			}
			for i := range qs {
				if diff := storetest.DiffTable(want[i], got[i]); diff != "" {
					t.Errorf("question %d: %s", i, diff)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzScanPart scans parts whose files say anything: wrong or partial answers and errors, no
// panic, no end of memory.
func FuzzScanPart(f *testing.F) {
	r := rand.New(rand.NewPCG(8, 8))
	table := schema.NewTable("test.one", 1, []schema.Field{{Name: "a.text", Kind: schema.String}, {Name: "d.ip", Kind: schema.IP}, {Name: "e.int", Kind: schema.Int}, {Name: "f.float", Kind: schema.Float},
		{Name: "g.bool", Kind: schema.Bool}, {Name: "h.time", Kind: schema.Time}, {Name: "i.list", Kind: schema.Strings}, {Name: "l.wide", Kind: schema.String}})
	table.Rest = true
	root := f.TempDir()
	l, err := Open(Config{Root: root, Catalogue: &testCatalogue{}})
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	b := randomBatch(r, table, 60, "x")
	part := l.NewPart(b)
	if err := l.Write(f.Context(), &part, b, synthIngested); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(root, part.Path))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for range 60 {
		bad := append([]byte(nil), good...)
		for range 1 + r.IntN(3) {
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
		}
		f.Add(bad)
	}
	hours := &store.Buckets{Edges: []int64{synthDay.Start(), synthDay.Start() + int64(5*time.Hour), synthDay.End()}}
	var qs []store.AggregateQuery
	for _, name := range []string{"a.text", "d.ip", "e.int", "f.float", "g.bool", "h.time", "i.list", "l.wide", "native.x"} {
		n, err := expr.Parse(name + ":* or @timestamp < 2026-10-01T06:30")
		if err != nil {
			f.Fatal(err)
		}
		qs = append(qs, store.AggregateQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64, Where: n}, By: []store.Key{{Name: "k", Field: name}, {Name: "t", Field: "@timestamp", Buckets: hours}},
			Aggs: []store.Agg{{Name: "n", Func: store.Count}, {Name: "d", Func: store.Distinct, Field: name}}})
	}
	files := 0
	f.Fuzz(func(t *testing.T, data []byte) {
		files++
		p := part
		p.ID, p.Path, p.Bytes, p.Stats = strconv.Itoa(files), "fuzz.parquet", int64(len(data)), nil
		if err := os.WriteFile(filepath.Join(root, p.Path), data, 0o600); err != nil {
			t.Fatal(err)
		}
		l.catalogue = &testCatalogue{parts: []store.Part{p}}
		tables, _ := l.aggregateBy(t.Context(), qs, scanOnly) // any error; a file in order is compared elsewhere
		if len(tables) != len(qs) {
			t.Fatalf("%d answers for %d questions", len(tables), len(qs))
		}
	})
}
