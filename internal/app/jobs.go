package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// jobs are long works that outlive the request that started them, but not the process. One of a
// kind runs at a time.
type jobs struct {
	mu   sync.Mutex
	list []*job            // oldest first
	tell func(api.LiveJob) // of every beginning and end; nil = nobody listens
	wg   sync.WaitGroup
	stop context.CancelFunc
	ctx  context.Context //nolint:containedctx // the life of the process, for what requests start
}

// keptJobs is how many ended jobs are remembered.
const keptJobs = 50

func newJobs() *jobs {
	ctx, stop := context.WithCancel(context.Background())
	return &jobs{ctx: ctx, stop: stop}
}

// close cancels what runs and waits for it.
func (js *jobs) close() {
	if js == nil {
		return
	}
	js.stop()
	js.wg.Wait()
}

// job is one work.
type job struct {
	cancel context.CancelFunc
	ended  chan struct{}
	left   func(context.Context) (int64, error) // how much is still to do

	mu   sync.Mutex
	view api.Job
}

func (j *job) show() api.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.view
}

// start runs work beside the request; left says how much of total is still to do. A second one of a kind is a conflict.
func (js *jobs) start(ctx context.Context, kind string, total int64, left func(context.Context) (int64, error), work func(context.Context) (*api.ReplayResult, error)) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.ctx.Err() != nil {
		return nil, api.Unavailable("the server is stopping")
	}
	for _, other := range js.list {
		if v := other.show(); v.Kind == kind && v.State == "running" {
			return nil, api.Conflict("a job of this kind runs already: %s", v.ID)
		}
	}
	p := auth.From(ctx)
	run, cancel := context.WithCancel(auth.With(js.ctx, p, auth.ClientFrom(ctx)))
	j := &job{cancel: cancel, ended: make(chan struct{}), left: left, view: api.Job{ID: searchID(), Kind: kind, State: "running", Who: p.Who(), Started: time.Now().UTC(), Progress: api.JobProgress{Total: total}}}
	js.list = append(js.list, j)
	if len(js.list) > keptJobs && js.list[0].show().State != "running" {
		js.list = js.list[1:]
	}
	tell := js.tell
	if tell == nil {
		tell = func(api.LiveJob) {}
	}
	tell(live(j.view))
	js.wg.Go(func() {
		defer cancel()
		result, err := work(run)
		j.end(result, err)
		tell(live(j.show()))
	})
	return j, nil
}

// live is what a stream says of a job.
func live(v api.Job) api.LiveJob {
	return api.LiveJob{ID: v.ID, Kind: v.Kind, State: v.State, Done: v.Progress.Done, Total: v.Progress.Total, Error: v.Error}
}

// listen has every beginning and end of a job told.
func (js *jobs) listen(tell func(api.LiveJob)) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.tell = tell
}

func (j *job) end(result *api.ReplayResult, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now().UTC()
	j.view.Ended, j.view.Result, j.view.State = &now, result, "done"
	j.view.Progress.Done = j.view.Progress.Total
	switch {
	case errors.Is(err, context.Canceled):
		j.view.State = "cancelled"
	case err != nil:
		j.view.State, j.view.Error = "failed", err.Error()
	}
	if err != nil && result != nil {
		j.view.Progress.Done = min(j.view.Progress.Total, result.Replayed+result.Left+result.Cut)
	}
	close(j.ended)
}

func (js *jobs) find(id string) (*job, bool) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.list {
		if j.view.ID == id {
			return j, true
		}
	}
	return nil, false
}
