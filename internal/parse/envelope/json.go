package envelope

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions here walk JSON just far enough to know a wrapper's shape. They accept some invalid
// JSON (what matters is checked by whoever scans the payload), never recurse and never panic.

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string that starts with the quote at i, or -1.
func skipString(b []byte, i int) int {
	for j := i + 1; ; {
		k := bytes.IndexByte(b[j:], '"')
		if k < 0 {
			return -1
		}
		q, slashes := j+k, 0
		for q-1-slashes > i && b[q-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return q + 1
		}
		j = q + 1
	}
}

// skipValue returns the index behind the value that starts at i, or -1.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; i < len(b); {
			switch b[i] {
			case '"':
				if i = skipString(b, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	}
	j := i
	for j < len(b) {
		c := b[j]
		if c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != 'E' {
			break
		}
		j++
	}
	if j == i {
		return -1
	}
	return j
}

// firstKey returns the first key of an object as it is written, and the index of its value.
func firstKey(b []byte) (key []byte, at int, ok bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return nil, 0, false
	}
	return keyAt(b, skipSpace(b, i+1))
}

func keyAt(b []byte, i int) (key []byte, at int, ok bool) {
	if i >= len(b) || b[i] != '"' {
		return nil, 0, false
	}
	end := skipString(b, i)
	if end < 0 {
		return nil, 0, false
	}
	j := skipSpace(b, end)
	if j >= len(b) || b[j] != ':' {
		return nil, 0, false
	}
	return b[i+1 : end-1], skipSpace(b, j+1), true
}

// fields calls f with each key of the object b and with b from its value on, so that f may look at a large
// value before it is walked. It reports whether b is one object and nothing more and f always
// returned true.
func fields(b []byte, f func(key, from []byte) bool) bool {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return false
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return skipSpace(b, i+1) == len(b)
	}
	for {
		key, at, ok := keyAt(b, i)
		if !ok || !f(key, b[at:]) {
			return false
		}
		i = skipValue(b, at)
		if i < 0 {
			return false
		}
		i = skipSpace(b, i)
		if i >= len(b) {
			return false
		}
		if b[i] == '}' {
			return skipSpace(b, i+1) == len(b)
		}
		if b[i] != ',' {
			return false
		}
		i = skipSpace(b, i+1)
	}
}

// elements calls f with each element of the array at the start of from. It reports whether the
// array is well formed and f always returned true.
func elements(from []byte, f func(elem []byte) bool) bool {
	if len(from) == 0 || from[0] != '[' {
		return false
	}
	i := skipSpace(from, 1)
	if i < len(from) && from[i] == ']' {
		return true
	}
	for {
		end := skipValue(from, i)
		if end < 0 || !f(from[i:end]) {
			return false
		}
		i = skipSpace(from, end)
		if i >= len(from) {
			return false
		}
		if from[i] == ']' {
			return true
		}
		if from[i] != ',' {
			return false
		}
		i = skipSpace(from, i+1)
	}
}

// value is the bytes of the value at the start of from; nil if there is none.
func value(from []byte) []byte {
	end := skipValue(from, 0)
	if end < 0 {
		return nil
	}
	return from[:end]
}

// text is the string at the start of from. The result aliases from if nothing was escaped.
func text(from []byte) ([]byte, bool) {
	if len(from) == 0 || from[0] != '"' {
		return nil, false
	}
	end := skipString(from, 0)
	if end < 0 {
		return nil, false
	}
	s := from[1 : end-1]
	if bytes.IndexByte(s, '\\') < 0 {
		return s, true
	}
	return unescape(s)
}

// str is text as a string; "" if it is none.
func str(from []byte) string {
	s, _ := text(from)
	return string(s)
}

func unescape(s []byte) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(out, s...), true
		}
		out = append(out, s[:i]...)
		s = s[i+1:]
		if len(s) == 0 {
			return nil, false
		}
		c := s[0]
		s = s[1:]
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, ok := hex4(s)
			if !ok {
				return nil, false
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				low, ok := rune(0), false
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					low, ok = hex4(s[2:])
				}
				if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
					s = s[6:]
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, false
		}
	}
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s[:4]), 16, 32)
	return rune(v), err == nil
}
