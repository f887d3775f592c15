package content_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
)

const ruleText = `title: TITLE
id: ID
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventName: NAME}
  condition: s
`

func ruleSource(files map[string]string, origin string) content.Source {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return content.Source{FS: fsys, Path: origin, Origin: origin}
}

func ruleOf(title, id string) string {
	return strings.NewReplacer("TITLE", title, "ID", id, "NAME", title).Replace(ruleText)
}

// TestRulesOverlay: a user's file replaces the built-in one with its path, a rule the one with its
// id; what is broken is reported and the rest works.
func TestRulesOverlay(t *testing.T) {
	t.Parallel()
	const a, b, d = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
	builtIn := ruleSource(map[string]string{
		"rules/x/one.yaml": ruleOf("one", a), "rules/x/two.yaml": ruleOf("two", b), "rules/x/three.yml": ruleOf("three", d),
		"rules/x/.hidden.yaml": "{", "rules/x/testdata/no.yaml": "{", "rules/README.md": "text",
	}, content.BuiltIn)
	user := ruleSource(map[string]string{
		"rules/x/one.yaml": ruleOf("mine", a), "rules/other.yaml": ruleOf("also mine", strings.ToUpper(b)), "rules/bad.yaml": "title: [",
		"rules/twice.yaml": ruleOf("fourth", d[:35]+"4") + "---\n" + ruleOf("twice", d[:35]+"4"),
	}, content.User)
	c, err := content.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.LoadRules(builtIn, user); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range c.Rules.Set.Rules() {
		f, _ := c.Rules.File(r)
		got = append(got, r.Title.EN+" "+f.Path+" "+f.Replaces)
	}
	want := []string{"also mine user/rules/other.yaml ", "fourth user/rules/twice.yaml ", "mine user/rules/x/one.yaml built-in/rules/x/one.yaml", "three built-in/rules/x/three.yml "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var problems []string
	for _, p := range c.Rules.Problems {
		problems = append(problems, strings.SplitN(p.String(), "\n", 2)[0])
	}
	wantProblems := []string{
		"user/rules/bad.yaml:1:8: not readable as YAML: sequence end token ']' not found",
		"user/rules/twice.yaml:8:8: the id 33333333-3333-4333-8333-333333333334 is that of another rule (user/rules/twice.yaml) (every rule has its own id)",
	}
	if diff := cmp.Diff(wantProblems, problems); diff != "" {
		t.Error(diff)
	}
}

// TestRuleTestsReadRecords: a record in a test goes through the log types; what is no event says so.
func TestRuleTestsReadRecords(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	rules, problems := c.ParseRule("mine.yaml", []byte(`title: t
id: 44444444-4444-4444-8444-444444444444
logsource: {product: aws, service: elb}
detection:
  s: {sc-status: 404, cs-uri-stem|endswith: .php}
  condition: s
yagura:
  tests:
    - name: line
      record: 'http 2026-03-02T23:39:43.945958Z app/my-lb/50dc6c495c0c9188 192.0.2.17:2817 10.0.0.1:80 0.000 0.001 0.000 404 404 34 366 "GET http://www.example.com:80/x.php?a=1 HTTP/1.1" "curl/8.5.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-03-02T23:39:43.944000Z "forward" "-" "-" "10.0.0.1:80" "404" "-" "-"'
      match: true
      fields: {http.response.status_code: '404', url.path: /x.php}
    - name: no event
      record: something else
      match: false
    - name: wrong
      event: {http.response.status_code: 200, url.path: /x.php}
      match: true
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	results, err := c.TestRule(t.Context(), rules.Set.Rules()[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, r.Test.Name+": "+r.Problem)
	}
	want := []string{"line: ", "no event: the record was refused: unrecognised", "wrong: the rule does not match, and should"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
