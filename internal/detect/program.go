package detect

import (
	"math"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// program is the rules of one table, ready to run. It is immutable.
type program struct {
	table    *schema.Table
	res      *resolver
	rules    []boundRule
	tests    []boundTest
	fields   []boundField
	leafy    []int            // fields that are looked for among the leaves
	byName   map[string][]int // folded name → leafy fields
	keywords []int            // columns keywords are looked for in
	always   []int32          // rules that no witness could be found for
	keyIndex *index           // of all keywords; nil = none
	tuned    bool             // made for rows that were seen
}

type boundRule struct {
	rule *Rule
	root *step
}

// step is a node over numbered tests.
type step struct {
	kind nodeKind
	kids []*step
	test int
}

// boundTest is a predicate on a bound field.
type boundTest struct {
	*predicate
	field int // -1 = keyword
	ref   int // opField: the other one
}

// boundField is a field with the index of the witnesses that look at it.
type boundField struct {
	*binding
	index *index
}

// index leads from a value to the rules whose witness may hold for it. Every rule has a set of
// tests one of which must hold when the rule does, its witnesses.
type index struct {
	equal   map[string][]int32 // folded value → tests
	literal *automaton
	byLit   [][]int32 // literal → tests
	raw     []int32   // tests on the raw text, to be tried on values that are not ASCII
	other   []int32   // tests to be tried on every value
	rules   map[int32][]int32
	tests   []int32 // all of them
}

// compileProgram binds rules to a table. known says how often tests hold; nil = nothing is known.
func compileProgram(rules []*Rule, t *schema.Table, aliases map[string][]string, known *sample) *program {
	p := &program{table: t, res: newResolver(t, aliases), byName: map[string][]int{}, keywords: keywordColumns(t), tuned: known != nil}
	c := programCompiler{program: p, tests: map[string]int{}, fieldNo: map[string]int{}, shared: map[int]int{}, known: known}
	for _, r := range rules {
		p.rules = append(p.rules, boundRule{r, c.step(r.root)})
	}
	for _, r := range p.rules {
		seen := map[int]bool{}
		c.count(r.root, seen)
	}
	byTest := map[int][]int32{}
	for i := range p.tests {
		if p.tests[i].field < 0 {
			byTest[i] = nil // keywords are looked for in one pass, whoever asks
		}
	}
	for i := range p.rules {
		cost, set := c.witnesses(p.rules[i].root)
		if math.IsInf(cost, 1) {
			p.always = append(p.always, int32(i))
			continue
		}
		slices.Sort(set)
		for _, t := range slices.Compact(set) {
			byTest[t] = append(byTest[t], int32(i))
		}
	}
	c.indexes(byTest)
	for i := range p.fields {
		if f := &p.fields[i]; f.cols == nil {
			p.leafy = append(p.leafy, i)
			p.byName[f.fold] = append(p.byName[f.fold], i)
		}
	}
	return p
}

type programCompiler struct {
	*program
	tests   map[string]int
	fieldNo map[string]int
	shared  map[int]int // test → rules that have it
	known   *sample
}

func (c *programCompiler) step(n *node) *step {
	if n.kind == nodeTest {
		return &step{kind: nodeTest, test: c.bind(n.test)}
	}
	s := &step{kind: n.kind}
	for _, k := range n.kids {
		s.kids = append(s.kids, c.step(k))
	}
	return s
}

func (c *programCompiler) bind(p *predicate) int {
	key := p.key()
	if i, ok := c.tests[key]; ok {
		return i
	}
	t := boundTest{predicate: p, field: -1, ref: -1}
	if p.field != "" {
		t.field = c.field(p.field)
	}
	if p.op == opField {
		t.ref = c.field(p.ref)
	}
	i := len(c.program.tests)
	c.program.tests = append(c.program.tests, t)
	c.tests[key] = i
	return i
}

func (c *programCompiler) field(name string) int {
	if i, ok := c.fieldNo[name]; ok {
		return i
	}
	i := len(c.fields)
	c.fields = append(c.fields, boundField{binding: c.res.bind(name)})
	c.fieldNo[name] = i
	return i
}

func (c *programCompiler) count(s *step, seen map[int]bool) {
	if s.kind == nodeTest && !seen[s.test] {
		seen[s.test] = true
		c.shared[s.test]++
	}
	for _, k := range s.kids {
		c.count(k, seen)
	}
}

// witnesses chooses tests one of which must hold when the step does: of an and the cheapest of its
// parts, of an or all of them, of a not none. The cost is a guess at how many rows will be looked at
// in vain.
func (c *programCompiler) witnesses(s *step) (float64, []int) {
	switch s.kind {
	case nodeTest:
		return c.cost(s.test), []int{s.test}
	case nodeAnd:
		best, set := math.Inf(1), []int(nil)
		for _, k := range s.kids {
			if cost, tests := c.witnesses(k); cost < best {
				best, set = cost, tests
			}
		}
		return best, set
	case nodeOr:
		total, set := 0.0, []int(nil)
		for _, k := range s.kids {
			cost, tests := c.witnesses(k)
			total += cost
			set = append(set, tests...)
		}
		// The parts of an or overlap and each is rare: many of them cost little more than one.
		return math.Min(total, total/math.Sqrt(float64(len(s.kids)))), set
	}
	return math.Inf(1), nil
}

func (c *programCompiler) cost(i int) float64 {
	t := &c.program.tests[i]
	cost := 0.0
	switch {
	case t.op == opAbsent:
		return math.Inf(1)
	case t.op == opEqual:
		cost = 1
	case t.op == opPresent || t.op == opField:
		cost = 20
	default:
		cost = 12
		if l := t.literal(); l != "" {
			cost = 1.5 + 12/float64(len(l))
		}
	}
	if t.field < 0 {
		return cost
	}
	if t.op == opEqual && len(t.text) <= 4 {
		cost += 3 // GET, true, 200: few values, many rows
	}
	if f := &c.fields[t.field]; f.cols == nil {
		cost += 2
	} else if k := c.table; f.cols[0] >= 0 {
		switch kind := k.Fields[f.cols[0]].Kind; {
		case kind == schema.Bool:
			cost += 15
		case !kind.Text():
			cost += 6
		}
	} else if f.cols[0] == colType {
		cost += 50
	}
	cost *= 1 + math.Log2(float64(max(c.shared[i], 1)))
	if f := &c.fields[t.field]; c.known != nil && f.cols != nil && t.op != opField {
		cost = min(cost, 20) + wholeTable*c.known.share(t.predicate, f.cols)
	}
	return cost
}

// wholeTable is the cost of a test that holds in every row.
const wholeTable = 200

// indexes builds the index of each field from the witnesses.
func (c *programCompiler) indexes(byTest map[int][]int32) {
	lits := map[*index]map[string]int{}
	texts := map[*index][]string{}
	tests := make([]int, 0, len(byTest))
	for t := range byTest {
		tests = append(tests, t)
	}
	slices.Sort(tests)
	for _, ti := range tests {
		t := &c.program.tests[ti]
		at := &c.keyIndex
		if t.field >= 0 {
			at = &c.fields[t.field].index
		}
		if *at == nil {
			*at = &index{}
		}
		x := *at
		if x.rules == nil {
			x.rules, x.equal, lits[x] = map[int32][]int32{}, map[string][]int32{}, map[string]int{}
		}
		n := int32(ti)
		x.rules[n] = byTest[ti]
		x.tests = append(x.tests, n)
		if t.op == opEqual {
			key := t.text
			if t.cased {
				key = schema.Fold(key)
			}
			x.equal[key] = append(x.equal[key], n)
			for _, other := range []string{t.num, t.ip} {
				if other = strings.ToLower(other); other != "" {
					x.equal[other] = append(x.equal[other], n)
				}
			}
			if t.cased {
				x.raw = append(x.raw, n)
			}
			continue
		}
		lit := t.literal()
		if lit == "" {
			x.other = append(x.other, n)
			continue
		}
		if t.raw() {
			x.raw = append(x.raw, n)
		}
		i, ok := lits[x][lit]
		if !ok {
			i = len(texts[x])
			lits[x][lit] = i
			texts[x] = append(texts[x], lit)
			x.byLit = append(x.byLit, nil)
		}
		x.byLit[i] = append(x.byLit[i], n)
	}
	for x, list := range texts {
		x.literal = newAutomaton(list)
	}
}
