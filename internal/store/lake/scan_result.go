package lake

import (
	"cmp"
	"container/heap"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
)

// result turns what was counted into a table: cells are made only for the groups of the answer.
type result struct {
	*task
	state *state
	keys  []keyReader
	cells []func(n uint32) any // by aggregate
	order []func(a, b uint32) int
}

// keyReader reads the key of a group from its id.
type keyReader struct {
	kind  schema.Kind
	edges []int64
	view  codes.View
}

// finish fills the table of a task.
func (s *scan) finish(t *task) {
	r := &result{task: t, state: t.merge()}
	for i := range t.keys {
		k := &t.keys[i]
		reader := keyReader{kind: k.kind}
		if k.Buckets != nil {
			reader.edges = k.Buckets.Edges
		} else {
			reader.view = s.dict(k.Field).View()
		}
		r.keys = append(r.keys, reader)
	}
	for i := range t.aggs {
		r.cells = append(r.cells, r.cell(s, i))
	}
	r.sorts()
	picked := r.pick()
	t.table.Rows, t.table.More = make([][]any, 0, len(picked)), false
	if len(t.keys) > 0 && len(picked) > t.limit {
		picked, t.table.More = picked[:t.limit], true
	}
	for _, n := range picked {
		row := make([]any, 0, len(r.keys)+len(r.cells))
		for i := range r.keys {
			row = append(row, r.keys[i].cell(r.state.groups.Keys[n][i]))
		}
		for _, c := range r.cells {
			row = append(row, c(n))
		}
		t.table.Rows = append(t.table.Rows, row)
	}
}

// cell is the key of an id.
func (k *keyReader) cell(id uint32) any {
	switch {
	case id == codes.Absent:
		return nil
	case k.edges != nil:
		return time.Unix(0, k.edges[id]).UTC()
	}
	return valueOf(k.kind, k.view, id)
}

// valueOf is a value of a dictionary as results hold it.
func valueOf(kind schema.Kind, v codes.View, id uint32) any {
	switch kind {
	case schema.Int:
		return v.Int(id)
	case schema.Time:
		return time.Unix(0, v.Int(id)).UTC()
	case schema.Bool:
		return v.Int(id) != 0
	case schema.Float:
		return math.Float64frombits(uint64(v.Int(id)))
	}
	return strings.Clone(v.Text(id))
}

// compare orders ids as results order keys: nil last.
func (k *keyReader) compare(a, b uint32) int {
	switch {
	case a == b:
		return 0
	case a == codes.Absent:
		return 1
	case b == codes.Absent:
		return -1
	case k.edges != nil:
		return cmp.Compare(a, b)
	}
	switch k.kind {
	case schema.Int, schema.Time, schema.Bool:
		return cmp.Compare(k.view.Int(a), k.view.Int(b))
	case schema.Float:
		return cmp.Compare(math.Float64frombits(uint64(k.view.Int(a))), math.Float64frombits(uint64(k.view.Int(b))))
	}
	return strings.Compare(k.view.Text(a), k.view.Text(b))
}

// sorts makes the order of groups: the columns asked for, then the keys.
func (r *result) sorts() {
	for _, s := range r.q.Sort {
		for i := range r.task.keys {
			if r.task.keys[i].Name == s.Column {
				r.byKey(i, s.Desc)
			}
		}
		for i := range r.aggs {
			if r.aggs[i].Name == s.Column {
				r.byCell(i, s.Desc)
			}
		}
	}
	for i := range r.keys {
		r.byKey(i, false)
	}
}

func (r *result) byKey(i int, desc bool) {
	keys := r.state.groups.Keys
	r.order = append(r.order, func(a, b uint32) int {
		x, y := keys[a][i], keys[b][i]
		d := r.keys[i].compare(x, y)
		if desc && x != codes.Absent && y != codes.Absent {
			return -d
		}
		return d
	})
}

func (r *result) byCell(i int, desc bool) {
	compare := func(a, b uint32) int {
		x, y := r.cells[i](a), r.cells[i](b)
		d := compareCells(x, y)
		if desc && x != nil && y != nil {
			return -d
		}
		return d
	}
	if r.state.aggs[i].how == howEvents {
		counts, sign := r.state.groups.Counts, 1
		if desc {
			sign = -1
		}
		compare = func(a, b uint32) int { return sign * cmp.Compare(counts[a], counts[b]) }
	}
	r.order = append(r.order, compare)
}

// compareCells orders two cells of one column, nil last.
func compareCells(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(float64(x), number(b))
	case float64:
		return cmp.Compare(x, number(b))
	case bool:
		y, _ := b.(bool)
		return boolCompare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	}
	x, _ := a.(string)
	y, _ := b.(string)
	return strings.Compare(x, y)
}

func number(v any) float64 {
	f, _ := asFloat(v)
	return f
}

func (r *result) compare(a, b uint32) int {
	for _, o := range r.order {
		if d := o(a, b); d != 0 {
			return d
		}
	}
	return 0
}

// worst is a heap of group numbers with the last in order on top.
type worst struct {
	*result
	list []uint32
}

func (w *worst) Len() int           { return len(w.list) }
func (w *worst) Less(i, j int) bool { return w.compare(w.list[i], w.list[j]) > 0 }
func (w *worst) Swap(i, j int)      { w.list[i], w.list[j] = w.list[j], w.list[i] }
func (w *worst) Push(v any)         { w.list = append(w.list, v.(uint32)) }
func (w *worst) Pop() any {
	v := w.list[len(w.list)-1]
	w.list = w.list[:len(w.list)-1]
	return v
}

// pick is the first groups in order: one more than the limit, when there are.
func (r *result) pick() []uint32 {
	w := &worst{result: r}
	most := r.limit + 1
	for n := range uint32(len(r.state.groups.Keys)) {
		switch {
		case len(w.list) < most:
			w.list = append(w.list, n)
			if len(w.list) == most {
				heap.Init(w)
			}
		case r.compare(n, w.list[0]) < 0:
			w.list[0] = n
			heap.Fix(w, 0)
		}
	}
	slices.SortFunc(w.list, r.compare)
	return w.list
}

// cell makes the reader of an aggregate.
func (r *result) cell(s *scan, i int) func(n uint32) any {
	m, a := &r.state.aggs[i], &r.aggs[i]
	switch m.how {
	case howEvents:
		return func(n uint32) any { return r.state.groups.Counts[n] }
	case howPresent:
		return func(n uint32) any { return m.n[n] }
	case howIntSum, howFloatSum:
		return m.sums(a.Func == store.Avg)
	case howValues:
		if a.Func == store.Distinct {
			out := make([]int64, len(r.state.groups.Keys))
			m.pairs.Distinct(out)
			return func(n uint32) any { return out[n] }
		}
		return m.extremes(a, s.dict(a.Field).View(), len(r.state.groups.Keys))
	case howCounted:
		return m.percentiles(a, s.dict(a.Field).View(), len(r.state.groups.Keys))
	}
	return func(n uint32) any {
		if m.n[n] == 0 {
			return nil
		}
		switch v := m.best[n]; a.kind {
		case schema.Time:
			return time.Unix(0, v).UTC()
		case schema.Bool:
			return v != 0
		case schema.Float:
			return math.Float64frombits(uint64(v))
		default:
			return v
		}
	}
}

// sums reads sums or averages. A sum beyond int64 becomes a float.
func (m *measure) sums(average bool) func(n uint32) any {
	return func(n uint32) any {
		if m.n[n] == 0 {
			return nil
		}
		if m.how == howFloatSum {
			if average {
				return m.sum[n] / float64(m.n[n])
			}
			return m.sum[n]
		}
		fits := m.hi[n] == int64(m.lo[n])>>63
		if fits && !average {
			return int64(m.lo[n])
		}
		sum := new(big.Int).Lsh(big.NewInt(m.hi[n]), 64)
		sum.Add(sum, new(big.Int).SetUint64(m.lo[n]))
		f, _ := new(big.Float).SetInt(sum).Float64()
		if average {
			return f / float64(m.n[n])
		}
		return f
	}
}

// extremes reads the first or last text in order.
func (m *measure) extremes(a *aggColumn, view codes.View, groups int) func(n uint32) any {
	best := make([]uint32, groups)
	for i := range best {
		best[i] = codes.Absent
	}
	m.pairs.Each(func(group, id uint32, _ int64) {
		old := best[group]
		if old == codes.Absent || (view.Text(id) < view.Text(old)) == (a.Func == store.Min) {
			best[group] = id
		}
	})
	return func(n uint32) any {
		if best[n] == codes.Absent {
			return nil
		}
		return strings.Clone(view.Text(best[n]))
	}
}

// percentiles interpolates between the values by how often each occurs.
func (m *measure) percentiles(a *aggColumn, view codes.View, groups int) func(n uint32) any {
	type value struct {
		v float64
		n int64
	}
	byGroup := make([][]value, groups)
	m.pairs.Each(func(group, id uint32, n int64) {
		v := view.Int(id)
		f := float64(v)
		if a.kind == schema.Float {
			f = math.Float64frombits(uint64(v))
		}
		byGroup[group] = append(byGroup[group], value{f, n})
	})
	done := make([]any, groups)
	for g, vals := range byGroup {
		if len(vals) == 0 {
			continue
		}
		slices.SortFunc(vals, func(x, y value) int { return cmp.Compare(x.v, y.v) })
		total := int64(0)
		for _, v := range vals {
			total += v.n
		}
		at := func(i int64) float64 {
			for _, v := range vals {
				if i < v.n {
					return v.v
				}
				i -= v.n
			}
			return vals[len(vals)-1].v
		}
		place := a.Arg / 100 * float64(total-1)
		low, high := at(int64(math.Floor(place))), at(int64(math.Ceil(place)))
		done[g] = low + (high-low)*(place-math.Floor(place))
	}
	return func(n uint32) any { return done[n] }
}
