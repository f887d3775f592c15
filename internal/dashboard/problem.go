package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Problem is one thing wrong with a dashboard. Lines and columns count characters from 1.
type Problem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path,omitempty"` // panels[3].query
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Warning: it works, but an author should look at it.
	Warning bool `json:"warning,omitempty"`
}

func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Problems are all things wrong with a dashboard, in order of place. It is an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Fatal are those that are no mere warnings.
func (p Problems) Fatal() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(x Problem) bool { return x.Warning })
}

const maxProblems = 100

// report collects problems of one file.
type report struct {
	file   string
	places map[string]place
	list   Problems
}

// place is where a value stands in the file.
type place struct {
	line, column int
	// inline: the text of the value begins at the place (after shift characters) and goes on in
	// one line, so that a column of the text is a column of the file.
	inline bool
	shift  int
}

func (r *report) at(line, column int, path, hint, format string, args ...any) {
	if len(r.list) < maxProblems {
		p := Problem{File: r.file, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint}
		if !slices.Contains(r.list, p) {
			r.list = append(r.list, p)
		}
	}
}

// add reports at a path; a path without a place is reported at its nearest parent.
func (r *report) add(path, hint, format string, args ...any) {
	p := r.place(path)
	r.at(p.line, p.column, path, hint, format, args...)
}

func (r *report) warn(path, hint, format string, args ...any) {
	n := len(r.list)
	r.add(path, hint, format, args...)
	for i := n; i < len(r.list); i++ {
		r.list[i].Warning = true
	}
}

func (r *report) place(path string) place {
	for {
		if p, ok := r.places[path]; ok {
			return p
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return place{line: 1, column: 1}
		}
		path = path[:i]
	}
}

func (r *report) sorted() Problems {
	slices.SortStableFunc(r.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.list
}

// suggest returns "did you mean …?" for the nearest of known words, else what is known.
func suggest(word string, known []string) string {
	if best := schema.Closest(word, known); best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(known, ", ")
}
