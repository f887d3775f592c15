package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
)

// shelf is a lister and what it offers to; its clock moves with every pass.
type shelf struct {
	mu      sync.Mutex
	now     time.Time
	step    time.Duration // the clock's, for a pass
	stored  map[string]string
	offered []string
	passes  []Pass
	scan    func(n int, pass Pass, cursors map[string]string, yield func([]Object) error) error
	stop    context.CancelFunc // called after the last pass
	last    int
	offer   error
}

func (s *shelf) Scan(_ context.Context, pass Pass, cursors map[string]string, yield func([]Object) error) error {
	n := len(s.passes)
	s.passes = append(s.passes, pass)
	s.mu.Lock()
	s.now = s.now.Add(s.step)
	s.mu.Unlock()
	defer func() {
		if n+1 == s.last {
			s.stop()
		}
	}()
	return s.scan(n, pass, cursors, yield)
}

func (s *shelf) Offer(_ context.Context, objects []Object) (int, error) {
	for _, o := range objects {
		s.offered = append(s.offered, o.Key)
	}
	return len(objects), s.offer
}

func (s *shelf) Cursors(context.Context, string) (map[string]string, error) {
	c := map[string]string{}
	maps.Copy(c, s.stored)
	return c, nil
}

func (s *shelf) PutCursors(_ context.Context, _ string, cursors map[string]string) error {
	s.stored = maps.Clone(cursors)
	return nil
}

func (s *shelf) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// watch runs passes, each of which takes step on the clock, and returns what was logged.
func (s *shelf) watch(t *testing.T, passes int, schedule Schedule) string {
	t.Helper()
	if s.now.IsZero() {
		s.now = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	}
	var ctx context.Context
	ctx, s.stop = context.WithTimeout(context.Background(), 20*time.Second)
	defer s.stop()
	s.last = len(s.passes) + passes
	var b bytes.Buffer
	w := &Watcher{Source: "s", Lister: s, Offers: s, Schedule: schedule, Found: func() {}, Now: s.clock, Log: slog.New(slog.NewTextHandler(&b, nil))}
	w.Run(ctx)
	return b.String()
}

func (s *shelf) kinds() string {
	var b strings.Builder
	for _, p := range s.passes {
		b.WriteByte("frF"[p])
	}
	return b.String()
}

var hourly = Schedule{Fast: time.Microsecond, Relist: 10 * time.Minute, Full: time.Hour}

// TestSchedule: a full pass first and whenever one is due, relisting in between, else the fast
// one; f, r, F stand for them. A pass takes two minutes here.
func TestSchedule(t *testing.T) {
	t.Parallel()
	fine := func(int, Pass, map[string]string, func([]Object) error) error { return nil }
	for _, c := range []struct {
		name     string
		schedule Schedule
		scan     func(int, Pass, map[string]string, func([]Object) error) error
		passes   string
	}{
		{"all goes well", hourly, fine, "FffffrffffrffffrffffrffffrffffrFf"},
		{"only fast ones", Schedule{Fast: time.Microsecond}, fine, "ffffffffff"},
		{"one place can never be listed", hourly, func(_ int, p Pass, _ map[string]string, _ func([]Object) error) error {
			if p == Fast {
				return nil
			}
			return errors.New("denied")
		}, "FffffFffffFffff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{step: 2 * time.Minute, scan: c.scan}
			s.watch(t, len(c.passes), c.schedule)
			if got := s.kinds(); got != c.passes {
				t.Errorf("passes\n%s, want\n%s", got, c.passes)
			}
		})
	}
}

// TestScheduleSurvivesRestart: when the last full pass was is remembered beside the cursors,
// out of the lister's sight; a clock that was set back makes one due.
func TestScheduleSurvivesRestart(t *testing.T) {
	t.Parallel()
	scan := func(n int, _ Pass, cursors map[string]string, _ func([]Object) error) error {
		if _, seen := cursors[fullAt]; seen {
			t.Error("the lister sees the schedule's cursor")
		}
		cursors["leaf"] = fmt.Sprint(n)
		return nil
	}
	s := &shelf{scan: scan, step: time.Second}
	s.watch(t, 2, hourly)
	s.watch(t, 2, hourly)
	if got := s.kinds(); got != "Ffff" {
		t.Errorf("passes %s", got)
	}
	s.now = s.now.Add(-48 * time.Hour)
	s.watch(t, 2, hourly)
	if got := s.kinds(); got != "FfffFf" {
		t.Errorf("passes after the clock was set back %s", got)
	}
}

// TestFaultsAreToldOnce: the same fault again is not news; that it has passed is.
func TestFaultsAreToldOnce(t *testing.T) {
	t.Parallel()
	faults := []error{errors.New("one"), errors.New("one"), errors.New("two"), errors.New("two"), nil, nil, errors.New("one"), nil, nil}
	s := &shelf{scan: func(n int, _ Pass, _ map[string]string, _ func([]Object) error) error { return faults[n] }}
	log := s.watch(t, len(faults), Schedule{Fast: time.Microsecond})
	var got []string
	for line := range strings.Lines(log) {
		_, msg, _ := strings.Cut(line, "level=")
		level, _, _ := strings.Cut(msg, " ")
		_, cause, _ := strings.Cut(strings.TrimSpace(line), "err=")
		got = append(got, strings.TrimSpace(level+" "+cause))
	}
	want := []string{"WARN one", "WARN two", "INFO", "WARN one", "INFO"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// TestCursorsFollowOffers: cursors that moved are stored also after a fault, but not past
// objects that could not be offered.
func TestCursorsFollowOffers(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	w := &Watcher{Source: "s", Lister: s, Offers: s, Found: func() {}, Now: s.clock, Log: slog.New(slog.DiscardHandler)}
	page := func(key string) []Object {
		return []Object{{ObjectIdentity: event.ObjectIdentity{Source: "s", Key: key}}}
	}
	denied := errors.New("denied")
	s.scan = func(_ int, _ Pass, cursors map[string]string, yield func([]Object) error) error {
		if err := yield(page("a")); err != nil {
			return err
		}
		cursors["p"] = "a"
		return denied
	}
	if err := w.Once(context.Background(), Full); !errors.Is(err, denied) {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(map[string]string{"p": "a"}, s.stored); diff != "" { // the full pass does not count as done
		t.Error(diff)
	}
	s.offer = errors.New("ledger full")
	s.scan = func(_ int, _ Pass, cursors map[string]string, yield func([]Object) error) error {
		if err := yield(page("b")); err != nil {
			return err
		}
		cursors["p"] = "b"
		return nil
	}
	if err := w.Once(context.Background(), Fast); !errors.Is(err, s.offer) {
		t.Errorf("error %v", err)
	}
	if s.stored["p"] != "a" || !slices.Equal(s.offered, []string{"a", "b"}) {
		t.Errorf("cursors %v, offered %v", s.stored, s.offered)
	}
}
