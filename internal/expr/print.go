package expr

import (
	"strings"
	"unicode/utf8"
)

// String returns the conditions connected by and; an empty And is "*".
func (a *And) String() string { return join(a.Nodes, " and ", "*") }

// String returns the conditions connected by or; an empty Or is "not *".
func (o *Or) String() string { return join(o.Nodes, " or ", "not *") }

func (n *Not) String() string { return "not " + operandText(n.Node) }

func join(nodes []Node, word, empty string) string {
	if len(nodes) == 0 {
		return empty
	}
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = operandText(n)
	}
	return strings.Join(parts, word)
}

// operandText puts a connective of several nodes in parentheses. And inside Or would not need
// them, but people read it more easily.
func operandText(n Node) string {
	switch v := n.(type) {
	case *And:
		if len(v.Nodes) > 0 {
			return "(" + v.String() + ")"
		}
	case *Or:
		return "(" + v.String() + ")"
	}
	return n.String()
}

func (f *FreeText) String() string {
	text := valueText(f.Text, f.Quote, f.Wildcard)
	if !f.Quote && operatorGlue.MatchString(text) {
		text = disguise.Replace(text)
	}
	return text
}

func (p *Predicate) String() string {
	field := fieldText(p.Field)
	switch p.Op {
	case Exists:
		return field + ":*"
	case Regex:
		return field + ":/" + slash(p.Text) + "/"
	case CIDR:
		if p.Text == "" {
			return field + ":" + p.Net.String()
		}
		return field + ":" + p.Text
	case Range:
		switch {
		case p.Lo != nil && p.Hi != nil:
			return field + ":(" + p.Lo.text(">") + " and " + p.Hi.text("<") + ")"
		case p.Lo != nil:
			return field + " " + p.Lo.text(">")
		case p.Hi != nil:
			return field + " " + p.Hi.text("<")
		}
		return field + ":*"
	}
	if p.Op == Equal && !p.Quote {
		if _, ok := parseNet(p.Text); ok || p.Text == "" {
			return field + ":" + quote(p.Text)
		}
		if s := (scanner{src: p.Text}); s.colonsOnly() {
			return field + ":" + p.Text
		}
	}
	text := valueText(p.Text, p.Quote, p.Op == Wildcard)
	if s := (scanner{src: text}); !p.Quote && s.regexAhead() {
		text = `\` + text
	}
	return field + ":" + text
}

func (b *Bound) text(op string) string {
	if b.Inclusive {
		op += "="
	}
	for i := 0; i < len(b.Text); i++ {
		c := b.Text[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._+-/", c) >= 0 && i > 0 || c == '-') {
			return op + " " + quote(b.Text)
		}
	}
	if s := (scanner{src: b.Text}); b.Text == "" || s.keyword(0) != "" {
		return op + " " + quote(b.Text)
	}
	return op + " " + b.Text
}

func fieldText(name string) string {
	plain := name != "" && strings.IndexByte("!-+/|=", name[0]) < 0
	for i := 0; i < len(name) && plain; i++ {
		c := name[i]
		plain = c > ' ' && c < 0x7f && strings.IndexByte(special+"|&=", c) < 0
	}
	if s := (scanner{src: name}); !plain || s.keyword(0) != "" {
		return quote(name)
	}
	return name
}

func valueText(text string, quoted, wild bool) string {
	if quoted {
		return quote(text)
	}
	text = bareText(text, wild)
	if operatorWord.MatchString(text) {
		text = disguise.Replace(text)
	}
	if luceneRange.MatchString(text) {
		text = `\u005b` + text[1:]
	}
	return text
}

// disguise escapes what hints.go takes for an operator of another language.
var disguise = strings.NewReplacer("=", `\=`, "!", `\!`, "&", `\&`, "~", `\~`)

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// bareText escapes what would end or change a text without quotes. In a wildcard \* and \\ are
// escaped already.
func bareText(s string, wild bool) string {
	var b strings.Builder
	word := true // at the start of a word
	for i := 0; i < len(s); {
		c := s[i]
		if wild && c == '\\' && i+1 < len(s) {
			b.WriteString(s[i : i+2])
			i, word = i+2, false
			continue
		}
		if word {
			if n := wordLen(s[i:]); n > 0 {
				b.WriteString(`\` + s[i:i+n])
				i, word = i+n, false
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' '):
			b.WriteString(`\ `)
		case r != ' ' && isSpace(r):
			b.WriteString(unicodeEscape(r))
		case strings.IndexByte(special, c) >= 0 || c == '|' || c == '*' && !wild:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteString(s[i : i+size])
		}
		word = isSpace(r)
		i += size
	}
	return b.String()
}

// wordLen is the length of the and, or, not that starts a text and that a reader would take
// for a keyword, 0 if none does: what is printed after it is the end or a plain space.
func wordLen(s string) int {
	at := scanner{src: s}
	n := len(at.keyword(0))
	if n == 0 || n < len(s) && (s[n] != ' ' || n == len(s)-1) {
		return 0
	}
	return n
}

func unicodeEscape(r rune) string {
	const hex = "0123456789abcdef"
	return `\u` + string([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
}

// slash escapes the unescaped slashes of a regular expression.
func slash(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			b.WriteByte(s[i])
			i++
		case s[i] == '/':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
