package detect

import (
	"github.com/yagura-siem/yagura/internal/schema"
)

// What is remembered of a test on a dictionary value.
const (
	unknown uint8 = iota
	holds
	fails
)

// test judges a test in a row.
func (r *run) test(i, row int) bool {
	t := &r.p.tests[i]
	if t.field < 0 {
		set := r.keyRows[i]
		return set != nil && set[row>>6]&(1<<(row&63)) != 0
	}
	f := &r.p.fields[t.field]
	if t.op == opField {
		return r.reference(t, row)
	}
	if f.cols == nil {
		return r.leafTest(i, f, row)
	}
	for k, col := range f.cols {
		if present, ok := r.columnTest(i, k, col, row); present {
			return ok
		}
	}
	return t.op == opAbsent
}

// columnTest judges a test on a column; present is false when the row has nothing there.
func (r *run) columnTest(i, k, col, row int) (present, ok bool) {
	t := &r.p.tests[i]
	if col >= 0 {
		c := &r.b.Columns[col]
		if row >= c.Len() {
			return false, false
		}
		switch {
		case c.Kind.List():
			codes := c.List(row)
			for _, code := range codes {
				if r.codeTest(i, k, code, c.Dict.Values) {
					return true, true
				}
			}
			return len(codes) > 0, false
		case c.Kind.Text() && c.Plain:
			s := c.Texts[row]
			return s != "", s != "" && t.match(s, schema.Fold(s))
		case c.Kind.Text():
			code := c.Codes[row]
			return code >= 0, code >= 0 && r.codeTest(i, k, code, c.Dict.Values)
		}
	}
	for _, s := range (rowSubject{r.b, row}).column(col) {
		if present = true; t.match(s, schema.Fold(s)) {
			return true, true
		}
	}
	return present, false
}

// codeTest judges a test on a dictionary value, once a batch.
func (r *run) codeTest(i, k int, code int32, values []string) bool {
	t := &r.p.tests[i]
	switch t.op {
	case opPresent:
		return true
	case opAbsent:
		return false
	}
	for len(r.memo[i]) <= k {
		r.memo[i] = append(r.memo[i], nil)
	}
	if r.memo[i][k] == nil {
		r.memo[i][k] = r.bytes(len(values))
	}
	m := r.memo[i][k]
	if m[code] == unknown {
		m[code] = fails
		if s := values[code]; t.match(s, schema.Fold(s)) {
			m[code] = holds
		}
	}
	return m[code] == holds
}

func (r *run) bytes(n int) []uint8 {
	for len(r.spare) > 0 {
		m := r.spare[len(r.spare)-1]
		r.spare = r.spare[:len(r.spare)-1]
		if cap(m) >= n {
			m = m[:n]
			clear(m)
			return m
		}
	}
	return make([]uint8, n)
}

// leafTest judges a test on a field that is no column.
func (r *run) leafTest(i int, f *boundField, row int) bool {
	t := &r.p.tests[i]
	best, any := fit(255), false
	from, to := 0, 0
	if rest := &r.b.Rest; r.b.Table.Rest && row < len(rest.Ends) {
		if to = int(rest.Ends[row]); row > 0 {
			from = int(rest.Ends[row-1])
		}
		for at := from; at < to; at++ {
			for _, x := range r.byKey[rest.Keys[at]] {
				if x.field == t.field && x.fit < best {
					best = x.fit
				}
			}
		}
	}
	if best == fitExact {
		rest := &r.b.Rest
		for at := from; at < to; at++ {
			for _, x := range r.byKey[rest.Keys[at]] {
				if x.field != t.field || x.fit != fitExact {
					continue
				}
				s := rest.ValDict.Values[rest.Vals[at]]
				if s == "" {
					continue
				}
				if any = true; t.op != opAbsent && t.match(s, schema.Fold(s)) {
					return true
				}
			}
		}
		return t.op == opAbsent && !any
	}
	if best == 255 && f.below == nil {
		return t.op == opAbsent
	}
	return r.leafGeneral(t, f, row)
}

// leafGeneral does it the plain way: objects and other spellings.
func (r *run) leafGeneral(t *boundTest, f *boundField, row int) bool {
	e := evaluator{res: r.p.res, on: rowSubject{r.b, row}, bound: map[string]*binding{f.name: f.binding}}
	ok, _ := e.test(t.predicate)
	return ok
}

// reference judges a comparison of two fields.
func (r *run) reference(t *boundTest, row int) bool {
	e := evaluator{res: r.p.res, on: rowSubject{r.b, row}, bound: map[string]*binding{
		t.predicate.field: r.p.fields[t.field].binding, t.predicate.ref: r.p.fields[t.ref].binding,
	}}
	ok, _ := e.test(t.predicate)
	return ok
}
