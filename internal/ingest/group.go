package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/store"
)

// group is a set of leased objects that become visible in one commit.
type group struct {
	w       *worker
	mu      sync.Mutex // of leases, which are renewed meanwhile
	leases  []Lease    // those not given back yet
	results []Result
	parts   []Written
	drops   []string
	rejects rejects         // of the object being read
	found   *Findings       // of the batches handed over so far
	began   bool            // rows of the object being read may be in the open batches
	cuts    int             // batches handed over so far
	unsure  bool            // a commit failed in a way that does not tell whether it is in the ledger
	ctx     context.Context // of load, for the sink's calls
}

// newGroup begins a group. It has the rules that are in force now until its end.
func newGroup(w *worker, leases []Lease) *group {
	if w.p.cfg.Detector != nil {
		w.detector = w.p.cfg.Detector(w.detector)
	}
	return &group{w: w, leases: slices.Clone(leases), found: NewFindings(w.detector, w.p.cfg.Backfill)}
}

// held are the leases that are not given back yet.
func (g *group) held() []Lease {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.leases)
}

// settle is the time the last writes of a group may take after its context has ended.
const settle = 20 * time.Second

// load reads every object, writes the parts and commits. An object that cannot be read fails
// alone, unless rows of it are already in a written part: then the others go back to pending
// and are loaded again without it.
func (g *group) load(ctx context.Context) error {
	g.ctx = ctx
	for _, l := range g.held() {
		cuts := g.cuts
		r, err := g.object(ctx, l)
		if err == nil {
			g.results = append(g.results, r)
			continue
		}
		if ctx.Err() != nil || errors.Is(err, ErrNoSpace) || isStoreError(err) {
			return g.giveUp(ctx, err)
		}
		if g.began { // else the last rows are those of the object before
			g.w.reader.Rollback()
		}
		g.rejects = rejects{}
		g.fail(ctx, l, err)
		if g.cuts != cuts {
			return g.giveUp(ctx, nil)
		}
	}
	if err := g.Cut(g.w.reader.Flush()); err != nil {
		return g.giveUp(ctx, err)
	}
	if err := g.write(g.found.Cut(), nil); err != nil {
		return g.giveUp(ctx, err)
	}
	if err := g.replace(ctx); err != nil {
		return g.giveUp(ctx, err)
	}
	if g.recheck(ctx) {
		return g.commit(ctx)
	}
	return g.giveUp(ctx, nil)
}

// storeError marks an error of the store or ledger, which is not the object's fault.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

func isStoreError(err error) bool {
	var s storeError
	return errors.As(err, &s)
}

// Cut implements logtype.Sink: enriches sealed batches, runs the rules over them and writes them.
// Findings are gathered and written at the end, or when they have become many.
func (g *group) Cut(batches []*event.Batch) error {
	ingested := g.w.p.cfg.Now()
	err := g.write(batches, func(b *event.Batch) {
		g.w.stage.Enrich(b)
		g.found.Add(b, ingested)
	})
	if err == nil && g.found.Full() {
		err = g.write(g.found.Cut(), nil)
	}
	return err
}

// write writes batches, after before was called with each. Parts are recorded as pending first
// (T1), so that a file is never unknown.
func (g *group) write(batches []*event.Batch, before func(*event.Batch)) error {
	parts := make([]store.Part, 0, len(batches))
	kept := batches[:0]
	for _, b := range batches {
		if b.Rows > 0 {
			parts, kept = append(parts, g.w.p.store.NewPart(b)), append(kept, b)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	p := g.w.p
	if err := p.ledger.Prepare(g.ctx, g.held(), parts); err != nil {
		return storeError{fmt.Errorf("recording parts: %w", err)}
	}
	p.cfg.Step(StepPrepared)
	g.cuts++
	ingested := p.cfg.Now()
	first := len(g.parts)
	for _, part := range parts {
		g.parts = append(g.parts, Written{Part: part})
	}
	for i, b := range kept {
		if before != nil {
			before(b)
		}
		part := &g.parts[first+i]
		part.Rows = RowsByObject(b)
		if err := p.store.Write(g.ctx, &part.Part, b, ingested); err != nil {
			return storeError{fmt.Errorf("writing a part: %w", err)}
		}
		b.Release()
		p.cfg.Step(StepWritten)
	}
	return nil
}

// RowsByObject counts the rows each object has in a batch.
func RowsByObject(b *event.Batch) map[string]int64 {
	n := make([]int64, len(b.Objects))
	for _, o := range b.Object {
		n[o]++
	}
	rows := make(map[string]int64, len(n))
	for i, id := range b.Objects {
		if n[i] > 0 {
			rows[id] += n[i]
		}
	}
	return rows
}

// Reject implements logtype.Sink.
func (g *group) Reject(r logtype.Reject) error {
	g.rejects.add(r)
	return nil
}

// replace rewrites the parts that hold rows of earlier generations.
func (g *group) replace(ctx context.Context) error {
	var objects []string
	for _, r := range g.results {
		objects = append(objects, r.Replaces...)
	}
	if len(objects) == 0 {
		return nil
	}
	old, done, err := g.w.p.ledger.PartsOf(ctx, objects)
	if err != nil {
		return storeError{fmt.Errorf("looking up parts of the earlier generation: %w", err)}
	}
	defer done()
	for _, o := range old {
		if err := g.without(ctx, o, objects); err != nil {
			return storeError{err}
		}
	}
	return nil
}

func (g *group) without(ctx context.Context, o store.Part, objects []string) error {
	p := g.w.p
	n := p.store.NewPart(&event.Batch{Table: tableOf(o), Day: event.Day(o.Day)})
	if err := p.ledger.Prepare(ctx, g.held(), []store.Part{n}); err != nil {
		return fmt.Errorf("recording parts: %w", err)
	}
	rows, err := p.store.Without(ctx, o, &n, objects)
	if err != nil {
		g.parts = append(g.parts, Written{Part: n})
		return fmt.Errorf("rewriting a part: %w", err)
	}
	g.drops = append(g.drops, o.ID)
	if len(rows) == 0 {
		return p.ledger.Abort(ctx, []store.Part{n})
	}
	g.parts = append(g.parts, Written{Part: n, Rows: rows})
	return nil
}

// recheck asks every source whether the objects are still those that were read. Those that
// are not go back; the rest is loaded again without them.
func (g *group) recheck(ctx context.Context) bool {
	ok := true
	for _, r := range g.results {
		src, found := g.w.p.feeds(r.Lease.Source)
		if !found {
			continue // the configuration no longer has it; what was read is read
		}
		if err := src.Check(ctx, r.Lease.Object); err != nil {
			ok = false
			g.fail(ctx, r.Lease, err)
		}
	}
	return ok
}

func (g *group) commit(ctx context.Context) error {
	if len(g.results) == 0 {
		return nil
	}
	p := g.w.p
	p.cfg.Step(StepCommit)
	raises := g.found.Raises()
	changes, err := p.ledger.Commit(ctx, Commit{Parts: g.parts, Replaced: g.drops, Results: g.results, Raises: raises})
	if err != nil {
		g.unsure = !errors.Is(err, ErrStale) && !errors.Is(err, ErrNoSpace) && !errors.Is(err, ErrRefused)
		return g.giveUp(ctx, storeError{fmt.Errorf("committing: %w", err)})
	}
	p.cfg.Step(StepCommitted)
	p.detected(g.found, changes)
	attribute(g.results, raises, changes)
	for _, r := range g.results {
		p.metrics.loaded(r)
		if r.Note != "" {
			p.log.Warn("object was not whole", "object", r.Lease.Key, "source", r.Lease.Source, "note", r.Note)
		}
		g.w.done(r, nil)
	}
	return nil
}

// fail gives one object back with a reason.
func (g *group) fail(ctx context.Context, l Lease, err error) {
	p := g.w.p
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	gone := errors.Is(err, ErrChanged) || errors.Is(err, ErrGone)
	again := !gone && !permanent(err)
	p.metrics.failed(l)
	g.mu.Lock()
	g.leases = slices.DeleteFunc(g.leases, func(o Lease) bool { return o.ID == l.ID })
	g.mu.Unlock()
	p.log.Warn("object was not loaded", "source", l.Source, "object", l.Key, "err", err, "again", again)
	if ferr := p.ledger.Fail(ctx, l, err.Error(), again, gone); ferr != nil {
		p.log.Error("the ledger did not take a failure", "object", l.Key, "err", ferr)
	}
	g.w.done(Result{Lease: l}, err)
}

// giveUp removes what was written and returns the leases. Its error is the reason, unless that
// is dealt with: work that was overtaken is done again by whoever leases it next, and of objects
// that the store refuses each is tried alone, so that one cannot hold the others up.
func (g *group) giveUp(ctx context.Context, cause error) error {
	p := g.w.p
	g.w.reader.Flush()
	if ctx.Err() != nil {
		cause = context.Cause(ctx)
	}
	g.discard(ctx)
	if errors.Is(cause, ErrRefused) && ctx.Err() == nil {
		return g.alone(ctx, cause)
	}
	g.release(ctx, g.held())
	if errors.Is(cause, ErrStale) {
		p.log.Info("a group was overtaken and is loaded again", "err", cause)
		return nil
	}
	return cause
}

// discard removes the parts of the group, files first, because they may be what fills the disk;
// they are surely pending. Only when a commit ended in doubt they are left to the ledger, which
// names those it has as dead when files are swept.
func (g *group) discard(ctx context.Context) {
	p := g.w.p
	parts := make([]store.Part, len(g.parts))
	for i, part := range g.parts {
		parts[i] = part.Part
	}
	g.parts, g.drops = nil, nil
	if len(parts) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	for i := 0; i < len(parts) && !g.unsure; i++ {
		if err := p.store.Remove(parts[i]); err != nil {
			p.log.Warn("a part that was given up could not be removed; it is when files are swept", "part", parts[i].ID, "err", err)
		}
	}
	if err := p.ledger.Abort(ctx, parts); err != nil {
		p.log.Warn("the ledger did not take an abort; pending parts expire with their lease", "err", err)
	}
}

func (g *group) release(ctx context.Context, leases []Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	if err := g.w.p.ledger.Release(ctx, leases); err != nil {
		g.w.p.log.Warn("the ledger did not take leases back; they expire", "err", err)
	}
}

// alone loads each object as a group of its own; one that is refused even so has failed.
func (g *group) alone(ctx context.Context, cause error) error {
	leases := g.held()
	if len(leases) == 1 {
		g.fail(ctx, leases[0], cause)
		return nil
	}
	for i, l := range leases {
		one := newGroup(g.w, []Lease{l})
		err := one.load(ctx)
		g.mu.Lock()
		g.leases = slices.DeleteFunc(g.leases, func(o Lease) bool { return o.ID == l.ID })
		g.mu.Unlock()
		if err != nil {
			g.release(ctx, leases[i+1:])
			return err
		}
	}
	return nil
}

// permanent reports whether an error says that trying again is useless.
func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}
