package logtype

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/yagura-siem/yagura/internal/parse"
)

// program is how the records of one shape are written: fields that cannot be there are left
// out, and fields that depend on one value only are remembered by that value.
type program struct {
	solo   []*writer
	groups []*group
}

// programs makes and keeps the programs of a type for one reader.
type programs struct {
	t      *Type
	last   *program
	shape  parse.Shape // of last
	known  map[parse.Shape]*program
	whole  *program // for records whose shape is not worth a program
	groups map[string]*group
	credit int // bounds what hostile records with ever new shapes can cost
	memory memory
}

const (
	maxPrograms   = 256
	programPrice  = 64 // records one program must pay for
	programCredit = 64 * programPrice
)

func newPrograms(t *Type) *programs {
	p := &programs{t: t, known: map[parse.Shape]*program{}, groups: map[string]*group{}, credit: programCredit, whole: &program{}}
	for i := range t.writers {
		p.whole.solo = append(p.whole.solo, &t.writers[i])
	}
	return p
}

// of is the program for a shape.
func (p *programs) of(s *parse.Shape) *program {
	if p.last != nil && p.shape == *s {
		return p.last
	}
	g := p.known[*s]
	if g == nil {
		if p.credit++; p.credit < programPrice {
			return p.whole
		}
		p.credit = min(p.credit-programPrice, programCredit)
		if len(p.known) >= maxPrograms {
			clear(p.known)
			clear(p.groups)
		}
		g = p.make(s)
		p.known[*s] = g
	}
	p.last, p.shape = g, *s
	return g
}

// make compiles a program.
func (p *programs) make(s *parse.Shape) *program {
	g := &program{}
	type member struct {
		key     groupKey
		writers []int
	}
	var found []member
	for i := range p.t.writers {
		w := &p.t.writers[i]
		r := readsOf(w.src, s)
		if w.required {
			g.solo = append(g.solo, w)
			continue
		}
		if !r.maybe {
			continue
		}
		key, ok := keyOf(w, &r, p.t)
		if !ok {
			g.solo = append(g.solo, w)
			continue
		}
		k := slices.IndexFunc(found, func(m member) bool { return m.key == key })
		if k < 0 {
			k = len(found)
			found = append(found, member{key: key})
		}
		found[k].writers = append(found[k].writers, i)
	}
	for _, m := range found {
		g.groups = append(g.groups, p.group(m.key, m.writers))
	}
	return g
}

// group finds or makes a group; programs share the groups of equal writers, since what a writer
// makes of one value is the same in all shapes in which it depends on that value alone.
func (p *programs) group(key groupKey, writers []int) *group {
	id := binary.AppendVarint(nil, int64(key.slot))
	id = binary.AppendVarint(id, int64(key.list))
	id = strconv.AppendBool(id, key.known)
	for _, i := range writers {
		id = binary.AppendVarint(id, int64(i))
	}
	g := p.groups[string(id)]
	if g == nil {
		g = &group{groupKey: key}
		for _, i := range writers {
			g.writers = append(g.writers, &p.t.writers[i])
		}
		p.groups[string(id)] = g
	}
	return g
}

// run writes a row. It returns the first required field that is absent, or nil.
func (p *program) run(e *env, b *builder, row int, context uint64, m *memory) *writer {
	for _, w := range p.solo {
		if !w.write(e, b, row) && w.required {
			return w
		}
	}
	for _, g := range p.groups {
		g.run(e, b, row, context, m)
	}
	return nil
}
