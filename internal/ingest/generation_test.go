package ingest

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// breaking is a source whose object breaks off with an error of the source.
type breaking struct {
	*world
	key   string
	opens *atomic.Int32
}

func (b breaking) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	rc, err := b.world.Open(ctx, o)
	if err == nil && o.Key == b.key {
		b.opens.Add(1)
		rc = io.NopCloser(io.MultiReader(rc, failing{}))
	}
	return rc, err
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

// TestGenerations loads an object, changes its content and loads the new generation.
func TestGenerations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, old, new string
		outcome        Outcome
		tail           int64
		rows           map[string]int64 // of the generations
	}{
		{"same", "event 200\n", "event 200\n", SameContent, 0, map[string]int64{"old": 1}},
		{"appended", "event 200\n", "event 200\nevent 201\nevent 202\n", Loaded, 10, map[string]int64{"old": 1, "new": 2}},
		{"appended in the middle of a line", "event 20", "event 200\nevent 201\n", Loaded, 0, map[string]int64{"new": 2}},
		{"changed", "event 200\nevent 201\n", "event 300\n", Loaded, 0, map[string]int64{"new": 1}},
		{"cut", "event 200\nevent 201\n", "event 200\n", Loaded, 0, map[string]int64{"new": 1}},
		{"emptied", "event 200\n", "", Loaded, 0, map[string]int64{}},
		{"was empty", "", "event 200\n", Loaded, 0, map[string]int64{"new": 1}},
		{"the old one breaks off inside a document", "{\"a\":[\n", "{\"a\":[\n1]}\nevent 200\n", Loaded, 0, map[string]int64{"new": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.add("old", c.old)
			p := w.pipeline(t, nil)
			if _, err := w.drain(t, p); err != nil {
				t.Fatal(err)
			}
			first := w.objects["old"].result
			w.add("new", c.new)
			w.objects["new"].prev = &Previous{Size: first.Size, SHA256: first.SHA256, EndsLine: first.EndsLine, Loaded: []string{w.objects["old"].ID()}}
			if _, err := w.drain(t, p); err != nil {
				t.Fatal(err)
			}
			r := w.objects["new"].result
			if r.Outcome != c.outcome || r.TailFrom != c.tail || r.Size != int64(len(c.new)) {
				t.Errorf("%s, tail from %d, size %d", r.Outcome, r.TailFrom, r.Size)
			}
			rows := w.tidy(t)
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReplaceTogether: two objects whose old rows share a part, replaced in one group and with
// a neighbour that stays.
func TestReplaceTogether(t *testing.T) {
	t.Parallel()
	w := newWorld("a", "b", "c")
	p := w.pipeline(t, nil)
	if _, err := w.drain(t, p); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"a", "b"} {
		w.add(k+"2", "event 300\nevent 301\n")
		w.objects[k+"2"].prev = &Previous{Size: 1, SHA256: "other", Loaded: []string{w.objects[k].ID()}}
	}
	if _, err := w.drain(t, p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"a2": 2, "b2": 2, "c": 1}, w.tidy(t)); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(w.states(), "waiting") {
		t.Error(w.states())
	}
}
