package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// TestTailShowsWhatArrives: events of commits after the tail began come once, whatever their
// time is; what was there before does not.
func TestTailShowsWhatArrives(t *testing.T) {
	t.Parallel()
	d, err := WriteDemo(t.TempDir(), time.Now().Truncate(time.Second), 0.001)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(d.Config, []string{"YAGURA_QUERY_MEMORY=256MiB"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), cfg, "test", slog.New(slog.DiscardHandler), cheapHash)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	folders, err := filepath.Glob(filepath.Join(d.Dir, "bucket", "AWSLogs", "*", "*"))
	folders = slices.DeleteFunc(folders, func(f string) bool { return strings.HasSuffix(f, "-Digest") }) // no events
	if err != nil || len(folders) < 2 {
		t.Fatalf("folders of the demonstration: %q, %v", folders, err)
	}
	load := func(folder string) httpapi.LoadSummary {
		t.Helper()
		sum, err := a.Load(t.Context(), httpapi.LoadRequest{Target: folder}, func(httpapi.Progress) {})
		if err != nil || sum.Events == 0 {
			t.Fatalf("%s: %+v, %v", folder, sum, err)
		}
		return sum
	}
	load(folders[0])

	f := newFace(a)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go f.run(ctx)
	messages := make(chan api.Message, 1000)
	follow := func(topic api.Topic) {
		go func() {
			if err := f.Follow(ctx, topic, func(m api.Message) error { messages <- m; return nil }); err != nil && ctx.Err() == nil {
				t.Errorf("%+v: %v", topic, err)
			}
		}()
	}
	before := f.app.db.Seq()
	follow(api.Topic{Topic: "tail", Columns: []string{"event.action"}, After: "0"})
	first := <-messages // everything there is: after names the beginning
	tail, ok := first.Data.(api.LiveTail)
	if !ok || len(tail.Events) == 0 || tail.After == "" {
		t.Fatalf("%+v", first)
	}
	follow(api.Topic{Topic: "intake"})
	if m := <-messages; m.Event != "intake" {
		t.Errorf("%+v", m)
	}
	var want int64
	types := map[string]bool{}
	for _, folder := range folders[1:] {
		sum := load(folder)
		want += sum.Events
		for name := range sum.Types {
			types[name] = true
		}
	}
	if f.app.db.Seq() == before {
		t.Fatal("nothing was committed")
	}
	seen, got := map[string]bool{}, int64(0)
	timeout := time.After(30 * time.Second)
	for done := false; !done; {
		select {
		case m := <-messages:
			tail, ok := m.Data.(api.LiveTail)
			if !ok {
				continue
			}
			for i, e := range tail.Events {
				if seen[e.ID] || !types[e.Type] {
					t.Errorf("%s of %s came again, or from before", e.ID, e.Type)
				}
				if i > 0 && e.Time.Before(tail.Events[i-1].Time) {
					t.Errorf("%s stands behind %s", e.Time, tail.Events[i-1].Time)
				}
				seen[e.ID] = true
			}
			got += int64(len(tail.Events)) + tail.Skipped
			done = tail.After == numCursor(f.app.db.Seq())
		case <-timeout:
			t.Fatal("the tail does not come to an end")
		}
	}
	if got == 0 || got > want {
		t.Errorf("%d events shown or skipped of %d that arrived", got, want)
	}
	for _, bad := range []api.Topic{{Topic: "tail", Q: "a:("}, {Topic: "tail", Q: "| top 3 a"}, {Topic: "tail", After: "!"}, {Topic: "weather"}} {
		if err := f.Follow(ctx, bad, func(api.Message) error { return nil }); err == nil {
			t.Errorf("%+v is followed", bad)
		}
	}
}
