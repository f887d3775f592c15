package app

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/schema"
)

// detection is the rules in force, as intake and the web page need them. It is never changed: rules
// that are read again make a new one.
type detection struct {
	lib   *content.Content
	rules map[*detect.Rule]*alert.Rule
}

// newDetection translates the rules of the content. Broken ones are logged by number; `yagura rules
// lint` says what is wrong with them.
func newDetection(c *content.Content, log *slog.Logger) *detection {
	d := &detection{lib: c, rules: map[*detect.Rule]*alert.Rule{}}
	for _, r := range c.Rules.Set.Rules() {
		d.rules[r] = alertRule(r)
		if f, ok := c.Rules.File(r); ok {
			d.rules[r].Ruleset = f.Origin
		}
	}
	broken := 0
	for _, p := range c.Rules.Problems {
		if !p.Warning {
			broken++
		}
	}
	if broken > 0 {
		log.Warn("some rules have mistakes and do not run; see: yagura rules lint", "problems", broken)
	}
	return d
}

func alertRule(r *detect.Rule) *alert.Rule {
	s, ok := alert.ParseSeverity(r.Level)
	if !ok {
		s = alert.Medium
	}
	return &alert.Rule{
		ID: r.ID, Version: r.Hash, Title: r.Title.EN, TitleJA: r.Title.JA, Severity: s, Author: r.Author, License: r.License,
		References: r.References, Tags: r.Tags,
	}
}

// ruleBook holds the rules in force, which change while the program runs.
type ruleBook struct {
	now     atomic.Pointer[detection]
	reading sync.Mutex // one reload at a time
}

// content is the log types with the rules in force.
func (b *ruleBook) content() *content.Content { return b.now.Load().lib }

// rule is the one with an id, switched off or not; nil = there is none.
func (b *ruleBook) rule(id string) *detect.Rule { return b.content().Rules.Set.Rule(id) }

// title is that of a rule in force in a language, "" when it is not there any more.
func (b *ruleBook) title(id, lang string) string {
	if r := b.rule(id); r != nil {
		return r.Title.In(lang)
	}
	return ""
}

// detector implements ingest.Config.Detector: the rules in force, in the matcher a worker has as long
// as they are the same.
func (b *ruleBook) detector(used ingest.Detector) ingest.Detector {
	d := b.now.Load()
	if len(d.rules) == 0 {
		return nil
	}
	if old, ok := used.(*detector); ok && old.of == d {
		return old
	}
	return &detector{of: d, matcher: d.lib.Rules.Set.NewMatcher(), rules: d.rules}
}

// detector gives the rule engine the shape that ingest asks for.
type detector struct {
	of            *detection
	matcher       *detect.Matcher
	rules         map[*detect.Rule]*alert.Rule
	fields, group []alert.Field
}

// Match implements ingest.Detector.
func (d *detector) Match(b *event.Batch, yield func(ingest.Match)) {
	d.matcher.Match(b, func(m detect.Match) {
		d.fields, d.group = d.fields[:0], d.group[:0]
		for _, f := range m.Fields {
			d.fields = append(d.fields, alert.Field(f))
		}
		for _, f := range m.Group {
			d.group = append(d.group, alert.Field(f))
		}
		yield(ingest.Match{Rule: d.rules[m.Rule], Row: m.Row, Fields: d.fields, Group: d.group})
	})
}

// DerivedType is a log type whose rows are made of events, not read from logs.
type DerivedType struct {
	Table *schema.Table
	Title string
}

// DerivedTypes lists them.
func DerivedTypes() []DerivedType {
	return []DerivedType{{alert.NewTable(), "Findings: matches of rules"}}
}

// derivedTables are their tables.
func derivedTables() []*schema.Table {
	var out []*schema.Table
	for _, t := range DerivedTypes() {
		out = append(out, t.Table)
	}
	return out
}

// newFindings begins the findings of a commit outside the pipeline.
func (a *App) newFindings() *ingest.Findings {
	return ingest.NewFindings(a.detection.detector(nil), time.Duration(a.cfg.Detect.BackfillAfter))
}
