package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// Pass is how thoroughly a source is listed.
type Pass uint8

// The passes.
const (
	Fast   Pass = iota // what is new in the usual places
	Relist             // the last days again, whatever the order of keys
	Full               // everything
)

// Lister finds objects. It hands them to yield in groups; an object may be handed out again. Cursors are what it wants
// to find again next time; it changes them only after yield has taken a group.
type Lister interface {
	Scan(ctx context.Context, pass Pass, cursors map[string]string, yield func([]Object) error) error
}

// Offers takes what was listed and keeps cursors.
type Offers interface {
	Offer(ctx context.Context, objects []Object) (added int, err error)
	Cursors(ctx context.Context, source string) (map[string]string, error)
	PutCursors(ctx context.Context, source string, cursors map[string]string) error
}

// Schedule says how often each pass runs.
type Schedule struct {
	Fast, Relist, Full time.Duration
}

// Watcher lists one source again and again.
type Watcher struct {
	Source   string
	Lister   Lister
	Offers   Offers
	Schedule Schedule
	Found    func() // called when new objects were offered
	Now      func() time.Time
	Log      *slog.Logger

	mu  sync.Mutex
	err error
}

// fullAt is the cursor that remembers when the last full pass ended; sources do not use names with a leading "~".
const fullAt = "~full"

// Err is what was wrong with the last pass, or nil.
func (w *Watcher) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Run lists until ctx ends. A pass that fails is reported once. It is tried again at its next
// time: a thorough one not before the pause between thorough passes, so that one place that can
// never be listed does not have everything listed again and again.
func (w *Watcher) Run(ctx context.Context) {
	thorough := w.Now() // when a relisting or full pass began last
	var failed bool
	for ctx.Err() == nil {
		began := w.Now()
		pass := Fast
		rested := w.Schedule.Relist > 0 && began.Sub(thorough) >= w.Schedule.Relist
		switch cursors, err := w.Offers.Cursors(ctx, w.Source); {
		case err != nil:
		case w.due(cursors, began) && (!failed || rested):
			pass = Full
		case rested:
			pass = Relist
		}
		err := w.Once(ctx, pass)
		if pass != Fast {
			thorough, failed = began, err != nil
		}
		if pass != Fast || !failed || err != nil {
			w.report(ctx, err)
		}
		sleep(ctx, w.Schedule.Fast)
	}
}

func (w *Watcher) due(cursors map[string]string, now time.Time) bool {
	if w.Schedule.Full <= 0 {
		return false
	}
	last, err := time.Parse(time.RFC3339, cursors[fullAt])
	return err != nil || now.Sub(last) >= w.Schedule.Full || last.After(now)
}

func (w *Watcher) report(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	was := w.err
	w.err = err
	w.mu.Unlock()
	switch {
	case err != nil && (was == nil || was.Error() != err.Error()):
		w.Log.Warn("a source could not be listed whole", "source", w.Source, "err", err)
	case err == nil && was != nil:
		w.Log.Info("the source is listed whole again", "source", w.Source)
	}
}

// Once runs one pass and stores the cursors.
func (w *Watcher) Once(ctx context.Context, pass Pass) error {
	cursors, err := w.Offers.Cursors(ctx, w.Source)
	if err != nil {
		return fmt.Errorf("reading the cursors of source %s: %w", w.Source, err)
	}
	before := maps.Clone(cursors)
	full := cursors[fullAt]
	delete(cursors, fullAt)
	scanErr := w.Lister.Scan(ctx, pass, cursors, func(objects []Object) error {
		n, err := w.Offers.Offer(ctx, objects)
		if err != nil {
			return fmt.Errorf("recording listed objects: %w", err)
		}
		if n > 0 {
			w.Found()
		}
		return nil
	})
	if pass == Full && scanErr == nil {
		full = w.Now().UTC().Format(time.RFC3339)
	}
	if full != "" {
		cursors[fullAt] = full
	}
	if !maps.Equal(before, cursors) && ctx.Err() == nil {
		if err := w.Offers.PutCursors(ctx, w.Source, cursors); err != nil {
			return fmt.Errorf("storing the cursors of source %s: %w", w.Source, err)
		}
	}
	return scanErr
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
