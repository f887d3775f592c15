package state

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/store"
)

func TestQuarantine(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	d := openTest(t, c.now)
	must[int](t)(d.Offer(ctx, infos("waf", 2)))
	l := lease(t, d, "w", 1)
	id := l[0].Object.ID
	q := Quarantined{Object: id, LogType: "aws.waf", Reason: "bad_json", Detail: "unexpected end", Offset: 77, Length: 9, SHA256: "cafe", Body: []byte(`{"a":"***`)}
	many := Quarantined{Object: id, Reason: "not_text", Length: 300, Records: 3, Body: []byte(strings.Repeat("\x00", 300))}
	rec := CommitRecord{
		Objects:    []ObjectResult{{ID: id, Epoch: l[0].Epoch, State: Done, Counts: Counts{Records: 5, Filtered: 1, Quarantined: 4}}},
		Quarantine: []Quarantined{q},
	}
	if _, err := d.Commit(ctx, rec); !errors.Is(err, ErrInvalid) {
		t.Fatalf("quarantined records missing: %v", err)
	}
	rec.Quarantine = append(rec.Quarantine, many)
	must[int64](t)(d.Commit(ctx, rec))

	groups := must[[]QuarantineGroup](t)(d.QuarantineGroups(ctx))
	if diff := cmp.Diff([]QuarantineGroup{
		{Reason: "not_text", Rows: 1, Records: 3, Bytes: 300, Example: 2, Last: c.now()},
		{LogType: "aws.waf", Reason: "bad_json", Rows: 1, Records: 1, Bytes: 9, Example: 1, Last: c.now()},
	}, groups); diff != "" {
		t.Fatal(diff)
	}
	q.Records = 1
	want := QuarantineEntry{Num: 1, Quarantined: q, Identity: info("waf", 0, "v1"), At: c.now(), Seq: 1}
	if diff := cmp.Diff(want, must[QuarantineEntry](t)(d.Quarantined(ctx, 1))); diff != "" {
		t.Fatal(diff)
	}
	waf := "aws.waf"
	if diff := cmp.Diff([]QuarantineEntry{want}, must[[]QuarantineEntry](t)(d.Quarantine(ctx, QuarantineFilter{LogType: &waf, Reason: "bad_json", Source: "waf", Object: id}, Page{}))); diff != "" {
		t.Fatal(diff)
	}
	if _, err := d.Quarantined(ctx, 99); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	var seen []int64
	ok(t, d.ExportQuarantine(ctx, QuarantineFilter{}, func(e QuarantineEntry) error { seen = append(seen, e.Num); return nil }))
	if diff := cmp.Diff([]int64{1, 2}, seen); diff != "" {
		t.Fatal(diff)
	}

	// Replay: the first becomes an event, of the three one more is an event, two are filtered.
	p := newPart()
	ok(t, d.PrepareRewrite(ctx, "replay", []store.Part{p}, 1e9))
	replay := CommitRecord{
		Parts:   []CommitPart{written(p, ObjectRows{id, 2})},
		Replays: []Replay{{Num: 1, Events: 1}, {Num: 2, Events: 1, Filtered: 1}},
	}
	if _, err := d.Commit(ctx, replay); !errors.Is(err, ErrInvalid) {
		t.Fatalf("a record vanished: %v", err)
	}
	replay.Replays[1].Filtered = 2
	must[int64](t)(d.Commit(ctx, replay))
	again := newPart()
	ok(t, d.PrepareRewrite(ctx, "replay", []store.Part{again}, 1e9))
	replay.Parts = []CommitPart{written(again, ObjectRows{id, 2})}
	if _, err := d.Commit(ctx, replay); !errors.Is(err, ErrConflict) {
		t.Fatalf("replayed twice: %v", err)
	}
	counts := Counts{Records: 5, Events: 2, Filtered: 3}
	if diff := cmp.Diff(counts, must[Object](t)(d.Object(ctx, id)).Counts); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(counts, must[[]SourceSummary](t)(d.Sources(ctx))[0].Counts); diff != "" {
		t.Fatal(diff)
	}
	if g := must[[]QuarantineGroup](t)(d.QuarantineGroups(ctx)); g != nil {
		t.Fatal(g)
	}
}

func TestCommitRefusals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, newClock().now)
	must[int](t)(d.Offer(ctx, infos("waf", 2)))
	l := lease(t, d, "w", 2)
	p := newPart()
	ok(t, d.PrepareParts(ctx, "w", l, []store.Part{p}))
	id := l[0].Object.ID
	for name, tc := range map[string]struct {
		rec  CommitRecord
		want error
	}{
		"counts do not add up": {CommitRecord{Objects: []ObjectResult{{ID: id, Epoch: 1, State: Done, Counts: Counts{Records: 2, Events: 1}}}}, ErrInvalid},
		"negative count":       {CommitRecord{Objects: []ObjectResult{{ID: id, Epoch: 1, State: Done, Counts: Counts{Events: -1, Filtered: 1}}}}, ErrInvalid},
		"bad state":            {CommitRecord{Objects: []ObjectResult{{ID: id, Epoch: 1, State: Pending}}}, ErrInvalid},
		"events without rows":  {CommitRecord{Objects: []ObjectResult{done(l[0], 1)}}, ErrInvalid},
		"rows without events":  {CommitRecord{Objects: []ObjectResult{done(l[0], 1)}, Parts: []CommitPart{written(p, ObjectRows{id, 2})}}, ErrInvalid},
		"rows of another":      {CommitRecord{Objects: []ObjectResult{done(l[0], 1)}, Parts: []CommitPart{written(p, ObjectRows{id, 1}, ObjectRows{l[1].Object.ID, 1})}}, ErrInvalid},
		"unknown object":       {CommitRecord{Objects: []ObjectResult{done(l[0], 1)}, Parts: []CommitPart{written(p, ObjectRows{id, 1}, ObjectRows{"nobody", 1})}}, ErrConflict},
		"unprepared part":      {CommitRecord{Objects: []ObjectResult{done(l[0], 1)}, Parts: []CommitPart{written(newPart(), ObjectRows{id, 1})}}, ErrConflict},
		"old epoch":            {CommitRecord{Objects: []ObjectResult{{ID: id, Epoch: 0, State: Done}}}, ErrLeaseLost},
		"object twice":         {CommitRecord{Objects: []ObjectResult{{ID: id, Epoch: 1, State: Done}, {ID: id, Epoch: 1, State: Done}}}, ErrInvalid},
		"replace unknown":      {CommitRecord{Replace: []string{"x"}}, ErrConflict},
		"drop unknown":         {CommitRecord{Drop: []string{"x"}}, ErrConflict},
	} {
		if _, err := d.Commit(ctx, tc.rec); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
	if d.Seq() != 0 {
		t.Error("a refused commit took a number")
	}
	bad := newPart()
	bad.Path = "../x"
	if err := d.PrepareParts(ctx, "w", l, []store.Part{bad}); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
	// Everything is as before: the good commit passes, with all that belongs to it.
	rec := CommitRecord{
		Objects:     []ObjectResult{done(l[0], 1)},
		Parts:       []CommitPart{written(p, ObjectRows{id, 1})},
		Signals:     []Signal{{Rule: "r", RuleVersion: 1, Time: 5, Key: "k", Value: "v", EventID: "e", Object: id}},
		Findings:    []Finding{{ID: "f", Revision: 1, Rule: "r", Events: []string{"e"}, Detail: []byte("{}")}, {ID: "f", Revision: 1}},
		Occurrences: []Occurrence{{Finding: "f", Revision: 1, Source: "rules", Fingerprint: "p"}},
	}
	rec.Parts[0].Sidecars = []Sidecar{{Name: "minute", Version: 1, Tier: "hot", Path: "aws.waf/" + p.ID + ".rollup", Rows: 3, Bytes: 100}}
	must[int64](t)(d.Commit(ctx, rec))
	must[int64](t)(d.Commit(ctx, CommitRecord{Drop: []string{p.ID}}))
	g := must[[]DeadPart](t)(d.Garbage(ctx, 0))
	if diff := cmp.Diff([]DeadPart{{p.ID, []File{{p.Tier, p.Path}, {"hot", "aws.waf/" + p.ID + ".rollup"}}}}, g); diff != "" {
		t.Fatal(diff)
	}
}
