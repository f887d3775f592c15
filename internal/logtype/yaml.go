package logtype

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/yagura-siem/yagura/internal/yamltext"
)

// Limits of a definition text.
const (
	maxDefinition = 1 << 20
	maxYAMLDepth  = 64
)

type yamlKind uint8

const (
	yamlNull yamlKind = iota
	yamlText
	yamlInt
	yamlFloat
	yamlBool
	yamlList
	yamlMap
)

func (k yamlKind) String() string {
	return [...]string{"nothing", "a text", "a whole number", "a number", "true or false", "a list", "a map"}[k]
}

// yamlNode is a YAML value with its place.
type yamlNode struct {
	pos   Pos
	kind  yamlKind
	text  string // scalars, as written
	items []yamlNode
	pairs []yamlPair
}

type yamlPair struct {
	key   string
	pos   Pos
	value yamlNode
}

// readYAML reads a text into a tree; a fault of syntax is a problem and gives false.
func readYAML(src []byte, p *problems) (root yamlNode, ok bool) {
	if len(src) > maxDefinition {
		p.add(Pos{1, 1}, "the definition is longer than %d KB", maxDefinition>>10)
		return root, false
	}
	file, err := yamltext.Parse(src)
	if bad := (*yamltext.Error)(nil); errors.As(err, &bad) {
		p.add(Pos{bad.Line, bad.Column}, "%s", bad.Text)
		return root, false
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			p.add(nodePos(d.Body), "a second document: a file is one definition")
			return root, false
		}
		body = d.Body
	}
	if body == nil {
		p.add(Pos{1, 1}, "the file is empty")
		return root, false
	}
	before := len(p.list)
	root = convert(body, p, 0)
	return root, len(p.list) == before
}

func nodePos(n ast.Node) Pos {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return Pos{1, 1}
	}
	// The token of a map in block form is its first colon; the place people mean is its first key.
	switch v := n.(type) {
	case *ast.MappingValueNode:
		return nodePos(v.Key)
	case *ast.MappingNode:
		if len(v.Values) > 0 && v.GetToken().Type != token.MappingStartType {
			return nodePos(v.Values[0].Key)
		}
	}
	t := n.GetToken().Position
	return Pos{t.Line, t.Column}
}

func convert(n ast.Node, p *problems, depth int) yamlNode {
	out := yamlNode{pos: nodePos(n)}
	if depth > maxYAMLDepth {
		p.add(out.pos, "nested deeper than %d levels", maxYAMLDepth)
		return out
	}
	switch v := n.(type) {
	case nil, *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = yamlText, v.Value
	case *ast.LiteralNode:
		out.kind, out.text = yamlText, v.Value.Value
	case *ast.IntegerNode:
		out.kind, out.text = yamlInt, strings.TrimSpace(v.Token.Value)
	case *ast.FloatNode:
		out.kind, out.text = yamlFloat, strings.TrimSpace(v.Token.Value)
	case *ast.BoolNode:
		out.kind, out.text = yamlBool, strconv.FormatBool(v.Value)
	case *ast.SequenceNode:
		out.kind = yamlList
		for _, x := range v.Values {
			out.items = append(out.items, convert(x, p, depth+1))
		}
	case *ast.MappingNode:
		out.kind = yamlMap
		for _, x := range v.Values {
			out.addPair(x, p, depth)
		}
	case *ast.MappingValueNode:
		out.kind = yamlMap
		out.addPair(v, p, depth)
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		p.add(out.pos, "anchors, aliases and tags are not used in definitions")
	default:
		p.add(out.pos, "%s cannot stand here", n.Type())
	}
	return out
}

func (n *yamlNode) addPair(v *ast.MappingValueNode, p *problems, depth int) {
	pair := yamlPair{pos: nodePos(v.Key)}
	switch k := v.Key.(type) {
	case *ast.StringNode:
		pair.key = k.Value
	case *ast.MergeKeyNode:
		p.add(pair.pos, "anchors, aliases and tags are not used in definitions")
		return
	default:
		if t := v.Key.GetToken(); t != nil {
			pair.key = t.Value
		}
	}
	for _, x := range n.pairs {
		if x.key == pair.key {
			p.add(pair.pos, "%s stands here twice (first in line %d)", pair.key, x.pos.Line)
		}
	}
	if v.Value != nil {
		pair.value = convert(v.Value, p, depth+1)
	}
	if pair.value.kind == yamlNull {
		pair.value.pos = pair.pos
	}
	n.pairs = append(n.pairs, pair)
}

func (n *yamlNode) get(key string) *yamlNode {
	for i := range n.pairs {
		if n.pairs[i].key == key {
			return &n.pairs[i].value
		}
	}
	return nil
}

// want checks the kind of a node.
func (p *problems) want(n *yamlNode, k yamlKind, what string) bool {
	if n.kind == k || k == yamlFloat && n.kind == yamlInt {
		return true
	}
	p.add(n.pos, "%s: want %s, not %s", what, k, n.kind)
	return false
}

// text reads a scalar as text.
func (p *problems) text(n *yamlNode, what string) string {
	switch n.kind {
	case yamlText, yamlInt, yamlFloat, yamlBool:
		return n.text
	}
	p.add(n.pos, "%s: want a text, not %s", what, n.kind)
	return ""
}

// texts reads one scalar or a list of them.
func (p *problems) texts(n *yamlNode, what string) []string {
	if n.kind != yamlList {
		return []string{p.text(n, what)}
	}
	out := make([]string, 0, len(n.items))
	for i := range n.items {
		out = append(out, p.text(&n.items[i], what))
	}
	return out
}

func (p *problems) int(n *yamlNode, what string) int {
	v, err := strconv.Atoi(n.text)
	if n.kind != yamlInt || err != nil {
		p.add(n.pos, "%s: want a whole number", what)
	}
	return v
}

func (p *problems) bool(n *yamlNode, what string) bool {
	p.want(n, yamlBool, what)
	return n.text == "true"
}

// only reports keys that are not known.
func (p *problems) only(n *yamlNode, what string, known ...string) {
	if !p.want(n, yamlMap, what) {
		return
	}
next:
	for _, x := range n.pairs {
		for _, k := range known {
			if k == x.key {
				continue next
			}
		}
		h := suggest(x.key, known)
		if h == "" {
			h = "known here: " + strings.Join(known, " ")
		}
		p.hint(x.pos, h, "unknown key %s in %s", quoteKey(x.key), what)
	}
}

func quoteKey(s string) string { return fmt.Sprintf("%q", s) }
