package detect

import "slices"

// automaton finds many literals in a text in one pass (Aho-Corasick), ignoring the case of ASCII
// letters. Literals are folded and not empty.
type automaton struct {
	class   [256]uint16 // of bytes; 0 = in no literal
	classes int
	next    []int32   // state*classes + class
	hits    [][]int32 // by state: the literals that end there
	any     []bool    // hits, or those of a shorter suffix
	link    []int32   // nearest suffix state with hits, 0 = none
}

// newAutomaton numbers literals by their place in the list.
func newAutomaton(literals []string) *automaton {
	if len(literals) == 0 {
		return nil
	}
	a := &automaton{classes: 1}
	for _, l := range literals {
		for i := 0; i < len(l); i++ {
			if a.class[l[i]] == 0 {
				a.class[l[i]] = uint16(a.classes)
				a.classes++
			}
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		if a.class[c] == 0 {
			a.class[c] = a.class[c+'a'-'A']
		}
	}
	add := func() int32 {
		for range a.classes {
			a.next = append(a.next, -1)
		}
		a.hits = append(a.hits, nil)
		return int32(len(a.hits) - 1)
	}
	add()
	for n, l := range literals {
		s := int32(0)
		for i := 0; i < len(l); i++ {
			at := int(s)*a.classes + int(a.class[l[i]])
			if a.next[at] < 0 {
				to := add()
				a.next[at] = to
			}
			s = a.next[at]
		}
		a.hits[s] = append(a.hits[s], int32(n))
	}
	a.close()
	return a
}

// close adds the transitions of failure, breadth first.
func (a *automaton) close() {
	states := len(a.hits)
	fail := make([]int32, states)
	a.link, a.any = make([]int32, states), make([]bool, states)
	var queue []int32
	for c := range a.classes {
		if s := a.next[c]; s > 0 {
			queue = append(queue, s)
		} else {
			a.next[c] = 0
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		f := fail[s]
		if a.link[s] = f; len(a.hits[f]) == 0 {
			a.link[s] = a.link[f]
		}
		a.any[s] = len(a.hits[s]) > 0 || a.any[f]
		for c := range a.classes {
			at := int(s)*a.classes + c
			if to := a.next[at]; to >= 0 {
				fail[to] = a.next[int(f)*a.classes+c]
				queue = append(queue, to)
			} else {
				a.next[at] = a.next[int(f)*a.classes+c]
			}
		}
	}
	a.next = slices.Clip(a.next)
}

// find appends the numbers of the literals in a text, some of them several times. A text that is
// not ASCII must be folded before.
func (a *automaton) find(s []byte, dst []int32) []int32 {
	state := int32(0)
	for i := 0; i < len(s); i++ {
		c := a.class[s[i]]
		if c == 0 {
			state = 0
			continue
		}
		state = a.next[int(state)*a.classes+int(c)]
		if a.any[state] {
			for x := state; x > 0; x = a.link[x] {
				dst = append(dst, a.hits[x]...)
			}
		}
	}
	return dst
}
