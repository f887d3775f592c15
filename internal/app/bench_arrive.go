package app

import (
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

	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/state"
)

// ArriveBench is how soon small objects that arrive one after another can be searched.
type ArriveBench struct {
	Machine    BenchMachine `json:"machine"`
	Objects    int          `json:"objects"`
	PerMinute  float64      `json:"objects_per_minute"`
	MinBytes   int          `json:"smallest_object_bytes"`
	MaxBytes   int          `json:"largest_object_bytes"`
	Records    int64        `json:"records"`
	P50Seconds float64      `json:"searchable_p50_seconds"`
	P99Seconds float64      `json:"searchable_p99_seconds"`
	MaxSeconds float64      `json:"searchable_max_seconds"`
	CPUSeconds float64      `json:"cpu_seconds"`
	PeakRSSMB  float64      `json:"peak_rss_mb"`
	Parts      int          `json:"parts"`
}

// BenchArrive renames objects of 1 to 50 KB into the inbox of a running intake at an even pace
// and measures the time from the rename to the commit that makes each searchable.
func BenchArrive(ctx context.Context, dir string, objects int, over time.Duration, log *slog.Logger, progress io.Writer) (ArriveBench, error) {
	b := ArriveBench{Machine: machine(), Objects: objects, PerMinute: float64(objects) / over.Minutes()}
	if err := emptyFolder(dir); err != nil {
		return b, err
	}
	fmt.Fprintln(progress, "making objects …")
	made, err := smallObjects(objects)
	if err != nil {
		return b, err
	}
	for _, o := range made {
		b.MinBytes, b.MaxBytes = min(max(b.MinBytes, 0), len(o)), max(b.MaxBytes, len(o))
		if b.MinBytes == 0 {
			b.MinBytes = len(o)
		}
	}
	cfg, err := benchConfig(dir, true)
	if err != nil {
		return b, err
	}
	a, err := Open(ctx, cfg, "bench", log)
	if err != nil {
		return b, err
	}
	work, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	a.start(work, &wg)
	defer func() { stop(); wg.Wait(); _ = a.Close() }()

	fmt.Fprintf(progress, "dropping %d objects in %s …\n", objects, over)
	m := startMeter()
	arrived := make(map[string]time.Time, objects)
	began := time.Now()
	for i, data := range made {
		due := began.Add(over * time.Duration(i) / time.Duration(objects))
		if err := sleepUntil(ctx, due); err != nil {
			return b, err
		}
		key := fmt.Sprintf("m%03d/%06d.gz", i/500, i)
		if err := drop(Inbox(cfg), key, data); err != nil {
			return b, err
		}
		arrived[key] = time.Now()
	}
	took, err := a.untilDone(ctx, inboxName, arrived)
	if err != nil {
		return b, err
	}
	_, b.CPUSeconds, b.PeakRSSMB = m.stop()
	slices.Sort(took)
	b.P50Seconds, b.P99Seconds, b.MaxSeconds = took[len(took)/2].Seconds(), took[len(took)*99/100].Seconds(), took[len(took)-1].Seconds()
	list, err := a.db.Sources(ctx)
	if err != nil {
		return b, err
	}
	for _, s := range list {
		b.Records += s.Counts.Records
	}
	snap, err := a.db.Snapshot(ctx, nil, minTime, maxTime)
	if err != nil {
		return b, err
	}
	b.Parts = len(snap.Parts)
	snap.Release()
	return b, nil
}

const (
	minTime = -1 << 62
	maxTime = 1 << 62
)

// smallObjects makes gzip objects whose sizes spread over about 1 to 50 KB.
func smallObjects(n int) ([][]byte, error) {
	c := demo.NewCorpus(demoSeed, time.Now().UTC().Add(-time.Hour))
	rng := benchRand()
	out := make([][]byte, 0, n)
	for len(out) < n {
		per := 4 + rng.IntN(240)
		err := c.WAF(per, per, func(o demo.Object) error {
			out = append(out, slices.Clone(o.Data))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func sleepUntil(ctx context.Context, at time.Time) error {
	d := time.Until(at)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// drop writes a file beside its name and renames it in.
func drop(root, key string, data []byte) error {
	name := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(name), "."+filepath.Base(name))
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// untilDone waits until the ledger has loaded every key and returns how long each took.
func (a *App) untilDone(ctx context.Context, src string, arrived map[string]time.Time) ([]time.Duration, error) {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		list, err := a.db.Sources(ctx)
		if err != nil {
			return nil, err
		}
		done := int64(0)
		for _, s := range list {
			if s.Name == src {
				done = s.Objects[state.Done]
			}
		}
		if done >= int64(len(arrived)) {
			break
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("only %d of %d objects were loaded in time", done, len(arrived))
		}
		if err := sleepUntil(ctx, time.Now().Add(200*time.Millisecond)); err != nil {
			return nil, err
		}
	}
	var took []time.Duration
	for after := int64(0); ; {
		page, err := a.db.Objects(ctx, state.ObjectFilter{Source: src, States: []state.State{state.Done}}, state.Page{Limit: 5000, After: after})
		if err != nil {
			return nil, err
		}
		for _, o := range page {
			if at, ok := arrived[o.Key]; ok {
				took = append(took, o.DoneAt.Sub(at))
			}
			after = o.Num
		}
		if len(page) == 0 {
			break
		}
	}
	if len(took) != len(arrived) {
		return nil, errors.New("the ledger does not list every object that it counts")
	}
	return took, nil
}

// LedgerBench is how long a start takes over a large ledger.
type LedgerBench struct {
	Machine     BenchMachine `json:"machine"`
	Objects     int          `json:"objects"`
	FillSeconds float64      `json:"fill_seconds"`
	FileBytes   int64        `json:"file_bytes"`
	OpenSeconds float64      `json:"open_and_recover_seconds"`
}

// BenchLedger fills a ledger and measures opening and recovering it.
func BenchLedger(ctx context.Context, dir string, objects int, progress io.Writer) (LedgerBench, error) {
	b := LedgerBench{Machine: machine(), Objects: objects}
	if err := emptyFolder(dir); err != nil {
		return b, err
	}
	file := filepath.Join(dir, "data", "state.db")
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return b, err
	}
	db, err := state.Open(ctx, file, state.Options{})
	if err != nil {
		return b, err
	}
	began := time.Now()
	err = state.FillLedger(ctx, db, objects, func(done int) { fmt.Fprintf(progress, "\r%d objects", done) })
	fmt.Fprintln(progress)
	b.FillSeconds = time.Since(began).Seconds()
	if err = errors.Join(err, db.Close()); err != nil {
		return b, err
	}
	if fi, err := os.Stat(file); err == nil {
		b.FileBytes = fi.Size()
	}
	began = time.Now()
	db, err = state.Open(ctx, file, state.Options{})
	if err != nil {
		return b, err
	}
	defer db.Close()
	if _, err := db.Recover(ctx, "yagura"); err != nil {
		return b, err
	}
	b.OpenSeconds = time.Since(began).Seconds()
	return b, nil
}
