package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/dashboard"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

// emptyInDemo are panels without rows in the demonstration, and why that is right.
var emptyInDemo = map[string]string{
	"aws-waf/quiet-rules":                  "every rule of the made-up web ACLs matches every day",
	"aws-cloudtrail/lists":                 "no list is configured",
	"aws-guardduty/clusters":               "the made-up company runs no EKS",
	"aws-guardduty/malware":                "no malware was found",
	"threat-hunting/destination-countries": "load balancers name their targets by private addresses",
	"threat-hunting/destination-networks":  "load balancers name their targets by private addresses",
	"threat-hunting/upload":                "the made-up S3 events tell no bytes",
	"threat-hunting/download":              "the made-up S3 events tell no bytes everywhere",
	"intake/silent":                        "nothing went silent",
	"intake/fresh":                         "nothing new arrives",
}

// TestDemoDashboards runs every shipped board over a small demonstration: every panel has rows,
// and every number is that of the command line.
func TestDemoDashboards(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 4, 8, 3, 0, 0, 0, time.UTC)
	d, err := WriteDemo(filepath.Join(t.TempDir(), "demo"), end, 0.02)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(d.Config, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctxOf(t), cfg, "test", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.Load(ctxOf(t), httpapi.LoadRequest{Target: filepath.Join(d.Dir, "bucket")}, func(httpapi.Progress) {}); err != nil {
		t.Fatal(err)
	}
	list, err := Dashboards(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := a.queryOptions(httpapi.QueryRequest{}, time.Time{}, time.UTC)
	r := dashboard.NewRunner(dashboard.Config{Searcher: a.lake, Options: func() query.Options { return o }})
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Skip("no time zone data on this machine: ", err)
	}
	for _, b := range list {
		res, err := r.Run(ctxOf(t), b.Board, dashboard.Params{Now: end, Zone: tokyo}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for id, p := range res.Panels {
			name := b.ID + "/" + id
			if p.Error != nil {
				t.Errorf("%s: %s", name, p.Error.Message)
				continue
			}
			if n := len(p.Events); p.Data != nil && len(p.Data.Rows) == 0 || p.Data == nil && n == 0 {
				if emptyInDemo[name] == "" {
					t.Errorf("%s has no rows: %s", name, p.CLI)
				}
			}
			for _, text := range p.Warnings {
				t.Errorf("%s: %s", name, text)
			}
			for _, diff := range dashboard.Verify(ctxOf(t), a.lake, o, b.Board, id, p) {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// tally counts questions on their way to a store.
type tally struct {
	store.Searcher
	asked atomic.Int64
}

func (c *tally) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	c.asked.Add(1)
	return c.Searcher.Aggregate(ctx, q)
}

func (c *tally) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	c.asked.Add(1)
	return c.Searcher.Events(ctx, q)
}

// TestTwentyPeopleAreOne: what twenty people who open the same board at once ask the store is
// what one of them asks.
func TestTwentyPeopleAreOne(t *testing.T) {
	t.Parallel()
	list, err := Dashboards(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	board := list[slices.IndexFunc(list, func(d *content.Dashboard) bool { return d.ID == "aws-waf" })].Board
	now := time.Date(2026, 4, 8, 3, 0, 3, 0, time.UTC)
	run := func(people int) int64 {
		s := &tally{Searcher: naive.New(nil)}
		parts := &shelf{parts: []store.Part{{ID: "p", LogType: "aws.waf", MinTime: now.Add(-48 * time.Hour).UnixNano(), MaxTime: now.Add(time.Hour).UnixNano()}}}
		r := dashboard.NewRunner(dashboard.Config{Searcher: newAsker(s, parts, 2, 64<<20), Options: func() query.Options { return query.Options{} }})
		var wait sync.WaitGroup
		for i := range people {
			wait.Go(func() {
				p := dashboard.Params{Now: now.Add(time.Duration(i) * 100 * time.Millisecond), Choices: true}
				if _, err := r.Run(t.Context(), board, p, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		return s.asked.Load()
	}
	one, twenty := run(1), run(20)
	if one == 0 || twenty != one {
		t.Errorf("one person asks %d questions, twenty ask %d", one, twenty)
	}
}

func TestDashboardsEndToEnd(t *testing.T) {
	t.Parallel()
	c := configAt(filepath.Join(t.TempDir(), "data"))
	a := opened(t, c, cheapHash)
	f := newFace(a)
	g := a.newGuard()
	s := httptest.NewServer(g.Wrap(api.New(api.Config{Allow: g.Allow, Audit: a.access, Me: f, Dashboards: newBoardFace(f)})))
	t.Cleanup(s.Close)
	b := newBrowser(t, s)
	var me api.Me
	b.want(200, "GET", "/me", nil, &me)
	b.csrf = me.CSRF

	var all api.DashboardList
	b.want(200, "GET", "/dashboards", nil, &all)
	if len(all.Items) < 6 || all.Items[0].Origin != "builtin" || all.Items[0].Panels == 0 {
		t.Errorf("%+v", all.Items)
	}
	var file api.DashboardFile
	b.want(200, "GET", "/dashboards/aws-waf", nil, &file)
	b.want(404, "GET", "/dashboards/nothing", nil, nil)
	if file.Dashboard.Title.EN != "AWS WAF" || !strings.Contains(file.YAML, "title:") || file.ETag == "" {
		t.Errorf("%+v", file.DashboardCard)
	}

	// A text with faults is refused with its places; a definition becomes YAML.
	bad := b.want(422, "PUT", "/dashboards/mine", api.DashboardText{YAML: "title: T\npanels:\n  - {id: a, title: A, view: number, query: 'x = 1'}\n"}, nil)
	if !strings.Contains(bad, `"line":3`) || !strings.Contains(bad, "no operator") {
		t.Error(bad)
	}
	var check api.DashboardCheck
	b.want(200, "POST", "/dashboards/check", api.DashboardText{Dashboard: map[string]any{"title": map[string]any{"en": "T", "ja": "た"}, "panels": []any{map[string]any{"id": "a", "view": "pie"}}}}, &check)
	if len(check.Problems) != 1 || check.Problems[0].Line == 0 || !strings.Contains(check.YAML, "view: pie") {
		t.Errorf("%+v", check)
	}
	b.want(422, "POST", "/dashboards/check", api.DashboardText{Dashboard: map[string]any{"titel": 1}}, nil)

	// Save, change, refuse what is stale, remove.
	good := "title: {en: Mine, ja: 私の}\npanels:\n  - {id: a, title: A, view: number, query: '| stats count() as n'}\n  - {id: e, title: E, view: events, query: ''}\n"
	b.want(200, "PUT", "/dashboards/aws-waf", api.DashboardText{YAML: good}, &file)
	if file.Origin != "user" || !file.Replaces || file.Dashboard.Title.JA != "私の" {
		t.Errorf("%+v", file.DashboardCard)
	}
	b.with = map[string]string{"If-Match": `"old"`}
	b.want(412, "PUT", "/dashboards/aws-waf", api.DashboardText{YAML: good}, nil)
	b.want(412, "DELETE", "/dashboards/aws-waf", nil, nil)
	b.with = map[string]string{"If-Match": file.ETag}
	b.want(200, "PUT", "/dashboards/aws-waf", api.DashboardText{YAML: good + "tags: [x]\n"}, &file)
	b.with = nil
	for _, id := range []string{"..%2fescape", "%2e%2e", "A", ".hidden", "a.b"} {
		if status, text := b.call("PUT", "/dashboards/"+id, api.DashboardText{YAML: good}, nil); status != 422 && status != 404 && status != 405 {
			t.Errorf("%s: %d %s", id, status, text)
		}
	}
	saved, err := filepath.Glob(filepath.Join(c.Data, "content", "dashboards", "*"))
	if err != nil || len(saved) != 1 {
		t.Errorf("%v, %v", saved, err)
	}

	// A file changed by hand counts at once; a broken one says why and spoils nothing.
	if err := os.WriteFile(filepath.Join(c.Data, "content", "dashboards", "hand.yaml"), []byte("title: H\npanels: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.want(200, "GET", "/dashboards", nil, &all)
	i := slices.IndexFunc(all.Items, func(d api.DashboardCard) bool { return d.ID == "hand" })
	if i < 0 || all.Items[i].Problem == nil || all.Items[i].Problem.Line != 2 {
		t.Errorf("%+v", all.Items)
	}
	b.want(422, "POST", "/dashboards/run", api.DashboardRun{ID: "hand"}, nil)

	// Run, as a document and as a stream.
	var answer api.DashboardAnswer
	b.want(200, "POST", "/dashboards/run", api.DashboardRun{ID: "aws-waf", Choices: true}, &answer)
	if p := answer.Panels["a"]; p.Data == nil || p.Data.Rows[0][0] != float64(0) || p.CLI == "" {
		t.Errorf("%+v", answer.Panels)
	}
	b.want(422, "POST", "/dashboards/run", api.DashboardRun{ID: "aws-waf", Panels: []string{"nope"}}, nil)
	b.want(422, "POST", "/dashboards/run", api.DashboardRun{}, nil)
	if diff := cmp.Diff([]string{"panel a", "panel e", "done"}, streamed(t, b, api.DashboardRun{YAML: good})); diff != "" {
		t.Error(diff)
	}
	b.want(204, "DELETE", "/dashboards/aws-waf", nil, nil)
	b.want(200, "GET", "/dashboards/aws-waf", nil, &file)
	if file.Origin != "builtin" {
		t.Errorf("%+v", file.DashboardCard)
	}
	b.want(409, "DELETE", "/dashboards/aws-waf", nil, nil)
}

// streamed runs a dashboard as a stream and returns its events, panels in order of their ids.
func streamed(t *testing.T, b *browser, r api.DashboardRun) (events []string) {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctxOf(t), "POST", b.base+"/dashboards/run", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("X-Yagura-Csrf", b.csrf)
	resp, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %s", got)
	}
	name := ""
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Text()
		if after, ok := strings.CutPrefix(line, "event: "); ok {
			name = after
		}
		if after, ok := strings.CutPrefix(line, "data: "); ok {
			var p api.DashboardPanelEvent
			if err := json.Unmarshal([]byte(after), &p); err != nil {
				t.Error(err)
			}
			events = append(events, strings.TrimSpace(fmt.Sprint(name, " ", p.ID)))
		}
	}
	if len(events) == 3 {
		slices.Sort(events[:2])
	}
	return events
}
