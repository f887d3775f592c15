package logtype

import "bytes"

// paramSet is a set of names of query parameters; the zero value is the default list.
type paramSet struct{ names map[string]bool }

func (s paramSet) class(name []byte) uint8 {
	if s.names != nil {
		if s.names[string(name)] {
			return strongParam
		}
		return 0
	}
	return secretParams[string(name)]
}

// tailOfSecret tells by the last two bytes of a name whether it can be a secret parameter; names
// that end in an escape or a bracket are looked at in full.
var tailOfSecret = func() (t [1024]bool) {
	for n := range secretParams {
		t[tailIndex(n[len(n)-2], n[len(n)-1])] = true
	}
	return t
}()

func tailIndex(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// maybeSecret is the quick look at the name before the = at i.
func maybeSecret(b []byte, i int) bool {
	if i < 2 {
		return false
	}
	last := b[i-1]
	switch {
	case tailOfSecret[tailIndex(b[i-2], last)]:
		return nameByte(last)
	case last == ']' || b[i-2] == '_' || b[i-2] == '-' || last == '_' || last == '-':
		return true
	}
	return escapedTail(b, i)
}

// maskParams overwrites the values of secret query parameters, and the passwords of URLs, anywhere
// in b with *. It needs
// no structure: b may be a JSON record, a log line or anything else. name=value is found also
// when the name, the = or the separators are percent-encoded or written as JSON escapes. In a
// JSON text no byte that belongs to the structure is changed. A parameter counts as beginning
// at the start of b when whole is true (b is a query string or URL by itself). nested reports
// whether b seems to hold JSON inside a JSON text.
func maskParams(b []byte, set paramSet, whole bool) (nested bool) {
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], '=')
		if n < 0 {
			break
		}
		i += n
		if set.names != nil || maybeSecret(b, i) {
			if class, _ := paramName(b, i, set, whole); class != 0 {
				i = fillParam(b, i+1, false)
				continue
			}
		}
		i++
	}
	// = as %3D or \u003d.
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], '%')
		if n < 0 {
			break
		}
		i += n
		// %3D, and %253D of a URL inside a URL inside a URL.
		k := i + 1
		for bytes.HasPrefix(b[min(k, len(b)):], []byte("25")) {
			k += 2
		}
		if k+2 <= len(b) && b[k] == '3' && b[k+1]|0x20 == 'd' {
			if class, _ := paramName(b, i, set, whole); class != 0 {
				i = fillParam(b, k+2, true)
				continue
			}
		}
		i++
	}
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], '\\')
		if n < 0 {
			break
		}
		i += n
		if jsonEscape(b, i) == '=' {
			if class, _ := paramName(b, i, set, whole); class != 0 {
				i = fillParam(b, i+6, false)
				continue
			}
		}
		if i+2 < len(b) && b[i+1] == '"' && (b[i+2] == ':' || b[i+2] == ' ') {
			nested = true
		}
		if i+1 < len(b) && b[i+1] == '\\' {
			i++
		}
		i++
	}
	maskUserinfo(b)
	return nested
}

// escapedTail reports whether the bytes before i may be the end of an escape.
func escapedTail(b []byte, i int) bool {
	return i >= 3 && b[i-3] == '%' || i >= 6 && b[i-6] == '\\' && b[i-5] == 'u'
}

// jsonEscape is the ASCII character a \u00XX escape at i stands for, 0 if it is none.
func jsonEscape(b []byte, i int) byte {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' || b[i+2] != '0' || b[i+3] != '0' {
		return 0
	}
	hi, lo := hexValue(b[i+4]), hexValue(b[i+5])
	if hi < 0 || lo < 0 || hi > 7 {
		return 0
	}
	return byte(hi<<4 | lo)
}

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// paramName reads the name that ends at end, escapes undone, and says what class of secret it
// is, 0 = none.
func paramName(b []byte, end int, set paramSet, whole bool) (class uint8, start int) {
	start = end
	for start > 0 && end-start < 4*maxNameBytes {
		c := b[start-1]
		if nameByte(c) || c == '%' || c == '\\' || c == ']' || c == '[' || c == '.' {
			start--
			continue
		}
		break
	}
	var buf [maxNameBytes]byte
	n := 0
	bound := byte(' ')
	if start > 0 {
		bound = b[start-1]
	} else if whole {
		bound = '?'
	}
	reset := func(c byte) { n, bound = 0, c }
	for i := start; i < end; i++ {
		c := b[i]
		switch {
		case c == '%' && i+2 < end:
			for c == '%' && i+2 < end {
				hi, lo := hexValue(b[i+1]), hexValue(b[i+2])
				if hi < 0 || lo < 0 {
					break
				}
				c = byte(hi<<4 | lo)
				i += 2
			}
		case c == '\\':
			if x := jsonEscape(b, i); x != 0 {
				c = x
				i += 5
			} else {
				// Another escape: \" \/ \n … bound a name, \t is one byte more.
				i++
				c = ' '
				if i < end && (b[i] == '"' || b[i] == '/') {
					c = b[i]
				}
			}
		}
		switch {
		case c == ']':
		case c == '[' || c == '.':
			reset('[')
		case !nameByte(c):
			reset(c)
		case c == '_' || c == '-':
		case n == len(buf):
			reset('a') // too long for any name
		default:
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			buf[n] = c
			n++
		}
	}
	if n == 0 {
		return 0, start
	}
	class = set.class(buf[:n])
	if class == weakParam {
		switch bound {
		case '?', '&', ';', '#', '"', '\'', '[':
		default:
			class = 0
		}
	}
	return class, start
}

// fillParam overwrites a value that starts at i and returns the index after it. encoded means
// that the = was percent-encoded: then %26 and its like end the value.
func fillParam(b []byte, i int, encoded bool) int {
	var quote byte
	if i < len(b) {
		switch {
		case b[i] == '\'':
			quote = '\''
			i++
		case b[i] == '\\' && i+1 < len(b) && b[i+1] == '"':
			quote = '"'
			i += 2
		case b[i] == '"' && i+1 < len(b) && wordByte(b[i+1]) && quotedWord(b[i+1:]):
			quote = '"'
			i++
		}
	}
	for i < len(b) {
		c := b[i]
		switch {
		case c == quote && quote != 0:
			return i
		case c == '"' || c < ' ':
			return i
		case quote == 0 && (c == '&' || c == ' ' || c == ';' || c == '#'):
			return i
		case c == '\\':
			if i+1 >= len(b) {
				return i
			}
			x := b[i+1]
			if u := jsonEscape(b, i); u != 0 {
				if u == '&' || u == '"' || u == ' ' || u == '#' || u == ';' {
					if quote == 0 || u == quote {
						return i
					}
				}
			}
			switch x {
			case '"', 'n', 'r', 't':
				return i
			case 'u':
				for k := 0; k < 6 && i < len(b) && b[i] != '"'; k++ {
					b[i] = '*'
					i++
				}
				continue
			}
			b[i], b[i+1] = '*', '*'
			i += 2
			continue
		case encoded && c == '%' && encodedEnd(b, i):
			return i
		}
		b[i] = '*'
		i++
	}
	return i
}

// encodedEnd reports whether a percent escape at i (of any level) is a character that ends a
// value: & # ; space quote.
func encodedEnd(b []byte, i int) bool {
	k := i + 1
	for k+1 < len(b) && b[k] == '2' && b[k+1] == '5' {
		k += 2
	}
	if k+1 >= len(b) {
		return false
	}
	hi, lo := hexValue(b[k]), hexValue(b[k+1])
	if hi < 0 || lo < 0 {
		return false
	}
	switch byte(hi<<4 | lo) {
	case '&', '#', ';', ' ', '"':
		return true
	}
	return false
}

func wordByte(c byte) bool {
	return nameByte(c) || c >= 0x80 || c == '/' || c == '+' || c == '$' || c == '!'
}

// quotedWord reports whether a text that follows a quote looks like the inside of a quoted
// value: a closing quote comes that a separator or the end follows. In JSON a value that an =
// could open a quote for never starts with a word, since : , } or ] follows a closing quote.
func quotedWord(b []byte) bool {
	n := bytes.IndexByte(b, '"')
	if n < 0 {
		return false
	}
	return n+1 == len(b) || b[n+1] == ' ' || b[n+1] == ',' || b[n+1] == ';' || b[n+1] == '\n' || b[n+1] == '\r'
}
