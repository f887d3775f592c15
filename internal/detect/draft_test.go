package detect_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

// searches are conditions people have and rules can say.
var searches = []string{
	// equal
	`event.action:BLOCK`, `event.action:block and event.module:aws.waf`, `user.name:alice`, `http.response.status_code:403`,
	`http.response.status_code:200.0`, `event.module:aws.cloudtrail and event.outcome:failure`, `url.path:"/search"`, `event.outcome:FAILURE`,
	// wildcard
	`url.path:/s*`, `url.path:*\**`, `user_agent.original:*curl*`, `event.action:*a*e*`, `source.ip:203.*`, `http.response.status_code:4*`, `url.path:*?*`, `url.path:*\\*`,
	// cidr
	`source.ip:10.0.0.0/8`, `source.ip:203.0.113.0/24`, `source.ip:2001:db8::/32`, `not source.ip:0.0.0.0/0 and source.ip:*`, `source.ip:203.0.113.0/28 and event.action:BLOCK`,
	// ranges
	`http.response.status_code >= 500`, `http.response.status_code > 399 and http.response.status_code < 500`, `http.response.status_code <= 200`,
	`http.response.status_code:(>= 400 and <= 499)`, `http.response.bytes:(> 100 and <= 2000)`, `http.response.status_code:(>= 400 and <= 499) or source.port:(>= 1 and < 20000)`,
	`not http.response.status_code:(>= 200 and <= 399)`, `http.response.bytes > 100.5`,
	// not
	`not event.action:ALLOW`, `event.module:aws.waf and not event.action:ALLOW`, `not (event.action:ALLOW or source.ip:203.0.113.0/24)`,
	`not (event.module:aws.waf and event.action:ALLOW)`, `not event.module:aws.waf and source.ip:*`, `not not event.action:BLOCK`,
	// or, lists
	`event.action:BLOCK or http.response.status_code >= 500`, `event.action:(BLOCK or COUNT)`, `event.action:(not ALLOW)`, `http.request.method:(POST or PUT or DEL*)`,
	`(event.action:BLOCK and source.ip:203.0.113.0/24) or (event.outcome:failure and not user.name:*)`, `url.path:/a* or (event.action:BLOCK and (http.request.method:GET or not url.query:*))`,
	`related.ip:203.0.113.0/24`, `source.ip:(203.0.113.0/24 or 198.51.100.0/24)`,
	// exists
	`user.name:*`, `not user.name:*`, `rule.name:* and not event.action:BLOCK`, `url.query:*`,
	// several types
	`event.module:(aws.waf or aws.alb) and http.request.method:GET`, `event.module:aws.*  and source.ip:203.0.113.0/24`, `event.module:aws.waf and event.module:aws.alb`,
	// undeclared leaves
	`requestParameters.userName:*`, `requestParameters.bucketName:*`, `not requestParameters.bucketName:*`,
	// expressions and free text
	`url.path:/^\/[a-f]/`, `user_agent.original:/curl|python/`, `curl`, `"select" or event.action:BLOCK`, `not mozilla and event.module:aws.waf`, `sel*from`,
	`event.original:*select*`, `event.original:union and event.module:aws.waf`,
}

// TestDraftIsTheSearch: the rule that is made of a search matches the events the search finds, no more
// and no less.
func TestDraftIsTheSearch(t *testing.T) {
	t.Parallel()
	lib := library(t)
	all, _ := story(t, 0.0005, 1<<17)
	var batches []*event.Batch
	var records []naive.Record
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list, rows := all[name], 0
		for i := 0; i < len(list) && rows < 500; i += 1 + len(list)/12 { // the judge answers with 10,000 ids
			batches, rows = append(batches, list[i]), rows+list[i].Rows
			records = append(records, naive.FromBatch(list[i])...)
		}
	}
	if len(records) > 10_000 {
		t.Fatalf("%d events are too many for the judge", len(records))
	}
	judge := naive.New(records)
	t.Logf("%d events", len(records))
	some := 0
	for _, q := range searches {
		where, err := expr.Parse(q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		table, err := judge.Aggregate(t.Context(), store.AggregateQuery{
			Query: store.Query{Where: where, From: -1 << 63, To: 1<<63 - 1}, By: []store.Key{{Name: "id", Field: "event.id"}},
			Aggs: []store.Agg{{Name: "n", Func: store.Count}},
		})
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		want := []string{}
		for _, row := range table.Rows {
			want = append(want, row[0].(string))
		}
		text, notes, err := lib.DraftRule(where, "draft", "11111111-1111-4111-8111-111111111111", "2026-11-20")
		if err != nil || notes != nil {
			t.Errorf("%s: %v %v", q, err, notes)
			continue
		}
		rules, bad := lib.ParseRule("draft.yaml", []byte(text))
		if len(bad) > 0 {
			t.Errorf("%s: %v\n%s", q, bad, text)
			continue
		}
		got := []string{}
		m := rules.Set.NewMatcher()
		for _, b := range batches {
			m.Match(b, func(x detect.Match) {
				got = append(got, event.ID(b.Objects[b.Object[x.Row]], b.Offset[x.Row], b.Index[x.Row]))
			})
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: the search finds %d, the rule %d\n%s\n%.600s", q, len(want), len(got), text, cmp.Diff(want, got))
		}
		if len(want) > 0 && len(want) < len(records) {
			some++
		}
	}
	if some < len(searches)*2/3 {
		t.Errorf("only %d of %d searches find some of the events: this proves little", some, len(searches))
	}
}

// TestDraftSaysWhatItCannot: what a rule has no words for is named.
func TestDraftSaysWhatItCannot(t *testing.T) {
	t.Parallel()
	lib := library(t)
	for q, note := range map[string]string{
		`event.action:BLOCK and @timestamp >= 2026-11-01`: "range of time", `event.action:BLOCK and user.*:alice`: "names its fields",
		`event.action:BLOCK and source.ip >= 10.0.0.0`: "numbers only", `event.action:BLOCK and url.path > 5`: "numbers only", `event.action:BLOCK and user.name:""`: "cannot say",
		`event.action:BLOCK and someLeaf:(>= 1 and <= 5)`: "several values",
	} {
		where, err := expr.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		text, notes, err := lib.DraftRule(where, "draft", "x", "2026-11-20")
		if err != nil || len(notes) != 1 || !strings.Contains(notes[0], note) || !strings.Contains(text, "event.action: BLOCK") {
			t.Errorf("%s: %v %q\n%s", q, err, notes, text)
		}
		if text, _, err := lib.DraftRule(&expr.Not{Node: where}, "draft", "x", "2026-11-20"); note != "several values" && err == nil {
			t.Errorf("not (%s) becomes a rule that matches too little:\n%s", q, text)
		}
	}
}

// FuzzDraftRule: whatever a search is, its rule can be read, or none is made.
func FuzzDraftRule(f *testing.F) {
	for _, q := range searches {
		f.Add(q)
	}
	f.Add(`"a|b":1 and ":":x`)
	f.Add(`a:"*\\?" or not b:*\**`)
	f.Add("a:\"\u0000\u202e\n: - x\"")
	lib := library(f)
	f.Fuzz(func(t *testing.T, q string) {
		where, err := expr.Parse(q)
		if err != nil || len(q) > 2000 {
			return
		}
		text, _, err := lib.DraftRule(where, "draft", "11111111-1111-4111-8111-111111111111", "2026-11-20")
		if err != nil {
			return
		}
		rules, bad := lib.ParseRule("draft.yaml", []byte(text))
		if len(rules.Set.Rules()) != 1 {
			t.Errorf("%q becomes what cannot be read: %v\n%s", q, bad, text)
		}
	})
}
