package parse

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Schema is what a log type wants to know of a record: paths compiled into a trie. It is
// built once, by one goroutine; afterwards any number of scanners may be made from it.
type Schema struct {
	// Secret reports whether the value of a key is masked wherever the key stands; it gets
	// the key without JSON escapes. Nil = nothing is.
	Secret func(key string) bool
	// Nulls are texts that mean absent.
	Nulls []string
	// Rest asks for the leaves that no path covers.
	Rest bool

	root   *node
	slots  int
	lists  int
	elems  int
	marks  int
	pivots int
	roots  []Path // lists below no other list
	rootOf []int  // by list of the schema: its root
}

// NewSchema makes a schema that wants nothing.
func NewSchema() *Schema {
	s := &Schema{}
	s.root = newNode("", "")
	return s
}

// Slot asks for the single value at a path without list steps; the number is for
// Scanner.Value. Asking twice gives the same number.
func (s *Schema) Slot(p Path) int {
	n := s.walk(p)
	if n.slot < 0 {
		n.slot = int32(s.slots)
		n.bit = SlotBit(s.slots)
		s.slots++
	}
	n.want = true
	return int(n.slot)
}

// List asks for all values at a path with list steps; the number is for Scanner.List. Items
// are counted by the element of base, a prefix of p that ends in a list step (nil: the first
// list step of p).
func (s *Schema) List(p, base Path) int {
	if base == nil {
		for i, st := range p {
			if st.Elem {
				base = p[:i+1]
				break
			}
		}
	}
	at := int32(-1)
	if base != nil {
		at = int32(s.Elems(base))
	}
	n := s.walk(p)
	for _, r := range n.refs {
		if r.elem == at {
			return int(r.list)
		}
	}
	n.refs = append(n.refs, ref{list: int32(s.lists), elem: at, bit: ListBit(s.lists)})
	n.want = true
	s.lists++
	s.rootOf = append(s.rootOf, s.rootAt(p))
	return s.lists - 1
}

// rootAt is the number of the outermost list of a path, -1 = none.
func (s *Schema) rootAt(p Path) int {
	k := slices.IndexFunc(p, func(st Step) bool { return st.Elem })
	if k < 0 {
		return -1
	}
	p = p[:k]
	if i := slices.IndexFunc(s.roots, func(r Path) bool { return slices.Equal(r, p) }); i >= 0 {
		return i
	}
	s.roots = append(s.roots, slices.Clone(p))
	return len(s.roots) - 1
}

// Root is the number of the outermost list that a list of the schema stands in or is, -1 = none:
// what was remembered of that list decides all items, see Scanner.Hit.
func (s *Schema) Root(list int) int { return s.rootOf[list] }

// Elems asks for the number of elements at a path that ends in a list step; the number is for
// Scanner.Elems.
func (s *Schema) Elems(base Path) int {
	b := s.walk(base)
	if b.elemIdx < 0 {
		b.elemIdx = int32(s.elems)
		s.elems++
	}
	return int(b.elemIdx)
}

// Mark asks whether a key stands in the record at all, even with null.
func (s *Schema) Mark(p Path) int {
	n := s.walk(p)
	if n.mark < 0 {
		n.mark = int32(s.marks)
		s.marks++
	}
	return int(n.mark)
}

// Except keeps the leaves below a path out of the reported leaves.
func (s *Schema) Except(p Path) { s.walk(p).quiet = true }

// Also keeps the scalar at a path among the leaves although somebody wants it.
func (s *Schema) Also(p Path) { s.walk(p).also = true }

// Pivot turns a list of objects with a name and a value member (base ends in a list step)
// into values by name. The same three paths give the same pivot.
func (s *Schema) Pivot(base Path, name, value string, fold bool) *Pivot {
	n := s.walk(base)
	for _, p := range n.pivots {
		if p.nameKey == name && p.valueKey == value && p.fold == fold {
			return p
		}
	}
	below := func(key string) Path { return append(append(Path{}, base...), Step{Key: key}) }
	p := &Pivot{schema: s, nameKey: name, valueKey: value, fold: fold, id: s.pivots,
		wanted: map[string]int32{}, path: base[:len(base)-1].String(), root: &pivotEntry{}}
	s.pivots++
	p.name, p.value = s.Slot(below(name)), s.Slot(below(value))
	n.pivots = append(n.pivots, p)
	return p
}

func (s *Schema) walk(p Path) *node {
	n := s.root
	for _, st := range p {
		if st.Elem {
			if n.elem == nil {
				n.elem = newNode("", n.leaf.Path+"[]")
			}
			n.listy = true
			n = n.elem
			continue
		}
		k := n.child(st.Key)
		if k == nil {
			k = newNode(st.Key, join(n.leaf.Path, st))
			n.add(k)
		}
		n = k
	}
	return n
}

// ref is a list that gets the values of a node, counted by an element counter.
type ref struct {
	list, elem int32
	bit        Bit
}

// node is a place in the trie. Static nodes come from the schema; a scanner adds nodes for
// the keys it meets, up to a bound, so that their paths and order are known the next time.
type node struct {
	// The key with quotes, as it stands in most records; "" = never predicted. The first 16
	// bytes of it are compared as two words.
	quoted string
	head   [2]uint64
	mask   [2]uint64
	key    string
	first  *node // the key that came first here in the record before
	next   *node // the key that came after this one in the record before
	seen   uint64

	slot    int32 // single value, -1
	bit     Bit   // of the slot
	mark    int32 // presence, -1
	elemIdx int32 // counter of elements (elem nodes only), -1
	want    bool  // slot or refs
	listy   bool  // the schema has an elem below: a single value stands for a list of one
	secret  bool  // values are masked here and below
	shown   bool  // the name of the key makes it no secret
	also    bool  // a leaf, though it is wanted
	quiet   bool  // leaves are not reported here and below
	refs    []ref
	pivots  []*Pivot
	pairs   bool // (elem nodes) nothing but one pivot wants anything of the elements

	trees *subtrees // what is remembered of the list that stands here, nil = nothing

	elem  *node
	kids  []*node
	byKey map[string]*node // when there are many kids
	leaf  Key
}

const manyKids = 12

func newNode(key, path string) *node {
	n := &node{key: key, slot: -1, mark: -1, elemIdx: -1, leaf: Key{Path: path, Code: -1, Last: -1}}
	plain := true
	for i := 0; i < len(key); i++ {
		if c := key[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			plain = false
		}
	}
	if plain {
		n.quoted = `"` + key + `"`
		for i := 0; i < len(n.quoted) && i < 16; i++ {
			n.head[i/8] |= uint64(n.quoted[i]) << (8 * (i % 8))
			n.mask[i/8] |= 0xff << (8 * (i % 8))
		}
	}
	return n
}

// stands reports whether the key of n stands at b[i], quotes included.
func (n *node) stands(b []byte, i int) bool {
	w := b[i : i+16 : i+16] // within the padding
	if binary.LittleEndian.Uint64(w)&n.mask[0] != n.head[0] || binary.LittleEndian.Uint64(w[8:])&n.mask[1] != n.head[1] {
		return false
	}
	if len(n.quoted) <= 16 {
		return n.quoted != ""
	}
	return i+len(n.quoted) <= len(b) && string(b[i+16:i+len(n.quoted)]) == n.quoted[16:]
}

func (n *node) child(key string) *node {
	if n.byKey != nil {
		return n.byKey[key]
	}
	for _, k := range n.kids {
		if k.key == key {
			return k
		}
	}
	return nil
}

func (n *node) add(k *node) {
	n.kids = append(n.kids, k)
	if n.byKey != nil {
		n.byKey[k.key] = k
	} else if len(n.kids) > manyKids {
		n.byKey = make(map[string]*node, 2*len(n.kids))
		for _, x := range n.kids {
			n.byKey[x.key] = x
		}
	}
}

// clone copies the static trie for one scanner. Secret and quiet are inherited downwards.
func (n *node) clone(s *Schema, pivots []*Pivot) *node {
	c := *n
	c.kids, c.byKey, c.elem = nil, nil, nil
	if s.Secret != nil && n.key != "" && !n.shown && s.Secret(n.key) {
		c.secret = true
	}
	c.pivots = nil
	for _, p := range n.pivots {
		c.pivots = append(c.pivots, p.clone(pivots))
	}
	if n.elem != nil {
		e := *n.elem
		e.secret, e.quiet = e.secret || c.secret, e.quiet || c.quiet
		c.elem = e.clone(s, pivots)
	}
	for _, k := range n.kids {
		k := *k
		k.secret, k.quiet = k.secret || c.secret, k.quiet || c.quiet
		c.add(k.clone(s, pivots))
	}
	c.pairs = c.onlyPairs()
	return &c
}

// onlyPairs computes pairs.
func (n *node) onlyPairs() bool {
	if len(n.pivots) != 1 || n.elemIdx >= 0 || n.want || n.mark >= 0 || n.secret || n.elem != nil || len(n.kids) != 2 {
		return false
	}
	p := n.pivots[0]
	for _, k := range n.kids {
		if k.secret || k.mark >= 0 || len(k.refs) > 0 || k.elem != nil || len(k.kids) > 0 || k.key != p.nameKey && k.key != p.valueKey || k.quoted == "" {
			return false
		}
	}
	return p.nameKey != p.valueKey
}

// Pivot is a list of name/value objects read as values by name.
type Pivot struct {
	// Rule gives the number of the rule that masks the value of a name, 0 for none: the scanner
	// lists such values in Scanner.Masked. It gets the name in lower case. Nil = none.
	Rule func(name string) int
	// Quiet keeps pairs that nobody asked for out of the leaves.
	Quiet bool

	schema            *Schema
	nameKey, valueKey string
	name, value       int // slots of the element being read
	fold              bool
	id                int
	path              string
	wanted            map[string]int32
	root              *pivotEntry // prediction: what came first
	entries           map[string]*pivotEntry
}

// Slot asks for the value with a name; the number is for Scanner.Value.
func (p *Pivot) Slot(name string) int {
	if p.fold {
		name = strings.ToLower(name)
	}
	if i, ok := p.wanted[name]; ok {
		return int(i)
	}
	i := p.schema.slots
	p.schema.slots++
	p.wanted[name] = int32(i)
	return i
}

// pivotEntry is what is known of one spelling of a name.
type pivotEntry struct {
	name string
	head string // how an element with the name begins, up to the text of its value; "" = not known
	slot int32
	bit  Bit
	rule int
	next *pivotEntry // what came after it in the record before
	leaf Key
}

const maxPivotEntries = 1024

func (p *Pivot) clone(all []*Pivot) *Pivot {
	if all[p.id] == nil {
		c := *p
		c.root = &pivotEntry{}
		c.entries = map[string]*pivotEntry{}
		all[p.id] = &c
	}
	return all[p.id]
}

// entry finds or makes the entry of a name (without JSON escapes).
func (p *Pivot) entry(name string) *pivotEntry {
	if e := p.entries[name]; e != nil {
		return e
	}
	name = strings.Clone(name)
	lower := strings.ToLower(name)
	e := &pivotEntry{name: name, slot: -1}
	key := name
	if p.fold {
		key = lower
	}
	if i, ok := p.wanted[key]; ok {
		e.slot, e.bit = i, SlotBit(int(i))
	}
	if p.Rule != nil {
		e.rule = p.Rule(lower)
	}
	e.leaf = Key{Path: join(p.path, Step{Key: key}), Code: -1, Last: -1}
	if len(p.entries) < maxPivotEntries {
		p.entries[name] = e
	}
	return e
}
