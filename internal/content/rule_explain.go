package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
)

// RuleUse says of a rule whose events it sees and where it finds its fields. Its JSON form is stable.
type RuleUse struct {
	ID         string            `json:"id"`
	Title      string            `json:"title"`
	Level      string            `json:"level"`
	Source     detect.LogSource  `json:"logsource"`
	LogTypes   []string          `json:"log_types"`
	Conditions []string          `json:"conditions"`
	GroupBy    []string          `json:"group_by"`
	Fields     []detect.FieldUse `json:"fields"`
}

// UseOfRule says where a rule applies. It reads the samples of the log types.
func (c *Content) UseOfRule(r *detect.Rule) RuleUse {
	set, _ := detect.Compile([]*detect.Rule{enabled(r)}, c.seen())
	x := set.Rules()[0]
	u := RuleUse{
		ID: r.ID, Title: r.Title.EN, Level: r.Level, Source: r.Source, LogTypes: set.LogTypes(x), Conditions: r.Conditions,
		GroupBy: r.GroupBy, Fields: set.Fields(x),
	}
	if u.GroupBy == nil {
		u.GroupBy = []string{"first of " + strings.Join(detect.DefaultGroupBy, ", ")}
	}
	return u
}

// Text renders it for a terminal.
func (u RuleUse) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s), %s\n", u.Title, u.ID, u.Level)
	if len(u.LogTypes) == 0 {
		fmt.Fprintf(&b, "log source %s: no log type belongs to it, so the rule never matches\n", u.Source)
	} else {
		fmt.Fprintf(&b, "log source %s: %s\n", u.Source, strings.Join(u.LogTypes, ", "))
	}
	for _, c := range u.Conditions {
		fmt.Fprintf(&b, "condition  %s\n", c)
	}
	fmt.Fprintf(&b, "group by   %s\n", strings.Join(u.GroupBy, ", "))
	last := ""
	for _, f := range u.Fields {
		if f.LogType != last {
			fmt.Fprintf(&b, "in %s\n", f.LogType)
			last = f.LogType
		}
		where := "undeclared leaf"
		switch {
		case f.Missing != "":
			where = f.Missing
		case len(f.Columns) > 0:
			where = strings.Join(f.Columns, ", ")
		}
		fmt.Fprintf(&b, "  %s: %s\n", f.Field, where)
	}
	return b.String()
}

// ExplainRule says why a rule matches the events of a file, or why it does not: raw are the bytes of
// a log file, or one event as JSON in ECS names. limit bounds the events (0 = 20).
func (c *Content) ExplainRule(ctx context.Context, r *detect.Rule, raw []byte, limit int) ([]detect.Explanation, error) {
	if limit <= 0 {
		limit = defaultExplained
	}
	set, _ := detect.Compile([]*detect.Rule{enabled(r)}, c.RuleEnv())
	x := set.Rules()[0]
	list, err := c.explainRule(ctx, set, x, ruleEvent{record: raw})
	var unreadable *unreadableError
	if errors.As(err, &unreadable) {
		var doc map[string]any
		if json.Unmarshal(raw, &doc) != nil || doc == nil {
			return nil, err
		}
		name, _ := lookup(doc, event.ModuleField).(string)
		list, err = c.explainRule(ctx, set, x, ruleEvent{event: doc, logType: name})
	}
	return list[:min(len(list), limit)], err
}

// lookup finds a dotted name in a nested or dotted document.
func lookup(doc map[string]any, name string) any {
	if v, ok := doc[name]; ok {
		return v
	}
	head, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	if m, ok := doc[head].(map[string]any); ok {
		return lookup(m, rest)
	}
	return nil
}
