package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/schema"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var webTable = schema.NewTable("test.web", 1, []schema.Field{
	{Name: "source.ip", Kind: schema.IP}, {Name: "user.name", Kind: schema.String}, {Name: "url.path", Kind: schema.String, Plain: true},
	{Name: "http.response.status_code", Kind: schema.Int}, {Name: "yagura.lists", Kind: schema.Strings}, {Name: "test.own", Kind: schema.String},
})

// requests is a batch of n requests of two objects; row r is by user r%users, at noon less r minutes.
func requests(n, users int) *event.Batch {
	b := event.NewBatch(webTable, event.DayOf(noon.UnixNano()))
	for r := range n {
		if r == 0 || r == n/2 {
			b.AddObject(event.ObjectIdentity{Source: "s", Key: fmt.Sprint(r == 0)}.ID())
		}
		b.Time = append(b.Time, noon.Add(-time.Duration(r)*time.Minute).UnixNano())
		b.Object = append(b.Object, int32(len(b.Objects)-1))
		b.Offset, b.Index = append(b.Offset, int64(r)*100), append(b.Index, int32(r%2))
		b.Column("source.ip").SetText(r, fmt.Appendf(nil, "203.0.113.%d", r%250))
		b.Column("user.name").SetText(r, fmt.Appendf(nil, "user%d", r%users))
		b.Column("url.path").SetText(r, []byte("/"+strings.Repeat("é", r%3*600)))
		if r%2 == 0 {
			b.Column("http.response.status_code").SetInt(r, 403)
		}
		l := b.Column("yagura.lists")
		l.Pad(r)
		l.AddText([]byte("tor:x"))
		l.AddText(fmt.Appendf(nil, "bad:%d", r%2))
		l.CloseList(r)
		b.Rows++
	}
	b.Seal()
	return b
}

// testDetector lets each rule match the rows its function names, grouped by user.
type testDetector []struct {
	rule *alert.Rule
	hits func(row int) bool
}

func (d testDetector) Match(b *event.Batch, yield func(Match)) {
	var fields, group []alert.Field // used again, as a real one does
	for row := range b.Rows {
		for _, x := range d {
			if x.hits(row) {
				fields, group = fields[:0], group[:0]
				if c := b.Column("url.path"); c != nil {
					fields = append(fields, alert.Field{Field: "url.path", Value: c.Text(row)})
					group = append(group, alert.Field{Field: "user.name", Value: b.Column("user.name").Text(row)})
				}
				yield(Match{Rule: x.rule, Row: row, Fields: fields, Group: group})
			}
		}
	}
}

var (
	everyRule = &alert.Rule{ID: "every", Version: "v1", Title: "Every request", TitleJA: "全て", Severity: alert.Low, Author: "me", License: "DRL 1.1",
		Ruleset: "built-in", References: []string{"https://example.com"}, Tags: []string{"attack.initial-access", "attack.t1078.004"}}
	thirdRule = &alert.Rule{ID: "third", Title: "Third", Severity: alert.Critical}
)

func every(int) bool     { return true }
func third(row int) bool { return row%3 == 0 }

func TestFindings(t *testing.T) {
	t.Parallel()
	b := requests(6, 2)
	f := NewFindings(testDetector{{everyRule, every}, {thirdRule, third}}, 3*time.Minute+time.Second)
	f.Add(b, noon)
	object := slices.Clone(b.Objects)
	for i := range b.Columns { // nothing of the batch may be kept: its buffers are used again
		for j := range b.Columns[i].Texts {
			b.Columns[i].Texts[j] = "gone"
		}
	}
	out := f.Cut()
	if len(out) != 1 || f.Stored != 8 || f.Dropped != 0 || len(f.Cut()) != 0 {
		t.Fatalf("%d batches, %d findings", len(out), f.Stored)
	}
	doc := out[0].Document(0)
	want := event.Document{
		event.IDField: event.ID(object[0], 0, 1<<24), "@timestamp": noon, "event.module": alert.LogType,
		"event.kind": "signal", "event.severity": int64(2), "rule.id": "every", "rule.name": "Every request", "rule.author": []string{"me"},
		"rule.license": "DRL 1.1", "rule.ruleset": "built-in", "rule.version": "v1", "rule.reference": "https://example.com",
		"tags": []string{"attack.initial-access", "attack.t1078.004"}, "threat.tactic.name": []string{"Initial Access"},
		"threat.technique.id": []string{"T1078"}, "threat.technique.subtechnique.id": []string{"T1078.004"},
		"yagura.finding.severity": "low", "yagura.finding.event_id": event.ID(object[0], 0, 0), "yagura.finding.log_type": "test.web",
		"yagura.finding.alert": alert.Fingerprint("every", []alert.Field{{Field: "user.name", Value: "user0"}}),
		"yagura.finding.group": []string{"user.name=user0"}, "yagura.finding.fields": []string{"url.path=/"},
		"source.ip": "203.0.113.0", "user.name": "user0", "url.path": "/", "http.response.status_code": int64(403), "yagura.lists": []string{"tor:x", "bad:0"},
	}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	// The second rule on the same event has the next rank.
	if id := out[0].Document(1)[event.IDField]; id != event.ID(object[0], 0, 2<<24) {
		t.Errorf("%v", id)
	}
	// Long texts are bounded, old events marked.
	last := out[0].Document(out[0].Rows - 1)
	if p := last["url.path"].(string); len(p) > copiedBytes+4 || !strings.HasSuffix(p, "…") || last["yagura.finding.backfill"] != true {
		t.Errorf("%v", last)
	}
	ids := map[any]bool{}
	for r := range out[0].Rows {
		ids[out[0].Document(r)[event.IDField]] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d ids of 8 findings", len(ids))
	}

	var got []string
	for _, r := range f.Raises() {
		got = append(got, fmt.Sprintf("%s %s %d %d-%d %d fresh=%t %v", r.Rule.ID, r.Group[0].Value, r.Findings,
			noon.Sub(time.Unix(0, r.Last))/time.Minute, noon.Sub(time.Unix(0, r.First))/time.Minute, len(r.Samples), r.Fresh, r.LogTypes))
	}
	if diff := cmp.Diff([]string{
		"every user0 2 0-2 2 fresh=true [test.web]", "every user0 1 4-4 1 fresh=false [test.web]",
		"third user0 1 0-0 1 fresh=true [test.web]",
		"every user1 1 1-1 1 fresh=true [test.web]", "every user1 2 3-5 2 fresh=true [test.web]",
		"third user1 1 3-3 1 fresh=true [test.web]",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestFloodIsBounded: a rule that fires on everything makes as many findings, but few alerts and
// samples.
func TestFloodIsBounded(t *testing.T) {
	t.Parallel()
	const rows = 5000
	f := NewFindings(testDetector{{everyRule, every}}, time.Hour)
	var stored int
	for range 3 {
		f.Add(requests(rows, rows), noon)
		if f.Full() {
			t.Error("not yet")
		}
	}
	for _, b := range f.Cut() {
		stored += b.Rows
	}
	raises := f.Raises()
	var sum int64
	alerts, samples := map[string]int64{}, 0
	for _, r := range raises {
		sum += r.Findings
		alerts[r.Alert] += r.Findings
		samples = max(samples, len(r.Samples))
	}
	if stored != 3*rows || sum != 3*rows || f.Stored != 3*rows {
		t.Errorf("%d rows, %d counted", stored, sum)
	}
	if len(alerts) != alertsPerRule+1 || samples > alert.MaxSamples || alerts[alert.Fingerprint("every", alert.Others())] != 3*(rows-alertsPerRule) {
		t.Errorf("%d alerts, %d samples, %d in the rest", len(alerts), samples, alerts[alert.Fingerprint("every", alert.Others())])
	}
}

// TestManyRulesOnOneEvent: what has no number is counted and left out of everything.
func TestManyRulesOnOneEvent(t *testing.T) {
	t.Parallel()
	var d testDetector
	for i := range 200 {
		d = append(d, testDetector{{&alert.Rule{ID: fmt.Sprint(i), Severity: alert.Low}, every}}...)
	}
	f := NewFindings(d, time.Hour)
	f.Add(requests(2, 1), noon)
	var sum int64
	for _, r := range f.Raises() {
		sum += r.Findings
	}
	if f.Stored != 2*127 || f.Dropped != 2*73 || sum != f.Stored {
		t.Errorf("%d stored, %d dropped, %d counted", f.Stored, f.Dropped, sum)
	}
}

// TestFindingsGoWithTheirEvents loads objects with a rule: one derived part beside that of the
// events, with a row for each match, in the same commit.
func TestFindingsGoWithTheirEvents(t *testing.T) {
	t.Parallel()
	w := newWorld("a", "b", "c")
	p := w.pipeline(t, func(c *Config) {
		c.Detector = func(Detector) Detector { return testDetector{{everyRule, every}} }
		c.Backfill = 24 * time.Hour
	})
	results := map[string]Result{}
	if err := p.Drain(t.Context(), "s", func() bool { return false }, func(r Result, err error) {
		if err != nil {
			t.Error(err)
		}
		results[r.Lease.Key] = r
	}); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var rows int64
	for _, e := range w.parts {
		if e.state != "live" {
			t.Errorf("a part is %s", e.state)
		}
		for _, n := range e.rows {
			rows += n
		}
	}
	if rows != 6 || len(w.raises) != 3 {
		t.Errorf("%d rows, %d raises", rows, len(w.raises))
	}
	for k, r := range results {
		if r.Findings != 1 || k == "a" && r.Raised != 1 {
			t.Errorf("%s: %d findings, %d alerts", k, r.Findings, r.Raised)
		}
	}
}

// TestRulesChangeBetweenGroups: rules that come into force in the middle of a group are those of the
// next one; one group is judged by one set of rules from its first batch to its last.
func TestRulesChangeBetweenGroups(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add("a", strings.Repeat("event 200\n", 5000))
	w.add("b", strings.Repeat("event 200\n", 5000))
	first, second := testDetector{{everyRule, every}}, testDetector{{thirdRule, every}}
	asked, written := 0, 0
	p := w.pipeline(t, func(c *Config) {
		c.GroupCount = 1
		c.Reader = logtype.Options{BatchBytes: 4 << 10}
		c.Step = func(step string) {
			if step == StepWritten {
				written++
			}
		}
		c.Detector = func(used Detector) Detector {
			switch asked++; {
			case asked == 1 && used == nil && written == 0:
				return first
			case asked == 2 && used != nil && written > 2:
				return second
			}
			t.Errorf("asked for rules %d times, after %d parts, with %v", asked, written, used)
			return nil
		}
	})
	if _, err := w.drain(t, p); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	got := map[string]int64{}
	for _, r := range w.raises {
		got[r.Rule.ID] += r.Findings
	}
	if diff := cmp.Diff(map[string]int64{everyRule.ID: 5000, thirdRule.ID: 5000}, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkFindings makes findings of every event: the worst flood.
func BenchmarkFindings(b *testing.B) {
	batch := requests(20_000, 300)
	for b.Loop() {
		f := NewFindings(testDetector{{everyRule, every}}, time.Hour)
		f.Add(batch, noon)
		f.Cut()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Rows), "ns/finding")
}
