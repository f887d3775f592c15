package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/store"
)

// The environment of a child: where it works, and the step before which it kills itself.
const (
	killDir  = "YAGURA_STATE_KILL_DIR"
	killStep = "YAGURA_STATE_KILL_STEP"
)

// killSteps are the places where a process may die, in their order.
var killSteps = []string{"offer", "lease", "before T1", "after T1", "during write", "after fsync", "inside T2", "after commit", "end",
	"merge before T1", "merge after T1", "merge after fsync", "merge inside T2", "merge after commit", "merge before unlink", "merge after unlink", "merge end"}

const killObjects, killGroup = 6, 2 // three groups; the child dies in the second

// TestKill kills a process at every step of loading and checks that the next one finishes the
// work with nothing lost, nothing doubled and nothing foreign removed.
func TestKill(t *testing.T) {
	if dir := os.Getenv(killDir); dir != "" {
		killChild(t, dir, os.Getenv(killStep))
		return
	}
	t.Parallel()
	for _, step := range killSteps {
		t.Run(strings.ReplaceAll(step, " ", "_"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			foreign := filepath.Join(dir, "hot", "aws.waf", "foreign.parquet")
			ok(t, os.MkdirAll(filepath.Dir(foreign), 0o750))
			ok(t, os.WriteFile(foreign, []byte("not ours\n"), 0o640))

			runKillChild(t, dir, step)
			pendingOther := otherWorker(t, dir)
			runKillChild(t, dir, "") // the next life finishes
			checkKill(t, dir, foreign, pendingOther)
		})
	}
}

func runKillChild(t *testing.T, dir, step string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$", "-test.timeout=30s")
	cmd.Env = append(os.Environ(), killDir+"="+dir, killStep+"="+step)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case step == "" && err != nil:
		t.Fatalf("child: %v\n%s", err, out)
	case step != "" && (!errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL):
		t.Fatalf("child was to die at %q: %v\n%s", step, err, out)
	}
}

// otherWorker leaves a live pending part of somebody else in the catalogue, with its file.
func otherWorker(t *testing.T, dir string) File {
	t.Helper()
	ctx := context.Background()
	d := openAt(t, filepath.Join(dir, "state.db"), nil)
	defer d.Close()
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("other", 0, "v1")}))
	l := must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "other/1", Objects: 1, TTL: time.Hour, Sources: []string{"other"}}))
	p := newPart()
	ok(t, d.PrepareParts(ctx, "other/1", l, []store.Part{p}))
	ok(t, os.WriteFile(filepath.Join(dir, p.Tier, p.Path), []byte("half"), 0o640))
	return File{p.Tier, p.Path}
}

// killChild is a worker: it loads every object of source waf as one row each, into real files.
func killChild(t *testing.T, dir, die string) {
	ctx := context.Background()
	group, merging := 0, false
	at := func(step string) {
		if step == die && (group == 1 || merging) {
			ok(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
			select {}
		}
	}
	unlock, err := Lock(dir, Holder{Command: "serve"})
	ok(t, err)
	defer unlock()
	d := must[*DB](t)(Open(ctx, filepath.Join(dir, "state.db"), Options{}))
	defer d.Close()
	d.hook = func(step string) {
		if merging {
			step = "merge " + step
		}
		at(step)
	}
	r := must[Recovery](t)(d.Recover(ctx, "serve"))
	removeParts(t, d, dir, r.Parts)
	must[int](t)(d.Offer(ctx, infos("waf", killObjects)))
	for ; ; group++ {
		at("offer")
		leases := must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "serve/1", Objects: killGroup, TTL: time.Minute, Sources: []string{"waf"}}))
		if len(leases) == 0 {
			break
		}
		at("lease")
		p, found := newPart(), newPart()
		found.LogType, found.Derived = alert.LogType, true
		at("before T1")
		ok(t, d.PrepareParts(ctx, "serve/1", leases, []store.Part{p, found}))
		at("after T1")
		f := must[*os.File](t)(os.Create(filepath.Join(dir, p.Tier, p.Path)))
		var rec CommitRecord
		var rows []ObjectRows
		for _, l := range leases {
			must[int](t)(fmt.Fprintln(f, l.Object.ID))
			at("during write")
			rows = append(rows, ObjectRows{l.Object.ID, 1})
			rec.Objects = append(rec.Objects, done(l, 1))
			rec.Raises = append(rec.Raises, raise(ruleA, "root", l.Object.ID, 1, 1, 1))
		}
		ok(t, os.WriteFile(filepath.Join(dir, found.Tier, found.Path), must[[]byte](t)(os.ReadFile(f.Name())), 0o640))
		ok(t, f.Sync())
		ok(t, f.Close())
		at("after fsync")
		rec.Parts = []CommitPart{written(p, rows...), findingRows(found, rec.Raises)}
		must[int64](t)(d.Commit(ctx, rec))
		at("after commit")
		for _, l := range leases {
			ok(t, os.WriteFile(filepath.Join(dir, "ack-"+l.Object.ID), nil, 0o640))
		}
		at("end")
	}
	merging = true
	mergeChild(t, d, dir, at)
}

// mergeChild rewrites all live parts into one and removes what that leaves behind.
func mergeChild(t *testing.T, d *DB, dir string, at func(string)) {
	ctx := context.Background()
	s := snapshot(t, d)
	if len(s.Parts) > 1 {
		at("merge before T1")
		p := newPart()
		ok(t, d.PrepareRewrite(ctx, "serve/compactor", []store.Part{p}, time.Minute))
		at("merge after T1")
		rec := CommitRecord{}
		var rows []ObjectRows
		f := must[*os.File](t)(os.Create(filepath.Join(dir, p.Tier, p.Path)))
		for _, old := range s.Parts {
			b := must[[]byte](t)(os.ReadFile(filepath.Join(dir, old.Tier, old.Path)))
			must[int](t)(f.Write(b))
			rec.Replace = append(rec.Replace, old.ID)
			for _, id := range strings.Fields(string(b)) {
				rows = append(rows, ObjectRows{id, 1})
			}
		}
		ok(t, f.Sync())
		ok(t, f.Close())
		at("merge after fsync")
		rec.Parts = []CommitPart{written(p, rows...)}
		must[int64](t)(d.Commit(ctx, rec))
		at("merge after commit")
	}
	s.Release()
	g := must[[]DeadPart](t)(d.Garbage(ctx, 0))
	at("merge before unlink")
	for i, p := range g {
		removeParts(t, d, dir, []DeadPart{p})
		if i == 0 {
			at("merge after unlink")
		}
	}
	at("merge end")
}

func removeParts(t *testing.T, d *DB, dir string, parts []DeadPart) {
	t.Helper()
	var ids []string
	for _, p := range parts {
		for _, f := range p.Files {
			if err := os.Remove(filepath.Join(dir, f.Tier, f.Path)); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		ids = append(ids, p.ID)
	}
	ok(t, d.Forget(context.Background(), ids))
}

func checkKill(t *testing.T, dir, foreign string, other File) {
	t.Helper()
	ctx := context.Background()
	d := openAt(t, filepath.Join(dir, "state.db"), nil)
	defer d.Close()
	// Every object's row exactly once in the live parts.
	got := map[string]int{}
	known := []string{filepath.Join("hot", other.Path)}
	s := snapshot(t, d)
	defer s.Release()
	if len(s.Parts) != 1 {
		t.Errorf("%d live parts after the merge", len(s.Parts))
	}
	for _, p := range s.Parts {
		b := must[[]byte](t)(os.ReadFile(filepath.Join(dir, p.Tier, p.Path)))
		for _, id := range strings.Fields(string(b)) {
			got[id]++
		}
		known = append(known, filepath.Join(p.Tier, p.Path))
	}
	// And its finding, counted by the alert.
	findings := map[string]int{}
	fs := must[store.Snapshot](t)(d.Snapshot(ctx, []string{alert.LogType}, 0, 1<<62))
	defer fs.Release()
	for _, p := range fs.Parts {
		for _, id := range strings.Fields(string(must[[]byte](t)(os.ReadFile(filepath.Join(dir, p.Tier, p.Path))))) {
			findings[id]++
		}
		known = append(known, filepath.Join(p.Tier, p.Path))
	}
	if diff := cmp.Diff(got, findings); diff != "" {
		t.Errorf("events (-), findings (+):\n%s", diff)
	}
	if a := alertOf(t, d, raise(ruleA, "root", "", 1, 1, 1)); a.Findings != killObjects {
		t.Errorf("the alert has %d findings", a.Findings)
	}
	if diff := cmp.Diff([]string{alert.LogRaised}, actions(t, d, raise(ruleA, "root", "", 1, 1, 1).Alert)); diff != "" {
		t.Error(diff)
	}
	consistent(t, d)
	want := map[string]int{}
	for _, o := range infos("waf", killObjects) {
		want[o.ID()] = 1
		if o := must[Object](t)(d.Object(ctx, o.ID())); o.State != Done {
			t.Errorf("object %s is %s", o.Key, o.State)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// On disk: the live parts, the other worker's file, the foreign file, nothing else.
	var files []string
	for _, f := range must[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(foreign))) {
		files = append(files, filepath.Join("hot", "aws.waf", f.Name()))
	}
	known = append(known, filepath.Join("hot", "aws.waf", filepath.Base(foreign)))
	if diff := cmp.Diff(known, files, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Error(diff)
	}
	var asked []File
	for _, f := range files {
		asked = append(asked, File{"hot", strings.TrimPrefix(f, "hot/")})
	}
	if diff := cmp.Diff([]File{{"hot", "aws.waf/foreign.parquet"}}, must[[]File](t)(d.Unknown(ctx, asked))); diff != "" {
		t.Error(diff)
	}
}

// TestRestore puts an older copy of the state file back: the files of parts that it does not
// know stay, and their objects are loaded again.
func TestRestore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	dir := t.TempDir()
	path := filepath.Join(dir, "state.db")
	d := openAt(t, path, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 4)))
	load(t, d, "serve/1", lease(t, d, "serve/1", 1))
	// The copy is taken while a part is being written.
	leases := lease(t, d, "serve/1", 1)
	half := newPart()
	ok(t, d.PrepareParts(ctx, "serve/1", leases, []store.Part{half}))
	copied := filepath.Join(dir, "copy.db")
	ok(t, d.Backup(ctx, copied))
	rec := CommitRecord{Objects: []ObjectResult{done(leases[0], 3)}, Parts: []CommitPart{written(half, ObjectRows{leases[0].Object.ID, 3})}}
	must[int64](t)(d.Commit(ctx, rec))
	newer := load(t, d, "serve/1", lease(t, d, "serve/1", 2))
	ok(t, d.Close())

	d = openAt(t, copied, c.now)
	r := must[Recovery](t)(d.Recover(ctx, "serve"))
	if len(r.Parts) != 0 {
		t.Fatalf("a restored copy wants to remove %v", r.Parts)
	}
	if g := must[[]DeadPart](t)(d.Garbage(ctx, 0)); len(g) != 0 {
		t.Fatalf("a restored copy wants to remove %v", g)
	}
	files := []File{{half.Tier, half.Path}, {newer.Tier, newer.Path}}
	if diff := cmp.Diff(files, must[[]File](t)(d.Unknown(ctx, files))); diff != "" {
		t.Fatal(diff)
	}
	if n := len(lease(t, d, "serve/1", 10)); n != 3 {
		t.Fatalf("%d objects are loaded again, want 3", n)
	}
}
