package lake

import (
	"math"
	"math/bits"
	"slices"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
)

// state is what one worker has counted for a task.
type state struct {
	groups *codes.Groups
	aggs   []measure
	bytes  int64 // of memory, as last reported to the scan
}

// measure is one aggregate of a state, by number of the group. Which members are in use
// depends on how.
type measure struct {
	how   how
	n     []int64 // values seen
	lo    []uint64
	hi    []int64 // sums of integers have 128 bits
	sum   []float64
	best  []int64 // least or greatest; floats as their bits
	pairs *codes.Pairs
}

// how is the way an aggregate is counted.
type how uint8

const (
	howEvents  how = iota // count of events
	howPresent            // count of events with a value
	howIntSum
	howFloatSum
	howLeast    // of integers
	howGreatest //
	howLeastFloat
	howGreatestFloat
	howValues  // which values occur
	howCounted // how often each value occurs
)

// howOf chooses the way for an aggregate.
func howOf(a *aggColumn) how {
	number := a.kind == schema.Int || a.kind == schema.Time || a.kind == schema.Bool
	float := a.kind == schema.Float
	switch a.Func {
	case store.Count:
		if a.Field == "" {
			return howEvents
		}
		return howPresent
	case store.Sum, store.Avg:
		if float {
			return howFloatSum
		}
		return howIntSum
	case store.Percentile:
		return howCounted
	case store.Min:
		switch {
		case number:
			return howLeast
		case float:
			return howLeastFloat
		}
	case store.Max:
		switch {
		case number:
			return howGreatest
		case float:
			return howGreatestFloat
		}
	}
	return howValues
}

func newState(t *task) *state {
	s := &state{groups: codes.NewGroups(len(t.keys))}
	for i := range t.aggs {
		m := measure{how: howOf(&t.aggs[i])}
		if m.how == howValues || m.how == howCounted {
			m.pairs = codes.NewPairs(m.how == howCounted)
		}
		s.aggs = append(s.aggs, m)
	}
	if len(t.keys) == 0 { // one group, also over no events
		s.groups.Number(codes.Tuple{})
	}
	s.fit()
	return s
}

// fit gives every measure room for the groups there are.
func (s *state) fit() {
	n := len(s.groups.Keys)
	for i := range s.aggs {
		m := &s.aggs[i]
		switch m.how {
		case howPresent:
			m.n = room(m.n, n)
		case howIntSum:
			m.n, m.lo, m.hi = room(m.n, n), room(m.lo, n), room(m.hi, n)
		case howFloatSum:
			m.n, m.sum = room(m.n, n), room(m.sum, n)
		case howLeast, howGreatest, howLeastFloat, howGreatestFloat:
			m.n, m.best = room(m.n, n), room(m.best, n)
		}
	}
}

func room[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n] // never shortened, so what is there is zero
	}
	out := make([]T, n, n+n/2)
	copy(out, s)
	return out
}

// size is about the memory in use.
func (s *state) size() int64 {
	n := s.groups.Bytes()
	for i := range s.aggs {
		m := &s.aggs[i]
		n += 8 * int64(cap(m.n)+cap(m.lo)+cap(m.hi)+cap(m.sum)+cap(m.best))
		if m.pairs != nil {
			n += m.pairs.Bytes()
		}
	}
	return n
}

// add adds the row group to the answer of a task.
func (g *rowGroup) add(t *task) error {
	chosen, err := g.choose(t)
	if err != nil || chosen.rows.None {
		return err
	}
	keys, list, err := g.keys(t, chosen)
	if err != nil || list != nil && len(list) == 0 {
		return err
	}
	s := t.states[g.worker.number]
	if len(keys) == 1 && t.onlyCounts() {
		g.countOne(s, keys[0], list)
		return g.account(s)
	}
	gr := &g.worker.group
	gr.Begin(&g.arena, list, g.rows)
	for _, k := range keys {
		if err := gr.By(k); err != nil {
			return err
		}
	}
	counts := g.zeros(gr.Size)
	gr.Counts(counts)
	if cap(g.global) < gr.Size {
		g.global = make([]uint32, gr.Size)
	}
	global := g.global[:gr.Size]
	var local [codes.MaxKeys]uint32
	g.tuples, g.filled, g.numbers = g.tuples[:0], g.filled[:0], slices.Grow(g.numbers[:0], gr.Size)
	for n, c := range counts {
		if c == 0 {
			continue
		}
		var tuple codes.Tuple
		gr.Codes(local[:], n)
		for i, k := range keys {
			tuple[i] = idOf(k, local[i])
		}
		g.tuples, g.filled = append(g.tuples, tuple), append(g.filled, uint32(n))
	}
	numbers := g.numbers[:len(g.tuples)]
	s.groups.Numbers(g.tuples, numbers)
	for i, n := range g.filled {
		global[n] = numbers[i]
		s.groups.Counts[numbers[i]] += int64(counts[n])
	}
	s.fit()
	for i := range s.aggs {
		if err := g.measure(&s.aggs[i], &t.aggs[i], gr, global); err != nil {
			return err
		}
	}
	return g.account(s)
}

// countOne counts events by one key, straight from its codes.
func (g *rowGroup) countOne(s *state, key *codes.Column, list []uint32) {
	counts := g.zeros(key.Size + 1)
	codes.CountOne(key, list, counts)
	add := func(id, n uint32) { s.groups.Counts[s.groups.Number(codes.Tuple{id})] += int64(n) }
	for code, n := range counts {
		switch {
		case n == 0:
		case code == key.Size:
			add(codes.Absent, n)
		case key.Lists():
			for _, e := range key.List(uint32(code)) {
				add(key.IDs[e], n)
			}
		default:
			add(key.IDs[code], n)
		}
	}
}

// onlyCounts reports whether a task asks for nothing but counts of events.
func (t *task) onlyCounts() bool {
	for i := range t.aggs {
		if howOf(&t.aggs[i]) != howEvents {
			return false
		}
	}
	return true
}

func idOf(c *codes.Column, code uint32) uint32 {
	if int(code) >= len(c.IDs) {
		return codes.Absent
	}
	return c.IDs[code]
}

// keys are the columns of the keys with ids, and the rows to count; nil rows are all.
func (g *rowGroup) keys(t *task, chosen *choice) ([]*codes.Column, []uint32, error) {
	keys := make([]*codes.Column, 0, codes.MaxKeys)
	rows, list := chosen.rows, chosen.list
	for i := range t.keys {
		k := &t.keys[i]
		if k.Buckets == nil {
			c, err := g.values(k.Field, k.fieldShape, true)
			if err != nil {
				return nil, nil, err
			}
			keys = append(keys, c)
			continue
		}
		if k.Field == colTime {
			c, err := g.sliced(t.buckets[i])
			if err != nil {
				return nil, nil, err
			}
			keys = append(keys, c)
			continue
		}
		c, err := g.values(k.Field, k.fieldShape, false)
		if err != nil {
			return nil, nil, err
		}
		in, out := bucketed(c, k.Buckets.Edges)
		keys = append(keys, in)
		rows = rows.And(&g.arena, c.Where(&g.arena, out).Not(&g.arena, g.rows))
		if list = rows.List(&g.arena, g.rows); rows.None {
			list = []uint32{}
		}
	}
	return keys, list, nil
}

// bucketed is a column of times as numbers of buckets, and the codes outside all of them.
func bucketed(c *codes.Column, edges []int64) (in *codes.Column, out []uint8) {
	in = &codes.Column{}
	*in = *c
	in.IDs, in.Ints = make([]uint32, c.Size), nil
	out = make([]uint8, c.Size+1)
	for code, ns := range c.Ints {
		b := bucketOf(edges, ns)
		if b < 0 {
			out[code], b = 1, 0
		}
		in.IDs[code] = uint32(b)
	}
	return in, out
}

func bucketOf(edges []int64, ns int64) int {
	if ns < edges[0] || ns >= edges[len(edges)-1] {
		return -1
	}
	lo, hi := 0, len(edges)
	for lo+1 < hi {
		mid := (lo + hi) / 2
		if edges[mid] <= ns {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func (w *worker) zeros(n int) []uint32 {
	if cap(w.counts) < n {
		w.counts = make([]uint32, n+n/4)
	}
	out := w.counts[:n]
	clear(out)
	return out
}

// account reports the memory of a state; too much of it ends the task.
func (g *rowGroup) account(s *state) error {
	n := s.size()
	total := g.scan.memory.Add(n - s.bytes)
	s.bytes = n
	if total > g.scan.lake.scanMemory {
		return codes.ErrTooBig
	}
	return nil
}

// measure adds the values of a field to an aggregate.
func (g *rowGroup) measure(m *measure, a *aggColumn, gr *codes.Grouping, global []uint32) error {
	if m.how == howEvents {
		return nil
	}
	if a.Field == colTime {
		return g.clocked(m, gr, global)
	}
	c, err := g.values(a.Field, a.fieldShape, m.how == howValues || m.how == howCounted)
	if err != nil || c.Size == 0 {
		return err
	}
	if m.how == howPresent {
		g.present(m, c, gr, global)
		return nil
	}
	if m.how == howValues || m.how == howCounted {
		g.pairs(m, c, gr, global)
		return nil
	}
	if c.Ints == nil {
		return errUnfit
	}
	none := uint32(c.Size)
	g.each(gr, func(row, group uint32) {
		if code := c.At(int(row)); code != none {
			m.add(global[group], c.Ints[code])
		}
	})
	return nil
}

// clocked adds the times of events, which every row has, in order.
func (g *rowGroup) clocked(m *measure, gr *codes.Grouping, global []uint32) error {
	if m.how != howLeast && m.how != howGreatest {
		g.each(gr, func(_, group uint32) { m.n[global[group]]++ })
		return nil
	}
	times, err := g.times()
	if err != nil {
		return err
	}
	ends := g.zeros(gr.Size) // of each group: its first or last row, and one
	first := m.how == howLeast
	g.each(gr, func(row, group uint32) {
		if !first || ends[group] == 0 {
			ends[group] = row + 1
		}
	})
	for group, end := range ends {
		if end > 0 {
			m.add(global[group], times.At(int(end-1)))
		}
	}
	return nil
}

// each calls f with every row and its group.
func (g *rowGroup) each(gr *codes.Grouping, f func(row, group uint32)) {
	for i := range gr.Len() {
		row, group := uint32(i), uint32(0)
		if gr.Rows != nil {
			row = gr.Rows[i]
		}
		if gr.Of != nil {
			group = gr.Of[i]
		}
		f(row, group)
	}
}

// add takes one number in.
func (m *measure) add(n uint32, v int64) {
	m.n[n]++
	switch m.how {
	case howIntSum:
		lo, carry := bits.Add64(m.lo[n], uint64(v), 0)
		m.lo[n] = lo
		m.hi[n] += v>>63 + int64(carry)
	case howFloatSum:
		m.sum[n] += math.Float64frombits(uint64(v))
	default:
		if m.n[n] == 1 || m.better(v, m.best[n]) {
			m.best[n] = v
		}
	}
}

// better reports whether a value takes the place of the best so far.
func (m *measure) better(v, best int64) bool {
	switch m.how {
	case howLeast:
		return v < best
	case howGreatest:
		return v > best
	case howLeastFloat:
		return math.Float64frombits(uint64(v)) < math.Float64frombits(uint64(best))
	}
	return math.Float64frombits(uint64(v)) > math.Float64frombits(uint64(best))
}

func (g *rowGroup) present(m *measure, c *codes.Column, gr *codes.Grouping, global []uint32) {
	none := uint32(c.Size)
	g.each(gr, func(row, group uint32) {
		if c.At(int(row)) != none {
			m.n[global[group]]++
		}
	})
}

// maxSeen is the most places of the table in which pairs of one row group are gathered before
// they go among those of all.
const maxSeen = 1 << 19

func (g *rowGroup) pairs(m *measure, c *codes.Column, gr *codes.Grouping, global []uint32) {
	none := uint32(c.Size)
	add := func(group, code uint32, n int64) {
		if !c.Lists() {
			m.pairs.Add(global[group], c.IDs[code], n)
			return
		}
		for _, e := range c.List(code) {
			m.pairs.Add(global[group], c.IDs[e], n)
		}
	}
	places := gr.Size * (c.Size + 1)
	switch {
	case gr.Of == nil:
		counts := g.zeros(c.Size + 1)
		codes.CountOne(c, gr.Rows, counts)
		for code, n := range counts[:c.Size] {
			if n > 0 {
				add(0, uint32(code), int64(n))
			}
		}
	case places <= maxSeen:
		if cap(g.seen) < places {
			g.seen = make([]uint32, places)
		}
		seen := g.seen[:places]
		clear(seen)
		g.each(gr, func(row, group uint32) { seen[group*(none+1)+c.At(int(row))]++ })
		for group := range uint32(gr.Size) {
			for code, n := range seen[group*(none+1) : group*(none+1)+none] {
				if n > 0 {
					add(group, uint32(code), int64(n))
				}
			}
		}
	default:
		g.each(gr, func(row, group uint32) {
			if code := c.At(int(row)); code != none {
				add(group, code, 1)
			}
		})
	}
}

// merge adds the states of all workers up in the first.
func (t *task) merge() *state {
	s := t.states[0]
	for _, o := range t.states[1:] {
		number := make([]uint32, len(o.groups.Keys))
		for n, k := range o.groups.Keys {
			number[n] = s.groups.Number(k)
			s.groups.Counts[number[n]] += o.groups.Counts[n]
		}
		s.fit()
		for i := range s.aggs {
			s.aggs[i].merge(&o.aggs[i], number)
		}
	}
	return s
}

// merge adds another measure; number[n] is the group here that is n there.
func (m *measure) merge(o *measure, number []uint32) {
	if m.pairs != nil {
		o.pairs.Each(func(group, id uint32, n int64) { m.pairs.Add(number[group], id, n) })
		return
	}
	for n, count := range o.n {
		if count == 0 {
			continue
		}
		to := number[n]
		switch m.how {
		case howIntSum:
			lo, carry := bits.Add64(m.lo[to], o.lo[n], 0)
			m.lo[to] = lo
			m.hi[to] += o.hi[n] + int64(carry)
		case howFloatSum:
			m.sum[to] += o.sum[n]
		case howLeast, howGreatest, howLeastFloat, howGreatestFloat:
			if m.n[to] == 0 || m.better(o.best[n], m.best[to]) {
				m.best[to] = o.best[n]
			}
		}
		m.n[to] += count
	}
}
