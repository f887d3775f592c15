package lake

import (
	"context"
	"slices"
	"sync"

	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
)

// scanTimes finds the first matches of some parts over their codes and returns the parts it
// leaves to the engine: those in which events of an earlier page end, and all of them when the
// condition, memory or a file is not for the scan.
func (s *pageSearch) scanTimes(ctx context.Context, parts []store.Part, found *[]hit) (left []store.Part) {
	if s.lake.executor == engineOnly {
		return parts
	}
	sc := s.lake.newScan()
	var where *cond
	if s.query.Where != nil {
		if where = s.testable(sc, s.query.Where); where == nil {
			return parts
		}
	}
	for i := range parts {
		p := &parts[i]
		if c := s.q.After; c != nil && p.MinTime <= c.Time && c.Time <= p.MaxTime {
			left = append(left, *p)
			continue
		}
		sc.rows += p.Rows
		for g := range int((p.Rows + rowGroupRows - 1) / rowGroupRows) {
			sc.units = append(sc.units, unit{part: p, table: sc.table(p), group: g})
		}
	}
	best := &firstHits{search: s}
	t := &task{where: where, from: s.query.From, to: s.query.To}
	if err := sc.walk(ctx, func(w *worker, u *unit) error { return best.add(w.begin(u), t) }); err != nil {
		return parts
	}
	*found = append(*found, best.hits...)
	return left
}

// firstHits gathers the first matches in the order of a search. Safe for concurrent use.
type firstHits struct {
	search *pageSearch
	mu     sync.Mutex
	hits   []hit
}

// add takes the matches of a row group in.
func (f *firstHits) add(g *rowGroup, t *task) error {
	chosen, err := g.choose(t)
	if err != nil || chosen.rows.None {
		return err
	}
	path, err := g.scan.lake.localPath(g.part.Path)
	if err != nil {
		return err
	}
	times, err := g.times()
	if err != nil {
		return err
	}
	n := g.rows
	if chosen.list != nil {
		n = len(chosen.list)
	}
	take := min(n, f.search.limit+1)
	first := n - take
	if f.search.q.Oldest {
		first = 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := first; i < first+take; i++ {
		row := i
		if chosen.list != nil {
			row = int(chosen.list[i])
		}
		f.hits = append(f.hits, hit{times.At(row), path})
	}
	if len(f.hits) > 4*(f.search.limit+1) {
		f.cut()
	}
	if int64(cap(f.hits))*24 > g.scan.lake.scanMemory {
		return codes.ErrTooBig
	}
	return nil
}

// cut keeps as many as a page takes and one.
func (f *firstHits) cut() {
	slices.SortFunc(f.hits, f.search.compareHits)
	f.hits = f.hits[:min(len(f.hits), f.search.limit+1)]
}

// compareHits orders matches as the search has them.
func (s *pageSearch) compareHits(a, b hit) int {
	switch {
	case s.before(a.time, b.time):
		return -1
	case s.before(b.time, a.time):
		return 1
	}
	return 0
}
