package state

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/store"
)

func partsOf(s store.Snapshot) []string {
	out := []string{}
	for _, p := range s.Parts {
		out = append(out, p.ID)
	}
	return out
}

func TestCompaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 4)))
	a, b := load(t, d, "w", lease(t, d, "w", 2)), load(t, d, "w", lease(t, d, "w", 2))
	before := snapshot(t, d)

	merge := func(p store.Part, objects ...ObjectRows) CommitRecord {
		ok(t, d.PrepareRewrite(ctx, "compactor", []store.Part{p}, time.Minute))
		return CommitRecord{Parts: []CommitPart{written(p, objects...)}, Replace: []string{a.ID, b.ID}}
	}
	all := append(append([]ObjectRows{}, a.Objects...), b.Objects...)
	lossy := append([]ObjectRows{}, all...)
	lossy[0].Rows--
	if _, err := d.Commit(ctx, merge(newPart(), lossy...)); !errors.Is(err, ErrInvalid) {
		t.Fatalf("a row was lost: %v", err)
	}
	if _, err := d.Commit(ctx, merge(newPart(), all[1:]...)); !errors.Is(err, ErrInvalid) {
		t.Fatalf("an object was lost: %v", err)
	}
	if d.Seq() != 2 {
		t.Fatalf("refused commits took numbers: %d", d.Seq())
	}
	m, twin := merge(newPart(), all...), merge(newPart(), all...)
	must[int64](t)(d.Commit(ctx, m))
	if _, err := d.Commit(ctx, twin); !errors.Is(err, ErrConflict) {
		t.Fatalf("replaced twice: %v", err)
	}
	after := snapshot(t, d)
	if diff := cmp.Diff([]string{m.Parts[0].ID}, partsOf(after)); diff != "" {
		t.Fatal(diff)
	}
	after.Release()

	// The old files stay while a snapshot names them.
	if g := must[[]DeadPart](t)(d.Garbage(ctx, 0)); len(g) != 0 {
		t.Fatal(g)
	}
	at := must[store.Snapshot](t)(d.SnapshotAt(ctx, 1, nil, 0, math.MaxInt64))
	if diff := cmp.Diff([]string{a.ID}, partsOf(at)); diff != "" {
		t.Fatal(diff)
	}
	at.Release()
	at.Release() // more than once does no harm
	if diff := cmp.Diff(before.Parts, must[store.Snapshot](t)(d.SnapshotAt(ctx, 2, []string{"aws.waf"}, 0, math.MaxInt64)).Parts); diff != "" {
		t.Fatal(diff)
	}
	before.Release()
	ok(t, d.Close()) // the snapshot above dies with its process
	d = openAt(t, d.Path(), c.now)
	if s := must[store.Snapshot](t)(d.SnapshotAt(ctx, 2, nil, 0, math.MaxInt64)); len(s.Parts) != 2 {
		t.Fatal(partsOf(s))
	} else {
		s.Release()
	}
	if g := must[[]DeadPart](t)(d.Garbage(ctx, time.Minute)); len(g) != 0 {
		t.Fatal("grace was not kept")
	}
	c.advance(time.Minute)
	g := must[[]DeadPart](t)(d.Garbage(ctx, time.Minute))
	if diff := cmp.Diff([]DeadPart{{a.ID, []File{{a.Tier, a.Path}}}, {b.ID, []File{{b.Tier, b.Path}}}}, g); diff != "" {
		t.Fatal(diff)
	}
	if _, err := d.SnapshotAt(ctx, 2, nil, 0, math.MaxInt64); !errors.Is(err, ErrSnapshotGone) {
		t.Fatal(err)
	}
	ok(t, d.Forget(ctx, []string{a.ID, b.ID}))
	ok(t, d.Close())
	d = openAt(t, d.Path(), c.now)
	if _, err := d.SnapshotAt(ctx, 2, nil, 0, math.MaxInt64); !errors.Is(err, ErrSnapshotGone) {
		t.Fatal(err)
	}
	must[store.Snapshot](t)(d.SnapshotAt(ctx, 3, nil, 0, math.MaxInt64)).Release()

	must[int64](t)(d.Commit(ctx, CommitRecord{Drop: []string{m.Parts[0].ID}}))
	if s := snapshot(t, d); len(s.Parts) != 0 {
		t.Fatal(partsOf(s))
	}
}

func TestSnapshotRange(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 20)))
	type made struct {
		id, logType string
		lo, hi      int64
	}
	var all []made
	for i := range 20 {
		l := lease(t, d, "w", 1)
		p := newPart()
		p.Day = int32(i / 4)
		p.LogType = []string{"aws.alb", "aws.waf"}[i%2]
		ok(t, d.PrepareParts(ctx, "w", l, []store.Part{p}))
		w := written(p, ObjectRows{l[0].Object.ID, 1})
		w.MinTime = int64(p.Day)*dayNS + int64(i%4)*1000
		w.MaxTime = w.MinTime + 1500
		if i%4 == 3 {
			w.MaxTime = int64(p.Day+1)*dayNS - 1
		}
		must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{done(l[0], 1)}, Parts: []CommitPart{w}}))
		all = append(all, made{p.ID, p.LogType, w.MinTime, w.MaxTime})
	}
	for _, types := range [][]string{nil, {"aws.waf"}, {"aws.waf", "aws.alb", "aws.waf"}, {"none"}} {
		for _, r := range [][2]int64{
			{math.MinInt64, math.MaxInt64}, {0, 1}, {0, 0}, {2000, 2001}, {dayNS - 1, dayNS}, {dayNS, dayNS + 1001}, {2*dayNS + 4000, 3*dayNS + 1},
			{-5, 0}, {5 * dayNS, 9 * dayNS}, {4*dayNS + 3000, math.MaxInt64},
		} {
			want := map[string]bool{}
			for _, m := range all {
				for _, n := range types {
					if n == m.logType && m.lo < r[1] && m.hi >= r[0] {
						want[m.id] = true
					}
				}
				if types == nil && m.lo < r[1] && m.hi >= r[0] {
					want[m.id] = true
				}
			}
			s := must[store.Snapshot](t)(d.Snapshot(ctx, types, r[0], r[1]))
			got := map[string]bool{}
			for _, p := range s.Parts {
				got[p.ID] = true
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) != len(s.Parts) {
				t.Errorf("%v in %v: %s", types, r, diff)
			}
			s.Release()
		}
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v1"), info("waf", 1, "v1")}))
	first := load(t, d, "w", lease(t, d, "w", 2)) // both objects in one part
	v1, other := first.Objects[0].Object, first.Objects[1].Object

	// v2 says the same.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v2")}))
	l := lease(t, d, "w", 1)
	if diff := cmp.Diff(&Prior{ID: v1, ContentHash: "h", ContentSize: 10, Loaded: []string{v1}}, l[0].Prior); diff != "" {
		t.Fatal(diff)
	}
	v2 := l[0].Object.ID
	must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{{ID: v2, Epoch: l[0].Epoch, State: Skipped, ContentHash: "h", ContentSize: 10}}}))

	// v3 has grown: only its tail is loaded.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v3")}))
	l = lease(t, d, "w", 1)
	if diff := cmp.Diff(&Prior{ID: v2, ContentHash: "h", ContentSize: 10, Loaded: []string{v1}}, l[0].Prior); diff != "" {
		t.Fatal(diff)
	}
	v3 := l[0].Object.ID
	tail := newPart()
	ok(t, d.PrepareParts(ctx, "w", l, []store.Part{tail}))
	r := done(l[0], 4)
	r.TailFrom, r.ContentHash, r.ContentSize = 10, "h3", 14
	must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{r}, Parts: []CommitPart{written(tail, ObjectRows{v3, 4})}}))

	// v4 is being read when v5 comes, v5 waits for it.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v4")}))
	l4 := lease(t, d, "w", 1)
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v5")}))
	if l := lease(t, d, "w", 1); len(l) != 0 {
		t.Fatal("two generations at once")
	}
	// v6 makes v5 moot. v4 is given up, and is not tried again.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v6")}))
	if s := must[State](t)(d.Fail(ctx, l4[0], Failure{Reason: "412", Retry: true})); s != Replaced {
		t.Fatal(s)
	}
	l = lease(t, d, "w", 5)
	if len(l) != 1 || l[0].Object.Version != "v6" || l[0].Object.Generation != 6 {
		t.Fatalf("%+v", l)
	}
	if diff := cmp.Diff(&Prior{ID: v3, ContentHash: "h3", ContentSize: 14, Loaded: []string{v3, v1}}, l[0].Prior); diff != "" {
		t.Fatal(diff)
	}
	// v6 is new content: the parts with rows of v1 and v3 are rewritten in its commit.
	v6 := l[0].Object.ID
	s := must[store.Snapshot](t)(d.PartsOf(ctx, l[0].Prior.Loaded))
	if len(s.Parts) != 2 {
		t.Fatal(partsOf(s))
	}
	p, rest := newPart(), newPart()
	ok(t, d.PrepareParts(ctx, "w", l, []store.Part{p, rest}))
	rec := CommitRecord{
		Objects: []ObjectResult{done(l[0], 7)},
		Parts:   []CommitPart{written(p, ObjectRows{v6, 7}), written(rest, ObjectRows{other, 10})},
	}
	if _, err := d.Commit(ctx, rec); !errors.Is(err, ErrInvalid) {
		t.Fatalf("rows doubled: %v", err)
	}
	part := rec.Parts
	rec.Parts = part[:1]
	if _, err := d.Commit(ctx, rec); !errors.Is(err, ErrConflict) {
		t.Fatalf("old rows kept: %v", err)
	}
	rec.Parts, rec.Replace = part, partsOf(s)
	must[int64](t)(d.Commit(ctx, rec))
	s.Release()

	states := map[string]State{}
	for _, o := range must[[]Object](t)(d.Objects(ctx, ObjectFilter{Contains: "00000"}, Page{})) {
		states[o.Version] = o.State
	}
	if diff := cmp.Diff(map[string]State{"v1": Replaced, "v2": Replaced, "v3": Replaced, "v4": Replaced, "v5": Replaced, "v6": Done}, states); diff != "" {
		t.Fatal(diff)
	}
	src := must[[]SourceSummary](t)(d.Sources(ctx))[0]
	if diff := cmp.Diff(Counts{Records: 17, Events: 17}, src.Counts); diff != "" {
		t.Fatal(diff)
	}
	live := snapshot(t, d)
	if diff := cmp.Diff([]string{p.ID, rest.ID}, partsOf(live)); diff != "" {
		t.Fatal(diff)
	}
}
