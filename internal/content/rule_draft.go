package content

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/yagura-siem/yagura/internal/expr"
)

// DraftRule makes the text of a Sigma rule of a condition, for an author to finish. id is that of
// the new rule, date is written as created. What the rule cannot say is left out and told in the
// notes: the rule then matches more than the search.
func (c *Content) DraftRule(where expr.Node, title, id, date string) (text string, notes []string, err error) {
	d := &draft{}
	condition, types := "", []string(nil)
	if where != nil {
		where, types = d.types(where)
		condition = d.node(where, true)
	}
	if condition == "" {
		return "", nil, fmt.Errorf("drafting a rule: the search has no condition a rule could have")
	}
	if len(types) == 0 {
		types = c.declaring(d.fields)
		if len(types) == 0 {
			d.note("no log type declares all fields: name the log types in yagura: log_types")
		}
	}
	doc := yaml.MapSlice{
		{Key: "title", Value: title}, {Key: "id", Value: id}, {Key: "status", Value: "experimental"},
		{Key: "description", Value: "Say what it means when this happens."}, {Key: "author", Value: "you"}, {Key: "date", Value: date},
		{Key: "license", Value: "Apache-2.0"}, {Key: "level", Value: "medium"}, {Key: "logsource", Value: c.draftSource(types)},
		{Key: "detection", Value: append(d.searches, yaml.MapItem{Key: "condition", Value: condition})},
	}
	own := yaml.MapSlice{}
	if len(types) > 0 {
		own = append(own, yaml.MapItem{Key: "log_types", Value: types})
	}
	if len(own) > 0 {
		doc = append(doc, yaml.MapItem{Key: "yagura", Value: own})
	}
	b, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		return "", nil, fmt.Errorf("drafting a rule: %w", err)
	}
	return string(b), d.notes, nil
}

// draftSource is the log source of the first type that has one.
func (c *Content) draftSource(types []string) yaml.MapSlice {
	for _, name := range types {
		t := c.Type(name)
		if t == nil {
			continue
		}
		for _, s := range t.Def.Sigma.Sources {
			var out yaml.MapSlice
			for _, p := range []struct{ key, value string }{{"product", s.Product}, {"category", s.Category}, {"service", s.Service}} {
				if p.value != "" {
					out = append(out, yaml.MapItem{Key: p.key, Value: p.value})
				}
			}
			return out
		}
	}
	return yaml.MapSlice{{Key: "category", Value: "any"}}
}

// declaring are the log types that have columns for all of some fields.
func (c *Content) declaring(fields []string) (types []string) {
	for _, t := range c.Types {
		all := len(fields) > 0
		for _, f := range fields {
			all = all && t.Table.Index(f) >= 0
		}
		if all {
			types = append(types, t.Name)
		}
	}
	return types
}

// draft translates a condition.
type draft struct {
	searches yaml.MapSlice
	notes    []string
	fields   []string
	used     map[string]int
}

func (d *draft) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// draftTypeFields hold the log type.
var draftTypeFields = []string{"event.module", "event.dataset", "yagura.log_type"}

// types takes conjuncts that name log types out of a condition.
func (d *draft) types(n expr.Node) (rest expr.Node, types []string) {
	conj := []expr.Node{n}
	if a, ok := n.(*expr.And); ok {
		conj = a.Nodes
	}
	and := &expr.And{}
	for _, c := range conj {
		if list := namedTypes(c); list != nil {
			types = append(types, list...)
			continue
		}
		and.Nodes = append(and.Nodes, c)
	}
	return and, types
}

func namedTypes(n expr.Node) []string {
	switch n := n.(type) {
	case *expr.Predicate:
		if slices.Contains(draftTypeFields, n.Field) && n.Op == expr.Equal {
			return []string{strings.ToLower(n.Text)}
		}
	case *expr.Or:
		var all []string
		for _, c := range n.Nodes {
			list := namedTypes(c)
			if list == nil {
				return nil
			}
			all = append(all, list...)
		}
		return all
	}
	return nil
}

// node returns the condition of a node, "" when a rule cannot say any of it. What cannot be said is left
// out only where that makes the rule match more: below an or or a not nothing may be missing.
func (d *draft) node(n expr.Node, lossy bool) string {
	switch n := n.(type) {
	case *expr.And:
		return d.and(n, lossy)
	case *expr.Or:
		if s := d.alternatives(n); s != "" {
			return s
		}
		return d.joined(n.Nodes, " or ", false)
	case *expr.Not:
		if s := d.node(n.Node, false); s != "" {
			return "not " + s
		}
		return ""
	case *expr.Predicate:
		key, value, ok := d.test(n)
		if !ok {
			return ""
		}
		return d.search("selection", yaml.MapSlice{{Key: key, Value: value}})
	case *expr.FreeText:
		return d.search("keywords", []string{draftText(n)})
	}
	return ""
}

// and puts tests of different fields into one search.
func (d *draft) and(n *expr.And, lossy bool) string {
	var together yaml.MapSlice
	var parts []string
	for _, c := range n.Nodes {
		if p, ok := c.(*expr.Predicate); ok {
			key, value, ok := d.test(p)
			switch {
			case !ok && !lossy:
				return ""
			case !ok:
			case slices.ContainsFunc(together, func(i yaml.MapItem) bool { return i.Key == key }):
				parts = append(parts, d.search("selection", yaml.MapSlice{{Key: key, Value: value}}))
			default:
				together = append(together, yaml.MapItem{Key: key, Value: value})
			}
			continue
		}
		s := d.node(c, lossy)
		if s == "" && !lossy {
			return ""
		}
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(together) > 0 {
		parts = append([]string{d.search("selection", together)}, parts...)
	}
	if len(parts) > 1 && !lossy {
		return "(" + strings.Join(parts, " and ") + ")"
	}
	return strings.Join(parts, " and ")
}

// alternatives makes an or of tests of one field a list of values.
func (d *draft) alternatives(n *expr.Or) string {
	var name string
	var values []any
	for i, c := range n.Nodes {
		p, ok := c.(*expr.Predicate)
		if !ok {
			return ""
		}
		key, value, ok := d.test(p)
		if !ok || i > 0 && key != name || strings.HasSuffix(key, "|exists") {
			return ""
		}
		name, values = key, append(values, value)
	}
	if len(values) == 0 {
		return ""
	}
	return d.search("selection", yaml.MapSlice{{Key: name, Value: values}})
}

func (d *draft) joined(nodes []expr.Node, word string, lossy bool) string {
	var parts []string
	for _, c := range nodes {
		s := d.node(c, lossy)
		if s == "" {
			return ""
		}
		parts = append(parts, s)
	}
	return "(" + strings.Join(parts, word) + ")"
}

// search adds a named search and returns its name.
func (d *draft) search(name string, value any) string {
	if d.used == nil {
		d.used = map[string]int{}
	}
	d.used[name]++
	if n := d.used[name]; n > 1 {
		name = fmt.Sprintf("%s_%d", name, n)
	}
	d.searches = append(d.searches, yaml.MapItem{Key: name, Value: value})
	return name
}

// test makes a predicate an item of a search.
func (d *draft) test(p *expr.Predicate) (key string, value any, ok bool) {
	switch {
	case p.Field == "@timestamp" || p.Field == "event.ingested":
		d.note("a range of time is no part of a rule: %s was left out", p)
		return "", nil, false
	case expr.WildField(p.Field):
		d.note("a rule names its fields: %s was left out", p)
		return "", nil, false
	}
	switch p.Op {
	case expr.Exists:
		key, value = p.Field+"|exists", true
	case expr.Equal:
		key, value = p.Field, sigmaText(p.Text)
		if _, err := netip.ParsePrefix(p.Text); err == nil {
			key, value = p.Field+"|cidr", p.Text
		}
	case expr.CIDR:
		key, value = p.Field+"|cidr", p.Text
	case expr.Wildcard:
		key, value = p.Field, strings.ReplaceAll(p.Text, "?", `\?`)
	case expr.Regex:
		key, value = p.Field+"|re", p.Text
	case expr.Range:
		switch {
		case p.Lo != nil && p.Hi != nil:
			d.note("a range with two ends needs two tests: %s was left out", p)
			return "", nil, false
		case p.Lo != nil && p.Lo.Inclusive:
			key, value = p.Field+"|gte", draftNumber(p.Lo.Text)
		case p.Lo != nil:
			key, value = p.Field+"|gt", draftNumber(p.Lo.Text)
		case p.Hi != nil && p.Hi.Inclusive:
			key, value = p.Field+"|lte", draftNumber(p.Hi.Text)
		case p.Hi != nil:
			key, value = p.Field+"|lt", draftNumber(p.Hi.Text)
		}
	}
	if key == "" {
		d.note("%s was left out", p)
		return "", nil, false
	}
	if !slices.Contains(d.fields, p.Field) {
		d.fields = append(d.fields, p.Field)
	}
	return key, value, true
}

// sigmaText escapes what means something in a Sigma value.
func sigmaText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s)
}

func draftText(n *expr.FreeText) string {
	if n.Wildcard {
		return strings.ReplaceAll(n.Text, "?", `\?`)
	}
	return sigmaText(n.Text)
}

// draftNumber keeps a number a number in YAML.
func draftNumber(s string) any {
	if i, f, exact, ok := expr.ReadNumber(s); ok {
		if exact {
			return i
		}
		return f
	}
	return s
}
