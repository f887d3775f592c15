package state

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/store"
)

// Whole tables that may be walked: those that stay small, and indexes that hold only work.
var smallWalk = regexp.MustCompile(`^SCAN (e|tallies|t|s|sources|claims|c|counters|claim_objects|claims VIRTUAL.*|(objects|o|parts|p) USING (COVERING )?INDEX (objects_pending|objects_waiting|objects_leased|parts_pending)|e VIRTUAL.*|json_each VIRTUAL.*|CONSTANT ROW)\b`)

// TestPlans looks at the plan of every statement of the write path: none may walk a table that
// grows with the ledger.
func TestPlans(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 4)))
	must[Recovery](t)(d.Recover(ctx, "w"))
	a := load(t, d, "w", lease(t, d, "w", 2))
	l := lease(t, d, "w", 1)
	ok(t, d.Renew(ctx, l, time.Minute))
	ok(t, d.Release(ctx, l))
	l = lease(t, d, "w", 2)
	must[State](t)(d.Fail(ctx, l[0], Failure{Reason: "x"}))
	must[int](t)(d.Retry(ctx, []string{l[0].Object.ID}))
	q := Quarantined{Object: l[1].Object.ID, Reason: "x"}
	must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{{ID: q.Object, Epoch: l[1].Epoch, State: Done, Counts: Counts{Records: 1, Quarantined: 1}}}, Quarantine: []Quarantined{q}}))
	must[int64](t)(d.Commit(ctx, CommitRecord{Replays: []Replay{{Num: 1, Filtered: 1}}}))
	p := newPart()
	ok(t, d.PrepareRewrite(ctx, "w", []store.Part{p}, time.Minute))
	ok(t, d.RenewRewrite(ctx, []string{p.ID}, time.Minute))
	must[int64](t)(d.Commit(ctx, CommitRecord{Parts: []CommitPart{written(p, a.Objects...)}, Replace: []string{a.ID}}))
	ok(t, d.Forget(ctx, []string{a.ID}))
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 3, "v2")}))
	more := must[int](t)(d.Offer(ctx, []ObjectInfo{info("found", 0, "v1")}))
	l = must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "w", Objects: more, TTL: time.Minute, Sources: []string{"found"}}))
	r := raise(ruleA, "root", l[0].Object.ID, 2, 1, 2)
	_, parts := detected(t, d, l, r)
	must[[]alert.Alert](t)(d.ActOnAlerts(ctx, []string{r.Alert}, AlertAct{Action: alert.Close}))
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("found", 0, "v2")}))
	l = must[[]Lease](t)(d.Lease(ctx, LeaseRequest{Owner: "w", Objects: 1, TTL: time.Minute, Sources: []string{"found"}}))
	loadReplacing(t, d, l, []CommitPart{{Part: parts[0]}, {Part: parts[1]}}, raise(ruleA, "alice", l[0].Object.ID, 1, 1, 1))
	for _, l := range lease(t, d, "w", 9) {
		must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{{ID: l.Object.ID, Epoch: l.Epoch, State: Done}}}))
	}

	check := func(query string, args ...any) {
		var plan []string
		ok(t, d.read(ctx, func(r scanner) error {
			var id, parent, x int
			var line string
			err := r.Scan(&id, &parent, &x, &line)
			plan = append(plan, line)
			return err
		}, "EXPLAIN QUERY PLAN "+query, args...))
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN") && !smallWalk.MatchString(line) {
				t.Errorf("%s\n\t%s", query, strings.Join(plan, "\n\t"))
				return
			}
		}
	}
	if len(d.writer.stmts) < 40 {
		t.Fatalf("only %d statements seen", len(d.writer.stmts))
	}
	for query := range d.writer.stmts {
		if word := strings.Fields(query)[0]; word != "BEGIN" && word != "COMMIT" {
			n := strings.Count(query, "?")
			if strings.Contains(query, "?1") {
				n = 2
			}
			args := make([]any, n)
			check(query, args...)
		}
	}
	check(`SELECT e.value FROM json_each(?) e WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.id = e.value)`, "[]")
	check(fmt.Sprintf(`SELECT EXISTS (SELECT 1 FROM objects WHERE state = %d) OR EXISTS (SELECT 1 FROM objects WHERE state = %d AND retry_at <= 1)`, Pending, Waiting))
}
