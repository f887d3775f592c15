// Package sourcetest holds every kind of source to the contract of source.Source.
package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/source"
)

// Place is one empty place under test and the source that looks at it.
type Place struct {
	Put     func(t *testing.T, key string, body []byte)
	Remove  func(t *testing.T, key string)
	Deny    func(t *testing.T, key string) // makes an object unreadable; nil = not possible here
	Advance func(d time.Duration)          // moves the source's clock
	Open    func(t *testing.T) source.Source
}

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock starts at the present.
func NewClock() *Clock { return &Clock{at: time.Now()} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// settle is longer than any source waits before it takes a new object.
const settle = 10 * time.Second

// oddKeys are names that are easily broken on the way.
var oddKeys = []string{
	"plain.log", "a b/c  d.log", "日本語/ログ.gz", "plus+and%20percent%.log", "quote'\"&=?#;.log", "a/b/c/d/e/f/deep.log",
	"AWSLogs/1/elb/us-east-1/2026/01/02/x_20260102T0000Z_a.log", "ünïcode/é.log", "dot.d/x..y", "~tilde/x",
}

// Run runs the whole suite; newPlace makes an empty place for each test.
func Run(t *testing.T, newPlace func(t *testing.T) *Place) {
	for name, test := range map[string]func(*testing.T, *Place){
		"Empty": testEmpty, "Keys": testKeys, "Fast": testFast, "Content": testContent, "Changed": testChanged,
		"Gone": testGone, "Denied": testDenied, "YieldError": testYieldError, "Canceled": testCanceled, "Many": testMany,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newPlace(t))
		})
	}
}

// List scans and returns the objects by key; an object listed twice in one scan is an error.
func List(t *testing.T, s source.Source, pass source.Pass, cursors source.Cursors) map[string]source.Object {
	t.Helper()
	found, err := list(t, s, pass, cursors)
	if err != nil {
		t.Fatalf("%s scan: %v", pass, err)
	}
	return found
}

func list(t *testing.T, s source.Source, pass source.Pass, cursors source.Cursors) (map[string]source.Object, error) {
	t.Helper()
	found := map[string]source.Object{}
	err := s.Scan(t.Context(), pass, cursors, func(objs []source.Object) error {
		if len(objs) == 0 || len(objs) > source.MaxGroup {
			t.Errorf("a group of %d objects", len(objs))
		}
		for _, o := range objs {
			if _, twice := found[o.Key]; twice {
				t.Errorf("%q was listed twice in one scan", o.Key)
			}
			if o.Source != s.Name() || o.Version == "" || o.Modified.IsZero() {
				t.Errorf("incomplete object %+v", o)
			}
			found[o.Key] = o
		}
		return nil
	})
	return found, err
}

func keys(m map[string]source.Object) []string { return slices.Sorted(maps.Keys(m)) }

func expectKeys(t *testing.T, got map[string]source.Object, want ...string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	if len(want) == 0 {
		want = nil
	}
	if diff := cmp.Diff(want, keys(got)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func read(t *testing.T, s source.Source, o source.Object) string {
	t.Helper()
	r, err := s.Open(t.Context(), o)
	if err != nil {
		t.Errorf("open: %v", err)
		return ""
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("read: %v", err)
	}
	return string(b)
}

func expectFault(t *testing.T, what string, err, cause error) {
	t.Helper()
	var se *source.Error
	if !errors.Is(err, cause) || !errors.As(err, &se) || se.Place == "" {
		t.Errorf("%s: error %v, want a *source.Error with cause %q", what, err, cause)
	}
	if source.Retryable(err) {
		t.Errorf("%s: %v counts as retryable", what, err)
	}
}

func testEmpty(t *testing.T, p *Place) {
	s := p.Open(t)
	for _, pass := range []source.Pass{source.Fast, source.Relist, source.Full} {
		expectKeys(t, List(t, s, pass, source.Cursors{}))
	}
}

func testKeys(t *testing.T, p *Place) {
	for _, k := range oddKeys {
		p.Put(t, k, []byte("content of "+k))
	}
	p.Advance(settle)
	s := p.Open(t)
	full := List(t, s, source.Full, source.Cursors{})
	expectKeys(t, full, oddKeys...)
	for k, o := range full {
		if got, want := read(t, s, o), "content of "+k; got != want || o.Size != int64(len(want)) {
			t.Errorf("%q: %d bytes %q, want %q", k, o.Size, got, want)
		}
		if err := s.Check(t.Context(), o); err != nil {
			t.Errorf("%q: check: %v", k, err)
		}
	}
	if diff := cmp.Diff(full, List(t, s, source.Full, source.Cursors{})); diff != "" {
		t.Errorf("a second full scan differs:\n%s", diff)
	}
}

// testFast: what comes in key order is found by fast passes, also by a new source with stored
// cursors; what comes out of order is found by a full one.
func testFast(t *testing.T, p *Place) {
	key := func(minute int) string {
		return fmt.Sprintf("logs/2026/01/02/x_20260102T00%02dZ.log", minute)
	}
	p.Put(t, key(10), []byte("one"))
	p.Advance(settle)
	s, cursors := p.Open(t), source.Cursors{}
	expectKeys(t, List(t, s, source.Fast, cursors), key(10))
	expectKeys(t, List(t, s, source.Fast, cursors))

	p.Put(t, key(11), []byte("two"))
	p.Advance(settle)
	expectKeys(t, List(t, s, source.Fast, cursors), key(11))

	p.Put(t, key(5), []byte("late"))
	p.Put(t, key(12), []byte("three"))
	p.Advance(settle)
	again := p.Open(t)
	found := List(t, again, source.Fast, cursors)
	if _, ok := found[key(12)]; !ok {
		t.Errorf("with stored cursors only %v was found", keys(found))
	}
	expectKeys(t, List(t, again, source.Full, cursors), key(5), key(10), key(11), key(12))
	expectKeys(t, List(t, again, source.Full, source.Cursors{}), key(5), key(10), key(11), key(12))
}

func testContent(t *testing.T, p *Place) {
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(i * 7 >> 3)
	}
	p.Put(t, "big", big)
	p.Put(t, "empty", nil)
	p.Advance(settle)
	s := p.Open(t)
	all := List(t, s, source.Full, source.Cursors{})
	if got := read(t, s, all["big"]); got != string(big) {
		t.Errorf("%d bytes differ from the %d that were put", len(got), len(big))
	}
	if o, ok := all["empty"]; !ok || read(t, s, o) != "" {
		t.Errorf("empty object: found %v", ok)
	}
}

func testChanged(t *testing.T, p *Place) {
	p.Put(t, "a.log", []byte("one"))
	p.Advance(settle)
	s := p.Open(t)
	old := List(t, s, source.Full, source.Cursors{})["a.log"]
	p.Put(t, "a.log", []byte("another"))
	p.Advance(settle)
	_, err := s.Open(t.Context(), old)
	expectFault(t, "open", err, source.ErrChanged)
	expectFault(t, "check", s.Check(t.Context(), old), source.ErrChanged)
	cur := List(t, s, source.Full, source.Cursors{})["a.log"]
	if cur.Version == old.Version {
		t.Errorf("version %q is the same for other content", cur.Version)
	}
	if got := read(t, s, cur); got != "another" {
		t.Errorf("content %q", got)
	}
}

func testGone(t *testing.T, p *Place) {
	p.Put(t, "a.log", []byte("one"))
	p.Advance(settle)
	s := p.Open(t)
	o := List(t, s, source.Full, source.Cursors{})["a.log"]
	p.Remove(t, "a.log")
	_, err := s.Open(t.Context(), o)
	expectFault(t, "open", err, source.ErrGone)
	expectFault(t, "check", s.Check(t.Context(), o), source.ErrGone)
	expectKeys(t, List(t, s, source.Full, source.Cursors{}))
}

func testDenied(t *testing.T, p *Place) {
	if p.Deny == nil {
		t.Skip("access to one object cannot be taken away here")
	}
	p.Put(t, "a.log", []byte("one"))
	p.Put(t, "b.log", []byte("two"))
	p.Deny(t, "a.log")
	p.Advance(settle)
	s := p.Open(t)
	all := List(t, s, source.Full, source.Cursors{})
	expectKeys(t, all, "a.log", "b.log")
	_, err := s.Open(t.Context(), all["a.log"])
	expectFault(t, "open", err, source.ErrDenied)
	if got := read(t, s, all["b.log"]); got != "two" {
		t.Errorf("content %q", got)
	}
}

// testYieldError: what the caller could not record is handed out again, by every pass.
func testYieldError(t *testing.T, p *Place) {
	p.Put(t, "logs/2026/01/02/x_20260102T0000Z.log", []byte("one"))
	p.Advance(settle)
	refused := errors.New("the ledger is full")
	cursors := source.Cursors{}
	s := p.Open(t)
	for _, pass := range []source.Pass{source.Full, source.Relist, source.Fast} {
		if pass == source.Relist {
			continue // lists recent days only
		}
		err := s.Scan(t.Context(), pass, cursors, func([]source.Object) error { return refused })
		if !errors.Is(err, refused) {
			t.Errorf("%s: error %v", pass, err)
		}
		if len(cursors) != 0 {
			t.Errorf("%s: cursors moved to %v", pass, cursors)
		}
	}
	expectKeys(t, List(t, s, source.Fast, cursors), "logs/2026/01/02/x_20260102T0000Z.log")
}

func testCanceled(t *testing.T, p *Place) {
	p.Put(t, "a.log", []byte("one"))
	p.Advance(settle)
	s := p.Open(t)
	o := List(t, s, source.Full, source.Cursors{})["a.log"]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Scan(ctx, source.Full, source.Cursors{}, func([]source.Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("scan: error %v", err)
	}
	if _, err := s.Open(ctx, o); !errors.Is(err, context.Canceled) || source.Retryable(err) {
		t.Errorf("open: error %v", err)
	}
}

func testMany(t *testing.T, p *Place) {
	var want []string
	for i := range 1234 {
		want = append(want, fmt.Sprintf("many/%d/%04d.log", i%7, i))
	}
	var wg sync.WaitGroup
	for part := range slices.Chunk(want, 200) {
		wg.Go(func() {
			for _, k := range part {
				p.Put(t, k, []byte("x"))
			}
		})
	}
	wg.Wait()
	p.Advance(settle)
	s := p.Open(t)
	expectKeys(t, List(t, s, source.Full, source.Cursors{}), want...)
	cursors := source.Cursors{}
	expectKeys(t, List(t, s, source.Relist, cursors), want...)
}
