package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/dashboard"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake"
)

// BoardBench is what refreshing a dashboard cost, without a server around it.
type BoardBench struct {
	Machine   BenchMachine `json:"machine"`
	Board     string       `json:"board"`
	Events    int64        `json:"events"` // in the range of the dashboard
	Parts     int          `json:"parts"`
	Questions int          `json:"questions"` // of all panels
	Distinct  int          `json:"distinct"`  // what the store was asked
	Calls     int          `json:"calls"`     // in so many calls
	ColdMS    float64      `json:"cold_ms"`   // nothing of ours in memory; the pages of the files are
	ColdCPU   float64      `json:"cold_cpu_ms"`
	WarmMS    float64      `json:"warm_ms"` // the best round, each over a range of its own
	WarmCPU   float64      `json:"warm_cpu_ms"`
	PeakRSSMB float64      `json:"peak_rss_mb"`
	Failed    []string     `json:"failed,omitempty"` // panels
	// Asked are the distinct questions, each alone and warm, the dearest first.
	Asked []BoardQuestion `json:"asked"`
}

// BoardQuestion is one thing the store was asked.
type BoardQuestion struct {
	Text   string  `json:"text"`
	MS     float64 `json:"ms"`
	Engine string  `json:"engine,omitempty"` // why the scan left it to the engine
}

// BoardOptions says what to refresh.
type BoardOptions struct {
	Dir     string // as of bench query; made when it is missing
	Records int    // WAF records; 0 = as many as are there, 10 M when none are
	ALB     int    // load balancer records beside them
	Board   string
	Rounds  int
	Single  bool // also ask each question alone
}

// BenchBoard refreshes a shipped dashboard over the day of a bench folder.
func BenchBoard(ctx context.Context, o BoardOptions, log *slog.Logger, progress io.Writer) (BoardBench, error) {
	b := BoardBench{Machine: machine(), Board: o.Board}
	day, err := PrepareBoardBench(ctx, o, log, progress)
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
	board, err := newBoards(a.content, cfg).find(o.Board)
	if err != nil || board == nil || board.Board == nil {
		return b, &httpapi.UserError{Err: fmt.Errorf("there is no dashboard %s (%w)", o.Board, cmp.Or(err, errors.New("or it is broken")))}
	}
	est, err := a.lake.Estimate(ctx, store.Query{From: day.Start(), To: day.End()})
	if err != nil {
		return b, err
	}
	b.Events, b.Parts = est.Rows, est.Parts
	m := startMeter()
	rec := &recorder{Lake: a.lake}
	options := a.queryOptions(httpapi.QueryRequest{}, time.Time{}, time.UTC)
	a.probes.fallback = rec.fallback
	refresh := func(minutes int) (wall, cpu float64, err error) {
		*rec = recorder{Lake: a.lake}
		r := dashboard.NewRunner(dashboard.Config{Searcher: rec, Options: func() query.Options { return options }})
		from, to := time.Unix(0, day.Start()).UTC().Add(time.Duration(-minutes)*time.Minute), time.Unix(0, day.End()).UTC()
		began, used := time.Now(), cpuSeconds()
		res, err := r.Run(ctx, board.Board, dashboard.Params{From: from.Format(time.RFC3339), To: to.Format(time.RFC3339), Now: to, Zone: time.UTC, Choices: true}, nil)
		if err != nil {
			return 0, 0, err
		}
		b.Questions, b.Failed = res.Stats.Questions, nil
		for id, p := range res.Panels {
			if p.Error != nil {
				b.Failed = append(b.Failed, id+": "+p.Error.Message)
			}
		}
		slices.Sort(b.Failed)
		return time.Since(began).Seconds() * 1e3, (cpuSeconds() - used) * 1e3, nil
	}
	if b.ColdMS, b.ColdCPU, err = refresh(0); err != nil {
		return b, err
	}
	for i := range max(o.Rounds, 1) {
		wall, cpu, err := refresh(i + 1)
		if err != nil {
			return b, err
		}
		if b.WarmMS == 0 || wall < b.WarmMS {
			b.WarmMS, b.WarmCPU = wall, cpu
		}
	}
	b.Calls, b.Distinct = rec.calls, len(rec.asked)+rec.events
	asked := slices.Clone(rec.asked)
	for _, q := range asked {
		if !o.Single {
			break
		}
		*rec = recorder{Lake: a.lake}
		began := time.Now()
		if _, err := a.lake.Aggregate(ctx, q); err != nil {
			return b, err
		}
		b.Asked = append(b.Asked, BoardQuestion{Text: questionText(q), MS: time.Since(began).Seconds() * 1e3, Engine: rec.why})
	}
	slices.SortFunc(b.Asked, func(x, y BoardQuestion) int { return cmp.Compare(y.MS, x.MS) })
	_, _, b.PeakRSSMB = m.stop()
	return b, nil
}

// loadedDay is the day of a folder that is loaded.
func loadedDay(dir string) (day event.Day, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "loaded"))
	if err == nil {
		var have string
		_, err = fmt.Sscan(string(b), &have, &day)
	}
	return day, err
}

// recorder notes what a store is asked.
type recorder struct {
	*lake.Lake
	mu     sync.Mutex
	asked  []store.AggregateQuery
	events int
	calls  int
	why    string
}

func (r *recorder) note(qs ...store.AggregateQuery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked, r.calls = append(r.asked, qs...), r.calls+1
}

func (r *recorder) fallback(why string, _ store.AggregateQuery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = why
}

func (r *recorder) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	r.note(q)
	return r.Lake.Aggregate(ctx, q)
}

func (r *recorder) AggregateBatch(ctx context.Context, qs []store.AggregateQuery) ([]store.Table, []error) {
	r.note(qs...)
	return r.Lake.AggregateBatch(ctx, qs)
}

func (r *recorder) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	r.mu.Lock()
	r.events, r.calls = r.events+1, r.calls+1
	r.mu.Unlock()
	return r.Lake.Events(ctx, q)
}

// questionText is a question as a person reads it, without its range if that is not needed.
func questionText(q store.AggregateQuery) string {
	text := ""
	if q.Where != nil {
		text = q.Where.String()
	}
	if len(text) > 160 {
		text = text[:160] + "…"
	}
	for i, a := range q.Aggs {
		text += fmt.Sprintf("%s%s(%s)", []string{" | ", ", "}[min(i, 1)], a.Func, a.Field)
	}
	for i, k := range q.By {
		text += []string{" by ", ", "}[min(i, 1)] + k.Field
		if k.Buckets != nil {
			text += fmt.Sprintf("/%d", len(k.Buckets.Edges)-1)
		}
	}
	return fmt.Sprintf("%s [%s]", text, time.Duration(q.To-q.From))
}

// PrepareBoardBench makes the folder of a bench unless it is there, and returns its day.
func PrepareBoardBench(ctx context.Context, o BoardOptions, log *slog.Logger, progress io.Writer) (event.Day, error) {
	day, err := loadedDay(o.Dir)
	if err != nil || o.Records > 0 {
		day, err = prepareQueryBench(ctx, QueryOptions{Dir: o.Dir, Records: cmp.Or(o.Records, 10_000_000)}, log, progress)
	}
	if err != nil || o.ALB == 0 {
		return day, err
	}
	mark := filepath.Join(o.Dir, "loaded-alb")
	if _, err := os.Stat(mark); err == nil {
		return day, nil
	}
	fmt.Fprintf(progress, "writing and loading %d load balancer records …\n", o.ALB)
	defer os.RemoveAll(filepath.Join(o.Dir, "bucket"))
	if _, _, _, err := makeCorpus(o.Dir, "alb", o.ALB, 35_000, time.Unix(0, day.Start()).UTC()); err != nil {
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
	sum, err := a.Load(ctx, httpapi.LoadRequest{Target: filepath.Join(o.Dir, "bucket")}, func(httpapi.Progress) {})
	if err == nil && sum.Failed+sum.Quarantined > 0 {
		err = fmt.Errorf("the corpus did not load whole: %+v", sum)
	}
	if err != nil {
		return 0, err
	}
	return day, os.WriteFile(mark, fmt.Appendf(nil, "%d\n", o.ALB), 0o644)
}
