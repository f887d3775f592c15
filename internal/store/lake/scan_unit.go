package lake

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sort"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake/codes"
	"github.com/yagura-siem/yagura/internal/store/lake/pq"
)

// What is kept under a name in the cache.
const (
	formColumn   uint8 = iota
	formNumbered       // numbers with ids, as keys need them
	formLeaf
	formKeys
	formTimes
	formMeta
)

// worker walks row groups, one after another, with buffers of its own.
type worker struct {
	scan    *scan
	number  int
	reader  *pq.Reader
	decoder codes.Decoder
	arena   codes.Arena
	group   codes.Grouping
	memos   map[memoKey]*memo
	fit     []uint8
	counts  []uint32
	seen    []uint32
	global  []uint32
	tuples  []codes.Tuple // of the groups of a row group that have rows,
	filled  []uint32      // their numbers there,
	numbers []uint32      // and in the answer
	schema  *pq.Schema

	file   *os.File
	opened string // id of the part of file
}

func (s *scan) newWorker(n int) *worker {
	return &worker{scan: s, number: n, reader: s.lake.readers.Get().(*pq.Reader), memos: map[memoKey]*memo{}}
}

func (w *worker) close() {
	w.scan.lake.readers.Put(w.reader)
	if w.file != nil {
		_ = w.file.Close() // only read
	}
}

// rowGroup is the row group being walked: what was read of it so far.
type rowGroup struct {
	*worker
	part   *store.Part
	table  *partTable
	number int
	rows   int
	cols   map[columnName]*codes.Column
	tested []bool // by condition
	held   []codes.Rows
	chosen []choice
	clock  *codes.Times
	slices []*codes.Column // by number of buckets
}

type columnName struct {
	name string
	form uint8
}

// choice is the rows of a condition and a range of time.
type choice struct {
	where    *cond
	from, to int64
	rows     codes.Rows
	list     []uint32
}

// begin turns to a row group.
func (w *worker) begin(u *unit) *rowGroup {
	w.arena.Reset()
	g := &rowGroup{worker: w, part: u.part, table: u.table, number: u.group, cols: map[columnName]*codes.Column{},
		tested: make([]bool, w.scan.conds.count), held: make([]codes.Rows, w.scan.conds.count), slices: make([]*codes.Column, len(w.scan.buckets))}
	g.rows = int(min(u.part.Rows-int64(u.group)*rowGroupRows, rowGroupRows))
	return g
}

// count adds one row group to the answers of its tasks.
func (w *worker) count(u *unit) error {
	g := w.begin(u)
	for _, t := range u.tasks {
		if t.gone.Load() != nil {
			continue
		}
		err := g.add(t)
		why := whyKinds
		switch {
		case errors.Is(err, codes.ErrTooBig):
			why = whyMemory
			fallthrough
		case errors.Is(err, errUnfit):
			t.gone.Store(&why)
		case err != nil:
			return err
		}
	}
	return nil
}

// choose is the rows a task counts.
func (g *rowGroup) choose(t *task) (*choice, error) {
	from, to := t.from, t.to
	inside := g.part.MinTime >= from && g.part.MaxTime < to
	if inside {
		from, to = math.MinInt64, math.MaxInt64
	}
	for i := range g.chosen {
		if c := &g.chosen[i]; c.where == t.where && c.from == from && c.to == to {
			return c, nil
		}
	}
	c := choice{where: t.where, from: from, to: to, rows: codes.Rows{All: true}}
	var err error
	if !inside {
		if c.rows, err = g.between(from, to); err != nil {
			return nil, err
		}
	}
	if t.where != nil && !c.rows.None {
		held, err := g.holds(t.where)
		if err != nil {
			return nil, err
		}
		c.rows = c.rows.And(&g.arena, held)
	}
	if !c.rows.None {
		c.list = c.rows.List(&g.arena, g.rows)
		c.rows.None = c.list != nil && len(c.list) == 0
	}
	g.chosen = append(g.chosen, c)
	return &g.chosen[len(g.chosen)-1], nil
}

func (g *rowGroup) key(name string, form uint8) codes.Key {
	return codes.Key{Part: g.part.ID, Group: g.number, Name: name, Form: form}
}

// cached finds a column read before, here or in the cache. One whose values an older dictionary
// numbered is not it.
func (g *rowGroup) cached(name string, form uint8) *codes.Column {
	n := columnName{name, form}
	if c := g.cols[n]; c != nil {
		return c
	}
	c, ok := g.scan.lake.cache.Get(g.key(name, form)).(*codes.Column)
	if !ok || c.IDs != nil && c.Dict != g.scan.dict(name) {
		return nil
	}
	g.cols[n] = c
	return c
}

func (g *rowGroup) keep(name string, form uint8, c *codes.Column) *codes.Column {
	g.cols[columnName{name, form}] = c
	g.scan.lake.cache.Put(g.key(name, form), c)
	return c
}

// column reads a declared field.
func (g *rowGroup) column(name string, kind schema.Kind) (*codes.Column, error) {
	if c := g.cached(name, formColumn); c != nil {
		return c, nil
	}
	_, declared := g.table.kinds[name]
	if g.part.Stats != nil && declared {
		if _, ok := g.part.Stats[name]; !ok {
			c := codes.Nothing(g.rows)
			g.cols[columnName{name, formColumn}] = c
			return c, nil
		}
	}
	chunk, col, err := g.read(name)
	if err != nil {
		return nil, err
	}
	var c *codes.Column
	typ, shape := physical(kind)
	if !declared {
		shape = pq.Required
	}
	if col.Type != typ || col.Shape != shape {
		return nil, fmt.Errorf("%w: column %s is no %s", pq.ErrFormat, name, kind)
	}
	if kind.Text() {
		c, err = g.decoder.Texts(chunk, shape, g.scan.dict(name))
	} else {
		c, err = g.decoder.Numbers(chunk, shape, kind == schema.Float)
	}
	if err != nil {
		return nil, g.overflow(name, err)
	}
	return g.keep(name, formColumn, c), nil
}

// overflow remembers a field with too many values, so that the next question about as many
// rows goes to the engine at once.
func (g *rowGroup) overflow(name string, err error) error {
	if errors.Is(err, codes.ErrTooBig) {
		g.scan.lake.cache.Overflowed(name, g.scan.rows)
	}
	return err
}

// physical is how a kind is stored.
func physical(kind schema.Kind) (pq.Type, pq.Shape) {
	switch kind {
	case schema.String, schema.IP:
		return pq.ByteArray, pq.Optional
	case schema.Strings, schema.IPs:
		return pq.ByteArray, pq.List
	case schema.Float:
		return pq.Double, pq.Optional
	case schema.Bool:
		return pq.Boolean, pq.Optional
	}
	return pq.Int64, pq.Optional
}

// numbered is a column of numbers whose values have ids, as keys of groups.
func (g *rowGroup) numbered(name string, kind schema.Kind) (*codes.Column, error) {
	if c := g.cached(name, formNumbered); c != nil {
		return c, nil
	}
	c, err := g.column(name, kind)
	if err != nil || c.Size == 0 {
		return c, err
	}
	out := *c
	out.Dict = g.scan.dict(name)
	out.IDs = make([]uint32, len(c.Ints))
	if err := out.Dict.AddInts(out.IDs, c.Ints); err != nil {
		return nil, g.overflow(name, err)
	}
	return g.keep(name, formNumbered, &out), nil
}

// values are the values of a field in the shape a query has it.
func (g *rowGroup) values(name string, s fieldShape, ids bool) (*codes.Column, error) {
	if k, ok := g.table.kinds[name]; ok {
		e := k.Element()
		switch {
		case (e == schema.Time) != (s.kind == schema.Time):
			return codes.Nothing(g.rows), nil
		case sqlType(e) != sqlType(s.kind):
			c, err := g.column(name, k)
			if err == nil && c.Size > 0 {
				err = errUnfit // the engine converts
			}
			return c, err
		case ids && !k.Text():
			return g.numbered(name, k)
		}
		return g.column(name, k)
	}
	switch name {
	case colIngested:
		if s.kind != schema.Time {
			return codes.Nothing(g.rows), nil
		}
		if ids {
			return g.numbered(name, schema.Time)
		}
		return g.column(name, schema.Time)
	case fieldModule, fieldDataset, fieldLogType:
		if s.list || sqlType(s.kind) != "VARCHAR" {
			return codes.Nothing(g.rows), nil
		}
		c := &codes.Column{Rows: g.rows, Size: 1, Same: true, IDs: make([]uint32, 1), Dict: g.scan.dict(name)}
		return c, c.Dict.Add(c.IDs, func(int) []byte { return []byte(g.table.logType) })
	}
	if !g.table.rest || reserved(name) || s.kind == schema.Time {
		return codes.Nothing(g.rows), nil
	}
	c, err := g.leaf(name, func(n string) bool { return n == name })
	if err == nil && c.Size > 0 && sqlType(s.kind) != "VARCHAR" {
		err = errUnfit
	}
	return c, err
}

// leaf is the values of undeclared leaves whose names are wanted; name stands for them.
func (g *rowGroup) leaf(name string, wanted func(string) bool) (*codes.Column, error) {
	if c := g.cached(name, formLeaf); c != nil {
		return c, nil
	}
	none := func() (*codes.Column, error) {
		c := codes.Nothing(g.rows)
		g.cols[columnName{name, formLeaf}] = c
		return c, nil
	}
	if g.part.Stats != nil {
		s, ok := g.part.Stats[colRest]
		if !ok || len(s.Values) > 0 && !slices.ContainsFunc(s.Values, wanted) {
			return none()
		}
	}
	keys, err := g.leafKeys()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(keys.Names, wanted) {
		return none()
	}
	m, err := g.meta()
	if err != nil {
		return nil, err
	}
	i := m.Schema.Index(colRest)
	if i < 0 || i+1 >= len(m.Schema.Columns) || m.Schema.Columns[i+1].Shape != pq.MapValue {
		return nil, fmt.Errorf("%w: no values of leaves", pq.ErrFormat)
	}
	chunk, err := g.readAt(m, i+1)
	if err != nil {
		return nil, err
	}
	c, err := g.decoder.Leaf(keys, chunk, wanted, g.scan.dict(name))
	if err != nil {
		return nil, g.overflow(name, err)
	}
	return g.keep(name, formLeaf, c), nil
}

func (g *rowGroup) leafKeys() (*codes.Leaves, error) {
	k := g.key(colRest, formKeys)
	if l, ok := g.scan.lake.cache.Get(k).(*codes.Leaves); ok {
		return l, nil
	}
	chunk, col, err := g.read(colRest)
	if err != nil {
		return nil, err
	}
	if col.Shape != pq.MapKey || col.Type != pq.ByteArray {
		return nil, fmt.Errorf("%w: the leaves are no map", pq.ErrFormat)
	}
	l, err := g.decoder.Keys(chunk)
	if err != nil {
		return nil, err
	}
	g.scan.lake.cache.Put(k, l)
	return l, nil
}

// times are the times of the rows.
func (g *rowGroup) times() (*codes.Times, error) {
	if g.clock != nil {
		return g.clock, nil
	}
	k := g.key(colTime, formTimes)
	if t, ok := g.scan.lake.cache.Get(k).(*codes.Times); ok {
		g.clock = t
		return t, nil
	}
	chunk, col, err := g.read(colTime)
	if err != nil {
		return nil, err
	}
	if col.Type != pq.Int64 || col.Shape != pq.Required {
		return nil, fmt.Errorf("%w: times of type %d", pq.ErrFormat, col.Type)
	}
	ns := chunk.Values.Ints
	if !chunk.Plain {
		ns = make([]int64, len(chunk.Codes))
		for i, c := range chunk.Codes {
			ns[i] = chunk.Values.Ints[c]
		}
	}
	t, ok := codes.NewTimes(ns)
	if !ok || t.Len() != g.rows {
		return nil, fmt.Errorf("%w: times are out of order", pq.ErrFormat)
	}
	g.scan.lake.cache.Put(k, t)
	g.clock = t
	return t, nil
}

// sliced is the buckets of the rows, by time of the event: ids are numbers of buckets. Rows
// outside all of them have any.
func (g *rowGroup) sliced(number int) (*codes.Column, error) {
	if c := g.slices[number]; c != nil {
		return c, nil
	}
	edges := g.scan.buckets[number]
	bucket := func(ns int64) int { // of a time inside them
		i := sort.Search(len(edges), func(i int) bool { return edges[i] > ns }) - 1
		return min(max(i, 0), len(edges)-2)
	}
	first, last := bucket(g.part.MinTime), bucket(g.part.MaxTime)
	c := &codes.Column{Rows: g.rows, Size: last - first + 1, Same: first == last}
	for b := first; b <= last; b++ {
		c.IDs = append(c.IDs, uint32(b))
	}
	if !c.Same {
		t, err := g.times()
		if err != nil {
			return nil, err
		}
		c.C32 = make([]uint32, g.rows)
		row := t.Search(edges[first+1])
		for b := first + 1; b <= last && row < g.rows; b++ {
			end := g.rows
			if b < last {
				end = t.Search(edges[b+1])
			}
			for ; row < end; row++ {
				c.C32[row] = uint32(b - first)
			}
		}
	}
	g.slices[number] = c
	return c, nil
}

// read unpacks the chunk of a column.
func (g *rowGroup) read(name string) (*pq.Chunk, pq.Column, error) {
	m, err := g.meta()
	if err != nil {
		return nil, pq.Column{}, err
	}
	i := m.Schema.Index(name)
	if i < 0 {
		return nil, pq.Column{}, fmt.Errorf("%w: no column %s", pq.ErrFormat, name)
	}
	chunk, err := g.readAt(m, i)
	return chunk, m.Schema.Columns[i], err
}

func (g *rowGroup) readAt(m *pq.Meta, column int) (*pq.Chunk, error) {
	if err := g.open(g.part); err != nil {
		return nil, err
	}
	return g.reader.Read(g.file, m, g.number, column)
}

// meta is the footer of the part.
func (g *rowGroup) meta() (*pq.Meta, error) {
	k := codes.Key{Part: g.part.ID, Form: formMeta}
	m, ok := g.scan.lake.cache.Get(k).(*pq.Meta)
	if !ok {
		err := g.open(g.part)
		if err != nil {
			return nil, err
		}
		if m, err = pq.ReadMeta(g.file, g.part.Bytes, g.schema); err != nil {
			return nil, err
		}
		g.scan.lake.cache.Put(k, m)
	}
	if m.Rows != g.part.Rows || g.number >= len(m.Groups) || m.Groups[g.number].Rows != g.rows {
		return nil, fmt.Errorf("%w: %d rows, the catalogue says %d", pq.ErrFormat, m.Rows, g.part.Rows)
	}
	g.schema = m.Schema
	return m, nil
}

func (w *worker) open(p *store.Part) error {
	if w.opened == p.ID && w.file != nil {
		return nil
	}
	if w.file != nil {
		_ = w.file.Close() // only read
		w.file = nil
	}
	path, err := w.scan.lake.localPath(p.Path)
	if err != nil {
		return err
	}
	if w.file, err = os.Open(path); err != nil {
		w.file = nil
		return err
	}
	w.opened = p.ID
	return nil
}
