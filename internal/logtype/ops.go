package logtype

import (
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// op is one text transform of one text. ok false drops the text.
type op interface {
	apply(e *env, s string) (string, bool)
}

// opSource applies text transforms to the values of another source.
type opSource struct {
	of   source
	ops  []opStep
	many bool // the result is a list
	wide bool // a step needs all values at hand; a split followed by an index does not
}

// opStep is an op, or one of the three that change how many values there are.
type opStep struct {
	op
	split    string
	index    int
	hasIndex bool
	distinct bool
}

func (s *opSource) list() bool { return s.many }

func (s *opSource) value(e *env) parse.Value {
	if s.many || s.wide {
		vals := s.values(e, e.borrow())
		var v parse.Value
		if len(vals) > 0 {
			v = vals[0]
		}
		e.giveBack(vals)
		return v
	}
	return s.through(e, s.of.value(e))
}

// spreads computes wide.
func (s *opSource) spreads() bool {
	for i, st := range s.ops {
		if st.distinct || st.hasIndex || st.split != "" && (i+1 >= len(s.ops) || !s.ops[i+1].hasIndex) {
			if st.hasIndex && i > 0 && s.ops[i-1].split != "" {
				continue
			}
			return true
		}
	}
	return s.of.list()
}

// through takes one value through all steps; a split is followed by an index here.
func (s *opSource) through(e *env, v parse.Value) parse.Value {
	if !v.Scalar() {
		return parse.Value{}
	}
	text := e.text(v)
	for i := 0; i < len(s.ops); i++ {
		st := &s.ops[i]
		if st.split != "" {
			i++
			text = part(text, st.split, s.ops[i].index)
		} else {
			var ok bool
			if text, ok = st.apply(e, text); !ok {
				return parse.Value{}
			}
		}
		if text == "" {
			return parse.Value{}
		}
	}
	kind := parse.Text
	if v.Kind >= parse.Number && text == v.Text {
		kind = v.Kind
	}
	return parse.Value{Text: text, Kind: kind}
}

func (s *opSource) values(e *env, out []parse.Value) []parse.Value {
	if !s.many && !s.wide {
		return appendPresent(out, s.value(e))
	}
	n := len(out)
	out = s.of.values(e, out)
	for i := 0; i < len(s.ops); i++ {
		st := &s.ops[i]
		switch {
		case st.split != "":
			from := e.borrow()
			from = append(from, out[n:]...)
			out = out[:n]
			for _, v := range from {
				for text := e.text(v); text != ""; {
					one, rest, more := strings.Cut(text, st.split)
					if one = strings.TrimSpace(one); one != "" {
						out = append(out, textValue(one))
					}
					if !more {
						break
					}
					text = rest
				}
			}
			e.giveBack(from)
		case st.hasIndex:
			k := st.index
			if k < 0 {
				k += len(out) - n
			}
			if k < 0 || k >= len(out)-n {
				return out[:n]
			}
			out = append(out[:n], out[n+k])
		case st.distinct:
			out = distinct(e, out, n)
		default:
			k := n
			for _, v := range out[n:] {
				if !v.Scalar() {
					continue
				}
				if text, ok := st.apply(e, e.text(v)); ok && text != "" {
					out[k] = textValue(text)
					k++
				}
			}
			out = out[:k]
		}
	}
	return out
}

// distinct keeps the first of equal texts among out[n:].
func distinct(e *env, out []parse.Value, n int) []parse.Value {
	k := n
next:
	for i := n; i < len(out); i++ {
		v := out[i]
		if v.Kind == parse.Escaped || v.Kind == parse.Quoted {
			v = textValue(e.text(v))
		}
		for j := n; j < k; j++ {
			if out[j].Text == v.Text {
				continue next
			}
		}
		out[k] = v
		k++
	}
	return out[:k]
}

// part is the i-th piece of a split text, counted from the end when negative.
func part(s, sep string, i int) string {
	if i < 0 {
		for ; i < -1; i++ {
			k := strings.LastIndex(s, sep)
			if k < 0 {
				return ""
			}
			s = s[:k]
		}
		if k := strings.LastIndex(s, sep); k >= 0 {
			s = s[k+len(sep):]
		}
		return strings.TrimSpace(s)
	}
	for ; i > 0; i-- {
		_, rest, ok := strings.Cut(s, sep)
		if !ok {
			return ""
		}
		s = rest
	}
	s, _, _ = strings.Cut(s, sep)
	return strings.TrimSpace(s)
}

type stripPrefix string

func (o stripPrefix) apply(_ *env, s string) (string, bool) {
	return strings.TrimPrefix(s, string(o)), true
}

type stripSuffix string

func (o stripSuffix) apply(_ *env, s string) (string, bool) {
	return strings.TrimSuffix(s, string(o)), true
}

type before string

func (o before) apply(_ *env, s string) (string, bool) {
	s, _, _ = strings.Cut(s, string(o))
	return s, true
}

type after string

func (o after) apply(_ *env, s string) (string, bool) {
	_, s, ok := strings.Cut(s, string(o))
	return s, ok
}

type afterLast string

func (o afterLast) apply(_ *env, s string) (string, bool) {
	if i := strings.LastIndex(s, string(o)); i >= 0 {
		s = s[i+len(o):]
	}
	return s, true
}

type lowerCase struct{}

func (lowerCase) apply(e *env, s string) (string, bool) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' || c >= 0x80 {
			return strings.ToLower(s), true
		}
	}
	return s, true
}

type upperCase struct{}

func (upperCase) apply(_ *env, s string) (string, bool) { return strings.ToUpper(s), true }

type decodeBase64 struct{}

func (decodeBase64) apply(e *env, s string) (string, bool) {
	s = strings.TrimRight(s, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(s); err == nil {
			return strings.ToValidUTF8(string(b), "\uFFFD"), true
		}
	}
	e.fails++
	return "", false
}

type decodeURL struct{}

func (decodeURL) apply(e *env, s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0:
			b = append(b, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), true
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// matchRegex keeps what matches; answers are remembered since texts repeat.
type matchRegex struct {
	re *regexp.Regexp
	id int // of the memory in env
}

const maxMemo = 4096

func (o *matchRegex) apply(e *env, s string) (string, bool) {
	m := e.regexes[o.id]
	if r, ok := m[s]; ok {
		return r.text, r.ok
	}
	if m == nil || len(m) >= maxMemo {
		m = make(map[string]memo)
		e.regexes[o.id] = m
	}
	s = strings.Clone(s)
	r := memo{}
	if loc := o.re.FindStringSubmatchIndex(s); loc != nil {
		r = memo{s, true}
		if len(loc) > 2 {
			r.text = ""
			for g := 2; g+1 < len(loc); g += 2 {
				if loc[g] >= 0 {
					r.text = s[loc[g]:loc[g+1]]
					break
				}
			}
		}
	}
	if len(s) <= 512 {
		m[s] = r
	}
	return r.text, r.ok
}

// mapText maps exact texts.
type mapText struct {
	few  []MapPair
	many map[string]MapPair
	els  string
	drop bool // unknown texts are dropped
	has  bool // unknown texts become els
}

func newMapText(o TextOp) *mapText {
	m := &mapText{few: o.Map, drop: o.NoElse}
	if o.Else != nil && len(o.Else.Texts) > 0 {
		m.has, m.els = true, o.Else.Texts[0]
	}
	if len(o.Map) > 8 {
		m.many = map[string]MapPair{}
		for _, p := range o.Map {
			m.many[p.From] = p
		}
	}
	return m
}

func (o *mapText) apply(_ *env, s string) (string, bool) {
	if o.many != nil {
		if p, ok := o.many[s]; ok {
			return p.To, !p.Null
		}
	} else {
		for i := range o.few {
			if o.few[i].From == s {
				return o.few[i].To, !o.few[i].Null
			}
		}
	}
	if o.has {
		return o.els, true
	}
	return s, !o.drop
}
