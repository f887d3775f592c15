package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// token is a word, a quoted text, or one of ( ) , |.
type token struct {
	text  string
	quote bool
	mark  byte // ( ) , | or 0 for a word; 1 at the end
	pos   int
	end   int
}

const atEnd = 1

// reader walks the tokens of the stages.
type reader struct {
	src string
	pos int // after tok
	tok token
}

func (r *reader) errorAt(t token, hint, format string, args ...any) *expr.Error {
	return &expr.Error{Source: r.src, Pos: t.pos, End: t.end, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// next reads the next token into tok.
func (r *reader) next() error {
	i := r.pos
	for i < len(r.src) {
		c, size := utf8.DecodeRuneInString(r.src[i:])
		if !unicode.IsSpace(c) {
			break
		}
		i += size
	}
	r.tok = token{pos: i, end: i}
	if i == len(r.src) {
		r.pos, r.tok.mark = i, atEnd
		return nil
	}
	switch c := r.src[i]; c {
	case '(', ')', ',', '|':
		r.tok.mark, r.tok.text, r.tok.end = c, string(c), i+1
	case '"':
		end := i + 1
		var b strings.Builder
		for end < len(r.src) && r.src[end] != '"' {
			if r.src[end] == '\\' && end+1 < len(r.src) && strings.IndexByte(`\"`, r.src[end+1]) >= 0 {
				end++
			}
			b.WriteByte(r.src[end])
			end++
		}
		if end == len(r.src) {
			return r.errorAt(token{pos: i, end: i + 1}, `close it with "`, "the quote is never closed")
		}
		r.tok.text, r.tok.quote, r.tok.end = b.String(), true, end+1
	default:
		end := i
		for end < len(r.src) {
			c, size := utf8.DecodeRuneInString(r.src[end:])
			if unicode.IsSpace(c) || strings.ContainsRune(`(),|"`, c) {
				break
			}
			end += size
		}
		r.tok.text, r.tok.end = r.src[i:end], end
	}
	r.pos = r.tok.end
	return nil
}

func (t token) name() string {
	switch t.mark {
	case atEnd:
		return "the end"
	default:
		return fmt.Sprintf("%q", t.text)
	}
}

// word reports whether the token is a given keyword.
func (t token) word(w string) bool { return t.mark == 0 && !t.quote && strings.EqualFold(t.text, w) }

// expect consumes a mark.
func (r *reader) expect(mark byte, where string) error {
	if r.tok.mark != mark {
		return r.errorAt(r.tok, "", "%q is missing %s, before %s", string(mark), where, r.tok.name())
	}
	return r.next()
}

// field consumes a field or column name.
func (r *reader) field(what string) (token, error) {
	t := r.tok
	if t.mark != 0 || t.text == "" {
		return t, r.errorAt(t, "", "%s is missing before %s", what, t.name())
	}
	return t, r.next()
}

// near suggests a known word.
func near(word string, known []string) string {
	if n := schema.Closest(strings.ToLower(word), known); n != "" {
		return "did you mean " + n + "?"
	}
	return "known: " + strings.Join(known, ", ")
}
