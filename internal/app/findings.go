package app

import (
	"log/slog"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/schema"
)

// detection is the rules in force, as intake needs them.
type detection struct {
	set   *detect.Set
	rules map[*detect.Rule]*alert.Rule
	byID  map[string]*detect.Rule
}

// newDetection translates the rules of the content. Broken ones are logged by number; `yagura rules
// lint` says what is wrong with them.
func newDetection(c *content.Content, log *slog.Logger) *detection {
	d := &detection{rules: map[*detect.Rule]*alert.Rule{}, byID: map[string]*detect.Rule{}}
	if c.Rules == nil || c.Rules.Set == nil {
		return d
	}
	d.set = c.Rules.Set
	for _, r := range d.set.Rules() {
		d.rules[r], d.byID[r.ID] = alertRule(r), r
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

// title is that of a rule in force in a language, "" when it is not there any more.
func (d *detection) title(id, lang string) string {
	if r := d.byID[id]; r != nil {
		return r.Title.In(lang)
	}
	return ""
}

// detector makes the rules of one worker; nil when there are none.
func (d *detection) detector() ingest.Detector {
	if d.set == nil || len(d.rules) == 0 {
		return nil
	}
	return &detector{matcher: d.set.NewMatcher(), rules: d.rules}
}

// detector gives the rule engine the shape that ingest asks for.
type detector struct {
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

// derivedTables are those whose rows are made from events.
func derivedTables() []*schema.Table { return []*schema.Table{alert.NewTable()} }

// newFindings begins the findings of a commit outside the pipeline.
func (a *App) newFindings() *ingest.Findings {
	return ingest.NewFindings(a.detection.detector(), time.Duration(a.cfg.Detect.BackfillAfter))
}
