package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yagura-siem/yagura/internal/logtype"
)

// Errors a Source or Store returns for the pipeline to act on.
var (
	// ErrChanged: the object is no longer the one that was offered; it will be offered anew.
	ErrChanged = errors.New("object has changed")
	// ErrGone: the object does not exist any more.
	ErrGone = errors.New("object is gone")
	// ErrStale: a lease was lost or the catalogue has changed meanwhile; the work is void and will be done again.
	ErrStale = errors.New("overtaken")
	// ErrRefused: the store or the ledger does not take what was made of some objects, and would not another time.
	ErrRefused = errors.New("refused")
	// ErrNoSpace: the disk is full; intake waits, objects stay pending.
	ErrNoSpace = errors.New("no space left")
)

// The steps of a group, in order.
const (
	StepLeased    = "leased"    // objects are this worker's
	StepPrepared  = "prepared"  // T1 is done, no file is written
	StepWritten   = "written"   // a part file is written and synced
	StepCommit    = "commit"    // all is written, T2 comes next
	StepCommitted = "committed" // T2 is done, nobody was told
)

// Config bounds a pipeline.
type Config struct {
	Workers    int
	GroupBytes int64 // object bytes read for one commit, small objects together
	GroupCount int   // objects in one commit
	Reader     logtype.Options
	Now        func() time.Time
	// Decompress opens the stored form of an object: package parse/envelope.
	Decompress func(r io.Reader) (io.ReadCloser, error)
	// Idle is how long a worker waits when nothing is pending and nobody calls Wake.
	Idle time.Duration
	// Step is told each step of the commit protocol as it is passed; kill tests end the process there. May be nil.
	Step func(step string)
	// LeaseRenew is how often the leases of a running group are renewed.
	LeaseRenew time.Duration
	// Detector returns the rules for the next group of a worker, given those of the group before (nil =
	// none), which are returned again as long as they are in force. A nil function: there are no rules.
	Detector func(used Detector) Detector
	// Backfill is the age from which an event is old when it comes in: nobody is told of its alerts.
	Backfill time.Duration
	// RetryPause is how long a worker waits after trouble that is not one object's, such as a full disk.
	RetryPause time.Duration
}

// Pipeline loads pending objects. Create it with New; Run and Drain may be used side by side.
type Pipeline struct {
	cfg     Config
	ledger  Ledger
	feeds   func(name string) (Feed, bool)
	store   Store
	types   *logtype.Set
	stage   func() Stage // one a worker
	log     *slog.Logger
	metrics *Metrics

	wake chan struct{}
	mu   sync.Mutex
	full error // why intake is paused
}

// New builds a pipeline from its parts.
func New(cfg Config, ledger Ledger, feeds func(string) (Feed, bool), st Store, types *logtype.Set, stage func() Stage, m *Metrics, log *slog.Logger) *Pipeline {
	if cfg.Step == nil {
		cfg.Step = func(string) {}
	}
	return &Pipeline{
		cfg: cfg, ledger: ledger, feeds: feeds, store: st, types: types, stage: stage, metrics: m,
		log: log.With("component", "ingest"), wake: make(chan struct{}, 1),
	}
}

// Wake tells waiting workers that objects were offered.
func (p *Pipeline) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Paused is why intake waits, or nil.
func (p *Pipeline) Paused() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.full
}

// Run loads objects of the named sources until ctx ends. Groups that are under way are given up at
// their next record; nothing of them becomes visible.
func (p *Pipeline) Run(ctx context.Context, sources []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for range p.cfg.Workers {
		g.Go(func() error {
			w := p.worker(nil)
			for ctx.Err() == nil {
				switch did, err := w.step(ctx, sources); {
				case ctx.Err() != nil:
				case err != nil:
					p.pause(ctx, err)
				case !did:
					p.wait(ctx)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// Drain loads the pending objects of one source with all workers until none is left, and
// calls done for each. It stops at the first error that waiting does not cure.
func (p *Pipeline) Drain(ctx context.Context, source string, more func() bool, done func(Result, error)) error {
	g, ctx := errgroup.WithContext(ctx)
	for range p.cfg.Workers {
		g.Go(func() error {
			w := p.worker(done)
			for {
				listing := more() // asked before the look, so that nothing offered in between is missed
				did, err := w.step(ctx, []string{source})
				switch {
				case ctx.Err() != nil:
					return ctx.Err()
				case err != nil:
					return err
				case did:
				case listing:
					p.wait(ctx)
				default:
					return nil
				}
			}
		})
	}
	return g.Wait()
}

func (p *Pipeline) wait(ctx context.Context) {
	t := time.NewTimer(p.cfg.Idle)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-p.wake:
	}
}

// pause reports trouble that is not one object's, once, and waits for it to pass.
func (p *Pipeline) pause(ctx context.Context, err error) {
	p.mu.Lock()
	first := p.full == nil
	p.full = err
	p.mu.Unlock()
	if first {
		p.log.Error("intake waits; objects stay pending", "err", err)
	}
	t := time.NewTimer(p.cfg.RetryPause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (p *Pipeline) resumed() {
	p.mu.Lock()
	was := p.full
	p.full = nil
	p.mu.Unlock()
	if was != nil {
		p.log.Info("intake goes on")
	}
}

func (p *Pipeline) worker(done func(Result, error)) *worker {
	o := p.cfg.Reader
	if done == nil {
		done = func(Result, error) {}
	}
	return &worker{p: p, reader: p.types.NewReader(o), stage: p.stage(), done: done}
}

// worker is one goroutine's reader and enricher with their caches.
type worker struct {
	p      *Pipeline
	reader *logtype.Reader
	stage  Stage
	// detector is that of the last group, nil when there are no rules.
	detector Detector
	done     func(Result, error)
}

// step leases a group of objects and loads it. It reports whether there was one. Its error is
// trouble that concerns more than the objects: a full disk, a ledger that does not answer.
func (w *worker) step(ctx context.Context, sources []string) (bool, error) {
	leases, err := w.p.ledger.Lease(ctx, sources, w.p.cfg.GroupCount, w.p.cfg.GroupBytes)
	if err != nil {
		return false, leaseError{err}
	}
	if len(leases) == 0 {
		if errors.As(w.p.Paused(), new(leaseError)) {
			w.p.resumed()
		}
		return false, nil
	}
	w.p.cfg.Step(StepLeased)
	gctx, stop := context.WithCancelCause(ctx)
	g := newGroup(w, leases)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		w.renew(gctx, g, stop)
	}()
	err = g.load(gctx)
	stop(nil)
	<-renewed
	if err == nil {
		w.p.resumed()
	}
	return true, err
}

// leaseError is trouble with the ledger that is over once objects can be leased.
type leaseError struct{ error }

func (e leaseError) Error() string { return "leasing objects: " + e.error.Error() }
func (e leaseError) Unwrap() error { return e.error }

func (w *worker) renew(ctx context.Context, g *group, stop context.CancelCauseFunc) {
	t := time.NewTicker(w.p.cfg.LeaseRenew)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			leases := g.held()
			err := w.p.ledger.Renew(ctx, leases)
			if err != nil && len(g.held()) != len(leases) {
				err = nil // one was given back meanwhile; the next time will tell
			}
			if err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("renewing leases: %w", err))
				return
			}
		}
	}
}
