package logtype

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$`)

// Parse reads a definition. file is only for messages. The error is Problems: everything that
// is wrong with the form; what fields and paths mean is checked by Compile.
func Parse(file string, src []byte) (*Definition, error) {
	p := newProblems(file, src)
	root, ok := readYAML(src, p)
	if !ok {
		return nil, p.err()
	}
	d := &Definition{File: file, lines: p.lines}
	if p.want(&root, yamlMap, "a definition") {
		readDefinition(&root, d, p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return d, nil
}

func readDefinition(n *yamlNode, d *Definition, p *problems) {
	p.only(n, "a definition", "name", "title", "version", "reference", "about", "recognise", "key_captures", "frame", "time",
		"null", "mask", "ignore", "filter", "let", "fields", "set", "rest", "store", "rollup", "sigma", "say")
	for _, must := range []string{"name", "title", "version", "recognise", "frame", "set"} {
		if n.get(must) == nil {
			p.add(n.pos, "%s is missing", must)
		}
	}
	d.Rest = nil
	for i := range n.pairs {
		x := &n.pairs[i]
		v := &x.value
		switch x.key {
		case "name":
			d.Name, d.Pos = p.text(v, "name"), v.pos
			if !nameForm.MatchString(d.Name) || len(d.Name) > 100 {
				p.add(v.pos, "name: want lower-case words joined by dots, as in aws.waf")
			}
		case "title":
			d.Title = p.lang(v, "title")
		case "version":
			if d.Version = p.int(v, "version"); d.Version < 1 && v.kind == yamlInt {
				p.add(v.pos, "version: want 1 or more")
			}
		case "reference":
			d.Reference = p.text(v, "reference")
		case "about":
			d.About = p.lang(v, "about")
		case "recognise":
			p.only(v, "recognise", "content", "key")
			if c := v.get("content"); c != nil {
				d.Recognise.Content = p.content(c)
			}
			if k := v.get("key"); k != nil {
				d.Recognise.Key = p.located(k, "key")
			}
		case "key_captures":
			d.KeyCaptures = p.located(v, "key_captures")
		case "frame":
			d.Frame = p.frame(v)
		case "time":
			d.Time = p.value(v, "time")
		case "null":
			d.Nulls = p.texts(v, "null")
		case "mask":
			if p.want(v, yamlList, "mask") {
				for i := range v.items {
					d.Mask = append(d.Mask, p.maskPlace(&v.items[i]))
				}
			}
		case "ignore":
			d.Ignore = p.ignore(v)
		case "filter":
			d.Filter = p.condition(v, "filter")
		case "let":
			d.Let = p.named(v, "let")
		case "fields":
			d.Fields = p.ownFields(v)
		case "set":
			d.Set = p.named(v, "set")
		case "rest":
			if v.kind == yamlBool && v.text == "false" {
				continue
			}
			d.Rest = &Rest{}
			p.only(v, "rest", "except")
			if e := v.get("except"); e != nil {
				d.Rest.Except = p.located(e, "except")
			}
		case "store":
			d.Store = p.store(v)
		case "rollup":
			p.only(v, "rollup", "keys", "top")
			if k := v.get("keys"); k != nil {
				d.Rollup.Keys = p.located(k, "keys")
			}
			if k := v.get("top"); k != nil {
				d.Rollup.Top = p.located(k, "top")
			}
		case "sigma":
			d.Sigma = p.sigma(v)
		case "say":
			if p.want(v, yamlList, "say") {
				for i := range v.items {
					d.Say = append(d.Say, p.sentence(&v.items[i]))
				}
			}
		}
	}
}

func (p *problems) lang(n *yamlNode, what string) Text {
	if n.kind != yamlMap {
		return Text{EN: p.text(n, what)}
	}
	p.only(n, what, "en", "ja")
	var t Text
	if v := n.get("en"); v != nil {
		t.EN = p.text(v, what)
	} else {
		p.add(n.pos, "%s: the English text is missing", what)
	}
	if v := n.get("ja"); v != nil {
		t.JA = p.text(v, what)
	}
	return t
}

// located reads one text or a list of texts with their places.
func (p *problems) located(n *yamlNode, what string) []Located {
	if n.kind != yamlList {
		return []Located{{p.text(n, what), n.pos}}
	}
	var out []Located
	for i := range n.items {
		out = append(out, Located{p.text(&n.items[i], what), n.items[i].pos})
	}
	return out
}

func (p *problems) content(n *yamlNode) Content {
	c := Content{Pos: n.pos}
	if n.kind != yamlMap {
		c.All = p.located(n, "content")
		return c
	}
	p.only(n, "content", "all", "any", "equal", "starts", "like", "re")
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch n.pairs[i].key {
		case "all":
			c.All = p.located(v, "all")
		case "any":
			c.Any = p.located(v, "any")
		case "starts":
			c.Starts = p.located(v, "starts")
		case "like":
			c.Like = p.located(v, "like")
		case "re":
			c.Regexes = p.located(v, "re")
		case "equal":
			if p.want(v, yamlMap, "equal") {
				for j := range v.pairs {
					e := &v.pairs[j]
					c.Equal = append(c.Equal, PathTexts{Located{e.key, e.pos}, p.texts(&e.value, "equal")})
				}
			}
		}
	}
	return c
}

func (p *problems) frame(n *yamlNode) Frame {
	f := Frame{Pos: n.pos}
	if n.kind == yamlText {
		if n.text != "json" {
			p.hint(n.pos, "known: json, {json: {records: …}}, {text: {…}}", "unknown frame %q", n.text)
		}
		f.JSON = &JSONFrame{}
		return f
	}
	p.only(n, "frame", "json", "text")
	if v := n.get("json"); v != nil {
		f.JSON = &JSONFrame{}
		p.only(v, "json", "records")
		if r := v.get("records"); r != nil {
			f.JSON.Records = p.text(r, "records")
		}
	}
	if v := n.get("text"); v != nil {
		if f.JSON != nil {
			p.add(v.pos, "a frame is json or text, not both")
		}
		f.JSON, f.Text = nil, p.textFrame(v)
	}
	if f.JSON == nil && f.Text == nil {
		p.add(n.pos, "frame: want json or text")
	}
	return f
}

func (p *problems) textFrame(n *yamlNode) *TextFrame {
	t := &TextFrame{}
	p.only(n, "text", "split", "quote", "quoted", "names", "min", "regex", "comment", "header")
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch n.pairs[i].key {
		case "split":
			if t.Split = p.text(v, "split"); len(t.Split) != 1 {
				p.add(v.pos, "split: want one byte")
			}
		case "quote":
			if t.Quote = p.text(v, "quote"); len(t.Quote) > 1 {
				p.add(v.pos, "quote: want one byte")
			}
		case "quoted":
			t.Quoted = p.located(v, "quoted")
		case "names":
			t.Names = p.located(v, "names")
		case "min":
			t.Min = p.int(v, "min")
		case "regex":
			t.Regex = p.text(v, "regex")
			if _, err := regexp.Compile(t.Regex); err != nil {
				p.add(v.pos, "regex: %v", err)
			}
		case "comment":
			t.Comment = p.text(v, "comment")
		case "header":
			p.only(v, "header", "starts")
			t.Header = &Header{}
			if s := v.get("starts"); s != nil {
				t.Header.Starts = p.text(s, "starts")
			}
		}
	}
	if (t.Split == "") == (t.Regex == "") {
		p.add(n.pos, "a text frame needs split or regex, and not both")
	}
	if t.Split != "" && len(t.Names) == 0 {
		p.add(n.pos, "split needs names for the fields")
	}
	if t.Header != nil && (t.Split == "" || t.Quote != "") {
		p.add(n.pos, "header needs split, and no quotes")
	}
	if len(t.Quoted) > 0 && (t.Split == "" || t.Quote == "") {
		p.add(t.Quoted[0].Pos, "quoted needs split and quote")
	}
	if t.Min > len(t.Names) && t.Split != "" {
		p.add(n.pos, "min is higher than the number of names")
	}
	return t
}

func (p *problems) condition(n *yamlNode, what string) *Condition {
	return &Condition{p.text(n, what), n.pos}
}

func (p *problems) ignore(n *yamlNode) Ignore {
	if n.kind != yamlMap {
		return Ignore{If: p.condition(n, "ignore")}
	}
	p.only(n, "ignore", "content", "if")
	var g Ignore
	if v := n.get("content"); v != nil {
		g.Content = p.content(v)
	}
	if v := n.get("if"); v != nil {
		g.If = p.condition(v, "ignore")
	}
	return g
}

func (p *problems) named(n *yamlNode, what string) []Named {
	if !p.want(n, yamlMap, what) {
		return nil
	}
	var out []Named
	for i := range n.pairs {
		x := &n.pairs[i]
		out = append(out, Named{x.key, x.pos, p.value(&x.value, x.key)})
	}
	return out
}

func (p *problems) ownFields(n *yamlNode) []OwnField {
	if !p.want(n, yamlMap, "fields") {
		return nil
	}
	var out []OwnField
	for i := range n.pairs {
		x := &n.pairs[i]
		f := OwnField{Name: x.key, Pos: x.pos}
		kind := &x.value
		if x.value.kind == yamlMap {
			p.only(&x.value, x.key, "kind", "about")
			if a := x.value.get("about"); a != nil {
				f.About = p.lang(a, "about")
			}
			if kind = x.value.get("kind"); kind == nil {
				p.add(x.pos, "%s: kind is missing", x.key)
				continue
			}
		}
		word := p.text(kind, "kind")
		k, ok := schema.ParseKind(word)
		if !ok || k == schema.Map {
			h := suggest(word, []string{"string", "strings", "int", "float", "bool", "time", "ip", "ips"})
			p.hint(kind.pos, h, "%s: unknown kind %q", x.key, word)
			continue
		}
		f.Kind = k
		out = append(out, f)
	}
	return out
}

func (p *problems) store(n *yamlNode) Store {
	s := Store{Pos: n.pos}
	p.only(n, "store", "original", "bloom", "plain", "promote")
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch n.pairs[i].key {
		case "original":
			switch w := p.text(v, "original"); w {
			case "keep":
			case "drop":
				s.Drop = true
			default:
				p.hint(v.pos, "keep or drop", "original: unknown word %q", w)
			}
		case "bloom":
			s.Bloom = p.located(v, "bloom")
		case "plain":
			s.Plain = p.located(v, "plain")
		case "promote":
			if p.want(v, yamlMap, "promote") {
				for j := range v.pairs {
					x := &v.pairs[j]
					s.Promote = append(s.Promote, Promotion{Located{x.key, x.pos}, Located{p.text(&x.value, "promote"), x.value.pos}})
				}
			}
		}
	}
	return s
}

func (p *problems) sentence(n *yamlNode) Sentence {
	s := Sentence{Pos: n.pos}
	p.only(n, "say", "if", "en", "ja")
	if v := n.get("if"); v != nil {
		s.If = p.condition(v, "if")
	}
	if v := n.get("en"); v != nil {
		s.EN = Located{p.text(v, "en"), v.pos}
	} else {
		p.add(n.pos, "say: the English text is missing")
	}
	if v := n.get("ja"); v != nil {
		s.JA = Located{p.text(v, "ja"), v.pos}
	}
	return s
}

func (p *problems) maskPlace(n *yamlNode) MaskPlace {
	m := MaskPlace{Pos: n.pos}
	p.only(n, "a mask place", "each", "where", "at", "params", "keys", "hash", "how", "show")
	for i := range n.pairs {
		v := &n.pairs[i].value
		switch n.pairs[i].key {
		case "each":
			m.Each = p.text(v, "each")
		case "where":
			m.Where = p.tests(v)
		case "at":
			m.At = p.text(v, "at")
		case "params", "keys":
			words := p.texts(v, n.pairs[i].key)
			if len(words) == 1 && words[0] == "default" {
				m.Defaults, words = true, nil
			}
			if n.pairs[i].key == "params" {
				m.IsParams, m.Params = true, words
			} else {
				m.IsKeys, m.Keys = true, words
			}
		case "show":
			if m.Show = p.text(v, "show"); len(n.pairs) > 1 {
				p.add(v.pos, "show stands alone")
			}
			return m
		case "hash":
			m.Hash = p.text(v, "hash")
		case "how":
			if p.text(v, "how") != "fill" {
				p.add(v.pos, "how: the only way is fill")
			}
		}
	}
	if m.At == "" && !m.IsKeys {
		p.add(n.pos, "a mask place needs at or keys")
	}
	if m.IsKeys && (m.At != "" || m.Each != "" || m.Hash != "") {
		p.add(n.pos, "keys stands alone: it covers the whole record")
	}
	if len(m.Where) > 0 && m.At == "" {
		p.add(n.pos, "where needs at")
	}
	return m
}

func (p *problems) tests(n *yamlNode) []Test {
	if !p.want(n, yamlMap, "where") {
		return nil
	}
	var out []Test
	for i := range n.pairs {
		x := &n.pairs[i]
		v := &x.value
		t := Test{Sub: x.key, Pos: x.pos, Kind: "in"}
		switch {
		case v.kind == yamlMap:
			p.only(v, "a test", "fold_in", "starts", "secret")
			if f := v.get("fold_in"); f != nil {
				t.Kind, t.Values = "fold_in", p.texts(f, "fold_in")
				for i, s := range t.Values {
					t.Values[i] = strings.ToLower(s)
				}
			} else if s := v.get("starts"); s != nil {
				t.Kind, t.Values = "starts", []string{p.text(s, "starts")}
			} else if s := v.get("secret"); s != nil {
				t.Kind, t.Values = "secret", []string{p.text(s, "secret")}
				if k := t.Values[0]; k != "header" && k != "name" {
					p.add(s.pos, "secret: want header or name")
				}
			}
		case v.kind == yamlText && (v.text == "present" || v.text == "absent"):
			t.Kind = v.text
		default:
			t.Values = p.texts(v, "a test")
		}
		out = append(out, t)
	}
	return out
}

func parseFloat(n *yamlNode) (float64, error) { return strconv.ParseFloat(n.text, 64) }
