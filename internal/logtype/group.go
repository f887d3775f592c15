package logtype

import (
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// groupKey says what a group of fields depends on: one slot, the lists below one outermost list
// (see parse.Schema.Root), or nothing (both -1).
type groupKey struct {
	slot  int
	list  int
	known bool // and on what is known of the object
}

// keyOf is the key of the group a writer belongs to; ok is false when it depends on too much, or
// when there is nothing to win.
func keyOf(w *writer, r *reads, t *Type) (key groupKey, ok bool) {
	key = groupKey{slot: -1, list: -1, known: r.known}
	if r.opaque || t.Table.Fields[w.col].Plain {
		return key, false
	}
	if r.bits == (parse.Shape{}) {
		return key, true
	}
	if b, one := r.only(); one {
		if slot, isSlot := b.Slot(); isSlot {
			key.slot = slot
			return key, w.slot < 0
		}
	}
	for b := range r.each() {
		list, isList := b.List()
		if !isList {
			return key, false
		}
		root := t.schema.Root(list)
		if root < 0 || key.list >= 0 && key.list != root {
			return key, false
		}
		key.list = root
	}
	return key, true
}

// group is a set of fields that depend on the same value. What they were is remembered by that
// value, so that it is computed once for all records that have it.
type group struct {
	groupKey
	writers []*writer
	last    *outcome
	byText  map[string]*outcome
	byTree  map[*parse.Subtree]*outcome
	epoch   int
	habit   parse.Habit
}

// outcome is what a group wrote for a value.
type outcome struct {
	value   parse.Value // a copy
	tree    *parse.Subtree
	gen     uint64 // number of the builder the codes belong to
	context uint64
	cells   []cell
}

// cell is a value of a column.
type cell struct {
	col   int
	as    cellKind
	code  int32
	num   int64
	float float64
	codes []int32
}

type cellKind uint8

const (
	cellCode cellKind = iota
	cellInt
	cellFloat
	cellList
)

// memory bounds what all groups of a type remember: when it is full, they begin anew.
type memory struct {
	outcomes int
	epoch    int
}

const (
	maxOutcomes   = 16 << 10
	maxGroupBytes = 256 // longer values hardly repeat
)

func (g *group) run(e *env, b *builder, row int, context uint64, m *memory) {
	if !g.known {
		context = 0
	}
	o := g.last
	switch {
	case g.list >= 0:
		t := e.sc.Hit(g.list)
		if t == nil {
			g.write(e, b, row)
			return
		}
		if o == nil || o.tree != t {
			if o = g.byTree[t]; o == nil {
				o = g.learn(&outcome{tree: t}, m)
			}
		}
	case g.slot >= 0:
		v := e.sc.Value(g.slot)
		if len(v.Text) > maxGroupBytes || !g.habit.Worth() {
			g.write(e, b, row)
			return
		}
		if o == nil || o.value != v {
			o = g.byText[v.Text]
			if o == nil || o.value.Kind != v.Kind {
				o = g.learn(&outcome{value: parse.Value{Text: strings.Clone(v.Text), Kind: v.Kind}}, m)
			}
		}
	case o == nil:
		o = &outcome{}
	}
	g.last = o
	if o.gen == b.gen && o.context == context {
		g.habit.Hits++
		o.replay(b, row)
		return
	}
	fails := e.fails
	g.write(e, b, row)
	if e.fails == fails {
		g.note(o, b, row)
		o.gen, o.context = b.gen, context
	}
}

func (g *group) write(e *env, b *builder, row int) {
	for _, w := range g.writers {
		w.write(e, b, row)
	}
}

// learn makes room for an outcome.
func (g *group) learn(o *outcome, m *memory) *outcome {
	if m.outcomes >= maxOutcomes {
		m.outcomes = 0
		m.epoch++
	}
	if g.byText == nil || g.epoch != m.epoch {
		g.byText, g.byTree, g.epoch = map[string]*outcome{}, map[*parse.Subtree]*outcome{}, m.epoch
	}
	if o.tree != nil {
		g.byTree[o.tree] = o
	} else {
		g.byText[o.value.Text] = o
	}
	m.outcomes++
	return o
}

// note takes down what the writers have written to a row.
func (g *group) note(o *outcome, b *builder, row int) {
	o.cells = o.cells[:0]
	for _, w := range g.writers {
		c := &b.batch.Columns[w.col]
		if c.Len() <= row {
			continue
		}
		x := cell{col: w.col}
		switch {
		case c.Kind.List():
			x.as, x.codes = cellList, slices.Clone(c.List(row))
		case c.Kind.Text():
			x.code = c.Codes[row]
		case c.Kind == schema.Float:
			x.as, x.float = cellFloat, c.Floats[row]
		default:
			x.as, x.num = cellInt, c.Ints[row]
		}
		o.cells = append(o.cells, x)
	}
}

// replay writes it again.
func (o *outcome) replay(b *builder, row int) {
	for i := range o.cells {
		x := &o.cells[i]
		c := &b.batch.Columns[x.col]
		switch x.as {
		case cellCode:
			c.SetCode(row, x.code)
		case cellInt:
			c.SetInt(row, x.num)
		case cellFloat:
			c.SetFloat(row, x.float)
		case cellList:
			c.Pad(row)
			c.Codes = append(c.Codes, x.codes...)
			c.CloseList(row)
		}
	}
}
