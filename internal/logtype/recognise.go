package logtype

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// content is the compiled form of what a record of a type is known by.
type content struct {
	all, any []int // marks of the scanner
	equal    []equalTest
	starts   []string
	like     []string
	regexes  []*regexp.Regexp
}

type equalTest struct {
	slot  int
	texts []string
}

func (c *content) empty() bool {
	return len(c.all)+len(c.any)+len(c.equal)+len(c.starts)+len(c.like)+len(c.regexes) == 0
}

// json reports whether the scanned record is known by it.
func (c *content) json(sc *parse.Scanner) bool {
	if len(c.all)+len(c.any)+len(c.equal) == 0 {
		return false
	}
	for _, m := range c.all {
		if !sc.Marked(m) {
			return false
		}
	}
	if len(c.any) > 0 {
		found := false
		for _, m := range c.any {
			found = found || sc.Marked(m)
		}
		if !found {
			return false
		}
	}
next:
	for _, q := range c.equal {
		v := sc.Value(q.slot)
		s := v.Text
		if v.Kind == parse.Escaped {
			s = sc.Arena.Unescape(s)
		}
		for _, t := range q.texts {
			if s == t {
				continue next
			}
		}
		return false
	}
	return true
}

// line reports whether a text line is known by it.
func (c *content) line(b []byte) bool {
	for _, s := range c.starts {
		if len(b) >= len(s) && string(b[:len(s)]) == s {
			return true
		}
	}
	for _, p := range c.like {
		if like(b, p) {
			return true
		}
	}
	if len(c.regexes) > 0 {
		for _, re := range c.regexes {
			if re.Match(b[:min(len(b), 4096)]) {
				return true
			}
		}
	}
	return false
}

// like matches a pattern at the start: 9 is a digit, a is a letter, all else is itself.
func like(b []byte, p string) bool {
	if len(b) < len(p) {
		return false
	}
	for i := 0; i < len(p); i++ {
		c := b[i]
		switch p[i] {
		case '9':
			if c-'0' > 9 {
				return false
			}
		case 'a':
			if (c|0x20)-'a' > 25 {
				return false
			}
		default:
			if c != p[i] {
				return false
			}
		}
	}
	return true
}

// keyTest is one way to know an object by its key.
type keyTest struct {
	text string
	re   *regexp.Regexp
}

func (k keyTest) match(key string) bool {
	if k.re != nil {
		return k.re.MatchString(key)
	}
	return strings.Contains(key, k.text)
}

func (t *Type) keyMatches(key string) bool {
	for _, k := range t.keys {
		if k.match(key) {
			return true
		}
	}
	return false
}

func (c *compiler) recognition() {
	r := c.d.Recognise
	if r.Content.Empty() && len(r.Key) == 0 {
		c.p.add(c.d.Pos, "recognise: says nothing")
	}
	c.t.content = c.content(r.Content)
	c.t.ignored = c.content(c.d.Ignore.Content)
	for _, k := range r.Key {
		t := keyTest{text: k.Text}
		if expr, ok := strings.CutPrefix(k.Text, "re:"); ok {
			re, err := regexp.Compile(expr)
			if err != nil {
				c.p.add(k.Pos, "key: %v", err)
				continue
			}
			t.re = re
		} else if k.Text == "" {
			c.p.add(k.Pos, "key: the text is empty")
		}
		c.t.keys = append(c.t.keys, t)
	}
}

func (c *compiler) content(d Content) content {
	var out content
	isText := c.t.text != nil
	if isText && len(d.All)+len(d.Any)+len(d.Equal) > 0 {
		c.p.hint(d.Pos, "use starts, like or re", "content: paths mean nothing in a text frame")
		return out
	}
	if !isText && len(d.Starts)+len(d.Like)+len(d.Regexes) > 0 {
		c.p.hint(d.Pos, "use paths, all, any or equal", "content: starts, like and re mean nothing in a JSON frame")
		return out
	}
	mark := func(list []Located) (marks []int) {
		for _, x := range list {
			p, err := parse.ParsePath(x.Text)
			if err != nil {
				c.p.add(x.Pos, "content: %v", err)
				continue
			}
			marks = append(marks, c.t.schema.Mark(p))
		}
		return marks
	}
	out.all, out.any = mark(d.All), mark(d.Any)
	for _, q := range d.Equal {
		p, err := parse.ParsePath(q.Path.Text)
		if err != nil || p.Lists() > 0 {
			c.p.add(q.Path.Pos, "equal: want a path without lists")
			continue
		}
		c.native[p.String()] = true
		out.equal = append(out.equal, equalTest{c.t.schema.Slot(p), q.Texts})
	}
	for _, x := range d.Starts {
		out.starts = append(out.starts, x.Text)
	}
	for _, x := range d.Like {
		out.like = append(out.like, x.Text)
	}
	for _, x := range d.Regexes {
		re, err := regexp.Compile(`^(?:` + x.Text + `)`)
		if err != nil {
			c.p.add(x.Pos, "re: %v", err)
			continue
		}
		out.regexes = append(out.regexes, re)
	}
	return out
}

// What becomes of a field of a text frame that has no slot.
const textQuiet = 1 // it is not kept in the map

// textFrame reads lines.
type textFrame struct {
	split   string
	quote   byte
	quoted  []bool // by name: it always stands in quotes; nil = not known
	re      *regexp.Regexp
	groups  []int // submatches of the names
	names   []string
	slots   []int // by name, -1 = nobody reads it
	mode    []uint8
	min     int
	comment string
	header  *Header        // nil = none
	byName  map[string]int // names by what they are called
}

// lineReader is the state of a text frame in one reader.
type lineReader struct {
	splitter parse.Splitter
	fields   []string
	keys     []parse.Key // of unread fields, the last one is extra
}

func (f *textFrame) newReader() *lineReader {
	l := &lineReader{}
	if f.re == nil {
		l.splitter = parse.Splitter{Sep: f.split[0], Quote: f.quote, Fields: f.min, Quoted: f.quoted}
	}
	for _, n := range append(f.names[:len(f.names):len(f.names)], "extra") {
		l.keys = append(l.keys, parse.Key{Path: parse.Path{{Key: n}}.String(), Code: -1, Last: -1})
	}
	return l
}

// read fills the scanner from a line; a reason says why the line is no record.
// h is the header in force, nil = the fields are in the order of the names.
func (f *textFrame) read(l *lineReader, sc *parse.Scanner, line []byte, rest bool, h *header) (reason string) {
	sc.Reset()
	l.fields = l.fields[:0]
	if h != nil {
		return f.readColumns(l, sc, line, rest, h)
	}
	if f.re != nil {
		m := f.re.FindSubmatchIndex(line)
		if m == nil {
			return "line does not match"
		}
		for _, g := range f.groups {
			s := ""
			if m[2*g] >= 0 {
				s = textOf(line[m[2*g]:m[2*g+1]])
			}
			l.fields = append(l.fields, s)
		}
	} else {
		var ok bool
		if l.fields, ok = l.splitter.Split(line, l.fields); !ok {
			return "its quotes do not fit its fields"
		}
		if len(l.fields) < f.min {
			return "too few fields"
		}
	}
	escapes := f.quote != 0 && bytes.IndexByte(line, '\\') >= 0
	for i, s := range l.fields {
		if s == "" || sc.IsNull(s) {
			continue
		}
		v := parse.Value{Text: s, Kind: parse.Text}
		if escapes && strings.Contains(s, `\"`) {
			v.Kind = parse.Quoted
		}
		k := min(i, len(f.names))
		if k < len(f.names) {
			if f.slots[k] >= 0 {
				sc.SetValue(f.slots[k], v)
				continue
			}
			if f.mode[k]&textQuiet != 0 {
				continue
			}
		}
		if rest {
			sc.Leaves = append(sc.Leaves, parse.Leaf{Key: &l.keys[k], Value: v})
		}
	}
	return ""
}

func textOf(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return aliasText(b)
}

// isComment reports whether a line is a comment of the frame.
func (f *textFrame) isComment(line []byte) bool {
	return f.comment != "" && bytes.HasPrefix(line, []byte(f.comment))
}
