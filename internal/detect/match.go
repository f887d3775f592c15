package detect

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Match is a rule that matched a row of a batch. Its texts alias the batch and the slices are used
// again: copy what is kept.
type Match struct {
	Rule   *Rule
	Row    int
	Fields []MatchedField // what made it match, in the order of the rule
	// Group is what a finding is grouped by: the fields of GroupBy that the row has, or the first of
	// DefaultGroupBy it has. A list counts with its first value.
	Group []MatchedField
}

// MatchedField is a column or native leaf and the value (cut at 1 KB) that a rule was looking for.
type MatchedField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Bounds of what a match shows.
const (
	maxMatchedFields = 16
	maxMatchedValue  = 1 << 10
)

// NewMatcher makes a matcher. One goroutine at a time may use it.
func (s *Set) NewMatcher() *Matcher { return &Matcher{set: s, runs: map[*schema.Table]*run{}} }

// Matcher runs the rules of a set over batches.
type Matcher struct {
	set    *Set
	runs   map[*schema.Table]*run
	fields []MatchedField
	group  []MatchedField
}

// Match yields every match in a sealed batch, by row, then in the order of the rules.
func (m *Matcher) Match(b *event.Batch, yield func(Match)) {
	if b == nil || b.Rows == 0 || b.Table == nil {
		return
	}
	r, ok := m.runs[b.Table]
	if !ok || r != nil && !r.p.tuned && b.Rows >= sampleFrom {
		if p := m.set.program(b.Table, b); p != nil && (r == nil || r.p != p) {
			r = newRun(p)
		}
		m.runs[b.Table] = r
	}
	if r == nil {
		return
	}
	r.begin(b)
	r.candidates()
	hits := r.verify()
	for _, h := range hits {
		row, rule := int(h>>32), &r.p.rules[uint32(h)]
		e := &r.plain
		e.on, e.list, e.listed = &rowSubject{b, row}, e.list[:0], false
		m.fields = e.matched(rule.rule.root, m.fields[:0])
		m.group = e.group(rule.rule, m.group[:0])
		yield(Match{Rule: rule.rule, Row: row, Fields: m.fields, Group: m.group})
	}
	r.end()
}

// run is a program with the memory of one worker.
type run struct {
	p *program
	b *event.Batch

	found   [][]uint64 // by rule: rows that are candidates; nil = none
	touched []int32    // rules with candidates
	words   []([]uint64)
	memo    [][][]uint8 // by test, by column of its field: what is known by dictionary code
	keyRows [][]uint64  // by test: rows in which the keyword stands
	keyHas  []int       // tests with such rows

	keys    map[string][]leafFit // what a leaf name is to the fields
	byKey   [][]leafFit          // the same by key code of the batch
	last    []lastValue          // by field
	sets    [][]int32            // by dictionary code: rules or tests found
	scratch []byte
	tests   []int32
	hits    []uint64
	spare   [][]uint8
	plain   evaluator // says what made a rule match
}

// leafFit is a field that a leaf belongs to.
type leafFit struct {
	field int
	fit   fit
	flat  string
}

type lastValue struct {
	code  int32
	rules []int32
}

func newRun(p *program) *run {
	bound := map[string]*binding{}
	for i := range p.fields {
		bound[p.fields[i].name] = p.fields[i].binding
	}
	return &run{
		p: p, plain: evaluator{res: p.res, bound: bound, keywords: p.keywords}, found: make([][]uint64, len(p.rules)), memo: make([][][]uint8, len(p.tests)),
		keyRows: make([][]uint64, len(p.tests)), keys: map[string][]leafFit{}, last: make([]lastValue, len(p.fields)),
	}
}

// maxKeys bounds the leaf names that are remembered between batches.
const maxKeys = 1 << 14

func (r *run) begin(b *event.Batch) {
	r.b = b
	for i := range r.last {
		r.last[i] = lastValue{code: -1}
	}
	r.byKey = r.byKey[:0]
	if len(r.p.leafy) == 0 || !b.Table.Rest {
		return
	}
	if len(r.keys) > maxKeys {
		clear(r.keys)
	}
	for _, key := range b.Rest.KeyDict.Values {
		fits, ok := r.keys[key]
		if !ok {
			fits = r.p.leafFits(key)
			r.keys[strings.Clone(key)] = fits
		}
		r.byKey = append(r.byKey, fits)
	}
}

// leafFits finds the fields a leaf belongs to, by its name and by every object around it.
func (p *program) leafFits(key string) []leafFit {
	flat := strings.Clone(flatName(key))
	folded := foldName(flat)
	var out []leafFit
	for name := folded; ; {
		for _, f := range p.byName[name] {
			if fit, ok := p.fields[f].fits(flat, folded); ok {
				out = append(out, leafFit{f, fit, flat})
			}
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return out
		}
		name = name[:i]
	}
}

// end gives memory back for the next batch; nothing of the batch is held any more.
func (r *run) end() {
	for _, rule := range r.touched {
		r.words = append(r.words, r.found[rule])
		r.found[rule] = nil
	}
	r.touched = r.touched[:0]
	for _, t := range r.keyHas {
		r.words = append(r.words, r.keyRows[t])
		r.keyRows[t] = nil
	}
	r.keyHas = r.keyHas[:0]
	for i := range r.memo {
		for _, m := range r.memo[i] {
			if m != nil {
				r.spare = append(r.spare, m)
			}
		}
		r.memo[i] = nil
	}
	clear(r.sets)
	clear(r.plain.list)
	r.plain.on, r.b = nil, nil
}

// rowSet returns an empty set of rows.
func (r *run) rowSet() []uint64 {
	n := (r.b.Rows + 63) / 64
	for len(r.words) > 0 {
		w := r.words[len(r.words)-1]
		r.words = r.words[:len(r.words)-1]
		if cap(w) >= n {
			w = w[:n]
			clear(w)
			return w
		}
	}
	return make([]uint64, n)
}

func (r *run) mark(rules []int32, row int) {
	for _, rule := range rules {
		if r.found[rule] == nil {
			r.found[rule] = r.rowSet()
			r.touched = append(r.touched, rule)
		}
		r.found[rule][row>>6] |= 1 << (row & 63)
	}
}

// verify tries the candidates and returns the matches as row<<32 | rule, in order.
func (r *run) verify() []uint64 {
	r.hits = r.hits[:0]
	slices.Sort(r.touched)
	for _, rule := range r.touched {
		root := r.p.rules[rule].root
		for w, word := range r.found[rule] {
			for ; word != 0; word &= word - 1 {
				row := w<<6 | bits.TrailingZeros64(word)
				if row < r.b.Rows && r.holds(root, row) {
					r.hits = append(r.hits, uint64(row)<<32|uint64(rule))
				}
			}
		}
	}
	slices.Sort(r.hits)
	return r.hits
}

func (r *run) holds(s *step, row int) bool {
	switch s.kind {
	case nodeAnd:
		for _, k := range s.kids {
			if !r.holds(k, row) {
				return false
			}
		}
		return true
	case nodeOr:
		for _, k := range s.kids {
			if r.holds(k, row) {
				return true
			}
		}
		return false
	case nodeNot:
		return !r.holds(s.kids[0], row)
	}
	return r.test(s.test, row)
}

// matched lists the values that made a rule match: of every test that holds and is not negated.
func (e *evaluator) matched(root *node, dst []MatchedField) []MatchedField {
	var walk func(n *node) bool
	walk = func(n *node) bool {
		if len(dst) >= maxMatchedFields {
			return e.eval(n)
		}
		switch n.kind {
		case nodeAnd:
			mark := len(dst)
			for _, k := range n.kids {
				if !walk(k) {
					dst = dst[:mark]
					return false
				}
			}
			return true
		case nodeOr:
			any := false
			for _, k := range n.kids {
				mark := len(dst)
				if walk(k) {
					any = true
				} else {
					dst = dst[:mark]
				}
			}
			return any
		case nodeNot:
			return !e.eval(n.kids[0])
		}
		ok, values := e.test(n.test)
		if ok && len(values) > 0 {
			if f := shown(values[0]); !slices.Contains(dst, f) {
				dst = append(dst, f)
			}
		}
		return ok
	}
	walk(root)
	return dst
}

func shown(f found) MatchedField {
	v := f.value
	if len(v) > maxMatchedValue {
		v = strings.ToValidUTF8(v[:maxMatchedValue], "")
	}
	return MatchedField{f.field, v}
}

// group lists what a finding is grouped by.
func (e *evaluator) group(r *Rule, dst []MatchedField) []MatchedField {
	names, all := r.GroupBy, true
	if len(names) == 0 {
		names, all = DefaultGroupBy, false
	}
	for _, name := range names {
		values := e.values(name)
		if len(values) == 0 {
			continue
		}
		if dst = append(dst, shown(values[0])); !all {
			break
		}
	}
	return dst
}
