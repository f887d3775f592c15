package state

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRetryCountsOnce reads an unrecognized object twice: its records are counted and
// quarantined once.
func TestRetryCountsOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openAt(t, t.TempDir()+"/state.db", nil)
	defer d.Close()
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v1"), info("waf", 1, "v1")}))
	var first SourceSummary
	for round := range 2 {
		leases := must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "serve/1", Objects: 2, TTL: time.Minute}))
		rec := CommitRecord{}
		for _, l := range leases {
			rec.Objects = append(rec.Objects, ObjectResult{ID: l.Object.ID, Epoch: l.Epoch, State: Unrecognized, Counts: Counts{Records: 5, Filtered: 1, Ignored: 2, Quarantined: 2}})
			rec.Quarantine = append(rec.Quarantine, Quarantined{Object: l.Object.ID, Reason: "unrecognised", Records: 2, Length: 4, Body: []byte("what")})
		}
		must[int64](t)(d.Commit(ctx, rec))
		s := must[[]SourceSummary](t)(d.Sources(ctx))[0]
		if round == 0 {
			first = s
		}
		if diff := cmp.Diff(first.Counts, s.Counts); diff != "" {
			t.Errorf("read once (-), twice (+):\n%s", diff)
		}
		if q := must[[]QuarantineEntry](t)(d.Quarantine(ctx, QuarantineFilter{}, Page{})); len(q) != 2 {
			t.Errorf("round %d: %d quarantined entries", round, len(q))
		}
		if n := must[int](t)(d.Retry(ctx, []string{info("waf", 0, "v1").ID(), info("waf", 1, "v1").ID()})); n != 2 {
			t.Errorf("%d objects are tried again", n)
		}
		if s := must[[]SourceSummary](t)(d.Sources(ctx))[0]; s.Counts != (Counts{}) {
			t.Errorf("counts while they wait: %+v", s.Counts)
		}
	}
}
