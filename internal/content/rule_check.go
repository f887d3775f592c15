package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// RuleResult is the outcome of one test inside a rule.
type RuleResult struct {
	Rule    *detect.Rule
	Test    detect.Test
	LogType string // whose event it was
	Problem string // "" = passed
	Explain string // why the rule matched or not, when that was not expected
}

// Passed reports whether the outcome was the expected one.
func (r RuleResult) Passed() bool { return r.Problem == "" }

// TestRule runs the tests inside a rule. A record, and an event in native names, goes through the
// log types like any other; an event in ECS names is taken as it is.
func (c *Content) TestRule(ctx context.Context, r *detect.Rule) ([]RuleResult, error) {
	set, _ := detect.Compile([]*detect.Rule{enabled(r)}, c.RuleEnv())
	var out []RuleResult
	for _, t := range r.Tests {
		x, err := c.runRuleTest(ctx, set, t)
		if err != nil {
			return nil, err
		}
		x.Rule, x.Test = r, t
		out = append(out, x)
	}
	return out, nil
}

// enabled is the rule as if it were not switched off.
func enabled(r *detect.Rule) *detect.Rule {
	c := *r
	c.Disabled = false
	return &c
}

func (c *Content) runRuleTest(ctx context.Context, set *detect.Set, t detect.Test) (RuleResult, error) {
	rule := set.Rules()[0]
	explained, err := c.explainRule(ctx, set, rule, ruleEvent{record: []byte(t.Record), event: t.Event, logType: t.LogType})
	var unreadable *unreadableError
	switch {
	case errors.As(err, &unreadable):
		return RuleResult{Problem: unreadable.Error()}, nil
	case err != nil:
		return RuleResult{}, err
	case len(explained) != 1:
		return RuleResult{Problem: fmt.Sprintf("a test is one event, and this is %d", len(explained))}, nil
	}
	x := explained[0]
	res := RuleResult{LogType: x.LogType}
	switch {
	case x.Match && !t.Match:
		res.Problem = "the rule matches, and should not"
	case !x.Match && t.Match:
		res.Problem = "the rule does not match, and should"
	}
	for _, name := range sortedKeys(t.Fields) {
		if res.Problem == "" && !slices.Contains(x.Fields, detect.MatchedField{Field: name, Value: t.Fields[name]}) {
			res.Problem = fmt.Sprintf("%s = %q is not among the matched fields", name, t.Fields[name])
		}
	}
	if res.Problem != "" {
		res.Explain = x.Text()
	}
	return res, nil
}

// ruleEvent is an event a rule is tried on: a record, or a document in native or ECS names.
type ruleEvent struct {
	record  []byte
	event   map[string]any
	logType string // "" = recognised, else that of the rule
}

// unreadableError says that a test or file does not hold an event.
type unreadableError struct{ text string }

func (e *unreadableError) Error() string { return e.text }

// explainRule tries a rule on an event and says of each event that came out of it why it matches.
func (c *Content) explainRule(ctx context.Context, set *detect.Set, r *detect.Rule, in ruleEvent) ([]detect.Explanation, error) {
	types := set.LogTypes(r)
	if in.event != nil {
		raw, err := json.Marshal(in.event)
		if err != nil {
			return nil, fmt.Errorf("writing the event of a test: %w", err)
		}
		got, err := read(ctx, c.Set, "test", raw, readOptions{now: defaultClock(), forced: ""})
		if err == nil && got.err == nil && len(got.events) == 1 {
			return explainRows(set, r, got), nil
		}
		name := in.logType
		if name == "" && len(types) > 0 {
			name = types[0]
		}
		if name == "" {
			return nil, &unreadableError{"the rule fits no log type: log_type says whose event it is"}
		}
		x, ok := set.ExplainDocument(r, name, in.event)
		if !ok {
			return nil, &unreadableError{fmt.Sprintf("there is no log type %q", name)}
		}
		return []detect.Explanation{x}, nil
	}
	forced := in.logType
	if forced != "" && c.Type(forced) == nil {
		return nil, &unreadableError{fmt.Sprintf("there is no log type %q", forced)}
	}
	got, err := read(ctx, c.Set, "test", in.record, readOptions{now: defaultClock(), forced: forced})
	switch {
	case err != nil:
		return nil, err
	case got.err != nil:
		return nil, &unreadableError{got.err.Error()}
	case len(got.rejects) > 0:
		return nil, &unreadableError{"the record was refused: " + rejectText(got.rejects[0])}
	case len(got.events) == 0:
		return nil, &unreadableError{"no event came out of the record"}
	}
	return explainRows(set, r, got), nil
}

func explainRows(set *detect.Set, r *detect.Rule, got reading) []detect.Explanation {
	var out []detect.Explanation
	for _, e := range got.events {
		x := set.Explain(r, e.batch, e.row)
		if !slices.Contains(set.LogTypes(r), x.LogType) {
			x.Match, x.Fields = false, nil // it would not be asked
		}
		out = append(out, x)
	}
	return out
}

// LintRule checks what can be checked about a rule beside its form: that it has a log type, tests of
// both kinds that pass, and no field that is never there. shipped demands what the built-in ones have:
// both languages, references, a runbook. What is wrong with the form stands in Rules.Problems.
func (c *Content) LintRule(ctx context.Context, r *detect.Rule, shipped bool) (Problems, error) {
	l := ruleLinter{rule: r}
	set, bad := detect.Compile([]*detect.Rule{enabled(r)}, c.RuleEnv())
	l.list = ruleProblems(bad)
	if len(set.LogTypes(set.Rules()[0])) == 0 {
		l.add(!shipped, "a log type names its log sources in sigma: sources", "the rule fits no log type (%s): it is loaded, but never matches", r.Source)
	}
	seen, _ := detect.Compile([]*detect.Rule{enabled(r)}, c.seen())
	for _, u := range seen.Fields(seen.Rules()[0]) {
		if u.Missing != "" {
			l.add(true, "a test of it never holds there", "field %s is %s", u.Field, u.Missing)
		}
	}
	for _, f := range r.GroupBy {
		if !c.knownField(f) {
			l.add(false, "", "group_by: no log type has a field %s", f)
		}
	}
	yes, no := 0, 0
	for _, t := range r.Tests {
		if t.Match {
			yes++
		} else {
			no++
		}
	}
	if yes == 0 || no == 0 {
		l.add(!shipped, "yagura: tests: [{name: …, event: {…}, match: true}, …]", "the rule needs a test that matches and one that does not")
	}
	results, err := c.TestRule(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, x := range results {
		if !x.Passed() {
			l.list = append(l.list, Problem{Problem: logtype.Problem{File: r.File, Pos: logtype.Pos(x.Test.Pos), Text: fmt.Sprintf("test %q: %s", x.Test.Name, x.Problem)}})
		}
	}
	if shipped {
		l.texts()
	}
	return l.list, nil
}

type ruleLinter struct {
	rule *detect.Rule
	list Problems
}

func (l *ruleLinter) add(warning bool, hint, format string, args ...any) {
	l.list = append(l.list, Problem{
		Problem: logtype.Problem{File: l.rule.File, Pos: logtype.Pos(l.rule.Pos), Text: fmt.Sprintf(format, args...), Hint: hint}, Warning: warning,
	})
}

// texts checks what people read in a shipped rule.
func (l *ruleLinter) texts() {
	r := l.rule
	for what, missing := range map[string]bool{
		"title_ja": r.Title.JA == "", "description": r.Description.EN == "", "description_ja": r.Description.JA == "",
		"runbook in English and Japanese": r.Runbook.EN == "" || r.Runbook.JA == "", "references": len(r.References) == 0, "author": r.Author == "",
		"status": r.Status == "", "falsepositives": len(r.FalsePositives) == 0, "date": r.Date == "",
		"an ATT&CK tag": !slices.ContainsFunc(r.Tags, func(t string) bool { return strings.HasPrefix(t, "attack.") }),
	} {
		if missing {
			l.add(false, "", "%s is missing", what)
		}
	}
	if r.License != "Apache-2.0" {
		l.add(false, "license: Apache-2.0", "the license of a shipped rule is Apache-2.0")
	}
	slices.SortFunc(l.list, func(a, b Problem) int { return strings.Compare(a.Text, b.Text) })
}

// knownField reports whether a field is a column somewhere.
func (c *Content) knownField(name string) bool {
	if _, ok := c.Dictionary.Lookup(name); ok {
		return true
	}
	for _, t := range c.Types {
		if t.Table.Index(name) >= 0 {
			return true
		}
	}
	return false
}
