package state

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/store"
)

var (
	ruleA = &alert.Rule{ID: "rule-a", Version: "1", Title: "Root login", TitleJA: "ルートログイン", Severity: alert.High, Author: "yagura"}
	ruleB = &alert.Rule{ID: "rule-b", Version: "1", Title: "SQL injection", Severity: alert.Medium}
)

// raise is n findings of a rule about a user, at minutes from and to.
func raise(rule *alert.Rule, user, object string, n, from, to int64) alert.Raise {
	group := []alert.Field{{Field: "user.name", Value: user}}
	r := alert.Raise{
		Alert: alert.Fingerprint(rule.ID, group), Rule: rule, Group: group, LogTypes: []string{"aws.cloudtrail"}, Object: object,
		Findings: n, First: minute(from), Last: minute(to), Fresh: true,
	}
	for i := range min(n, alert.MaxSamples) {
		r.Samples = append(r.Samples, fmt.Sprintf("%s-%d-0", object, i))
	}
	return r
}

func minute(n int64) int64 {
	return time.Date(2026, 3, 1, 0, int(n), 0, 0, time.UTC).UnixNano()
}

// findingPart is a derived part with the findings of raises.
func findingPart(raises []alert.Raise) CommitPart {
	p := newPart()
	p.LogType, p.Path = alert.LogType, alert.LogType+"/"+p.ID
	p.Derived = true
	return findingRows(p, raises)
}

func findingRows(p store.Part, raises []alert.Raise) CommitPart {
	rows := map[string]int64{}
	for _, r := range raises {
		rows[r.Object] += r.Findings
	}
	var objects []ObjectRows
	for id, n := range rows {
		objects = append(objects, ObjectRows{id, n})
	}
	return written(p, objects...)
}

// detected loads leases, ten events each, with what they raise.
func detected(t testing.TB, d *DB, leases []Lease, raises ...alert.Raise) (Committed, []store.Part) {
	t.Helper()
	return loadReplacing(t, d, leases, nil, raises...)
}

func loadReplacing(t testing.TB, d *DB, leases []Lease, replace []CommitPart, raises ...alert.Raise) (Committed, []store.Part) {
	t.Helper()
	ctx := context.Background()
	p := newPart()
	var rows []ObjectRows
	rec := CommitRecord{Raises: raises}
	for _, l := range leases {
		rows = append(rows, ObjectRows{l.Object.ID, 10})
		rec.Objects = append(rec.Objects, done(l, 10))
	}
	rec.Parts = []CommitPart{written(p, rows...)}
	parts := []store.Part{p}
	if len(raises) > 0 {
		f := findingPart(raises)
		rec.Parts = append(rec.Parts, f)
		parts = append(parts, f.Part)
	}
	for _, r := range replace {
		rec.Replace = append(rec.Replace, r.ID)
	}
	ok(t, d.PrepareParts(ctx, "w", leases, parts))
	return must[Committed](t)(d.CommitAll(ctx, rec)), parts
}

// consistent checks that the counts of alerts are those of their objects and of the live findings.
func consistent(t testing.TB, d *DB) {
	t.Helper()
	for what, q := range map[string]string{
		"alerts whose count is not that of their objects": `SELECT count(*) FROM alerts a WHERE findings <> (SELECT coalesce(sum(findings), 0) FROM alert_objects WHERE alert = a.num)`,
		"objects whose findings are not those of the parts": `SELECT count(*) FROM objects o WHERE (SELECT coalesce(sum(findings), 0) FROM alert_objects WHERE object = o.num)
			<> (SELECT coalesce(sum(po.rows), 0) FROM part_objects po JOIN parts p ON p.num = po.part WHERE po.object = o.num AND p.state = 1 AND p.derived)`,
		"open alerts without findings": `SELECT count(*) FROM alerts WHERE findings = 0 AND status <> 2`,
	} {
		var n int
		ok(t, d.readers.QueryRow(q).Scan(&n))
		if n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

func alertOf(t testing.TB, d *DB, r alert.Raise) alert.Alert {
	t.Helper()
	return must[alert.Alert](t)(d.Alert(context.Background(), r.Alert))
}

func actions(t testing.TB, d *DB, id string) (out []string) {
	t.Helper()
	for _, e := range must[[]alert.LogEntry](t)(d.AlertLog(context.Background(), id)) {
		out = append(out, e.Action)
	}
	return out
}

func TestAlertIsRaisedAndAdded(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 3)))
	l := lease(t, d, "w", 2)
	a0, a1 := raise(ruleA, "root", l[0].Object.ID, 3, 5, 9), raise(ruleA, "root", l[1].Object.ID, 1, 2, 2)
	b := raise(ruleB, "alice", l[1].Object.ID, 7, 1, 4)
	b.Fresh = false
	got, _ := detected(t, d, l, a0, a1, b)
	want := []alert.Change{
		{ID: a0.Alert, Rule: "rule-a", Severity: alert.High, Object: l[0].Object.ID, Action: alert.LogRaised, Notify: true},
		{ID: b.Alert, Rule: "rule-b", Severity: alert.Medium, Object: l[1].Object.ID, Action: alert.LogRaised},
	}
	if diff := cmp.Diff(want, got.Alerts); diff != "" {
		t.Error(diff)
	}
	now := c.now()
	if diff := cmp.Diff(alert.Alert{
		ID: a0.Alert, Rule: "rule-a", Version: "1", Title: "Root login", TitleJA: "ルートログイン", Severity: alert.High, Author: "yagura",
		Group: a0.Group, LogTypes: []string{"aws.cloudtrail"}, Findings: 4,
		First: time.Unix(0, minute(2)).UTC(), Last: time.Unix(0, minute(9)).UTC(), Created: now, Updated: now,
	}, alertOf(t, d, a0)); diff != "" {
		t.Error(diff)
	}
	if !alertOf(t, d, b).Backfill {
		t.Error("an alert of old events is marked")
	}

	// Later findings: counted, not raised again; the first current one of old ones is told.
	c.advance(time.Hour)
	l = lease(t, d, "w", 1)
	got, _ = detected(t, d, l, raise(ruleA, "root", l[0].Object.ID, 2, 11, 12), raise(ruleB, "alice", l[0].Object.ID, 1, 20, 20))
	want = []alert.Change{{ID: b.Alert, Rule: "rule-b", Severity: alert.Medium, Object: l[0].Object.ID, Action: alert.LogCurrent, Notify: true}}
	if diff := cmp.Diff(want, got.Alerts); diff != "" {
		t.Error(diff)
	}
	if x := alertOf(t, d, a0); x.Findings != 6 || !x.Updated.Equal(c.now()) || !x.Created.Equal(now) {
		t.Errorf("%+v", x)
	}
	if alertOf(t, d, b).Backfill {
		t.Error("it has a current event now")
	}
	if diff := cmp.Diff([]string{"raised", "current"}, actions(t, d, b.Alert)); diff != "" {
		t.Error(diff)
	}
	samples := must[[]string](t)(d.AlertSamples(ctx, a0.Alert, 4))
	if diff := cmp.Diff([]string{l[0].Object.ID + "-0-0", l[0].Object.ID + "-1-0", a0.Object + "-0-0", a0.Object + "-1-0"}, samples); diff != "" {
		t.Error(diff)
	}
	consistent(t, d)
}

func TestAlertActions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 4)))
	l := lease(t, d, "w", 1)
	a := raise(ruleA, "root", l[0].Object.ID, 1, 10, 10)
	detected(t, d, l, a)
	act := func(x AlertAct) error {
		x.Who = "sato"
		_, err := d.ActOnAlerts(ctx, []string{a.Alert}, x)
		return err
	}
	ok(t, act(AlertAct{Action: alert.Acknowledge}))
	ok(t, act(AlertAct{Action: alert.Acknowledge})) // nothing happens
	if x := alertOf(t, d, a); x.Status != alert.Acknowledged || x.Assignee != "sato" {
		t.Errorf("%+v", x)
	}
	// A further finding leaves it acknowledged.
	l = lease(t, d, "w", 1)
	detected(t, d, l, raise(ruleA, "root", l[0].Object.ID, 1, 11, 11))
	if x := alertOf(t, d, a); x.Status != alert.Acknowledged || x.Findings != 2 {
		t.Errorf("%+v", x)
	}
	ok(t, act(AlertAct{Action: alert.Close, Reason: "expected", Note: "drill"}))
	ok(t, act(AlertAct{Action: alert.Comment, Note: "see you"}))
	if err := act(AlertAct{Action: alert.Acknowledge}); !errors.Is(err, ErrConflict) {
		t.Errorf("a closed alert cannot be acknowledged: %v", err)
	}
	if x := alertOf(t, d, a); x.Status != alert.Closed || x.Reason != "expected" || x.Closed.IsZero() {
		t.Errorf("%+v", x)
	}
	// A late finding of what was known stays quiet, a later one opens it again.
	l = lease(t, d, "w", 1)
	if got, _ := detected(t, d, l, raise(ruleA, "root", l[0].Object.ID, 1, 9, 11)); len(got.Alerts) != 0 {
		t.Errorf("%+v", got.Alerts)
	}
	l = lease(t, d, "w", 1)
	got, _ := detected(t, d, l, raise(ruleA, "root", l[0].Object.ID, 1, 12, 12))
	if len(got.Alerts) != 1 || got.Alerts[0].Action != alert.LogReopened {
		t.Errorf("%+v", got.Alerts)
	}
	if x := alertOf(t, d, a); x.Status != alert.New || x.Reason != "" || !x.Closed.IsZero() || x.Findings != 4 {
		t.Errorf("%+v", x)
	}
	ok(t, act(AlertAct{Action: alert.Close}))
	ok(t, act(AlertAct{Action: alert.Reopen}))
	ok(t, act(AlertAct{Action: alert.Assign, Assignee: "mori"}))
	want := []string{"raised", "acknowledge", "close", "comment", "reopened", "close", "reopen", "assign"}
	if diff := cmp.Diff(want, actions(t, d, a.Alert)); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []AlertAct{{Action: "burn"}, {Action: alert.Comment}} {
		if err := act(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	// All or none.
	_, err := d.ActOnAlerts(ctx, []string{a.Alert, "nothing"}, AlertAct{Action: alert.Close})
	if !errors.Is(err, ErrNotFound) || alertOf(t, d, a).Status != alert.New {
		t.Errorf("%v", err)
	}
}

// TestReplacedObjectTakesItsFindings: a later generation of an object takes away what the earlier
// one had added, to the finding.
func TestReplacedObjectTakesItsFindings(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 2)))
	l := lease(t, d, "w", 2)
	both0, both1 := raise(ruleA, "root", l[0].Object.ID, 3, 5, 30), raise(ruleA, "root", l[1].Object.ID, 2, 7, 8)
	gone := raise(ruleB, "alice", l[1].Object.ID, 4, 1, 1)
	_, parts := detected(t, d, l, both0, both1, gone)

	// Object 0 comes again with one finding less, object 1 with none.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 0, "v2"), info("waf", 1, "v2")}))
	again := lease(t, d, "w", 2)
	stay := raise(ruleA, "root", again[0].Object.ID, 2, 6, 20)
	replaced := []CommitPart{{Part: parts[0]}, {Part: parts[1]}}
	got, _ := loadReplacing(t, d, again, replaced, stay)
	want := []alert.Change{{ID: gone.Alert, Rule: "rule-b", Severity: alert.Medium, Action: alert.LogWithdrawn, Notify: true}}
	if diff := cmp.Diff(want, got.Alerts); diff != "" {
		t.Error(diff)
	}
	x := alertOf(t, d, both0)
	if x.Findings != 2 || x.First.UnixNano() != minute(6) || x.Last.UnixNano() != minute(20) || x.Status != alert.New {
		t.Errorf("%+v", x)
	}
	if x := alertOf(t, d, gone); x.Findings != 0 || x.Status != alert.Closed || x.Reason != alert.LogWithdrawn {
		t.Errorf("%+v", x)
	}
	consistent(t, d)

	// What comes back is an alert again, however old.
	must[int](t)(d.Offer(ctx, []ObjectInfo{info("waf", 9, "v1")}))
	l = lease(t, d, "w", 1)
	got, _ = detected(t, d, l, raise(ruleB, "alice", l[0].Object.ID, 1, 0, 0))
	if len(got.Alerts) != 1 || got.Alerts[0].Action != alert.LogReopened {
		t.Errorf("%+v", got.Alerts)
	}
	consistent(t, d)
}

// TestRaisesAreHeldAgainstParts: findings in parts and in alerts are the same number, or nothing
// is committed.
func TestRaisesAreHeldAgainstParts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 1)))
	l := lease(t, d, "w", 1)
	id := l[0].Object.ID
	good := raise(ruleA, "root", id, 3, 1, 2)
	less := good
	less.Findings = 2
	for name, raises := range map[string][]alert.Raise{
		"too few": {less}, "none": nil, "twice": {good, good},
		"of another object": {good, raise(ruleA, "root", "zzzzzzzzzzzzzzzzzzzz", 1, 1, 1)},
		"no rule":           {{Alert: "x", Object: id, Findings: 3}},
	} {
		p, f := newPart(), findingPart([]alert.Raise{good})
		ok(t, d.PrepareParts(ctx, "w", l, []store.Part{p, f.Part}))
		_, err := d.Commit(ctx, CommitRecord{Objects: []ObjectResult{done(l[0], 10)}, Parts: []CommitPart{written(p, ObjectRows{id, 10}), f}, Raises: raises})
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		ok(t, d.Abort(ctx, []string{p.ID, f.ID}))
	}
	detected(t, d, l, good)
	consistent(t, d)
}

func TestAlertList(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 1)))
	l := lease(t, d, "w", 1)
	var raises []alert.Raise
	for i := range int64(25) {
		rule := ruleA
		if i%3 == 0 {
			rule = ruleB
		}
		raises = append(raises, raise(rule, fmt.Sprintf("Ｕser%02d", i), l[0].Object.ID, 1+i%4, i, i+i%2))
	}
	detected(t, d, l, raises...)
	must[[]alert.Alert](t)(d.ActOnAlerts(ctx, []string{raises[0].Alert, raises[1].Alert}, AlertAct{Action: alert.Close, Who: "sato"}))
	for _, sort := range []AlertSort{"", SortCreated, SortSeverity, SortFindings} {
		seen, cursor, pages := map[string]bool{}, "", 0
		var before alert.Alert
		for {
			p := must[AlertPage](t)(d.Alerts(ctx, AlertFilter{}, sort, cursor, 7))
			for _, a := range p.Alerts {
				if seen[a.ID] {
					t.Fatalf("%s: %s twice", sort, a.ID)
				}
				seen[a.ID] = true
				if sort == SortSeverity && before.ID != "" && (a.Severity > before.Severity || a.Severity == before.Severity && a.Last.After(before.Last)) ||
					sort == "" && before.ID != "" && a.Last.After(before.Last) || sort == SortFindings && before.ID != "" && a.Findings > before.Findings {
					t.Fatalf("%s: out of order", sort)
				}
				before = a
			}
			pages++
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		if len(seen) != 25 || pages != 4 {
			t.Errorf("%s: %d alerts on %d pages", sort, len(seen), pages)
		}
	}
	count := func(f AlertFilter) int {
		return len(must[AlertPage](t)(d.Alerts(ctx, f, "", "", 0)).Alerts)
	}
	for _, c := range []struct {
		f    AlertFilter
		want int
	}{
		{AlertFilter{Statuses: []alert.Status{alert.New, alert.Acknowledged}}, 23},
		{AlertFilter{Statuses: []alert.Status{alert.Closed}}, 2},
		{AlertFilter{Severities: []alert.Severity{alert.High}}, 16},
		{AlertFilter{Rules: []string{"rule-b"}}, 9},
		{AlertFilter{Text: "user1 ルート"}, 7},
		{AlertFilter{Text: "%"}, 0},
		{AlertFilter{Group: []alert.Field{{Field: "user.name", Value: "Ｕser03"}}}, 1},
		{AlertFilter{Group: []alert.Field{{Value: "Ｕser03"}}}, 1},
		{AlertFilter{Group: []alert.Field{{Field: "source.ip", Value: "Ｕser03"}}}, 0},
	} {
		if got := count(c.f); got != c.want {
			t.Errorf("%+v: %d, want %d", c.f, got, c.want)
		}
	}
	f := must[AlertFacets](t)(d.AlertFacets(ctx, AlertFilter{Statuses: []alert.Status{alert.Closed}, Rules: []string{"rule-a"}}))
	want := AlertFacets{
		Status: map[alert.Status]int64{alert.New: 15, alert.Closed: 1}, Severity: map[alert.Severity]int64{alert.High: 1},
		Rules: []RuleFacet{{"rule-a", "Root login", "ルートログイン", 1}, {"rule-b", "SQL injection", "", 1}},
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	counts := must[map[alert.Status]map[alert.Severity]int64](t)(d.AlertCounts(ctx))
	if diff := cmp.Diff(map[alert.Status]map[alert.Severity]int64{alert.New: {alert.High: 15, alert.Medium: 8}, alert.Acknowledged: {}}, counts); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"x", "1.2.3", "1.~"} {
		if _, err := d.Alerts(ctx, AlertFilter{}, "", bad, 5); !errors.Is(err, ErrInvalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	if _, err := d.Alert(ctx, "nonesuch"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if a := must[alert.Alert](t)(d.Alert(ctx, raises[4].Alert[:12])); a.ID != raises[4].Alert {
		t.Errorf("%+v", a)
	}
}

// TestReplayRaises: a replayed record adds to what its object had.
func TestReplayRaises(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 1)))
	l := lease(t, d, "w", 1)
	id := l[0].Object.ID
	first := raise(ruleA, "root", id, 4, 5, 5)
	p, f := newPart(), findingPart([]alert.Raise{first})
	ok(t, d.PrepareParts(ctx, "w", l, []store.Part{p, f.Part}))
	res := done(l[0], 10)
	res.Counts = Counts{Records: 11, Events: 10, Quarantined: 1}
	must[int64](t)(d.Commit(ctx, CommitRecord{Objects: []ObjectResult{res}, Parts: []CommitPart{written(p, ObjectRows{id, 10}), f}, Raises: []alert.Raise{first},
		Quarantine: []Quarantined{{Object: id, Reason: "x"}}}))
	more := raise(ruleA, "root", id, 2, 1, 9)
	p, f = newPart(), findingPart([]alert.Raise{more})
	ok(t, d.PrepareRewrite(ctx, "w", []store.Part{p, f.Part}, time.Minute))
	must[int64](t)(d.Commit(ctx, CommitRecord{Replays: []Replay{{Num: 1, Events: 1}}, Parts: []CommitPart{written(p, ObjectRows{id, 1}), f}, Raises: []alert.Raise{more}}))
	if x := alertOf(t, d, first); x.Findings != 6 || x.First.UnixNano() != minute(1) || x.Last.UnixNano() != minute(9) {
		t.Errorf("%+v", x)
	}
	if n := len(must[[]string](t)(d.AlertSamples(ctx, first.Alert, 50))); n != alert.MaxSamples {
		t.Errorf("%d samples", n)
	}
	consistent(t, d)
}
