package logtype

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// sentence is a compiled template.
type sentence struct {
	cond *expr.Condition // nil = always
	en   []sayPart
	ja   []sayPart
}

// sayPart is a text, a field, or a group that is left out when a field in it is absent.
type sayPart struct {
	text   string
	field  string
	orElse string
	hasAlt bool
	group  []sayPart
}

// Sentence says in one sentence what an event is, in a language ("en" or "ja"); "" when the log
// type has none. fields are as in store.Event.Fields.
func (t *Type) Sentence(lang string, fields map[string]any) string {
	for i := range t.say {
		s := &t.say[i]
		if s.cond != nil && !s.cond.Match(mapRow(fields)) {
			continue
		}
		parts := s.en
		if lang == "ja" && s.ja != nil {
			parts = s.ja
		}
		var b strings.Builder
		renderParts(&b, parts, fields)
		return b.String()
	}
	return ""
}

func renderParts(b *strings.Builder, parts []sayPart, fields map[string]any) {
	for _, p := range parts {
		switch {
		case p.group != nil:
			if wholeGroup(p.group, fields) {
				renderParts(b, p.group, fields)
			}
		case p.field != "":
			if s := sayValue(fields[p.field]); s != "" {
				b.WriteString(s)
			} else {
				b.WriteString(p.orElse)
			}
		default:
			b.WriteString(p.text)
		}
	}
}

func wholeGroup(parts []sayPart, fields map[string]any) bool {
	for _, p := range parts {
		if p.field != "" && !p.hasAlt && sayValue(fields[p.field]) == "" {
			return false
		}
	}
	return true
}

func sayValue(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case []string:
		return strings.Join(x, ", ")
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// mapRow is an event's fields as a row of conditions.
type mapRow map[string]any

func (r mapRow) Values(field string) []expr.Value {
	switch x := r[field].(type) {
	case string:
		return []expr.Value{{Kind: schema.String, Text: x}}
	case []string:
		var out []expr.Value
		for _, s := range x {
			out = append(out, expr.Value{Kind: schema.String, Text: s})
		}
		return out
	case int64:
		return []expr.Value{{Kind: schema.Int, Int: x}}
	case float64:
		return []expr.Value{{Kind: schema.Float, Float: x}}
	case bool:
		v := expr.Value{Kind: schema.Bool}
		if x {
			v.Int = 1
		}
		return []expr.Value{v}
	case time.Time:
		return []expr.Value{{Kind: schema.Time, Int: x.UnixNano()}}
	}
	return nil
}

func (r mapRow) Fields() []string {
	var out []string
	for k := range r {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (c *compiler) sentences() {
	for i := range c.d.Say {
		d := &c.d.Say[i]
		var s sentence
		if d.If != nil {
			n, err := expr.Parse(d.If.Text)
			if err != nil {
				c.p.hint(d.If.Pos, errorHint(err), "condition: %s", errorText(err))
				continue
			}
			for _, f := range expr.Fields(n) {
				if !strings.Contains(f, "*") {
					c.tableField(f, d.If.Pos, "if")
				}
			}
			s.cond = expr.Prepare(n, time.Time{})
		} else if i < len(c.d.Say)-1 {
			c.p.add(d.Pos, "say: a sentence without if comes last")
		}
		s.en = c.template(d.EN)
		if d.JA.Text != "" {
			s.ja = c.template(d.JA)
		}
		c.t.say = append(c.t.say, s)
	}
}

// template reads {field}, {field|text} and [groups]. A backslash keeps the next character.
func (c *compiler) template(l Located) []sayPart {
	var out, group []sayPart
	var text strings.Builder
	inGroup := false
	add := func(p sayPart) {
		if inGroup {
			group = append(group, p)
		} else {
			out = append(out, p)
		}
	}
	flush := func() {
		if text.Len() > 0 {
			add(sayPart{text: text.String()})
			text.Reset()
		}
	}
	r := []rune(l.Text)
	for i := 0; i < len(r); i++ {
		switch r[i] {
		case '\\':
			if i+1 < len(r) {
				i++
				text.WriteRune(r[i])
			}
		case '[':
			if inGroup {
				c.p.add(l.Pos, "say: [ inside [")
				return nil
			}
			flush()
			inGroup, group = true, []sayPart{}
		case ']':
			if !inGroup {
				c.p.add(l.Pos, "say: ] without [")
				return nil
			}
			flush()
			inGroup = false
			out = append(out, sayPart{group: group})
		case '{':
			end := i
			for end < len(r) && r[end] != '}' {
				end++
			}
			if end == len(r) {
				c.p.add(l.Pos, "say: { without }")
				return nil
			}
			flush()
			name, alt, has := strings.Cut(string(r[i+1:end]), "|")
			c.tableField(name, l.Pos, "say")
			add(sayPart{field: name, orElse: alt, hasAlt: has})
			i = end
		case '}':
			c.p.add(l.Pos, "say: } without {")
			return nil
		default:
			text.WriteRune(r[i])
		}
	}
	flush()
	if inGroup {
		c.p.add(l.Pos, "say: [ without ]")
		return nil
	}
	return out
}
