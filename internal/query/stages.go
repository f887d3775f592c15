package query

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

var stageNames = []string{"stats", "top", "fields", "sort", "limit"}

// What other languages call our stages.
var foreignStages = map[string]string{
	"where": "conditions stand before the first |, connected by and", "filter": "conditions stand before the first |, connected by and", "search": "conditions stand before the first |, connected by and",
	"head": "write limit 10", "take": "write limit 10", "tail": "write sort @timestamp asc | limit 10", "select": "write fields a, b", "project": "write fields a, b", "keep": "write fields a, b", "table": "write fields a, b",
	"summarize": "write stats count() by field", "group": "write stats count() by field", "count": "write stats count()", "uniq": "write stats count() by field", "order": "write sort column desc",
	"timechart": "write stats count() by bucket(1h)", "rare": "write stats count() as n by field | sort n asc | limit 10",
}

// stages reads what follows the condition.
func (p *planner) stages(text string, bar int) error {
	r := &reader{src: text, pos: bar}
	if err := r.next(); err != nil {
		return err
	}
	p.stmt.Events = &store.EventsQuery{Query: p.query, Limit: DefaultEvents}
	if p.Limit > 0 {
		p.stmt.Events.Limit = min(p.Limit, MaxEvents)
	}
	for r.tok.mark == '|' {
		if err := r.next(); err != nil {
			return err
		}
		name := r.tok
		if name.mark == '|' && text[name.pos-1] == '|' {
			return r.errorAt(token{pos: name.pos - 1, end: name.end}, "write or; one | begins a stage", `"||" is no operator`)
		}
		if name.mark != 0 {
			return r.errorAt(name, near("", stageNames), "a stage is missing before %s", name.name())
		}
		if err := r.next(); err != nil {
			return err
		}
		if err := p.stage(r, name); err != nil {
			return err
		}
	}
	if r.tok.mark != atEnd {
		return r.errorAt(r.tok, "stages are separated by |", "%s is not expected here", r.tok.name())
	}
	p.finish()
	return nil
}

func (p *planner) stage(r *reader, name token) error {
	switch strings.ToLower(name.text) {
	case "stats":
		return p.stats(r, name)
	case "top":
		return p.top(r, name)
	case "fields":
		return p.fields(r)
	case "sort":
		return p.sort(r)
	case "limit":
		return p.limit(r)
	}
	hint := foreignStages[strings.ToLower(name.text)]
	if hint == "" {
		hint = near(name.text, stageNames)
	}
	return r.errorAt(name, hint, "there is no stage %q", name.text)
}

// finish applies limits that hold for the whole answer.
func (p *planner) finish() {
	if a := p.stmt.Aggregate; a != nil {
		if p.Limit > 0 && len(p.stmt.steps) == 0 && (a.Limit == 0 || a.Limit > p.Limit) {
			a.Limit = p.Limit
		} else if p.Limit > 0 {
			p.stmt.steps = append(p.stmt.steps, cutStep(p.Limit))
		}
		p.stmt.Events = nil
		return
	}
	if p.stmt.Fields == nil && p.Columns != nil {
		p.stmt.Fields = p.Columns
	}
	if e := p.stmt.Events; p.stmt.Fields != nil && !slices.ContainsFunc(p.stmt.Fields, expr.WildField) {
		e.Fields = []string{}
		for _, f := range p.stmt.Fields {
			e.Fields = append(e.Fields, p.column(f))
		}
	}
}

// list reads names separated by commas.
func (r *reader) list(each func(token) error) error {
	for {
		t, err := r.field("a field name")
		if err != nil {
			return err
		}
		if err := each(t); err != nil {
			return err
		}
		if r.tok.mark != ',' {
			return nil
		}
		if err := r.next(); err != nil {
			return err
		}
	}
}

func (p *planner) fields(r *reader) error {
	p.stmt.Fields = nil
	var names []string
	err := r.list(func(t token) error {
		if p.stmt.Aggregate != nil {
			if err := p.checkColumn(r, t, t.text); err != nil {
				return err
			}
		}
		if !slices.Contains(names, t.text) {
			names = append(names, t.text)
		}
		return nil
	})
	if p.stmt.Aggregate != nil && err == nil {
		p.stmt.steps = append(p.stmt.steps, chooseStep(names))
		return nil
	}
	p.stmt.Fields = names
	return err
}

// columns names the columns of the statistics so far.
func (p *planner) columns() []string {
	var names []string
	for _, k := range p.stmt.Aggregate.By {
		names = append(names, k.Name)
	}
	for _, a := range p.stmt.Aggregate.Aggs {
		names = append(names, a.Name)
	}
	return names
}

func (p *planner) checkColumn(r *reader, t token, name string) error {
	if !slices.Contains(p.columns(), name) {
		return r.errorAt(t, near(name, p.columns()), "there is no column %q", name)
	}
	for _, s := range p.stmt.steps {
		if s.choose != nil && !slices.Contains(s.choose, name) {
			return r.errorAt(t, near(name, s.choose), "column %q was left out by fields", name)
		}
	}
	return nil
}

func (p *planner) sort(r *reader) error {
	var by []store.Sort
	for {
		t, name, err := r.columnName()
		if err != nil {
			return err
		}
		s := store.Sort{Column: name}
		switch {
		case r.tok.word("desc"), r.tok.word("asc"):
			s.Desc = r.tok.word("desc")
			if err := r.next(); err != nil {
				return err
			}
		}
		if p.stmt.Aggregate == nil {
			if name != "@timestamp" {
				return r.errorAt(t, "count with stats … by "+name+" instead", "events are sorted by @timestamp only")
			}
			p.stmt.Events.Oldest = !s.Desc
		} else if err := p.checkColumn(r, t, name); err != nil {
			return err
		}
		by = append(by, s)
		if r.tok.mark != ',' {
			break
		}
		if err := r.next(); err != nil {
			return err
		}
	}
	if a := p.stmt.Aggregate; a != nil {
		if a.Limit == 0 && len(p.stmt.steps) == 0 {
			a.Sort = append(by, a.Sort...)
		} else {
			p.stmt.steps = append(p.stmt.steps, sortStep(by))
		}
	}
	return nil
}

// columnName reads a name, or a call such as count() that names its column.
func (r *reader) columnName() (token, string, error) {
	t, err := r.field("a column name")
	if err != nil || t.quote || r.tok.mark != '(' {
		return t, t.text, err
	}
	var b strings.Builder
	b.WriteString(t.text)
	for {
		switch m := r.tok.mark; m {
		case ',':
			b.WriteString(", ")
		case atEnd, '|':
			return t, "", r.errorAt(r.tok, "", `")" is missing before %s`, r.tok.name())
		default:
			b.WriteString(r.tok.text)
		}
		done := r.tok.mark == ')'
		if err := r.next(); err != nil {
			return t, "", err
		}
		if done {
			return t, b.String(), nil
		}
	}
}

func (p *planner) limit(r *reader) error {
	t := r.tok
	n, err := r.count("the limit")
	if err != nil {
		return err
	}
	switch a := p.stmt.Aggregate; {
	case a == nil && n > MaxEvents:
		return r.errorAt(t, "take parts of the time range one after another", "an answer has at most %d events", MaxEvents)
	case a == nil:
		p.stmt.Events.Limit = n
		if p.Limit > 0 {
			p.stmt.Events.Limit = min(n, p.Limit)
		}
	case n > MaxGroups:
		return r.errorAt(t, "", "an answer has at most %d groups", MaxGroups)
	case len(p.stmt.steps) == 0 && (a.Limit == 0 || n < a.Limit):
		a.Limit = n
	default:
		p.stmt.steps = append(p.stmt.steps, cutStep(n))
	}
	return nil
}

// count reads a positive whole number.
func (r *reader) count(what string) (int, error) {
	t := r.tok
	n, err := strconv.Atoi(t.text)
	if t.mark != 0 || err != nil || n < 1 {
		return 0, r.errorAt(t, "write a number such as 10", "%s is missing before %s", what, t.name())
	}
	return n, r.next()
}

// top reads: top 10 source.ip [, field] [by field].
func (p *planner) top(r *reader, name token) error {
	if p.stmt.Aggregate != nil {
		return r.errorAt(name, "use sort and limit", "top cannot follow stats")
	}
	n := 10
	if _, err := strconv.Atoi(r.tok.text); err == nil && r.tok.mark == 0 {
		if n, err = r.count("the number"); err != nil {
			return err
		}
		if n > MaxGroups {
			return r.errorAt(name, "", "an answer has at most %d groups", MaxGroups)
		}
	}
	a := &store.AggregateQuery{Query: p.query, Aggs: []store.Agg{{Name: "n", Func: store.Count}}}
	var need []expr.Node
	add := func(t token) error {
		f := p.column(t.text)
		if slices.ContainsFunc(a.By, func(k store.Key) bool { return k.Name == t.text }) {
			return r.errorAt(t, "", "%s is named twice", t.text)
		}
		a.By = append(a.By, store.Key{Name: t.text, Field: f})
		need = append(need, &expr.Predicate{Field: f, Op: expr.Exists, Pos: t.pos})
		return nil
	}
	if err := r.list(add); err != nil {
		return err
	}
	values := len(a.By)
	if r.tok.word("by") {
		if err := r.next(); err != nil {
			return err
		}
		if err := r.list(add); err != nil {
			return err
		}
	}
	if a.Where != nil {
		need = append(conjuncts(a.Where), need...)
	}
	a.Where = &expr.And{Nodes: need}
	if len(need) == 1 {
		a.Where = need[0]
	}
	p.stmt.Aggregate = a
	if values == len(a.By) {
		a.Sort, a.Limit = []store.Sort{{Column: "n", Desc: true}}, n
		return nil
	}
	// The groups of "by" stand first, each with its own top values.
	outer := len(a.By) - values
	a.By = append(slices.Clone(a.By[values:]), a.By[:values]...)
	for _, k := range a.By[:outer] {
		a.Sort = append(a.Sort, store.Sort{Column: k.Name})
	}
	a.Sort = append(a.Sort, store.Sort{Column: "n", Desc: true})
	p.stmt.steps = append(p.stmt.steps, eachStep(outer, n))
	return nil
}

// asUser makes an ordinary error one with a place.
func (r *reader) asUser(t token, err error) error {
	var e *expr.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return r.errorAt(t, "", "%s", fmt.Sprint(err))
}
