// Package app puts the parts together: it opens a data folder, wires sources, pipeline, store
// and state, and runs them as a server or for one command. It is the only package that knows
// everyone; what the parts do is decided in them.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/uuid"

	builtin "github.com/yagura-siem/yagura/content"
	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/enrich"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake"
)

// version is set at release (-ldflags -X); else the build's own information serves.
var version string

// Version names the build.
func Version() string {
	if version != "" {
		return version
	}
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "development"
}

// App is an open data folder: this process alone writes it.
type App struct {
	cfg      config.Config
	log      *slog.Logger
	unlock   func() error
	db       *state.DB
	access   *access
	jobs     *jobs
	ledger   *ledger
	lake     *lake.Lake
	content  *content.Content
	tables   *enrich.Tables
	notices  []string // what enrichment lacks
	feeds    []*feed
	pipeline *ingest.Pipeline
	// detection is the rules in force; watching are those who are told of changed alerts.
	detection ruleBook
	watching  alertWatchers
	metrics   *metrics.Set
	probes    probes

	loading sync.Mutex // one load at a time
	mu      sync.Mutex
	extra   map[string]*load // the load that runs, by its source
}

// probes are where tests reach in; the zero value is the program as it is.
type probes struct {
	ui    string                          // folder of the interface, "" = the built one
	tune  func(*ingest.Config)            // changes the pipeline's bounds and is told its steps
	store func(ingest.Store) ingest.Store // stands between the pipeline and the lake
	clock func() time.Time                // leases and retries are judged by
	// fallback hears which questions the scan leaves to the engine, beside log and metrics.
	fallback func(why string, q store.AggregateQuery)
	// password makes hashing cheap; the zero value is what the program uses.
	password auth.Params
}

// Connect returns a Service for the data folder of a configuration: a client when another
// process has it open, else the folder opened here. close ends it.
func Connect(ctx context.Context, c config.Config, log *slog.Logger) (svc httpapi.Service, closeService func(), err error) {
	if client, ok := dialControl(ctx, c.Data); ok {
		return client, func() {}, nil
	}
	a, err := Open(ctx, c, "command", log)
	if err != nil {
		return nil, nil, err
	}
	return a, func() { _ = a.Close() }, nil
}

// Open takes the data folder for this process, brings its state up to date, and removes what a
// dead process left half done. The second process is refused with a *state.LockedError.
func Open(ctx context.Context, c config.Config, command string, log *slog.Logger) (*App, error) {
	return open(ctx, c, command, log, probes{})
}

func open(ctx context.Context, c config.Config, command string, log *slog.Logger, p probes) (_ *App, err error) {
	a := &App{cfg: c, log: log, metrics: metrics.NewSet(), extra: map[string]*load{}, probes: p}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if a.unlock, err = state.Lock(c.Data, state.Holder{PID: os.Getpid(), Command: command, Started: time.Now()}); err != nil {
		return nil, err
	}
	if a.content, err = loadContent(c); err != nil {
		return nil, err
	}
	if a.tables, a.notices, err = loadTables(c, log); err != nil {
		return nil, err
	}
	if a.db, err = state.Open(ctx, filepath.Join(c.Data, "state.db"), state.Options{Now: p.clock}); err != nil {
		return nil, err
	}
	a.jobs = newJobs()
	if err = a.openAccess(ctx); err != nil {
		return nil, err
	}
	owner := "yagura"
	rec, err := a.db.Recover(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("recovering from the last stop: %w", err)
	}
	a.ledger = &ledger{db: a.db, owner: owner + "/" + uuid.NewString(), changed: a.alertsChanged}
	a.detection.now.Store(newDetection(a.content, log))
	if a.lake, err = lake.Open(lake.Config{
		Root: filepath.Join(c.Data, "parts"), Catalogue: a.db, Threads: c.Query.Threads, MemoryLimit: int64(c.Query.Memory),
		Fallback: a.leftToEngine,
	}); err != nil {
		return nil, err
	}
	if err = a.sweep(ctx, rec.Parts); err != nil {
		return nil, err
	}
	dead, err := a.db.Garbage(ctx, unlinkAfter)
	if err != nil {
		return nil, fmt.Errorf("looking for dead parts: %w", err)
	}
	if err = a.sweep(ctx, dead); err != nil {
		return nil, err
	}
	if err = a.refuseStrangers(ctx, c.Data); err != nil {
		return nil, err
	}
	if a.feeds, err = configured(ctx, c); err != nil {
		return nil, err
	}
	a.pipeline = a.newPipeline(a.ingestConfig())
	a.gauges()
	return a, nil
}

// Close gives everything back, in the reverse order of opening; it works after a half-done Open.
func (a *App) Close() error {
	var errs []error
	closeIf := func(c io.Closer, open bool) {
		if open {
			errs = append(errs, c.Close())
		}
	}
	a.jobs.close()
	for _, f := range a.feeds {
		closeIf(f.src, true)
	}
	closeIf(a.lake, a.lake != nil)
	errs = append(errs, a.closeAccess())
	closeIf(a.db, a.db != nil)
	if a.unlock != nil {
		errs = append(errs, a.unlock())
	}
	return errors.Join(errs...)
}

// feed finds the source of an object for the pipeline.
func (a *App) feed(name string) (ingest.Feed, bool) {
	a.mu.Lock()
	l, ok := a.extra[name]
	a.mu.Unlock()
	f := a.configuredFeed(name)
	switch {
	case ok && f != nil: // objects are opened by the source that stays
		return ingest.Feed{Source: f, Type: l.typeOf}, true
	case ok:
		return ingest.Feed{Source: l.feed, Type: l.typeOf}, true
	case f != nil:
		return ingest.Feed{Source: f, Type: func(ingest.Object) string { return f.logType }}, true
	}
	return ingest.Feed{}, false
}

// configuredFeed finds the inbox or a source of the configuration; nil = there is none of that name.
func (a *App) configuredFeed(name string) *feed {
	for _, f := range a.feeds {
		if f.src.Name() == name {
			return f
		}
	}
	return nil
}

func (a *App) ingestConfig() ingest.Config {
	d := envelope.Decompressor{Limits: envelope.Limits{Spool: a.spool}}
	c := ingest.Config{
		Workers: a.cfg.Intake.WorkerCount(), GroupBytes: 6 << 20, GroupCount: 500,
		Reader: readerOptions(a.cfg), Now: time.Now, Idle: 500 * time.Millisecond, LeaseRenew: leaseTTL / 4, RetryPause: 5 * time.Second,
		Decompress: func(r io.Reader) (io.ReadCloser, error) { return d.Open(r) },
		Step:       func(string) {},
		Detector:   a.detection.detector, Backfill: time.Duration(a.cfg.Detect.BackfillAfter),
	}
	if a.probes.tune != nil {
		a.probes.tune(&c)
	}
	return c
}

// spool is a temporary file for a zip archive that is too large for memory. It has no name, so
// that it is gone whatever happens.
func (a *App) spool() (envelope.Spool, error) {
	dir := filepath.Join(a.cfg.Data, "tmp")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "zip-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

// parts is the store of the pipeline.
func (a *App) parts() ingest.Store {
	if a.probes.store != nil {
		return a.probes.store(partStore{a.lake})
	}
	return partStore{a.lake}
}

func (a *App) newPipeline(c ingest.Config) *ingest.Pipeline {
	return ingest.New(c, a.ledger, a.feed, a.parts(), a.content.Set,
		func() ingest.Stage { return a.tables.NewWorker() }, ingest.NewMetrics(a.metrics), a.log)
}

func readerOptions(c config.Config) logtype.Options {
	return logtype.Options{
		Now: time.Now, MaxRecord: int(c.Intake.MaxRecord), BatchBytes: int64(c.Intake.Batch),
		DropOriginal: !c.Intake.KeepOriginal, Unwrap: envelope.Unwrap,
	}
}

// loadContent compiles the built-in log types and the user's folder over them.
func loadContent(c config.Config) (*content.Content, error) {
	folders, err := Folders(c)
	if err != nil {
		return nil, err
	}
	lib, err := content.Load(folders)
	if err != nil {
		return lib, err
	}
	return lib, lib.LoadRules(DashboardSources(c)...)
}

// Sources are the trees of content in force, the built-in one and the user's over it.
func Sources(c config.Config) []content.Source {
	sources := []content.Source{{FS: builtin.Files, Path: "content", Origin: content.BuiltIn}}
	if c.Content != "" {
		sources = append(sources, content.Source{FS: os.DirFS(c.Content), Path: c.Content, Origin: content.User})
	}
	return sources
}

// Folders lists the log types in force, built-in and the user's.
func Folders(c config.Config) ([]content.Folder, error) { return content.Folders(Sources(c)...) }

// loadTables also returns what is not there, for people; it is logged here.
func loadTables(c config.Config, log *slog.Logger) (*enrich.Tables, []string, error) {
	o := enrich.Options{Geo: c.Enrich.Geo, TrustedProxies: c.Enrich.TrustedProxies, OwnNetworks: c.Enrich.OwnNetworks, Accounts: c.Enrich.Accounts}
	for _, l := range c.Enrich.Lists {
		o.Lists = append(o.Lists, enrich.List{Name: l.Name, File: l.File})
	}
	t, missing, err := enrich.New(o)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the enrichment tables: %w", err)
	}
	var notices []string
	for _, n := range missing {
		log.Info("enrichment is not complete", "about", n.Subject, "note", n.Text)
		notices = append(notices, n.Text)
	}
	return t, notices, nil
}

// gauges registers what is read when metrics are asked for.
func (a *App) gauges() {
	sum := func(f func(state.SourceSummary) int64) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			list, err := a.db.Sources(ctx)
			if err != nil {
				return 0
			}
			var n int64
			for _, s := range list {
				n += f(s)
			}
			return float64(n)
		}
	}
	a.metrics.NewGauge("yagura_objects_waiting", sum(func(s state.SourceSummary) int64 {
		return s.Objects[state.Pending] + s.Objects[state.Waiting] + s.Objects[state.Leased]
	}))
	a.metrics.NewGauge("yagura_objects_failed", sum(func(s state.SourceSummary) int64 { return s.Objects[state.Failed] }))
	a.metrics.NewGauge("yagura_lag_seconds", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		list, err := a.db.Sources(ctx)
		if err != nil {
			return 0
		}
		var lag time.Duration
		for _, s := range list {
			lag = max(lag, s.Lag)
		}
		return lag.Seconds()
	})
	a.metrics.NewGauge("yagura_commit_seq", func() float64 { return float64(a.db.Seq()) })
	a.metrics.NewGauge("yagura_intake_paused", func() float64 {
		if a.pipeline.Paused() != nil {
			return 1
		}
		return 0
	})
}
