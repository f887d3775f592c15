package content

import (
	"net/netip"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// test makes a predicate items of a search, all of which must hold; nil and a note when a rule cannot
// say it.
func (d *draft) test(p *expr.Predicate) yaml.MapSlice {
	field := p.Field
	if field == "_id" {
		field = "event.id"
	}
	kind, declared := d.kind(field)
	if kind = kind.Element(); !declared {
		kind = schema.Map
	}
	switch {
	case field == "@timestamp" || field == "event.ingested" || kind == schema.Time && p.Op != expr.Exists:
		d.note("a range of time is no part of a rule: %s was left out", p)
		return nil
	case expr.WildField(field):
		d.note("a rule names its fields: %s was left out", p)
		return nil
	case strings.ContainsAny(field, "|") || strings.TrimSpace(field) != field || len(field) > 500:
		d.note("no field of a rule can have this name: %s was left out", p)
		return nil
	}
	one := func(modifier string, value any) yaml.MapSlice {
		return yaml.MapSlice{{Key: field + modifier, Value: value}}
	}
	within := ""
	if expr.TextField(field) {
		within = "|contains"
	}
	switch p.Op {
	case expr.Exists:
		return one("|exists", true)
	case expr.Equal:
		if p.Text == "" {
			break // never holds, and means absent in a rule
		}
		if _, err := netip.ParsePrefix(p.Text); err == nil && kind == schema.IP {
			return one("|cidr", p.Text)
		}
		return one(within, draftText(p.Text, false))
	case expr.CIDR:
		if kind == schema.Map || kind == schema.String || kind == schema.IP {
			return one("|cidr", p.Text)
		}
	case expr.Wildcard:
		if kind != schema.Bool && kind != schema.Float {
			return one(within, draftText(p.Text, true))
		}
	case expr.Regex:
		if kind != schema.Bool && kind != schema.Float {
			return one("|re", p.Text)
		}
	case expr.Range:
		return d.ends(p, field, kind)
	}
	d.note("a rule cannot say %s: it was left out", p)
	return nil
}

// ends makes a range of numbers; a rule has no other order.
func (d *draft) ends(p *expr.Predicate, field string, kind schema.Kind) (items yaml.MapSlice) {
	for _, e := range []struct {
		bound      *expr.Bound
		with, past string
	}{{p.Lo, "|gte", "|gt"}, {p.Hi, "|lte", "|lt"}} {
		if e.bound == nil {
			continue
		}
		n, ok := draftNumber(e.bound.Text)
		if !ok || kind != schema.Int && kind != schema.Float && kind != schema.Map {
			d.note("a rule compares numbers only: %s was left out", p)
			return nil
		}
		key := field + e.past
		if e.bound.Inclusive {
			key = field + e.with
		}
		items = append(items, yaml.MapItem{Key: key, Value: n})
	}
	if len(items) > 1 && kind == schema.Map {
		d.note("if %s has several values, each end of the range may hold for another one", p.Field)
	}
	return items
}

// draftText makes a text a value of a rule: what has a meaning there is escaped. In a pattern a star
// has one, and a character after a backslash is itself.
func draftText(s string, pattern bool) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, star := s[i], pattern && s[i] == '*'
		if pattern && c == '\\' && i+1 < len(s) {
			i++
			c = s[i]
		}
		if !star && (c == '*' || c == '?' || c == '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// draftNumber keeps a number a number in YAML.
func draftNumber(s string) (any, bool) {
	i, f, exact, ok := expr.ReadNumber(s)
	if !ok {
		return nil, false
	}
	if exact {
		return i, true
	}
	return f, true
}
