package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/store"
)

// TestGenerations loads a file, changes it in every way and loads it again.
func TestGenerations(t *testing.T) {
	t.Parallel()
	old := wafLines(t, 0, 30)
	more := append(bytes.Clone(old), wafLines(t, 30, 12)...)
	noEnd := bytes.TrimRight(old, "\n")
	for _, c := range []struct {
		name     string
		old, new []byte
		rows     map[string]int64
		known    int64 // in the second summary
	}{
		{"touched", old, old, map[string]int64{"1 done": 30, "2 skipped": 0}, 1},
		{"appended", old, more, map[string]int64{"1 done": 30, "2 done": 12}, 0},
		{"appended after an open line", noEnd, more, map[string]int64{"1 replaced": 0, "2 done": 42}, 0},
		{"appended, compressed", squeeze(t, old), squeeze(t, more), map[string]int64{"1 replaced": 0, "2 done": 42}, 0},
		{"a gzip member appended", squeeze(t, old), append(squeeze(t, old), squeeze(t, wafLines(t, 30, 12))...), map[string]int64{"1 replaced": 0, "2 done": 42}, 0},
		{"changed", old, wafLines(t, 100, 7), map[string]int64{"1 replaced": 0, "2 done": 7}, 0},
		{"emptied", old, nil, map[string]int64{"1 replaced": 0, "2 done": 0}, 0},
		{"now garbage", old, []byte("\x00\x01 nothing\n"), map[string]int64{"1 replaced": 0, "2 unrecognized": 0}, 0},
		{"was garbage", []byte("\x00\x01 nothing\n"), old, map[string]int64{"1 replaced": 0, "2 done": 30}, 0},
		{"was cut off", squeeze(t, more)[:2000], squeeze(t, more), map[string]int64{"1 replaced": 0, "2 done": 42}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			name := filepath.Join(dir, "logs", "waf.log")
			put(t, name, c.old)
			put(t, filepath.Join(dir, "logs", "other.log"), wafLines(t, 200, 5)) // shares the parts
			a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
			loadOf(t, a, filepath.Join(dir, "logs"))
			put(t, name, c.new)
			later := time.Now().Add(time.Second)
			if err := os.Chtimes(name, later, later); err != nil {
				t.Fatal(err)
			}
			s := loadOf(t, a, filepath.Join(dir, "logs"))
			if s.Objects != 2 || s.Known != 1+c.known || s.Failed != 0 {
				t.Errorf("second load: %+v", s)
			}
			if diff := cmp.Diff(c.rows, rowsOf(t, a, "waf.log")); diff != "" {
				t.Errorf("rows by generation (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]int64{"1 done": 5}, rowsOf(t, a, "other.log")); diff != "" {
				t.Errorf("the neighbour (-want +got):\n%s", diff)
			}
			settled(t, a)
		})
	}
}

// TestReplacedInOneMoment asks all the while an object is replaced: the answer is the old rows or the
// new ones, never both or none. And the replaced files go when nobody can want them any more.
func TestReplacedInOneMoment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "logs", "waf.log")
	put(t, name, wafLines(t, 0, 30))
	var asked sync.WaitGroup
	stop := make(chan struct{})
	seen := map[int64]int{}
	step := make(chan string)
	watching := false
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{tune: func(c *ingest.Config) {
		c.Step = func(s string) {
			if watching {
				step <- s // each step waits for an answer that was asked for before it
			}
		}
	}})
	loadOf(t, a, filepath.Join(dir, "logs"))
	asked.Go(func() {
		for {
			seen[counted(t, a)]++
			select {
			case <-step:
			case <-stop:
				return
			}
		}
	})
	watching = true
	put(t, name, wafLines(t, 100, 7))
	loadOf(t, a, filepath.Join(dir, "logs"))
	close(stop)
	asked.Wait()
	for n := range seen {
		if n != 30 && n != 7 {
			t.Errorf("an answer saw %d events", n)
		}
	}
	if seen[30] < 3 {
		t.Errorf("answers %v: want some before the commit", seen)
	}
	if n := counted(t, a); n != 7 {
		t.Errorf("%d events in the end", n)
	}
	if n := len(partFiles(t, a)); n < 2 {
		t.Errorf("the old part went at once, %d files", n)
	}
	dead, err := a.db.Garbage(ctxOf(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.sweep(ctxOf(t), dead); err != nil {
		t.Fatal(err)
	}
	settled(t, a)
	s, err := a.db.Snapshot(ctxOf(t), nil, 0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	if got := len(partFiles(t, a)); got != len(s.Parts) {
		t.Errorf("%d files of %d parts", got, len(s.Parts))
	}
}

// TestChangesUnderway: an object that changes or vanishes while it is read is not committed;
// its neighbours are, and what is there afterwards is loaded next time.
func TestChangesUnderway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		step  string
		spoil func(t *testing.T, name string)
		first string // in the summary's error
		rows  map[string]int64
	}{
		{
			"changed behind the reader", ingest.StepWritten,
			func(t *testing.T, name string) { put(t, name, wafLines(t, 50, 9)) },
			"not the one that was listed", map[string]int64{"1 replaced": 0, "2 done": 9},
		},
		{
			"grown before it is read", ingest.StepLeased,
			func(t *testing.T, name string) { put(t, name, wafLines(t, 0, 40)) },
			"not the one that was listed", map[string]int64{"1 replaced": 0, "2 done": 40},
		},
		{
			"deleted before it is read", ingest.StepLeased,
			func(t *testing.T, name string) { _ = os.Remove(name) },
			"does not exist any more", map[string]int64{"1 gone": 0},
		},
		{
			"deleted behind the reader", ingest.StepCommit,
			func(t *testing.T, name string) { _ = os.Remove(name) },
			"", map[string]int64{"1 done": 30}, // what was read is what was there
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			name := filepath.Join(dir, "logs", "waf.log")
			put(t, name, wafLines(t, 0, 30))
			put(t, filepath.Join(dir, "logs", "other.log"), wafLines(t, 200, 5))
			var once sync.Once
			a := opened(t, configAt(filepath.Join(dir, "data")), probes{tune: func(cfg *ingest.Config) {
				cfg.Workers = 1
				cfg.Step = func(step string) {
					if step == c.step {
						once.Do(func() { c.spoil(t, name) })
					}
				}
			}})
			s := loadOf(t, a, filepath.Join(dir, "logs"))
			switch {
			case c.first == "" && s.Failed != 0,
				c.first != "" && (s.Failed != 1 || len(s.Errors) != 1 || !strings.Contains(s.Errors[0].Reason, c.first) || !strings.HasSuffix(s.Errors[0].Object, "waf.log")):
				t.Errorf("first load: %+v", s)
			}
			held(t, a)
			loadOf(t, a, filepath.Join(dir, "logs"))
			if diff := cmp.Diff(c.rows, rowsOf(t, a, "waf.log")); diff != "" {
				t.Errorf("rows by generation (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]int64{"1 done": 5}, rowsOf(t, a, "other.log")); diff != "" {
				t.Errorf("the neighbour (-want +got):\n%s", diff)
			}
			settled(t, a)
		})
	}
}

// TestRestore puts an older copy of the state back: files it does not know stay where they are,
// and their objects are loaded again.
func TestRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := configAt(filepath.Join(dir, "data"))
	logs(t, filepath.Join(dir, "logs", "a"), 2, 10)
	copied := filepath.Join(dir, "state.copy")
	var want holding
	var newer []store.Part
	reopened(t, c, probes{}, func(a *App) {
		loadOf(t, a, filepath.Join(dir, "logs"))
		if err := a.db.Backup(ctxOf(t), copied); err != nil {
			t.Fatal(err)
		}
		before := a.db.Seq()
		logs(t, filepath.Join(dir, "logs", "b"), 2, 10)
		loadOf(t, a, filepath.Join(dir, "logs"))
		want = settled(t, a)
		s, err := a.db.Snapshot(ctxOf(t), nil, 0, 1<<62)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Release()
		for _, p := range s.Parts {
			if p.Seq > before {
				newer = append(newer, p)
			}
		}
	})
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(c.Data, "state.db"+end)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.Rename(copied, filepath.Join(c.Data, "state.db")); err != nil {
		t.Fatal(err)
	}
	reopened(t, c, probes{}, func(a *App) {
		loadOf(t, a, filepath.Join(dir, "logs"))
		if diff := cmp.Diff(want, balance(t, a)); diff != "" {
			t.Errorf("before (-), restored and loaded again (+):\n%s", diff)
		}
		unknown := map[string]bool{}
		for _, f := range strangers(t, a) {
			unknown[f.Path] = true
		}
		for _, p := range newer {
			if !unknown[p.Path] {
				t.Errorf("part %s is not reported as unknown", p.ID)
			}
			delete(unknown, p.Path)
			if _, err := os.Stat(fileOf(c.Data, p)); err != nil {
				t.Errorf("a file the restored state does not know is gone: %v", err)
			}
		}
		if len(newer) == 0 || len(unknown) > 0 {
			t.Errorf("%d newer parts, other unknown files %v", len(newer), unknown)
		}
	})
}

// TestInterrupted cancels a load at every step and repeats it.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 4, 10)
	var want holding
	reopened(t, configAt(filepath.Join(dir, "calm")), probes{}, func(a *App) {
		loadOf(t, a, filepath.Join(dir, "logs"))
		want = settled(t, a)
	})
	for _, step := range []string{ingest.StepLeased, ingest.StepPrepared, ingest.StepWritten, ingest.StepCommit, ingest.StepCommitted} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := contextWithCancel(t)
			passes := 0
			a := opened(t, configAt(filepath.Join(t.TempDir(), "data")), probes{tune: func(c *ingest.Config) {
				c.Workers, c.GroupCount = 1, 3
				c.Step = func(s string) {
					if s == step {
						if passes++; passes == 2 {
							cancel()
						}
					}
				}
			}})
			if _, err := a.Load(ctx, httpapi.LoadRequest{Target: filepath.Join(dir, "logs")}, func(httpapi.Progress) {}); err == nil {
				t.Fatal("the load ended well")
			}
			held(t, a)
			rec, err := a.db.Recover(ctxOf(t), "yagura")
			if err != nil || rec.Leases != 0 || len(rec.Parts) != 0 {
				t.Errorf("held back: %+v, %v", rec, err)
			}
			s := loadOf(t, a, filepath.Join(dir, "logs"))
			if s.Objects != 12 || s.Loaded+s.Known != 12 || s.Failed != 0 {
				t.Errorf("second load: %+v", s)
			}
			if diff := cmp.Diff(want, settled(t, a)); diff != "" {
				t.Errorf("never interrupted (-), repeated (+):\n%s", diff)
			}
		})
	}
}
