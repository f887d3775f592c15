package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake"
)

// QueryBench compares the questions of the engine study with plain SQL over the same parts.
type QueryBench struct {
	Machine   BenchMachine      `json:"machine"`
	Events    int64             `json:"events"`
	Parts     int               `json:"parts"`
	PeakRSSMB float64           `json:"peak_rss_mb"`
	Questions []lake.Comparison `json:"questions"`

	Dashboard lake.DashboardComparison `json:"dashboard"`
}

// QueryOptions says what to ask, and of how much.
type QueryOptions struct {
	Dir     string // kept: a second run over the same number of records loads nothing
	Records int
	Rounds  int

	DashboardOnly bool // leave the single questions out
}

// BenchQuery loads WAF records of one day (or takes those of the last run) and asks.
func BenchQuery(ctx context.Context, o QueryOptions, log *slog.Logger, progress io.Writer) (QueryBench, error) {
	b := QueryBench{Machine: machine()}
	day, err := prepareQueryBench(ctx, o, log, progress)
	if err != nil {
		return b, err
	}
	cfg, err := benchConfig(o.Dir, false)
	if err != nil {
		return b, err
	}
	a, err := Open(ctx, cfg, "bench", log)
	if err != nil {
		return b, err
	}
	defer a.Close()
	est, err := a.lake.Estimate(ctx, store.Query{From: minTime, To: maxTime})
	if err != nil {
		return b, err
	}
	b.Events, b.Parts = est.Rows, est.Parts
	fmt.Fprintf(progress, "asking %d events in %d parts …\n", est.Rows, est.Parts)
	m := startMeter()
	if b.Dashboard, err = a.lake.CompareDashboard(ctx, "aws.waf", day, o.Rounds); err == nil && !o.DashboardOnly {
		b.Questions, err = a.lake.Compare(ctx, "aws.waf", day, "", o.Rounds)
	}
	_, _, b.PeakRSSMB = m.stop()
	return b, err
}

// prepareQueryBench loads the corpus unless a former run has, and returns its day.
func prepareQueryBench(ctx context.Context, o QueryOptions, log *slog.Logger, progress io.Writer) (event.Day, error) {
	mark := filepath.Join(o.Dir, "loaded")
	want := fmt.Sprintf("%d", o.Records)
	if b, err := os.ReadFile(mark); err == nil {
		var day event.Day
		var have string
		if _, err := fmt.Sscan(string(b), &have, &day); err == nil && have == want {
			return day, nil
		}
	}
	if err := emptyFolder(o.Dir); err != nil {
		return 0, err
	}
	_ = os.Remove(mark)
	fmt.Fprintf(progress, "writing %d records …\n", o.Records)
	if _, _, _, err := MakeCorpus(o.Dir, "waf", o.Records, 35_000); err != nil {
		return 0, err
	}
	cfg, err := benchConfig(o.Dir, false)
	if err != nil {
		return 0, err
	}
	a, err := Open(ctx, cfg, "bench", log)
	if err != nil {
		return 0, err
	}
	defer a.Close()
	fmt.Fprintln(progress, "loading …")
	sum, err := a.Load(ctx, httpapi.LoadRequest{Target: filepath.Join(o.Dir, "bucket")}, func(httpapi.Progress) {})
	if err != nil {
		return 0, err
	}
	if sum.Failed+sum.Quarantined > 0 {
		return 0, fmt.Errorf("the corpus did not load whole: %+v", sum)
	}
	if err := os.RemoveAll(filepath.Join(o.Dir, "bucket")); err != nil {
		return 0, err
	}
	day := event.DayOf(corpusStart().UnixNano())
	return day, os.WriteFile(mark, fmt.Appendf(nil, "%s %d\n", want, day), 0o644)
}

// corpusStart is the beginning of yesterday, UTC.
func corpusStart() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour) }
