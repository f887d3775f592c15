package dashboard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// Config is what a runner works with.
type Config struct {
	// Searcher answers; a BatchSearcher is asked for everything over a range at once. Keeping
	// answers, and sharing them between people who ask the same at the same time, is its matter.
	Searcher store.Searcher
	// Options are what questions are parsed with; range, zone and now are those of each run.
	Options  func() query.Options
	Parallel int // questions or batches in the store at once, of all runs; 0 = 8
}

// Runner answers dashboards. It is safe for concurrent use.
type Runner struct {
	Config
	desk *desk
}

// NewRunner makes a runner.
func NewRunner(c Config) *Runner {
	if c.Parallel <= 0 {
		c.Parallel = 8
	}
	return &Runner{Config: c, desk: &desk{searcher: c.Searcher, slots: make(chan struct{}, c.Parallel)}}
}

// Params are what the reader asks for.
type Params struct {
	From, To  string // as in query.ReadRange; "" = the dashboard's range, now
	Now       time.Time
	Zone      *time.Location
	Variables map[string][]string // by name; absent = the default
	Filters   []query.Filter
	Panels    []string // ids; nil = all
	Compare   string   // previous, day, week: for numbers and charts over time; "" = as each panel says
	Choices   bool     // also what the variables can be
}

// maxPanelEvents bounds an event list.
const maxPanelEvents = 1000

// ErrParams is wrapped by errors that the reader can mend.
var ErrParams = errors.New("wrong parameters")

// Run answers the panels of a board. emit, if not nil, is given each result as it is ready, one
// at a time; a panel that fails fails alone. The error is ErrParams or that of the context.
func (r *Runner) Run(ctx context.Context, b *Board, p Params, emit func(id string, res PanelResult)) (*Result, error) {
	began := time.Now()
	s, err := r.session(b, p)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer s.running.Wait() // what was begun has ended when Run returns
	defer cancel()
	out := &Result{From: time.Unix(0, s.from).UTC(), To: time.Unix(0, s.to).UTC(), Zone: s.zone.String(), Panels: map[string]PanelResult{}, Variables: map[string]Choices{}}
	if from, to, ok := s.shift(cmpKind(p.Compare)); ok {
		out.Previous = &Span{From: time.Unix(0, from).UTC(), To: time.Unix(0, to).UTC()}
	}
	var mu sync.Mutex
	finish := func(id string, res PanelResult) {
		mu.Lock()
		defer mu.Unlock()
		out.Panels[id] = res
		if emit != nil && ctx.Err() == nil {
			emit(id, res)
		}
	}
	var first, later []*work
	for _, panel := range s.chosen {
		w := &work{panel: panel}
		if len(panel.lists) > 0 {
			later = append(later, w)
		} else {
			s.prepare(w)
			first = append(first, w)
		}
	}
	lists := s.lists(later)
	choices := s.choices()
	s.begin(ctx, first, lists, choices)
	var wait sync.WaitGroup
	spawn := func(list []*work, done func(*work)) {
		for _, w := range list {
			wait.Add(1)
			go func() {
				defer wait.Done()
				done(w)
			}()
		}
	}
	spawn(first, func(w *work) { finish(w.panel.ID, s.result(ctx, w)) })
	spawn(choices, func(w *work) {
		c := s.choice(ctx, w)
		mu.Lock()
		defer mu.Unlock()
		out.Variables[w.variable.Name] = c
	})
	for _, w := range lists {
		s.fill(ctx, w)
	}
	for _, w := range later {
		s.prepare(w)
	}
	s.begin(ctx, later)
	spawn(later, func(w *work) { finish(w.panel.ID, s.result(ctx, w)) })
	s.beginFar(ctx)
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("running dashboard %s: %w", b.ID, err)
	}
	s.count(&out.Stats)
	out.Stats.ElapsedMS = time.Since(began).Milliseconds()
	return out, nil
}

// session is one run.
type session struct {
	*Runner
	board    *Board
	params   Params
	zone     *time.Location
	now      time.Time
	from, to int64
	options  query.Options
	chosen   []*panel
	values   map[string][]string // of param and list variables
	narrow   map[string]expr.Node
	filters  []expr.Node
	failed   map[string]error // lists that could not be filled

	jobs    map[string]*job
	begun   map[*job]bool
	far     map[*job]bool // held back, see begin
	running sync.WaitGroup
	asked   int
}

func (r *Runner) session(b *Board, p Params) (*session, error) {
	s := &session{Runner: r, board: b, params: p, zone: p.Zone, now: p.Now, values: map[string][]string{}, narrow: map[string]expr.Node{},
		failed: map[string]error{}, jobs: map[string]*job{}, begun: map[*job]bool{}, far: map[*job]bool{}}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.now.IsZero() {
		s.now = time.Now()
	}
	if p.From == "" {
		p.From = b.Definition.Range
	}
	if p.From == "" {
		p.From = "now-24h"
	}
	if p.To == "now" {
		p.To = ""
	}
	if !slices.Contains([]string{"", "previous", "day", "week"}, p.Compare) {
		return nil, fmt.Errorf("%w: compare %q: want previous, day or week", ErrParams, p.Compare)
	}
	var err error
	if s.now, s.from, s.to, err = steadyRange(p.From, p.To, s.now, s.zone); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParams, err)
	}
	s.options = r.Options()
	s.options.Now, s.options.Zone, s.options.Limit = s.now, s.zone, 0
	for i, f := range p.Filters {
		n, err := f.Node(s.options.Fields[f.Field])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrParams, &query.FilterError{Index: i, Reason: err.Error()})
		}
		s.filters = append(s.filters, n)
	}
	if err := s.choose(); err != nil {
		return nil, err
	}
	for _, panel := range b.panels {
		if panel.View == Markdown || panel.View == Controls || p.Panels != nil && !slices.Contains(p.Panels, panel.ID) {
			continue
		}
		s.chosen = append(s.chosen, panel)
	}
	for _, id := range p.Panels {
		if !slices.ContainsFunc(b.panels, func(x *panel) bool { return x.ID == id }) {
			return nil, fmt.Errorf("%w: dashboard %s has no panel %s", ErrParams, b.ID, id)
		}
	}
	return s, nil
}

// steadyRange reads a range with a clock that stands still for a moment (a second for short
// ranges, a minute for long ones), so that people who look at the same time ask the same.
func steadyRange(since, until string, now time.Time, zone *time.Location) (time.Time, int64, int64, error) {
	from, to, err := query.ReadRange(since, until, now, zone)
	if err != nil {
		return now, 0, 0, err
	}
	now = now.Truncate(max(time.Second, min(time.Duration(to-from)/8640, time.Minute)))
	from, to, err = query.ReadRange(since, until, now, zone)
	return now, from, to, err
}

// choose takes the reader's choices, or the defaults.
func (s *session) choose() error {
	for name := range s.params.Variables {
		if v := s.board.variables[name]; v == nil || v.Kind == List {
			return fmt.Errorf("%w: dashboard %s has no variable %s to choose", ErrParams, s.board.ID, name)
		}
	}
	for name, v := range s.board.variables {
		values, given := s.params.Variables[name]
		if !given {
			values = v.Default
		}
		if len(values) > 1000 {
			return fmt.Errorf("%w: more than 1000 values of %s", ErrParams, name)
		}
		switch {
		case v.Kind == Param:
			s.values[name] = values
		case len(values) == 0 || v.Kind == List:
		case v.Kind == Values:
			n, err := anyOf(v.Field, values, s.options.Fields)
			if err != nil {
				return fmt.Errorf("%w: %s: %w", ErrParams, name, err)
			}
			s.narrow[name] = n
		case v.Kind == Typed:
			s.narrow[name] = containing(v.Field, values)
		case v.Kind == Toggle && values[0] == "on":
			s.narrow[name] = v.where
		}
	}
	return nil
}

// condition joins a question's condition with what narrows it.
func (s *session) condition(a *ask, base bool, ignore []string) expr.Node {
	nodes := []expr.Node{expand(a.where, s.values, s.options.Fields)}
	if base {
		nodes = []expr.Node{expand(s.board.where, s.values, s.options.Fields), nodes[0]}
	}
	for _, name := range slices.Sorted(maps.Keys(s.narrow)) {
		if !slices.Contains(ignore, name) {
			nodes = append(nodes, expand(s.narrow[name], s.values, s.options.Fields))
		}
	}
	return all(append(nodes, s.filters...)...)
}

// question is a text ready to be asked over a range.
type question struct {
	ask      *ask
	text     string
	where    string
	from, to int64
	stmt     *query.Statement
	job      *job
}

// question parses a text over a range and makes a job of it.
func (s *session) question(a *ask, where expr.Node, stages string, from, to int64) (*question, error) {
	q := &question{ask: a, text: join2(where, stages), where: conditionText(where), from: from, to: to}
	if a.back != "" {
		q.to = from
		q.from = back(from, a.back, s.zone)
	}
	o := s.options
	o.Since, o.Until = stamps(q.from, q.to)
	stmt, err := query.Parse(q.text, o)
	if err != nil {
		return nil, err
	}
	if stmt.Events != nil {
		stmt.Events.Limit = min(stmt.Events.Limit, maxPanelEvents)
	}
	j := newJob(stmt)
	if old := s.jobs[j.key]; old != nil {
		j = old
	}
	s.jobs[j.key] = j
	q.stmt, q.job = stmt, j
	s.asked++
	return q, nil
}

// begin asks what is not asked yet, but for what panels want of a much longer span than the
// run has: that would keep all others waiting.
func (s *session) begin(ctx context.Context, lists ...[]*work) {
	var jobs []*job
	for _, list := range lists {
		for _, w := range list {
			for _, q := range w.all() {
				switch {
				case s.begun[q.job]:
					continue
				case w.panel != nil && q.to-q.from > 2*(s.to-s.from):
					s.far[q.job] = true
					continue
				}
				delete(s.far, q.job)
				s.begun[q.job] = true
				jobs = append(jobs, q.job)
			}
		}
	}
	s.desk.start(ctx, jobs, &s.running)
}

// beginFar asks what was held back, once all else is answered.
func (s *session) beginFar(ctx context.Context) {
	if len(s.far) == 0 {
		return
	}
	for j := range s.begun {
		j.wait(ctx)
	}
	jobs := slices.SortedFunc(maps.Keys(s.far), func(a, b *job) int { return strings.Compare(a.key, b.key) })
	for _, j := range jobs {
		s.begun[j] = true
	}
	s.desk.start(ctx, jobs, &s.running)
}

func (s *session) count(st *RunStats) {
	st.Questions, st.Asked = s.asked, len(s.begun)
	for j := range s.begun {
		x := j.stats()
		if x.Cached {
			st.Cached++
			continue
		}
		st.Rows += x.Rows
		st.Bytes += x.Bytes
	}
}
