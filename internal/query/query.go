// Package query is the language of questions: a condition, then stages that follow a bar. It
// turns a text into what a store is asked, runs it, and writes the answer. The grammar is on
// one page, docs/query-language.md. It knows no storage engine.
package query

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// Limits on answers.
const (
	DefaultEvents = 100     // events when no limit is given
	MaxEvents     = 100_000 // events in one answer
	MaxGroups     = 10_000  // groups in one answer, and buckets in one range
)

// Options say what a text does not.
type Options struct {
	Now   time.Time      // what relative times refer to
	Zone  *time.Location // of dates, days and times without a zone; nil = UTC
	Since string         // start of the range, see ReadRange; "" = all
	Until string         // its end; "" = now
	Limit int            // at most this many events or groups; 0 = by the text, else the defaults

	Fields  map[string]schema.Kind // declared fields of all log types: for kinds and suggestions
	Types   []string               // known log types
	Derived []string               // those of them whose rows are made from events of others
	Aliases map[string][]string    // native name → fields that hold its value

	Filters []Filter // and-ed to the condition of the text
	Columns []string // fields of events when the text has no fields stage; nil = all
}

// Statement is a question ready to run: one of Events and Aggregate is set.
type Statement struct {
	Text      string
	Events    *store.EventsQuery // Limit may exceed a page; Run walks the pages
	Aggregate *store.AggregateQuery
	// Fields are the columns asked for, in order, patterns included; nil = all.
	Fields   []string
	Zone     *time.Location
	Warnings []string // what is probably not meant; for people
	// Where is the whole condition as a person would write it, filters included; Stages is what
	// follows it in the text, with its first |.
	Where  expr.Node
	Stages string

	steps []step   // what is left to do on the table, in order
	folds []folded // keys that lay hours over one another
	whole bool     // the steps need all groups
}

// Query is what the statement reads, for an estimate of its cost.
func (s *Statement) Query() store.Query {
	if s.Aggregate != nil {
		return s.Aggregate.Query
	}
	return s.Events.Query
}

// Parse reads a question. Errors in the text are *expr.Error, with the place in it.
func Parse(text string, o Options) (*Statement, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	from, to, err := ReadRange(o.Since, o.Until, o.Now, o.Zone)
	if err != nil {
		return nil, err
	}
	where, bar, err := expr.ParsePrefix(text)
	if err != nil {
		return nil, err
	}
	p := &planner{Options: o, stmt: &Statement{Text: text, Zone: o.Zone, Stages: strings.TrimSpace(text[bar:])}, query: store.Query{From: from, To: to}}
	if where, err = p.filtered(where); err != nil {
		return nil, err
	}
	p.stmt.Where = where
	p.derived(where)
	p.condition(where)
	if err := p.stages(text, bar); err != nil {
		return nil, err
	}
	return p.stmt, nil
}

// planner builds a statement.
type planner struct {
	Options
	stmt  *Statement
	query store.Query
	folds []folded
}

func (p *planner) warn(format string, args ...any) {
	w := fmt.Sprintf(format, args...)
	if !slices.Contains(p.stmt.Warnings, w) {
		p.stmt.Warnings = append(p.stmt.Warnings, w)
	}
}

// condition resolves what only this place knows (names, now, the zone), takes types and times
// out where the store prunes by them, and keeps the rest.
func (p *planner) condition(n expr.Node) {
	for _, f := range expr.Fields(n) {
		p.checkField(f)
	}
	p.checkBars(n)
	n = expr.Rewrite(n, func(q *expr.Predicate) expr.Node {
		q = p.absolute(q)
		kind, known := p.kind(q.Field)
		if known {
			if _, err := expr.CompileAt(q, kind, p.Now); err != nil {
				p.warn("%v", err)
			}
		}
		return p.alias(q)
	})
	var rest []expr.Node
	for _, c := range conjuncts(n) {
		if !p.prune(c) {
			rest = append(rest, c)
		}
	}
	switch len(rest) {
	case 0:
	case 1:
		p.query.Where = rest[0]
	default:
		p.query.Where = &expr.And{Nodes: rest}
	}
}

func conjuncts(n expr.Node) []expr.Node {
	if a, ok := n.(*expr.And); ok {
		return a.Nodes
	}
	return []expr.Node{n}
}

// kind of a field; known is false for undeclared names and patterns.
func (p *planner) kind(field string) (k schema.Kind, known bool) {
	switch field {
	case "@timestamp", "event.ingested":
		return schema.Time, true
	case "event.id", "_id", "event.original":
		return schema.String, true
	}
	if slices.Contains(typeFields, field) {
		return schema.String, true
	}
	k, known = p.Fields[field]
	return k.Element(), known
}

// checkField warns of a name that is probably misspelt. Undeclared leaves are searched by
// their native name, so an unknown name is no error.
func (p *planner) checkField(field string) {
	if _, known := p.kind(field); known || len(p.Fields) == 0 || len(p.Aliases[field]) > 0 || expr.WildField(field) {
		return
	}
	names := sortedNames(p.Fields)
	near := schema.Closest(field, names)
	if near == "" {
		near = strings.Join(containing(field, names), ", ")
	}
	switch {
	case near != "":
		p.warn("no log type declares %s: only undeclared leaves of that name are searched; did you mean %s?", field, near)
	case len(field) > 2 && !strings.Contains(field, "."): // a dotted name is probably a native one
		p.warn("no log type declares %s: only undeclared leaves of that name are searched", field)
	}
}

// containing returns a few names of which a field could be a part: "status" of
// http.response.status_code.
func containing(field string, names []string) (found []string) {
	if len(field) < 3 || strings.Contains(field, ".") {
		return nil
	}
	low := strings.ToLower(field)
	for _, n := range names {
		for part := range strings.SplitSeq(n, ".") {
			if strings.HasPrefix(part, low) && len(found) < 4 {
				found = append(found, n)
				break
			}
		}
	}
	return found
}

func sortedNames(m map[string]schema.Kind) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var gluedStage = regexp.MustCompile(`(?i)\|(?:stats|top|fields|sort|limit)\b`)

// checkBars warns of a | without white space, which is part of a text.
func (p *planner) checkBars(n expr.Node) {
	expr.Walk(n, func(n expr.Node) {
		text, quoted := "", false
		switch v := n.(type) {
		case *expr.Predicate:
			text, quoted = v.Text, v.Quote || v.Op == expr.Regex
		case *expr.FreeText:
			text, quoted = v.Text, v.Quote
		}
		if bar := gluedStage.FindString(text); bar != "" && !quoted {
			p.warn("%q belongs to the text %q: put a space before | to begin a stage", bar, text)
		}
	})
}

// absolute rewrites time literals that need the zone or now, so that stores need neither.
func (p *planner) absolute(q *expr.Predicate) *expr.Predicate {
	if k, _ := p.kind(q.Field); k != schema.Time || q.Op != expr.Range && q.Op != expr.Equal {
		return q
	}
	at := func(ns int64, inclusive bool) *expr.Bound {
		return &expr.Bound{Text: time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z"), Inclusive: inclusive}
	}
	r := &expr.Predicate{Field: q.Field, Op: expr.Range, Pos: q.Pos}
	if q.Op == expr.Equal {
		from, to, ok := expr.ReadTime(q.Text, p.Now, p.Zone)
		if !ok {
			return q
		}
		r.Lo, r.Hi = at(from, true), at(to, false)
		return r
	}
	if q.Lo != nil {
		from, to, ok := expr.ReadTime(q.Lo.Text, p.Now, p.Zone)
		if !ok {
			return q
		}
		if r.Lo = at(to, true); q.Lo.Inclusive {
			r.Lo = at(from, true)
		}
	}
	if q.Hi != nil {
		from, to, ok := expr.ReadTime(q.Hi.Text, p.Now, p.Zone)
		if !ok {
			return q
		}
		if r.Hi = at(from, false); q.Hi.Inclusive {
			r.Hi = at(to, false)
		}
	}
	return r
}

// alias makes a predicate on a native name one on the fields that hold its value too.
func (p *planner) alias(q *expr.Predicate) expr.Node {
	targets := p.Aliases[q.Field]
	if len(targets) == 0 {
		return q
	}
	or := &expr.Or{Nodes: []expr.Node{q}}
	for _, t := range targets {
		or.Nodes = append(or.Nodes, p.absolute(q.On(t)))
	}
	return or
}

// column is the stored field for a name in a stage: an undeclared native name stands for the
// first field that holds its value.
func (p *planner) column(name string) string {
	if _, known := p.kind(name); !known && len(p.Aliases[name]) > 0 {
		return p.Aliases[name][0]
	}
	p.checkField(name)
	return name
}

// Fields that all hold the log type.
var typeFields = []string{"event.module", "event.dataset", "yagura.log_type"}

// prune takes a conjunct into the types or the time range of the query; false leaves it.
func (p *planner) prune(n expr.Node) bool {
	if q, ok := n.(*expr.Predicate); ok && q.Field == "@timestamp" && q.Op == expr.Range {
		m, err := expr.CompileAt(q, schema.Time, p.Now)
		if err != nil || m.Never {
			return false
		}
		from, to := p.query.From, p.query.To
		p.query.From = max(p.query.From, m.IntLo)
		if m.IntHi < math.MaxInt64 {
			p.query.To = min(p.query.To, m.IntHi+1)
		}
		if p.query.From >= p.query.To && from < to {
			p.warn("the condition asks for times outside the range asked for (%s to %s): widen it", p.stamp(from), p.stamp(to))
		}
		return true
	}
	types, ok := p.types(n)
	if !ok {
		return false
	}
	if len(p.query.Types) > 0 {
		types = slices.DeleteFunc(types, func(t string) bool { return !slices.Contains(p.query.Types, t) })
	}
	if len(types) == 0 {
		return false
	}
	p.query.Types = types
	return true
}

func (p *planner) stamp(ns int64) string { return time.Unix(0, ns).In(p.Zone).Format(time.RFC3339) }

// types reads event.module:x, or an or of such, as a list of log types.
func (p *planner) types(n expr.Node) ([]string, bool) {
	switch n := n.(type) {
	case *expr.Or:
		var all []string
		for _, c := range n.Nodes {
			types, ok := p.types(c)
			if !ok {
				return nil, false
			}
			for _, t := range types {
				if !slices.Contains(all, t) {
					all = append(all, t)
				}
			}
		}
		return all, len(all) > 0
	case *expr.Predicate:
		if !slices.Contains(typeFields, n.Field) || n.Op != expr.Equal && n.Op != expr.Wildcard {
			return nil, false
		}
		m, err := expr.Compile(n, schema.String)
		if err != nil {
			return nil, false
		}
		var types []string
		for _, t := range p.Types {
			if m.Match(t) {
				types = append(types, t)
			}
		}
		if len(types) > 0 || n.Op == expr.Wildcard || len(p.Types) == 0 {
			if len(p.Types) == 0 && n.Op == expr.Equal && n.Text != "" {
				types = []string{strings.ToLower(n.Text)}
			}
			return types, len(types) > 0
		}
		if near := schema.Closest(n.Text, p.Types); near != "" {
			p.warn("there is no log type %s; did you mean %s?", n.Text, near)
		} else {
			p.warn("there is no log type %s; known: %s", n.Text, strings.Join(p.Types, ", "))
		}
	}
	return nil, false
}
