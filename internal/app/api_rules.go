package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/store"
)

// ruleFace answers the area of rules.
type ruleFace struct {
	*face
	own      string // folder of rules saved in the page
	switches string // folder of those switched on or off there
	saving   sync.Mutex
}

var _ api.RuleBackend = (*ruleFace)(nil)

func newRuleFace(f *face) *ruleFace {
	rules := filepath.Join(f.app.cfg.Data, ownContent, "rules")
	return &ruleFace{face: f, own: filepath.Join(rules, "custom"), switches: filepath.Join(rules, "switches")}
}

// ruleCount is how often a rule has fired.
type ruleCount struct {
	day, week int64
	last      time.Time
}

// ruleCounts counts the findings of each rule over the last seven days, by the time of their events.
func (f *ruleFace) ruleCounts(ctx context.Context) (map[string]ruleCount, error) {
	now := f.instant()
	week := store.Query{Types: []string{alert.LogType}, From: now.Add(-7 * 24 * time.Hour).UnixNano(), To: now.UnixNano()}
	day := week
	day.From = now.Add(-24 * time.Hour).UnixNano()
	by := []store.Key{{Name: "rule", Field: alert.FieldRule}}
	tables, errs := f.ask.AggregateBatch(ctx, []store.AggregateQuery{
		{Query: week, By: by, Aggs: []store.Agg{{Name: "n", Func: store.Count}, {Name: "last", Func: store.Max, Field: event.TimestampField}}},
		{Query: day, By: by, Aggs: countAgg},
	})
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("counting findings by rule: %w", err)
	}
	out := map[string]ruleCount{}
	for _, row := range tables[0].Rows {
		id, _ := row[0].(string)
		n, _ := row[1].(int64)
		last, _ := row[2].(time.Time)
		out[id] = ruleCount{week: n, last: last}
	}
	for _, row := range tables[1].Rows {
		id, _ := row[0].(string)
		c := out[id]
		c.day, _ = row[1].(int64)
		out[id] = c
	}
	return out, nil
}

func originOf(origin string) string {
	if origin == content.User {
		return "user"
	}
	return "builtin"
}

func cardOfRule(rules *content.Rules, r *detect.Rule, n ruleCount) api.RuleCard {
	c := api.RuleCard{
		ID: r.ID, TitleEN: r.Title.EN, TitleJA: r.Title.JA, Level: r.Level, Status: r.Status, Author: r.Author, License: r.License,
		Tags: r.Tags, LogSource: r.Source, LogTypes: rules.Set.LogTypes(r), Origin: "user", File: r.File, Enabled: !r.Disabled,
		Findings24h: n.day, Findings7d: n.week,
	}
	if !n.last.IsZero() {
		last := n.last.UTC()
		c.LastFinding = &last
	}
	if file, ok := rules.File(r); ok {
		c.Origin = originOf(file.Origin)
		c.Problems = ruleProblemsOf(file.Problems)
	}
	return c
}

func ruleProblemsOf(list content.Problems) []api.RuleProblem {
	out := []api.RuleProblem{}
	for _, p := range list {
		out = append(out, api.RuleProblem{File: p.File, Line: p.Pos.Line, Column: p.Pos.Col, Message: p.Text, Hint: p.Hint, Warning: p.Warning})
	}
	return out
}

// Rules implements api.RuleBackend.
func (f *ruleFace) Rules(ctx context.Context) ([]api.RuleCard, error) {
	counts, err := f.ruleCounts(ctx)
	if err != nil {
		return nil, err
	}
	rules := f.app.detection.content().Rules
	var out []api.RuleCard
	for _, r := range rules.Set.Rules() {
		out = append(out, cardOfRule(rules, r, counts[r.ID]))
	}
	for _, file := range rules.Files { // those of which nothing could be read are shown too
		if len(file.Rules) == 0 && len(file.Problems) > 0 {
			out = append(out, api.RuleCard{ID: file.Name, TitleEN: file.Name, Level: "informational", Origin: originOf(file.Origin), File: file.Path, Problems: ruleProblemsOf(file.Problems)})
		}
	}
	rank := func(level string) int { return -slices.Index(detect.Levels, level) }
	slices.SortStableFunc(out, func(a, b api.RuleCard) int {
		return cmp.Or(cmp.Compare(rank(a.Level), rank(b.Level)), cmp.Compare(a.TitleEN, b.TitleEN))
	})
	return out, nil
}

func (f *ruleFace) rule(id string) (*detect.Rule, error) {
	r := f.app.detection.rule(id)
	if r == nil {
		return nil, noRule(id)
	}
	return r, nil
}

func noRule(id string) error { return api.NotFound("there is no rule %.200q in force", id) }

// Rule implements api.RuleBackend.
func (f *ruleFace) Rule(ctx context.Context, id string) (api.RuleDetail, error) {
	lib := f.app.detection.content() // one version of the rules from here on
	r := lib.Rules.Set.Rule(id)
	if r == nil {
		return api.RuleDetail{}, noRule(id)
	}
	counts, err := f.ruleCounts(ctx)
	if err != nil {
		return api.RuleDetail{}, err
	}
	out := api.RuleDetail{
		RuleCard: cardOfRule(lib.Rules, r, counts[r.ID]), DescriptionEN: r.Description.EN, DescriptionJA: r.Description.JA,
		References: r.References, FalsePositives: r.FalsePositives, RunbookEN: r.Runbook.EN, RunbookJA: r.Runbook.JA,
		GroupBy: r.GroupBy, Conditions: r.Conditions, Fields: lib.UseOfRule(r).Fields, Where: f.ruleWhere(r.ID),
	}
	tree := r.Condition()
	out.Tree = &tree
	if file, ok := lib.Rules.File(r); ok {
		out.YAML = string(file.Source)
	}
	out.Tests, err = ruleTests(ctx, lib, r)
	return out, err
}

func ruleTests(ctx context.Context, lib *content.Content, r *detect.Rule) ([]api.RuleTest, error) {
	results, err := lib.TestRule(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("running the tests of rule %s: %w", r.ID, err)
	}
	out := []api.RuleTest{}
	for _, x := range results {
		t := api.RuleTest{Name: x.Test.Name, OK: x.Passed()}
		if !t.OK {
			t.Error = strings.TrimSpace(x.Problem + "\n" + x.Explain)
		}
		out = append(out, t)
	}
	return out, nil
}

// draftRule reads a text that is in no file.
func (f *ruleFace) draftRule(text string) (*content.Rules, *detect.Rule, content.Problems) {
	rules, bad := f.app.detection.content().ParseRule("rule.yaml", []byte(text))
	if list := rules.Set.Rules(); len(list) > 0 {
		return rules, list[0], bad
	}
	return rules, nil, bad
}

// CheckRule implements api.RuleBackend.
func (f *ruleFace) CheckRule(ctx context.Context, text string) (api.RuleCheck, error) {
	rules, r, bad := f.draftRule(text)
	out := api.RuleCheck{Problems: ruleProblemsOf(bad)}
	if r == nil {
		return out, nil
	}
	card, tree := cardOfRule(rules, r, ruleCount{}), r.Condition()
	out.Rule, out.Tree = &card, &tree
	lint, err := f.app.detection.content().LintRule(ctx, r, false)
	if err != nil {
		return out, err
	}
	for _, p := range ruleProblemsOf(lint) {
		if !slices.Contains(out.Problems, p) {
			out.Problems = append(out.Problems, p)
		}
	}
	out.Tests, err = ruleTests(ctx, f.app.detection.content(), r)
	return out, err
}

// DraftRule implements api.RuleBackend.
func (f *ruleFace) DraftRule(_ context.Context, r api.RuleDraftBody) (api.RuleDraft, error) {
	q, err := f.read(api.Scope{Q: r.Q, Filters: r.Filters}, f.instant(), nil)
	if err != nil {
		return api.RuleDraft{}, err
	}
	title := cmp.Or(strings.TrimSpace(r.Title), "New rule")
	text, notes, err := f.app.detection.content().DraftRule(q.Where, title, uuid.NewString(), f.now().Format(time.DateOnly))
	if err != nil {
		return api.RuleDraft{}, api.Invalid("body.q", "%v", err)
	}
	if q.Stages != "" {
		notes = append(notes, "a rule looks at one event at a time: the statistics of the search were left out")
	}
	return api.RuleDraft{YAML: text, Notes: notes}, nil
}

func faultyRule(bad []api.RuleProblem) *api.Problem {
	p := &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "this is no rule"}
	for i, x := range bad {
		if i == 0 {
			p.Detail, p.Hint, p.Position = x.Message, x.Hint, &api.Position{Line: x.Line, Column: x.Column}
		}
		p.Errors = append(p.Errors, api.ErrorItem{Location: "body.yaml", Message: fmt.Sprintf("line %d, column %d: %s", x.Line, x.Column, x.Message)})
	}
	return p
}

// ExplainRule implements api.RuleBackend.
func (f *ruleFace) ExplainRule(ctx context.Context, r api.RuleExplainBody) (api.RuleExplanation, error) {
	var rule *detect.Rule
	var err error
	if r.YAML != "" {
		var bad content.Problems
		if _, rule, bad = f.draftRule(r.YAML); rule == nil {
			return api.RuleExplanation{}, faultyRule(ruleProblemsOf(bad))
		}
	} else if rule, err = f.rule(r.Rule); err != nil {
		return api.RuleExplanation{}, err
	}
	e, err := f.find(ctx, r.EventID)
	if err != nil {
		return api.RuleExplanation{}, err
	}
	raw, _ := e.Fields[event.OriginalField].(string)
	if raw == "" {
		doc := map[string]any{event.ModuleField: e.LogType}
		for k, v := range e.Fields {
			if _, native := v.(map[string]string); !native {
				doc[k] = v
			}
		}
		b, err := json.Marshal(doc)
		if err != nil {
			return api.RuleExplanation{}, fmt.Errorf("writing event %s: %w", e.ID, err)
		}
		raw = string(b)
	}
	list, err := f.app.detection.content().ExplainRule(ctx, rule, []byte(raw), 0)
	if err != nil {
		return api.RuleExplanation{}, api.Invalid("body.event_id", "the event cannot be read again: %v", err)
	}
	return api.RuleExplanation{Explanations: list}, nil
}

// ruleWhere is the condition that finds the findings of a rule.
func (f *ruleFace) ruleWhere(id string) string {
	return "event.module:" + alert.LogType + " and " + (&expr.Predicate{Field: alert.FieldRule, Op: expr.Equal, Text: id, Quote: true}).String()
}

// RuleFindings implements api.RuleBackend.
func (f *ruleFace) RuleFindings(ctx context.Context, r api.RuleFindingsRequest) (api.FindingList, error) {
	where := f.ruleWhere(r.ID)
	got, err := f.Search(ctx, api.SearchRequest{
		Scope: api.Scope{Q: where, Range: api.Range{From: r.From, To: r.To, Zone: r.Zone}}, Cursor: r.Cursor, Limit: r.Limit,
	})
	if err != nil {
		return api.FindingList{}, err
	}
	return api.FindingList{Items: got.Events, Next: got.Next, Limit: r.Limit, Where: where}, nil
}
