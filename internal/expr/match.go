package expr

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Matcher is a predicate made ready for fields of one kind: its literals are read, so that
// every executor tests the same thing. Stores may read its fields to build their own test;
// which of them are in use depends on Op and Kind:
//
//	Exists                 nothing: every present value matches
//	Equal    String Map    Fold == schema.Fold(value)
//	Contains String        Fold is a substring of schema.Fold(value)
//	Wildcard               Glob fits schema.Fold(value); for Int the decimal text, for IP the canonical one
//	Regex                  Regexp finds a match; texts as for Wildcard, not folded
//	CIDR     String Map    Fold == schema.Fold(value), or value is an address in [AddrLo, AddrHi]
//	Range    Int Time Bool IntLo <= value <= IntHi
//	Range    Float         Floats, with FloatLoOpen and FloatHiOpen for excluded ends
//	Range    IP            AddrLo <= 16-byte form <= AddrHi
//	Range    String        Lo, Hi: bytewise, not folded
//	Range    Map           Numeric: as Float, for values ReadNumber reads (others fail); else as String
//
// Equal on numbers, times and addresses becomes a Range, CIDR on addresses too. A Matcher is
// immutable and safe for concurrent use.
type Matcher struct {
	Op    Op
	Kind  schema.Kind // element kind: String, Int, Float, Bool, Time, IP or Map
	Never bool        // a literal does not fit the kind, or no value can match

	Fold                     string
	Glob                     Glob
	Regexp                   *regexp.Regexp
	IntLo, IntHi             int64
	FloatLo, FloatHi         float64
	FloatLoOpen, FloatHiOpen bool
	AddrLo, AddrHi           [16]byte
	Lo, Hi                   *Bound
	Numeric                  bool

	canonical string // the one address of Equal on IP
}

// FitError says that a literal cannot be compared with a field of its kind. The predicate is
// then false for every event; whoever shows the answer shows this as a warning.
type FitError struct {
	Predicate *Predicate
	Kind      schema.Kind
	Text      string
}

func (e *FitError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("%s is of kind %s, which %s cannot test: the condition matches nothing", e.Predicate.Field, e.Kind, e.Predicate)
	}
	return fmt.Sprintf("%s is of kind %s and %q is none: the condition matches nothing", e.Predicate.Field, e.Kind, e.Text)
}

// Compile is CompileAt without a clock: times relative to now do not fit.
func Compile(p *Predicate, kind schema.Kind) (*Matcher, error) {
	return CompileAt(p, kind, time.Time{})
}

// CompileAt makes a predicate ready for a kind (list kinds count as their element; Map is the
// kind of undeclared leaves and of native values). The matcher is never nil: with a *FitError
// it matches nothing.
func CompileAt(p *Predicate, kind schema.Kind, now time.Time) (*Matcher, error) {
	m := &Matcher{Op: p.Op, Kind: kind.Element()}
	ok, bad := m.read(p, now)
	if !ok {
		m.Never = true
		return m, &FitError{Predicate: p, Kind: m.Kind, Text: bad}
	}
	return m, nil
}

// TextField reports whether a field holds prose: there field:value asks for a piece of the
// text, as Kibana does for its text fields, not for the whole value.
func TextField(name string) bool { return name == "message" || name == "event.original" }

// read fills the matcher; bad is the literal that does not fit.
func (m *Matcher) read(p *Predicate, now time.Time) (ok bool, bad string) {
	text := m.Kind == schema.String || m.Kind == schema.Map
	switch p.Op {
	case Exists:
		return true, ""
	case Wildcard:
		if !text && m.Kind != schema.Int && m.Kind != schema.IP {
			return false, p.Text
		}
		m.Glob = ReadGlob(p.Text, schema.Fold)
		if TextField(p.Field) {
			m.Glob = m.Glob.Within()
		}
		return true, ""
	case Regex:
		if !text && m.Kind != schema.Int && m.Kind != schema.IP {
			return false, p.Text
		}
		re, err := regexp.Compile(p.Text)
		m.Regexp = re
		return err == nil, p.Text
	case CIDR:
		m.AddrLo, m.AddrHi = schema.PrefixRange(p.Net)
		if m.Kind == schema.IP {
			m.Op = Range
			return true, ""
		}
		m.Fold = schema.Fold(p.Text)
		return text, p.Text
	case Equal:
		if !text {
			m.Op = Range
			return m.equal(p.Text, now), p.Text
		}
		m.Fold = schema.Fold(p.Text)
		if TextField(p.Field) {
			m.Op = Contains
		}
		m.Never = p.Text == ""
		return true, ""
	case Range:
		return m.bounds(p, now)
	}
	return false, ""
}

// equal reads the literal of Equal on a kind that is not text.
func (m *Matcher) equal(text string, now time.Time) (ok bool) {
	switch m.Kind {
	case schema.Int:
		var exact bool
		m.IntLo, _, exact, _ = ReadNumber(text)
		m.IntHi = m.IntLo
		return exact
	case schema.Float:
		_, m.FloatLo, _, ok = ReadNumber(text)
		m.FloatHi = m.FloatLo
		return ok
	case schema.Bool:
		switch schema.Fold(text) {
		case "true":
			m.IntLo, m.IntHi = 1, 1
			return true
		case "false":
			return true
		}
		return false
	case schema.Time:
		m.IntLo, m.IntHi, ok = ReadTime(text, now, nil)
		m.Never = m.Never || m.IntHi == math.MinInt64 // wholly before the beginning of time
		m.IntHi--
		return ok
	case schema.IP:
		m.AddrLo, m.AddrHi, ok = network(text)
		if a, one := schema.ParseIP(text); one {
			m.canonical = a.String()
		}
		return ok
	}
	return false
}

// bounds reads the ends of a Range.
func (m *Matcher) bounds(p *Predicate, now time.Time) (ok bool, bad string) {
	m.IntLo, m.IntHi = math.MinInt64, math.MaxInt64
	m.FloatLo, m.FloatHi = math.Inf(-1), math.Inf(1)
	for i := range m.AddrHi {
		m.AddrHi[i] = 0xff
	}
	m.Lo, m.Hi = p.Lo, p.Hi
	m.Numeric = m.Kind == schema.Map && isNumber(p.Lo) && isNumber(p.Hi)
	for _, b := range []*Bound{p.Lo, p.Hi} {
		if b != nil && !m.bound(b, b == p.Lo, now) {
			return false, b.Text
		}
	}
	return true, ""
}

func isNumber(b *Bound) bool {
	if b == nil {
		return true
	}
	_, _, _, ok := ReadNumber(b.Text)
	return ok
}

func (m *Matcher) bound(b *Bound, lower bool, now time.Time) (ok bool) {
	switch {
	case m.Kind == schema.Int:
		var never bool
		if lower {
			m.IntLo, never, ok = lowest(b)
		} else {
			m.IntHi, never, ok = highest(b)
		}
		m.Never = m.Never || never
		return ok
	case m.Kind == schema.Float || m.Numeric:
		var f float64
		_, f, _, ok = ReadNumber(b.Text)
		if lower {
			m.FloatLo, m.FloatLoOpen = f, !b.Inclusive
		} else {
			m.FloatHi, m.FloatHiOpen = f, !b.Inclusive
		}
		return ok
	case m.Kind == schema.Time:
		from, to, ok := ReadTime(b.Text, now, nil)
		switch {
		case lower && b.Inclusive:
			m.IntLo = from
		case lower:
			m.IntLo = to // after the whole day, second, …
		case b.Inclusive:
			m.Never = m.Never || to == math.MinInt64
			m.IntHi = to - 1
		default:
			m.Never = m.Never || from == math.MinInt64
			m.IntHi = from - 1
		}
		return ok
	case m.Kind == schema.IP:
		a, ok := schema.ParseIP(b.Text)
		if !ok {
			return false
		}
		end, inside := schema.IP16(a), true
		if !b.Inclusive {
			end, inside = step(end, lower)
		}
		m.Never = m.Never || !inside
		if lower {
			m.AddrLo = end
		} else {
			m.AddrHi = end
		}
		return true
	}
	return m.Kind == schema.String || m.Kind == schema.Map
}

// Match tests the text of a String, IP or Map value. An empty text is absent and never
// matches.
func (m *Matcher) Match(s string) bool {
	if m.Never || s == "" {
		return false
	}
	switch m.Op {
	case Exists:
		return true
	case Equal:
		return foldEqual(s, m.Fold)
	case Contains:
		return strings.Contains(schema.Fold(s), m.Fold)
	case Wildcard:
		return m.Glob.Match(schema.Fold(s))
	case Regex:
		return m.Regexp.MatchString(s)
	case CIDR:
		return foldEqual(s, m.Fold) || m.inside(s)
	case Range:
		switch {
		case m.Kind == schema.IP:
			return m.canonical == s && s != "" || m.canonical == "" && m.inside(s)
		case m.Numeric:
			_, f, _, ok := ReadNumber(s)
			return ok && m.MatchFloat(f)
		}
		return m.between(s)
	}
	return false
}

// MatchInt tests an Int, Bool (0 or 1) or Time (ns UTC) value.
func (m *Matcher) MatchInt(v int64) bool {
	if m.Never {
		return false
	}
	switch m.Op {
	case Exists:
		return true
	case Range:
		return m.IntLo <= v && v <= m.IntHi
	case Wildcard:
		return m.Glob.Match(strconv.FormatInt(v, 10))
	case Regex:
		return m.Regexp.MatchString(strconv.FormatInt(v, 10))
	}
	return false
}

// MatchFloat tests a Float value. NaN is equal to nothing and in no range.
func (m *Matcher) MatchFloat(v float64) bool {
	switch {
	case m.Never:
		return false
	case m.Op == Exists:
		return true
	case m.Op != Range:
		return false
	}
	return (v > m.FloatLo || v == m.FloatLo && !m.FloatLoOpen) && (v < m.FloatHi || v == m.FloatHi && !m.FloatHiOpen)
}

func (m *Matcher) inside(s string) bool {
	a, ok := schema.ParseIP(s)
	if !ok {
		return false
	}
	b := a.As16()
	return bytes.Compare(m.AddrLo[:], b[:]) <= 0 && bytes.Compare(b[:], m.AddrHi[:]) <= 0
}

func (m *Matcher) between(s string) bool {
	if m.Lo != nil && (s < m.Lo.Text || s == m.Lo.Text && !m.Lo.Inclusive) {
		return false
	}
	return m.Hi == nil || s < m.Hi.Text || s == m.Hi.Text && m.Hi.Inclusive
}

// foldEqual is Fold(s) == folded, without allocating for ASCII.
func foldEqual(s, folded string) bool {
	if len(s) != len(folded) {
		return !schema.ASCII(s) && schema.Fold(s) == folded
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return schema.Fold(s) == folded
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != folded[i] {
			return !schema.ASCII(s[i:]) && schema.Fold(s) == folded
		}
	}
	return true
}
