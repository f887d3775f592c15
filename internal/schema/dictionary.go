package schema

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// One line a field: name, kind, description in English and in Japanese; sorted by name. The names are those of the Elastic
// Common Schema that security logs use (objects and flattened subtrees are left out, geo points
// are two floats), and the program's own ones below yagura.
//
//go:embed ecs.tsv
var ecsTable string

// Place says where a field was declared.
type Place struct {
	Owner string // log type, or "ECS"
	File  string // empty for the built-in fields
	Line  int
}

func (p Place) String() string {
	if p.File == "" {
		return p.Owner
	}
	return fmt.Sprintf("%s (%s:%d)", p.Owner, p.File, p.Line)
}

// Dictionary knows every field name and its one kind. It is filled while definitions are
// loaded and only read afterwards; reading is safe for concurrent use, Extend is not.
type Dictionary struct {
	fields   map[string]entry
	prefixes map[string]string // every proper prefix of a name ("source.geo") → one name below it
}

type entry struct {
	kind    Kind
	about   string
	aboutJA string
	place   Place
}

// ECS returns a new dictionary of the built-in fields.
func ECS() *Dictionary {
	d := &Dictionary{fields: make(map[string]entry, 1200), prefixes: make(map[string]string, 300)}
	for line := range strings.Lines(ecsTable) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		kindName, rest, _ := strings.Cut(rest, "\t")
		about, aboutJA, _ := strings.Cut(rest, "\t")
		kind, _ := ParseKind(kindName) // every line is checked by a test
		d.put(name, entry{kind, about, aboutJA, Place{Owner: "ECS"}})
	}
	return d
}

func (d *Dictionary) put(name string, e entry) {
	d.fields[name] = e
	for i, c := range name {
		if c == '.' {
			d.prefixes[name[:i]] = name
		}
	}
}

// Clone returns a copy that can be extended without changing d.
func (d *Dictionary) Clone() *Dictionary {
	return &Dictionary{fields: maps.Clone(d.fields), prefixes: maps.Clone(d.prefixes)}
}

// Lookup returns the kind of a field.
func (d *Dictionary) Lookup(name string) (Kind, bool) {
	e, ok := d.fields[name]
	return e.kind, ok
}

// Describe returns the description of a field, "" when there is none.
func (d *Dictionary) Describe(name string) string { return d.fields[name].about }

// DescribeJA is Describe in Japanese.
func (d *Dictionary) DescribeJA(name string) string { return d.fields[name].aboutJA }

// Declared returns where a field was declared first.
func (d *Dictionary) Declared(name string) (Place, bool) {
	e, ok := d.fields[name]
	return e.place, ok
}

// Names returns all field names, sorted.
func (d *Dictionary) Names() []string { return slices.Sorted(maps.Keys(d.fields)) }

// ClashError says that a field was declared in two ways that cannot both hold.
type ClashError struct {
	Field, Other string // Other differs from Field when one name lies below the other
	Kind         Kind
	OtherKind    Kind
	Place        Place
	OtherPlace   Place
}

func (e *ClashError) Error() string {
	if e.Other != e.Field {
		return fmt.Sprintf("field %s declared by %s clashes with %s declared by %s: one name cannot be a value and hold other fields",
			e.Field, e.Place, e.Other, e.OtherPlace)
	}
	return fmt.Sprintf("field %s is %s in %s but %s in %s: a field has one kind everywhere",
		e.Field, e.Kind, e.Place, e.OtherKind, e.OtherPlace)
}

// Extend adds the own fields of a log type. Declaring a known field again with the same kind is
// allowed (log types of one vendor share fields); another kind, or a name that lies below or
// above another field, is a *ClashError naming both places. All clashes are returned (joined);
// the fields that do not clash are added.
func (d *Dictionary) Extend(owner, file string, line int, fields []Field) error {
	place := Place{Owner: owner, File: file, Line: line}
	var errs []error
	for _, f := range fields {
		if old, ok := d.fields[f.Name]; ok {
			if old.kind != f.Kind {
				errs = append(errs, &ClashError{f.Name, f.Name, f.Kind, old.kind, place, old.place})
			}
			continue
		}
		if other, ok := d.nested(f.Name); ok {
			errs = append(errs, &ClashError{f.Name, other, f.Kind, d.fields[other].kind, place, d.fields[other].place})
			continue
		}
		d.put(f.Name, entry{kind: f.Kind, place: place})
	}
	return errors.Join(errs...)
}

// nested finds a field above or below a name.
func (d *Dictionary) nested(name string) (string, bool) {
	if below, ok := d.prefixes[name]; ok {
		return below, true
	}
	for i, c := range name {
		if c == '.' {
			if _, ok := d.fields[name[:i]]; ok {
				return name[:i], true
			}
		}
	}
	return "", false
}
