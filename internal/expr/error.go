package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Error is a text that is no condition (or no query): where, why, and what to write instead.
type Error struct {
	Source string // the whole text
	Pos    int    // byte offset of the fault in Source
	End    int    // first byte after it; Pos when it is a point
	Reason string
	Hint   string // what to write instead; may be empty
}

// Error is one line without the source text. The column counts characters from 1.
func (e *Error) Error() string {
	line, column := e.place()
	where := fmt.Sprintf("column %d", column)
	if line > 1 {
		where = fmt.Sprintf("line %d, column %d", line, column)
	}
	if e.Hint == "" {
		return where + ": " + e.Reason
	}
	return where + ": " + e.Reason + "; " + e.Hint
}

func (e *Error) place() (line, column int) {
	before := e.Source[:min(e.Pos, len(e.Source))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// How much of a long line is shown on each side of the fault.
const showBefore, showAfter = 60, 30

// Show is the message with the line at fault and a caret below it, three lines in all. Control
// and bidirectional characters of the source are replaced, so it is safe on a terminal.
func (e *Error) Show() string {
	pos := min(e.Pos, len(e.Source))
	start := strings.LastIndexByte(e.Source[:pos], '\n') + 1
	end := len(e.Source)
	if i := strings.IndexByte(e.Source[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	left, right := []rune(e.Source[start:pos]), []rune(e.Source[pos:end])
	head, tail := "", ""
	if len(left) > showBefore {
		left, head = left[len(left)-showBefore:], "…"
	}
	if len(right) > showAfter {
		right, tail = right[:showAfter], "…"
	}
	marks := 1
	if e.End > e.Pos && e.End <= end {
		marks = max(1, min(cells([]rune(e.Source[e.Pos:e.End])), cells(right)))
	}
	return e.Error() + "\n  " + head + printable(left) + printable(right) + tail +
		"\n  " + strings.Repeat(" ", len([]rune(head))+cells(left)) + strings.Repeat("^", marks)
}

func printable(s []rune) string {
	out := make([]rune, len(s))
	for i, r := range s {
		switch {
		case r == '\t':
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			r = '·'
		}
		out[i] = r
	}
	return string(out)
}

// cells is the width on a terminal: East Asian wide characters take two columns.
func cells(s []rune) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
