package detect

import (
	"regexp/syntax"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// minLiteral is the length of the shortest literal worth looking for.
const minLiteral = 2

// literal is a folded text that stands in the folded form of every value the predicate holds for,
// or "" when there is none. For predicates on the raw text that is so for ASCII values only.
func (p *predicate) literal() string {
	s := ""
	switch p.op {
	case opPrefix, opSuffix, opContains:
		s = p.text
	case opGlob:
		s = p.glob.longest()
	case opRegex:
		re, err := syntax.Parse(p.re.String(), syntax.Perl)
		if err != nil {
			return ""
		}
		s = required(re.Simplify(), 0)
	}
	if p.raw() {
		if !schema.ASCII(s) {
			return ""
		}
		s = strings.ToLower(s)
	}
	if len(s) < minLiteral {
		return ""
	}
	return s
}

// required is the longest text every match of a regular expression contains, in any case.
func required(re *syntax.Regexp, depth int) string {
	if depth > 50 {
		return ""
	}
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0], depth+1)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0], depth+1)
		}
	case syntax.OpConcat:
		best, run := "", ""
		for _, sub := range re.Sub {
			if sub.Op == syntax.OpLiteral {
				if run += string(sub.Rune); len(run) > len(best) {
					best = run
				}
				continue
			}
			run = ""
			if s := required(sub, depth+1); len(s) > len(best) {
				best = s
			}
		}
		return best
	}
	return ""
}
