package detect_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/event"
)

// generator makes rules of values that stand in batches, changed a little.
type generator struct {
	rng     *rand.Rand
	batches []*event.Batch
	n       int
}

func (g *generator) rule() string {
	g.n++
	var b strings.Builder
	fmt.Fprintf(&b, "title: rule %d\nid: generated-%d\nlogsource: {service: generated}\ndetection:\n", g.n, g.n)
	var names []string
	for i := range 1 + g.rng.IntN(4) {
		name := fmt.Sprintf("s%d", i)
		names = append(names, name)
		switch g.rng.IntN(6) {
		case 0: // keywords
			fmt.Fprintf(&b, "  %s:\n", name)
			for range 1 + g.rng.IntN(3) {
				_, v := g.value()
				fmt.Fprintf(&b, "    - %s\n", quoted(g.piece(v)+g.tail()))
			}
		case 1: // list of maps
			fmt.Fprintf(&b, "  %s:\n    - %s\n    - %s\n", name, g.test(), g.test())
		default:
			fmt.Fprintf(&b, "  %s:\n", name)
			keys := map[string]bool{}
			for range 1 + g.rng.IntN(3) {
				line := g.test()
				key, _, _ := strings.Cut(line, ": ")
				if !keys[key] {
					keys[key] = true
					fmt.Fprintf(&b, "    %s\n", line)
				}
			}
		}
	}
	cond := names[0]
	for _, n := range names[1:] {
		cond += []string{" and ", " or ", " and not "}[g.rng.IntN(3)] + n
	}
	switch g.rng.IntN(6) {
	case 0:
		cond = "1 of s*"
	case 1:
		cond = "all of s*"
	case 2:
		cond = "not (" + cond + ")"
	}
	fmt.Fprintf(&b, "  condition: %s\n", cond)
	return b.String()
}

// test is one line of a map, with values that may be there.
func (g *generator) test() string {
	field, v := g.value()
	if g.rng.IntN(8) == 0 {
		field = strings.ToUpper(field)
	}
	if i := strings.LastIndexByte(field, '.'); i > 0 && g.rng.IntN(8) == 0 {
		field = field[:i] // the object around it
		return quoted(field+"|contains") + ": " + quoted(g.piece(v))
	}
	bare := quoted(field)
	key := func(mods string) string { return bare[:len(bare)-1] + mods + `"` }
	switch g.rng.IntN(14) {
	case 0:
		return key("") + ": null"
	case 1:
		return key("|contains") + ": " + quoted(g.piece(v))
	case 2:
		return key("|startswith") + ": " + quoted(v[:cut(v, len(v)/2)])
	case 3:
		return key("|endswith") + ": " + quoted(v[cut(v, len(v)/2):]+g.tail())
	case 4:
		return key("|re") + ": " + quoted(fmt.Sprintf("(?i)%s.*", strings.Map(word, g.piece(v))))
	case 5:
		return key("|cidr") + ": " + []string{`"203.0.113.0/24"`, `"10.0.0.0/8"`, `"2001:db8::/32"`}[g.rng.IntN(3)]
	case 6:
		return key("|exists") + []string{": true", ": false"}[g.rng.IntN(2)]
	case 7:
		return key([]string{"|gt", "|lte"}[g.rng.IntN(2)]) + fmt.Sprintf(": %d", g.rng.IntN(500))
	case 8:
		other, _ := g.value()
		return key("|fieldref") + ": " + quoted(other)
	case 9:
		return key("|cased") + ": " + quoted(v)
	case 10:
		p := g.piece(v)
		return key("") + ": " + quoted("*"+p[:cut(p, len(p)/2)]+"*?"+p[min(len(p), cut(p, len(p)/2)+1):]+"*")
	case 11:
		other, w := g.value()
		_ = other
		return key("|contains|all") + fmt.Sprintf(": [%s, %s]", quoted(g.piece(v)), quoted(g.piece(w)))
	case 12:
		return key("") + ": '*'"
	}
	return key("") + ": " + quoted(strings.ToUpper(v))
}

func word(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '.'
}

func (g *generator) tail() string {
	if g.rng.IntN(6) == 0 {
		return "x"
	}
	return ""
}

// value is a field and a text that some row has in it.
func (g *generator) value() (field, text string) {
	for {
		b := g.batches[g.rng.IntN(len(g.batches))]
		doc := b.Document(g.rng.IntN(b.Rows))
		var names []string
		for n := range doc {
			if n != event.IDField {
				names = append(names, n)
			}
		}
		slices.Sort(names)
		name := names[g.rng.IntN(len(names))]
		switch v := doc[name].(type) {
		case string:
			return name, v
		case []string:
			return name, v[g.rng.IntN(len(v))]
		case map[string]string:
			var keys []string
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			k := keys[g.rng.IntN(len(keys))]
			return strings.ReplaceAll(k, "[]", ""), v[k]
		case int64, bool, float64:
			return name, fmt.Sprint(v)
		}
	}
}

// piece is a part of a text.
func (g *generator) piece(s string) string {
	if len(s) < 4 {
		return s + "a"
	}
	from := cut(s, g.rng.IntN(len(s)-3))
	to := cut(s, from+3+g.rng.IntN(len(s)-from-2))
	return s[from:max(to, cut(s, from+3))]
}

// cut moves a place in a text to the start of a character.
func cut(s string, i int) int {
	for i = min(i, len(s)); i < len(s) && !utf8.RuneStart(s[i]); i++ {
	}
	return i
}

// quoted is a text as YAML in double quotes.
func quoted(s string) string {
	if len(s) > 400 {
		s = s[:cut(s, 400)]
	}
	return string(event.AppendJSONString(nil, s))
}
