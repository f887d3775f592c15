package expr

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner reads the pieces of a condition. What a character means depends on the place, so
// the parser asks for the piece it expects.
type scanner struct {
	src string
	pos int
}

// literal is a bare or quoted text. Text has its escapes resolved, but in a wildcard a literal
// star and a backslash stay escaped (\* and \\).
type literal struct {
	text  string
	quote bool
	wild  bool
	pos   int
	end   int
}

// Characters that end a bare text unless escaped.
const special = `\():<>"{}`

func (s *scanner) errorAt(pos, end int, reason, hint string) *Error {
	return &Error{Source: s.src, Pos: pos, End: end, Reason: reason, Hint: hint}
}

func (s *scanner) rest() string { return s.src[s.pos:] }
func (s *scanner) done() bool   { return s.pos >= len(s.src) }

// peek is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.src[s.pos]
}

// space is the length of the white space at a place.
func (s *scanner) space(at int) int {
	n := at
	for n < len(s.src) {
		r, size := utf8.DecodeRuneInString(s.src[n:])
		if !unicode.IsSpace(r) {
			break
		}
		n += size
	}
	return n - at
}

func (s *scanner) skip() { s.pos += s.space(s.pos) }

// keyword returns the and, or, not that stands at a place as a whole word, else "".
func (s *scanner) keyword(at int) string {
	for _, w := range [...]string{"and", "or", "not"} {
		if len(s.src)-at < len(w) || !strings.EqualFold(s.src[at:at+len(w)], w) {
			continue
		}
		after := at + len(w)
		if after == len(s.src) || s.src[after] == '(' || s.src[after] == ')' || s.src[after] == '"' || s.space(after) > 0 {
			return w
		}
	}
	return ""
}

// take consumes a keyword.
func (s *scanner) take(word string) bool {
	if s.keyword(s.pos) != word {
		return false
	}
	s.pos += len(word)
	return true
}

// pipe reports whether a pipeline bar stands at a place that white space precedes.
func (s *scanner) pipe() bool { return s.peek() == '|' }

// literal reads a quoted or bare text; ok is false when neither is here.
func (s *scanner) literal() (lit literal, ok bool, err *Error) {
	if s.peek() == '"' {
		lit, err = s.quoted()
		return lit, err == nil, err
	}
	return s.bare()
}

func (s *scanner) quoted() (literal, *Error) {
	start := s.pos
	var b strings.Builder
	for i := start + 1; i < len(s.src); {
		switch c := s.src[i]; c {
		case '"':
			s.pos = i + 1
			return literal{text: b.String(), quote: true, pos: start, end: s.pos}, nil
		case '\\':
			text, n := escape(s.src[i:], `\"`)
			if n == 0 {
				text, n = `\`, 1 // as in Kibana, any other backslash stands for itself
			}
			b.WriteString(text)
			i += n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return literal{}, s.errorAt(start, start+1, "the quote is never closed", `close it with ", or write \" for a quote itself`)
}

// escape reads an escape sequence: \t \r \n \uXXXX, or a backslash before one of chars. n is
// its length, 0 when it is none.
func escape(src, chars string) (text string, n int) {
	if len(src) < 2 {
		return "", 0
	}
	switch c := src[1]; {
	case strings.IndexByte(chars, c) >= 0:
		return src[1:2], 2
	case c == 't':
		return "\t", 2
	case c == 'r':
		return "\r", 2
	case c == 'n':
		return "\n", 2
	case c == 'u' && len(src) >= 6:
		v, err := strconv.ParseUint(src[2:6], 16, 32)
		if err == nil && utf8.ValidRune(rune(v)) {
			return string(rune(v)), 6
		}
	}
	return "", 0
}

// bare reads text up to a special character, a keyword, a pipe or the end. White space inside
// it belongs to it ("200 OK" is one text), as in Kibana.
func (s *scanner) bare() (lit literal, ok bool, err *Error) {
	start, i := s.pos, s.pos
	var plain, glob strings.Builder
	put := func(text string) {
		plain.WriteString(text)
		glob.WriteString(escapeGlob.Replace(text))
	}
	wild, any, wordStart := false, false, true
	for i < len(s.src) {
		if n := s.space(i); n > 0 {
			next := i + n
			if !any || next == len(s.src) || s.src[next] == '|' || s.keyword(next) != "" ||
				s.src[next] != '\\' && strings.IndexByte(special, s.src[next]) >= 0 {
				break
			}
			put(s.src[i:next])
			i, wordStart = next, true
			continue
		}
		if wordStart && s.keyword(i) != "" {
			break
		}
		wordStart = false
		switch c := s.src[i]; {
		case c == '\\':
			text, n := escape(s.src[i:], special+`*|/ =!&~`)
			if n == 0 && i+1 < len(s.src) {
				at := scanner{src: s.src, pos: i + 1}
				if w := at.keyword(i + 1); w != "" {
					text, n = s.src[i+1:i+1+len(w)], 1+len(w)
				}
			}
			if n == 0 {
				return lit, false, s.errorAt(i, min(i+2, len(s.src)), `a backslash must stand before one of \():<>"*{}|/ or a keyword`,
					`write \\ for a backslash, or put the text in quotes`)
			}
			put(text)
			i += n
		case c == '*':
			plain.WriteByte('*')
			glob.WriteByte('*')
			wild = true
			i++
		case strings.IndexByte(special, c) >= 0 || c == '|' && (!any || i+1 == len(s.src) || s.space(i+1) > 0):
			goto end
		default:
			r, size := utf8.DecodeRuneInString(s.src[i:])
			if r == utf8.RuneError && size == 1 {
				return lit, false, s.errorAt(i, i+1, "not valid UTF-8", "")
			}
			put(s.src[i : i+size])
			i += size
		}
		any = true
	}
end:
	if !any {
		return lit, false, nil
	}
	s.pos = i
	lit = literal{text: plain.String(), wild: wild, pos: start, end: i}
	if wild {
		lit.text = glob.String()
	}
	return lit, true, nil
}

var escapeGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`)

// Values that hold a colon but need no quotes.
var (
	timeLike = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T[0-9:.]+(?:[zZ]|[+-]\d{2}:?\d{2})?`)
	addrLike = regexp.MustCompile(`^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?`)
)

// colons reads a time or an IPv6 address or network, whose colons need no escape.
func (s *scanner) colons() (literal, bool) {
	text := timeLike.FindString(s.rest())
	if text == "" {
		text = addrLike.FindString(s.rest())
		if _, err := netip.ParseAddr(text); err != nil {
			if _, err := netip.ParsePrefix(text); err != nil {
				return literal{}, false
			}
		}
	}
	if !s.delimited(s.pos + len(text)) {
		return literal{}, false
	}
	lit := literal{text: text, pos: s.pos, end: s.pos + len(text)}
	s.pos = lit.end
	return lit, true
}

// delimited reports whether a value may end at a place.
func (s *scanner) delimited(at int) bool {
	return at >= len(s.src) || s.src[at] == ')' || s.space(at) > 0
}

// regex reads /…/. The first unescaped slash after the opening one decides: when a value may
// end after it and no keyword or pipe stands between, it is a regular expression, else the
// slash is plain text (url.path:/admin/login).
func (s *scanner) regex() (literal, bool) {
	if s.peek() != '/' {
		return literal{}, false
	}
	for i := s.pos + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\':
			i++
		case c == '/':
			if i == s.pos+1 || !s.delimited(i+1) {
				return literal{}, false
			}
			lit := literal{text: unslash(s.src[s.pos+1 : i]), pos: s.pos, end: i + 1}
			s.pos = lit.end
			return lit, true
		default:
			n := s.space(i)
			if n == 0 {
				continue
			}
			if s.keyword(i+n) != "" || strings.HasPrefix(s.src[i+n:], "|") {
				return literal{}, false
			}
			i += n - 1
		}
	}
	return literal{}, false
}

// regexAhead and colonsOnly tell the printer how a text would be read.
func (s scanner) regexAhead() bool {
	_, ok := s.regex()
	return ok
}

func (s scanner) colonsOnly() bool {
	lit, ok := s.colons()
	return ok && lit.end == len(s.src)
}

// unslash turns \/ into / and keeps every other escape.
func unslash(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if s[i+1] != '/' {
				b.WriteByte(s[i])
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
