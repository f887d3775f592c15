package app

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// Rules that fire on the generated logs: one on many requests, by address; one on a few by method;
// one on load balancer lines that makes one alert.
const (
	blockedRule = `title: Test blocked request
id: 11111111-1111-4111-8111-111111111111
status: test
description: fires on what the firewall blocked
author: the tests
level: low
tags: [attack.initial-access, attack.t1190]
logsource: {category: test}
detection:
  selection:
    http.request.method: GET
  condition: selection
yagura:
  title_ja: 試験 GET リクエスト
  log_types: [aws.waf]
  group_by: [source.ip]
`
	postRule = `title: Test post
id: 22222222-2222-4222-8222-222222222222
status: test
description: fires on posts
author: the tests
level: critical
logsource: {category: test}
detection:
  selection:
    http.request.method: [POST, GET]
  condition: selection
yagura:
  log_types: [aws.waf, aws.alb]
  group_by: [http.request.method]
`
)

// testRules is a content folder with them.
func testRules(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "rules/test/blocked.yaml"), []byte(blockedRule))
	put(t, filepath.Join(dir, "rules/test/post.yaml"), []byte(postRule))
	return dir
}

// findingsHeld reads all findings and alerts, and checks that each finding is there once, made of an
// event that is there, and counted by its alert.
func findingsHeld(t testing.TB, a *App, events map[string]int) (findings map[string]int, alerts map[string]string) {
	t.Helper()
	findings, alerts = map[string]int{}, map[string]string{}
	counted := map[string]int64{}
	q := store.EventsQuery{
		Query:  store.Query{Types: []string{alert.LogType}, From: math.MinInt64, To: math.MaxInt64},
		Fields: []string{alert.FieldEvent, alert.FieldAlert}, Limit: 10_000,
	}
	for {
		res, err := a.lake.Events(ctxOf(t), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range res.Events {
			findings[e.ID]++
			if findings[e.ID] != 1 {
				t.Errorf("finding %s is there %d times", e.ID, findings[e.ID])
			}
			id, _ := e.Fields[alert.FieldEvent].(string)
			if events[id] != 1 || !sameEvent(e.ID, id) {
				t.Errorf("finding %s is made of event %s, which is there %d times", e.ID, id, events[id])
			}
			of, _ := e.Fields[alert.FieldAlert].(string)
			counted[of]++
		}
		if q.After = res.Next; res.Next == nil {
			break
		}
	}
	cursor := ""
	for {
		page, err := a.db.Alerts(ctxOf(t), state.AlertFilter{}, "", cursor, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range page.Alerts {
			if counted[x.ID] != x.Findings {
				t.Errorf("alert %s (%s) counts %d findings, %d are there", x.ID, x.Title, x.Findings, counted[x.ID])
			}
			delete(counted, x.ID)
			alerts[x.ID] = fmt.Sprintf("%s %v: %d findings, %d to %d, %s", x.Title, x.Group, x.Findings, x.First.UnixNano(), x.Last.UnixNano(), x.Status)
			if x.Findings == 0 {
				delete(alerts, x.ID) // withdrawn: whether it ever was depends on the way
				if x.Status != alert.Closed {
					t.Errorf("alert %s has no findings and is %s", x.ID, x.Status)
				}
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(counted) > 0 {
		t.Errorf("findings of alerts that are not there: %v", counted)
	}
	return findings, alerts
}

// sameEvent tells whether a finding's id is made of that of its event.
func sameEvent(finding, of string) bool {
	object, offset, index, err := event.ParseID(finding)
	return err == nil && event.IsDerived(index) && event.ID(object, offset, event.SourceIndex(index)) == of
}

// TestFindingsAreFound loads logs and asks for what the rules made of them.
func TestFindingsAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 2, 40)
	c := configAt(filepath.Join(dir, "data"))
	c.Content = testRules(t)
	a := opened(t, c, probes{})
	s := loadOf(t, a, filepath.Join(dir, "logs"))
	h := balance(t, a)
	if s.Findings != int64(len(h.Findings)) || s.Raised != int64(len(h.Alerts)) || s.Findings == 0 {
		t.Errorf("the summary says %d findings, %d alerts; there are %d, %d", s.Findings, s.Raised, len(h.Findings), len(h.Alerts))
	}
	ask := func(text string) string {
		var b strings.Builder
		if err := a.Query(ctxOf(t), httpapi.QueryRequest{Text: text, Output: "csv", Lang: "ja"}, &b, func(w string) { t.Errorf("%s: warned of %s", text, w) }); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return b.String()
	}
	count := func(text string) (n int64) {
		_, last, _ := strings.Cut(strings.TrimSpace(ask(text+" | stats count() as n")), "\n")
		fmt.Sscan(strings.TrimSpace(last), &n)
		return n
	}
	if n := count("*"); n != s.Events {
		t.Errorf("a search over everything counts %d events of %d: findings are not events", n, s.Events)
	}
	posts := count("event.module:(aws.waf or aws.alb) and http.request.method:(GET or POST)")
	gets := count("event.module:aws.waf and http.request.method:GET")
	for text, want := range map[string]int64{
		"event.module:yagura.finding":                                          s.Findings,
		"event.kind:signal":                                                    s.Findings,
		"event.module:yagura.finding and rule.name:\"Test post\"":              posts,
		"event.kind:signal and yagura.finding.severity:low":                    gets,
		"event.kind:signal and threat.technique.id:T1190":                      gets,
		"event.kind:signal and yagura.finding.fields:http.request.method=POST": count("event.module:(aws.waf or aws.alb) and http.request.method:POST"),
	} {
		if got := count(text); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	if got := ask("event.kind:signal and rule.id:1111* | limit 1"); !strings.Contains(got, "[低] 試験 GET リクエスト: 送信元 ") {
		t.Errorf("no sentence in\n%s", got)
	}
	// An event and its finding by their ids.
	for id := range h.Findings {
		if count("event.id:"+id) != 1 {
			t.Errorf("finding %s is not found by its id", id)
		}
		break
	}
}

// TestReplacedObjectsTakeTheirFindings: what a later generation no longer holds leaves findings and
// alerts.
func TestReplacedObjectsTakeTheirFindings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "logs")
	for i := range 3 {
		put(t, filepath.Join(in, fmt.Sprintf("%d.log", i)), wafLines(t, 40*i, 40))
	}
	c := configAt(filepath.Join(dir, "data"))
	c.Content = testRules(t)
	a := opened(t, c, probes{})
	loadOf(t, a, in)
	before := balance(t, a)
	put(t, filepath.Join(in, "1.log"), wafLines(t, 500, 7))
	put(t, filepath.Join(in, "2.log"), wafLines(t, 600, 9))
	loadOf(t, a, in)
	after := balance(t, a)

	fresh := configAt(filepath.Join(dir, "fresh"))
	fresh.Content = c.Content
	other := opened(t, fresh, probes{})
	loadOf(t, other, in)
	want := balance(t, other)
	if len(after.Findings) >= len(before.Findings) {
		t.Errorf("%d findings before, %d after", len(before.Findings), len(after.Findings))
	}
	if diff := cmp.Diff(want.Alerts, after.Alerts); diff != "" {
		t.Errorf("loaded as it is now (-), replaced (+):\n%s", diff)
	}
	if diff := cmp.Diff(want.Findings, after.Findings); diff != "" {
		t.Errorf("loaded as it is now (-), replaced (+):\n%s", diff)
	}
}
