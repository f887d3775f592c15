package app

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	pulseEvery = 500 * time.Millisecond // how soon a commit is noticed
	tailEvery  = time.Second            // between two messages of a tail
	tailMost   = 200                    // events in one of them
	tailLooked = 2_000                  // events looked at for one of them
	intakeOld  = 30 * time.Second       // when the state of intake is told again without a commit
)

// pulse tells whoever follows something that it has changed. A follower that is busy misses
// nothing: it is told once more when it looks again.
type pulse struct {
	mu        sync.Mutex
	next      int
	followers map[int]follower
}

type follower struct {
	topic string
	wake  chan struct{} // of one
	jobs  chan api.LiveJob
}

func newPulse() *pulse {
	return &pulse{followers: map[int]follower{}}
}

func (p *pulse) follow(topic string) (f follower, end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.next
	p.next++
	f = follower{topic: topic, wake: make(chan struct{}, 1), jobs: make(chan api.LiveJob, 64)}
	p.followers[n] = f
	return f, func() {
		p.mu.Lock()
		delete(p.followers, n)
		p.mu.Unlock()
	}
}

// beat wakes the followers of topics.
func (p *pulse) beat(topics ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.followers {
		for _, t := range topics {
			if f.topic == t {
				select {
				case f.wake <- struct{}{}:
				default:
				}
			}
		}
	}
}

// job passes the state of long work on; one who does not read loses states between.
func (p *pulse) job(j api.LiveJob) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.followers {
		if f.topic == "jobs" {
			select {
			case f.jobs <- j:
			default:
			}
		}
	}
}

// run notices commits and changed alerts until ctx ends.
func (f *face) run(ctx context.Context) {
	end := f.app.WatchAlerts(func([]alert.Change) { f.pulse.beat("alerts") })
	defer end()
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	last, told := f.app.db.Seq(), f.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if seq := f.app.db.Seq(); seq != last {
			last = seq
			f.pulse.beat("tail", "intake")
		}
		if now := f.now(); now.Sub(told) >= intakeOld {
			told = now
			f.pulse.beat("intake")
		}
	}
}

// Follow implements api.LiveBackend.
func (f *face) Follow(ctx context.Context, t api.Topic, send func(api.Message) error) error {
	switch t.Topic {
	case "tail":
		return f.tail(ctx, t, send)
	case "alerts":
		return f.followAlerts(ctx, send)
	case "intake":
		return f.each(ctx, "intake", 2*time.Second, func() error {
			in, err := f.intake(ctx)
			if err != nil {
				return err
			}
			if in.Sources == nil {
				in.Sources = []api.HomeSource{}
			}
			return send(api.Message{Event: "intake", Data: in})
		})
	case "jobs":
		w, end := f.pulse.follow("jobs")
		defer end()
		for {
			select {
			case <-ctx.Done():
				return nil
			case j := <-w.jobs:
				if err := send(api.Message{Event: "job", Data: j}); err != nil {
					return err
				}
			}
		}
	}
	return api.Invalid("body.topics", "there is no topic %q", t.Topic)
}

// each calls do at once and after every beat of a topic, with a pause between.
func (f *face) each(ctx context.Context, topic string, pause time.Duration, do func() error) error {
	w, end := f.pulse.follow(topic)
	defer end()
	for {
		if err := do(); err != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		}
	}
}

// followAlerts sends the counts at once, then with every change; alerts that were raised since
// are named, unless all their events were old when they came in.
func (f *face) followAlerts(ctx context.Context, send func(api.Message) error) error {
	var mu sync.Mutex
	var raised []string
	end := f.app.WatchAlerts(func(changes []alert.Change) {
		mu.Lock()
		for _, c := range changes {
			if c.Notify && len(raised) < 100 {
				raised = append(raised, c.ID)
			}
		}
		mu.Unlock()
	})
	defer end()
	return f.each(ctx, "alerts", time.Second, func() error {
		mu.Lock()
		ids := raised
		raised = nil
		mu.Unlock()
		m, err := f.alerts(ctx)
		if err != nil {
			return err
		}
		m.Raised = []api.AlertCard{}
		for _, id := range ids {
			if a, err := f.app.db.Alert(ctx, id); err == nil && !a.Backfill {
				m.Raised = append(m.Raised, cardOf(a))
			}
		}
		return send(api.Message{Event: "alerts", Data: m})
	})
}

// tail sends the events that commits have made visible since it began. An event is new when the
// commit that finished its object is: so events come whatever their time is, and rows that a
// compaction has written again do not.
func (f *face) tail(ctx context.Context, t api.Topic, send func(api.Message) error) error {
	read := func() (*asked, error) {
		return f.read(api.Scope{Q: t.Q, Filters: t.Filters, Range: api.Range{Zone: t.Zone}}, f.instant(), func(o *query.Options) { o.Columns = t.Columns })
	}
	q, err := read()
	if err != nil {
		return err
	}
	if q.Aggregate != nil {
		return api.Invalid("body.topics", "a tail shows events: leave out stats and top")
	}
	last := f.app.db.Seq()
	if t.After != "" {
		seq, err := strconv.ParseInt(t.After, 36, 64)
		if err != nil || seq < 0 {
			return api.Invalid("body.topics", "after is the after of a message of a tail")
		}
		last = min(seq, last)
	}
	return f.each(ctx, "tail", tailEvery, func() error {
		now := f.app.db.Seq()
		if now == last {
			return nil
		}
		if q, err = read(); err != nil {
			return err
		}
		m, err := f.arrived(ctx, q, last, now)
		if err != nil {
			return err
		}
		last = now
		if len(m.Events) == 0 && m.Skipped == 0 {
			return nil
		}
		m.After = strconv.FormatInt(now, 36)
		return send(api.Message{Event: "tail", Data: m})
	})
}

// arrived finds the events of the commits (after, upto].
func (f *face) arrived(ctx context.Context, q *asked, after, upto int64) (api.LiveTail, error) {
	out := api.LiveTail{Events: []api.Event{}}
	base := q.Query()
	base.To = f.endOfTime()
	snap, err := f.app.db.Snapshot(ctx, base.Types, base.From, base.To)
	if err != nil {
		return out, err
	}
	from, to := base.To, base.From
	for i := range snap.Parts {
		if p := &snap.Parts[i]; p.Seq > after {
			from, to = min(from, p.MinTime), max(to, p.MaxTime+1)
		}
	}
	snap.Release()
	if from >= to {
		return out, nil
	}
	e := *q.Events
	e.From, e.To, e.Limit, e.Oldest = max(base.From, from), min(base.To, to), tailLooked, false
	r, err := f.ask.Events(ctx, e)
	if err != nil {
		return out, tooBig(err)
	}
	seqs := map[string]int64{}
	var fresh []store.Event
	for _, x := range r.Events {
		object, _, _, err := event.ParseID(x.ID)
		if err != nil {
			continue
		}
		seq, known := seqs[object]
		if !known {
			o, err := f.app.db.Object(ctx, object)
			if err != nil && ctx.Err() != nil {
				return out, fmt.Errorf("looking up an object: %w", err)
			}
			seq = o.Seq
			seqs[object] = seq
		}
		if seq > after && seq <= upto {
			fresh = append(fresh, x)
		}
	}
	if len(fresh) > tailMost {
		out.Skipped = int64(len(fresh) - tailMost)
		fresh = fresh[:tailMost]
	}
	for i := len(fresh) - 1; i >= 0; i-- {
		out.Events = append(out.Events, f.eventOf(&fresh[i], cutText, q.Fields == nil))
	}
	return out, nil
}
