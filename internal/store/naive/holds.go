package naive

import (
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Value is one value of a field: Text for texts and addresses, Int for int, bool and time,
// Float for float. Undeclared leaves are of kind Map.
type Value struct {
	Kind  schema.Kind
	Text  string
	Int   int64
	Float float64
}

// Values returns what an event has under a name.
func Values(r Record, field string) []Value {
	switch field {
	case "@timestamp":
		return []Value{{Kind: schema.Time, Int: r.Time.UnixNano()}}
	case "event.id", "_id":
		return []Value{{Kind: schema.String, Text: r.ID}}
	case "event.module", "event.dataset", "yagura.log_type":
		return []Value{{Kind: schema.String, Text: r.LogType}}
	case "event.original":
		if s, ok := r.Fields[field].(string); ok && s != "" {
			return []Value{{Kind: schema.String, Text: s}}
		}
		return nil
	}
	column := r.Table.Index(field)
	if column < 0 {
		leaves, _ := r.Fields[NativeField].(map[string]string)
		if s := leaves[field]; s != "" {
			return []Value{{Kind: schema.Map, Text: s}}
		}
		return nil
	}
	kind := r.Table.Fields[column].Kind.Element()
	switch v := r.Fields[field].(type) {
	case nil:
		return nil
	case string:
		return []Value{{Kind: kind, Text: v}}
	case []string:
		var out []Value
		for _, s := range v {
			out = append(out, Value{Kind: kind, Text: s})
		}
		return out
	case int64:
		return []Value{{Kind: kind, Int: v}}
	case float64:
		return []Value{{Kind: kind, Float: v}}
	case bool:
		if v {
			return []Value{{Kind: kind, Int: 1}}
		}
		return []Value{{Kind: kind, Int: 0}}
	case time.Time:
		return []Value{{Kind: kind, Int: v.UnixNano()}}
	default:
		panic(fmt.Sprintf("field %s holds a %T", field, v))
	}
}

// judge keeps the regular expressions of one query.
type judge map[string]*regexp.Regexp

func (j judge) match(pattern, text string) bool {
	if j[pattern] == nil {
		j[pattern] = regexp.MustCompile(pattern)
	}
	return j[pattern].MatchString(text)
}

// holds says whether a condition holds for an event.
func (j judge) holds(n expr.Node, r Record) bool {
	switch n := n.(type) {
	case *expr.And:
		for _, c := range n.Nodes {
			if !j.holds(c, r) {
				return false
			}
		}
		return true
	case *expr.Or:
		for _, c := range n.Nodes {
			if j.holds(c, r) {
				return true
			}
		}
		return false
	case *expr.Not:
		return !j.holds(n.Node, r)
	case *expr.FreeText:
		pattern := regexp.QuoteMeta(schema.Fold(n.Text))
		if n.Wildcard {
			pattern = globPattern(n.Text)
		}
		for _, f := range []string{"message", "event.original"} {
			for _, v := range Values(r, f) {
				if j.match("(?s)"+pattern, schema.Fold(v.Text)) {
					return true
				}
			}
		}
		return false
	case *expr.Predicate:
		for _, f := range j.names(n.Field, r) {
			for _, v := range Values(r, f) {
				if j.test(n, f, v) {
					return true
				}
			}
		}
		return false
	}
	panic(fmt.Sprintf("unknown node %T", n))
}

// names returns the fields a predicate is about.
func (j judge) names(field string, r Record) []string {
	if !strings.Contains(field, "*") {
		return []string{field}
	}
	parts := strings.Split(field, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	pattern := "(?s)^" + strings.Join(parts, ".*") + "$"
	var out []string
	for _, f := range r.Table.Fields {
		if j.match(pattern, f.Name) {
			out = append(out, f.Name)
		}
	}
	leaves, _ := r.Fields[NativeField].(map[string]string)
	for name := range leaves {
		if j.match(pattern, name) && r.Table.Index(name) < 0 {
			out = append(out, name)
		}
	}
	return out
}

// globPattern turns a text with stars into a folded regular expression.
func globPattern(text string) string {
	var pattern, piece strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			piece.WriteByte(text[i])
		case text[i] == '*':
			pattern.WriteString(regexp.QuoteMeta(schema.Fold(piece.String())) + ".*")
			piece.Reset()
		default:
			piece.WriteByte(text[i])
		}
	}
	return pattern.String() + regexp.QuoteMeta(schema.Fold(piece.String()))
}

// test says whether one value satisfies a predicate.
func (j judge) test(p *expr.Predicate, field string, v Value) bool {
	text := v.Kind == schema.String || v.Kind == schema.Map
	prose := field == "message" || field == "event.original"
	seen := v.Text // the text that wildcards and expressions see
	if v.Kind == schema.Int {
		seen = fmt.Sprint(v.Int)
	}
	switch p.Op {
	case expr.Exists:
		return true
	case expr.Equal:
		switch {
		case !text:
			return compare(p.Text, v, func(c int) bool { return c == 0 })
		case p.Text == "":
			return false
		case prose:
			return strings.Contains(schema.Fold(v.Text), schema.Fold(p.Text))
		}
		return schema.Fold(v.Text) == schema.Fold(p.Text)
	case expr.Wildcard:
		pattern := globPattern(p.Text)
		if !prose {
			pattern = "^" + pattern + "$"
		}
		return seen != "" && j.match("(?s)"+pattern, schema.Fold(seen))
	case expr.Regex:
		return seen != "" && j.match(p.Text, seen)
	case expr.CIDR:
		if text && schema.Fold(v.Text) == schema.Fold(p.Text) {
			return true
		}
		return inside(p.Net, v.Text)
	case expr.Range:
		if v.Kind == schema.Map && number(p.Lo) && number(p.Hi) {
			_, f, _, ok := expr.ReadNumber(v.Text)
			if !ok {
				return false
			}
			v = Value{Kind: schema.Float, Float: f}
		}
		if v.Kind == schema.Bool || v.Kind == schema.IP && (network(p.Lo) || network(p.Hi)) {
			return false
		}
		return (p.Lo == nil || compare(p.Lo.Text, v, func(c int) bool { return c > 0 || c == 0 && p.Lo.Inclusive })) &&
			(p.Hi == nil || compare(p.Hi.Text, v, func(c int) bool { return c < 0 || c == 0 && p.Hi.Inclusive }))
	}
	panic(fmt.Sprintf("unknown operation %d", p.Op))
}

func number(b *expr.Bound) bool {
	if b == nil {
		return true
	}
	_, _, _, ok := expr.ReadNumber(b.Text)
	return ok
}

func network(b *expr.Bound) bool {
	if b == nil {
		return false
	}
	_, err := netip.ParsePrefix(b.Text)
	return err == nil
}

func inside(net netip.Prefix, text string) bool {
	a, ok := schema.ParseIP(text)
	if !ok {
		return false
	}
	if net.Addr().Is6() && a.Is4() {
		return net.Contains(netip.AddrFrom16(a.As16())) || v4in6(net, a)
	}
	return net.Contains(a)
}

// v4in6 looks for an IPv4 address where it stands among the 16-byte forms; the standard
// library keeps the two apart.
func v4in6(net netip.Prefix, a netip.Addr) bool {
	b, n := a.As16(), net.Addr().As16()
	for i := range net.Bits() {
		if (b[i/8]^n[i/8])&(0x80>>(i%8)) != 0 {
			return false
		}
	}
	return true
}

// compare reads a literal by the kind of the value and asks want about the sign of value −
// literal: −1, 0, 1. A literal that does not fit makes it false. An interval of time is
// equal to every time inside it, a network to every address.
func compare(literal string, v Value, want func(int) bool) bool {
	switch v.Kind {
	case schema.String, schema.Map:
		return want(strings.Compare(v.Text, literal))
	case schema.Int:
		if _, _, _, ok := expr.ReadNumber(literal); !ok {
			return false
		}
		lit, ok := new(big.Rat).SetString(literal)
		return ok && want(new(big.Rat).SetInt64(v.Int).Cmp(lit))
	case schema.Float:
		_, f, _, ok := expr.ReadNumber(literal)
		switch {
		case !ok:
			return false
		case v.Float < f:
			return want(-1)
		case v.Float > f:
			return want(1)
		}
		return v.Float == f && want(0)
	case schema.Bool:
		fold := schema.Fold(literal)
		return (fold == "true" && v.Int == 1 || fold == "false" && v.Int == 0) && want(0)
	case schema.Time:
		from, to, ok := expr.ReadTime(literal, time.Time{}, nil)
		switch {
		case !ok:
			return false
		case v.Int < from:
			return want(-1)
		case v.Int >= to:
			return want(1)
		}
		return want(0)
	case schema.IP:
		a, ok := schema.ParseIP(v.Text)
		if net, err := netip.ParsePrefix(literal); err == nil {
			return inside(net, v.Text) && want(0)
		}
		lit, fits := schema.ParseIP(literal)
		return ok && fits && want(netip.AddrFrom16(a.As16()).Compare(netip.AddrFrom16(lit.As16())))
	}
	return false
}
