package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
)

// drainTime is how long a stop waits for groups and requests under way.
const drainTime = 8 * time.Second

// Serve watches the sources of a configuration, loads what arrives and answers commands, until
// ctx ends. ready is called with the address of the web server once everything runs. ui is a folder
// to serve the interface from, "" = the one in the program.
//
// Order of the stop: listing, then loading (groups that cannot finish are given back), then the
// servers, then the data folder.
func Serve(ctx context.Context, c config.Config, log *slog.Logger, ui string, ready func(addr string)) error {
	return serve(ctx, c, log, ready, probes{ui: ui})
}

func serve(ctx context.Context, c config.Config, log *slog.Logger, ready func(addr string), p probes) error {
	a, err := open(ctx, c, "serve", log, p)
	if err != nil {
		return err
	}
	if err := a.mayListen(); err != nil {
		return errors.Join(err, a.Close())
	}
	health, err := a.listenWeb()
	if err != nil {
		return errors.Join(err, a.Close())
	}
	control, err := listenControl(c.Data)
	if err != nil {
		return errors.Join(err, health.Close(), a.Close())
	}

	// The context of requests ends with the stop, so that queries are cancelled and drained.
	reqCtx, endRequests := context.WithCancel(context.Background())
	base := func(net.Listener) context.Context { return reqCtx }
	g := a.newGuard()
	face := newFace(a)
	a.jobs.listen(face.pulse.job)
	web := &http.Server{
		Handler: a.webHandler(face, g, p.ui), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, BaseContext: base,
	}
	ctl := &http.Server{Handler: httpapi.Control(a), ReadHeaderTimeout: 10 * time.Second, BaseContext: base}
	failed := make(chan error, 2)
	serve := func(s *http.Server, l net.Listener) {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serving %s: %w", l.Addr(), err)
		}
	}
	go serve(web, health)
	go serve(ctl, control)

	work, stopWork := context.WithCancel(ctx)
	var wg sync.WaitGroup
	a.start(work, &wg)
	wg.Go(func() { face.run(work) })
	ready(health.Addr().String())

	var cause error
	select {
	case <-ctx.Done():
		log.Info("stopping", "component", "app")
	case cause = <-failed:
	}
	stopWork()
	endRequests()
	stop, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	waited := make(chan struct{})
	go func() { wg.Wait(); close(waited) }()
	select {
	case <-waited:
	case <-stop.Done():
		cause = errors.Join(cause, errors.New("stopping: loading did not end in time; what was not committed is loaded again at the next start"))
	}
	return errors.Join(cause, web.Shutdown(stop), ctl.Shutdown(stop), a.Close())
}

// start runs watchers, pipeline and housekeeping.
func (a *App) start(ctx context.Context, wg *sync.WaitGroup) {
	names := make([]string, 0, len(a.feeds))
	for _, f := range a.feeds {
		names = append(names, f.src.Name())
		f.watch = &ingest.Watcher{
			Source: f.src.Name(), Lister: f, Offers: a.ledger, Schedule: f.schedule(), Found: a.pipeline.Wake,
			Now: time.Now, Log: a.log.With("component", "listing"),
		}
		wg.Go(func() { f.watch.Run(ctx) })
	}
	wg.Go(func() { _ = a.pipeline.Run(ctx, names) })
	wg.Go(func() { a.housekeeping(ctx) })
	a.reloadOnSignal(ctx, wg)
	a.startAccess(ctx, wg)
}

func (f *feed) schedule() ingest.Schedule {
	s := ingest.Schedule{Fast: time.Second, Relist: 10 * time.Minute, Full: 24 * time.Hour}
	if f.kind == "bucket" {
		s.Fast = 3 * time.Second
	}
	if f.every > 0 {
		s.Fast = f.every
	}
	return s
}

// ready is nil while intake works.
func (a *App) ready() error {
	if err := a.pipeline.Paused(); err != nil {
		return fmt.Errorf("intake waits: %w", err)
	}
	return nil
}

func (a *App) writeMetrics(w io.Writer) {
	a.metrics.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}
