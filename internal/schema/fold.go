package schema

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is the form in which text is compared unless a query asks for exact bytes: NFKC, then
// simple case folding to lower case. It is defined here once; stores that cannot run it keep
// its result or call back. Fold is idempotent.
func Fold(s string) string {
	ascii, lower := true, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			ascii = false
			break
		}
		if 'A' <= c && c <= 'Z' {
			lower = false
		}
	}
	if ascii {
		if lower {
			return s
		}
		return strings.ToLower(s)
	}
	// Lower-casing may open a new composition (and NFKC a new capital), so go on until it rests;
	// two rounds are enough for every code point in use, the bound only guards against a cycle.
	for range 4 {
		next := norm.NFKC.String(strings.Map(unicode.ToLower, norm.NFKC.String(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// ASCII reports whether every byte is below 0x80, in which case an engine's own lower-casing
// gives the same result as Fold.
func ASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
