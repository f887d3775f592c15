package lake

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/yagura-siem/yagura/internal/store"
)

// testCatalogue hands out all its parts of the types and times asked for.
type testCatalogue struct {
	seq      int64
	parts    []store.Part
	released atomic.Int64
}

func (c *testCatalogue) Snapshot(_ context.Context, types []string, from, to int64) (store.Snapshot, error) {
	var parts []store.Part
	for _, p := range c.parts {
		if (len(types) == 0 && !p.Derived || slices.Contains(types, p.LogType)) && p.MaxTime >= from && p.MinTime < to {
			parts = append(parts, p)
		}
	}
	return store.Snapshot{Seq: c.seq, Parts: parts, Release: func() { c.released.Add(1) }}, nil
}
