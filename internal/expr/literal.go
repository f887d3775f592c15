package expr

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// ReadNumber reads a decimal number. When it is a whole number within int64, exact is true and
// i holds it. Hexadecimal, infinities and numbers beyond float64 are no numbers.
func ReadNumber(text string) (i int64, f float64, exact, ok bool) {
	if text == "" || len(text) > 400 || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, 0, false, false
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, float64(i), true, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, 0, false, false
	}
	if f == math.Trunc(f) && f >= math.MinInt64 && f < math.MaxInt64 {
		return int64(f), f, true, true
	}
	return 0, f, false, true
}

// lowest returns the smallest integer that satisfies v > text (or >=), ok false if text is no
// number, never if there is none.
func lowest(b *Bound) (lo int64, never, ok bool) {
	i, f, exact, ok := ReadNumber(b.Text)
	switch {
	case !ok:
		return 0, false, false
	case exact && b.Inclusive:
		return i, false, true
	case exact:
		return i + 1, i == math.MaxInt64, true
	case f < math.MinInt64:
		return math.MinInt64, false, true
	case f >= math.MaxInt64:
		return 0, true, true
	}
	return int64(math.Ceil(f)), false, true
}

// highest is the same for v < text (or <=).
func highest(b *Bound) (hi int64, never, ok bool) {
	i, f, exact, ok := ReadNumber(b.Text)
	switch {
	case !ok:
		return 0, false, false
	case exact && b.Inclusive:
		return i, false, true
	case exact:
		return i - 1, i == math.MinInt64, true
	case f >= math.MaxInt64:
		return math.MaxInt64, false, true
	case f < math.MinInt64:
		return 0, true, true
	}
	return int64(math.Floor(f)), false, true
}

// network reads an address or network as the range of its 16-byte forms.
func network(text string) (lo, hi [16]byte, ok bool) {
	if a, ok := schema.ParseIP(text); ok {
		return schema.IP16(a), schema.IP16(a), true
	}
	if p, ok := parseNet(text); ok {
		lo, hi = schema.PrefixRange(p)
		return lo, hi, true
	}
	return lo, hi, false
}

// step is the address after (or before) one; ok is false beyond the last.
func step(a [16]byte, up bool) ([16]byte, bool) {
	addr := netip.AddrFrom16(a)
	next := addr.Prev()
	if up {
		next = addr.Next()
	}
	return next.As16(), next.IsValid()
}
