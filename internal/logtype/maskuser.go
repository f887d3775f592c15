package logtype

import "bytes"

// maxEncoded is how often percent-encoded a URL may be for its password to be found.
const maxEncoded = 8

// maxAddress bounds the text of an address in brackets.
const maxAddress = 64

// maskUserinfo overwrites the password of scheme://user:password@host anywhere in b with *, also
// where the URL is percent-encoded or written with JSON escapes. In a JSON text no byte that
// belongs to the structure is changed. A user without a password stays.
func maskUserinfo(b []byte) {
	if bytes.IndexByte(b, '@') < 0 && !encodedAt(b) {
		return
	}
	// Up to where it is known that no @ of a level comes.
	var none [maxEncoded + 1]int
	for _, first := range [...]byte{'/', '%', '\\'} {
		for i := 0; i < len(b); {
			n := bytes.IndexByte(b[i:], first)
			if n < 0 {
				break
			}
			i += n
			start, level := authority(b, i)
			if start < 0 {
				for i++; first == '\\' && i < len(b) && b[i] == '\\'; { // the whole run was looked at
					i++
				}
				continue
			}
			if start >= none[level] {
				none[level] = fillPassword(b, start, level)
			}
			i = start
		}
	}
}

// encodedAt reports whether an @ stands in b as an escape.
func encodedAt(b []byte) bool {
	if bytes.IndexByte(b, '%') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return false
	}
	for i := 0; i < len(b); {
		n := bytes.Index(b[i:], []byte("40"))
		if n < 0 {
			return false
		}
		i += n
		if i >= 1 && b[i-1] == '%' || i >= 2 && (b[i-1] == '5' || b[i-1] == '0') {
			return true
		}
		i += 2
	}
	return false
}

// authority is the index behind a :// whose first slash begins at i, -1 when there is none, and
// how often it is percent-encoded.
func authority(b []byte, i int) (start, level int) {
	c, level, next := urlByte(b, i)
	if c != '/' || level > maxEncoded {
		return -1, 0
	}
	c, second, start := urlByte(b, next)
	if c != '/' || second != level {
		return -1, 0
	}
	for i > 0 && b[i-1] == '\\' { // of an escaped slash
		i--
	}
	switch {
	case i >= 1 && b[i-1] == ':',
		i >= 3 && (b[i-3] == '%' || b[i-3] == '5' || b[i-3] == '0') && b[i-2] == '3' && b[i-1]|0x20 == 'a':
		// also as %3A, %253A, \u003a
		return start, level
	}
	return -1, 0
}

// fillPassword looks for user:password@ from the start of an authority and returns the index up
// to which there is no other @ that could end one.
func fillPassword(b []byte, start, level int) int {
	i, colon, at := start, -1, -1
	port := true // all digits since the colon
	for i < len(b) {
		c, n, next := urlByte(b, i)
		if n > level {
			port = false
			i = next
			continue
		}
		switch c {
		case '"', ' ', '<', '>', endOfText:
			return fillTo(b, colon, at, i)
		case '&', ';':
			if level > 0 && n == 0 {
				return fillTo(b, colon, at, i)
			}
			port = false
		case '/', '?', '#':
			// A slash in a password should be encoded, but is not always: it belongs to the
			// authority when what stands before it can be no port.
			if colon < 0 || at >= 0 || port {
				return fillTo(b, colon, at, start)
			}
		case '[':
			if i == start { // an address with colons
				for end := i + maxAddress; i < min(len(b), end) && b[i] != ']' && b[i] != '"' && b[i] != '\\' && b[i] > ' '; {
					i++
				}
				continue
			}
			port = false
		case ':':
			if colon < 0 {
				colon, port = next, true
			} else {
				port = false
			}
		case '@':
			if colon >= 0 {
				at, port = i, true
			}
		default:
			if c-'0' > 9 {
				port = false
			}
		}
		i = next
	}
	return fillTo(b, colon, at, i)
}

// fillTo overwrites a password between colon and at, if both are there.
func fillTo(b []byte, colon, at, end int) int {
	if colon >= 0 && at >= 0 {
		fill(b[colon:at])
	}
	return end
}

// endOfText is what urlByte says of line breaks and other control characters.
const endOfText = 0

// urlByte reads one character of a URL at i with its percent and JSON escapes undone: which it is,
// how often it was percent-encoded, and where the next one begins.
func urlByte(b []byte, i int) (c byte, level, next int) {
	if i >= len(b) {
		return endOfText, 0, i
	}
	c = b[i]
	switch {
	case c == '%':
		k := i + 1
		for level = 1; k+1 < len(b) && b[k] == '2' && b[k+1] == '5'; level++ {
			k += 2
		}
		if k+1 < len(b) {
			hi, lo := hexValue(b[k]), hexValue(b[k+1])
			if hi >= 0 && lo >= 0 {
				return byte(hi<<4 | lo), level, k + 2
			}
		}
		return '%', 0, i + 1
	case c == '\\':
		k := i
		for k < len(b) && b[k] == '\\' {
			k++
		}
		if k == len(b) {
			return '\\', 0, k
		}
		odd := (k-i)%2 == 1
		switch x := b[k]; {
		case x == '/':
			return x, 0, k + 1
		case x == '"':
			if odd && !endsQuoted(b, k+1) {
				return '\\', 0, k + 1
			}
			return x, 0, k + 1
		case x == 'u':
			if x := jsonEscape(b, k-1); x != 0 {
				return x, 0, k + 5
			}
			if k+5 <= len(b) && isHex4(b[k+1:k+5]) {
				return '\\', 0, k + 5
			}
		case odd && x > ' ' && x < 0x80 && x != '@':
			return '\\', 0, k + 1
		}
		return '\\', 0, k
	case c < ' ':
		return endOfText, 0, i + 1
	}
	return c, 0, i + 1
}

// endsQuoted reports whether the escaped quote before i ends a text inside a text, and is not a
// quote in a value.
func endsQuoted(b []byte, i int) bool {
	if i >= len(b) {
		return true
	}
	switch c := b[i]; c {
	case ',', '}', ']', ':', '"', '\\':
		return true
	default:
		return c <= ' '
	}
}

func isHex4(b []byte) bool {
	for _, c := range b[:4] {
		if hexValue(c) < 0 {
			return false
		}
	}
	return true
}
