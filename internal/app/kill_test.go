package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/store"
)

// life is what a child process does in a data folder, and where it dies.
type life struct {
	Data   string
	Target string // loaded; "" = the quarantine is replayed
	Rules  string // content folder with rules, "" = the built-in ones alone
	Batch  config.Size
	Group  int
	Step   string // "" = it lives
	Pass   int    // it dies at this passing of the step, from 1
	Memory string // file for the peak of its resident memory in kB, "" = none
}

// halfWritten is a step of the tests alone: a part's file has half its bytes.
const halfWritten = "half written"

// lifeEnv carries a life to the child.
const lifeEnv = "YAGURA_APP_TEST_LIFE"

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	text := os.Getenv(lifeEnv)
	if text == "" {
		code := m.Run()
		endSharedDemo()
		os.Exit(code)
	}
	var l life
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := errors.Join(l.run(), l.measure()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (l life) config() config.Config {
	c := configAt(l.Data)
	c.Content = l.Rules
	c.Intake.Workers = 1 // so that the passings of a step have an order
	if l.Batch > 0 {
		c.Intake.Batch = l.Batch
	}
	return c
}

func (l life) probes() probes {
	passes := 0
	at := func(step string) {
		if step != l.Step {
			return
		}
		if passes++; passes == l.Pass {
			die()
		}
	}
	p := probes{tune: func(c *ingest.Config) {
		c.Step = at
		if l.Group > 0 {
			c.GroupCount = l.Group
		}
	}}
	p.store = func(s ingest.Store) ingest.Store {
		return slowStore{s, func(p store.Part, do func() error) error {
			if err := do(); err != nil || l.Step != halfWritten {
				return err
			}
			name := fileOf(l.Data, p)
			if err := os.Truncate(name, fileSize(name)/2); err != nil {
				return err
			}
			at(halfWritten)
			return os.ErrInvalid // unless this is the last pass, the file is damaged now
		}}
	}
	if l.Step != halfWritten {
		p.store = nil
	}
	return p
}

func fileSize(name string) int64 {
	fi, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return fi.Size()
}

// run is the child's life.
func (l life) run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, err := open(ctx, l.config(), "child", quiet(), l.probes())
	if err != nil {
		return err
	}
	if l.Target == "" {
		_, err = a.Replay(ctx, httpapi.QuarantineRequest{})
	} else {
		_, err = a.Load(ctx, httpapi.LoadRequest{Target: l.Target}, func(httpapi.Progress) {})
	}
	return errors.Join(err, a.Close())
}

// measure writes the peak of the resident memory, in kB. Resource usage would not do: it starts
// with the peak of the process that began this one.
func (l life) measure() error {
	if l.Memory == "" {
		return nil
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kb, _, _ := strings.Cut(after, "kB")
	return os.WriteFile(l.Memory, []byte(strings.TrimSpace(kb)), 0o644)
}

// start begins a life as a process of its own.
func (l life) start(t *testing.T) *exec.Cmd {
	t.Helper()
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctxOf(t), os.Args[0])
	cmd.Env = append(os.Environ(), lifeEnv+"="+string(b))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// killed runs a life that must end by SIGKILL.
func (l life) killed(t *testing.T) {
	t.Helper()
	err := l.start(t).Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process was to die at %q, pass %d: %v", l.Step, l.Pass, err)
	}
}

// copyTree copies a closed data folder.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// killCase is a piece of work that is interrupted everywhere.
type killCase struct {
	name  string
	life  life
	first func(t *testing.T, l life) // what the folder holds before; may be nil
	then  func(t *testing.T)         // what changes outside before the work; may be nil
	at    map[string][]int           // passes of each step to die at
}

// work does what the life was to do, undisturbed.
func (c killCase) work(t *testing.T, l life) (h holding) {
	t.Helper()
	reopened(t, l.config(), life{Group: l.Group}.probes(), func(a *App) {
		if l.Target != "" {
			loadOf(t, a, l.Target)
		} else if _, err := a.Replay(ctxOf(t), httpapi.QuarantineRequest{}); err != nil {
			t.Fatal(err)
		}
		h = settled(t, a)
	})
	return h
}

func (c killCase) run(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	before := c.life
	before.Data = filepath.Join(base, "before")
	if c.first != nil {
		c.first(t, before)
	} else if err := os.MkdirAll(before.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	if c.then != nil {
		c.then(t)
	}
	calm := c.life
	calm.Data = filepath.Join(base, "calm")
	copyTree(t, before.Data, calm.Data)
	want := c.work(t, calm)
	if len(want.Events) == 0 || len(want.Findings) == 0 || len(want.Alerts) == 0 {
		t.Fatalf("the work has %d events, %d findings, %d alerts", len(want.Events), len(want.Findings), len(want.Alerts))
	}
	for step, passes := range c.at {
		for _, pass := range passes {
			t.Run(fmt.Sprintf("%s/%d", step, pass), func(t *testing.T) {
				t.Parallel()
				l := c.life
				l.Data, l.Step, l.Pass = filepath.Join(t.TempDir(), "data"), step, pass
				copyTree(t, before.Data, l.Data)
				l.killed(t)
				if diff := cmp.Diff(want, c.work(t, l)); diff != "" {
					t.Errorf("never killed (-), killed and repeated (+):\n%s", diff)
				}
			})
		}
	}
}

// steps are all places to die, at the given passes of those that happen for every group or
// part.
func steps(passes ...int) map[string][]int {
	return map[string][]int{
		ingest.StepLeased: passes, ingest.StepPrepared: passes, halfWritten: {1},
		ingest.StepWritten: passes, ingest.StepCommit: passes, ingest.StepCommitted: passes,
	}
}

// TestKill kills the process at every step of the commit protocol and repeats the work: the
// folder then holds what it would have held without the kill.
func TestKill(t *testing.T) {
	t.Parallel()
	rules := testRules(t)
	small := t.TempDir()
	logs(t, small, 4, 10)

	huge := filepath.Join(t.TempDir(), "huge.log")
	put(t, huge, wafLines(t, 0, 600))

	changed := t.TempDir()
	for i := range 3 {
		put(t, filepath.Join(changed, fmt.Sprintf("%d.log", i)), wafLines(t, 40*i, 40))
	}
	long := t.TempDir()
	lines := slices.Clone(text(t).alb[:60])
	slices.SortFunc(lines, func(a, b []byte) int { return len(a) - len(b) })
	put(t, filepath.Join(long, "a.log"), bytes.Join(text(t).alb[:60], nil))
	put(t, filepath.Join(long, "b.json.gz"), squeeze(t, text(t).trail[0]))

	for _, c := range []killCase{
		{name: "small", life: life{Rules: rules, Target: small, Group: 5}, at: steps(1, 2)},
		{name: "huge", life: life{Rules: rules, Target: huge, Batch: 128 << 10}, at: map[string][]int{
			ingest.StepLeased: {1}, ingest.StepPrepared: {3}, ingest.StepWritten: {1, 4}, ingest.StepCommit: {1}, ingest.StepCommitted: {1},
		}},
		{
			name: "changed", life: life{Rules: rules, Target: changed},
			first: func(t *testing.T, l life) { killCase{}.work(t, l) },
			then: func(t *testing.T) {
				put(t, filepath.Join(changed, "1.log"), wafLines(t, 500, 30))
				put(t, filepath.Join(changed, "2.log"), wafLines(t, 80, 55)) // its beginning is the old content
			},
			at: steps(1),
		},
		{
			name: "replay", life: life{Rules: rules},
			first: func(t *testing.T, l life) {
				c := l.config()
				c.Intake.MaxRecord = config.Size(len(lines[40])) // about 20 lines are longer
				reopened(t, c, probes{}, func(a *App) {
					if s := loadOf(t, a, long); s.Quarantined == 0 || s.Events == 0 {
						t.Fatalf("want some records in quarantine: %+v", s)
					}
				})
			},
			at: map[string][]int{ingest.StepPrepared: {1}, halfWritten: {1}, ingest.StepWritten: {1}, ingest.StepCommit: {1}, ingest.StepCommitted: {1}},
		},
	} {
		t.Run(c.name, c.run)
	}
}

// TestKillAnywhere kills a load at random moments until one gets through.
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 30, 20)
	l := life{Data: filepath.Join(dir, "data"), Target: filepath.Join(dir, "logs"), Rules: testRules(t), Group: 3}
	calm := l
	calm.Data = filepath.Join(dir, "calm")
	want := killCase{}.work(t, calm)

	rng := rand.New(rand.NewPCG(1, 2))
	rounds := 10
	if testing.Short() {
		rounds = 4
	}
	deaths := 0
	for range rounds {
		cmd := l.start(t)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Duration(50+rng.IntN(700)) * time.Millisecond):
			_ = cmd.Process.Kill()
			<-ended
			deaths++
		}
		reopened(t, l.config(), probes{}, func(a *App) { held(t, a) })
	}
	t.Logf("%d of %d lives ended early", deaths, rounds)
	if diff := cmp.Diff(want, killCase{}.work(t, l)); diff != "" {
		t.Errorf("never killed (-), killed and repeated (+):\n%s", diff)
	}
}
