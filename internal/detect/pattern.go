package detect

import (
	"strings"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/schema"
)

// one stands for ? in the pieces of a glob. No text field of a rule can hold it otherwise.
const one = '\x00'

// glob is a pattern cut at its stars: the first piece stands at the start, the last at the end, the
// others follow in order between them. A single piece is the whole text.
type glob []string

// newGlob reads a Sigma pattern: * is any text, ? one character; a backslash before one of them or
// before a backslash makes it an ordinary character, anywhere else it is one itself.
func newGlob(pattern string, fold bool) glob {
	g := glob{}
	var b strings.Builder
	flush := func() {
		s := b.String()
		b.Reset()
		if fold {
			s = foldPiece(s)
		}
		g = append(g, s)
	}
	escaped := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case escaped:
			if c != '*' && c != '?' && c != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
			escaped = false
		case c == '\\':
			escaped = true
		case c == '*':
			flush()
		case c == '?':
			b.WriteByte(one)
		default:
			b.WriteByte(c)
		}
	}
	if escaped {
		b.WriteByte('\\')
	}
	flush()
	// Several stars are one.
	out := g[:1]
	for i := 1; i < len(g); i++ {
		if g[i] != "" || i == len(g)-1 {
			out = append(out, g[i])
		}
	}
	return out
}

// foldPiece folds the texts between the ? of a piece.
func foldPiece(s string) string {
	if strings.IndexByte(s, one) < 0 {
		return schema.Fold(s)
	}
	parts := strings.Split(s, string(rune(one)))
	for i := range parts {
		parts[i] = schema.Fold(parts[i])
	}
	return strings.Join(parts, string(rune(one)))
}

// wrap adds a star before or after.
func (g glob) wrap(before, after bool) glob {
	if before && (len(g) == 1 || g[0] != "") {
		g = append(glob{""}, g...)
	}
	if after && (len(g) == 1 || g[len(g)-1] != "") {
		g = append(append(glob{}, g...), "")
	}
	return g
}

// simple reports whether no piece has a ?.
func (g glob) simple() bool {
	for _, s := range g {
		if strings.IndexByte(s, one) >= 0 {
			return false
		}
	}
	return true
}

// globText matches a whole text.
func globText(g glob, s string) bool {
	n, ok := pieceAt(g[0], s)
	if !ok {
		return false
	}
	if len(g) == 1 {
		return n == len(s)
	}
	s = s[n:]
	for _, p := range g[1 : len(g)-1] {
		end := pieceIndex(p, s)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	last := g[len(g)-1]
	if strings.IndexByte(last, one) < 0 {
		return strings.HasSuffix(s, last)
	}
	start := len(s)
	for range utf8.RuneCountInString(last) {
		if start == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	n, ok = pieceAt(last, s[start:])
	return ok && start+n == len(s)
}

// pieceAt reports whether a text begins with a piece, and how many bytes of it that are.
func pieceAt(p, s string) (int, bool) {
	if strings.IndexByte(p, one) < 0 {
		return len(p), strings.HasPrefix(s, p)
	}
	n := 0
	for i := 0; i < len(p); i++ {
		if n >= len(s) {
			return 0, false
		}
		if p[i] == one {
			_, size := utf8.DecodeRuneInString(s[n:])
			n += size
			continue
		}
		if s[n] != p[i] {
			return 0, false
		}
		n++
	}
	return n, true
}

// pieceIndex is the end of the first place of a piece in a text, or -1.
func pieceIndex(p, s string) int {
	if strings.IndexByte(p, one) < 0 {
		i := strings.Index(s, p)
		if i < 0 {
			return -1
		}
		return i + len(p)
	}
	for i := 0; i <= len(s); {
		if n, ok := pieceAt(p, s[i:]); ok {
			return i + n
		}
		if i == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return -1
}

// longest is the longest text without ? that every match contains.
func (g glob) longest() string {
	best := ""
	for _, p := range g {
		for part := range strings.SplitSeq(p, string(rune(one))) {
			if len(part) > len(best) {
				best = part
			}
		}
	}
	return best
}
