package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Problem is one thing wrong with a rule file.
type Problem struct {
	File    string
	Pos     Pos
	Rule    string // title or id of the rule, when known
	Text    string // what is wrong
	Hint    string // what may have been meant, or ""
	Line    string // the source line, for the caret
	Warning bool   // the rule works, but an author should look at it
	// Refused names the feature that is not supported ("correlation", "expand" …), "" for a mistake.
	Refused string
}

// String shows the place, the message, and the source line with a caret.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Pos.Line, p.Pos.Col, p.Text)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	if p.Line != "" {
		r := []rune(strings.ReplaceAll(p.Line, "\t", " "))
		from, col := 0, p.Pos.Col-1
		if col > 60 {
			from = min(col-50, len(r))
		}
		fmt.Fprintf(&b, "\n  | %s\n  | %s^", string(r[from:min(len(r), from+110)]), strings.Repeat(" ", max(col-from, 0)))
	}
	return b.String()
}

// Problems are all things wrong with rules, in order of place. It is an error.
type Problems []Problem

func (p Problems) Error() string {
	s := make([]string, len(p))
	for i, x := range p {
		s[i] = x.String()
	}
	return strings.Join(s, "\n")
}

// maxProblems bounds what is said about one file.
const maxProblems = 100

// problems collects what is found wrong in one file.
type problems struct {
	file  string
	lines []string
	rule  string
	list  Problems
	line  int // lines before the document being read
	// errors counts what was said beside warnings, also what the list has no room for.
	errors int
}

func newProblems(file string, src []byte) *problems {
	return &problems{file: file, lines: strings.Split(string(src), "\n")}
}

func (p *problems) put(x Problem) {
	if !x.Warning {
		p.errors++
	}
	if len(p.list) >= maxProblems {
		return
	}
	x.File, x.Rule = p.file, p.rule
	if x.Pos.Line >= 1 && x.Pos.Line <= len(p.lines) {
		line := strings.TrimRight(p.lines[x.Pos.Line-1], "\r")
		x.Line = line[:min(len(line), 2000)]
	}
	if !slices.Contains(p.list, x) {
		p.list = append(p.list, x)
	}
}

func (p *problems) add(at Pos, format string, args ...any) {
	p.put(Problem{Pos: at, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) hint(at Pos, hint, format string, args ...any) {
	p.put(Problem{Pos: at, Hint: hint, Text: fmt.Sprintf(format, args...)})
}

// refuse says that a feature of Sigma is not supported.
func (p *problems) refuse(at Pos, feature, format string, args ...any) {
	p.put(Problem{Pos: at, Refused: feature, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) warn(at Pos, hint, format string, args ...any) {
	p.put(Problem{Pos: at, Hint: hint, Warning: true, Text: fmt.Sprintf(format, args...)})
}

func (p *problems) sorted() Problems {
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Col - b.Pos.Col
	})
	return p.list
}

// suggest returns "did you mean …?" for the nearest of the known words, or "".
func suggest(word string, known []string) string {
	if best := schema.Closest(word, known); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}
