package detect

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/yagura-siem/yagura/internal/schema"
)

// modified is a field name with its modifiers.
type modified struct {
	field  string
	pos    Pos
	at     op // opContains, opPrefix, opSuffix; 0 = whole value
	test   op // opRegex, opCIDR, opPresent, opField or a comparison; 0 = text
	all    bool
	cased  bool
	not    bool
	flags  string   // of the regular expression
	coders []string // encoders in order
}

var knownModifiers = []string{
	"contains", "startswith", "endswith", "all", "exists", "cased", "neq", "windash", "re", "i", "m", "s", "base64", "base64offset",
	"utf16", "utf16le", "utf16be", "wide", "lt", "lte", "gt", "gte", "cidr", "fieldref",
}

// modified reads a key such as "CommandLine|contains|all"; nil after a problem.
func (s *searches) modified(x *pair) *modified {
	parts := strings.Split(x.key, "|")
	m := &modified{field: strings.TrimSpace(parts[0]), pos: x.pos}
	if len(m.field) > 500 {
		s.p.add(x.pos, "a field name has at most 500 bytes")
		return nil
	}
	for _, word := range parts[1:] {
		switch word {
		case "contains":
			m.at = opContains
		case "startswith":
			m.at = opPrefix
		case "endswith":
			m.at = opSuffix
		case "all":
			m.all = true
		case "cased":
			m.cased = true
		case "neq":
			m.not = true
		case "re":
			m.test = opRegex
		case "i", "m", "s":
			if m.test != opRegex {
				s.p.add(x.pos, "%s is a flag of re and stands behind it", word)
				return nil
			}
			m.flags += word
		case "ignorecase", "multiline", "dotall":
			m.flags += word[:1]
			if word == "dotall" {
				m.flags = m.flags[:len(m.flags)-1] + "s"
			}
		case "cidr":
			m.test = opCIDR
		case "exists":
			m.test = opPresent
		case "lt":
			m.test = opLess
		case "lte":
			m.test = opLessEqual
		case "gt":
			m.test = opGreater
		case "gte":
			m.test = opGreaterEqual
		case "fieldref":
			m.test = opField
		case "windash", "base64", "base64offset", "wide", "utf16", "utf16le", "utf16be":
			m.coders = append(m.coders, word)
		case "expand":
			s.p.refuse(x.pos, "expand", "expand needs the list of values of a placeholder: lists are not supported yet")
			return nil
		case "minute", "hour", "day", "week", "month", "year":
			s.p.refuse(x.pos, word, "the modifier %s is not supported", word)
			return nil
		default:
			h := suggest(word, knownModifiers)
			if h == "" {
				h = "known: " + strings.Join(knownModifiers, " ")
			}
			s.p.put(Problem{Pos: x.pos, Hint: h, Refused: "modifier", Text: "unknown modifier " + quote(word)})
			return nil
		}
	}
	if m.at != 0 && m.test != 0 && m.test != opField && m.test != opRegex || len(m.coders) > 0 && m.test != 0 || len(m.coders) > 4 {
		s.p.add(x.pos, "the modifiers of %s do not go together", quote(x.key))
		return nil
	}
	if m.field == "" && m.test != 0 && m.test != opRegex {
		s.p.add(x.pos, "this modifier needs a field name before it")
		return nil
	}
	return m
}

// predicates makes the tests for one value: one of them must hold.
func (m *modified) predicates(p *problems, v *value) []*predicate {
	base := predicate{field: m.field, shown: v.text, cased: m.cased}
	fail := func(format string, args ...any) []*predicate {
		p.add(v.pos, format, args...)
		return nil
	}
	if v.kind == yamlNull || v.kind == yamlText && v.text == "" && m.test == 0 && m.at == 0 {
		if m.field == "" {
			return fail("a keyword cannot be empty")
		}
		if m.test != 0 || m.at != 0 || len(m.coders) > 0 {
			return fail("nothing cannot be compared with this modifier")
		}
		base.op = opAbsent
		return []*predicate{&base}
	}
	switch m.test {
	case opPresent:
		if v.kind != yamlBool && v.text != "true" && v.text != "false" {
			return fail("exists: want true or false")
		}
		base.op = opPresent
		if v.text == "false" {
			base.op = opAbsent
		}
		return []*predicate{&base}
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		n, ok := number(v.text)
		if !ok {
			return fail("want a number, not %s", quote(v.text))
		}
		base.op, base.bound = m.test, n
		return []*predicate{&base}
	case opCIDR:
		net, err := netip.ParsePrefix(v.text)
		if err != nil {
			if a, ok := schema.ParseIP(v.text); ok {
				net, err = a.Prefix(a.BitLen())
			}
		}
		if err != nil {
			return fail("want a network such as 10.0.0.0/8, not %s", quote(v.text))
		}
		if a := net.Addr(); a.Is4In6() && net.Bits() >= 96 {
			net = netip.PrefixFrom(a.Unmap(), net.Bits()-96)
		}
		base.op, base.net = opCIDR, net.Masked()
		return []*predicate{&base}
	case opField:
		base.op, base.ref, base.how = opField, v.text, m.at
		if base.how == 0 {
			base.how = opEqual
		}
		return []*predicate{&base}
	case opRegex:
		flags := ""
		if m.flags != "" {
			flags = "(?" + m.flags + ")"
		}
		re, err := regexp.Compile(flags + v.text)
		if err != nil {
			return fail("regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		base.op, base.re = opRegex, re
		return []*predicate{&base}
	}
	return m.texts(base, p, v)
}

// texts makes the tests of a text value.
func (m *modified) texts(base predicate, p *problems, v *value) []*predicate {
	texts, encoded := []string{v.text}, false
	for _, c := range m.coders {
		var next []string
		for _, s := range texts {
			next = append(next, encode(c, s)...)
		}
		if texts = next; c != "windash" {
			encoded = true
		}
	}
	at := m.at
	if at == 0 && m.field == "" {
		at = opContains // a keyword stands anywhere
	}
	var out []*predicate
	for _, s := range texts {
		x := base
		var g glob
		if encoded {
			x.cased = true // the case of encoded text has a meaning
			g = glob{s}
		} else {
			g = newGlob(s, !x.cased)
		}
		if len(m.coders) > 0 {
			x.shown = s
		}
		g = g.wrap(at == opContains || at == opSuffix, at == opContains || at == opPrefix)
		x.set(g)
		if x.op == opEqual {
			x.numberOrIP()
		}
		if x.op == opPresent && x.field == "" {
			p.add(v.pos, "a keyword that is always there matches every event")
			return nil
		}
		out = append(out, &x)
	}
	return out
}

// set chooses the cheapest test that says what a pattern says.
func (x *predicate) set(g glob) {
	n := len(g)
	switch {
	case !g.simple():
		x.op, x.glob = opGlob, g
	case n == 1:
		x.op, x.text = opEqual, g[0]
	case n == 2 && g[0] == "" && g[1] == "":
		x.op = opPresent
	case n == 2 && g[0] == "":
		x.op, x.text = opSuffix, g[1]
	case n == 2 && g[1] == "":
		x.op, x.text = opPrefix, g[0]
	case n == 3 && g[0] == "" && g[2] == "":
		x.op, x.text = opContains, g[1]
	default:
		x.op, x.glob = opGlob, g
	}
}

// numberOrIP adds the other spellings of numbers and addresses.
func (x *predicate) numberOrIP() {
	if v, ok := number(x.text); ok {
		if s := strconv.FormatFloat(v, 'f', -1, 64); s != x.text && len(s) < 30 {
			x.num = s
		}
	}
	if a, ok := schema.ParseIP(x.text); ok {
		if s := a.String(); s != x.text {
			x.ip = s
		}
	}
}

var dashes = []string{"-", "/", "–", "—", "―"}

// encode gives the forms of a text under an encoder.
func encode(coder, s string) []string {
	switch coder {
	case "base64":
		return []string{base64.StdEncoding.EncodeToString([]byte(s))}
	case "base64offset":
		var out []string
		for i, cut := range []int{0, 2, 3} {
			e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
			end := len(e) - []int{0, 3, 2}[(len(s)+i)%3]
			if cut < end {
				out = append(out, e[cut:end])
			}
		}
		return slices.Compact(out)
	case "wide", "utf16le":
		return []string{string(utf16Bytes(s, false))}
	case "utf16be":
		return []string{string(utf16Bytes(s, true))}
	case "utf16":
		return []string{"\xff\xfe" + string(utf16Bytes(s, false))}
	case "windash":
		return dashForms(s)
	}
	return []string{s}
}

func utf16Bytes(s string, big bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

// maxDashes is the number of option dashes of which every mixture is made; more of them change
// together.
const maxDashes = 3

// dashForms replaces the dash or slash of command line options by every character that Windows
// takes for one.
func dashForms(s string) []string {
	var places []int
	for i := 0; i < len(s); i++ {
		if (s[i] == '-' || s[i] == '/') && (i == 0 || !wordByte(s[i-1])) && i+1 < len(s) && wordByte(s[i+1]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return []string{s}
	}
	if len(places) > maxDashes {
		out := []string{s}
		for _, d := range dashes {
			b := s
			for i := len(places) - 1; i >= 0; i-- {
				b = b[:places[i]] + d + b[places[i]+1:]
			}
			out = append(out, b)
		}
		return out
	}
	out := []string{s}
	for i := len(places) - 1; i >= 0; i-- {
		var next []string
		for _, b := range out {
			for _, d := range dashes {
				next = append(next, b[:places[i]]+d+b[places[i]+1:])
			}
		}
		out = next
	}
	return out
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
