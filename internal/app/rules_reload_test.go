package app

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// hotRule matches requests of the generated WAF logs with some method.
func hotRule(id, title, method string) string {
	return fmt.Sprintf("title: %s\nid: %s\nlogsource: {product: aws, service: waf}\ndetection:\n  s: {http.request.method: %s}\n  condition: s\n", title, id, method)
}

// TestRulesTakeEffectAtOnce: a running server is given rules in every way there is, and what is
// dropped next is judged by them.
func TestRulesTakeEffectAtOnce(t *testing.T) {
	t.Parallel()
	const mine, byHand = "77777777-7777-4777-8777-777777777777", "88888888-8888-4888-8888-888888888888"
	dir := t.TempDir()
	c := configAt(filepath.Join(dir, "data"))
	c.Content = filepath.Join(dir, "content")
	s := served(t, c, cheapHash)
	b := newBrowser(t, &httptest.Server{URL: s.url})

	drops, events := 0, 0
	count := func(id string) int {
		return strings.Count(ask(t, s.client, "event.module:yagura.finding and rule.id:"+id), "\n")
	}
	// found drops records and tells how many findings the rule has once they are searchable.
	found := func(id string) int {
		put(t, filepath.Join(c.Data, "inbox", fmt.Sprintf("%d.log", drops)), wafLines(t, 8*drops, 8))
		drops++
		events += 8
		within(t, 20*time.Second, "the records are events", func() bool {
			return strings.Count(ask(t, s.client, "event.module:aws.waf"), "\n") == events
		})
		return count(id)
	}
	// loaded does the same by a command.
	loaded := func(id string) int {
		file := filepath.Join(dir, fmt.Sprintf("%d.log", drops))
		put(t, file, wafLines(t, 8*drops, 8))
		drops++
		events += 8
		if _, err := s.client.Load(ctxOf(t), httpapi.LoadRequest{Target: file}, func(httpapi.Progress) {}); err != nil {
			t.Fatal(err)
		}
		return count(id)
	}
	reload := func() httpapi.RuleChanges {
		t.Helper()
		x, err := ReloadRules(ctxOf(t), c)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	changes := func(x httpapi.RuleChanges) string {
		return fmt.Sprintf("+%d ~%d -%d !%d", len(x.Added), len(x.Changed), len(x.Removed), x.Problems)
	}

	if n := found(mine); n != 0 {
		t.Fatalf("%d findings of a rule that is not there", n)
	}
	var saved api.RuleSaved
	b.want(200, "PUT", "/rules/"+mine, api.RuleText{YAML: hotRule(mine, "mine", "'*'")}, &saved)
	if saved.Effective != "now" || !saved.Rule.Enabled || fileSize(saved.File) == 0 {
		t.Errorf("%+v", saved)
	}
	if n := found(mine); n != 8 {
		t.Fatalf("%d findings of the rule that was saved, want those of the records after it", n)
	}

	// A text that is no rule changes nothing, neither saved nor in the folder.
	b.want(422, "PUT", "/rules/"+mine, api.RuleText{YAML: "title: ["}, nil)
	put(t, filepath.Join(c.Content, "rules", "broken.yaml"), []byte("title: ["))
	put(t, filepath.Join(c.Content, "rules", "sound.yaml"), []byte(hotRule(byHand, "by hand", "'*'")))
	x := reload()
	if diff := cmp.Diff("+1 ~0 -0 !1", changes(x)); diff != "" || !slices.Contains(x.Added, byHand) {
		t.Errorf("%+v", x)
	}
	if n := loaded(byHand); n != 8 {
		t.Errorf("%d findings of the rule by hand", n)
	}
	put(t, filepath.Join(c.Content, "rules", "sound.yaml"), []byte("title: [")) // half-edited: the rule stays
	if x := reload(); changes(x) != "+0 ~0 -0 !2" {
		t.Errorf("a broken file has changed rules: %+v", x)
	}
	if n := loaded(byHand); n != 16 {
		t.Errorf("%d findings after the file of the rule was broken", n)
	}

	// Switched off and on; its file is not touched.
	for _, word := range []string{"disable", "disable"} {
		b.want(200, "POST", "/rules/"+byHand+"/"+word, nil, &saved)
	}
	if saved.Rule.Enabled {
		t.Errorf("%+v", saved)
	}
	if n := loaded(byHand); n != 16 {
		t.Errorf("%d findings of a rule that is off", n)
	}
	var on api.RuleSaved
	b.want(200, "POST", "/rules/"+byHand+"/enable", nil, &on)
	if !on.Rule.Enabled || on.File != "" {
		t.Errorf("%+v", on)
	}
	b.want(404, "POST", "/rules/none/enable", nil, nil)

	// SIGHUP is a reload; here the file is sound again, and asks for something else.
	put(t, filepath.Join(c.Content, "rules", "sound.yaml"), []byte(hotRule(byHand, "by hand", "NEVER")))
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "the signal is heard", func() bool {
		var r api.RuleDetail
		b.want(200, "GET", "/rules/"+byHand, nil, &r)
		return strings.Contains(r.YAML, "NEVER") && len(r.Problems) == 0
	})
	if n := loaded(byHand); n != 16 {
		t.Errorf("%d findings of the rule as it was", n)
	}

	b.want(409, "DELETE", "/rules/"+byHand, nil, nil) // not saved here
	b.want(204, "DELETE", "/rules/"+mine, nil, nil)
	b.want(404, "DELETE", "/rules/"+mine, nil, nil)
	before := count(mine)
	if n := found(mine); n != before || n == 0 {
		t.Errorf("%d findings of a rule that was deleted, before %d", n, before)
	}
}

// TestSwitches turns built-in rules off and on beside the web page's own files, and keeps the audit.
func TestSwitches(t *testing.T) {
	t.Parallel()
	c := configAt(filepath.Join(t.TempDir(), "data"))
	a := opened(t, c, cheapHash)
	s := httptest.NewServer(a.webHandler(newFace(a), a.newGuard(), ""))
	t.Cleanup(s.Close)
	b := newBrowser(t, s)
	b.want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	b.login("sato", longWord)
	b.want(201, "POST", "/users", api.NewUser{Name: "eve", Password: longWord, Role: "viewer"}, nil)
	eve := newBrowser(t, s)
	eve.login("eve", longWord)

	var id string
	for _, r := range a.detection.content().Rules.Set.Rules() {
		if !r.Disabled {
			id = r.ID
			break
		}
	}
	eve.want(403, "POST", "/rules/"+id+"/disable", nil, nil)
	eve.want(403, "DELETE", "/rules/"+id, nil, nil)
	var off api.RuleSaved
	b.want(200, "POST", "/rules/"+id+"/disable", nil, &off)
	if off.Rule.Enabled || off.Rule.Origin != "builtin" || fileSize(off.File) == 0 {
		t.Errorf("%+v", off)
	}
	var detail api.RuleDetail
	b.want(200, "GET", "/rules/"+id, nil, &detail)
	if detail.Enabled || !strings.Contains(detail.YAML, "detection:") {
		t.Errorf("%+v", detail.RuleCard)
	}
	var audit api.AuditPage
	b.want(200, "GET", "/audit?action=rule.switch&outcome=done", nil, &audit)
	if len(audit.Items) != 1 || audit.Items[0].Target != id || audit.Items[0].Detail["enabled"] != false || audit.Items[0].Who != "sato" {
		t.Errorf("%+v", audit)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	reopened(t, c, cheapHash, func(a *App) {
		if r := a.detection.rule(id); r == nil || !r.Disabled {
			t.Error("the switch is forgotten at a restart")
		}
	})
}
