package detect_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
)

const fuzzRule = `title: t
logsource: {category: webserver}
detection:
  s:
    eventName|contains|all: [a, 'b*?c']
    params.x|re: '^(a|b)+$'
  k: ['union select', 12]
  f: {user.name: null, c-ip|cidr: 10.0.0.0/8}
  condition: (s or k) and not 1 of f*
yagura: {group_by: user.name, tests: [{name: a, event: {eventName: a}, match: false}]}
`

// batchOf is one event in a sealed batch.
func batchOf(env detect.Env, action, url, key, val string) *event.Batch {
	b := event.NewBatch(env.Types[0].Table, 0)
	b.Time, b.Rows = []int64{0}, 1
	b.Column("event.action").SetText(0, []byte(action))
	b.Column("url.original").SetText(0, []byte(url))
	b.Column("user.name").SetText(0, []byte(val))
	if key != "" {
		b.Rest.Keys = []int32{b.Rest.KeyDict.Code([]byte(key))}
		b.Rest.Vals = []int32{b.Rest.ValDict.Code([]byte(val))}
		b.Rest.Ends = []int32{1}
	}
	b.Seal()
	return b
}

// FuzzParse: no text breaks the parser, and what it accepts means the same to matcher and evaluator.
func FuzzParse(f *testing.F) {
	f.Add(fuzzRule, "aBxc", "/?q=UNION SELECT 12", "params.x", "abab")
	f.Add(strings.Replace(fuzzRule, "(s or k)", "not k", 1), "", "", "", "")
	f.Add("title: t\nlogsource: {category: webserver}\ndetection: {s: {'|all': [a, b]}, condition: s}", "ab", "é", "a[].b", "\xff")
	f.Add("a: &x [*x]\n---\n- [", "", "", "", "")
	f.Add("title: t\nlogsource: {category: webserver}\ndetection:\n  s:\n    a|base64offset|contains: x\n    b|windash: -a -b -c -d\n    c|fieldref: d\n  condition: all of them", "a", "b", "c", "d")
	env := testEnv()
	f.Fuzz(func(t *testing.T, src, action, url, key, val string) {
		if len(src) > 4<<10 {
			return
		}
		begin := time.Now()
		rules, bad := detect.Parse("f.yaml", []byte(src))
		_ = bad.Error()
		set, _ := detect.Compile(rules, env)
		b := batchOf(env, action, url, key, val)
		if diff := cmp.Diff(judged(set, b, 1), matches(set.NewMatcher(), b, 1)); diff != "" {
			t.Error(diff)
		}
		for _, r := range rules {
			x := set.Explain(r, b, 0)
			if _, err := json.Marshal(x); err != nil {
				t.Error(err)
			}
			_ = x.Text()
			set.Fields(r)
		}
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("took %s", d)
		}
	})
}

// FuzzCondition: the condition language has bounds and never panics.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"a", "a and not b or (c)", "1 of them", "all of a*", "any of *", "((((a))))", "not not a", "a |count() > 1", "2 of a", "a b", ")", "1 of", strings.Repeat("(", 200), strings.Repeat("not ", 500) + "a", "\xff", "1 of them and " + strings.Repeat("all of them or ", 400) + "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cond string) {
		q, err := json.Marshal(cond)
		if err != nil {
			return
		}
		begin := time.Now()
		rules, bad := detect.Parse("f.yaml", []byte("title: t\nlogsource: {category: webserver}\ndetection:\n  a: {eventName: a}\n  ab: {user.name: b}\n  c: [x, y]\n  condition: "+string(q)+"\n"))
		if len(rules) == 0 && len(bad) == 0 {
			t.Error("neither a rule nor a problem")
		}
		set, _ := detect.Compile(rules, testEnv())
		b := batchOf(testEnv(), "a", "x", "k", "b")
		if diff := cmp.Diff(judged(set, b, 1), matches(set.NewMatcher(), b, 1)); diff != "" {
			t.Error(diff)
		}
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("took %s", d)
		}
	})
}
