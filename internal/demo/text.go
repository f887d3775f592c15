package demo

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// quote is a text as the inside of a JSON string.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return ""
	}
	return b.String()[1 : b.Len()-2] // without quotes and the final newline
}

const hexDigits = "0123456789abcdef"

// appendHex appends n random hex digits.
func appendHex(b []byte, rng *rand.Rand, n int) []byte {
	for n > 0 {
		v := rng.Uint64()
		for i := 0; i < 16 && n > 0; i++ {
			b = append(b, hexDigits[v&15])
			v >>= 4
			n--
		}
	}
	return b
}

// mix scrambles a number; the same one gives the same result.
func mix(v uint64) uint64 {
	v ^= v >> 30
	v *= 0xbf58476d1ce4e5b9
	v ^= v >> 27
	v *= 0x94d049bb133111eb
	return v ^ v>>31
}

// appendMixed appends n hex digits that follow from v.
func appendMixed(b []byte, v uint64, n int) []byte {
	for n > 0 {
		v = mix(v + 0x9e3779b97f4a7c15)
		for i, x := 0, v; i < 16 && n > 0; i++ {
			b = append(b, hexDigits[x&15])
			x >>= 4
			n--
		}
	}
	return b
}

// appendUUID appends a random UUID.
func appendUUID(b []byte, rng *rand.Rand) []byte {
	for i, n := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			b = append(b, '-')
		}
		b = appendHex(b, rng, n)
	}
	return b
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// appendLetters appends n random capitals and digits, as in AWS ids.
func appendLetters(b []byte, rng *rand.Rand, n int) []byte {
	for n > 0 {
		v := rng.Uint64()
		for i := 0; i < 12 && n > 0; i++ {
			b = append(b, idLetters[v&31])
			v >>= 5
			n--
		}
	}
	return b
}

// appendTime appends a UTC time with the given number of digits after the second, without
// zone. It is time.Time.AppendFormat, only faster.
func appendTime(b []byte, ns int64, digits int) []byte {
	t := time.Unix(0, ns).UTC()
	y, m, d := t.Date()
	h, mi, s := t.Clock()
	b = strconv.AppendInt(b, int64(y), 10)
	b = append(b, '-', byte('0'+int(m)/10), byte('0'+int(m)%10), '-', byte('0'+d/10), byte('0'+d%10), 'T',
		byte('0'+h/10), byte('0'+h%10), ':', byte('0'+mi/10), byte('0'+mi%10), ':', byte('0'+s/10), byte('0'+s%10))
	if digits > 0 {
		b = append(b, '.')
		frac := t.Nanosecond()
		for i := 0; i < digits; i++ {
			frac %= 1_000_000_000
			p := 100_000_000
			for range i {
				p /= 10
			}
			b = append(b, byte('0'+frac/p%10))
		}
	}
	return b
}

// template is text with places that are filled each time: {n} a number below 100,000, {hN} N
// hex digits, {aN} N capitals or digits, {u} a UUID.
type template struct{ parts []part }

type part struct {
	text string // before the place
	kind byte   // n, h, a, u; 0 = the end
	n    int
}

// compile reads a template. A brace that begins no place is text.
func compile(s string) template {
	var t template
	from := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] != '{' || !strings.ContainsRune("nhau", rune(s[i+1])) {
			continue
		}
		j := i + 2
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j == len(s) || s[j] != '}' {
			continue
		}
		n, _ := strconv.Atoi(s[i+2 : j])
		t.parts = append(t.parts, part{s[from:i], s[i+1], n})
		from = j + 1
		i = j
	}
	t.parts = append(t.parts, part{text: s[from:]})
	return t
}

func (t *template) append(b []byte, rng *rand.Rand) []byte {
	for i := range t.parts {
		p := &t.parts[i]
		b = append(b, p.text...)
		switch p.kind {
		case 'n':
			b = strconv.AppendInt(b, int64(rng.IntN(100_000)), 10)
		case 'h':
			b = appendHex(b, rng, p.n)
		case 'a':
			b = appendLetters(b, rng, p.n)
		case 'u':
			b = appendUUID(b, rng)
		}
	}
	return b
}
