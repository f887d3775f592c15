package detect_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
)

// TestShippedRulesFindTheStory: the built-in rules find the attack of the demo, each as often as it
// took place, and leave ordinary traffic alone.
func TestShippedRulesFindTheStory(t *testing.T) {
	t.Parallel()
	lib := library(t)
	if len(lib.Rules.Problems) > 0 {
		t.Fatal(lib.Rules.Problems)
	}
	set := lib.Rules.Set
	batches, facts := story(t, 0.05, 4<<20)
	m := set.NewMatcher()
	got := map[string]int{}
	events := 0
	for _, list := range batches {
		for _, b := range list {
			events += b.Rows
			m.Match(b, func(x detect.Match) {
				f, _ := lib.Rules.File(x.Rule)
				got[f.Name]++
				if len(x.Group) == 0 || len(x.Fields) == 0 {
					t.Errorf("%s: row %d has no group or no fields", f.Name, x.Row)
				}
			})
		}
	}
	g := facts.Guessing
	want := map[string]int{
		"cloudtrail/access-key-for-another-user.yaml": 1,
		"cloudtrail/attack-tool-agent.yaml":           g.Denied + g.NoSuchKey + g.Found,
		"cloudtrail/console-login-failed.yaml":        facts.SignIn.Failures,
		"cloudtrail/console-login-without-mfa.yaml":   1,
		"cloudtrail/policy-attached-to-user.yaml":     1,
		"cloudtrail/s3-read-denied.yaml":              g.Denied,
		"cloudtrail/trail-tampered.yaml":              2, // stopped, and tried to delete
		"elb/scanner.yaml":                            facts.Scan.Lines + facts.SQLi.Lines,
		"guardduty/critical-finding.yaml":             1,
		"guardduty/high-finding.yaml":                 1,
		"guardduty/stealth.yaml":                      1,
		"guardduty/unusual-console-login.yaml":        1,
		"waf/false-search-engine.yaml":                facts.FakeBot.Requests,
		"waf/injection-blocked.yaml":                  facts.SQLi.Blocked + facts.XSS.Blocked,
		"waf/scanner.yaml":                            facts.Scan.Requests + facts.SQLi.Requests,
		"waf/sensitive-file-asked.yaml":               421, // of the paths of the scan
	}
	ordinary := maps.Clone(got)
	for name := range want {
		delete(ordinary, name)
	}
	for _, name := range slices.Sorted(maps.Keys(ordinary)) {
		if n := ordinary[name]; n*1000 > events {
			t.Errorf("%s matches %d of %d ordinary events", name, n, events)
		}
		delete(got, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestShippedRulesAreSound: what lint demands of built-in rules, and their own tests.
func TestShippedRulesAreSound(t *testing.T) {
	t.Parallel()
	lib := library(t)
	lint, err := lib.LintRules(t.Context(), lib.Rules.Files)
	if err != nil || len(lint.Problems) > 0 || lint.Rules < 24 {
		t.Errorf("%v\n%s", err, lint.Text())
	}
	tests, err := lib.TestRules(t.Context(), lib.Rules.Files)
	if err != nil || !tests.OK() {
		t.Errorf("%v\n%s", err, tests.Text())
	}
	for _, name := range []string{"aws.cloudtrail", "aws.waf", "aws.alb", "aws.guardduty"} {
		if list := lib.Rules.Set.Unindexed(name); len(list) > 0 {
			t.Errorf("rules tried on every event of %s: %v", name, list)
		}
	}
}
