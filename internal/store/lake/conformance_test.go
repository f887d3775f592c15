package lake

import (
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, _ []*schema.Table, batches []*event.Batch) store.Searcher {
		return newLake(t, batches...).Lake
	})
}

// testLake is a lake with a catalogue in memory.
type testLake struct {
	*Lake
	*testCatalogue
}

// newLake writes batches as parts of a fresh lake, each in a commit of its own.
func newLake(t testing.TB, batches ...*event.Batch) testLake {
	t.Helper()
	cat := &testCatalogue{}
	l, err := Open(Config{Root: t.TempDir(), Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	out := testLake{l, cat}
	for _, b := range batches {
		out.add(t, b)
	}
	return out
}

func (l testLake) add(t testing.TB, b *event.Batch) store.Part {
	t.Helper()
	p := l.NewPart(b)
	if err := l.Write(t.Context(), &p, b, time.Unix(0, synthDay.End())); err != nil {
		t.Fatal(err)
	}
	l.seq++
	p.Seq = l.seq
	l.parts = append(l.parts, p)
	return p
}
