package detect

import (
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Columns that are no columns of a table, but that every event has.
const (
	colTime     = -2 // @timestamp
	colType     = -3 // the log type: event.module, event.dataset, yagura.log_type
	colOriginal = -4 // event.original
	colID       = -5 // event.id
)

// binding is where a field of a rule is found in the events of one table.
type binding struct {
	name string // as the rule wrote it
	flat string // without list marks
	fold string // flat, folded to lower case
	// cols hold the values: the first that a row has something in. nil = an undeclared leaf.
	cols []int
	// below are columns that hold members of an object with that name, in the order of the table.
	below []member
}

// member is a column that holds a member of an object.
type member struct {
	path string // below the object
	col  int
}

// resolver finds fields in one table.
type resolver struct {
	table   *schema.Table
	exact   map[string][]int // native and declared names
	folded  map[string][]int // the same in lower case; of several spellings the first by order
	natives []alias          // sorted
	rest    bool
}

type alias struct {
	name string
	cols []int
}

// flatName takes the list marks off a native name: a[].b is a.b.
func flatName(s string) string { return strings.ReplaceAll(s, "[]", "") }

// foldName is the form in which names are compared when no spelling fits exactly: without case and
// without the blanks that some senders have in names and rules have not.
func foldName(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), " ", "")
}

func newResolver(t *schema.Table, aliases map[string][]string) *resolver {
	r := &resolver{table: t, exact: map[string][]int{}, folded: map[string][]int{}, rest: t.Rest}
	names := make([]string, 0, len(aliases))
	for native := range aliases {
		names = append(names, native)
	}
	slices.Sort(names)
	for _, native := range names {
		var cols []int
		for _, f := range aliases[native] {
			if i, ok := r.column(f); ok && !slices.Contains(cols, i) {
				cols = append(cols, i)
			}
		}
		if cols == nil {
			continue
		}
		flat := flatName(native)
		if _, taken := r.exact[flat]; !taken {
			r.exact[flat] = cols
			r.natives = append(r.natives, alias{flat, cols})
		}
	}
	for i, f := range t.Fields {
		if _, taken := r.exact[f.Name]; !taken {
			r.exact[f.Name] = []int{i}
		}
	}
	for name, col := range pseudo {
		if _, taken := r.exact[name]; !taken {
			if col != colOriginal || t.Original {
				r.exact[name] = []int{col}
			}
		}
	}
	all := make([]string, 0, len(r.exact))
	for name := range r.exact {
		all = append(all, name)
	}
	slices.Sort(all)
	for _, name := range all {
		if _, taken := r.folded[foldName(name)]; !taken {
			r.folded[foldName(name)] = r.exact[name]
		}
	}
	return r
}

var pseudo = map[string]int{
	event.TimestampField: colTime, event.ModuleField: colType, "event.dataset": colType, "yagura.log_type": colType,
	event.OriginalField: colOriginal, event.IDField: colID,
}

func (r *resolver) column(name string) (int, bool) {
	if i := r.table.Index(name); i >= 0 {
		return i, true
	}
	i, ok := pseudo[name]
	return i, ok
}

// bind finds a field. Exact names come before other spellings, columns before leaves.
func (r *resolver) bind(name string) *binding {
	b := &binding{name: name, flat: flatName(name)}
	b.fold = foldName(b.flat)
	if cols, ok := r.exact[b.flat]; ok {
		b.cols = cols
		return b
	}
	if cols, ok := r.folded[b.fold]; ok {
		b.cols = cols
		return b
	}
	for _, n := range r.natives {
		if rest, ok := strings.CutPrefix(n.name, b.flat+"."); ok {
			b.below = append(b.below, member{rest, n.cols[0]})
		}
	}
	if b.below == nil {
		for _, n := range r.natives {
			if strings.HasPrefix(foldName(n.name), b.fold+".") {
				b.below = append(b.below, member{b.under(n.name), n.cols[0]})
			}
		}
	}
	slices.SortStableFunc(b.below, func(x, y member) int { return x.col - y.col })
	return b
}

// under is the path of a flat name below the field.
func (b *binding) under(flat string) string {
	for range strings.Count(b.flat, ".") + 1 {
		_, flat, _ = strings.Cut(flat, ".")
	}
	return flat
}

// fit says how a leaf belongs to a field; the lowest of a row counts.
type fit uint8

const (
	fitExact       fit = iota + 1 // it is the field
	fitBelow                      // it is a member of the object
	fitFolded                     // the same in another spelling
	fitFoldedBelow                // a member of an object in another spelling
)

// fits compares a flat leaf name with the field.
func (b *binding) fits(flat, folded string) (fit, bool) {
	switch {
	case flat == b.flat:
		return fitExact, true
	case len(flat) > len(b.flat) && flat[len(b.flat)] == '.' && flat[:len(b.flat)] == b.flat:
		return fitBelow, true
	case folded == b.fold:
		return fitFolded, true
	case len(folded) > len(b.fold) && folded[len(b.fold)] == '.' && folded[:len(b.fold)] == b.fold:
		return fitFoldedBelow, true
	}
	return 0, false
}

// leaf is an undeclared leaf of an event.
type leaf struct{ key, value string }

// leafValues are the values of a field among the leaves of an event: those of the best fit. Of
// several spellings the first by order counts. object is true when they are members of it, which
// the caller renders as one text.
func (b *binding) leafValues(leaves []leaf) (found []leaf, object bool) {
	best := fit(255)
	for _, l := range leaves {
		flat := flatName(l.key)
		if f, ok := b.fits(flat, foldName(flat)); ok && f < best {
			best = f
		}
	}
	spelling := ""
	for _, l := range leaves {
		flat := flatName(l.key)
		f, ok := b.fits(flat, foldName(flat))
		if !ok || f != best {
			continue
		}
		if f == fitFolded {
			if spelling != "" && flat > spelling {
				continue
			}
			if flat != spelling {
				spelling, found = flat, nil
			}
		}
		found = append(found, l)
	}
	return found, best == fitBelow || best == fitFoldedBelow
}
