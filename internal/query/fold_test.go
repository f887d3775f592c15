package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

func TestAutoSpan(t *testing.T) {
	t.Parallel()
	want := map[time.Duration]string{
		15 * time.Minute: "30s", time.Hour: "1m", 4 * time.Hour: "5m", 24 * time.Hour: "30m", 48 * time.Hour: "1h", 7 * 24 * time.Hour: "3h",
		30 * 24 * time.Hour: "12h", 90 * 24 * time.Hour: "1d", 365 * 24 * time.Hour: "1w", 5 * 365 * 24 * time.Hour: "1M", 50 * 365 * 24 * time.Hour: "1y", 0: "1s",
	}
	got := map[time.Duration]string{}
	for d := range want {
		got[d] = AutoSpan(now.Add(-d).UnixNano(), now.UnixNano())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAutoBuckets(t *testing.T) {
	t.Parallel()
	r := ask(t, "event.action:BLOCK | stats count() as n by bucket(@timestamp, auto) as slot", options())
	if diff := cmp.Diff([][]any{{now.Add(-time.Hour), int64(2)}}, r.Table.Rows); diff != "" {
		t.Error(diff)
	}
}

// TestFolds compares hour() and weekday() with counting by hand, over a change of the clock and
// in a zone that is half an hour off.
func TestFolds(t *testing.T) {
	t.Parallel()
	table := schema.NewTable("aws.waf", 1, []schema.Field{{Name: "event.action", Kind: schema.String}, {Name: "http.response.bytes", Kind: schema.Int}})
	rng := rand.New(rand.NewPCG(1, 2))
	end := time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC)
	var records []naive.Record
	for i := range 3000 {
		at := end.Add(-time.Duration(rng.Int64N(int64(14 * 24 * time.Hour))))
		records = append(records, naive.Record{Table: table, Event: store.Event{ID: fmt.Sprint("e", i), LogType: "aws.waf", Time: at,
			Fields: map[string]any{"event.action": []string{"ALLOW", "BLOCK"}[i%2], "http.response.bytes": int64(i)}}})
	}
	for _, name := range []string{"UTC", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"} {
		loc := zone(t, name)
		o := options()
		o.Now, o.Since, o.Zone = end, "14d", loc
		s, err := Parse("event.action:BLOCK | stats count() as n, sum(http.response.bytes) as bytes, min(http.response.bytes) as least, max(http.response.bytes) as most by weekday() as day, hour()", o)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), naive.New(records), s)
		if err != nil {
			t.Fatal(err)
		}
		type cell struct{ day, hour int64 }
		type sums struct{ n, bytes, least, most int64 }
		want, got := map[cell]sums{}, map[cell]sums{}
		for _, rec := range records {
			if rec.Fields["event.action"] != "BLOCK" {
				continue
			}
			at := rec.Time.In(loc)
			day := int64(at.Weekday())
			if day == 0 {
				day = 7
			}
			c, b := cell{day, int64(at.Hour())}, rec.Fields["http.response.bytes"].(int64)
			x, known := want[c]
			if !known {
				x.least, x.most = b, b
			}
			want[c] = sums{x.n + 1, x.bytes + b, min(x.least, b), max(x.most, b)}
		}
		for _, row := range r.Table.Rows {
			got[cell{row[0].(int64), row[1].(int64)}] = sums{row[2].(int64), row[3].(int64), row[4].(int64), row[5].(int64)}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(cell{}, sums{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(r.Table.Rows) != len(got) {
			t.Errorf("%s: %d rows for %d groups", name, len(r.Table.Rows), len(got))
		}
		if s.FoldedBy(0) != WeekdayOf || s.FoldedBy(1) != HourOf || s.FoldedBy(2) != "" {
			t.Errorf("folded by %q and %q", s.FoldedBy(0), s.FoldedBy(1))
		}
	}
}

func TestFoldSortsAndLimitsWhatPeopleSee(t *testing.T) {
	t.Parallel()
	r := ask(t, `| stats count() as n by hour("Asia/Tokyo") as h | sort n desc | limit 1`, options())
	if diff := cmp.Diff([][]any{{int64(20), int64(4)}}, r.Table.Rows); diff != "" {
		t.Error(diff)
	}
}

func TestFoldMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"| stats distinct(source.ip) by hour()":   "column 3: distinct cannot be put together by hour; take count, sum, min or max",
		`| stats count() by hour("Mars/Olympus")`: `column 25: there is no time zone "Mars/Olympus"; write a name such as "Asia/Tokyo" or UTC`,
		"| stats count() by hour(UTC":             `column 28: ")" is missing after hour, before the end`,
		"| stats count() by hour(), hour()":       `column 28: two columns are named "hour"; give one of them another name with as`,
		"| stats count() by minute()":             `column 20: there is no function "minute" here; only bucket(…), hour() and weekday() can stand after by`,
	} {
		_, err := Parse(text, options())
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
