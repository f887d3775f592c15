package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
)

// errUnfit says that a question must be asked of the engine.
var errUnfit = errors.New("not a question for the scan")

// Why a question was left to the engine, as Config.Fallback is told.
const (
	whyKeys      = "keys"      // more keys than the scan counts by
	whyCondition = "condition" // tests what only the engine can
	whyField     = "field"     // a field whose values are no codes
	whyKinds     = "kinds"     // parts disagree on the kind of a field
	whyMemory    = "memory"    // groups or dictionaries outgrew what they may take
	whyDamage    = "unreadable"
)

// scan answers several statistics queries over dictionary codes in one walk over the parts. It
// is an executor beside the engine: same answers, for the questions it takes.
type scan struct {
	lake    *Lake
	conds   conditions
	tasks   []*task
	tables  map[tableKey]*partTable
	units   []unit
	buckets [][]int64

	memory atomic.Int64 // bytes of groups being counted
	rows   int64        // of all units
	mu     sync.Mutex
	dicts  map[string]*codes.Dict
}

type tableKey struct {
	logType string
	version int
}

// partTable is what parts of one table version have in common.
type partTable struct {
	logType string
	kinds   map[string]schema.Kind
	names   []string
	rest    bool
}

// task is one query of a scan.
type task struct {
	*aggregation
	where    *cond // nil = all rows
	from, to int64
	buckets  []int                  // by key: number of its buckets in the scan, -1
	gone     atomic.Pointer[string] // why, once it is left to the engine
	states   []*state               // by worker
	global   bool                   // merged
}

// unit is a row group to walk and the tasks that ask for it.
type unit struct {
	part  *store.Part
	table *partTable
	group int
	tasks []*task
}

// partError is a failure to read a part.
type partError struct {
	part store.Part
	err  error
}

func (e *partError) Error() string { return fmt.Sprintf("part %s: %v", e.part.ID, e.err) }
func (e *partError) Unwrap() error { return e.err }

func (l *Lake) newScan() *scan {
	return &scan{lake: l, tables: map[tableKey]*partTable{}, dicts: map[string]*codes.Dict{}}
}

// add takes a query into the scan; nil and the reason when it is not one for it.
func (s *scan) add(a *aggregation) (t *task, why string) {
	if len(a.keys) > codes.MaxKeys {
		return nil, whyKeys
	}
	t = &task{aggregation: a, from: a.query.From, to: a.query.To}
	if a.query.Where != nil {
		if t.where = a.testable(s, a.query.Where); t.where == nil {
			return nil, whyCondition
		}
	}
	for i := range a.keys {
		k := &a.keys[i]
		if !a.countable(k.Field) || k.Field == colTime && k.Buckets == nil {
			return nil, whyField
		}
		number := -1
		if k.Buckets != nil {
			number = s.bucketNumber(k.Buckets.Edges)
			if k.Field == colTime {
				t.from, t.to = max(t.from, k.Buckets.Edges[0]), min(t.to, k.Buckets.Edges[len(k.Buckets.Edges)-1])
			}
		}
		t.buckets = append(t.buckets, number)
	}
	for i := range a.aggs {
		g := &a.aggs[i]
		if g.Field == "" {
			continue
		}
		if !a.countable(g.Field) || g.Field == colTime && howOf(g) == howValues {
			return nil, whyField
		}
	}
	s.tasks = append(s.tasks, t)
	return t, ""
}

// countable is scannable for keys and aggregates.
func (p *plan) countable(name string) bool {
	_, declared := p.kinds[name]
	return !declared && name == colIngested || p.scannable(name)
}

// originals reports whether a part keeps original records: the engine searches those.
func (p *plan) originals() bool {
	return slices.ContainsFunc(p.parts, func(p store.Part) bool {
		_, has := p.Stats[colOriginal]
		return p.Original && (has || p.Stats == nil)
	})
}

func (s *scan) bucketNumber(edges []int64) int {
	for i, e := range s.buckets {
		if slices.Equal(e, edges) {
			return i
		}
	}
	s.buckets = append(s.buckets, edges)
	return len(s.buckets) - 1
}

// maxPlainRows is how many values that hardly repeat are worth a dictionary.
const maxPlainRows = 500_000

// scannable reports whether the values of a field can be codes.
func (p *plan) scannable(name string) bool {
	if _, declared := p.kinds[name]; !declared {
		switch name {
		case colIngested, colOffset, colIndex, colObject, colOriginal, fieldID, fieldID2:
			return false
		}
	}
	plain, rows := int64(0), int64(0)
	for i := range p.parts {
		rows += p.parts[i].Rows
		if s, ok := p.parts[i].Stats[name]; ok && s.Distinct == 0 && p.kinds[name].kind.Text() {
			plain += s.Present
		}
	}
	return plain <= maxPlainRows && !p.lake.cache.Hopeless(name, rows)
}

// testable takes a condition into the scan; nil when the engine must test it.
func (p *plan) testable(s *scan, n expr.Node) *cond {
	c := s.conds.add(n)
	if c == nil {
		return nil
	}
	for _, f := range c.fields {
		switch {
		case f == colOriginal:
			if p.originals() {
				return nil
			}
		case expr.WildField(f):
			for name := range p.kinds {
				if expr.MatchField(f, name) && !p.scannable(name) {
					return nil
				}
			}
		case !p.scannable(f):
			return nil
		}
	}
	return c
}

// table describes the table of a part.
func (s *scan) table(p *store.Part) *partTable {
	k := tableKey{p.LogType, p.Version}
	t := s.tables[k]
	if t == nil {
		t = &partTable{logType: p.LogType, rest: p.Rest, kinds: make(map[string]schema.Kind, len(p.Fields))}
		for _, f := range p.Fields {
			t.kinds[f.Name] = f.Kind
			t.names = append(t.names, f.Name)
		}
		s.tables[k] = t
	}
	return t
}

// plan lists the row groups that the tasks ask for, each once.
func (s *scan) plan() {
	s.units, s.rows = s.units[:0], 0
	at := map[string]int{} // first unit of a part
	for _, t := range s.tasks {
		parts := t.sound(t.parts)
		for i := range parts {
			p := &parts[i]
			if p.MaxTime < t.from || p.MinTime >= t.to || t.from >= t.to {
				continue
			}
			groups := int((p.Rows + rowGroupRows - 1) / rowGroupRows)
			first, known := at[p.ID]
			if !known {
				first = len(s.units)
				at[p.ID] = first
				s.rows += p.Rows
				for g := range groups {
					s.units = append(s.units, unit{part: p, table: s.table(p), group: g})
				}
			}
			for g := range groups {
				u := &s.units[first+g]
				u.tasks = append(u.tasks, t)
			}
		}
	}
}

// run walks all row groups. Tasks that prove too much for memory are marked gone; an error is
// that of a part or of the context.
func (s *scan) run(ctx context.Context) error {
	s.plan()
	s.memory.Store(0)
	for _, t := range s.tasks {
		t.states = make([]*state, s.workers())
		for w := range t.states {
			t.states[w] = newState(t)
		}
	}
	return s.walk(ctx, (*worker).count)
}

func (s *scan) workers() int { return max(1, min(s.lake.threads, len(s.units))) }

// walk has every row group visited, by as many workers as there may be.
func (s *scan) walk(ctx context.Context, visit func(*worker, *unit) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for n := range s.workers() {
		wg.Go(func() {
			w := s.newWorker(n)
			defer w.close()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(s.units) {
					return
				}
				if err := visit(w, &s.units[i]); err != nil {
					cancel(&partError{*s.units[i].part, err})
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// dict is the dictionary of a field, the same one all through a scan.
func (s *scan) dict(field string) *codes.Dict {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.dicts[field]
	if d == nil {
		d = s.lake.cache.Dict(field)
		s.dicts[field] = d
	}
	return d
}
