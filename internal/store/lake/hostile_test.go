package lake

import (
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

var hostileConditions = []string{
	`text:"'; DROP TABLE x; --"`, `text:"nul\u0000inside"`, `text:"\u0000"`, `text:*nul*`, `"we\"ird'name; drop":*`, `"we\"ird'name; drop":"plain"`, `"select" > 5`, `"select":-9223372036854775808`,
	`名前 > 0`, `名前:0`, `not 名前:*`, `when:*`, `when > 2200`, `when < 1700`, `addr:10.0.1.0/24`, `addrs:"2001:db8::5"`, `tags:"%_*?[a-z]"`, `tags:"山田😀"`, `nothing:*`, `not nothing:x`,
	`"x[].'k0\"":*`, `"x[].'k0\"":plain`, `x*:"'; DROP TABLE x; --"`, `"');--":x`, `"\" OR 1=1 --":x`, `event.id:"' OR 1=1 --"`, `plain:"istanbul"`, `text:*`, `event.original:"drop table"`, `"'"`, `%`, `text:/'/`, `text:/\x00/`, `yes:true`, `not yes:true`,
}

var fuzzSeeds = []string{
	`*`, `not *`, `user.name:root`, `user.name:ＲＯＯＴ`, `user.name:r*t`, `not user.name:*`, `user.name:/^[Rr]oot$/`, `source.ip:203.0.113.0/24`, `source.ip >= 10.0.0.0`, `related.ip:10.0.0.1`,
	`test.big > 9007199254740992`, `test.ratio:0.1`, `test.ok:true`, `test.at:2026-03-28`, `@timestamp >= 2026-03-29`, `test.tags:(alpha and not beta)`, `native.count > 9`, `native.*:abc`, `"Odd Key":*`, `*:abc`,
	`password`, `100%`, `message:pass*root`, `event.module:test.web or event.id:*`, `not (user.name:root or event.action:block)`, `user.name:"'"`, `user.name:"\u0000"`, `user.name:*\\*`, `event.action:(allow or block or count)`,
	`not event.action:*`, `event.action:*`, `test.never:*`, `event.duration >= 0`, `user.name >= a and user.name < b`, `@timestamp < 2000`, `test.tags:/^.$/`, `user.name:/\Q'\E/`, `user.name:/(?i)ROOT|\x{5c71}/`,
}

// TestHostile asks odd questions of odd events; the naive judge knows the answers. Values that
// are no UTF-8 are stored changed, so the batch here has none.
func TestHostile(t *testing.T) {
	t.Parallel()
	b := oddBatch(140)
	for i := range b.Columns {
		cleanAll(b.Columns[i].Texts)
		cleanAll(b.Columns[i].Dict.Values)
		if b.Columns[i].Name == "when" {
			for r, v := range b.Columns[i].Ints {
				b.Columns[i].Ints[r] = min(max(v, minTime), maxTime)
			}
		}
	}
	cleanAll(b.Original)
	cleanAll(b.Rest.ValDict.Values)
	judge := naive.New(naive.FromBatch(b))
	l := newLake(t, b)
	many := make([]string, 0, 1000)
	for i := range 1000 {
		many = append(many, `text:"v`+strings.Repeat("'", i%5)+`"`)
	}
	long := strings.Repeat("x", 60_000)
	conditions := append([]string{
		strings.Join(many, " or "), "not (" + strings.Join(many, " or ") + ")", strings.Repeat("not ", 90) + "text:plain", strings.Repeat("(", 90) + "text:plain" + strings.Repeat(")", 90),
		`text:"` + long + `"`, `text:` + long + `*`, `not text:"` + long + `*"`,
	}, hostileConditions...)
	for _, text := range conditions {
		n, err := expr.Parse(text)
		if err != nil {
			t.Logf("%.80s: %v", text, err)
			continue
		}
		q := store.Query{From: math.MinInt64, To: math.MaxInt64, Where: n}
		if got, want := count(t, l, q), count(t, judge, q); got != want {
			t.Errorf("%.80s: %d events, want %d", text, got, want)
		}
	}
}

func cleanAll(vals []string) {
	for i, v := range vals {
		vals[i] = strings.ToValidUTF8(v, "\uFFFD")
	}
}

// fuzzLake is shared by the runs of a fuzz target: opening one is slow.
var fuzzLake = sync.OnceValues(func() (*Lake, store.Searcher) {
	_, all := storetest.Data()
	var records []naive.Record
	cat := &testCatalogue{}
	root, err := tempRoot()
	if err != nil {
		panic(err)
	}
	l, err := Open(Config{Root: root, Catalogue: cat})
	if err != nil {
		panic(err)
	}
	tl := testLake{l, cat}
	for i, b := range all {
		if i%4 == 1 {
			tl.mustAdd(b)
			records = append(records, naive.FromBatch(b)...)
		}
	}
	return l, naive.New(records)
})

// FuzzCondition turns any condition into SQL: it never fails and finds what the judge finds.
func FuzzCondition(f *testing.F) {
	for _, s := range append(hostileConditions, fuzzSeeds...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 || strings.ToValidUTF8(text, "") != text {
			return
		}
		n, err := expr.Parse(text)
		if err != nil {
			return
		}
		l, judge := fuzzLake()
		q := store.Query{From: math.MinInt64, To: math.MaxInt64, Where: n}
		if got, want := count(t, l, q), count(t, judge, q); got != want {
			t.Errorf("%q: %d events, want %d", text, got, want)
		}
	})
}

// FuzzWrite writes any texts as every kind of text column and reads them back.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b", int64(1), 1.5)
	f.Add("\xff\x00", "'", int64(math.MinInt64), math.Inf(-1))
	f.Add(strings.Repeat("long", 5000), "山", int64(math.MaxInt64), -0.0)
	f.Fuzz(func(t *testing.T, a, b string, n int64, x float64) {
		if len(a)+len(b) > 1<<20 {
			return
		}
		batch := event.NewBatch(oddTable(), synthDay)
		o := batch.AddObject("00000000000000000001")
		for r := range 3 {
			batch.Time, batch.Object, batch.Offset, batch.Index = append(batch.Time, synthDay.Start()+int64(r)), append(batch.Object, o), append(batch.Offset, int64(r)), append(batch.Index, 0)
			batch.Original = append(batch.Original, b)
			for _, name := range []string{"text", "plain"} {
				batch.Column(name).SetText(r, []byte(a))
			}
			batch.Column("select").SetInt(r, n)
			batch.Column("when").SetInt(r, n)
			batch.Column("名前").SetFloat(r, x)
			tags := batch.Column("tags")
			tags.AddText([]byte(a))
			tags.AddText([]byte(b))
			tags.CloseList(r)
			batch.Rest.Keys = append(batch.Rest.Keys, batch.Rest.KeyDict.CodeString(a))
			batch.Rest.Vals = append(batch.Rest.Vals, batch.Rest.ValDict.CodeString(b))
			batch.Rest.Ends = append(batch.Rest.Ends, int32(len(batch.Rest.Keys)))
			batch.Rows++
		}
		batch.Seal()
		l, _ := fuzzLake()
		p := l.NewPart(batch)
		if err := l.Write(t.Context(), &p, batch, synthIngested); err != nil {
			t.Fatal(err)
		}
		one := &Lake{root: l.root, engine: l.engine, cache: l.cache, catalogue: &testCatalogue{parts: []store.Part{p}}}
		one.executor = engineOnly
		res, err := one.Events(t.Context(), store.EventsQuery{Query: allTime(""), Limit: 10})
		if err != nil || len(res.Events) != 3 {
			t.Fatalf("%d events: %v", len(res.Events), err)
		}
		got, _ := res.Events[0].Fields["text"].(string)
		if want := strings.ToValidUTF8(a, "\uFFFD"); got != want {
			t.Errorf("%q came back as %q", a, got)
		}
	})
}
