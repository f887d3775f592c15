package detect_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/schema"
)

// testEnv has one log type with columns of several kinds and leaves.
func testEnv() detect.Env {
	t := schema.NewTable("test.web", 1, []schema.Field{
		{Name: "source.ip", Kind: schema.IP},
		{Name: "url.original", Kind: schema.String, Plain: true},
		{Name: "event.action", Kind: schema.String},
		{Name: "http.response.status_code", Kind: schema.Int},
		{Name: "tls.established", Kind: schema.Bool},
		{Name: "test.score", Kind: schema.Float},
		{Name: "test.labels", Kind: schema.Strings},
		{Name: "user.name", Kind: schema.String},
	})
	t.Rest = true
	return detect.Env{Types: []detect.LogType{{
		Name: "test.web", Table: t, Sources: []detect.LogSource{{Product: "test", Category: "webserver"}},
		Aliases: map[string][]string{"eventName": {"event.action"}, "labels[].name": {"test.labels"}, "response.Login": {"event.action"}, "c-ip": {"source.ip"}, "who": {"test.missing", "user.name"}},
	}}}
}

func parseOne(tb testing.TB, detection string) *detect.Rule {
	tb.Helper()
	src := "title: t\nlogsource: {category: webserver}\ndetection:\n" + detection
	rules, bad := detect.Parse("t.yaml", []byte(src))
	if len(rules) != 1 {
		tb.Fatalf("%v\n%s", bad, src)
	}
	return rules[0]
}

func TestSemantics(t *testing.T) {
	t.Parallel()
	one := func(line string) string { return "  s:\n    " + line + "\n  condition: s\n" }
	for _, c := range []struct {
		detection string
		yes, no   []string // documents
	}{
		{one("eventName: StopLogging"), []string{`{"eventName":"stoplogging"}`, `{"event.action":"StopLogging"}`, `{"event":{"action":"StopLogging"}}`}, []string{`{"eventName":"StopLogging2"}`, `{}`}},
		{one("eventname: StopLogging"), []string{`{"eventName":"StopLogging"}`}, nil},
		{one("eventName: Stop*"), []string{`{"eventName":"STOPx"}`, `{"eventName":"stop"}`}, []string{`{"eventName":"xstop"}`}},
		{one("eventName: '*x?z*'"), []string{`{"eventName":"axyzb"}`, `{"eventName":"xéz"}`}, []string{`{"eventName":"xz"}`}},
		{one(`eventName: 'a\*b'`), []string{`{"eventName":"a*b"}`}, []string{`{"eventName":"axb"}`}},
		{one(`eventName: 'a\\*b'`), []string{`{"eventName":"a\\xb"}`}, []string{`{"eventName":"a*b"}`}},
		{one(`eventName: 'a\\\*b'`), []string{`{"eventName":"a\\*b"}`}, []string{`{"eventName":"a\\xb"}`}},
		{one(`eventName: 'C:\Windows\x'`), []string{`{"eventName":"c:\\windows\\X"}`}, nil},
		{one(`eventName: 'a\\\\b'`), []string{`{"eventName":"a\\\\b"}`}, []string{`{"eventName":"a\\b"}`}},
		{one(`eventName: 'a\'`), []string{`{"eventName":"a\\"}`}, nil},
		{one("eventName|contains: '*'"), []string{`{"eventName":"a"}`}, []string{`{"eventName":""}`, `{}`}},
		{one("eventName: '*'"), []string{`{"eventName":"a"}`}, []string{`{}`}},
		{one("eventName: null"), []string{`{}`, `{"eventName":""}`}, []string{`{"eventName":"a"}`}},
		{one("eventName: ''"), []string{`{}`, `{"eventName":""}`}, []string{`{"eventName":"a"}`}},
		{one("eventName: [null, a]"), []string{`{}`, `{"eventName":"A"}`}, []string{`{"eventName":"b"}`}},
		{one("eventName|exists: true"), []string{`{"eventName":"a"}`}, []string{`{}`}},
		{one("eventName|exists: false"), []string{`{}`}, []string{`{"eventName":"a"}`}},
		{one("eventName|cased: Stop"), []string{`{"eventName":"Stop"}`}, []string{`{"eventName":"stop"}`}},
		{one("eventName|contains|cased: to"), []string{`{"eventName":"Stop"}`}, []string{`{"eventName":"STOP"}`}},
		{one("eventName|neq: [a, b]"), []string{`{"eventName":"c"}`, `{}`}, []string{`{"eventName":"A"}`}},
		{one("eventName|contains|all: [a, b]"), []string{`{"eventName":"bca"}`}, []string{`{"eventName":"a"}`}},
		{one("eventName|contains: [a, b]"), []string{`{"eventName":"xax"}`}, []string{`{"eventName":"c"}`}},
		{one("eventName|startswith: [a, b]"), []string{`{"eventName":"bx"}`}, []string{`{"eventName":"xb"}`}},
		{one("eventName|endswith: '?b'"), []string{`{"eventName":"xyb"}`}, []string{`{"eventName":"b"}`}},
		{one("eventName|re: '^a.c$'"), []string{`{"eventName":"abc"}`}, []string{`{"eventName":"ABC"}`, `{"eventName":"xabc"}`}},
		{one("eventName|re|i: '^a.c$'"), []string{`{"eventName":"ABC"}`}, nil},
		{one("eventName|re|s: 'a.c'"), []string{`{"eventName":"a\nc"}`}, nil},
		{one("eventName|re|m: '^c'"), []string{`{"eventName":"a\nc"}`}, nil},
		{one("c-ip|cidr: [10.0.0.0/8, '2001:db8::/32']"), []string{`{"source.ip":"10.1.2.3"}`, `{"source":{"ip":"2001:db8::1"}}`}, []string{`{"source.ip":"11.0.0.1"}`, `{}`}},
		{one("source.ip: '2001:DB8:0::1'"), []string{`{"source.ip":"2001:db8::1"}`}, nil},
		{one("http.response.status_code: 404"), []string{`{"http":{"response":{"status_code":404}}}`}, []string{`{"http":{"response":{"status_code":4040}}}`}},
		{one("http.response.status_code: ['4*', 500]"), []string{`{"http.response.status_code":404}`, `{"http.response.status_code":500}`}, []string{`{"http.response.status_code":501}`}},
		{one("http.response.status_code|gte: 500"), []string{`{"http.response.status_code":500}`}, []string{`{"http.response.status_code":499}`, `{}`}},
		{one("test.score|lt: 1.5"), []string{`{"test.score":1.25}`}, []string{`{"test.score":1.5}`}},
		{one("test.score: 8.0"), []string{`{"test.score":8}`}, []string{`{"test.score":8.1}`}},
		{one("tls.established: true"), []string{`{"tls":{"established":true}}`}, []string{`{"tls.established":false}`}},
		{one("tls.established: 'false'"), []string{`{"tls":{"established":false}}`}, nil},
		{one("tls.established: 'NO'"), []string{`{"tls":{"established":false}}`, `{"tls.established":"No"}`}, []string{`{"tls.established":"yes"}`, `{}`}},
		{one("labels.name: b"), []string{`{"labels":[{"name":"a"},{"name":"b"}]}`, `{"test.labels":["B"]}`}, []string{`{"labels":[{"name":"a"}]}`}},
		{one("who: kim"), []string{`{"user.name":"kim"}`, `{"who":"kim"}`}, nil},
		{one("params.mode: x"), []string{`{"params":{"mode":"X"}}`, `{"params":[{"mode":"y"},{"mode":"x"}]}`, `{"Params":{"Mode":"x"}}`}, []string{`{"params":{"mode":"xy"}}`}},
		{one("ThreatName: x"), []string{`{"Threat Name":"x"}`}, nil},
		{one("params|contains: Suspended"), []string{`{"params":{"versioning":{"Status":"Suspended"}}}`}, []string{`{"params":{"a":"b"}}`, `{"other":{"x":"Suspended"}}`}},
		{one(`params|contains: '"Status":"Suspended"'`), []string{`{"params":{"versioning":{"Status":"Suspended"}}}`}, nil},
		{one(`params|contains: '"port":22'`), []string{`{"params":{"port":22}}`}, nil},
		{one("response|contains: Failure"), []string{`{"response":{"Login":"Failure"}}`, `{"event.action":"Failure"}`}, []string{`{"response":{"Login":"Success"}}`}},
		{one("params: null"), []string{`{}`}, []string{`{"params":{"a":"b"}}`}},
		{one("eventName|fieldref: user.name"), []string{`{"eventName":"Kim","user.name":"kim"}`}, []string{`{"eventName":"a","user.name":"b"}`, `{}`}},
		{one("eventName|contains|fieldref: user.name"), []string{`{"eventName":"xkimx","user.name":"kim"}`}, nil},
		{one("url.original|base64offset|contains: /bin/sh"), []string{`{"url.original":"?x=YS9iaW4vc2g="}`, `{"url.original":"?x=L2Jpbi9zaA=="}`}, []string{`{"url.original":"?x=l2JPBI9ZAA=="}`}},
		{one("url.original|windash|contains: ' -e '"), []string{`{"url.original":"x /e y"}`, `{"url.original":"x -e y"}`, `{"url.original":"x –e y"}`}, []string{`{"url.original":"x e y"}`}},
		{one("url.original|wide|base64offset|contains: cmd"), []string{`{"url.original":"YwBtAGQA"}`}, nil},
		{"  k: [union select, log4j]\n  condition: k\n", []string{`{"url.original":"/?q=UNION SELECT 1"}`, `{"leaf":{"x":"a log4j b"}}`}, []string{`{"log4j":"x"}`, `{"union select":"x"}`}},
		{"  k:\n    '|all': [a1, b2]\n  condition: k\n", []string{`{"url.original":"a1","user.name":"b2"}`}, []string{`{"url.original":"a1"}`}},
		{"  k: a*z\n  condition: k\n", []string{`{"url.original":"xxaqqzxx"}`}, []string{`{"url.original":"za"}`}},
		{"  s:\n    - eventName: a\n      user.name: b\n    - eventName: c\n  condition: s\n", []string{`{"eventName":"a","user.name":"b"}`, `{"eventName":"c"}`}, []string{`{"eventName":"a"}`}},
		{"  a: {eventName: a}\n  b: {user.name: b}\n  condition: [a, b]\n", []string{`{"eventName":"a"}`, `{"user.name":"b"}`}, []string{`{}`}},
		{"  a: {eventName: a}\n  b: {user.name: b}\n  condition: a or not b and a\n", []string{`{"eventName":"a","user.name":"b"}`}, []string{`{}`}},
		{"  a: {eventName: a}\n  b: {user.name: b}\n  condition: NOT (a OR b)\n", []string{`{}`}, []string{`{"eventName":"a"}`, `{"user.name":"b"}`}},
		{"  s_a: {eventName: a}\n  s_b: {user.name: b}\n  condition: all of s_*\n", []string{`{"eventName":"a","user.name":"b"}`}, []string{`{"eventName":"a"}`}},
		{"  s_a: {eventName: a}\n  _b: {user.name: b}\n  condition: 1 of them\n", []string{`{"eventName":"a"}`}, []string{`{"user.name":"b"}`}},
	} {
		r := parseOne(t, c.detection)
		set, bad := detect.Compile([]*detect.Rule{r}, testEnv())
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		for want, docs := range map[bool][]string{true: c.yes, false: c.no} {
			for _, src := range docs {
				var doc map[string]any
				if err := json.Unmarshal([]byte(src), &doc); err != nil {
					t.Fatal(err)
				}
				x, _ := set.ExplainDocument(r, "test.web", doc)
				if x.Match != want {
					t.Errorf("%s\n%s: match is %t\n%s", c.detection, src, x.Match, x.Text())
				}
			}
		}
	}
}

// TestProblems: what is wrong is said with its place.
func TestProblems(t *testing.T) {
	t.Parallel()
	const head = "title: t\nlogsource: {category: x}\ndetection:\n"
	for src, want := range map[string]string{
		"":                                     "t.yaml:1:1: the file is empty",
		"a: [":                                 "t.yaml:1:4: not readable as YAML",
		"- a\n":                                "t.yaml:1:1: a rule: want a map, not a list",
		"title: t\n":                           "logsource is missing",
		head + "  s: {a: b}\n":                 "t.yaml:4:3: condition is missing",
		head + "  s: {a: b}\n  condition: t\n": "t.yaml:5:14: no search is named \"t\" (there are: s)",
		head + "  sel: {a: b}\n  condition: sel and\n":                                  "t.yaml:5:21: the condition ends where a name should stand",
		head + "  s: {a: b}\n  condition: (s\n":                                         "t.yaml:5:16: a parenthesis is not closed",
		head + "  s: {a: b}\n  condition: s s\n":                                        "t.yaml:5:16: \"s\" cannot stand here: and, or is missing before it",
		head + "  s: {a: b}\n  condition: s | count() > 5\n":                            "t.yaml:5:16: counting in a condition (| count() > 5) is not supported",
		head + "  s: {a: b}\n  condition: 2 of s*\n":                                    "t.yaml:5:14: 2 of is not supported",
		head + "  s: {a: b}\n  condition: 1 of x*\n":                                    "no search is named like \"x*\"",
		head + "  s: {a: b}\n  condition: near s\n":                                     "near is not supported",
		head + "  s: {a: b}\n  timeframe: 5m\n  condition: s\n":                         "t.yaml:5:3: timeframe is not supported",
		head + "  s: {a|expand: '%x%'}\n  condition: s\n":                               "t.yaml:4:7: expand needs the list",
		head + "  s: {a|contain: x}\n  condition: s\n":                                  "t.yaml:4:7: unknown modifier \"contain\" (did you mean contains?)",
		head + "  s: {a|hour: 1}\n  condition: s\n":                                     "the modifier hour is not supported",
		head + "  s:\n    a|re: 'a('\n  condition: s\n":                                 "t.yaml:5:11: regular expression: missing closing )",
		head + "  s: {a|cidr: 10.0.0.0/99}\n  condition: s\n":                           "want a network such as 10.0.0.0/8",
		head + "  s: {a|gt: x}\n  condition: s\n":                                       "want a number",
		head + "  s: {a: {b: c}}\n  condition: s\n":                                     "a map cannot be a value",
		head + "  s: {}\n  condition: s\n":                                              "an empty map matches nothing",
		head + "  s:\n  condition: s\n":                                                 "search \"s\" is empty",
		head + "  s: {a|contains|cidr: x}\n  condition: s\n":                            "do not go together",
		head + "  s: {a: b, a: c}\n  condition: s\n":                                    "",
		head + "  s: {a: b}\n  condition: s\nlevel: hgih\n":                             "t.yaml:6:8: unknown level \"hgih\"",
		head + "  s: {a: &x b}\n  condition: s\n":                                       "anchors, aliases and tags",
		"title: t\ncorrelation: {type: event_count}\n":                                  "t.yaml:2:14: correlation rules are not supported yet",
		"title: t\nfilter: {rules: [a]}\n":                                              "filter rules are not supported yet",
		"action: global\ntitle: t\n":                                                    "rule collections",
		head + "  s: {a: b}\n  condition: s\nyagura: {groupby: [a]}\n":                  "unknown key \"groupby\" in yagura (did you mean group_by?)",
		head + "  s: {a: b}\n  condition: s\nyagura: {tests: [{name: a, event: {}}]}\n": "a test says match: true or match: false",
	} {
		rules, bad := detect.Parse("t.yaml", []byte(src))
		if len(rules) > 0 || !strings.Contains(bad.Error(), want) || len(bad) == 0 {
			t.Errorf("%q gives %d rules and %q, want %q", src, len(rules), bad.Error(), want)
		}
	}
	// More problems than are shown do not make a rule of it.
	many := "title: t\nlogsource: {category: x}\ndetection:\n  s:\n" + strings.Repeat("    - a: b\n      c: d\n", 1500)
	for _, src := range []string{many + "  condition: x\n", "title: t\n" + strings.Repeat("a: b\n", 500), strings.Repeat("title: t\n---\n", 300), strings.Repeat("? a\n", 1000), strings.Repeat("a: b\n", 5000), "a: " + strings.Repeat("\"'", 30_000), many + "  s2:\n" + strings.Repeat("    - {a: {b: c}}\n", 300) + "  condition: s\n"} {
		if rules, bad := detect.Parse("t.yaml", []byte(src)); len(rules) > 0 || len(bad) == 0 || len(bad) > 100 {
			t.Errorf("%.60q: %d rules, %d problems", src, len(rules), len(bad))
		}
	}
	// One broken rule of a file leaves the others alone; warnings do not break a rule.
	rules, bad := detect.Parse("t.yaml", []byte(head+"  s: {a: b}\n  u: {a: c}\n  condition: s\nid: no-uuid\nstats: x\n---\n"+head+"  s: {a: b}\n---\n"+head+"  s: {a: b}\n  condition: s\n"))
	if got := fmt.Sprintf("%d rules, %d problems", len(rules), len(bad)); got != "2 rules, 4 problems" {
		t.Errorf("%s: %v", got, bad)
	}
}
