package enrich

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// scratch is memory that is used again for every batch. Nothing in it outlives Enrich.
type scratch struct {
	codes []int32
	m     []int32
	infos []*addrInfo
	uas   []*agentInfo
	union []int32
}

// source is a column as distinct values and, per row, their number (-1 = absent).
type source struct {
	values []string
	codes  []int32
}

// open brings a text column of any form into that of a source. Rows beyond its end are
// absent. A column that is kept plain is given numbers here.
func (w *Worker) open(c *event.Column, rows int) source {
	c.Pad(rows)
	if !c.Plain {
		return source{c.Dict.Values, c.Codes}
	}
	d := event.Dict{}
	codes := make([]int32, rows)
	for r, s := range c.Texts[:rows] {
		codes[r] = -1
		if s != "" {
			codes[r] = d.CodeString(s)
		}
	}
	return source{d.Values, codes}
}

// target returns a column if it exists with the kind enrichment writes.
func target(b *event.Batch, name string, kind schema.Kind) *event.Column {
	c := b.Column(name)
	if c == nil || c.Kind != kind {
		return nil
	}
	return c
}

// fillTexts sets the absent rows of dst to the text that ids gives for their source code (a
// number in p, -1 = none); ids is asked once for a code.
func (w *Worker) fillTexts(dst *event.Column, p *pool, src source, rows int, ids func(code int) int32) {
	if dst == nil {
		return
	}
	if dst.Plain {
		dst.Pad(rows)
		for r, code := range src.codes[:rows] {
			if code >= 0 && dst.Texts[r] == "" {
				if id := ids(int(code)); id >= 0 {
					dst.Texts[r] = p.values[id]
				}
			}
		}
		return
	}
	p.round++
	m := resize(&w.scratch.m, len(src.values))
	for code := range m {
		m[code] = unread
	}
	code := func(c int32) int32 {
		v := int32(-1)
		if id := ids(int(c)); id >= 0 {
			if p.rounds[id] != p.round {
				p.rounds[id], p.codes[id] = p.round, dst.Dict.CodeString(p.values[id])
			}
			v = p.codes[id]
		}
		m[c] = v
		return v
	}
	if len(dst.Codes) == 0 {
		// The usual case: nothing is there yet, so nothing need be looked at.
		dst.Codes = slices.Grow(dst.Codes, rows)[:rows]
		for r, c := range src.codes[:rows] {
			v := int32(-1)
			if c >= 0 {
				if v = m[c]; v == unread {
					v = code(c)
				}
			}
			dst.Codes[r] = v
		}
		return
	}
	dst.Pad(rows)
	for r, c := range src.codes[:rows] {
		if c >= 0 && dst.Codes[r] < 0 {
			v := m[c]
			if v == unread {
				v = code(c)
			}
			dst.Codes[r] = v
		}
	}
}

// numbers makes a number column as long as the batch at once, its new rows absent.
func numbers(c *event.Column, rows int) {
	if c.Kind == schema.Float {
		c.Floats = extend(c.Floats, rows)
	} else {
		c.Ints = extend(c.Ints, rows)
	}
	c.Set = extend(c.Set, rows)
}

// extend makes s at least n long with zero values.
func extend[T any](s []T, n int) []T {
	if len(s) >= n {
		return s
	}
	old := len(s)
	s = slices.Grow(s, n-old)[:n]
	clear(s[old:])
	return s
}

// unread marks a source code that no row has asked for yet: only what a row uses goes into a
// column's dictionary.
const unread = -2

func resize(s *[]int32, n int) []int32 {
	if cap(*s) < n {
		*s = make([]int32, n, n+n/4)
	}
	return (*s)[:n]
}
