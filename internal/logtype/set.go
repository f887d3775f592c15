package logtype

import (
	"cmp"
	"slices"

	"github.com/yagura-siem/yagura/internal/parse"
)

// Set is the log types in use. It is immutable and safe for concurrent use.
type Set struct {
	types   []*Type
	byName  map[string]*Type
	json    []int // numbers of the types with JSON frames
	text    []int
	headed  []int      // of those: types whose lines may stand under a header
	records [][]string // paths of lists of records in JSON documents

	probe   *parse.Schema // all content paths of all JSON types
	probes  []content     // by type number
	ignores []content

	doc      *parse.Schema // what types want to know beside a list of records
	docNames []string
	docSlots []int

	shown []string // keys that are no secret somewhere
}

// secret tells what may be masked before the type of a record is known, which may still be in a
// delivery wrapper. What it leaves is masked by the type, or before it is quarantined.
func (s *Set) secret(key string) bool { return secretKey(key, nil) && !slices.Contains(s.shown, key) }

// NewSet makes a set. When there are several types of one name the last one counts.
func NewSet(types []*Type) *Set {
	s := &Set{byName: map[string]*Type{}, probe: parse.NewSchema(), doc: parse.NewSchema()}
	for _, t := range types {
		s.byName[t.Name] = t
	}
	for _, t := range s.byName {
		s.types = append(s.types, t)
	}
	slices.SortFunc(s.types, func(a, b *Type) int { return cmp.Compare(a.Name, b.Name) })
	for _, t := range s.types {
		s.shown = append(s.shown, t.shown...)
	}
	s.probe.Secret = s.secret
	s.doc.Secret = func(key string) bool { return secretKey(key, nil) }
	s.probes, s.ignores = make([]content, len(s.types)), make([]content, len(s.types))
	for i, t := range s.types {
		if t.text != nil {
			s.text = append(s.text, i)
			if t.text.header != nil {
				s.headed = append(s.headed, i)
			}
			continue
		}
		s.json = append(s.json, i)
		s.probes[i] = t.Def.Recognise.Content.over(s.probe)
		s.ignores[i] = t.Def.Ignore.Content.over(s.probe)
		if len(t.records) > 0 && !slices.ContainsFunc(s.records, func(r []string) bool { return slices.Equal(r, t.records) }) {
			s.records = append(s.records, t.records)
		}
		for _, k := range t.known {
			if k.doc != nil && !slices.Contains(s.docNames, k.name) {
				var p parse.Path
				for _, key := range k.doc {
					p = append(p, parse.Step{Key: key})
				}
				s.docNames = append(s.docNames, k.name)
				s.docSlots = append(s.docSlots, s.doc.Slot(p))
			}
		}
	}
	return s
}

// Types lists the types by name.
func (s *Set) Types() []*Type { return s.types }

// Lookup finds a type by name, or nil.
func (s *Set) Lookup(name string) *Type { return s.byName[name] }

// over compiles content paths for another schema; they were checked when the type was compiled.
func (d Content) over(s *parse.Schema) content {
	var c content
	mark := func(list []Located) (marks []int) {
		for _, x := range list {
			if p, err := parse.ParsePath(x.Text); err == nil {
				marks = append(marks, s.Mark(p))
			}
		}
		return marks
	}
	c.all, c.any = mark(d.All), mark(d.Any)
	for _, q := range d.Equal {
		if p, err := parse.ParsePath(q.Path.Text); err == nil {
			c.equal = append(c.equal, equalTest{s.Slot(p), q.Texts})
		}
	}
	return c
}

// weight orders contents that both hold: the one that asks for more is meant.
func (c *content) weight() int { return len(c.all) + 2*len(c.equal) + min(len(c.any), 1) }

// byContent chooses the JSON type of a probed record, -1 = none. Of several, the one whose key
// matches, then the one that asks for most.
func (s *Set) byContent(sc *parse.Scanner, key string) int {
	best, bestWeight := -1, -1
	for _, i := range s.json {
		w := -1
		if s.probes[i].json(sc) {
			w = s.probes[i].weight()
		}
		if s.ignores[i].json(sc) {
			w = max(w, s.ignores[i].weight())
		}
		if w < 0 {
			continue
		}
		if s.types[i].keyMatches(key) {
			w += 1 << 16
		}
		if w > bestWeight {
			best, bestWeight = i, w
		}
	}
	return best
}

// byLine chooses the text type of a line, -1 = none.
func (s *Set) byLine(line []byte, key string) int {
	best := -1
	for _, i := range s.text {
		if s.types[i].content.line(line) {
			if s.types[i].keyMatches(key) {
				return i
			}
			if best < 0 {
				best = i
			}
		}
	}
	return best
}

// byKey chooses a type by the object key alone.
func (s *Set) byKey(key string, among []int) int {
	for _, i := range among {
		if s.types[i].keyMatches(key) {
			return i
		}
	}
	return -1
}
