package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxPending is how many entries wait in memory while they cannot be written; then entries are
// lost, which is itself recorded.
const maxPending = 20_000

// Trail writes the audit log beside the requests: entries gather and are stored together, twice a
// second or when many wait. A clean stop loses nothing.
type Trail struct {
	store Trace
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{} // has room for one: something waits, or much

	writing sync.Mutex // one writer at a time, so that the order stays
	mu      sync.Mutex
	entries []Entry
	uses    map[Hash]Use
	lost    int
}

// trailPause is how long entries gather.
const trailPause = 500 * time.Millisecond

// NewTrail makes a trail that writes to a store. Run or Flush write.
func NewTrail(store Trace, now func() time.Time, log *slog.Logger) *Trail {
	return &Trail{store: store, now: now, log: log, wake: make(chan struct{}, 1), uses: map[Hash]Use{}}
}

// Record implements Auditor.
func (t *Trail) Record(ctx context.Context, e Entry) {
	if e.Time.IsZero() {
		e.Time = t.now()
	}
	p, c := From(ctx), ClientFrom(ctx)
	if e.Who == "" {
		e.Who = p.Who()
	}
	if e.Address == "" {
		e.Address = c.Address
	}
	if e.Outcome == "" {
		e.Outcome = Done
	}
	e.Who, e.Target, e.Detail = cut(e.Who, 200), redactText(e.Target, maxTarget), redact(e.Detail)
	t.mu.Lock()
	if len(t.entries) >= maxPending {
		t.lost++
	} else {
		t.entries = append(t.entries, e)
	}
	t.mu.Unlock()
	t.ring()
}

// use notes that a session or token was used.
func (t *Trail) use(u Use) {
	t.mu.Lock()
	if len(t.uses) < maxPending {
		t.uses[u.Hash] = u
	}
	t.mu.Unlock()
	t.ring()
}

// lastUse is the use that was noted and not yet written.
func (t *Trail) lastUse(h Hash) (Use, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u, ok := t.uses[h]
	return u, ok
}

func (t *Trail) ring() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Run writes until ctx ends, and then what is left.
func (t *Trail) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			t.flush(last)
			return
		case <-t.wake:
		}
		select {
		case <-ctx.Done():
		case <-time.After(trailPause):
			t.flush(ctx)
		}
	}
}

func (t *Trail) flush(ctx context.Context) {
	if err := t.Flush(ctx); err != nil && ctx.Err() == nil {
		t.log.Error("writing the audit log: it is tried again", "err", err)
		t.ring()
	}
}

// Flush writes all that waits. What cannot be written goes on waiting.
func (t *Trail) Flush(ctx context.Context) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.mu.Lock()
	entries, lost := t.entries, t.lost
	uses := make([]Use, 0, len(t.uses))
	for _, u := range t.uses {
		uses = append(uses, u)
	}
	t.entries, t.lost, t.uses = nil, 0, map[Hash]Use{}
	t.mu.Unlock()
	if lost > 0 {
		entries = append(entries, Entry{Time: t.now(), Action: ActionLost, Outcome: Failed, Detail: map[string]any{"entries": lost}})
	}
	if len(entries)+len(uses) == 0 {
		return nil
	}
	err := t.store.WriteTrace(ctx, entries, uses)
	if err == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if lost > 0 {
		entries = entries[:len(entries)-1]
	}
	t.lost += lost
	t.entries = append(entries, t.entries...)
	if over := len(t.entries) - maxPending; over > 0 {
		t.entries, t.lost = t.entries[:maxPending], t.lost+over
	}
	for _, u := range uses {
		if _, newer := t.uses[u.Hash]; !newer {
			t.uses[u.Hash] = u
		}
	}
	return err
}
