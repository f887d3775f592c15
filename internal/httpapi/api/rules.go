package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/detect"
)

// RuleBackend knows the detection rules.
type RuleBackend interface {
	Rules(ctx context.Context) ([]RuleCard, error)
	Rule(ctx context.Context, id string) (RuleDetail, error)
	// CheckRule reads the text of a rule and runs its tests; faults are in the answer.
	CheckRule(ctx context.Context, yaml string) (RuleCheck, error)
	DraftRule(ctx context.Context, r RuleDraftBody) (RuleDraft, error)
	SaveRule(ctx context.Context, id, yaml string) (RuleSaved, error)
	// DeleteRule removes what SaveRule wrote; a built-in rule with the id is in force again.
	DeleteRule(ctx context.Context, id string) error
	// SwitchRule turns any rule on or off without touching its file.
	SwitchRule(ctx context.Context, id string, on bool) (RuleSaved, error)
	ExplainRule(ctx context.Context, r RuleExplainBody) (RuleExplanation, error)
	RuleFindings(ctx context.Context, r RuleFindingsRequest) (FindingList, error)
}

// RuleCard is a rule in a list.
type RuleCard struct {
	ID          string           `json:"id"`
	TitleEN     string           `json:"title_en"`
	TitleJA     string           `json:"title_ja,omitempty"`
	Level       string           `json:"level" enum:"critical,high,medium,low,informational"`
	Status      string           `json:"status,omitempty"`
	Author      string           `json:"author,omitempty"`
	License     string           `json:"license,omitempty"`
	Tags        []string         `json:"tags"`
	LogSource   detect.LogSource `json:"logsource"`
	LogTypes    []string         `json:"log_types" doc:"whose events it sees; none = it never matches"`
	Origin      string           `json:"origin" enum:"builtin,user"`
	File        string           `json:"file"`
	Findings24h int64            `json:"findings_24h" doc:"of events of the last 24 hours"`
	Findings7d  int64            `json:"findings_7d"`
	LastFinding *time.Time       `json:"last_finding,omitempty" doc:"in the last 7 days"`
	Problems    []RuleProblem    `json:"problems"`
	Enabled     bool             `json:"enabled"`
}

// RuleProblem is something wrong with a rule file.
type RuleProblem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty" doc:"it works, but somebody should look"`
}

// RuleList lists rules.
type RuleList struct {
	Items    []RuleCard    `json:"items"`
	Problems []RuleProblem `json:"problems" doc:"of all files; the rules of sound ones work"`
}

// RuleDetail is everything about one rule.
type RuleDetail struct {
	RuleCard
	YAML           string                `json:"yaml" doc:"the file it stands in"`
	DescriptionEN  string                `json:"description_en,omitempty"`
	DescriptionJA  string                `json:"description_ja,omitempty"`
	References     []string              `json:"references"`
	FalsePositives []string              `json:"falsepositives"`
	RunbookEN      string                `json:"runbook_en,omitempty"`
	RunbookJA      string                `json:"runbook_ja,omitempty"`
	GroupBy        []string              `json:"group_by" doc:"what makes one alert of many findings; none = the first of user, source address, host and account that an event has"`
	Conditions     []string              `json:"conditions"`
	Tree           *detect.ConditionPart `json:"tree,omitempty" doc:"the condition with its searches put in"`
	Fields         []detect.FieldUse     `json:"fields" doc:"where each field of the rule is found"`
	Tests          []RuleTest            `json:"tests"`
	Where          string                `json:"where" doc:"a condition that finds its findings"`
}

// RuleTest is the outcome of a test inside a rule.
type RuleTest struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// RuleText is the text of a rule.
type RuleText struct {
	YAML string `json:"yaml" maxLength:"1048576"`
}

// RuleCheck says what is wrong with a text.
type RuleCheck struct {
	Rule     *RuleCard             `json:"rule,omitempty" doc:"absent when it cannot be read"`
	Tree     *detect.ConditionPart `json:"tree,omitempty" doc:"the condition with its searches put in"`
	Problems []RuleProblem         `json:"problems"`
	Tests    []RuleTest            `json:"tests"`
}

// RuleDraftBody asks for a rule made of a search.
type RuleDraftBody struct {
	Q       string   `json:"q" maxLength:"65536"`
	Filters []Filter `json:"filters,omitempty" maxItems:"200"`
	Title   string   `json:"title,omitempty" maxLength:"200"`
}

// RuleDraft is a rule to finish.
type RuleDraft struct {
	YAML  string   `json:"yaml"`
	Notes []string `json:"notes" doc:"what of the search the rule does not say"`
}

// RuleSaved tells what became of a rule.
type RuleSaved struct {
	Rule      RuleCard `json:"rule"`
	File      string   `json:"file,omitempty" doc:"what was written; none = a switch was taken away or not needed"`
	Effective string   `json:"effective" enum:"now" doc:"when it takes effect: with the next objects that are loaded"`
}

// RuleExplainBody asks why a rule matches an event, or why not.
type RuleExplainBody struct {
	Rule    string `json:"rule,omitempty" maxLength:"200" doc:"id; or yaml"`
	YAML    string `json:"yaml,omitempty" maxLength:"1048576"`
	EventID string `json:"event_id" maxLength:"200"`
}

// RuleExplanation is the condition with the outcome of each part.
type RuleExplanation struct {
	Explanations []detect.Explanation `json:"explanations" doc:"one an event that is in the record"`
}

// RuleFindingsRequest asks for findings of a rule.
type RuleFindingsRequest struct {
	ID     string `path:"id" maxLength:"200"`
	From   string `query:"from" maxLength:"64" default:"now-7d"`
	To     string `query:"to" maxLength:"64"`
	Zone   string `query:"zone" maxLength:"64"`
	Cursor string `query:"cursor" maxLength:"1000"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// FindingList is a page of findings.
type FindingList struct {
	Items []Event `json:"items" doc:"findings are events of the log type yagura.finding"`
	Next  string  `json:"next,omitempty"`
	Limit int     `json:"limit"`
	Where string  `json:"where"`
}

func registerRules(a *API, b RuleBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodGet, Path: "/rules", ID: "list-rules", Area: "rules", Needs: auth.Look, Summary: "List the detection rules in force"},
		func(ctx context.Context, _ *struct{}) (*body[RuleList], error) {
			list, err := b.Rules(ctx)
			out := RuleList{Items: list}
			for _, r := range list {
				out.Problems = append(out.Problems, r.Problems...)
			}
			return &body[RuleList]{out}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/rules/{id}", ID: "get-rule", Area: "rules", Needs: auth.Look, Summary: "One rule, with the outcome of its tests"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"200"`
		}) (*body[RuleDetail], error) {
			out, err := b.Rule(ctx, r.ID)
			return &body[RuleDetail]{out}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/rules/check", ID: "check-rule", Area: "rules", Needs: auth.Look, Body: 2 << 20, Summary: "Check the text of a rule and run its tests"},
		func(ctx context.Context, r *in[RuleText]) (*body[RuleCheck], error) {
			out, err := b.CheckRule(ctx, r.Body.YAML)
			return &body[RuleCheck]{out}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/rules/draft", ID: "draft-rule", Area: "rules", Needs: auth.Look, Summary: "Make a rule of a search"},
		func(ctx context.Context, r *in[RuleDraftBody]) (*body[RuleDraft], error) {
			out, err := b.DraftRule(ctx, r.Body)
			return &body[RuleDraft]{out}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/rules/explain", ID: "explain-rule", Area: "rules", Needs: auth.Look, Body: 2 << 20,
		Summary: "Say why a rule matches an event, or why it does not", About: "The event is read again from its original record, or taken as it is stored when that was not kept."},
		func(ctx context.Context, r *in[RuleExplainBody]) (*body[RuleExplanation], error) {
			out, err := b.ExplainRule(ctx, r.Body)
			return &body[RuleExplanation]{out}, err
		})
	add(a, there, route{Method: http.MethodPut, Path: "/rules/{id}", ID: "save-rule", Area: "rules", Needs: auth.SaveRules, Body: 2 << 20,
		Summary: "Save a rule as a file of the user", About: "A rule with the id of a built-in one stands in for it. The id in the text must be that of the path."},
		func(ctx context.Context, r *struct {
			ID   string `path:"id" maxLength:"200"`
			Body RuleText
		}) (*body[RuleSaved], error) {
			out, err := b.SaveRule(ctx, r.ID, r.Body.YAML)
			a.audit(ctx, auth.Entry{Action: auth.ActionRuleSave, Target: r.ID, Outcome: outcomeOf(err)})
			return &body[RuleSaved]{out}, err
		})
	add(a, there, route{Method: http.MethodDelete, Path: "/rules/{id}", ID: "delete-rule", Area: "rules", Needs: auth.SaveRules, Status: http.StatusNoContent,
		Summary: "Delete a rule that was saved here", About: "A built-in rule with the same id is in force again. Rules of other files cannot be deleted, but switched off."},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"200"`
		}) (*nothing, error) {
			err := b.DeleteRule(ctx, r.ID)
			a.audit(ctx, auth.Entry{Action: auth.ActionRuleDelete, Target: r.ID, Outcome: outcomeOf(err)})
			return nil, err
		})
	for _, s := range []struct {
		word, summary string
		on            bool
	}{{"enable", "Switch a rule on", true}, {"disable", "Switch a rule off", false}} {
		add(a, there, route{Method: http.MethodPost, Path: "/rules/{id}/" + s.word, ID: s.word + "-rule", Area: "rules", Needs: auth.SaveRules,
			Summary: s.summary, About: "A small file beside the rule says so; the file of the rule is not touched."},
			func(ctx context.Context, r *struct {
				ID string `path:"id" maxLength:"200"`
			}) (*body[RuleSaved], error) {
				out, err := b.SwitchRule(ctx, r.ID, s.on)
				a.audit(ctx, auth.Entry{Action: auth.ActionRuleSwitch, Target: r.ID, Outcome: outcomeOf(err), Detail: map[string]any{"enabled": s.on}})
				return &body[RuleSaved]{out}, err
			})
	}
	add(a, there, route{Method: http.MethodGet, Path: "/rules/{id}/findings", ID: "list-rule-findings", Area: "rules", Needs: auth.Look, Summary: "Findings of a rule, the latest first"},
		func(ctx context.Context, r *RuleFindingsRequest) (*body[FindingList], error) {
			out, err := b.RuleFindings(ctx, *r)
			return &body[FindingList]{out}, err
		})
}
