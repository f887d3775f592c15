package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/store"
)

// refusing is a source's error that says whether trying again helps.
type refusing struct{ error }

func (refusing) Permanent() bool { return true }

// TestGroup loads three objects in one group while something goes wrong.
func TestGroup(t *testing.T) {
	t.Parallel()
	only := func(key string, err error) func(string) error {
		return func(k string) error {
			if k == key {
				return err
			}
			return nil
		}
	}
	broken := errors.New("broken")
	for _, c := range []struct {
		name   string
		fault  func(w *world)
		states string
		rows   map[string]int64
		err    error
	}{
		{name: "nothing", fault: func(*world) {}, states: "a:loaded b:loaded c:loaded", rows: map[string]int64{"a": 1, "b": 1, "c": 1}},
		{
			name: "one cannot be opened now", fault: func(w *world) { w.onOpen = only("b", broken) },
			states: "a:loaded b:waiting c:loaded", rows: map[string]int64{"a": 1, "c": 1},
		},
		{
			name: "one can never be opened", fault: func(w *world) { w.onOpen = only("b", refusing{broken}) },
			states: "a:loaded b:failed c:loaded", rows: map[string]int64{"a": 1, "c": 1},
		},
		{
			name: "one is gone", fault: func(w *world) { w.onOpen = only("b", fmt.Errorf("opening: %w", ErrGone)) },
			states: "a:loaded b:gone c:loaded", rows: map[string]int64{"a": 1, "c": 1},
		},
		{
			name: "one changed while it was read", fault: func(w *world) { w.onCheck = only("a", ErrChanged) },
			states: "a:gone b:loaded c:loaded", rows: map[string]int64{"b": 1, "c": 1},
		},
		{
			name: "the disk is full", fault: func(w *world) {
				w.onWrite = func(store.Part, map[string]int64) error { return fmt.Errorf("writing: %w", ErrNoSpace) }
			},
			states: "a:pending b:pending c:pending", rows: map[string]int64{}, err: ErrNoSpace,
		},
		{
			name: "the ledger is full", fault: func(w *world) { w.onCommit = func(Commit) error { return ErrNoSpace } },
			states: "a:pending b:pending c:pending", rows: map[string]int64{}, err: ErrNoSpace,
		},
		{
			name: "parts cannot be recorded", fault: func(w *world) { w.onPrepare = func() error { return broken } },
			states: "a:pending b:pending c:pending", rows: map[string]int64{}, err: broken,
		},
		{
			name: "the store refuses what one became", fault: func(w *world) {
				w.onWrite = func(_ store.Part, rows map[string]int64) error {
					if rows[w.objects["b"].ID()] > 0 {
						return fmt.Errorf("writing: %w", ErrRefused)
					}
					return nil
				}
			},
			states: "a:loaded b:waiting c:loaded", rows: map[string]int64{"a": 1, "c": 1},
		},
		{
			name: "overtaken once", fault: func(w *world) {
				var n int
				w.onCommit = func(Commit) error {
					if n++; n == 1 {
						return fmt.Errorf("%w: parts were merged", ErrStale)
					}
					return nil
				}
			},
			states: "a:loaded b:loaded c:loaded", rows: map[string]int64{"a": 1, "b": 1, "c": 1},
		},
		{
			name: "a lease was lost before the first part", fault: func(w *world) {
				var n int
				w.onPrepare = func() error {
					if n++; n == 1 {
						return fmt.Errorf("%w: lease", ErrStale)
					}
					return nil
				}
			},
			states: "a:loaded b:loaded c:loaded", rows: map[string]int64{"a": 1, "b": 1, "c": 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld("a", "b", "c")
			c.fault(w)
			_, err := w.drain(t, w.pipeline(t, nil))
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if got := w.states(); got != c.states {
				t.Errorf("objects %s, want %s", got, c.states)
			}
			if diff := cmp.Diff(c.rows, w.tidy(t)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailureCostsNothing: an object that cannot be read does not have its neighbours read again.
func TestFailureCostsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld("a", "b", "c")
	var opened []string
	w.onOpen = func(key string) error {
		opened = append(opened, key)
		if key == "b" {
			return errors.New("broken")
		}
		return nil
	}
	if _, err := w.drain(t, w.pipeline(t, nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, opened); diff != "" {
		t.Error(diff)
	}
	w.tidy(t)
}

// TestCommitInDoubt: when a commit fails in a way that leaves open whether it is there, no file
// is removed: the ledger may have it.
func TestCommitInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld("a")
	lost := errors.New("no answer")
	w.onCommit = func(c Commit) error {
		for _, p := range c.Parts { // it is there all the same
			w.parts[p.ID].state, w.parts[p.ID].rows = "live", p.Rows
		}
		w.objects["a"].state = "loaded"
		return lost
	}
	if _, err := w.drain(t, w.pipeline(t, nil)); !errors.Is(err, lost) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(map[string]int64{"a": 1}, w.tidy(t)); diff != "" {
		t.Error(diff)
	}
	for id, p := range w.parts {
		if !p.file {
			t.Errorf("the file of part %s is gone", id)
		}
	}
}

// TestCutThenFailed: an object that fails after rows of it were written takes its group back, and
// the others are loaded without it.
func TestCutThenFailed(t *testing.T) {
	t.Parallel()
	w := newWorld("a", "c")
	w.add("b", strings.Repeat("event 200\n", 5000))
	w.onOpen = func(key string) error { return nil }
	var opened atomic.Int32
	p := w.pipeline(t, func(c *Config) { c.Reader = logtype.Options{BatchBytes: 4 << 10} })
	base := p.feeds
	p.feeds = func(name string) (Feed, bool) {
		f, ok := base(name)
		f.Source = breaking{w, "b", &opened}
		return f, ok
	}
	if _, err := w.drain(t, p); err != nil {
		t.Fatal(err)
	}
	if got := w.states(); got != "a:loaded b:waiting c:loaded" {
		t.Error(got)
	}
	if diff := cmp.Diff(map[string]int64{"a": 1, "c": 1}, w.tidy(t)); diff != "" {
		t.Error(diff)
	}
}

// TestLeaseLost: a worker whose lease is taken away in the middle commits nothing.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	w := newWorld("a")
	taken := false
	p := w.pipeline(t, func(c *Config) {
		c.Step = func(step string) {
			if step == StepWritten && !taken { // the worker sleeps here, and another one loads the object
				taken = true
				other := w.pipeline(t, nil)
				w.mu.Lock()
				w.objects["a"].state = "pending"
				w.mu.Unlock()
				if _, err := w.drain(t, other); err != nil {
					t.Error(err)
				}
			}
		}
	})
	told, err := w.drain(t, p)
	if err != nil || len(told) != 0 {
		t.Errorf("the slow worker was told %v, %v", told, err)
	}
	if diff := cmp.Diff(map[string]int64{"a": 1}, w.tidy(t)); diff != "" {
		t.Error(diff)
	}
}

// TestRenewFails: a group ends when its leases cannot be renewed, and intake does not call that
// a fault.
func TestRenewFails(t *testing.T) {
	t.Parallel()
	w := newWorld("a", "b")
	var renewed atomic.Bool
	first := make(chan struct{}, 1)
	first <- struct{}{}
	w.onRenew = func() error { renewed.Store(true); return fmt.Errorf("%w: lease", ErrStale) }
	w.onOpen = func(key string) error {
		select {
		case <-first: // only the first reading waits for the renewal
			for !renewed.Load() {
				time.Sleep(time.Millisecond)
			}
		default:
		}
		return nil
	}
	p := w.pipeline(t, func(c *Config) { c.LeaseRenew = 10 * time.Millisecond })
	if _, err := w.drain(t, p); err != nil {
		t.Error(err)
	}
	if got := w.states(); got != "a:loaded b:loaded" {
		t.Error(got)
	}
	w.tidy(t)
}

// TestRun: trouble that is not one object's pauses intake, says why, and passes.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault func(w *world, broken *atomic.Bool)
		keys  []string
	}{
		{"full disk", func(w *world, broken *atomic.Bool) {
			w.onWrite = func(store.Part, map[string]int64) error {
				if broken.Load() {
					return ErrNoSpace
				}
				return nil
			}
		}, []string{"a", "b"}},
		{"no leases, and nothing to load afterwards", func(w *world, broken *atomic.Bool) {
			w.onLease = func() error {
				if broken.Load() {
					return errors.New("ledger does not answer")
				}
				return nil
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(c.keys...)
			var broken atomic.Bool
			broken.Store(true)
			c.fault(w, &broken)
			p := w.pipeline(t, nil)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- p.Run(ctx, []string{"s"}) }()
			until(ctx, t, func() bool { return p.Paused() != nil })
			if strings.Contains(w.states(), "loaded") {
				t.Error(w.states())
			}
			broken.Store(false)
			until(ctx, t, func() bool { return p.Paused() == nil && !strings.Contains(w.states(), "pending") })
			until(ctx, t, func() bool { return !strings.Contains(w.states(), "leased") })
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			w.tidy(t)
		})
	}
}

func until(ctx context.Context, t *testing.T, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatal("waited too long")
		case <-time.After(time.Millisecond):
		}
	}
}

// TestRejectsAreBounded: what is kept of the rejected records of one object has an end.
func TestRejectsAreBounded(t *testing.T) {
	t.Parallel()
	var rs rejects
	const n = rejectsKept + 1000
	for i := range n {
		reason := []string{"syntax", "frame"}[i%2]
		rs.add(logtype.Reject{Type: "x", Reason: reason, Offset: int64(i) * 10, Length: 9, Records: 2, Raw: make([]byte, 8)})
	}
	if len(rs.list) != rejectsKept+2 {
		t.Errorf("%d entries", len(rs.list))
	}
	var records int64
	for _, r := range rs.list {
		records += r.Records
	}
	if records != 2*n {
		t.Errorf("%d records of %d are counted", records, 2*n)
	}
	last := rs.list[rejectsKept+1]
	if want := int64(rejectsKept+1) * 10; last.Offset != want || last.Offset+last.Length != (n-1)*10+9 || last.Raw != nil {
		t.Errorf("the rest is %+v", last)
	}
}
