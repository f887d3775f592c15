package enrich

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strings"

	"github.com/gaissmai/bart"
)

// List is one named list of the user. Its values come from a file, one a line; empty lines
// and what follows a # at the start of a line or after a blank are ignored. Values given
// directly are added.
type List struct {
	Name   string
	File   string
	Values []string
	// Kind is "ip" (addresses and networks) or "text" (exact values); empty = ip unless Fields
	// names a column whose name does not end in "ip".
	Kind string
	// Fields are the columns looked at; empty = every address of an event. A list of texts
	// must name its columns.
	Fields []string
}

// lists are all lists, compiled. A set is a sorted group of list numbers; set 0 is empty.
type lists struct {
	names  []string
	fields []map[string]bool // by list; nil = every address column
	sets   [][]int32
	addrs  *bart.Table[uint32] // network → set of all lists that cover it
	texts  map[string]uint32   // exact value → set
	byText map[string]bool     // columns that a list of texts names
}

// maxLists bounds how many lists there may be.
const maxLists = 1000

// loadLists reads and compiles the lists; content goes to sum.
func loadLists(in []List, sum hash.Hash) (lists, error) {
	l := lists{addrs: new(bart.Table[uint32]), texts: map[string]uint32{}, byText: map[string]bool{}}
	b := &listBuilder{ids: map[string]uint32{"": 0}, sets: [][]int32{nil}, nets: map[netip.Prefix][]int32{}, texts: map[string][]int32{}}
	var errs []error
	if len(in) > maxLists {
		return l, fmt.Errorf("reading lists: %d lists, more than the %d allowed", len(in), maxLists)
	}
	seen := map[string]bool{}
	for i, list := range in {
		kind, err := list.kind()
		if err == nil && seen[list.Name] {
			err = fmt.Errorf("list %q is given twice", list.Name)
		}
		seen[list.Name] = true
		var data []byte
		if err == nil && list.File != "" {
			data, err = readTable(list.File)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("reading list %q: %w", list.Name, err))
			continue
		}
		fmt.Fprintf(sum, "list %q %s %q %q %d\n", list.Name, kind, list.Fields, list.Values, len(data))
		sum.Write(data)
		if err := b.read(int32(i), kind, list.File, data, list.Values); err != nil {
			errs = append(errs, fmt.Errorf("reading list %q: %w", list.Name, err))
		}
		var fields map[string]bool
		for _, f := range list.Fields {
			if fields == nil {
				fields = map[string]bool{}
			}
			fields[f] = true
			if kind == "text" {
				l.byText[f] = true
			}
		}
		l.names, l.fields = append(l.names, list.Name), append(l.fields, fields)
	}
	if err := errors.Join(errs...); err != nil {
		return l, err
	}
	b.compile(&l)
	return l, nil
}

func (l List) kind() (string, error) {
	if clean(l.Name, 100) == "" {
		return "", errors.New("a list needs a printable name of at most 100 bytes")
	}
	kind := l.Kind
	if kind == "" {
		kind = "ip"
		for _, f := range l.Fields {
			if !strings.HasSuffix(f, "ip") {
				kind = "text"
			}
		}
	}
	switch {
	case kind != "ip" && kind != "text":
		return "", fmt.Errorf("kind %q: want ip or text", kind)
	case kind == "text" && len(l.Fields) == 0:
		return "", errors.New("a list of texts must name its fields")
	}
	return kind, nil
}

// listBuilder gathers what the lists hold before it is compiled.
type listBuilder struct {
	ids   map[string]uint32 // set as text → number
	sets  [][]int32
	nets  map[netip.Prefix][]int32
	texts map[string][]int32
}

// read takes in the values of one list; every bad line is reported, up to 20.
func (b *listBuilder) read(list int32, kind, file string, data []byte, values []string) error {
	var errs []error
	add := func(where, v string) {
		if kind == "text" {
			if len(v) > 4096 {
				errs = append(errs, fmt.Errorf("%s: %d bytes, more than the 4096 allowed", where, len(v)))
				return
			}
			b.texts[v] = insert(b.texts[v], list)
			return
		}
		n, err := parseNetwork(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
			return
		}
		b.nets[n] = insert(b.nets[n], list)
	}
	n := 0
	for raw := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		n++
		if v := listLine(string(raw)); v != "" {
			add(fmt.Sprintf("%s:%d", file, n), v)
		}
		if len(errs) >= 20 {
			break
		}
	}
	for i, v := range values {
		if v = strings.TrimSpace(v); v != "" && len(errs) < 20 {
			add(fmt.Sprintf("value %d", i+1), v)
		}
	}
	return errors.Join(errs...)
}

// listLine returns the value of a line without its comment.
func listLine(s string) string {
	if strings.HasPrefix(s, "#") {
		return ""
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '#' && (s[i-1] == ' ' || s[i-1] == '\t') {
			s = s[:i]
			break
		}
	}
	return strings.TrimSpace(s)
}

func insert(s []int32, v int32) []int32 {
	if i, ok := slices.BinarySearch(s, v); !ok {
		return slices.Insert(s, i, v)
	}
	return s
}

func (b *listBuilder) id(set []int32) uint32 {
	k := fmt.Sprint(set)
	if len(set) == 0 {
		k = ""
	}
	id, ok := b.ids[k]
	if !ok {
		id = uint32(len(b.sets))
		b.ids[k] = id
		b.sets = append(b.sets, set)
	}
	return id
}

// compile gives every network the lists of all networks around it too, so that one look-up
// of the longest match answers for all lists: shorter networks go in first.
func (b *listBuilder) compile(l *lists) {
	order := make([]netip.Prefix, 0, len(b.nets))
	for n := range b.nets {
		order = append(order, n)
	}
	slices.SortFunc(order, func(x, y netip.Prefix) int {
		if x.Bits() != y.Bits() {
			return x.Bits() - y.Bits()
		}
		return x.Addr().Compare(y.Addr())
	})
	for _, n := range order {
		set := b.nets[n]
		if around, ok := l.addrs.LookupPrefix(n); ok {
			set = union(set, b.sets[around])
		}
		l.addrs.Insert(n, b.id(set))
	}
	for _, v := range sortedKeys(b.texts) {
		l.texts[v] = b.id(b.texts[v])
	}
	l.sets = b.sets
}

func sortedKeys(m map[string][]int32) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// union merges two sorted sets.
func union(a, b []int32) []int32 {
	out := slices.Clone(a)
	for _, v := range b {
		out = insert(out, v)
	}
	return out
}

// ofAddr is the set of lists that an address is on.
func (l *lists) ofAddr(a netip.Addr) uint32 {
	if len(l.names) == 0 {
		return 0
	}
	set, _ := l.addrs.Lookup(a)
	return set
}

// only drops from a set the lists that do not look at a column. text says that the value was
// matched as a text.
func (l *lists) only(set uint32, field string) []int32 {
	var out []int32
	for _, n := range l.sets[set] {
		if f := l.fields[n]; f == nil || f[field] {
			out = append(out, n)
		}
	}
	return out
}
