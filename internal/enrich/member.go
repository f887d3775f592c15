package enrich

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// listed is a column of which some values are on lists.
type listed struct {
	col  *event.Column
	src  source
	sets [][]int32 // by code: the lists a value is on, sorted
}

// lists fills yagura.lists: the names of all lists that a value of the event is on, in the
// order of the configuration.
func (w *Worker) lists(b *event.Batch) {
	dst := target(b, "yagura.lists", schema.Strings)
	if dst == nil {
		return
	}
	dst.Ends = slices.Grow(dst.Ends, max(0, b.Rows-len(dst.Ends)))
	dst.Pad(b.Rows)
	l := &w.t.lists
	if len(l.names) == 0 {
		return
	}
	var cols []listed
	for i := range b.Columns {
		if c := &b.Columns[i]; c != dst {
			if m, ok := w.listed(c, b.Rows); ok {
				cols = append(cols, m)
			}
		}
	}
	if len(cols) == 0 {
		return
	}
	codes := make([]int32, len(l.names))
	for n := range codes {
		codes[n] = unread
	}
	oldCodes, oldEnds := dst.Codes, dst.Ends
	dst.Codes, dst.Ends = make([]int32, 0, len(oldCodes)+b.Rows/8), make([]int32, 0, b.Rows)
	var from int32
	for r := range b.Rows {
		if own := oldCodes[from:oldEnds[r]]; len(own) > 0 {
			dst.Codes = append(dst.Codes, own...)
		} else {
			for _, n := range w.rowLists(cols, r) {
				if codes[n] == unread {
					codes[n] = dst.Dict.CodeString(l.names[n])
				}
				dst.Codes = append(dst.Codes, codes[n])
			}
		}
		from = oldEnds[r]
		dst.Ends = append(dst.Ends, int32(len(dst.Codes)))
	}
}

// listed looks up every distinct value of a column.
func (w *Worker) listed(c *event.Column, rows int) (listed, bool) {
	l := &w.t.lists
	addr := c.Kind.Element() == schema.IP
	if !addr && !(l.byText[c.Name] && c.Kind.Text()) {
		return listed{}, false
	}
	m := listed{col: c}
	if c.Kind.List() {
		c.Pad(rows)
		m.src = source{values: c.Dict.Values}
	} else {
		m.src = w.open(c, rows)
	}
	filtered := map[uint32][]int32{}
	some := false
	for code, s := range m.src.values {
		var set uint32
		if addr {
			set = w.addr(s).lists
		}
		lists := w.only(filtered, set, c.Name)
		if l.byText[c.Name] {
			lists = union(lists, l.only(l.texts[s], c.Name))
		}
		if len(lists) == 0 {
			continue
		}
		if m.sets == nil {
			m.sets = make([][]int32, len(m.src.values))
		}
		m.sets[code] = lists
		some = true
	}
	return m, some
}

func (w *Worker) only(memo map[uint32][]int32, set uint32, field string) []int32 {
	if set == 0 {
		return nil
	}
	out, ok := memo[set]
	if !ok {
		out = w.t.lists.only(set, field)
		memo[set] = out
	}
	return out
}

// rowLists gathers the lists of one row, sorted; the result is valid until the next call.
func (w *Worker) rowLists(cols []listed, r int) []int32 {
	out := w.scratch.union[:0]
	many := false
	for i := range cols {
		m := &cols[i]
		if m.col.Kind.List() {
			for _, code := range m.col.List(r) {
				many = many || len(out) > 0
				out = append(out, m.sets[code]...)
			}
			continue
		}
		if code := m.src.codes[r]; code >= 0 && m.sets[code] != nil {
			many = many || len(out) > 0
			out = append(out, m.sets[code]...)
		}
	}
	if many {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	w.scratch.union = out
	return out
}
