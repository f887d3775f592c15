package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// BatchSearcher answers several statistics in one pass; one slot of each answer for each query.
type BatchSearcher interface {
	AggregateBatch(ctx context.Context, list []store.AggregateQuery) ([]store.Table, []error)
}

// job is one thing a store is asked. Jobs with the same key have the same answer.
type job struct {
	key   string
	query store.Query
	// One of them is set. Columns of agg are named by their place, not by their text.
	agg    *store.AggregateQuery
	events *query.Statement

	done   chan struct{} // closed when the answer is there
	answer answer
}

// answer to a job. Nobody changes it.
type answer struct {
	table  store.Table
	events query.Result
	err    error
}

func (j *job) stats() store.Stats {
	if j.agg != nil {
		return j.answer.table.Stats
	}
	return j.answer.events.Stats
}

// wait returns the answer, or the error of the context if that comes first.
func (j *job) wait(ctx context.Context) answer {
	select {
	case <-j.done:
		return j.answer
	case <-ctx.Done():
		return answer{err: ctx.Err()}
	}
}

func (j *job) land(a answer) {
	j.answer = a
	close(j.done)
}

// desk puts jobs to the store: statistics together, whatever their ranges, so that what they
// have in common is read once.
type desk struct {
	searcher store.Searcher
	slots    chan struct{} // bounds what is in the store at once, of all runs
}

// start asks jobs, which must differ, and returns; running counts what it has begun.
func (d *desk) start(ctx context.Context, jobs []*job, running *sync.WaitGroup) {
	var set []*job
	for _, j := range jobs {
		if j.agg != nil {
			set = append(set, j)
		}
	}
	batch, ok := d.searcher.(BatchSearcher)
	ok = ok && len(set) > 1
	if ok {
		running.Go(func() { d.batch(ctx, batch, set) })
	}
	for _, j := range jobs {
		if j.agg == nil || !ok {
			running.Go(func() { j.land(d.slot(ctx, func() answer { return d.ask(ctx, j) })) })
		}
	}
}

func (d *desk) batch(ctx context.Context, s BatchSearcher, set []*job) {
	queries := make([]store.AggregateQuery, len(set))
	for i, j := range set {
		queries[i] = *j.agg
	}
	var tables []store.Table
	var errs []error
	failed := d.slot(ctx, func() answer {
		tables, errs = s.AggregateBatch(ctx, queries)
		return answer{}
	})
	for i, j := range set {
		a := answer{err: failed.err}
		if a.err == nil && i < len(errs) {
			a.err = errs[i]
		}
		if a.err == nil && i < len(tables) {
			a.table = tables[i]
		}
		j.land(a)
	}
}

// slot waits for a free place.
func (d *desk) slot(ctx context.Context, ask func() answer) answer {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
		return ask()
	case <-ctx.Done():
		return answer{err: ctx.Err()}
	}
}

func (d *desk) ask(ctx context.Context, j *job) (a answer) {
	if j.agg != nil {
		a.table, a.err = d.searcher.Aggregate(ctx, *j.agg)
		return a
	}
	a.events, a.err = query.Run(ctx, d.searcher, j.events)
	return a
}

// newJob makes a job of a statement. Column names are replaced by their places, so that panels
// that differ in names only share an answer.
func newJob(stmt *query.Statement) *job {
	var b strings.Builder
	q := stmt.Query()
	types := slices.Sorted(slices.Values(q.Types))
	fmt.Fprintf(&b, "%q|%d|%d|", types, q.From, q.To)
	if q.Where != nil {
		conjuncts := []string{q.Where.String()}
		if and, ok := all(q.Where).(*expr.And); ok {
			conjuncts = conjuncts[:0]
			for _, n := range and.Nodes {
				conjuncts = append(conjuncts, n.String())
			}
			slices.Sort(conjuncts)
		}
		fmt.Fprintf(&b, "%q", conjuncts)
	}
	if e := stmt.Events; e != nil {
		fmt.Fprintf(&b, "|events %q %q %v %d", e.Fields, stmt.Fields, e.Oldest, e.Limit)
		return &job{key: b.String(), query: q, events: stmt, done: make(chan struct{})}
	}
	agg := *stmt.Aggregate
	names := map[string]string{}
	agg.By, agg.Aggs, agg.Sort = slices.Clone(agg.By), slices.Clone(agg.Aggs), slices.Clone(agg.Sort)
	for i := range agg.By {
		name := fmt.Sprintf("k%d", i)
		names[agg.By[i].Name], agg.By[i].Name = name, name
		fmt.Fprintf(&b, "|by %q", agg.By[i].Field)
		if x := agg.By[i].Buckets; x != nil {
			fmt.Fprintf(&b, " %d %v", x.Width, x.Edges)
		}
	}
	for i := range agg.Aggs {
		name := fmt.Sprintf("a%d", i)
		names[agg.Aggs[i].Name], agg.Aggs[i].Name = name, name
		fmt.Fprintf(&b, "|%s %q %v", agg.Aggs[i].Func, agg.Aggs[i].Field, agg.Aggs[i].Arg)
	}
	for i := range agg.Sort {
		agg.Sort[i].Column = names[agg.Sort[i].Column]
		fmt.Fprintf(&b, "|sort %s %v", agg.Sort[i].Column, agg.Sort[i].Desc)
	}
	fmt.Fprintf(&b, "|limit %d", agg.Limit)
	return &job{key: b.String(), query: q, agg: &agg, done: make(chan struct{})}
}

// named gives the columns of an answer the names of a statement, and does what is left of it.
func named(stmt *query.Statement, t store.Table) (store.Table, error) {
	t.Columns = slices.Clone(t.Columns)
	for i := range t.Columns {
		if n := len(stmt.Aggregate.By); i < n {
			t.Columns[i].Name = stmt.Aggregate.By[i].Name
		} else if i-n < len(stmt.Aggregate.Aggs) {
			t.Columns[i].Name = stmt.Aggregate.Aggs[i-n].Name
		}
	}
	return stmt.Finish(t)
}
