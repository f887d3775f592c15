package dashboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/yagura-siem/yagura/internal/yamltext"
)

const maxDepth = 16

// Source is a dashboard file as read: its definition and where everything stands.
type Source struct {
	ID         string // of the dashboard: the name of its file
	File       string // how messages name it
	Text       []byte
	Definition Definition

	places map[string]place
}

// Parse reads a file. Everything wrong with its form is reported at once; its questions are
// checked by Compile. The source is returned with what could be read even then.
func Parse(id, file string, text []byte) (src *Source, list Problems) {
	src = &Source{ID: id, File: file, Text: text, places: map[string]place{}}
	r := &report{file: file, places: src.places}
	defer func() {
		// The YAML library is not ours; a fault of its own must not end the program.
		if v := recover(); v != nil {
			r.at(1, 1, "", "", "not readable as YAML: %v", v)
			list = r.sorted()
		}
	}()
	if root := r.root(text); root != nil {
		d := decoder{report: r}
		d.value(root, reflect.ValueOf(&src.Definition).Elem(), "", 0)
	}
	return src, r.sorted()
}

// root parses the text into one document.
func (r *report) root(text []byte) ast.Node {
	switch {
	case len(text) > MaxFile:
		r.at(1, 1, "", "", "the file is longer than %d KB", MaxFile>>10)
		return nil
	case !utf8.Valid(text):
		r.at(1, 1, "", "", "the file is not UTF-8")
		return nil
	}
	file, err := yamltext.Parse(text)
	if bad := (*yamltext.Error)(nil); errors.As(err, &bad) {
		r.at(bad.Line, bad.Column, "", "", "%s", bad.Text)
		return nil
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			at := placeOf(d.Body)
			r.at(at.line, at.column, "", "", "a second document: a file is one dashboard")
			return nil
		}
		body = d.Body
	}
	if body == nil {
		r.at(1, 1, "", "begin with title: {en: …, ja: …} and panels:", "the file is empty")
	}
	return body
}

func placeOf(n ast.Node) place {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return place{line: 1, column: 1}
	}
	switch v := n.(type) { // the token of a map in block form is its first colon
	case *ast.MappingValueNode:
		return placeOf(v.Key)
	case *ast.MappingNode:
		if len(v.Values) > 0 && v.GetToken().Type != token.MappingStartType {
			return placeOf(v.Values[0].Key)
		}
	}
	t := n.GetToken()
	p := place{line: t.Position.Line, column: t.Position.Column}
	if s, ok := n.(*ast.StringNode); ok && !strings.Contains(s.Value, "\n") && strings.Count(strings.Trim(t.Origin, "\n"), "\n") == 0 {
		p.inline = true
		if t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType {
			p.shift = 1
		}
	}
	return p
}

// decoder fills Go values from YAML, strictly. Keys are the json names of the fields.
type decoder struct{ *report }

func (d decoder) value(n ast.Node, v reflect.Value, path string, depth int) {
	if depth > maxDepth {
		d.add(path, "", "nested deeper than %d levels", maxDepth)
		return
	}
	if _, known := d.places[path]; !known || n.Type() != ast.NullType {
		d.places[path] = placeOf(n)
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		d.add(path, "", "anchors, aliases and tags are not used in dashboards")
		return
	case *ast.NullNode:
		if v.Kind() != reflect.Pointer {
			d.add(path, "leave the key out", "there is no value")
		}
		return
	}
	if v.Type() == reflect.TypeFor[Text]() {
		if s, ok := scalar(n); ok {
			v.Set(reflect.ValueOf(Text{EN: s, JA: s}))
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		x := reflect.New(v.Type().Elem())
		d.value(n, x.Elem(), path, depth)
		v.Set(x)
	case reflect.Struct:
		d.pairs(n, path, func(key string, at place, value ast.Node) {
			names := jsonNames(v.Type())
			i := -1
			for j, name := range names {
				if name == key {
					i = j
				}
			}
			if i < 0 {
				d.at(at.line, at.column, join(path, key), suggest(key, names), "unknown key %q", key)
				return
			}
			d.places[join(path, key)] = at
			d.value(value, v.Field(i), join(path, key), depth+1)
		})
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		d.pairs(n, path, func(key string, _ place, value ast.Node) {
			x := reflect.New(v.Type().Elem()).Elem()
			d.value(value, x, join(path, key), depth+1)
			m.SetMapIndex(reflect.ValueOf(key), x)
		})
		v.Set(m)
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			if _, one := scalar(n); one && v.Type().Elem().Kind() == reflect.String {
				x := reflect.New(v.Type().Elem()).Elem()
				d.value(n, x, path, depth)
				v.Set(reflect.Append(v, x))
				return
			}
			d.add(path, "write - before each", "want a list, not %s", called(n))
			return
		}
		out := reflect.MakeSlice(v.Type(), 0, min(len(list.Values), 256))
		for i, item := range list.Values {
			x := reflect.New(v.Type().Elem()).Elem()
			d.value(item, x, path+"["+strconv.Itoa(i)+"]", depth+1)
			out = reflect.Append(out, x)
		}
		v.Set(out)
	default:
		d.plain(n, v, path)
	}
}

// plain fills texts, numbers and booleans.
func (d decoder) plain(n ast.Node, v reflect.Value, path string) {
	s, ok := scalar(n)
	switch v.Kind() {
	case reflect.String:
		if !ok {
			d.add(path, "", "want a text, not %s", called(n))
			return
		}
		v.SetString(s)
	case reflect.Int:
		i, err := strconv.Atoi(s)
		if _, number := n.(*ast.IntegerNode); !number || err != nil {
			d.add(path, "", "want a whole number, not %s", called(n))
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.add(path, "", "want true or false, not %s", called(n))
			return
		}
		v.SetBool(b.Value)
	default:
		d.add(path, "", "cannot stand here")
	}
}

func (d decoder) pairs(n ast.Node, path string, each func(key string, at place, value ast.Node)) {
	var list []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		list = v.Values
	case *ast.MappingValueNode:
		list = []*ast.MappingValueNode{v}
	default:
		d.add(path, "", "want keys and values, not %s", called(n))
		return
	}
	seen := map[string]int{}
	for _, p := range list {
		at := placeOf(p.Key)
		if p.Key.GetToken() == nil {
			d.at(at.line, at.column, path, "", "this cannot be a key")
			continue
		}
		key := p.Key.GetToken().Value
		if line, twice := seen[key]; twice {
			d.at(at.line, at.column, join(path, key), "", "%s stands here twice (first in line %d)", key, line)
			continue
		}
		seen[key] = at.line
		if p.Value == nil {
			d.at(at.line, at.column, join(path, key), "", "%s has no value", key)
			continue
		}
		each(key, place{line: at.line, column: at.column}, p.Value)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func jsonNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}

// scalar is the text of a value that is no list and no map.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode:
		return strings.TrimSpace(v.Token.Value), true
	case *ast.FloatNode:
		return strings.TrimSpace(v.Token.Value), true
	case *ast.BoolNode:
		return strings.TrimSpace(v.Token.Value), true
	}
	return "", false
}

func called(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	case *ast.NullNode:
		return "nothing"
	}
	return "a single value"
}

// YAML writes a definition as a file that Parse reads back.
func (d Definition) YAML() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("writing a dashboard: %w", err)
	}
	v, err := inOrder(json.NewDecoder(&b))
	if err != nil {
		return nil, fmt.Errorf("writing a dashboard: %w", err)
	}
	out, err := yaml.MarshalWithOptions(v, yaml.Indent(2), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, fmt.Errorf("writing a dashboard: %w", err)
	}
	return out, nil
}

// inOrder reads one value of JSON and keeps the order of keys.
func inOrder(d *json.Decoder) (any, error) {
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := inOrder(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		object := yaml.MapSlice{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := inOrder(d)
			if err != nil {
				return nil, err
			}
			object = append(object, yaml.MapItem{Key: key, Value: v})
		}
		_, err := d.Token()
		return object, err
	}
	if n, ok := t.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			return whole, nil
		}
		return n.Float64()
	}
	return t, nil
}
