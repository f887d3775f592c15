package parse

import (
	"hash/maphash"
	"strings"
	"unsafe"
)

// Lists that stand in many records with the same bytes (the rule groups of a firewall, its
// labels) are scanned once: what they put into slots, lists and leaves is kept beside a copy of
// the bytes, and when the same bytes come again it is put there without reading them.
//
// Masking must not be cheated by that: Settle compares the record with what was remembered once
// all masks have been applied.

// Subtree is what a list put where. Its texts alias its own copy of the bytes.
type Subtree struct {
	raw    string
	shape  Shape
	slots  []subSlot
	lists  []subList
	elems  []subCount
	marks  []int32
	leaves []Leaf
}

type subSlot struct {
	slot int32
	Value
}

type subList struct {
	list  int32
	items []Item
}

type subCount struct{ counter, n int32 }

// subtrees is what a scanner remembers of one list of the schema.
type subtrees struct {
	// What the schema wants below the list.
	slots, lists, elems, marks []int32

	known []*Subtree // the most useful ones come first
	seen  [64]uint32 // hashes of the bytes that came by: only what comes again is kept
	habit Habit
	hit   *Subtree // of the record being read
}

const (
	maxSubtrees     = 16
	minSubtreeBytes = 24
	maxSubtreeBytes = 8 << 10
)

// region is a list of the record being read that was remembered, or may be.
type region struct {
	of         *subtrees
	tree       *Subtree
	start, end int
	fresh      bool
}

// Remember lets the scanner remember lists. Whoever asks for that calls Settle after masking.
func (s *Scanner) Remember() {
	for i, n := range s.schema.roots {
		m := &subtrees{}
		below := s.root
		for _, st := range n {
			if below = below.child(st.Key); below == nil {
				break
			}
		}
		if below == nil || !below.gather(m, true) {
			continue
		}
		s.roots[i] = m
		below.trees = m
	}
}

// gather lists what is wanted below a list; false when it cannot be remembered.
func (n *node) gather(m *subtrees, top bool) bool {
	if len(n.pivots) > 0 {
		return false
	}
	if !top {
		if n.slot >= 0 {
			m.slots = append(m.slots, n.slot)
		}
		if n.mark >= 0 {
			m.marks = append(m.marks, n.mark)
		}
	}
	if n.elemIdx >= 0 {
		m.elems = append(m.elems, n.elemIdx)
	}
	for _, r := range n.refs {
		if top {
			return false // a list of the list itself
		}
		m.lists = append(m.lists, r.list)
	}
	if n.elem != nil && !n.elem.gather(m, false) {
		return false
	}
	for _, k := range n.kids {
		if !k.gather(m, false) {
			return false
		}
	}
	return true
}

// Hit is the subtree that a list of the record was known to be, or nil. root is a number of
// Schema.Root.
func (s *Scanner) Hit(root int) *Subtree {
	if m := s.roots[root]; m != nil {
		return m.hit
	}
	return nil
}

// recall reads a list that may be remembered; b[i] is its bracket.
func (s *Scanner) recall(b []byte, i int, n *node, depth int) int {
	m := n.trees
	if b[i+1] == ']' || s.forget || !m.habit.Worth() {
		return s.array(b, i+1, n, depth+1)
	}
	for k, t := range m.known {
		if !hasPrefix(b, i, t.raw) {
			continue
		}
		m.habit.Hits++
		if k > 0 {
			m.known[k], m.known[k-1] = m.known[k-1], t
		}
		m.hit = t
		s.regions = append(s.regions, region{of: m, tree: t, start: i, end: i + len(t.raw)})
		s.apply(t)
		return i + len(t.raw)
	}
	leaves, masked := len(s.Leaves), len(s.Masked)
	end := s.array(b, i+1, n, depth+1)
	if size := end - i; end < 0 || size < minSubtreeBytes || size > maxSubtreeBytes || len(s.Masked) != masked {
		return end
	}
	h := uint32(maphash.Bytes(s.seed, b[i:end]))
	if seen := &m.seen[h%uint32(len(m.seen))]; *seen != h {
		*seen = h
		return end
	}
	s.regions = append(s.regions, region{of: m, tree: s.take(m, b[i:end], leaves), start: i, end: end, fresh: true})
	return end
}

// apply puts what a subtree holds to where scanning it would have put it.
func (s *Scanner) apply(t *Subtree) {
	s.shape.Or(&t.shape)
	for i := range t.slots {
		s.slots[t.slots[i].slot] = t.slots[i].Value
	}
	for i := range t.lists {
		l := &t.lists[i]
		s.lent = append(s.lent, lent{l.list, s.lists[l.list]})
		s.lists[l.list] = l.items
	}
	for _, c := range t.elems {
		s.elems[c.counter] = c.n
	}
	for _, k := range t.marks {
		s.marks[k] = true
	}
	s.Leaves = append(s.Leaves, t.leaves...)
}

// take makes a subtree of what scanning raw has just put where.
func (s *Scanner) take(m *subtrees, raw []byte, leaves int) *Subtree {
	t := &Subtree{raw: string(raw)}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(raw)))
	move := func(v Value) Value {
		at := uintptr(unsafe.Pointer(unsafe.StringData(v.Text)))
		if at >= from && at < from+uintptr(len(raw)) {
			v.Text = t.raw[at-from:][:len(v.Text)]
		} else {
			v.Text = strings.Clone(v.Text)
		}
		return v
	}
	for _, i := range m.slots {
		if v := s.slots[i]; v.Kind != Absent {
			t.slots = append(t.slots, subSlot{i, move(v)})
			t.shape.Add(SlotBit(int(i)))
		}
	}
	for _, i := range m.lists {
		if len(s.lists[i]) == 0 {
			continue
		}
		l := subList{list: i}
		for _, it := range s.lists[i] {
			l.items = append(l.items, Item{move(it.Value), it.Elem})
		}
		t.lists = append(t.lists, l)
		t.shape.Add(ListBit(int(i)))
	}
	for _, i := range m.elems {
		if s.elems[i] > 0 {
			t.elems = append(t.elems, subCount{i, s.elems[i]})
		}
	}
	for _, i := range m.marks {
		if s.marks[i] {
			t.marks = append(t.marks, i)
		}
	}
	for _, l := range s.Leaves[leaves:] {
		t.leaves = append(t.leaves, Leaf{l.Key, move(l.Value)})
	}
	return t
}

// Settle is called with the record, which stands at an index of the buffer, once it has been
// masked. It reports whether all that was remembered is as it stands there now; otherwise it has
// been forgotten, and the record must be scanned and masked again.
func (s *Scanner) Settle(rec []byte, at int) bool {
	same := true
	for i := range s.regions {
		r := &s.regions[i]
		if alias(rec[r.start-at:r.end-at]) == r.tree.raw {
			if r.fresh {
				r.of.keep(r.tree)
			}
			continue
		}
		if r.fresh {
			r.of.habit.Rest = habitTries // it holds something that is masked
			continue
		}
		// What masks change here depends on other parts of the record.
		r.of.known, r.of.habit = nil, Habit{Rest: 1 << 60}
		same = false
	}
	return same
}

func (m *subtrees) keep(t *Subtree) {
	if len(m.known) < maxSubtrees {
		m.known = append(m.known, t)
		return
	}
	m.known[len(m.known)-1] = t
}

// Rescan is Scan without anything remembered.
func (s *Scanner) Rescan(b []byte, i int) (int, error) {
	s.forget = true
	end, err := s.Scan(b, i)
	s.forget = false
	return end, err
}

// lent is a list that stands aside while a remembered one takes its place.
type lent struct {
	list int32
	own  []Item
}

// giveBack undoes what apply did to lists.
func (s *Scanner) giveBack() {
	for i := range s.lent {
		s.lists[s.lent[i].list] = s.lent[i].own
	}
	s.lent = s.lent[:0]
	for i := range s.regions {
		s.regions[i].of.hit = nil
	}
	clear(s.regions)
	s.regions = s.regions[:0]
}
