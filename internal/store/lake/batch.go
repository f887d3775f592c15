package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/yagura-siem/yagura/internal/store"
)

// executor says who may answer statistics.
type executor uint8

const (
	anyExecutor executor = iota // the scan where it fits, else the engine
	engineOnly
	scanOnly // for tests and measuring: the engine's questions are refused with errUnfit
)

// Aggregate answers with statistics by group, in one pass over the parts.
func (l *Lake) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	tables, errs := l.AggregateBatch(ctx, []store.AggregateQuery{q})
	return tables[0], errs[0]
}

// AggregateBatch answers several statistics queries from one snapshot. Those that the scan
// takes are answered in one walk over the parts, which reads every column and tests every
// condition once; the engine has the others after it. Answers are those of single calls.
func (l *Lake) AggregateBatch(ctx context.Context, qs []store.AggregateQuery) ([]store.Table, []error) {
	return l.aggregateBy(ctx, qs, l.executor)
}

func (l *Lake) aggregateBy(ctx context.Context, qs []store.AggregateQuery, by executor) ([]store.Table, []error) {
	b := &batch{lake: l, began: time.Now(), tables: make([]store.Table, len(qs)), errs: make([]error, len(qs))}
	err := b.run(ctx, qs, by)
	for i := range qs {
		if b.errs[i] == nil {
			b.errs[i] = err
		}
		if b.errs[i] != nil {
			b.tables[i], b.errs[i] = store.Table{}, fmt.Errorf("aggregating: %w", b.errs[i])
		}
	}
	return b.tables, b.errs
}

// batch is statistics queries being answered together.
type batch struct {
	lake   *Lake
	began  time.Time
	tables []store.Table
	errs   []error
	jobs   []*job
}

// job is one query of a batch.
type job struct {
	*aggregation
	at      int // in the batch
	counted int64
	task    *task  // in the scan; nil = for the engine
	why     string // it is for the engine
}

func (b *batch) run(ctx context.Context, qs []store.AggregateQuery, by executor) error {
	if b.lake.catalogue == nil {
		return ErrNoCatalogue
	}
	if len(qs) == 0 {
		return nil
	}
	snap, release, err := b.lake.snapshotFor(ctx, qs)
	if err != nil {
		return fmt.Errorf("planning: %w", err)
	}
	defer func() {
		release()
		for _, j := range b.jobs {
			b.lake.engine.functions.remove(j.ids)
		}
	}()
	if err := b.prepare(ctx, qs, snap); err != nil {
		return err
	}
	leave, err := b.lake.engine.acquire(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if by != engineOnly {
		if err := b.scan(ctx); err != nil {
			return err
		}
	}
	for _, j := range b.jobs {
		if j.task == nil && b.errs[j.at] == nil {
			if by == scanOnly {
				b.errs[j.at] = errUnfit
				continue
			}
			if by == anyExecutor && b.lake.fallback != nil {
				b.lake.fallback(j.why, j.q)
			}
			b.errs[j.at] = j.retry(ctx, j.parts, func(parts []store.Part) error { return j.run(ctx, parts) })
		}
		if b.errs[j.at] == nil {
			b.done(j)
		}
	}
	return nil
}

// snapshotFor is one snapshot with the parts of all queries.
func (l *Lake) snapshotFor(ctx context.Context, qs []store.AggregateQuery) (snap store.Snapshot, release func(), err error) {
	var held []func()
	release = func() {
		for _, f := range held {
			f()
		}
	}
	take := func(q store.Query, seq int64) error {
		s, err := l.snapshot(ctx, q, seq)
		if err != nil {
			return err
		}
		if s.Release != nil {
			held = append(held, s.Release)
		}
		known := map[string]bool{}
		for i := range snap.Parts {
			known[snap.Parts[i].ID] = true
		}
		parts := slices.DeleteFunc(slices.Clone(s.Parts), func(p store.Part) bool { return known[p.ID] })
		snap = store.Snapshot{Seq: s.Seq, Parts: append(snap.Parts, parts...)}
		return nil
	}
	every, named := union(qs)
	if every != nil {
		err = take(*every, 0)
	}
	if err == nil && named != nil { // types asked for by name may be none of those
		err = take(*named, snap.Seq)
	}
	if err != nil {
		release()
	}
	return snap, release, err
}

// union is a query with the parts of all that name no types, and one of those that do.
func union(qs []store.AggregateQuery) (every, named *store.Query) {
	for i := range qs {
		q := &qs[i].Query
		to := &every
		if len(q.Types) > 0 {
			to = &named
		}
		if *to == nil {
			*to = &store.Query{From: q.From, To: q.To}
		}
		u := *to
		u.From, u.To, u.Types = min(u.From, q.From), max(u.To, q.To), append(u.Types, q.Types...)
	}
	if named != nil {
		slices.Sort(named.Types)
		named.Types = slices.Compact(named.Types)
	}
	return every, named
}

// prepare plans every query over its share of the snapshot. Queries with the same events share
// the work.
func (b *batch) prepare(ctx context.Context, qs []store.AggregateQuery, snap store.Snapshot) error {
	plans := map[string]*plan{}
	for i := range qs {
		k := scopeKey(qs[i].Query)
		p := plans[k]
		if p == nil {
			var err error
			if p, err = b.lake.planOver(ctx, qs[i].Query, share(snap, qs[i].Query)); err != nil {
				return err
			}
			plans[k] = p
		}
		own := *p
		own.parts = slices.Clone(p.parts)
		a, err := own.aggregation(qs[i])
		if err != nil {
			b.errs[i] = err
			continue
		}
		b.jobs = append(b.jobs, &job{aggregation: a, at: i, counted: a.takeCounted()})
	}
	return nil
}

func scopeKey(q store.Query) string {
	where := ""
	if q.Where != nil {
		where = q.Where.String()
	}
	return fmt.Sprintf("%d %d %q %s", q.From, q.To, q.Types, where)
}

// share is the parts of a snapshot that a snapshot for the query alone would have.
func share(snap store.Snapshot, q store.Query) store.Snapshot {
	out := store.Snapshot{Seq: snap.Seq}
	for i := range snap.Parts {
		p := &snap.Parts[i]
		if p.MaxTime >= q.From && p.MinTime < q.To && (len(q.Types) == 0 && !p.Derived || slices.Contains(q.Types, p.LogType)) {
			out.Parts = append(out.Parts, *p)
		}
	}
	return out
}

// scan answers the jobs that fit in one walk. A part that cannot be read is left out if it is
// damaged; if it is not, the engine has the jobs.
func (b *batch) scan(ctx context.Context) error {
	s := b.lake.newScan()
	for _, j := range b.jobs {
		j.task, j.why = s.add(j.aggregation)
	}
	for len(s.tasks) > 0 {
		err := s.run(ctx)
		var broken *partError
		switch {
		case err == nil:
			for _, j := range b.jobs {
				if j.task == nil {
					continue
				}
				if why := j.task.gone.Load(); why != nil {
					j.task, j.why = nil, *why
					continue
				}
				s.finish(j.task)
			}
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.As(err, &broken):
			return err
		}
		bad := b.lake.Check(ctx, broken.part)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if bad == nil {
			for _, j := range b.jobs {
				if j.task != nil {
					j.task, j.why = nil, whyDamage
				}
			}
			return nil
		}
		for _, j := range b.jobs {
			if slices.ContainsFunc(j.parts, func(p store.Part) bool { return p.ID == broken.part.ID }) {
				j.exclude(broken.part, bad)
			}
		}
	}
	return nil
}

// done completes the table of a job.
func (b *batch) done(j *job) {
	j.addCounted(j.counted)
	cost(&j.stats, j.sound(j.parts))
	j.table.Stats = j.stats
	j.table.Stats.Elapsed = time.Since(b.began)
	b.tables[j.at] = j.table
}
