package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// lineType makes an event of each line "event N …" and quarantines other lines.
const lineType = `
name: test.line
title: Lines
version: 1
recognise: {content: {starts: ['event ']}}
frame: {text: {split: ' ', quote: '"', names: [word, status], min: 2}}
set:
  http.response.status_code: {from: status, required: true}
store: {original: keep}
`

func lineTypes(t testing.TB) *logtype.Set {
	t.Helper()
	d, err := logtype.Parse("logtype.yaml", []byte(lineType))
	if err != nil {
		t.Fatal(err)
	}
	ty, err := logtype.Compile(d, schema.ECS())
	if err != nil {
		t.Fatal(err)
	}
	return logtype.NewSet([]*logtype.Type{ty})
}

// world is ledger, source and store in memory. Its fields are looked at under mu; the
// functions inject faults and may be nil.
type world struct {
	mu      sync.Mutex
	objects map[string]*entry // by key
	content map[string][]byte
	parts   map[string]*partEntry
	calls   []string
	raises  []alert.Raise

	onLease   func() error
	onRenew   func() error
	onPrepare func() error
	onCommit  func(Commit) error
	onAbort   func() error
	onOpen    func(key string) error
	onCheck   func(key string) error
	onWrite   func(p store.Part, rows map[string]int64) error
}

type entry struct {
	Object
	state  string // pending leased loaded failed gone waiting
	epoch  int64
	reason string
	result Result
	prev   *Previous
}

type partEntry struct {
	state string // pending live dead
	file  bool
	rows  map[string]int64
}

func newWorld(keys ...string) *world {
	w := &world{objects: map[string]*entry{}, content: map[string][]byte{}, parts: map[string]*partEntry{}}
	for i, k := range keys {
		w.add(k, fmt.Sprintf("event %d\n", 200+i))
	}
	return w
}

func (w *world) add(key, content string) {
	w.content[key] = []byte(content)
	w.objects[key] = &entry{state: "pending", Object: Object{ObjectIdentity: event.ObjectIdentity{Source: "s", Key: key, Version: "1"}, Size: int64(len(content))}}
}

func (w *world) call(name string) { w.calls = append(w.calls, name) }

func try(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

func (w *world) Lease(_ context.Context, _ []string, count int, maxBytes int64) ([]Lease, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := try(w.onLease); err != nil {
		return nil, err
	}
	var out []Lease
	var sum int64
	for _, k := range slices.Sorted(maps.Keys(w.objects)) {
		o := w.objects[k]
		if o.state != "pending" || len(out) == count || len(out) > 0 && sum+o.Size > maxBytes {
			continue
		}
		o.state = "leased"
		o.epoch++
		sum += o.Size
		out = append(out, Lease{Object: o.Object, ID: o.ID(), Epoch: o.epoch, Previous: o.prev})
	}
	return out, nil
}

func (w *world) mine(l Lease) *entry {
	o := w.objects[l.Key]
	if o.state != "leased" || o.epoch != l.Epoch {
		return nil
	}
	return o
}

func (w *world) stale(leases []Lease) error {
	for _, l := range leases {
		if w.mine(l) == nil {
			return fmt.Errorf("%w: %s", ErrStale, l.Key)
		}
	}
	return nil
}

func (w *world) Renew(_ context.Context, leases []Lease) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.call("renew")
	return errors.Join(try(w.onRenew), w.stale(leases))
}

func (w *world) Prepare(_ context.Context, leases []Lease, parts []store.Part) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := errors.Join(try(w.onPrepare), w.stale(leases)); err != nil {
		return err
	}
	for _, p := range parts {
		w.parts[p.ID] = &partEntry{state: "pending"}
	}
	return nil
}

func (w *world) Commit(_ context.Context, c Commit) ([]alert.Change, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onCommit != nil {
		if err := w.onCommit(c); err != nil {
			return nil, err
		}
	}
	for _, r := range c.Results {
		if w.mine(r.Lease) == nil {
			return nil, ErrStale
		}
	}
	for _, p := range c.Parts {
		if w.parts[p.ID] == nil || w.parts[p.ID].state != "pending" || !w.parts[p.ID].file {
			return nil, fmt.Errorf("part %s is %+v", p.ID, w.parts[p.ID])
		}
		w.parts[p.ID].state, w.parts[p.ID].rows = "live", p.Rows
	}
	for _, id := range c.Replaced {
		if w.parts[id].state != "live" {
			return nil, ErrStale
		}
		w.parts[id].state = "dead"
	}
	for _, r := range c.Results {
		o := w.mine(r.Lease)
		o.state, o.result = "loaded", r
	}
	w.raises = append(w.raises, c.Raises...)
	return changesOf(c.Raises), nil
}

// changesOf says that every alert is a new one.
func changesOf(raises []alert.Raise) []alert.Change {
	var out []alert.Change
	for _, r := range raises {
		if len(out) == 0 || out[len(out)-1].ID != r.Alert {
			out = append(out, alert.Change{ID: r.Alert, Rule: r.Rule.ID, Severity: r.Rule.Severity, Object: r.Object, Action: alert.LogRaised, Notify: r.Fresh})
		}
	}
	return out
}

func (w *world) Abort(_ context.Context, parts []store.Part) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.call("abort")
	if err := try(w.onAbort); err != nil {
		return err
	}
	for _, p := range parts {
		if e := w.parts[p.ID]; e != nil && e.state == "pending" {
			e.state = "dead"
		}
	}
	return nil
}

func (w *world) Fail(_ context.Context, l Lease, reason string, again, gone bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.mine(l)
	if o == nil {
		return ErrStale
	}
	o.reason = reason
	switch {
	case gone:
		o.state = "gone"
	case again:
		o.state = "waiting"
	default:
		o.state = "failed"
	}
	return nil
}

func (w *world) Release(_ context.Context, leases []Lease) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range leases {
		if o := w.mine(l); o != nil {
			o.state = "pending"
		}
	}
	return nil
}

func (w *world) PartsOf(_ context.Context, objects []string) ([]store.Part, func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []store.Part
	for id, p := range w.parts {
		if p.state == "live" && slices.ContainsFunc(objects, func(o string) bool { return p.rows[o] > 0 }) {
			out = append(out, store.Part{ID: id, LogType: "test.line", Version: 1})
		}
	}
	return out, func() {}, nil
}

func (w *world) Open(_ context.Context, o Object) (io.ReadCloser, error) {
	if w.onOpen != nil {
		if err := w.onOpen(o.Key); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return io.NopCloser(bytes.NewReader(w.content[o.Key])), nil
}

func (w *world) Check(_ context.Context, o Object) error {
	if w.onCheck != nil {
		return w.onCheck(o.Key)
	}
	return nil
}

// memoryStore is the store of a world.
type memoryStore struct{ *world }

func (s memoryStore) NewPart(b *event.Batch) store.Part {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.call("part")
	return store.Part{ID: fmt.Sprint(len(s.calls)), LogType: b.Table.LogType, Day: int32(b.Day)}
}

func (s memoryStore) Write(_ context.Context, p *store.Part, b *event.Batch, _ time.Time) error {
	if s.onWrite != nil {
		if err := s.onWrite(*p, RowsByObject(b)); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts[p.ID].file = true
	p.Rows = int64(b.Rows)
	return nil
}

func (s memoryStore) Remove(p store.Part) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.parts[p.ID]; e != nil {
		if e.state == "live" {
			panic("a live part is removed")
		}
		e.file = false
	}
	return nil
}

func (s memoryStore) Without(_ context.Context, p store.Part, into *store.Part, objects []string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := map[string]int64{}
	for id, n := range s.parts[p.ID].rows {
		if !slices.Contains(objects, id) {
			rows[id] = n
			into.Rows += n
		}
	}
	s.parts[into.ID].file = len(rows) > 0
	return rows, nil
}

type plainStage struct{}

func (plainStage) Enrich(*event.Batch) {}

// states are the states of all objects: "a:loaded b:pending".
func (w *world) states() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, k := range slices.Sorted(maps.Keys(w.objects)) {
		out = append(out, k+":"+w.objects[k].state)
	}
	return strings.Join(out, " ")
}

// tidy fails the test if anything is left half done, and returns the rows of live parts by key.
func (w *world) tidy(t testing.TB) map[string]int64 {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	keys := map[string]string{}
	for k, o := range w.objects {
		keys[o.ID()] = k
		if o.state == "leased" {
			t.Errorf("object %s is still leased", k)
		}
	}
	rows := map[string]int64{}
	for id, p := range w.parts {
		switch {
		case p.state == "pending", p.state == "dead" && p.file && p.rows == nil:
			t.Errorf("part %s is left behind: %+v", id, *p)
		case p.state == "live":
			for o, n := range p.rows {
				rows[keys[o]] += n
			}
		}
	}
	return rows
}

// pipeline builds a pipeline over a world.
func (w *world) pipeline(t testing.TB, change func(*Config)) *Pipeline {
	t.Helper()
	c := Config{
		Workers: 1, GroupBytes: 1 << 20, GroupCount: 100, Now: time.Now, Idle: time.Millisecond, LeaseRenew: time.Hour, RetryPause: time.Millisecond,
		Decompress: func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil },
	}
	if change != nil {
		change(&c)
	}
	feeds := func(name string) (Feed, bool) { return Feed{Source: w}, name == "s" }
	return New(c, w, feeds, memoryStore{w}, lineTypes(t), func() Stage { return plainStage{} }, NewMetrics(metrics.NewSet()), slog.New(slog.DiscardHandler))
}

// drain loads until nothing is pending and returns the error and what was told of each object.
func (w *world) drain(t testing.TB, p *Pipeline) (map[string]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var mu sync.Mutex
	told := map[string]string{}
	err := p.Drain(ctx, "s", func() bool { return false }, func(r Result, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			told[r.Lease.Key] += "failed "
			return
		}
		told[r.Lease.Key] += string(r.Outcome) + " "
	})
	return told, err
}
