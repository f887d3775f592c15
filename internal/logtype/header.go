package logtype

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// header is the order of fields that a line of a stream gave for those after it.
type header struct {
	ts      *typeState
	sep     byte
	columns []int       // by column: into the frame's names, -1 = none has that name
	keys    []parse.Key // by column, for the map
}

// Limits of a header: a line with more columns is none.
const maxColumns = 512

// headerLine reads a line as a header of one of the types that have one, nil = it is none.
func (r *Reader) headerLine(st *stream, line []byte) *header {
	if st.header == nil && st.prev != nil && st.prev.t.text != nil && st.prev.t.text.header == nil {
		return nil // lines of a type without header: no other begins in the middle
	}
	if r.forced != nil {
		if f := r.forced.t.text; f != nil && f.header != nil {
			return f.readHeader(r.forced, line)
		}
		return nil
	}
	for _, n := range r.set.headed {
		f := r.set.types[n].text
		if f.mayBeHeader(line) {
			if h := f.readHeader(r.state(n), line); h != nil {
				return h
			}
		}
	}
	return nil
}

// mayBeHeader tells most lines that are none at little cost.
func (f *textFrame) mayBeHeader(line []byte) bool {
	if s := f.header.Starts; s != "" {
		return bytes.HasPrefix(line, []byte(s))
	}
	end := bytes.IndexAny(line, "\t"+f.split)
	return end > 0 && f.index(string(line[:end])) >= 0
}

// readHeader takes a line of names apart. A line of data is told from it by its fields: more than
// half of the columns of a header, and at least three, have names that the frame knows. A header
// that is separated by tabs stands before lines that are, too.
func (f *textFrame) readHeader(ts *typeState, line []byte) *header {
	rest := strings.Clone(string(line))
	if s := f.header.Starts; s != "" {
		after, ok := strings.CutPrefix(rest, s)
		if !ok {
			return nil
		}
		rest = after
	}
	rest = strings.TrimSpace(rest)
	names := strings.Fields(rest)
	if len(names) < 3 || len(names) > maxColumns {
		return nil
	}
	h := &header{ts: ts, sep: f.split[0]}
	if f.header.Starts == "" && strings.ContainsRune(rest, '\t') {
		h.sep = '\t'
	}
	known, seen := 0, map[int]bool{}
	for _, n := range names {
		i := f.index(n)
		if i >= 0 && seen[i] {
			i = -1
		}
		if i >= 0 {
			known++
			seen[i] = true
		}
		h.columns = append(h.columns, i)
		h.keys = append(h.keys, parse.Key{Path: parse.Path{{Key: n}}.String(), Code: -1, Last: -1})
	}
	if 2*known <= len(names) {
		return nil
	}
	return h
}

// index finds a name of the frame; names in columnar files have _ where those in text have other marks.
func (f *textFrame) index(name string) int {
	if i, ok := f.byName[name]; ok {
		return i
	}
	if i, ok := f.byName[strings.ReplaceAll(name, "_", "-")]; ok {
		return i
	}
	return -1
}

// headerOf is the header that a line was recognised by.
func (st *stream) headerOf(how string) *header {
	if how != "header" {
		return nil
	}
	return st.header
}

// readColumns fills the scanner from a line under a header.
func (f *textFrame) readColumns(l *lineReader, sc *parse.Scanner, line []byte, rest bool, h *header) (reason string) {
	s := parse.Splitter{Sep: h.sep}
	l.fields, _ = s.Split(line, l.fields)
	for n := len(l.fields); n > len(h.columns) && l.fields[n-1] == ""; n-- {
		l.fields = l.fields[:n-1] // a separator at the end
	}
	if len(l.fields) != len(h.columns) {
		return fmt.Sprintf("it has %d fields, the header line above it %d", len(l.fields), len(h.columns))
	}
	for i, text := range l.fields {
		if text == "" || sc.IsNull(text) {
			continue
		}
		v := parse.Value{Text: text, Kind: parse.Text}
		k := h.columns[i]
		if k >= 0 && f.slots[k] >= 0 {
			sc.SetValue(f.slots[k], v)
			continue
		}
		if k >= 0 && f.mode[k]&textQuiet != 0 {
			continue
		}
		if rest {
			sc.Leaves = append(sc.Leaves, parse.Leaf{Key: &h.keys[i], Value: v})
		}
	}
	return ""
}
