package detect

import (
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// candidates finds the rows a rule may match: those in which one of its witnesses holds.
func (r *run) candidates() {
	if len(r.p.always) > 0 {
		for row := range r.b.Rows {
			r.mark(r.p.always, row)
		}
	}
	if r.p.keyIndex != nil {
		r.keywords()
	}
	leaves := false
	for i := range r.p.fields {
		f := &r.p.fields[i]
		if f.index == nil {
			continue
		}
		if f.cols == nil {
			leaves = true
			r.members(f)
			continue
		}
		for _, col := range f.cols {
			r.column(f.index, col)
		}
	}
	if leaves && r.b.Table.Rest {
		r.leaves()
	}
}

// try appends the tests of an index that hold for a value.
func (r *run) try(x *index, s string, dst []int32) []int32 {
	if s == "" {
		return dst
	}
	ascii, folded := true, s
	r.scratch = r.scratch[:0]
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		r.scratch = append(r.scratch, c)
	}
	if !ascii {
		folded = schema.Fold(s)
		r.scratch = append(r.scratch[:0], folded...)
	}
	known := !ascii // folded is the folded value
	check := func(t int32) {
		p := &r.p.tests[t]
		if !known && !p.raw() {
			folded, known = schema.Fold(s), true
		}
		if p.match(s, folded) {
			dst = append(dst, t)
		}
	}
	for _, t := range x.equal[string(r.scratch)] {
		if p := &r.p.tests[t]; !p.cased || s == p.text {
			dst = append(dst, t)
		}
	}
	if x.literal != nil {
		r.tests = x.literal.find(r.scratch, r.tests[:0])
		for _, l := range r.tests {
			for _, t := range x.byLit[l] {
				if p := &r.p.tests[t]; p.op == opContains && !p.cased && len(p.text) >= minLiteral {
					dst = append(dst, t) // the literal is the test
				} else {
					check(t)
				}
			}
		}
	}
	if !ascii {
		for _, t := range x.raw {
			check(t)
		}
	}
	for _, t := range x.other {
		check(t)
	}
	return dst
}

// rulesOf appends the rules whose witnesses tests are.
func rulesOf(x *index, tests []int32) []int32 {
	if len(tests) == 1 {
		return x.rules[tests[0]]
	}
	var out []int32
	for _, t := range tests {
		out = append(out, x.rules[t]...)
	}
	return out
}

// column marks the rows whose value in a column is a witness.
func (r *run) column(x *index, col int) {
	var tests []int32
	if col < 0 {
		r.general(x, col)
		return
	}
	c := &r.b.Columns[col]
	rows := min(c.Len(), r.b.Rows)
	switch {
	case c.Kind.Text() && !c.Plain:
		any := false
		sets := r.codeSets(len(c.Dict.Values))
		for code, s := range c.Dict.Values {
			if tests = r.try(x, s, tests[:0]); len(tests) > 0 {
				if rules := rulesOf(x, tests); len(rules) > 0 {
					sets[code], any = rules, true
				}
			}
		}
		if !any {
			return
		}
		r.eachCode(c, rows, func(row int, code int32) {
			if set := sets[code]; set != nil {
				r.mark(set, row)
			}
		})
		clear(sets)
	case c.Kind.Text():
		for row, s := range c.Texts[:rows] {
			if tests = r.try(x, s, tests[:0]); len(tests) > 0 {
				r.mark(rulesOf(x, tests), row)
			}
		}
	default:
		r.general(x, col)
	}
}

// general does what column does for any kind, with texts made row by row.
func (r *run) general(x *index, col int) {
	var tests []int32
	last, rules := "", []int32(nil)
	for row := range r.b.Rows {
		for _, s := range (rowSubject{r.b, row}).column(col) {
			if s != last {
				last = s
				tests = r.try(x, s, tests[:0])
				rules = rulesOf(x, tests)
			}
			r.mark(rules, row)
		}
	}
}

// codeSets returns n empty sets, to be cleared after use.
func (r *run) codeSets(n int) [][]int32 {
	if cap(r.sets) < n {
		r.sets = make([][]int32, n+n/4)
	}
	return r.sets[:n]
}

// eachCode yields the codes of a dictionary column.
func (r *run) eachCode(c *event.Column, rows int, yield func(row int, code int32)) {
	if c.Kind.List() {
		for row := range rows {
			for _, code := range c.List(row) {
				if code >= 0 {
					yield(row, code)
				}
			}
		}
		return
	}
	for row, code := range c.Codes[:rows] {
		if code >= 0 {
			yield(row, code)
		}
	}
}

// members marks the rows that have a member of an object in a column.
func (r *run) members(f *boundField) {
	for _, m := range f.below {
		for row := range r.b.Rows {
			if m.col < 0 || r.b.Columns[m.col].Value(row) != nil {
				for _, t := range f.index.tests {
					r.mark(f.index.rules[t], row)
				}
			}
		}
	}
}

// leaves marks the rows whose leaves are witnesses.
func (r *run) leaves() {
	rest := &r.b.Rest
	interest := make([]bool, len(r.byKey))
	any := false
	for k, fits := range r.byKey {
		for _, f := range fits {
			if r.p.fields[f.field].index != nil {
				interest[k], any = true, true
			}
		}
	}
	if !any {
		return
	}
	var tests []int32
	at := 0
	for row := range min(r.b.Rows, len(rest.Ends)) {
		for end := int(rest.Ends[row]); at < end; at++ {
			key := rest.Keys[at]
			if !interest[key] {
				continue
			}
			for _, f := range r.byKey[key] {
				x := r.p.fields[f.field].index
				if x == nil {
					continue
				}
				if f.fit == fitBelow || f.fit == fitFoldedBelow {
					for _, t := range x.tests {
						r.mark(x.rules[t], row)
					}
					continue
				}
				last := &r.last[f.field]
				if code := rest.Vals[at]; last.code != code {
					tests = r.try(x, rest.ValDict.Values[code], tests[:0])
					last.code, last.rules = code, rulesOf(x, tests)
				}
				r.mark(last.rules, row)
			}
		}
	}
}

// keywords finds in one pass where keywords stand and marks the rows of those that are witnesses.
func (r *run) keywords() {
	x := r.p.keyIndex
	note := func(tests []int32, row int) {
		for _, t := range tests {
			if r.keyRows[t] == nil {
				r.keyRows[t] = r.rowSet()
				r.keyHas = append(r.keyHas, int(t))
			}
			r.keyRows[t][row>>6] |= 1 << (row & 63)
			r.mark(x.rules[t], row)
		}
	}
	dict := func(values []string) bool {
		any := false
		sets := r.codeSets(len(values))
		for code, s := range values {
			if tests := r.try(x, s, nil); len(tests) > 0 {
				sets[code], any = tests, true
			}
		}
		return any
	}
	for _, col := range r.p.keywords {
		c := &r.b.Columns[col]
		rows := min(c.Len(), r.b.Rows)
		if c.Plain && !c.Kind.List() {
			var tests []int32
			for row, s := range c.Texts[:rows] {
				if tests = r.try(x, s, tests[:0]); len(tests) > 0 {
					note(tests, row)
				}
			}
			continue
		}
		if dict(c.Dict.Values) {
			sets := r.sets
			r.eachCode(c, rows, func(row int, code int32) {
				if sets[code] != nil {
					note(sets[code], row)
				}
			})
			clear(r.sets)
		}
	}
	rest := &r.b.Rest
	if !r.b.Table.Rest || !dict(rest.ValDict.Values) {
		return
	}
	at := 0
	for row := range min(r.b.Rows, len(rest.Ends)) {
		for end := int(rest.Ends[row]); at < end; at++ {
			if set := r.sets[rest.Vals[at]]; set != nil {
				note(set, row)
			}
		}
	}
	clear(r.sets)
}
