package app

import (
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// TestAlertsEndToEnd loads logs that rules fire on and settles the alerts over the web.
func TestAlertsEndToEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 2, 40)
	c := configAt(filepath.Join(dir, "data"))
	c.Content = testRules(t)
	a := opened(t, c, cheapHash)
	sum := loadOf(t, a, filepath.Join(dir, "logs"))
	s := httptest.NewServer(a.webHandler(newFace(a), a.newGuard(), ""))
	t.Cleanup(s.Close)
	b := newBrowser(t, s)
	b.want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	b.login("sato", longWord)
	b.want(201, "POST", "/users", api.NewUser{Name: "eve", Password: longWord, Role: "viewer"}, nil)
	eve := newBrowser(t, s)
	eve.login("eve", longWord)

	var list api.AlertList
	b.want(200, "GET", "/alerts?limit=1000", nil, &list)
	var findings int64
	for _, x := range list.Items {
		findings += x.Findings
		if !x.Backfill || x.Status != "new" {
			t.Errorf("the events are two days old: %+v", x)
		}
	}
	if int64(len(list.Items)) != sum.Raised || findings != sum.Findings || list.Facets.Status["new"] != sum.Raised {
		t.Errorf("%d alerts with %d findings, the load said %d and %d; %+v", len(list.Items), findings, sum.Raised, sum.Findings, list.Facets)
	}
	var low, page api.AlertList
	b.want(200, "GET", "/alerts?severity=low&rule=11111111-1111-4111-8111-111111111111&sort=findings", nil, &low)
	if len(low.Items) == 0 || low.Facets.Severity["critical"] != 0 || slices.ContainsFunc(low.Items, func(x httpapi.Alert) bool { return x.Severity != "low" }) {
		t.Errorf("%+v", low)
	}
	seen := map[string]bool{}
	for next := ""; ; next = page.Next {
		page = api.AlertList{}
		b.want(200, "GET", "/alerts?limit=7&sort=severity&cursor="+url.QueryEscape(next), nil, &page)
		for _, x := range page.Items {
			if seen[x.ID] {
				t.Errorf("%s twice", x.ID)
			}
			seen[x.ID] = true
		}
		if page.Next == "" {
			break
		}
	}
	if len(seen) != len(list.Items) {
		t.Errorf("%d alerts on pages", len(seen))
	}
	ip := low.Items[0].Group[0]
	var about api.AlertList
	b.want(200, "GET", "/alerts?group="+url.QueryEscape(ip.Field+"="+ip.Value), nil, &about)
	if len(about.Items) == 0 {
		t.Errorf("nothing about %v", ip)
	}

	// One alert, with what stands behind it.
	id := low.Items[0].ID
	var x api.AlertDetail
	eve.want(200, "GET", "/alerts/"+id+"?zone=Asia/Tokyo", nil, &x)
	if x.WhyEN != "fires on what the firewall blocked" || len(x.Evidence) == 0 || x.Timeline.Total != x.Findings || x.Log[0].Action != "raised" {
		t.Errorf("%+v", x)
	}
	if !slices.Contains(x.Entities, api.EntityRef{Kind: "ip", Value: ip.Value}) {
		t.Errorf("%v is not among %v", ip, x.Entities)
	}
	for _, e := range x.Evidence {
		if e.Event == nil || e.Event.ID != e.EventID || e.Event.Fields["source.ip"] != ip.Value || e.Sentence.JA == "" || len(e.Fields) == 0 {
			t.Errorf("%+v", e)
		}
	}
	count := func(where string) int64 {
		var q struct{ Rows [][]int64 }
		b.want(200, "POST", "/query", api.SearchRequest{Scope: api.Scope{Q: where + " | stats count() as n"}}, &q)
		return q.Rows[0][0]
	}
	if n := count(x.Where); n != x.Findings {
		t.Errorf("its condition finds %d of %d findings", n, x.Findings)
	}
	if n := count(x.EventsWhere); n != int64(len(x.Evidence)) {
		t.Errorf("%d of %d events of the evidence", n, len(x.Evidence))
	}
	var event struct {
		api.Event
		LogType api.LogTypeRef `json:"log_type"`
	}
	b.want(200, "GET", "/events/"+x.Evidence[0].FindingID, nil, &event)
	if event.Type != "yagura.finding" || event.LogType.TitleJA != "検知" || event.Sentence == nil {
		t.Errorf("%+v", event)
	}

	// What people do, and may not do.
	eve.want(403, "POST", "/alerts/"+id+"/close", api.AlertActBody{}, nil)
	var acted httpapi.Alert
	b.want(200, "POST", "/alerts/"+id+"/acknowledge", api.AlertActBody{Note: "見ます"}, &acted)
	if acted.Status != "acknowledged" || acted.Assignee != "sato" {
		t.Errorf("%+v", acted)
	}
	b.want(200, "POST", "/alerts/"+id+"/close", api.AlertActBody{Reason: "false_positive"}, &acted)
	b.want(409, "POST", "/alerts/"+id+"/acknowledge", api.AlertActBody{}, nil)
	b.want(422, "POST", "/alerts/"+id+"/close", map[string]string{"reason": "because"}, nil)
	b.want(404, "GET", "/alerts/zzzzzzzzzzzzzzzzzzzz", nil, nil)
	b.want(404, "GET", "/alerts/"+id[:10], nil, nil)
	b.want(422, "GET", "/alerts?status=open", nil, nil)
	b.want(422, "GET", "/alerts?cursor=x", nil, nil)
	var many api.AlertsActed
	b.want(200, "POST", "/alerts/act", api.AlertsActBody{IDs: []string{low.Items[1].ID, low.Items[2].ID}, Action: "assign", AlertActBody: api.AlertActBody{Assignee: "mori"}}, &many)
	if len(many.Items) != 2 || many.Items[1].Assignee != "mori" {
		t.Errorf("%+v", many)
	}
	b.want(404, "POST", "/alerts/act", api.AlertsActBody{IDs: []string{low.Items[1].ID, "zzzzzzzzzzzzzzzzzzzz"}, Action: "close"}, nil)
	b.want(200, "GET", "/alerts/"+id, nil, &x)
	var did []string
	for _, e := range x.Log {
		did = append(did, e.Who+" "+e.Action)
	}
	if got := strings.Join(did, ", "); got != "yagura raised, sato acknowledge, sato close" {
		t.Error(got)
	}
	var audit struct{ Items []any }
	b.want(200, "GET", "/audit?action="+auth.ActionAlert, nil, &audit)
	if len(audit.Items) < 4 {
		t.Errorf("%d entries in the audit log", len(audit.Items))
	}
}

// TestRulesEndToEnd lists, explains, drafts and saves rules over the web.
func TestRulesEndToEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 1, 40)
	c := configAt(filepath.Join(dir, "data"))
	c.Content = testRules(t)
	a := opened(t, c, cheapHash)
	loadOf(t, a, filepath.Join(dir, "logs"))
	f := newFace(a)
	f.now = func() time.Time { return lastDay().Add(36 * time.Hour) }
	s := httptest.NewServer(a.webHandler(f, a.newGuard(), ""))
	t.Cleanup(s.Close)
	b := newBrowser(t, s)
	b.want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	b.login("sato", longWord)

	var list api.RuleList
	b.want(200, "GET", "/rules", nil, &list)
	i := slices.IndexFunc(list.Items, func(r api.RuleCard) bool { return strings.HasPrefix(r.ID, "2222") })
	if i < 0 || list.Items[i].Origin != "user" || list.Items[i].Findings7d == 0 || list.Items[i].LastFinding == nil {
		t.Fatalf("%+v", list.Items)
	}
	var r api.RuleDetail
	b.want(200, "GET", "/rules/"+list.Items[i].ID, nil, &r)
	if !strings.Contains(r.YAML, "title: Test post") || len(r.Fields) == 0 {
		t.Errorf("%+v", r)
	}
	b.want(404, "GET", "/rules/nothing", nil, nil)
	var found api.FindingList
	b.want(200, "GET", "/rules/"+r.ID+"/findings?limit=3&from=now-30d", nil, &found)
	if len(found.Items) != 3 || found.Next == "" || found.Items[0].Type != "yagura.finding" {
		t.Errorf("%+v", found)
	}
	var why api.RuleExplanation
	b.want(200, "POST", "/rules/explain", api.RuleExplainBody{Rule: r.ID, EventID: found.Items[0].Fields["yagura.finding.event_id"].(string)}, &why)
	if len(why.Explanations) != 1 || !why.Explanations[0].Match {
		t.Errorf("%+v", why)
	}

	// A search becomes a rule that finds the same events.
	var d api.RuleDraft
	b.want(200, "POST", "/rules/draft", api.RuleDraftBody{Q: "event.module:aws.waf and http.request.method:POST and not url.path:/api/* | stats count()", Title: "Posts: 投稿"}, &d)
	if len(d.Notes) != 1 || !strings.Contains(d.YAML, "aws.waf") {
		t.Errorf("%+v", d)
	}
	var check api.RuleCheck
	b.want(200, "POST", "/rules/check", api.RuleText{YAML: d.YAML}, &check)
	if check.Rule == nil || slices.ContainsFunc(check.Problems, func(p api.RuleProblem) bool { return !p.Warning }) {
		t.Fatalf("%+v\n%s", check.Problems, d.YAML)
	}
	b.want(200, "POST", "/rules/check", api.RuleText{YAML: "title: [\n"}, &check)
	if len(check.Problems) == 0 || check.Problems[0].Line == 0 {
		t.Errorf("%+v", check)
	}
	id := draftID(d.YAML)
	var saved api.RuleSaved
	b.want(200, "PUT", "/rules/"+id, api.RuleText{YAML: d.YAML}, &saved)
	b.want(422, "PUT", "/rules/another", api.RuleText{YAML: d.YAML}, nil)
	b.want(422, "PUT", "/rules/..%2fx", api.RuleText{YAML: d.YAML}, nil)
	b.want(422, "PUT", "/rules/"+id, api.RuleText{YAML: "title: x"}, nil)
	if saved.Effective != "now" || fileSize(saved.File) == 0 {
		t.Errorf("%+v", saved)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	reopened(t, c, cheapHash, func(a *App) {
		if a.detection.rule(id) == nil {
			t.Error("the saved rule is not in force after a restart")
		}
	})
}

// draftID reads the id out of a draft.
func draftID(text string) string {
	_, after, _ := strings.Cut(text, "\nid: ")
	id, _, _ := strings.Cut(after, "\n")
	return strings.Trim(id, `"'`)
}
