package ingest

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Match is a rule that matched a row of a batch. Slices and texts are the detector's: they are
// copied before it goes on.
type Match struct {
	Rule   *alert.Rule // one pointer a rule
	Row    int
	Fields []alert.Field // what matched
	Group  []alert.Field // what the finding is about
}

// Detector finds the rows of a sealed batch that rules match: row by row, and of a row always in
// the same order of rules. One worker uses it.
type Detector interface {
	Match(b *event.Batch, yield func(Match))
}

// Bounds of what one commit makes of matches.
const (
	findingRows   = 100_000 // findings gathered before a part of them is written
	alertsPerRule = 500     // alerts of one rule; the findings of others go to one alert for all of them
	fieldBytes    = 256     // of a value in yagura.finding.fields
	copiedBytes   = 1024    // of a text copied from the event
)

// Findings makes events of matches, and gathers what they add to alerts. It serves one commit.
type Findings struct {
	detector Detector
	old      time.Duration // an event older than this is backfill
	table    *schema.Table
	at       findingColumns
	plans    map[*schema.Table][]copied
	rules    map[*alert.Rule]*ruleColumns
	open     map[event.Day]*findingBatch
	alerts   map[string]*alertOf // by rule and group
	order    []*alertOf
	rows     int
	key      []byte

	Stored  int64 // findings made
	Dropped int64 // matches for which there is no finding: beyond 127 of one event
}

// alertOf is what the commit adds to one alert.
type alertOf struct {
	id      string
	rule    *alert.Rule
	group   []alert.Field
	objects map[string]*alert.Raise
	order   []*alert.Raise
	types   map[string]bool
}

type findingBatch struct {
	*event.Batch
	objects map[string]int32
}

// copied says which column of the events goes into which of the findings.
type copied struct{ from, to int }

// ruleColumns is what findings carry of a rule, made once.
type ruleColumns struct {
	authors []string
	tags    []string
	threat  alert.Threat
	alerts  int
}

// findingColumns are the numbers of the columns in the table of findings.
type findingColumns struct {
	kind, score, rule, name, author, license, ruleset, version, reference, tags, tactic, technique, sub int
	severity, event, logType, alert, group, fields, backfill                                            int
}

func columnsOf(t *schema.Table) findingColumns {
	i := t.Index
	return findingColumns{
		kind: i(alert.FieldKind), score: i(alert.FieldScore), rule: i(alert.FieldRule), name: i(alert.FieldName), author: i(alert.FieldAuthor),
		license: i(alert.FieldLicense), ruleset: i(alert.FieldRuleset), version: i(alert.FieldVersion), reference: i(alert.FieldReference),
		tags: i(alert.FieldTags), tactic: i(alert.FieldTactic), technique: i(alert.FieldTechnique), sub: i(alert.FieldSubTechnique),
		severity: i(alert.FieldSeverity), event: i(alert.FieldEvent), logType: i(alert.FieldLogType), alert: i(alert.FieldAlert),
		group: i(alert.FieldGroup), fields: i(alert.FieldFields), backfill: i(alert.FieldBackfill),
	}
}

// NewFindings begins the findings of a commit. A nil detector finds nothing. Events older than old
// when they come in are backfill.
func NewFindings(d Detector, old time.Duration) *Findings {
	t := alert.NewTable()
	return &Findings{
		detector: d, old: old, table: t, at: columnsOf(t), plans: map[*schema.Table][]copied{}, rules: map[*alert.Rule]*ruleColumns{},
		open: map[event.Day]*findingBatch{}, alerts: map[string]*alertOf{},
	}
}

// Add runs the rules over an enriched batch. Nothing of the batch is kept.
func (f *Findings) Add(b *event.Batch, ingested time.Time) {
	if f.detector == nil {
		return
	}
	b.Seal()
	row, rank := -1, 0
	f.detector.Match(b, func(m Match) {
		if rank++; m.Row != row {
			row, rank = m.Row, 0
		}
		f.add(b, m, rank, ingested)
	})
}

// Full reports whether it is time to write what Cut returns.
func (f *Findings) Full() bool { return f.rows >= findingRows }

// Cut returns the findings gathered since the last time, a batch a day.
func (f *Findings) Cut() []*event.Batch {
	out := make([]*event.Batch, 0, len(f.open))
	for _, b := range f.open {
		b.Seal()
		out = append(out, b.Batch)
	}
	slices.SortFunc(out, func(a, b *event.Batch) int { return cmp.Compare(a.Day, b.Day) })
	f.open, f.rows = map[event.Day]*findingBatch{}, 0
	return out
}

// Raises is what all findings add to alerts.
func (f *Findings) Raises() []alert.Raise {
	var out []alert.Raise
	for _, a := range f.order {
		types := make([]string, 0, len(a.types))
		for t := range a.types {
			types = append(types, t)
		}
		slices.Sort(types)
		for _, r := range a.order {
			r.LogTypes = types
			out = append(out, *r)
		}
	}
	return out
}

// add makes one finding.
func (f *Findings) add(b *event.Batch, m Match, rank int, ingested time.Time) {
	index, ok := event.DerivedIndex(b.Index[m.Row], rank)
	if !ok {
		f.Dropped++
		return
	}
	object, offset, at := b.Objects[b.Object[m.Row]], b.Offset[m.Row], b.Time[m.Row]
	fresh := ingested.UnixNano()-at < int64(f.old)
	a := f.alertFor(m)
	a.types[b.Table.LogType] = true
	r := a.objects[object]
	if r == nil {
		r = &alert.Raise{Alert: a.id, Rule: a.rule, Group: a.group, Object: object, First: at, Last: at}
		a.objects[object] = r
		a.order = append(a.order, r)
	}
	r.Findings++
	r.First, r.Last, r.Fresh = min(r.First, at), max(r.Last, at), r.Fresh || fresh
	if len(r.Samples) < alert.MaxSamples {
		r.Samples = append(r.Samples, event.ID(object, offset, index))
	}

	t := f.batch(b.Day)
	row := t.Rows
	t.Time, t.Offset, t.Index = append(t.Time, at), append(t.Offset, offset), append(t.Index, index)
	t.Object = append(t.Object, t.object(object))
	t.Rows++
	f.rows++
	f.Stored++
	f.describe(t.Batch, row, m)
	set := func(col int, v string) {
		if v != "" {
			c := &t.Columns[col]
			c.SetCode(row, c.Dict.CodeCopy(v))
		}
	}
	c := &t.Columns[f.at.event]
	c.Pad(row)
	c.Texts = append(c.Texts, event.ID(object, offset, b.Index[m.Row]))
	set(f.at.logType, b.Table.LogType)
	set(f.at.alert, a.id)
	if !fresh {
		t.Columns[f.at.backfill].SetInt(row, 1)
	}
	f.list(&t.Columns[f.at.group], row, m.Group)
	f.list(&t.Columns[f.at.fields], row, m.Fields)
	for _, p := range f.plan(b.Table) {
		copyCell(&t.Columns[p.to], row, &b.Columns[p.from], m.Row)
	}
}

// describe writes what a finding carries of its rule.
func (f *Findings) describe(t *event.Batch, row int, m Match) {
	x := f.rule(m.Rule)
	text := func(col int, v string) {
		if v != "" {
			c := &t.Columns[col]
			c.SetCode(row, c.Dict.CodeString(v))
		}
	}
	texts := func(col int, list []string) {
		c := &t.Columns[col]
		c.Pad(row)
		for _, v := range list {
			if v != "" {
				c.Codes = append(c.Codes, c.Dict.CodeString(v))
			}
		}
		c.CloseList(row)
	}
	text(f.at.kind, alert.Signal)
	t.Columns[f.at.score].SetInt(row, int64(m.Rule.Severity))
	text(f.at.rule, m.Rule.ID)
	text(f.at.name, m.Rule.Title)
	texts(f.at.author, x.authors)
	text(f.at.license, m.Rule.License)
	text(f.at.ruleset, m.Rule.Ruleset)
	text(f.at.version, m.Rule.Version)
	if len(m.Rule.References) > 0 {
		text(f.at.reference, m.Rule.References[0])
	}
	texts(f.at.tags, x.tags)
	texts(f.at.tactic, x.threat.Tactics)
	texts(f.at.technique, x.threat.Techniques)
	texts(f.at.sub, x.threat.SubTechniques)
	text(f.at.severity, m.Rule.Severity.String())
}

func (f *Findings) rule(r *alert.Rule) *ruleColumns {
	x := f.rules[r]
	if x == nil {
		x = &ruleColumns{tags: r.Tags, threat: alert.ReadThreat(r.Tags)}
		if r.Author != "" {
			x.authors = []string{r.Author}
		}
		f.rules[r] = x
	}
	return x
}

// alertFor finds the alert of a match. A rule that has begun very many alerts in this commit (a
// flood from everywhere) gets one for all further ones, so that the ledger is not flooded too.
func (f *Findings) alertFor(m Match) *alertOf {
	f.key = append(append(f.key[:0], m.Rule.ID...), 0)
	for _, g := range m.Group {
		f.key = append(append(append(append(f.key, g.Field...), 1), g.Value...), 2)
	}
	if a := f.alerts[string(f.key)]; a != nil {
		return a
	}
	x := f.rule(m.Rule)
	group := make([]alert.Field, 0, len(m.Group))
	if x.alerts < alertsPerRule {
		for _, g := range m.Group {
			group = append(group, alert.Field{Field: strings.Clone(g.Field), Value: strings.Clone(g.Value)})
		}
	} else {
		group = alert.Others()
		f.key = append(append(f.key[:0], m.Rule.ID...), 3)
		if a := f.alerts[string(f.key)]; a != nil {
			return a
		}
	}
	x.alerts++
	a := &alertOf{id: alert.Fingerprint(m.Rule.ID, group), rule: m.Rule, group: group, objects: map[string]*alert.Raise{}, types: map[string]bool{}}
	f.alerts[string(f.key)] = a
	f.order = append(f.order, a)
	return a
}

func (f *Findings) batch(day event.Day) *findingBatch {
	t := f.open[day]
	if t == nil {
		t = &findingBatch{event.NewBatch(f.table, day), map[string]int32{}}
		f.open[day] = t
	}
	return t
}

func (t *findingBatch) object(id string) int32 {
	n, ok := t.objects[id]
	if !ok {
		n = int32(len(t.Objects))
		t.Objects = append(t.Objects, id)
		t.objects[id] = n
	}
	return n
}

// list writes fields as texts field=value.
func (f *Findings) list(c *event.Column, row int, fields []alert.Field) {
	c.Pad(row)
	for _, x := range fields {
		f.key = append(append(append(f.key[:0], x.Field...), '='), clipped(x.Value, fieldBytes)...)
		c.Codes = append(c.Codes, c.Dict.CodeCopy(string(f.key)))
	}
	c.CloseList(row)
}

// plan says which columns of a table findings take over.
func (f *Findings) plan(t *schema.Table) []copied {
	p, ok := f.plans[t]
	if !ok {
		for _, c := range alert.Copied() {
			if i := t.Index(c.Name); i >= 0 && t.Fields[i].Kind == c.Kind {
				p = append(p, copied{i, f.table.Index(c.Name)})
			}
		}
		f.plans[t] = p
	}
	return p
}

func copyCell(to *event.Column, row int, from *event.Column, at int) {
	switch {
	case from.Kind.List():
		to.Pad(row)
		for _, code := range from.List(at) {
			to.Codes = append(to.Codes, to.Dict.CodeCopy(clipped(from.Dict.Values[code], copiedBytes)))
		}
		to.CloseList(row)
	case from.Kind.Text():
		if v := from.Text(at); v != "" {
			to.SetCode(row, to.Dict.CodeCopy(clipped(v, copiedBytes)))
		}
	case !from.Set[at]:
	case from.Kind == schema.Float:
		to.SetFloat(row, from.Floats[at])
	default:
		to.SetInt(row, from.Ints[at])
	}
}

// clipped bounds a text without cutting a character.
func clipped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
