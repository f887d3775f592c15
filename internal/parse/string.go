package parse

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// What scanString noticed on its way.
const (
	hasEscape = 1 << iota
	hasHigh
)

// scanString looks for the end of a JSON string. i is the first byte after the opening quote;
// the answer is the index of the closing quote, or the negated index-1 of the byte at fault.
func scanString(b []byte, i int) (end int, flags uint) {
	var high uint64
	for {
		w := binary.LittleEndian.Uint64(b[i:])
		q := w ^ '"'*ones
		e := w ^ '\\'*ones
		m := ((q - ones) & ^q) | ((e - ones) & ^e) | ((w - ' '*ones) & ^w)
		m &= highs
		if m == 0 {
			high |= w
			i += 8
			continue
		}
		n := bits.TrailingZeros64(m) >> 3
		high |= w & (1<<(8*n) - 1)
		i += n
		switch b[i] {
		case '"':
			if high&highs != 0 {
				flags |= hasHigh
			}
			return i, flags
		case '\\':
			flags |= hasEscape
			switch b[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				for k := 2; k < 6; k++ {
					if !isHex(b[i+k]) {
						return -1 - (i + k), 0
					}
				}
				i += 6
			default:
				return -1 - (i + 1), 0
			}
		default:
			return -1 - i, 0
		}
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hexDigit(c byte) rune {
	switch {
	case c <= '9':
		return rune(c - '0')
	case c <= 'F':
		return rune(c-'A') + 10
	}
	return rune(c-'a') + 10
}

func hex4(s string) rune {
	return hexDigit(s[0])<<12 | hexDigit(s[1])<<8 | hexDigit(s[2])<<4 | hexDigit(s[3])
}

// AppendUnescaped appends a JSON text (the bytes between its quotes) without its escapes. The
// result is never longer than the source. Lone surrogates become U+FFFD.
func AppendUnescaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' || i+1 >= len(s) {
			j := i + 1
			for j < len(s) && s[j] != '\\' {
				j++
			}
			dst = append(dst, s[i:j]...)
			i = j
			continue
		}
		i += 2
		switch c = s[i-1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			if i+4 > len(s) {
				return append(dst, s[i-2:]...)
			}
			r := hex4(s[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
					if d := utf16.DecodeRune(r, hex4(s[i+2:])); d != utf8.RuneError {
						dst = utf8.AppendRune(dst, d)
						i += 6
						continue
					}
				}
				r = utf8.RuneError
			}
			dst = utf8.AppendRune(dst, r)
		default: // the character itself: " \ /
			dst = append(dst, c)
		}
	}
	return dst
}

// Arena hands out memory for texts that do not stand in a buffer as they are needed. Blocks
// are never reused, so texts stay good as long as somebody holds them.
type Arena struct {
	block []byte
}

const arenaBlock = 64 << 10

// Reserve returns an empty slice with room for n bytes; Commit keeps what was appended to it.
func (a *Arena) Reserve(n int) []byte {
	if cap(a.block)-len(a.block) < n {
		a.block = make([]byte, 0, max(arenaBlock, n))
	}
	return a.block[len(a.block):len(a.block):cap(a.block)]
}

// Commit returns the bytes as a text. b must come from the last Reserve and must not have
// outgrown it.
func (a *Arena) Commit(b []byte) string {
	a.block = a.block[:len(a.block)+len(b)]
	return alias(b)
}

// Unescape returns the text of a value without JSON escapes.
func (a *Arena) Unescape(s string) string {
	return a.Commit(AppendUnescaped(a.Reserve(len(s)), s))
}
