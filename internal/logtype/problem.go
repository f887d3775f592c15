package logtype

import (
	"fmt"
	"sort"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Pos is a place in a definition file, counted from 1.
type Pos struct{ Line, Col int }

// Problem is one thing wrong with a definition.
type Problem struct {
	File string
	Pos  Pos
	Text string // what is wrong
	Hint string // what may have been meant, or ""
	Line string // the source line, for the caret
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

// Problems are all things wrong with a definition, in order of place. It is an error.
type Problems []Problem

func (p Problems) Error() string {
	s := make([]string, len(p))
	for i, x := range p {
		s[i] = x.String()
	}
	return strings.Join(s, "\n")
}

// problems collects what is found wrong in one file.
type problems struct {
	file  string
	lines []string
	list  Problems
}

func newProblems(file string, src []byte) *problems {
	return &problems{file: file, lines: strings.Split(string(src), "\n")}
}

const maxProblems = 100

func (p *problems) add(at Pos, format string, args ...any) { p.hint(at, "", format, args...) }

func (p *problems) hint(at Pos, hint, format string, args ...any) {
	if len(p.list) >= maxProblems {
		return
	}
	x := Problem{File: p.file, Pos: at, Text: fmt.Sprintf(format, args...), Hint: hint}
	if at.Line >= 1 && at.Line <= len(p.lines) {
		x.Line = strings.TrimRight(p.lines[at.Line-1], "\r")
	}
	for _, y := range p.list {
		if y == x {
			return
		}
	}
	p.list = append(p.list, x)
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	sort.SliceStable(p.list, func(i, j int) bool {
		a, b := p.list[i].Pos, p.list[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
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
