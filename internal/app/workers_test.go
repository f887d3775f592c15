package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// second is another worker process on the ledger and lake of an App, as far as they can tell.
func second(a *App, owner string, step func(string)) *ingest.Pipeline {
	c := a.ingestConfig()
	c.Step, c.Workers = step, 1
	return ingest.New(c, &ledger{db: a.db, owner: owner}, a.feed, partStore{a.lake}, a.content.Set,
		func() ingest.Stage { return a.tables.NewWorker() }, ingest.NewMetrics(metrics.NewSet()), slog.New(slog.DiscardHandler))
}

// TestTwoWorkers lets two pipelines with several workers each load the same objects.
func TestTwoWorkers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "data", "inbox")
	logs(t, in, 15, 10)
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{tune: func(c *ingest.Config) { c.GroupCount = 2 }})
	offerInbox(t, a)
	var wg sync.WaitGroup
	var mu sync.Mutex
	told := map[string]int{}
	for _, p := range []*ingest.Pipeline{a.pipeline, second(a, "other", func(string) {}), second(a, "third", func(string) {})} {
		wg.Go(func() {
			err := p.Drain(ctxOf(t), inboxName, func() bool { return false }, func(r ingest.Result, err error) {
				mu.Lock()
				defer mu.Unlock()
				told[r.Lease.Key]++
				if err != nil {
					t.Errorf("%s: %v", r.Lease.Key, err)
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for key, n := range told {
		if n != 1 {
			t.Errorf("object %s was loaded %d times", key, n)
		}
	}
	if h := settled(t, a); len(told) != 45 || len(h.Events) != 15*(10+10+1) {
		t.Errorf("%d objects, %d events", len(told), len(h.Events))
	}
}

// offerInbox lists the inbox once, without waiting for its files to rest.
func offerInbox(t *testing.T, a *App) {
	t.Helper()
	s, err := openNow(inboxName, Inbox(a.cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := &feed{src: s, kind: "folder", where: Inbox(a.cfg)}
	w := &ingest.Watcher{Source: inboxName, Lister: f, Offers: a.ledger, Found: func() {}, Now: time.Now, Log: quiet()}
	if err := w.Once(ctxOf(t), ingest.Full); err != nil {
		t.Fatal(err)
	}
}

// TestLeaseLost lets a worker sleep at a step until its lease is over and somebody else has
// loaded its objects: it commits nothing and leaves nothing behind.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	for _, at := range []string{ingest.StepLeased, ingest.StepPrepared, ingest.StepWritten, ingest.StepCommit} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			logs(t, filepath.Join(dir, "data", "inbox"), 2, 10)
			var mu sync.Mutex
			ahead := time.Duration(0)
			clock := func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return time.Now().Add(ahead)
			}
			a := opened(t, configAt(filepath.Join(dir, "data")), probes{clock: clock})
			offerInbox(t, a)
			var once sync.Once
			slow := second(a, "slow", func(step string) {
				if step != at {
					return
				}
				once.Do(func() {
					mu.Lock()
					ahead = 2 * leaseTTL
					mu.Unlock()
					rec, err := a.db.Recover(ctxOf(t), "")
					if err != nil || rec.Leases == 0 {
						t.Errorf("the lease is not over: %+v, %v", rec, err)
					}
					if err := a.sweep(ctxOf(t), rec.Parts); err != nil {
						t.Error(err)
					}
					if err := second(a, "quick", func(string) {}).Drain(ctxOf(t), inboxName, func() bool { return false }, func(ingest.Result, error) {}); err != nil {
						t.Error(err)
					}
				})
			})
			err := slow.Drain(ctxOf(t), inboxName, func() bool { return false }, func(r ingest.Result, err error) {
				t.Errorf("the slow worker settled %s: %v", r.Lease.Key, err)
			})
			if err != nil {
				t.Errorf("the slow worker ended with %v", err)
			}
			if h := settled(t, a); len(h.Events) != 2*(10+10+1) {
				t.Errorf("%d events", len(h.Events))
			}
			assertFilesAreLive(t, a)
		})
	}
}

// assertFilesAreLive fails if a file of the lake belongs to no live part.
func assertFilesAreLive(t *testing.T, a *App) {
	t.Helper()
	s, err := a.db.Snapshot(ctxOf(t), nil, 0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	live := map[string]bool{}
	for _, p := range s.Parts {
		live[p.Path] = true
	}
	for _, f := range partFiles(t, a) {
		if !live[f.Path] {
			t.Errorf("file %s is left behind", f.Path)
		}
	}
}

// TestSharedPartReplaced changes two objects whose old rows are in one part and loads them in groups of
// their own at the same time: one of the two is overtaken and does it again.
func TestSharedPartReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "logs")
	for i, name := range []string{"a.log", "b.log", "c.log"} {
		put(t, filepath.Join(in, name), wafLines(t, 10*i, 10))
	}
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{tune: func(c *ingest.Config) { c.Workers = 1 }})
	loadOf(t, a, in)
	for i, name := range []string{"a.log", "b.log"} {
		put(t, filepath.Join(in, name), wafLines(t, 100+10*i, 4))
	}
	c := a.ingestConfig()
	c.Workers, c.GroupCount = 2, 1
	both := make(chan struct{})
	var tries atomic.Int32
	c.Step = func(step string) {
		if step != ingest.StepCommit {
			return
		}
		if tries.Add(1) == 2 {
			close(both)
		}
		<-both // the first try of each waits for the other
	}
	a.pipeline = a.newPipeline(c)
	loadOf(t, a, in)
	if tries.Load() != 3 {
		t.Errorf("%d commits were tried: want one to be overtaken", tries.Load())
	}
	want := map[string]int64{"1 replaced": 0, "2 done": 4}
	for _, name := range []string{"a.log", "b.log"} {
		if diff := cmp.Diff(want, rowsOf(t, a, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if h := settled(t, a); len(h.Events) != 18 {
		t.Errorf("%d events", len(h.Events))
	}
}

// TestPoison: what the store refuses of one object does not keep the others from being loaded.
func TestPoison(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 2, 10)
	put(t, filepath.Join(dir, "logs", "bad.log"), wafLines(t, 900, 10))
	bad := filepath.Join(dir, "logs", "bad.log")
	marks := text(t).waf[900]
	mark := string(marks[bytes.Index(marks, []byte(`"requestId":"`)):][:40])
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{store: func(s ingest.Store) ingest.Store {
		return refusingStore{s, mark}
	}})
	s := loadOf(t, a, filepath.Join(dir, "logs"))
	if s.Failed != 1 || s.Loaded != 6 || len(s.Errors) != 1 {
		t.Errorf("summary %+v", s)
	}
	held(t, a)
	if l := ledgerOf(t, a, state.ObjectFilter{States: []state.State{state.Waiting}}); len(l) != 1 || l[0].Key != bad[1:] {
		t.Errorf("waiting: %+v", l)
	}
	assertFilesAreLive(t, a)
}

// refusingStore does not take a record with a mark.
type refusingStore struct {
	ingest.Store
	mark string // in an original record
}

func (s refusingStore) Write(ctx context.Context, p *store.Part, b *event.Batch, at time.Time) error {
	for _, o := range b.Original {
		if strings.Contains(o, s.mark) {
			return fmt.Errorf("%w: odd batch", ingest.ErrRefused)
		}
	}
	return s.Store.Write(ctx, p, b, at)
}

// TestLockedOut: the second process is told who has the folder.
func TestLockedOut(t *testing.T) {
	t.Parallel()
	c := configAt(t.TempDir())
	opened(t, c, probes{})
	_, err := Open(ctxOf(t), c, "load", quiet())
	var locked *state.LockedError
	if !errors.As(err, &locked) || locked.Holder.PID != os.Getpid() {
		t.Errorf("second open: %v", err)
	}
}
