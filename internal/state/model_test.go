package state

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/store"
)

// TestModel lets workers load, fail, stall, die, compact and sweep at random, with a clock that
// jumps, and checks what must always hold: each object is done once, its rows are in the live
// parts once, counts add up, readers see commits in order, running totals equal the tables.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			(&model{T: t, seed: seed}).run()
		})
	}
}

type model struct {
	*testing.T
	seed uint64
	c    *clock
	d    *DB

	mu     sync.Mutex
	events map[string]int64 // by object: what its one good commit said
	seqs   map[int64]bool
	late   int
	pings  [3]chan struct{}
}

const modelObjects = 150

func (m *model) run() {
	ctx := context.Background()
	m.c, m.events, m.seqs = newClock(), map[string]int64{}, map[int64]bool{}
	m.d = openTest(m.T, m.c.now)
	must[int](m.T)(m.d.Offer(ctx, append(infos("a", modelObjects), infos("b", modelObjects)...)))
	var workers, readers sync.WaitGroup
	for i := range m.pings {
		m.pings[i] = make(chan struct{}, 1)
	}
	for w := range 4 {
		workers.Go(func() { m.work(rand.New(rand.NewPCG(m.seed, uint64(w))), string(rune('p'+w))) })
	}
	// Compactor and readers act whenever somebody has committed.
	for i, act := range []func(chan struct{}){m.watch, m.watch, func(c chan struct{}) { m.compact(rand.New(rand.NewPCG(m.seed, 100)), c) }} {
		readers.Go(func() { act(m.pings[i]) })
	}
	workers.Wait()
	for _, c := range m.pings {
		close(c)
	}
	readers.Wait()
	m.check()
	m.Logf("%d commits, %d late workers refused", len(m.seqs), m.late)
}

// work leases until everything is done.
func (m *model) work(r *rand.Rand, owner string) {
	ctx := context.Background()
	idle := 0
	for idle < 50 {
		leases, err := m.d.Lease(ctx, LeaseRequest{Owner: owner, Objects: 1 + r.IntN(8), TTL: time.Minute})
		if err != nil {
			m.Error(err)
			return
		}
		if len(leases) == 0 {
			idle++
			m.c.advance(10 * time.Minute) // retry times come, stalled leases run out
			continue
		}
		idle = 0
		if r.IntN(30) == 0 {
			continue // dies before T1
		}
		p := newPart()
		if !m.fine(m.d.PrepareParts(ctx, owner, leases, []store.Part{p})) {
			continue
		}
		switch r.IntN(20) {
		case 0:
			continue // dies while writing
		case 1:
			m.c.advance(2 * time.Minute) // stalls; somebody may take over
			_, err := m.d.Recover(ctx, "")
			m.fine(err)
		case 2:
			m.fine(m.d.Renew(ctx, leases, time.Minute))
		case 3:
			m.fine(m.d.Abort(ctx, []string{p.ID}))
			m.fine(m.d.Release(ctx, leases))
			continue
		}
		var rec CommitRecord
		var rows []ObjectRows
		for _, l := range leases {
			if r.IntN(25) == 0 {
				_, err := m.d.Fail(ctx, l, Failure{Reason: "x", Retry: true})
				m.fine(err)
				continue
			}
			c := Counts{Events: int64(1 + r.IntN(9)), Filtered: int64(r.IntN(3)), Quarantined: int64(r.IntN(2))}
			c.Records = c.Events + c.Filtered + c.Quarantined
			rec.Objects = append(rec.Objects, ObjectResult{ID: l.Object.ID, Epoch: l.Epoch, State: Done, Counts: c})
			rows = append(rows, ObjectRows{l.Object.ID, c.Events})
			for range c.Quarantined {
				rec.Quarantine = append(rec.Quarantine, Quarantined{Object: l.Object.ID, Reason: "bad"})
			}
		}
		if len(rows) == 0 {
			m.fine(m.d.Abort(ctx, []string{p.ID}))
			continue
		}
		rec.Parts = []CommitPart{written(p, rows...)}
		seq, err := m.d.Commit(ctx, rec)
		if !m.fine(err) {
			m.fine(m.d.Abort(ctx, []string{p.ID}))
			continue
		}
		m.mu.Lock()
		if m.seqs[seq] {
			m.Errorf("commit %d twice", seq)
		}
		m.seqs[seq] = true
		for _, o := range rec.Objects {
			if _, again := m.events[o.ID]; again {
				m.Errorf("object %s done twice", o.ID)
			}
			m.events[o.ID] = o.Counts.Events
		}
		m.mu.Unlock()
		for _, c := range m.pings {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
}

// fine reports whether an operation passed; losing a race is no error here.
func (m *model) fine(err error) bool {
	if errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrConflict) {
		m.mu.Lock()
		m.late++
		m.mu.Unlock()
		return false
	}
	if err != nil {
		m.Error(err)
	}
	return err == nil
}

// compact merges some live parts and forgets dead ones after each ping.
func (m *model) compact(r *rand.Rand, ping chan struct{}) {
	ctx := context.Background()
	for range ping {
		s, err := m.d.Snapshot(ctx, nil, 0, 1<<62)
		if !m.fine(err) {
			return
		}
		if len(s.Parts) > 3 {
			i := r.IntN(len(s.Parts) - 2)
			old := []string{s.Parts[i].ID, s.Parts[i+1].ID}
			sum := map[string]int64{}
			err := m.d.read(ctx, func(row scanner) error {
				var id string
				var n int64
				err := row.Scan(&id, &n)
				sum[id] += n
				return err
			}, `SELECT o.id, po.rows FROM json_each(?) e JOIN parts p ON p.id = e.value JOIN part_objects po ON po.part = p.num JOIN objects o ON o.num = po.object`, list(old))
			m.fine(err)
			var rows []ObjectRows
			for id, n := range sum {
				rows = append(rows, ObjectRows{id, n})
			}
			p := newPart()
			m.fine(m.d.PrepareRewrite(ctx, "compactor", []store.Part{p}, time.Hour))
			seq, err := m.d.Commit(ctx, CommitRecord{Parts: []CommitPart{written(p, rows...)}, Replace: old})
			if m.fine(err) {
				m.mu.Lock()
				m.seqs[seq] = true
				m.mu.Unlock()
			}
		}
		s.Release()
		g, err := m.d.Garbage(ctx, 0)
		m.fine(err)
		var ids []string
		for _, p := range g {
			ids = append(ids, p.ID)
		}
		m.fine(m.d.Forget(ctx, ids))
	}
}

// watch checks that each snapshot is newer than the last, and whole.
func (m *model) watch(ping chan struct{}) {
	last := int64(0)
	for range ping {
		s, err := m.d.Snapshot(context.Background(), nil, 0, 1<<62)
		if !m.fine(err) {
			return
		}
		if s.Seq < last {
			m.Errorf("commit %d seen after %d", s.Seq, last)
		}
		for _, p := range s.Parts {
			if p.Seq < 1 || p.Seq > s.Seq || p.Stats == nil || p.Fields == nil {
				m.Errorf("part of commit %d in a snapshot at %d", p.Seq, s.Seq)
			}
		}
		last = s.Seq
		s.Release()
	}
}

func (m *model) check() {
	ctx := context.Background()
	// The tables agree with what workers were told.
	got := map[string]int64{}
	m.fine(m.d.read(ctx, func(r scanner) error {
		var id string
		var n int64
		err := r.Scan(&id, &n)
		got[id] = n
		return err
	}, `SELECT o.id, sum(po.rows) FROM part_objects po JOIN parts p ON p.num = po.part JOIN objects o ON o.num = po.object WHERE p.state = 1 GROUP BY 1`))
	if diff := cmp.Diff(m.events, got); diff != "" {
		m.Error(diff)
	}
	for i := int64(1); i <= m.d.Seq(); i++ {
		if !m.seqs[i] {
			m.Errorf("commit %d was not reported to anybody", i)
		}
	}
	// Memory agrees with the file.
	s := snapshot(m.T, m.d)
	defer s.Release()
	fresh := openAt(m.T, m.d.Path(), m.c.now)
	f := snapshot(m.T, fresh)
	defer f.Release()
	if diff := cmp.Diff(f.Parts, s.Parts); diff != "" {
		m.Error(diff)
	}
	// Running totals agree with a full count.
	for _, src := range must[[]SourceSummary](m.T)(m.d.Sources(ctx)) {
		want := SourceSummary{Objects: map[State]int64{}}
		m.fine(m.d.read(ctx, func(r scanner) error {
			var state State
			var n, bytes int64
			var c Counts
			err := r.Scan(&state, &n, &bytes, &c.Records, &c.Events, &c.Filtered, &c.Ignored, &c.Quarantined)
			want.Objects[state] = n
			want.Bytes += bytes
			want.Counts = want.Counts.Add(c)
			return err
		}, `SELECT state, count(*), sum(size), sum(o.records), sum(o.events), sum(o.filtered), sum(o.ignored), sum(o.quarantined) FROM objects o
			JOIN sources s ON s.num = o.source WHERE s.name = ? GROUP BY 1`, src.Name))
		have := SourceSummary{Objects: src.Objects, Bytes: src.Bytes, Counts: src.Counts}
		if diff := cmp.Diff(want, have); diff != "" {
			m.Error(diff)
		}
		if src.Objects[Done]+src.Objects[Failed] != modelObjects {
			m.Errorf("not finished: %v", src.Objects)
		}
	}
	var rows, pending int64
	m.fine(m.d.readers.QueryRow(`SELECT (SELECT count(*) FROM quarantine) - (SELECT sum(quarantined) FROM objects), (SELECT count(*) FROM parts WHERE state = 0)`).Scan(&rows, &pending))
	if rows != 0 {
		m.Errorf("quarantine differs from the counts by %d", rows)
	}
	m.c.advance(2 * time.Hour)
	must[Recovery](m.T)(m.d.Recover(ctx, ""))
	m.fine(m.d.readers.QueryRow(`SELECT (SELECT count(*) FROM claims), (SELECT count(*) FROM parts WHERE state = 0)`).Scan(&rows, &pending))
	if rows != 0 || pending != 0 {
		m.Errorf("%d claims, %d pending parts left", rows, pending)
	}
}
