package detect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/yagura-siem/yagura/internal/yamltext"
)

// Limits of a rule file.
const (
	maxFile      = 1 << 20
	maxDocument  = 512 << 10
	maxDepth     = 40
	maxDocuments = 1000
)

type yamlKind uint8

const (
	yamlNull yamlKind = iota
	yamlText
	yamlNumber
	yamlBool
	yamlList
	yamlMap
)

func (k yamlKind) String() string {
	return [...]string{"nothing", "a text", "a number", "true or false", "a list", "a map"}[k]
}

// value is a YAML value with its place.
type value struct {
	pos   Pos
	kind  yamlKind
	text  string // scalars, as written
	items []value
	pairs []pair
}

type pair struct {
	key   string
	pos   Pos
	value value
}

// readYAML reads the documents of a file. Faults are problems; what could be read is returned, for a
// document that cannot be read does not harm the others.
func readYAML(src []byte, p *problems) (docs []value) {
	if len(src) > maxFile {
		p.add(Pos{1, 1}, "the file is longer than %d KB", maxFile>>10)
		return nil
	}
	read := 0
	var budget yamltext.Budget
	for line := 0; len(src) > 0; read++ {
		doc := document(src)
		if read == maxDocuments {
			p.add(Pos{line + 1, 1}, "more than %d documents in one file", maxDocuments)
			break
		}
		docs = append(docs, readDocument(&budget, doc, line, p)...)
		line += bytes.Count(doc, []byte("\n"))
		src = src[len(doc):]
	}
	if len(docs) == 0 && p.errors == 0 {
		p.add(Pos{1, 1}, "the file is empty")
	}
	return docs
}

// document cuts the first document off a text: what stands before the next line that begins with
// three dashes.
func document(src []byte) []byte {
	from := 0
	for {
		i := bytes.Index(src[from:], []byte("\n---"))
		if i < 0 {
			return src
		}
		from += i + 1
		if rest := src[from+3:]; len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0 {
			return src[:from]
		}
	}
}

// readDocument reads one document that begins after some lines of the file.
func readDocument(budget *yamltext.Budget, src []byte, line int, p *problems) (docs []value) {
	p.line = line
	if len(src) > maxDocument {
		p.add(Pos{line + 1, 1}, "the rule is longer than %d KB", maxDocument>>10)
		return nil
	}
	file, err := budget.Parse(src, parser.AllowDuplicateMapKey()) // convert tells of duplicates
	if bad := (*yamltext.Error)(nil); errors.As(err, &bad) {
		p.add(Pos{bad.Line + line, bad.Column}, "not readable as YAML: %s", strings.TrimPrefix(bad.Text, "not readable as YAML: "))
		return nil
	}
	for _, d := range file.Docs {
		if d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		before := p.errors
		if v := convert(d.Body, p, 0); p.errors == before {
			docs = append(docs, v)
		}
	}
	return docs
}

func (p *problems) place(n ast.Node) Pos {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return Pos{p.line + 1, 1}
	}
	// The token of a map in block form is its first colon; the place people mean is its first key.
	switch v := n.(type) {
	case *ast.MappingValueNode:
		return p.place(v.Key)
	case *ast.MappingNode:
		if len(v.Values) > 0 && v.GetToken().Type != token.MappingStartType {
			return p.place(v.Values[0].Key)
		}
	}
	t := n.GetToken().Position
	return Pos{p.line + t.Line, t.Column}
}

func convert(n ast.Node, p *problems, depth int) value {
	out := value{pos: p.place(n)}
	if depth > maxDepth {
		p.add(out.pos, "nested deeper than %d levels", maxDepth)
		return out
	}
	switch v := n.(type) {
	case nil, *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = yamlText, v.Value
	case *ast.LiteralNode:
		out.kind, out.text = yamlText, v.Value.Value
	case *ast.IntegerNode:
		out.kind, out.text = yamlNumber, strings.TrimSpace(v.Token.Value)
	case *ast.FloatNode:
		out.kind, out.text = yamlNumber, strings.TrimSpace(v.Token.Value)
	case *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = yamlText, strings.TrimSpace(n.GetToken().Value)
	case *ast.BoolNode:
		out.kind, out.text = yamlBool, strconv.FormatBool(v.Value)
	case *ast.SequenceNode:
		out.kind = yamlList
		for _, x := range v.Values {
			out.items = append(out.items, convert(x, p, depth+1))
		}
	case *ast.MappingNode:
		out.kind = yamlMap
		seen := make(map[string]int, len(v.Values))
		for _, x := range v.Values {
			out.addPair(x, seen, p, depth)
		}
	case *ast.MappingValueNode:
		out.kind = yamlMap
		out.addPair(v, map[string]int{}, p, depth)
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		p.add(out.pos, "anchors, aliases and tags are not used in rules")
	default:
		p.add(out.pos, "%s cannot stand here", n.Type())
	}
	return out
}

func (n *value) addPair(v *ast.MappingValueNode, seen map[string]int, p *problems, depth int) {
	x := pair{pos: p.place(v.Key)}
	switch k := v.Key.(type) {
	case *ast.StringNode:
		x.key = k.Value
	case *ast.MergeKeyNode:
		p.add(x.pos, "anchors, aliases and tags are not used in rules")
		return
	default:
		if t := v.Key.GetToken(); t != nil {
			x.key = t.Value
		}
	}
	if line, twice := seen[x.key]; twice {
		p.add(x.pos, "%s stands here twice (first in line %d)", quote(x.key), line)
	}
	seen[x.key] = x.pos.Line
	if v.Value != nil {
		x.value = convert(v.Value, p, depth+1)
	}
	if x.value.kind == yamlNull {
		x.value.pos = x.pos
	}
	n.pairs = append(n.pairs, x)
}

func (n *value) get(key string) *value {
	for i := range n.pairs {
		if n.pairs[i].key == key {
			return &n.pairs[i].value
		}
	}
	return nil
}

// write appends a form of the value from which it could be read again, without places.
func (n *value) write(w io.Writer) {
	fmt.Fprintf(w, "%d:%d:%s", n.kind, len(n.text), n.text)
	for i := range n.items {
		n.items[i].write(w)
	}
	for i := range n.pairs {
		fmt.Fprintf(w, "%d:%s", len(n.pairs[i].key), n.pairs[i].key)
		n.pairs[i].value.write(w)
	}
	io.WriteString(w, ";")
}

// plain is the value as encoding/json would have it; numbers stay whole when they are.
func (n *value) plain() any {
	switch n.kind {
	case yamlText:
		return n.text
	case yamlNumber:
		if v, err := strconv.ParseInt(n.text, 0, 64); err == nil {
			return v
		}
		if v, err := strconv.ParseFloat(n.text, 64); err == nil {
			return v
		}
		return n.text
	case yamlBool:
		return n.text == "true"
	case yamlList:
		list := make([]any, len(n.items))
		for i := range n.items {
			list[i] = n.items[i].plain()
		}
		return list
	case yamlMap:
		m := make(map[string]any, len(n.pairs))
		for i := range n.pairs {
			m[n.pairs[i].key] = n.pairs[i].value.plain()
		}
		return m
	}
	return nil
}

// want checks the kind of a value.
func (p *problems) want(n *value, k yamlKind, what string) bool {
	if n.kind == k {
		return true
	}
	p.add(n.pos, "%s: want %s, not %s", what, k, n.kind)
	return false
}

// text reads a scalar as text; nothing is the empty text.
func (p *problems) text(n *value, what string) string {
	switch n.kind {
	case yamlText, yamlNumber, yamlBool, yamlNull:
		return n.text
	}
	p.add(n.pos, "%s: want a text, not %s", what, n.kind)
	return ""
}

// texts reads one scalar or a list of them.
func (p *problems) texts(n *value, what string) []string {
	if n.kind == yamlNull {
		return nil
	}
	if n.kind != yamlList {
		return []string{p.text(n, what)}
	}
	out := make([]string, 0, len(n.items))
	for i := range n.items {
		out = append(out, p.text(&n.items[i], what))
	}
	return out
}

// only reports keys that are not known.
func (p *problems) only(n *value, what string, known ...string) bool {
	if !p.want(n, yamlMap, what) {
		return false
	}
next:
	for i := range n.pairs {
		x := &n.pairs[i]
		for _, k := range known {
			if k == x.key {
				continue next
			}
		}
		h := suggest(x.key, known)
		if h == "" {
			h = "known here: " + strings.Join(known, " ")
		}
		p.hint(x.pos, h, "unknown key %s in %s", quote(x.key), what)
	}
	return true
}

func quote(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strconv.Quote(s)
}
