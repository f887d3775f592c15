package expr

import (
	"slices"
	"strings"
)

// Glob is a text with stars, split at them: the first part must start the text, the last one
// must end it, the others must follow one another in between.
type Glob struct{ Parts []string }

// ReadGlob splits a wildcard text (\* and \\ are a literal star and backslash). each is applied
// to every part; nil leaves them as they are.
func ReadGlob(text string, each func(string) string) Glob {
	var parts []string
	var b strings.Builder
	flush := func() {
		part := b.String()
		if each != nil {
			part = each(part)
		}
		parts = append(parts, part)
		b.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '*':
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	if n := len(parts); n > 2 {
		middle := slices.DeleteFunc(parts[1:n-1], func(p string) bool { return p == "" })
		parts = append(parts[:1+len(middle)], parts[n-1])
	}
	return Glob{parts}
}

// Match reports whether a text fits, in time linear in its length for each part.
func (g Glob) Match(s string) bool {
	n := len(g.Parts)
	if n == 1 {
		return s == g.Parts[0]
	}
	first, last := g.Parts[0], g.Parts[n-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range g.Parts[1 : n-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// Within is the glob that fits every text this one fits a piece of.
func (g Glob) Within() Glob {
	parts := make([]string, 0, len(g.Parts)+2)
	return Glob{append(append(append(parts, ""), g.Parts...), "")}
}

// WildField reports whether the field of a predicate is a pattern over field names.
func WildField(field string) bool { return strings.IndexByte(field, '*') >= 0 }

// MatchField reports whether a field name fits a pattern ("user.*"). Case counts. A pattern
// stands for declared columns and undeclared leaves only, not for the fields every event has.
func MatchField(pattern, name string) bool {
	if !WildField(pattern) {
		return pattern == name
	}
	if name == "" || name[0] == '_' || name[0] == '@' {
		return false
	}
	switch name {
	case "event.original", "event.id", "event.module", "event.dataset", "event.ingested", "yagura.log_type":
		return false
	}
	return Glob{strings.Split(pattern, "*")}.Match(name)
}
