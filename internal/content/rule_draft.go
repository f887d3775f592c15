package content

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// DraftRule makes the text of a Sigma rule of a condition, for an author to finish. id is that of
// the new rule, date is written as created. What the rule cannot say is left out and told in the
// notes: the rule then matches more than the search.
func (c *Content) DraftRule(where expr.Node, title, id, date string) (text string, notes []string, err error) {
	d := &draft{kind: c.Dictionary.Lookup}
	condition, types := "", []string(nil)
	if where != nil {
		where, types = d.types(where)
		condition = d.node(where, true)
	}
	if condition == "" {
		return "", nil, fmt.Errorf("drafting a rule: the search has no condition a rule could have")
	}
	if len(types) == 0 {
		types = c.possible(where)
		if len(types) == 0 {
			d.note("no log type has these fields: name the log types in yagura: log_types")
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

// possible are the log types an event of which could satisfy a condition: a field that some log type
// declares is absent where it is not declared.
func (c *Content) possible(where expr.Node) (types []string) {
	for _, t := range c.Types {
		may := func(field string) bool {
			if t.Table.Index(field) >= 0 || slices.Contains(draftEverywhere, field) {
				return true
			}
			_, known := c.Dictionary.Lookup(field)
			return t.Table.Rest && !known
		}
		if can, _ := couldHold(where, may); can {
			types = append(types, t.Name)
		}
	}
	return types
}

// couldHold says whether a condition can be true and can be false of events that may have some fields.
func couldHold(n expr.Node, may func(field string) bool) (yes, no bool) {
	switch n := n.(type) {
	case *expr.And:
		yes = true
		for _, k := range n.Nodes {
			y, f := couldHold(k, may)
			yes, no = yes && y, no || f
		}
		return yes, no
	case *expr.Or:
		no = true
		for _, k := range n.Nodes {
			y, f := couldHold(k, may)
			yes, no = yes || y, no && f
		}
		return yes, no
	case *expr.Not:
		yes, no = couldHold(n.Node, may)
		return no, yes
	case *expr.Predicate:
		return expr.WildField(n.Field) || may(n.Field), true
	}
	return true, true
}

// draft translates a condition.
type draft struct {
	searches yaml.MapSlice
	notes    []string
	used     map[string]int
	kind     func(field string) (schema.Kind, bool) // false = an undeclared leaf
}

func (d *draft) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// draftTypeFields hold the log type; draftEverywhere are in every event, whatever its table says.
var (
	draftTypeFields = []string{"event.module", "event.dataset", "yagura.log_type"}
	draftEverywhere = append([]string{"@timestamp", "event.id", "_id", "event.original"}, draftTypeFields...)
)

// types takes the first conjunct that names log types out of a condition.
func (d *draft) types(n expr.Node) (rest expr.Node, types []string) {
	conj := []expr.Node{n}
	if a, ok := n.(*expr.And); ok {
		conj = a.Nodes
	}
	and := &expr.And{}
	for _, c := range conj {
		if list := namedTypes(c); list != nil && types == nil {
			types = list
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
		items := d.test(n)
		if items == nil {
			return ""
		}
		return d.search("selection", items)
	case *expr.FreeText: // keywords would be looked for in all other values too
		if n.Text == "" {
			d.note("an empty text was left out")
			return ""
		}
		var anywhere []yaml.MapSlice
		for _, f := range []string{"message", "event.original"} {
			anywhere = append(anywhere, yaml.MapSlice{{Key: f + "|contains", Value: draftText(n.Text, n.Wildcard)}})
		}
		return d.search("text", anywhere)
	}
	return ""
}

// and puts tests of different fields into one search.
func (d *draft) and(n *expr.And, lossy bool) string {
	var together yaml.MapSlice
	var parts []string
	for _, c := range n.Nodes {
		if p, ok := c.(*expr.Predicate); ok {
			items := d.test(p)
			switch {
			case items == nil && !lossy:
				return ""
			case items == nil:
			case slices.ContainsFunc(together, func(i yaml.MapItem) bool {
				return slices.ContainsFunc(items, func(n yaml.MapItem) bool { return n.Key == i.Key })
			}):
				parts = append(parts, d.search("selection", items))
			default:
				together = append(together, items...)
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
		items := d.test(p)
		if len(items) != 1 {
			return ""
		}
		key, _ := items[0].Key.(string)
		if i > 0 && key != name || strings.HasSuffix(key, "|exists") {
			return ""
		}
		name, values = key, append(values, items[0].Value)
	}
	if len(values) < 2 {
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
