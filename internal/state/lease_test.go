package state

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/store"
)

func keys(leases []Lease) []string {
	var out []string
	for _, l := range leases {
		out = append(out, l.Object.Source+":"+l.Object.Key)
	}
	return out
}

func TestLeaseOrder(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("a", 4, "v"), info("a", 1, "v"), info("b", 2, "v"), info("b", 3, "v")}))
	got := keys(lease(t, d, "w", 3))
	if diff := cmp.Diff([]string{"a:a/00001.gz", "b:a/00002.gz", "b:a/00003.gz"}, got); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff([]string{"a:a/00004.gz"}, keys(lease(t, d, "w", 3))); diff != "" {
		t.Fatal(diff)
	}
	if l := lease(t, d, "w", 3); l != nil {
		t.Fatal(l)
	}
}

func TestLeaseBytesAndSources(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, append(infos("a", 3), infos("b", 3)...))) // 100, 101, 102 bytes
	l := must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "w", Objects: 9, MaxBytes: 250, TTL: time.Minute, Sources: []string{"b"}}))
	if diff := cmp.Diff([]string{"b:a/00000.gz", "b:a/00001.gz"}, keys(l)); diff != "" {
		t.Fatal(diff)
	}
	l = must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "w", Objects: 9, MaxBytes: 5, TTL: time.Minute}))
	if len(l) != 1 {
		t.Fatalf("an object over the bound is taken alone, got %d", len(l))
	}
	ok(t, d.Release(ctx, l))
	if l := lease(t, d, "w", 9); len(l) != 4 {
		t.Fatalf("got %d after release", len(l))
	}
}

// A worker whose lease ran out while it wrote cannot commit, its part is removed, and what the
// second worker has is left alone.
func TestExpiryMidWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 1)))
	slow := lease(t, d, "slow", 1)
	slowPart := newPart()
	ok(t, d.PrepareParts(ctx, "slow", slow, []store.Part{slowPart}))

	c.advance(59 * time.Second)
	if r := must[Recovery](t)(d.Recover(ctx, "")); r.Leases != 0 || r.Parts != nil {
		t.Fatalf("a live lease was taken: %+v", r)
	}
	c.advance(time.Second)
	quick := lease(t, d, "quick", 1)
	if len(quick) != 1 || quick[0].Epoch != slow[0].Epoch+1 {
		t.Fatalf("%+v", quick)
	}
	quickPart := newPart()
	ok(t, d.PrepareParts(ctx, "quick", quick, []store.Part{quickPart}))

	rec := func(l Lease, p store.Part) CommitRecord {
		return CommitRecord{Objects: []ObjectResult{done(l, 5)}, Parts: []CommitPart{written(p, ObjectRows{l.Object.ID, 5})}}
	}
	if _, err := d.Commit(ctx, rec(slow[0], slowPart)); !errors.Is(err, ErrLeaseLost) {
		t.Fatalf("fenced-out commit: %v", err)
	}
	if err := d.Renew(ctx, slow, time.Hour); !errors.Is(err, ErrLeaseLost) {
		t.Fatalf("fenced-out renewal: %v", err)
	}
	if err := d.PrepareParts(ctx, "slow", slow, []store.Part{newPart()}); !errors.Is(err, ErrLeaseLost) {
		t.Fatalf("fenced-out T1: %v", err)
	}
	if _, err := d.Fail(ctx, slow[0], Failure{Reason: "x"}); !errors.Is(err, ErrLeaseLost) {
		t.Fatalf("fenced-out failure: %v", err)
	}
	r := must[Recovery](t)(d.Recover(ctx, ""))
	if diff := cmp.Diff(Recovery{Parts: []DeadPart{{slowPart.ID, []File{{slowPart.Tier, slowPart.Path}}}}}, r); diff != "" {
		t.Fatal(diff)
	}
	// The first worker's part, were it asked for with the second's lease, is dead.
	if _, err := d.Commit(ctx, rec(quick[0], slowPart)); !errors.Is(err, ErrConflict) {
		t.Fatalf("dead part: %v", err)
	}
	must[int64](t)(d.Commit(ctx, rec(quick[0], quickPart)))
	if _, err := d.Commit(ctx, rec(quick[0], quickPart)); !errors.Is(err, ErrLeaseLost) {
		t.Fatalf("second commit: %v", err)
	}
}

func TestRenewKeepsParts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 2)))
	l := lease(t, d, "w", 2)
	ok(t, d.PrepareParts(ctx, "w", l, []store.Part{newPart()}))
	rewrite := newPart()
	ok(t, d.PrepareRewrite(ctx, "compactor", []store.Part{rewrite}, time.Minute))
	for range 5 {
		c.advance(50 * time.Second)
		ok(t, d.Renew(ctx, l, time.Minute))
		ok(t, d.RenewRewrite(ctx, []string{rewrite.ID}, time.Minute))
		if r := must[Recovery](t)(d.Recover(ctx, "")); r.Leases != 0 || r.Parts != nil {
			t.Fatalf("%+v", r)
		}
	}
	c.advance(time.Minute)
	if r := must[Recovery](t)(d.Recover(ctx, "")); r.Leases != 2 || len(r.Parts) != 2 {
		t.Fatalf("%+v", r)
	}
	if err := d.RenewRewrite(ctx, []string{rewrite.ID}, time.Minute); !errors.Is(err, ErrLeaseLost) {
		t.Fatal(err)
	}
}

// Start-up takes back at once what this instance held in its former life, and only that.
func TestRecoverOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 3)))
	var parts []store.Part
	for _, owner := range []string{"serve/1", "server/1", "serve"} {
		l := lease(t, d, owner, 1)
		p := newPart()
		ok(t, d.PrepareParts(ctx, owner, l, []store.Part{p}))
		parts = append(parts, p)
	}
	for _, owner := range []string{"serve/compactor", "else"} {
		p := newPart()
		ok(t, d.PrepareRewrite(ctx, owner, []store.Part{p}, time.Hour))
		parts = append(parts, p)
	}
	r := must[Recovery](t)(d.Recover(ctx, "serve"))
	want := Recovery{Leases: 2}
	for _, i := range []int{0, 2, 3} {
		want.Parts = append(want.Parts, DeadPart{parts[i].ID, []File{{parts[i].Tier, parts[i].Path}}})
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Fatal(diff)
	}
	if g := must[[]DeadPart](t)(d.Garbage(ctx, 0)); len(g) != 3 {
		t.Fatalf("%v", g)
	}
	ok(t, d.Forget(ctx, []string{parts[0].ID, parts[1].ID})) // the second is pending: stays
	files := []File{{parts[0].Tier, parts[0].Path}, {parts[1].Tier, parts[1].Path}, {"cold", parts[1].Path}}
	if diff := cmp.Diff([]File{files[0], files[2]}, must[[]File](t)(d.Unknown(ctx, files))); diff != "" {
		t.Fatal(diff)
	}
}

// An object that kills its worker again and again is first leased alone, then given up.
func TestPoison(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 3)))
	for i := range maxLost {
		l := lease(t, d, "w", 3)
		if i < aloneAfter && len(l) != 3 || i >= aloneAfter && (len(l) != 1 || l[0].Object.Key != "a/00000.gz") {
			t.Fatalf("lease %d: %v", i, keys(l))
		}
		must[Recovery](t)(d.Recover(ctx, "w"))
	}
	o := must[Object](t)(d.Object(ctx, info("waf", 0, "v1").ID()))
	if o.State != Failed || o.Reason != "lease_lost" {
		t.Fatalf("%+v", o)
	}
	if l := lease(t, d, "w", 3); len(l) != 1 {
		t.Fatalf("the others were lost twice, so go alone: %v", keys(l))
	}
}

func TestFail(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 1)))
	id := info("waf", 0, "v1").ID()
	for i := 1; i < maxTries; i++ {
		l := lease(t, d, "w", 1)
		if len(l) != 1 {
			t.Fatalf("try %d: nothing to do", i)
		}
		if s := must[State](t)(d.Fail(ctx, l[0], Failure{Reason: "timeout", Detail: "no answer", Retry: true})); s != Waiting {
			t.Fatal(s)
		}
		if l := lease(t, d, "w", 1); l != nil {
			t.Fatal("retried at once")
		}
		o := must[Object](t)(d.Object(ctx, id))
		if o.Reason != "timeout" || o.Tries != i {
			t.Fatalf("%+v", o)
		}
		c.advance(o.RetryAt.Sub(c.now()))
	}
	if s := must[State](t)(d.Fail(ctx, lease(t, d, "w", 1)[0], Failure{Reason: "timeout", Retry: true})); s != Failed {
		t.Fatal(s)
	}
	src := must[[]SourceSummary](t)(d.Sources(ctx))[0]
	if src.Failures != 1 || src.ErrorObject != "a/00000.gz" || src.Lag != 0 {
		t.Fatalf("%+v", src)
	}
	if n := must[int](t)(d.Retry(ctx, []string{id, "unknown"})); n != 1 {
		t.Fatal(n)
	}
	if s := must[State](t)(d.Fail(ctx, lease(t, d, "w", 1)[0], Failure{Reason: "412", Gone: true})); s != Gone {
		t.Fatal(s)
	}
	got := must[[]Object](t)(d.Objects(ctx, ObjectFilter{Source: "waf", States: []State{Failed, Gone}, Contains: "0000"}, Page{}))
	if len(got) != 1 || got[0].ID != id {
		t.Fatalf("%+v", got)
	}
}
