package parse

import (
	"fmt"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// Limits of the scanner.
const (
	maxDepth    = 128  // nested objects and lists
	maxLearned  = 8192 // keys a scanner remembers beyond its schema
	maxKeyBytes = 1024 // longer keys are not remembered
)

// SyntaxError says why a record is not JSON. Pos is an index into the buffer.
type SyntaxError struct {
	Pos    int
	Reason string // a short fixed text
	// Short means that the buffer ended inside the value: more data may make it whole.
	Short bool
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Reason, e.Pos) }

// Scanner reads records by a schema. Values and leaves are good until the next record. It is
// not safe for concurrent use.
type Scanner struct {
	Leaves []Leaf   // scalars that no path covers, in order
	Masked []Masked // values of pivots whose name has a rule, not masked yet
	Arena  Arena

	slots  []Value
	lists  [][]Item
	filled []int32 // lists that have items
	elems  []int32
	marks  []bool
	shape  Shape
	roots  []*subtrees // by root of the schema, nil = not remembered
	pivots []*Pivot
	last   []*pivotEntry // by pivot: the entry before, for prediction

	schema  *Schema
	root    *node
	sink    *node // of members under a key that was there already
	learned int
	objects uint64
	nullMax int
	err     SyntaxError

	regions []region // remembered lists of the record, and ones to be remembered
	lent    []lent
	forget  bool
	seed    maphash.Seed
}

// Masked is a value that a rule of a pivot masks.
type Masked struct {
	Rule int
	Value
}

// NewScanner makes a scanner with its own memory of keys.
func (s *Schema) NewScanner() *Scanner {
	sc := &Scanner{
		schema: s,
		slots:  make([]Value, s.slots), lists: make([][]Item, s.lists), elems: make([]int32, s.elems),
		roots: make([]*subtrees, len(s.roots)), seed: maphash.MakeSeed(),
		marks: make([]bool, s.marks), pivots: make([]*Pivot, s.pivots), last: make([]*pivotEntry, s.pivots),
	}
	sc.root = s.root.clone(s, sc.pivots)
	sc.sink = newNode("", "")
	sc.sink.quiet = true
	sc.sink.elem = sc.sink
	for _, n := range s.Nulls {
		sc.nullMax = max(sc.nullMax, len(n))
	}
	return sc
}

// Value is what stood at a slot of the schema.
func (s *Scanner) Value(slot int) Value { return s.slots[slot] }

// SetValue fills a slot by hand (text frames).
func (s *Scanner) SetValue(slot int, v Value) {
	s.slots[slot] = v
	s.shape.Add(SlotBit(slot))
}

// Shape says which slots and lists have values.
func (s *Scanner) Shape() *Shape { return &s.shape }

// List is what stood at a list of the schema, in order.
func (s *Scanner) List(list int) []Item { return s.lists[list] }

// Elems is how many elements a counter of the schema saw.
func (s *Scanner) Elems(counter int) int32 { return s.elems[counter] }

// Marked reports whether a marked key stood in the record.
func (s *Scanner) Marked(mark int) bool { return s.marks[mark] }

// Reset forgets the record before.
func (s *Scanner) Reset() {
	clear(s.slots)
	s.shape = Shape{}
	if len(s.regions) > 0 {
		s.giveBack()
	}
	for _, i := range s.filled {
		s.lists[i] = s.lists[i][:0]
	}
	s.filled = s.filled[:0]
	clear(s.elems)
	clear(s.marks)
	for i, p := range s.pivots {
		if p != nil {
			s.last[i] = p.root
		}
	}
	s.Leaves = s.Leaves[:0]
	s.Masked = s.Masked[:0]
}

// IsNull reports whether a text is one of the schema's null texts.
func (s *Scanner) IsNull(v string) bool {
	if len(v) > s.nullMax {
		return false
	}
	for _, n := range s.schema.Nulls {
		if v == n {
			return true
		}
	}
	return false
}

// Scan reads the JSON object that starts at b[i] and returns the index after it. b must end
// with Pad zero bytes that are not part of the data. Values of secret keys are masked in b.
func (s *Scanner) Scan(b []byte, i int) (int, error) {
	s.Reset()
	if b[i] != '{' {
		return i, s.fail(b, i, "not an object")
	}
	end := s.object(b, i+1, s.root, 1)
	if end < 0 {
		return i, &s.err
	}
	return end, nil
}

func (s *Scanner) fail(b []byte, i int, reason string) error {
	s.bad(b, i, reason)
	return &s.err
}

// bad keeps the error and returns the index that stands for one.
func (s *Scanner) bad(b []byte, i int, reason string) int {
	s.err = SyntaxError{Pos: i, Reason: reason, Short: i >= len(b)-Pad}
	return -1
}

func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t' {
		i++
	}
	return i
}

func (s *Scanner) object(b []byte, i int, n *node, depth int) int {
	if depth > maxDepth {
		return s.bad(b, i, "too deep")
	}
	s.objects++
	id := s.objects
	var before *node
	guess := n.first
	for first := true; ; first = false {
		if b[i] <= ' ' {
			i = space(b, i)
		}
		if b[i] != '"' {
			if b[i] == '}' && first {
				return i + 1
			}
			return s.bad(b, i, "want a key")
		}
		var k *node
		if guess != nil && guess.stands(b, i) {
			k = guess
			i += len(guess.quoted)
		} else {
			if k, i = s.key(b, i, n); i < 0 {
				return -1
			}
		}
		if before == nil {
			n.first = k
		} else {
			before.next = k
		}
		before = k
		guess = k.next
		if b[i] <= ' ' {
			i = space(b, i)
		}
		if b[i] != ':' {
			return s.bad(b, i, "want a colon")
		}
		i++
		if b[i] <= ' ' {
			i = space(b, i)
		}
		to := k
		if k.seen == id && k != s.sink {
			to = s.dup(k)
		}
		k.seen = id
		if k.mark >= 0 {
			s.marks[k.mark] = true
		}
		if b[i] == '"' && !to.listy {
			end, flags := scanString(b, i+1)
			if end < 0 {
				return s.bad(b, -1-end, "bad text")
			}
			v := Value{Text: alias(b[i+1 : end]), Kind: Text}
			if flags != 0 {
				if v.Kind = s.check(v.Text, flags); v.Kind == Absent {
					return s.bad(b, i, "invalid UTF-8")
				}
			}
			s.put(to, v)
			i = end + 1
		} else if i = s.value(b, i, to, depth); i < 0 {
			return -1
		}
		if b[i] <= ' ' {
			i = space(b, i)
		}
		if b[i] != ',' {
			if b[i] == '}' {
				return i + 1
			}
			return s.bad(b, i, "want a comma or }")
		}
		i++
	}
}

// check gives the kind of a text with something special in it; Absent = not UTF-8.
func (s *Scanner) check(v string, flags uint) Kind {
	if flags&hasHigh != 0 && !utf8.ValidString(v) {
		return Absent
	}
	if flags&hasEscape != 0 {
		return Escaped
	}
	return Text
}

func hasPrefix(b []byte, i int, p string) bool {
	return len(p) > 0 && i+len(p) <= len(b) && string(b[i:i+len(p)]) == p
}

// key reads a key that was not predicted and finds or learns its node.
func (s *Scanner) key(b []byte, i int, n *node) (*node, int) {
	end, flags := scanString(b, i+1)
	if end < 0 {
		return nil, s.bad(b, -1-end, "bad key")
	}
	raw := alias(b[i+1 : end])
	if flags != 0 {
		if s.check(raw, flags) == Absent {
			return nil, s.bad(b, i, "invalid UTF-8")
		}
		if flags&hasEscape != 0 {
			raw = string(AppendUnescaped(nil, raw))
		}
	}
	return s.step(n, raw), end + 1
}

// step is the node of a key below n.
func (s *Scanner) step(n *node, key string) *node {
	if n == s.sink {
		if s.schema.Secret != nil && s.schema.Secret(key) {
			return s.dup(&node{secret: true})
		}
		return n
	}
	if k := n.child(key); k != nil {
		return k
	}
	key = strings.Clone(key)
	k := newNode(key, join(n.leaf.Path, Step{Key: key}))
	k.secret = n.secret || s.schema.Secret != nil && s.schema.Secret(key)
	k.quiet = n.quiet
	if s.learned < maxLearned && len(key) <= maxKeyBytes {
		s.learned++
		n.add(k)
	}
	return k
}

// elem is the node of the elements of a list.
func (s *Scanner) elem(n *node) *node {
	if n.elem == nil {
		n.elem = newNode("", n.leaf.Path+"[]")
		n.elem.secret, n.elem.quiet = n.secret, n.quiet
	}
	return n.elem
}

// dup is where the value of a key goes that the object had already: nowhere, but masked.
func (s *Scanner) dup(k *node) *node {
	if !k.secret {
		return s.sink
	}
	n := newNode("", "")
	n.secret, n.quiet = true, true
	return n
}

// value reads any value for a node and returns the index after it.
func (s *Scanner) value(b []byte, i int, n *node, depth int) int {
	if n.listy && b[i] != '[' {
		if b[i] == 'n' {
			return s.literal(b, i, n, "null", Null)
		}
		n = s.elem(n)
		s.enter(n)
		end := s.value(b, i, n, depth)
		if end >= 0 && len(n.pivots) > 0 {
			s.pivot(n)
		}
		return end
	}
	switch c := b[i]; c {
	case '"':
		end, flags := scanString(b, i+1)
		if end < 0 {
			return s.bad(b, -1-end, "bad text")
		}
		v := Value{Text: alias(b[i+1 : end]), Kind: Text}
		if flags != 0 {
			if v.Kind = s.check(v.Text, flags); v.Kind == Absent {
				return s.bad(b, i, "invalid UTF-8")
			}
		}
		s.put(n, v)
		return end + 1
	case '{':
		end := s.object(b, i+1, n, depth+1)
		if end >= 0 && n.want {
			s.store(n, Value{Text: alias(b[i:end]), Kind: Object})
		}
		return end
	case '[':
		var end int
		if n.trees != nil {
			end = s.recall(b, i, n, depth)
		} else {
			end = s.array(b, i+1, n, depth+1)
		}
		if end >= 0 && n.want {
			s.store(n, Value{Text: alias(b[i:end]), Kind: Array})
		}
		return end
	case 't':
		return s.literal(b, i, n, "true", True)
	case 'f':
		return s.literal(b, i, n, "false", False)
	case 'n':
		return s.literal(b, i, n, "null", Null)
	default:
		end := number(b, i)
		if end < 0 {
			return s.bad(b, -1-end, "bad value")
		}
		s.put(n, Value{Text: alias(b[i:end]), Kind: Number})
		return end
	}
}

func (s *Scanner) array(b []byte, i int, n *node, depth int) int {
	if depth > maxDepth {
		return s.bad(b, i, "too deep")
	}
	if b[i] <= ' ' {
		i = space(b, i)
	}
	if b[i] == ']' {
		return i + 1
	}
	e := s.elem(n)
	for {
		if end := s.pair(b, i, e); end > 0 {
			i = end
		} else {
			s.enter(e)
			start := i
			if i = s.value(b, i, e, depth); i < 0 {
				return -1
			}
			if len(e.pivots) > 0 {
				s.pivot(e)
				s.learnPair(b, start, e)
			}
		}
		if b[i] <= ' ' {
			i = space(b, i)
		}
		if b[i] != ',' {
			if b[i] == ']' {
				return i + 1
			}
			return s.bad(b, i, "want a comma or ]")
		}
		i++
		if b[i] <= ' ' {
			i = space(b, i)
		}
	}
}

// enter begins an element of a list.
func (s *Scanner) enter(e *node) {
	if e.elemIdx >= 0 {
		s.elems[e.elemIdx]++
	}
	for _, p := range e.pivots {
		p = s.pivots[p.id]
		s.slots[p.name], s.slots[p.value] = Value{}, Value{}
	}
}

func (s *Scanner) literal(b []byte, i int, n *node, word string, kind Kind) int {
	if !hasPrefix(b, i, word) {
		k := 0
		for k < len(word) && b[i+k] == word[k] {
			k++
		}
		return s.bad(b, i+k, "bad value")
	}
	if kind != Null {
		s.put(n, Value{Text: word, Kind: kind})
	}
	return i + len(word)
}

// number returns the index after a JSON number, or the negated index-1 of the byte at fault.
func number(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	switch {
	case b[i] == '0':
		i++
	case '1' <= b[i] && b[i] <= '9':
		for isDigit(b[i]) {
			i++
		}
	default:
		return -1 - i
	}
	if b[i] == '.' {
		i++
		if !isDigit(b[i]) {
			return -1 - i
		}
		for isDigit(b[i]) {
			i++
		}
	}
	if b[i]|0x20 == 'e' {
		i++
		if b[i] == '+' || b[i] == '-' {
			i++
		}
		if !isDigit(b[i]) {
			return -1 - i
		}
		for isDigit(b[i]) {
			i++
		}
	}
	return i
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// put takes a scalar to where it is wanted.
func (s *Scanner) put(n *node, v Value) {
	if n.secret {
		Mask(v)
	}
	if len(v.Text) <= s.nullMax && (len(v.Text) == 0 || s.IsNull(v.Text)) {
		return // an empty text is absent, too
	}
	if n.want {
		s.store(n, v)
		if !n.also {
			return
		}
	}
	if s.schema.Rest && !n.quiet {
		s.Leaves = append(s.Leaves, Leaf{Key: &n.leaf, Value: v})
	}
}

func (s *Scanner) store(n *node, v Value) {
	if n.slot >= 0 {
		s.slots[n.slot] = v
		s.shape.Add(n.bit)
	}
	for _, r := range n.refs {
		it := Item{Value: v}
		if r.elem >= 0 {
			it.Elem = s.elems[r.elem] - 1
		}
		l := s.lists[r.list]
		if len(l) == 0 {
			s.filled = append(s.filled, r.list)
			s.shape.Add(r.bit)
		}
		s.lists[r.list] = append(l, it)
	}
}

// pair reads an element that begins like the one that came next in the record before, and is
// all that a pivot wants of it; 0 = it is something else.
func (s *Scanner) pair(b []byte, i int, e *node) int {
	if !e.pairs {
		return 0
	}
	p := e.pivots[0]
	x := s.last[p.id].next
	if x == nil || !hasPrefix(b, i, x.head) {
		return 0
	}
	i += len(x.head)
	end, flags := scanString(b, i)
	if end <= i || flags != 0 || b[end+1] != '}' {
		return 0
	}
	v := Value{Text: alias(b[i:end]), Kind: Text}
	if s.IsNull(v.Text) {
		return 0
	}
	s.last[p.id] = x
	s.named(e, p, x, v)
	return end + 2
}

// learnPair remembers how the element from i on begins, if it is a plain pair.
func (s *Scanner) learnPair(b []byte, i int, e *node) {
	if !e.pairs {
		return
	}
	p := e.pivots[0]
	x := s.last[p.id]
	if x.head != "" || len(x.name) > maxKeyBytes || b[i] != '{' {
		return
	}
	if head := `{"` + p.nameKey + `":"` + x.name + `","` + p.valueKey + `":"`; hasPrefix(b, i, head) {
		x.head = head
	}
}

// pivot takes the pair that an element was.
func (s *Scanner) pivot(e *node) {
	for _, p := range e.pivots {
		name, value := s.slots[p.name], s.slots[p.value]
		if name.Kind != Text && name.Kind != Escaped || !value.Scalar() {
			continue
		}
		last := s.last[p.id]
		var x *pivotEntry
		if last.next != nil && last.next.name == name.Text && name.Kind == Text {
			x = last.next
		} else {
			text := name.Text
			if name.Kind == Escaped {
				text = string(AppendUnescaped(nil, text))
			}
			x = p.entry(text)
			last.next = x
		}
		s.last[p.id] = x
		s.named(e, p, x, value)
	}
}

// named takes the value of a name.
func (s *Scanner) named(e *node, p *Pivot, x *pivotEntry, value Value) {
	if x.rule != 0 {
		s.Masked = append(s.Masked, Masked{x.rule, value})
	}
	if x.slot >= 0 && s.slots[x.slot].Kind == Absent {
		s.slots[x.slot] = value
		s.shape.Add(x.bit)
	} else if s.schema.Rest && !p.Quiet && !e.quiet && len(value.Text) > 0 {
		s.Leaves = append(s.Leaves, Leaf{Key: &x.leaf, Value: value})
	}
}

// Mask overwrites the bytes of a scalar in place: texts with *, digits with 1 so that a
// number stays a number. The kind of an escaped text may stay Escaped: it has no escapes left.
func Mask(v Value) {
	b := Bytes(v.Text)
	switch v.Kind {
	case Text, Escaped:
		for i := range b {
			b[i] = '*'
		}
	case Number:
		for i, c := range b {
			if isDigit(c) {
				b[i] = '1'
			}
		}
	}
}
