package lake

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

// testText tests one text value, or the text of an address.
func (g *group) testText(x value, m *expr.Matcher) string {
	switch m.Op {
	case expr.Equal:
		return g.folded(x, m.Fold, m.Match, func(lower string) string { return lower + " = " + quote(m.Fold) })
	case expr.Contains:
		return g.folded(x, m.Fold, m.Match, func(lower string) string { return "contains(" + lower + ", " + quote(m.Fold) + ")" })
	case expr.Wildcard:
		return g.glob(x, m.Glob, m.Match)
	case expr.Regex:
		return g.regex(x, m)
	case expr.Range:
		if m.Numeric {
			return g.call(x.sql, m.Match)
		}
		return textRange(x.sql, m)
	}
	return g.call(x.sql, m.Match) // a network in a field of texts
}

func textRange(x string, m *expr.Matcher) string {
	var conds []string
	if m.Lo != nil {
		conds = append(conds, x+open(" >", !m.Lo.Inclusive)+quote(m.Lo.Text))
	}
	if m.Hi != nil {
		conds = append(conds, x+open(" <", !m.Hi.Inclusive)+quote(m.Hi.Text))
	}
	if len(conds) == 0 {
		return "(" + x + " IS NOT NULL)"
	}
	return "(" + strings.Join(conds, " AND ") + ")"
}

// glob tests the folded text of a value.
func (g *group) glob(x value, glob expr.Glob, match func(string) bool) string {
	return g.folded(x, strings.Join(glob.Parts, ""), match, func(lower string) string { return likeSQL(lower, glob.Parts) })
}

// likeSQL is LIKE, or what the engine would make of simple patterns if it saw through the
// function around the text.
func likeSQL(x string, parts []string) string {
	n := len(parts)
	switch {
	case n == 1:
		return x + " = " + quote(parts[0])
	case n == 2 && parts[1] == "":
		return "starts_with(" + x + ", " + quote(parts[0]) + ")"
	case n == 2 && parts[0] == "":
		return "ends_with(" + x + ", " + quote(parts[1]) + ")"
	case n == 3 && parts[0] == "" && parts[2] == "":
		return "contains(" + x + ", " + quote(parts[1]) + ")"
	}
	return x + " LIKE " + likePattern(parts)
}

// folded compares the folded value with folded needles. The engine lower-cases what is ASCII;
// the rest is folded in Go, where folding is defined. needle is all needles in one text.
func (g *group) folded(x value, needle string, match func(string) bool, native func(lower string) string) string {
	ascii := schema.ASCII(needle)
	if !x.stats.nonASCII {
		if !ascii {
			return sqlFalse // the fold of ASCII is ASCII
		}
		return "(" + native(lowerSQL(x, needle)) + ")"
	}
	wide := "strlen(" + x.sql + ") <> length(" + x.sql + ")"
	if !ascii {
		return "(CASE WHEN " + wide + " THEN " + g.call(x.sql, match) + " ELSE false END)"
	}
	return "(CASE WHEN " + wide + " THEN " + g.call(x.sql, match) + " ELSE " + native(lowerSQL(x, needle)) + " END)"
}

// lowerSQL lower-cases a text, unless that cannot matter: addresses are lower-case, and a
// needle without letters fits only itself.
func lowerSQL(x value, needle string) string {
	if x.kind == schema.IP {
		return x.sql
	}
	for i := 0; i < len(needle); i++ {
		if c := needle[i]; 'a' <= c && c <= 'z' {
			return "lower(" + x.sql + ")"
		}
	}
	return x.sql
}

// regex uses the engine's RE2 where it accepts the pattern, else Go's.
func (g *group) regex(x value, m *expr.Matcher) string {
	if g.plan.nativeRegex(m.Regexp.String()) {
		return "regexp_matches(" + x.sql + ", " + quote(m.Regexp.String()) + ")"
	}
	return g.call(x.sql, m.Match)
}

// nativeRegex reports whether the engine reads a pattern. Both speak RE2; the engine refuses
// what its older version or its memory bound cannot take.
func (p *plan) nativeRegex(pattern string) bool {
	ok, known := p.regexes[pattern]
	if !known {
		err := p.lake.engine.query(context.Background(), "SELECT regexp_matches('', "+quote(pattern)+")", func([]any) error { return nil })
		ok = err == nil
		if p.regexes == nil {
			p.regexes = map[string]bool{}
		}
		p.regexes[pattern] = ok
	}
	return ok
}

// call tests a text in Go.
func (g *group) call(x string, match func(string) bool) string {
	id := g.plan.lake.engine.functions.add(match)
	g.plan.ids = append(g.plan.ids, id)
	return matchFunction + "(" + strconv.FormatInt(id, 10) + ", " + x + ")"
}

// addrText is the canonical text of a 16-byte address.
func addrText(a [16]byte) string { return netip.AddrFrom16(a).Unmap().String() }
