package detect

import (
	"slices"
)

// FieldUse is a field of a rule and where it is found in the events of a log type.
type FieldUse struct {
	LogType string   `json:"log_type"`
	Field   string   `json:"field"`
	Columns []string `json:"columns,omitempty"` // none = among the undeclared leaves
	Missing string   `json:"missing,omitempty"` // why it is never there, as far as that can be known
}

// Fields says of each field of a rule where it is found in each log type the rule is for. A test of
// a field that is missing never holds.
func (s *Set) Fields(r *Rule) []FieldUse {
	var fields []string
	var walk func(n *node)
	walk = func(n *node) {
		if n.kind == nodeTest {
			for _, f := range []string{n.test.field, n.test.ref} {
				if f != "" && !slices.Contains(fields, f) {
					fields = append(fields, f)
				}
			}
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(r.root)
	var out []FieldUse
	for _, name := range s.types[r] {
		t := s.logType(name)
		res := newResolver(t.Table, t.Aliases)
		for _, f := range fields {
			b := res.bind(f)
			use := FieldUse{LogType: name, Field: f, Missing: t.missing(b)}
			for _, col := range b.cols {
				use.Columns = append(use.Columns, res.nameOf(col))
			}
			out = append(out, use)
		}
	}
	return out
}

// missing says why a field is never there, or "".
func (t *LogType) missing(b *binding) string {
	if b.cols != nil || b.below != nil {
		return ""
	}
	if !t.Table.Rest {
		return "it is no field of " + t.Name
	}
	if t.Natives == nil {
		return ""
	}
	around := false // something of the same object is known
	for _, n := range t.Natives {
		flat := flatName(n)
		if _, ok := b.fits(flat, foldName(flat)); ok {
			return ""
		}
		around = around || firstKey(flat) == firstKey(b.flat)
	}
	switch {
	case slices.ContainsFunc(t.Consumed, func(n string) bool { return flatName(n) == b.flat }):
		return t.Name + " keeps it only in another form"
	case t.Closed:
		return "never present in " + t.Name
	case !around:
		return "in no sample of " + t.Name
	}
	return ""
}

func firstKey(s string) string {
	for i := range s {
		if s[i] == '.' {
			return s[:i]
		}
	}
	return ""
}
