package state

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	if n := must[int](t)(d.Offer(ctx, infos("waf", 2500))); n != 2500 {
		t.Fatalf("added %d", n)
	}
	if n := must[int](t)(d.Offer(ctx, infos("waf", 2500))); n != 0 {
		t.Fatalf("added %d known objects", n)
	}
	leases := lease(t, d, "w", 3)
	p := load(t, d, "w", leases)
	s := snapshot(t, d)
	want := p.Part
	want.Seq = 1
	if diff := cmp.Diff(want, s.Parts[0]); diff != "" {
		t.Fatal(diff)
	}
	s.Release()
	// The same after opening again, with the statistics read from the file.
	ok(t, d.Close())
	d = openAt(t, d.Path(), c.now)
	s = snapshot(t, d)
	if diff := cmp.Diff(want, s.Parts[0]); diff != "" {
		t.Fatal(diff)
	}
	o := must[Object](t)(d.Object(ctx, leases[0].Object.ID))
	if o.State != Done || o.Counts.Events != 10 || o.Seq != 1 {
		t.Fatalf("%+v", o)
	}
	src := must[[]SourceSummary](t)(d.Sources(ctx))
	if diff := cmp.Diff(map[State]int64{Done: 3, Pending: 2497}, src[0].Objects); diff != "" {
		t.Fatal(diff)
	}
}
