package alert

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
)

// TestTable holds the fields of findings against the dictionary: one kind everywhere, and a
// description of each in both languages.
func TestTable(t *testing.T) {
	t.Parallel()
	dict := schema.ECS()
	table := NewTable()
	seen := map[string]bool{}
	for _, f := range table.Fields {
		kind, ok := dict.Lookup(f.Name)
		if !ok || kind != f.Kind || dict.Describe(f.Name) == "" || dict.DescribeJA(f.Name) == "" {
			t.Errorf("%s is %s, in the dictionary %s (%v): %q %q", f.Name, f.Kind, kind, ok, dict.Describe(f.Name), dict.DescribeJA(f.Name))
		}
		if seen[f.Name] {
			t.Errorf("%s twice", f.Name)
		}
		seen[f.Name] = true
	}
	if !table.Derived {
		t.Error("findings are derived")
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	ip := []Field{{"source.ip", "203.0.113.7"}}
	same := Fingerprint("r", ip)
	if len(same) != 20 || same != Fingerprint("r", []Field{{"source.ip", "203.0.113.7"}}) {
		t.Errorf("fingerprint %q is not stable", same)
	}
	// A value that looks like the next field must not pass for it.
	others := []string{same, Fingerprint("r2", ip), Fingerprint("r", nil), Fingerprint("r", []Field{{"source.ip", "203.0.113.8"}}), Fingerprint("r", []Field{{"client.ip", "203.0.113.7"}}),
		Fingerprint("r", []Field{{"a", "b;1:c=1:d"}}), Fingerprint("r", []Field{{"a", "b"}, {"c", "d"}})}
	seen := map[string]bool{}
	for _, f := range others {
		if seen[f] {
			t.Errorf("%s stands for two alerts", f)
		}
		seen[f] = true
	}
}

func TestReadThreat(t *testing.T) {
	t.Parallel()
	got := ReadThreat([]string{"attack.initial_access", "attack.Initial-Access", "attack.t1078.004", "attack.t1078", "attack.g0016", "cve.2024-1", "attack.t1190"})
	want := Threat{Tactics: []string{"Initial Access"}, Techniques: []string{"T1078", "T1190"}, SubTechniques: []string{"T1078.004"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	waf := map[string]any{FieldName: "SQL injection", FieldSeverity: "high", "source.ip": "203.0.113.7", "source.geo.country_iso_code": "RU",
		"url.domain": "www.example.jp", "url.path": "/login", "event.action": "allow"}
	trail := map[string]any{FieldName: "Root login", FieldSeverity: "critical", "user.name": "root", "event.action": "ConsoleLogin", "cloud.account.id": "123456789012"}
	for _, c := range []struct {
		lang, title, want string
		fields            map[string]any
	}{
		{"en", "", "[high] SQL injection: from 203.0.113.7 (RU), on www.example.jp/login", waf},
		{"ja", "SQL インジェクション", "[高] SQL インジェクション: 送信元 203.0.113.7 (RU)、対象 www.example.jp/login", waf},
		{"en", "", "[critical] Root login: by root, with ConsoleLogin, in 123456789012", trail},
		{"ja", "", "[重大] Root login: ユーザー root、操作 ConsoleLogin、アカウント 123456789012", trail},
		{"en", "", "", map[string]any{}},
	} {
		if got := Sentence(c.lang, c.fields, c.title); got != c.want {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, s := range Severities() {
		if got, ok := ParseSeverity(s.String()); !ok || got != s || SeverityText(s, "ja") == "" {
			t.Errorf("%v", s)
		}
	}
	for _, s := range Statuses() {
		if got, ok := ParseStatus(s.String()); !ok || got != s {
			t.Errorf("%v", s)
		}
	}
	if _, ok := ParseSeverity(""); ok {
		t.Error("the empty text is no severity")
	}
}
