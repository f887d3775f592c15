package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// smallDemo is a share of the ordinary traffic; the attack in it is whole.
const smallDemo = 0.02

// TestDemoStory loads a small demonstration and asks it for what is known to be in it.
func TestDemoStory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d, err := app.WriteDemo(t.TempDir(), time.Now().Truncate(time.Second), smallDemo)
	if err != nil {
		t.Fatal(err)
	}
	f := d.Facts
	cfg, err := config.Load(d.Config, []string{"YAGURA_QUERY_MEMORY=256MiB"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	sum, err := a.Load(ctx, httpapi.LoadRequest{Target: d.Dir + "/bucket"}, func(httpapi.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]int{}
	events := 0
	for name, n := range sum.Types {
		types[name] = int(n)
		events += int(n)
	}
	if diff := cmp.Diff(f.Events, types); diff != "" {
		t.Errorf("events by log type (-written +loaded):\n%s", diff)
	}
	type counts struct{ Objects, Loaded, Failed, Records, Events, Filtered, Ignored, Quarantined int64 }
	want := counts{int64(f.Objects), int64(f.Objects), 0, int64(events + f.Filtered + f.Ignored), int64(events), int64(f.Filtered), int64(f.Ignored), 0}
	if diff := cmp.Diff(want, counts{sum.Objects, sum.Loaded, sum.Failed, sum.Records, sum.Events, sum.Filtered, sum.Ignored, sum.Quarantined}); diff != "" {
		t.Errorf("closing count (-written +loaded):\n%s", diff)
	}

	ask := func(text string) [][]string {
		t.Helper()
		var out bytes.Buffer
		if err := a.Query(ctx, httpapi.QueryRequest{Text: text, Since: "9d", Output: "csv"}, &out, func(string) {}); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return rows[1:]
	}
	group := func(text string) map[string]int {
		t.Helper()
		m := map[string]int{}
		for _, r := range ask(text) {
			n, err := strconv.Atoi(r[1])
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			m[r[0]] = n
		}
		return m
	}
	count := func(name string, want int, format string, args ...any) {
		t.Helper()
		rows := ask(fmt.Sprintf(format, args...) + " | stats count() as n")
		if got := rows[0][0]; got != strconv.Itoa(want) {
			t.Errorf("%s: %s events, want %d", name, got, want)
		}
	}

	if diff := cmp.Diff(f.Events, group(`| stats count() as n by event.module`)); diff != "" {
		t.Errorf("stored by log type (-written +found):\n%s", diff)
	}
	if diff := cmp.Diff(f.Actions, group(`event.module:aws.waf | stats count() as n by event.action`)); diff != "" {
		t.Errorf("WAF actions (-written +found):\n%s", diff)
	}
	if diff := cmp.Diff(f.Rules, group(`event.action:BLOCK | stats count() as n by rule.id`)); diff != "" {
		t.Errorf("blocking rules (-written +found):\n%s", diff)
	}
	for name, at := range map[string]struct {
		ips               []string
		requests, blocked int
	}{
		"scan": {f.Scan.IPs, f.Scan.Requests, f.Scan.Blocked}, "sqli": {f.SQLi.IPs, f.SQLi.Requests, f.SQLi.Blocked},
		"xss": {f.XSS.IPs, f.XSS.Requests, f.XSS.Blocked}, "scraper": {f.Scraper.IPs, f.Scraper.Requests, f.Scraper.Blocked},
		"fake bot": {f.FakeBot.IPs, f.FakeBot.Requests, f.FakeBot.Blocked},
	} {
		from := "source.ip:(" + strings.Join(at.ips, " or ") + ")"
		count(name, at.requests, "event.module:aws.waf and %s", from)
		count(name+" blocked", at.blocked, "event.module:aws.waf and %s and event.type:denied", from)
	}
	count("sign-in", 1, `event.action:ConsoleLogin and event.outcome:success and source.ip:%s and source.geo.country_iso_code:%s and user.name:%s`, f.SignIn.IP, f.SignIn.Country, f.SignIn.User)
	count("failed sign-ins", f.SignIn.Failures, `event.action:ConsoleLogin and event.outcome:failure and source.ip:%s`, f.SignIn.IP)
	count("CloudTrail stopped", 1, `event.action:%s and user.name:%s and cloud.account.id:%s`, f.Stop.Action, f.Stop.User, f.Stop.Account)
	g := f.Guessing
	count("guessing", g.Denied+g.NoSuchKey+g.Found, `event.action:GetObject and source.ip:%s and user.name:%s`, g.IP, g.User)
	count("guessing in vain", g.Denied+g.NoSuchKey, `event.action:GetObject and source.ip:%s and event.outcome:failure`, g.IP)
	for _, x := range f.Findings {
		count("finding "+x.Type, 1, `event.module:aws.guardduty and rule.name:"%s" and cloud.account.id:%s and event.severity >= %g`, x.Type, x.Account, x.Severity-0.5)
	}

	// What the demonstration prints answers.
	for _, q := range d.Questions() {
		if err := a.Query(ctx, httpapi.QueryRequest{Text: q.Query, Since: q.Since, Output: "table", Stats: true}, io.Discard, func(string) {}); err != nil {
			t.Errorf("%s: %v", q.Title, err)
		}
	}

	again, err := a.Load(ctx, httpapi.LoadRequest{Target: d.Dir + "/bucket"}, func(httpapi.Progress) {})
	if err != nil || again.Known+again.Ignored != int64(f.Objects) || again.Events != 0 {
		t.Errorf("loading twice: %+v, %v", again, err)
	}
	if diff := cmp.Diff(f.Events, group(`| stats distinct(event.id) as n by event.module`)); diff != "" {
		t.Errorf("stored after loading twice (-written +found):\n%s", diff)
	}
}
