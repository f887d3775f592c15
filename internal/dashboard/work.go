package dashboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// work is a panel, a list or the choices of a variable in one run.
type work struct {
	panel    *panel
	variable *variable
	err      error

	asks  []*question
	minus *question
	past  []*question
	trend *question
	total *question
}

func (w *work) all() []*question {
	out := slices.Concat(w.asks, w.past)
	for _, q := range []*question{w.minus, w.trend, w.total} {
		if q != nil {
			out = append(out, q)
		}
	}
	return out
}

// prepare makes the questions of a panel.
func (s *session) prepare(w *work) {
	p := w.panel
	for _, name := range p.lists {
		if err := s.failed[name]; err != nil {
			w.err = fmt.Errorf("filling the list %s: %w", name, err)
			return
		}
	}
	base := p.Base == nil || *p.Base
	make1 := func(a *ask, stages string, from, to int64) *question {
		if w.err != nil {
			return nil
		}
		if p.AtLeast != "" {
			from = min(from, back(to, p.AtLeast, s.zone))
		}
		if p.AtMost != "" {
			from = max(from, back(to, p.AtMost, s.zone))
		}
		q, err := s.question(a, s.condition(a, base, p.Ignore), stages, from, to)
		w.err = err
		return q
	}
	for _, a := range p.asks {
		w.asks = append(w.asks, make1(a, a.stages+p.fields(), s.from, s.to))
	}
	if p.minus != nil {
		w.minus = make1(p.minus, p.minus.stages, s.from, s.to)
	}
	if from, to, ok := s.shift(s.comparison(p)); ok {
		for _, a := range p.asks {
			w.past = append(w.past, make1(a, a.stages, from, to))
		}
	}
	if p.Options.Trend {
		w.trend = make1(p.asks[0], p.asks[0].stages+" by bucket(auto)", s.from, s.to)
	}
	if p.Options.Share && w.err == nil {
		g := w.asks[0].stmt.Aggregate.Aggs[0]
		if g.Func != store.Percentile {
			w.total = make1(p.asks[0], fmt.Sprintf("| stats %s(%s)", g.Func, fieldText(g.Field)), s.from, s.to)
		}
	}
	if w.err != nil {
		w.asks, w.minus, w.past, w.trend, w.total = nil, nil, nil, nil, nil
	}
}

// fields is the stage that lets an event list read its columns alone.
func (p *panel) fields() string {
	if p.View != Events || len(p.Options.Columns) == 0 {
		return ""
	}
	names := make([]string, len(p.Options.Columns))
	for i, name := range p.Options.Columns {
		names[i] = fieldText(name)
	}
	return " | fields " + strings.Join(names, ", ")
}

// fieldText writes a field name as an argument of a function.
func fieldText(name string) string {
	if strings.ContainsAny(name, ` (),|"\`) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return name
}

// lists prepares the lists that panels wait for.
func (s *session) lists(later []*work) (out []*work) {
	for _, w := range later {
		for _, name := range w.panel.lists {
			if slices.ContainsFunc(out, func(x *work) bool { return x.variable.Name == name }) {
				continue
			}
			v := s.board.variables[name]
			l := &work{variable: v}
			if q, err := s.question(v.ask, s.condition(v.ask, true, nil), v.ask.stages, s.from, s.to); err != nil {
				s.failed[name] = err
			} else {
				l.asks = []*question{q}
			}
			out = append(out, l)
		}
	}
	return out
}

// fill waits for a list and keeps its values.
func (s *session) fill(ctx context.Context, w *work) {
	if len(w.asks) == 0 {
		return
	}
	t, _, err := s.table(ctx, w.asks[0])
	if err != nil {
		s.failed[w.variable.Name] = err
		return
	}
	var values []string
	for _, row := range t.Rows[:min(len(t.Rows), maxListValues)] {
		if text, ok := valueText(row[0]); ok {
			values = append(values, text)
		}
	}
	s.values[w.variable.Name] = values
}

// maxListValues bounds a list.
const maxListValues = 1000

// choicesOffered is how many values a variable offers.
const choicesOffered = 50

// choices prepares the questions what variables can be.
func (s *session) choices() (out []*work) {
	if !s.params.Choices {
		return nil
	}
	for i := range s.board.Definition.Variables {
		v := s.board.variables[s.board.Definition.Variables[i].Name]
		if v.Kind == List {
			continue
		}
		w := &work{variable: v}
		out = append(out, w)
		if v.Field == "" || v.Kind == Typed {
			continue
		}
		where := s.condition(&ask{where: v.where}, true, []string{v.Name})
		q, err := s.question(&ask{}, where, fmt.Sprintf("| top %d %s", choicesOffered, fieldText(v.Field)), s.from, s.to)
		if w.err = err; err == nil {
			w.asks = []*question{q}
		}
	}
	return out
}

func (s *session) choice(ctx context.Context, w *work) Choices {
	selected, given := s.params.Variables[w.variable.Name]
	if !given {
		selected = w.variable.Default
	}
	out := Choices{Selected: append([]string{}, selected...), Values: []Choice{}}
	if w.err != nil {
		out.Error = w.err.Error()
	}
	if len(w.asks) == 0 {
		return out
	}
	t, _, err := s.table(ctx, w.asks[0])
	if err != nil {
		out.Error = err.Error()
		return out
	}
	for _, row := range t.Rows {
		n, _ := row[1].(int64)
		out.Values = append(out.Values, Choice{Value: row[0], Count: n})
	}
	out.More = t.More
	return out
}

// table waits for the rows of a question.
func (s *session) table(ctx context.Context, q *question) (store.Table, answer, error) {
	a := q.job.wait(ctx)
	if a.err != nil {
		return store.Table{}, a, a.err
	}
	t, err := named(q.stmt, a.table)
	return t, a, err
}

// result waits for the answers of a panel and puts them together.
func (s *session) result(ctx context.Context, w *work) PanelResult {
	p := w.panel
	out := PanelResult{View: p.View, Zone: s.zone.String(), From: time.Unix(0, s.from).UTC(), To: time.Unix(0, s.to).UTC()}
	fail := func(err error) PanelResult {
		var mistake *expr.Error
		out.Error = &Failure{Message: err.Error()}
		if errors.As(err, &mistake) {
			out.Error.Message, out.Error.Hint = mistake.Reason, mistake.Hint
		}
		out.Data, out.Events = nil, nil
		return out
	}
	if w.err != nil {
		return fail(w.err)
	}
	head := w.asks[0]
	out.Query, out.Where, out.CLI = head.text, head.where, head.cli(s.zone)
	out.From, out.To = time.Unix(0, head.from).UTC(), time.Unix(0, head.to).UTC()
	if len(w.asks) > 1 {
		out.Wheres, out.CLIs = map[string]string{}, map[string]string{}
	}
	for _, q := range w.all() {
		a := q.job.wait(ctx)
		if a.err != nil {
			return fail(a.err)
		}
		out.Stats.add(q.job.stats())
		for _, text := range q.stmt.Warnings {
			if !slices.Contains(out.Warnings, text) {
				out.Warnings = append(out.Warnings, text)
			}
		}
		if out.Wheres != nil && slices.Contains(w.asks, q) {
			out.Wheres[q.ask.name], out.CLIs[q.ask.name] = q.where, q.cli(s.zone)
		}
	}
	if p.View == Events {
		a := head.job.answer
		out.Events, out.More, out.Whole = a.events.Events, a.events.More, head.stmt.Fields == nil
		return out
	}
	var err error
	if out.Data, err = s.rows(ctx, p, w.asks, w.minus); err != nil {
		return fail(err)
	}
	if w.past != nil {
		d, err := s.rows(ctx, p, w.past, nil)
		if err != nil {
			return fail(err)
		}
		out.Previous = &Past{From: time.Unix(0, w.past[0].from).UTC(), To: time.Unix(0, w.past[0].to).UTC(), Data: *d}
	}
	if w.trend != nil {
		if out.Trend, err = s.rows(ctx, &panel{Panel: &Panel{Labels: p.Labels}}, []*question{w.trend}, nil); err != nil {
			return fail(err)
		}
	}
	if w.total != nil {
		t, _, err := s.table(ctx, w.total)
		if err != nil {
			return fail(err)
		}
		out.Total = number(t.Rows[0][0])
	}
	return out
}

// cli is the command that asks the same.
func (q *question) cli(zone *time.Location) string {
	since, until := stamps(q.from, q.to)
	return fmt.Sprintf("yagura query '%s' --since %s --until %s --zone %s", strings.ReplaceAll(q.text, "'", `'\''`), since, until, zone)
}

func number(v any) float64 {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	}
	return 0
}
