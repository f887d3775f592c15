package app

import (
	"container/list"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// answers remembers answers by what was asked of what, and lets those who ask the same at once
// share one execution. It holds at most a number of bytes, the least used go first.
type answers struct {
	mu    sync.Mutex
	room  int64
	used  int64
	order *list.List // of *answer, newest use first
	known map[string]*list.Element
	under map[string]*flight // being worked on
	now   func() time.Time
}

type answer struct {
	key   string
	value any
	size  int64
	until time.Time // zero = until what was asked changes
}

func newAnswers(room int64) *answers {
	return &answers{room: room, order: list.New(), known: map[string]*list.Element{}, under: map[string]*flight{}, now: time.Now}
}

// flight is an execution that several may wait for. It ends early when nobody does.
type flight struct {
	done    chan struct{}
	value   any
	err     error
	waiting int
	trip    *trip
}

// trip is what one or more flights are executed by together.
type trip struct {
	wanted int // flights somebody waits for
	cancel context.CancelFunc
}

// look finds a remembered answer.
func (a *answers) look(key string) (any, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.get(key)
}

func (a *answers) get(key string) (any, bool) {
	e, ok := a.known[key]
	if !ok {
		return nil, false
	}
	v := e.Value.(*answer)
	if !v.until.IsZero() && a.now().After(v.until) {
		a.forget(e)
		return nil, false
	}
	a.order.MoveToFront(e)
	return v.value, true
}

// put remembers an answer; the lock is held. One larger than an eighth of the room is not kept.
func (a *answers) put(key string, value any, size int64, keep time.Duration) {
	if size > a.room/8 || key == "" {
		return
	}
	if e, ok := a.known[key]; ok {
		a.forget(e)
	}
	v := &answer{key: key, value: value, size: size + int64(len(key)) + 200}
	if keep > 0 {
		v.until = a.now().Add(keep)
	}
	a.known[key] = a.order.PushFront(v)
	a.used += v.size
	for a.used > a.room {
		a.forget(a.order.Back())
	}
}

func (a *answers) forget(e *list.Element) {
	v := a.order.Remove(e).(*answer)
	a.used -= v.size
	delete(a.known, v.key)
}

// outcome is what an execution gives for one key.
type outcome struct {
	value any
	err   error
	size  int64         // 0 = do not remember
	keep  time.Duration // 0 = until what was asked changes
}

// do returns the answers to keys, which must differ: remembered ones, those of executions under
// way, and for the rest one call of run with the positions that are missing. hit tells which
// were remembered. run gets a context that ends when nobody waits for any of its answers.
func (a *answers) do(ctx context.Context, keys []string, run func(context.Context, []int) []outcome) (out []outcome, hit []bool) {
	out, hit = make([]outcome, len(keys)), make([]bool, len(keys))
	flights := make([]*flight, len(keys))
	var missing []int
	var mine []*flight
	a.mu.Lock()
	for i, key := range keys {
		if v, ok := a.get(key); ok {
			out[i].value, hit[i] = v, true
			continue
		}
		f := a.under[key]
		if f == nil {
			f = &flight{done: make(chan struct{})}
			a.under[key] = f
			missing, mine = append(missing, i), append(mine, f)
		}
		f.waiting++
		flights[i] = f
	}
	if len(mine) > 0 {
		work, cancel := context.WithCancel(context.WithoutCancel(ctx))
		t := &trip{wanted: len(mine), cancel: cancel}
		for _, f := range mine {
			f.trip = t
		}
		go a.fly(work, cancel, keys, missing, mine, run)
	}
	a.mu.Unlock()
	for i, f := range flights {
		if f == nil {
			continue
		}
		select {
		case <-f.done:
			out[i] = outcome{value: f.value, err: f.err}
		case <-ctx.Done():
			out[i].err = ctx.Err()
		}
		a.mu.Lock()
		if f.waiting--; f.waiting == 0 {
			if a.under[keys[i]] == f { // still under way: nobody may join what is about to end
				delete(a.under, keys[i])
			}
			if f.trip.wanted--; f.trip.wanted == 0 {
				f.trip.cancel()
			}
		}
		a.mu.Unlock()
	}
	return out, hit
}

func (a *answers) fly(ctx context.Context, cancel context.CancelFunc, keys []string, missing []int, mine []*flight, run func(context.Context, []int) []outcome) {
	defer cancel()
	results := safely(ctx, missing, run)
	a.mu.Lock()
	defer a.mu.Unlock()
	for j, f := range mine {
		r := results[j]
		key := keys[missing[j]]
		f.value, f.err = r.value, r.err
		if r.err == nil && r.size > 0 {
			a.put(key, r.value, r.size, r.keep)
		}
		if a.under[key] == f {
			delete(a.under, key)
		}
		close(f.done)
	}
}

// safely keeps a defect in one question from ending the server: it runs on a goroutine of its own.
func safely(ctx context.Context, missing []int, run func(context.Context, []int) []outcome) (out []outcome) {
	defer func() {
		if p := recover(); p != nil {
			err := fmt.Errorf("answering a question: panic: %v\n%s", p, debug.Stack())
			out = make([]outcome, len(missing))
			for i := range out {
				out[i].err = err
			}
		}
	}()
	return run(ctx, missing)
}
