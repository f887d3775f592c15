package detect

import (
	"slices"
)

// Missing is a field of a rule that the events of a log type never have.
type Missing struct {
	LogType string `json:"log_type"`
	Field   string `json:"field"`
	Why     string `json:"why"`
}

// Missing lists the fields of a rule that are nowhere in a log type the rule is for, as far as
// that can be known. A test of such a field never holds.
func (s *Set) Missing(r *Rule) []Missing {
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
	var out []Missing
	for _, name := range s.types[r] {
		t := s.logType(name)
		res := newResolver(t.Table, t.Aliases)
		for _, f := range fields {
			if why := t.missing(res.bind(f)); why != "" {
				out = append(out, Missing{name, f, why})
			}
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
