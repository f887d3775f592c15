package dashboard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

// sample is three days of requests: today .9 is blocked three times and allowed once, another
// client only looks; rule "old" matched yesterday alone.
func sample() *naive.Searcher {
	table := schema.NewTable("aws.waf", 1, []schema.Field{{Name: "source.ip", Kind: schema.IP}, {Name: "event.action", Kind: schema.String}, {Name: "url.path", Kind: schema.String},
		{Name: "rule.name", Kind: schema.String}, {Name: "source.geo.country_iso_code", Kind: schema.String}, {Name: "http.response.bytes", Kind: schema.Int}})
	var records []naive.Record
	add := func(back time.Duration, ip, action, path, rule, country string, bytes int) {
		records = append(records, naive.Record{Table: table, Event: store.Event{ID: fmt.Sprint("e", len(records)), LogType: "aws.waf", Time: now.Add(-back),
			Fields: map[string]any{"source.ip": ip, "event.action": action, "url.path": path, "rule.name": rule, "source.geo.country_iso_code": country, "http.response.bytes": int64(bytes)}}})
	}
	add(time.Hour, "203.0.113.9", "BLOCK", "/admin", "sqli", "US", 10)
	add(2*time.Hour, "203.0.113.9", "BLOCK", "/admin", "sqli", "US", 20)
	add(3*time.Hour, "203.0.113.9", "BLOCK", "/login", "xss", "US", 30)
	add(4*time.Hour, "203.0.113.9", "ALLOW", "/", "Default_Action", "US", 40)
	add(5*time.Hour, "198.51.100.7", "ALLOW", "/", "Default_Action", "JP", 50)
	add(5*time.Hour, "198.51.100.7", "ALLOW", "/cart", "Default_Action", "JP", 60)
	add(30*time.Hour, "203.0.113.9", "BLOCK", "/admin", "old", "US", 70)
	add(31*time.Hour, "198.51.100.7", "ALLOW", "/", "Default_Action", "JP", 80)
	return naive.New(records)
}

// counting counts what reaches the store, by batch or one by one, and can fail or block.
type counting struct {
	store.Searcher
	asked   atomic.Int64
	batches atomic.Int64
	fail    string        // questions over this field fail
	block   chan struct{} // if not nil, questions wait for it or the end of their context
}

func (c *counting) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	c.asked.Add(1)
	if c.block != nil {
		select {
		case <-c.block:
		case <-ctx.Done():
			return store.Table{}, ctx.Err()
		}
	}
	if c.fail != "" && slices.ContainsFunc(q.By, func(k store.Key) bool { return k.Field == c.fail }) {
		return store.Table{}, errors.New("the disk is on fire")
	}
	return c.Searcher.Aggregate(ctx, q)
}

// batching offers batches, too.
type batching struct{ *counting }

func (b batching) AggregateBatch(ctx context.Context, list []store.AggregateQuery) ([]store.Table, []error) {
	b.batches.Add(1)
	tables, errs := make([]store.Table, len(list)), make([]error, len(list))
	for i, q := range list {
		tables[i], errs[i] = b.Aggregate(ctx, q)
	}
	return tables, errs
}

func run(t *testing.T, s store.Searcher, board string, p Params) *Result {
	t.Helper()
	p.Now = now
	r := NewRunner(Config{Searcher: s, Options: options})
	res, err := r.Run(t.Context(), compiled(t, board), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// outline is the data of a panel as text.
func outline(p PanelResult) string {
	if p.Error != nil {
		return "error: " + p.Error.Message
	}
	if p.Data == nil {
		return fmt.Sprint(len(p.Events), " events")
	}
	var b strings.Builder
	for i, c := range p.Data.Columns {
		if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(c.Name)
	}
	for _, row := range p.Data.Rows {
		b.WriteString(" |")
		for _, v := range row {
			if t, ok := v.(time.Time); ok {
				v = t.Format("2T15")
			}
			fmt.Fprintf(&b, " %v", v)
		}
	}
	if p.Previous != nil {
		fmt.Fprintf(&b, " before %v", p.Previous.Rows)
	}
	if p.Total != 0 {
		fmt.Fprintf(&b, " of %v", p.Total)
	}
	return b.String()
}

const board = `
title: T
where: event.module:aws.waf
variables:
  - {name: ip, title: IP, kind: values, field: source.ip}
  - {name: path, title: Path, kind: text, field: url.path}
  - {name: strict, title: Strict, kind: toggle, where: "not event.action:ALLOW"}
  - {name: home, title: Home, kind: param, field: source.geo.country_iso_code, default: [JP]}
  - {name: blocked, kind: list, query: "event.action:BLOCK | top 10 source.ip"}
  - {name: nobody, kind: list, query: "event.action:NOTHING | top 10 source.ip"}
panels:
  - {id: count, title: C, view: number, query: "| stats count() as requests"}
  - {id: same, title: C, view: number, query: "| stats count() as n"}
  - {id: ratio, title: R, view: number, ratio: b / all, queries: [{name: b, query: "event.action:BLOCK | stats count() as n"}, {name: all, query: "| stats count() as n"}]}
  - {id: home, title: H, view: number, compare: none, queries: [{name: home, query: "source.geo.country_iso_code:$home | stats count()"}, {name: abroad, query: "not source.geo.country_iso_code:$home | stats count()"}]}
  - {id: top, title: T, view: table, query: "| top 1 url.path", options: {share: true}}
  - {id: next, title: N, view: table, query: "event.action:ALLOW and source.ip:$blocked | stats count() as n by url.path"}
  - {id: none, title: N, view: table, query: "source.ip:$nobody | stats count() as n by url.path"}
  - {id: quiet, title: Q, view: table, query: "| stats count() as n by rule.name", lookback: 30d, minus: {}}
  - {id: new, title: Q, view: table, query: "| stats count() as n by rule.name", minus: {lookback: 30d}}
  - {id: time, title: L, view: line, queries: [{name: a, query: "event.action:ALLOW | stats count() as n by bucket(1h)"}, {name: b, query: "event.action:BLOCK | stats sum(http.response.bytes) as n by bucket(1h)"}]}
  - {id: peak, title: P, view: table, query: "| stats count() as n by source.ip, url.path | sort n desc", options: {first: source.ip, columns: [n, source.ip]}}
  - {id: week, title: W, view: heatmap, at_least: 7d, query: "event.action:BLOCK | stats count() as n by weekday(), hour()"}
  - {id: events, title: E, view: events, query: "event.action:BLOCK"}
  - {id: text, view: text, text: x}
`

func TestPanels(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"count":  "requests | 6 before [[2]]",
		"same":   "n | 6 before [[2]]",
		"ratio":  "ratio b all | 0.5 3 6 before [[0.5 1 2]]",
		"home":   "home abroad | 2 4",
		"top":    "url.path n | / 2 of 6",
		"next":   "url.path n | / 1",
		"none":   "url.path n",
		"quiet":  "rule.name n | old 1",
		"new":    "rule.name n | sqli 2 | xss 1",
		"time":   "bucket a b | 21T07 2 0 | 21T08 1 0 | 21T09 0 30 | 21T10 0 20 | 21T11 0 10",
		"peak":   "n source.ip | 2 203.0.113.9 | 1 198.51.100.7",
		"week":   "weekday hour n | 5 6 1 | 6 9 1 | 6 10 1 | 6 11 1",
		"events": "3 events",
	}
	for name, s := range map[string]store.Searcher{"one by one": &counting{Searcher: sample()}, "batch": batching{&counting{Searcher: sample()}}} {
		res := run(t, s, board, Params{})
		got := map[string]string{}
		for id, p := range res.Panels {
			got[id] = outline(p)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatTheReaderChose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Params
		want string
	}{
		{Params{Variables: map[string][]string{"ip": {"203.0.113.0/24"}}}, "event.module:aws.waf and source.ip:203.0.113.0/24 => requests | 4"},
		{Params{Variables: map[string][]string{"ip": {"203.0.113.9", "198.51.100.7"}}}, "event.module:aws.waf and (source.ip:203.0.113.9 or source.ip:198.51.100.7) => requests | 6"},
		{Params{Variables: map[string][]string{"path": {"adm"}, "strict": {"on"}}}, "event.module:aws.waf and url.path:*adm* and not event.action:ALLOW => requests | 2"},
		{Params{Variables: map[string][]string{"path": {`*" or not event.action:x`}}}, `event.module:aws.waf and url.path:*\*\" \or \not event.action\:x* => requests | 0`},
		{Params{Filters: []query.Filter{{Field: "event.action", Op: query.IsNot, Values: []string{"ALLOW"}}}}, "event.module:aws.waf and not event.action:ALLOW => requests | 3"},
		{Params{Filters: []query.Filter{{Field: "url.path", Values: []string{`/x") or ("`}}}}, `event.module:aws.waf and url.path:"/x\") or (\"" => requests | 0`},
		{Params{From: "now-48h", Compare: "week"}, "event.module:aws.waf => requests | 8"},
	} {
		c.p.Panels = []string{"count"}
		p := run(t, sample(), board, c.p).Panels["count"]
		p.Previous = nil
		got := p.Where + " => " + outline(p)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
		if n, err := expr.Parse(p.Where); err != nil || n.String() != p.Where {
			t.Errorf("%s is read as %v, %v", p.Where, n, err)
		}
	}
}

func TestParamsCanBeWrong(t *testing.T) {
	t.Parallel()
	b, r := compiled(t, board), NewRunner(Config{Searcher: sample(), Options: options})
	for want, p := range map[string]Params{
		"wrong parameters: dashboard test has no panel x":                    {Panels: []string{"x"}},
		"wrong parameters: dashboard test has no variable x to choose":       {Variables: map[string][]string{"x": {"1"}}},
		"wrong parameters: dashboard test has no variable blocked to choose": {Variables: map[string][]string{"blocked": {"1"}}},
		`wrong parameters: compare "year": want previous, day or week`:       {Compare: "year"},
	} {
		p.Now = now
		if _, err := r.Run(t.Context(), b, p, nil); !errors.Is(err, ErrParams) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestEqualQuestionsAreAskedOnce: panels that differ in names only cost one question; all over
// one range are one batch.
func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	t.Parallel()
	s := batching{&counting{Searcher: sample()}}
	var text strings.Builder
	text.WriteString("title: T\npanels:\n")
	for i := range 30 {
		query := []string{"event.action:BLOCK and url.path:* | stats count() as n%d by url.path", "url.path:* and event.action:BLOCK | stats count() as x%d by url.path as key", "| top 3 url.path by event.action | limit 9"}[i%3]
		if strings.Contains(query, "%d") {
			query = fmt.Sprintf(query, i)
		}
		fmt.Fprintf(&text, "  - {id: p%d, title: P, view: table, query: %q}\n", i, query)
	}
	res := run(t, s, text.String(), Params{})
	if got := s.asked.Load(); got != 2 || s.batches.Load() != 1 {
		t.Errorf("%d questions in %d batches, want 2 in 1", got, s.batches.Load())
	}
	if res.Stats.Questions != 30 || res.Stats.Asked != 2 {
		t.Errorf("%+v", res.Stats)
	}
	for i := 2; i < 30; i++ {
		first := res.Panels[fmt.Sprint("p", i%3)]
		this := res.Panels[fmt.Sprint("p", i)]
		if diff := cmp.Diff(first.Data.Rows, this.Data.Rows); diff != "" {
			t.Errorf("panel %d: %s", i, diff)
		}
	}
}

func TestAPanelFailsAlone(t *testing.T) {
	t.Parallel()
	s := &counting{Searcher: sample(), fail: "url.path"}
	res := run(t, s, board, Params{})
	var failed []string
	for id, p := range res.Panels {
		if p.Error != nil {
			failed = append(failed, id)
			if p.Error.Message != "the disk is on fire" || p.Data != nil {
				t.Errorf("%s: %+v", id, p.Error)
			}
		}
	}
	slices.Sort(failed)
	if diff := cmp.Diff([]string{"next", "none", "peak", "top"}, failed); diff != "" {
		t.Error(diff)
	}
	s = &counting{Searcher: sample(), fail: "source.ip"} // what fills the lists
	if got := outline(run(t, s, board, Params{}).Panels["next"]); got != "error: filling the list blocked: the disk is on fire" {
		t.Error(got)
	}
}

func TestPanelsComeAsTheyAreReady(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]PanelResult{}
	r := NewRunner(Config{Searcher: sample(), Options: options})
	res, err := r.Run(t.Context(), compiled(t, board), Params{Now: now, Choices: true}, func(id string, p PanelResult) {
		mu.Lock()
		defer mu.Unlock()
		seen[id] = p
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(res.Panels)), slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Error(diff)
	}
	want := map[string]Choices{
		"ip":     {Selected: []string{}, Values: []Choice{{"203.0.113.9", 4}, {"198.51.100.7", 2}}},
		"path":   {Selected: []string{}, Values: []Choice{}},
		"strict": {Selected: []string{}, Values: []Choice{}},
		"home":   {Selected: []string{"JP"}, Values: []Choice{{"US", 4}, {"JP", 2}}},
	}
	if diff := cmp.Diff(want, res.Variables); diff != "" {
		t.Error(diff)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := &counting{Searcher: sample(), block: make(chan struct{})}
	r := NewRunner(Config{Searcher: s, Options: options, Parallel: 2})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := r.Run(ctx, compiled(t, board), Params{Now: now}, func(string, PanelResult) { cancel() })
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(s.block)
	if _, err := r.Run(t.Context(), compiled(t, board), Params{Now: now}, nil); err != nil {
		t.Errorf("after a canceled run: %v", err)
	}
}

// TestSteadyRange: people who look within one moment ask the same.
func TestSteadyRange(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	for since, step := range map[string]time.Duration{"15m": time.Second, "24h": 10 * time.Second, "30d": time.Minute} {
		start := now.Add(time.Minute)
		_, from, to, err := steadyRange(since, "", start, tokyo)
		if err != nil {
			t.Fatal(err)
		}
		_, from2, to2, _ := steadyRange(since, "", start.Add(step-time.Millisecond), tokyo)
		_, from3, _, _ := steadyRange(since, "", start.Add(step), tokyo)
		if from != from2 || to != to2 || from == from3 {
			t.Errorf("%s: %d %d, %d %d, %d", since, from, to, from2, to2, from3)
		}
	}
}

func TestStamps(t *testing.T) {
	t.Parallel()
	for _, r := range [][2]int64{{0, int64(time.Second)}, {now.UnixNano(), now.Add(time.Hour).UnixNano()}, {now.UnixNano() + 1, now.UnixNano() + 7}, {5, 2_000_000_000}} {
		since, until := stamps(r[0], r[1])
		from, to, err := query.ReadRange(since, until, now, time.UTC)
		if err != nil || from != r[0] || to != r[1] {
			t.Errorf("%v: %s %s are %d %d, %v", r, since, until, from, to, err)
		}
	}
}
