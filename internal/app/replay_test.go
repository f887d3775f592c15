package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// cloudWatch wraps lines as a CloudWatch Logs subscription does.
func cloudWatch(t *testing.T, lines [][]byte) []byte {
	t.Helper()
	type logEvent struct {
		ID        string `json:"id"`
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	}
	var events []logEvent
	for i, l := range lines {
		events = append(events, logEvent{fmt.Sprint(i), lastDay().UnixMilli(), strings.TrimSpace(string(l))})
	}
	b, err := json.Marshal(map[string]any{
		"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "lb", "logStream": "s", "subscriptionFilters": []string{"f"}, "logEvents": events,
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// TestReplaySameEvents quarantines long lines, plain and inside delivery wrappers, and replays
// them: the events are those of a load that refused nothing.
func TestReplaySameEvents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lines := text(t).alb[:40]
	put(t, filepath.Join(dir, "logs", "plain.log"), bytes.Join(lines, nil))
	put(t, filepath.Join(dir, "logs", "wrapped.json"), append(cloudWatch(t, lines[:20]), cloudWatch(t, lines[20:])...))
	var want, got holding
	reopened(t, configAt(filepath.Join(dir, "whole")), probes{}, func(a *App) {
		loadOf(t, a, filepath.Join(dir, "logs"))
		want = settled(t, a)
	})
	if len(want.Events) != 80 {
		t.Fatalf("%d events of 80 lines", len(want.Events))
	}

	sorted := slices.Clone(lines)
	slices.SortFunc(sorted, func(a, b []byte) int { return len(a) - len(b) })
	c := configAt(filepath.Join(dir, "data"))
	small := c
	small.Intake.MaxRecord = config.Size(len(sorted[25]))
	var left int64
	reopened(t, small, probes{}, func(a *App) {
		s := loadOf(t, a, filepath.Join(dir, "logs"))
		left = s.Quarantined
		// As long as nothing has changed a replay leaves everything where it is.
		r, err := a.Replay(ctxOf(t), httpapi.QuarantineRequest{})
		if err != nil || r.Replayed != 0 {
			t.Errorf("replay without a change: %+v, %v", r, err)
		}
	})
	if left < 10 {
		t.Fatalf("%d lines were refused, want more", left)
	}
	reopened(t, c, probes{}, func(a *App) {
		r, err := a.Replay(ctxOf(t), httpapi.QuarantineRequest{})
		if err != nil || r.Events != left || r.Left != 0 || r.Cut != 0 {
			t.Errorf("replay of %d lines: %+v, %v", left, r, err)
		}
		got = settled(t, a)
		if r, err = a.Replay(ctxOf(t), httpapi.QuarantineRequest{}); err != nil || r != (httpapi.ReplaySummary{}) {
			t.Errorf("second replay: %+v, %v", r, err)
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded whole (-), replayed (+):\n%s", diff)
	}
}
