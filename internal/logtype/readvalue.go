package logtype

import (
	"regexp"
	"slices"
	"strings"
)

var (
	valueSources    = []string{"from", "const", "first", "join", "list", "when", "sum", "difference"}
	valueTransforms = []string{"where", "pick", "pivot", "fold", "get", "decode", "parse", "strip_prefix", "strip_suffix", "before",
		"after", "after_last", "lower", "upper", "split", "index", "distinct", "match", "map", "else", "scale", "as", "required"}
	valueAs     = []string{"int", "float", "bool", "text", "ip", "raw", "unix_s", "unix_ms", "unix_us", "unix_ns", "iso8601", "clf"}
	valueParses = []string{"arn", "url", "host_port", "ip_port", "kv", "request_line"}
)

// value reads a value: a path, or a map with one source and transforms.
func (p *problems) value(n *yamlNode, what string) *Value {
	switch n.kind {
	case yamlText:
		return &Value{Pos: n.pos, Source: "from", Path: n.text}
	case yamlMap:
		return p.valueMap(n, what, false)
	}
	p.hint(n.pos, "a constant is written {const: …}", "%s: want a path or a map, not %s", what, n.kind)
	return &Value{Pos: n.pos, Source: "const", Const: &Const{}}
}

// valueMap reads the map form. In a case of a when the key if belongs to the case.
func (p *problems) valueMap(n *yamlNode, what string, inCase bool) *Value {
	v := &Value{Pos: n.pos}
	known := append(slices.Clone(valueSources), valueTransforms...)
	if inCase {
		known = append(known, "if")
	}
	p.only(n, what, known...)
	for i := range n.pairs {
		if k := n.pairs[i].key; slices.Contains(valueSources, k) {
			if v.Source != "" {
				p.add(n.pairs[i].pos, "%s: one source only, there is %s already", what, v.Source)
				continue
			}
			v.Source = k
			p.source(&n.pairs[i].value, v, k)
		}
	}
	if v.Source == "" {
		p.hint(n.pos, "one of "+strings.Join(valueSources, " "), "%s: no source", what)
		v.Source, v.Const = "const", &Const{}
	}
	p.transforms(n, v, what)
	return v
}

func (p *problems) source(n *yamlNode, v *Value, source string) {
	switch source {
	case "from":
		v.Path = p.text(n, "from")
	case "const":
		v.Const = p.constant(n)
	case "first", "list", "sum", "difference":
		if !p.want(n, yamlList, source) {
			return
		}
		for i := range n.items {
			v.Parts = append(v.Parts, p.value(&n.items[i], source))
		}
		if len(v.Parts) == 0 || source == "difference" && len(v.Parts) != 2 {
			p.add(n.pos, "%s: wrong number of values", source)
		}
	case "join":
		if p.want(n, yamlList, "join") {
			for i := range n.items {
				v.Join = append(v.Join, p.joinPart(&n.items[i]))
			}
		}
	case "when":
		if !p.want(n, yamlList, "when") {
			return
		}
		for i := range n.items {
			x := &n.items[i]
			if !p.want(x, yamlMap, "a case") {
				continue
			}
			c := x.get("if")
			if c == nil {
				p.add(x.pos, "a case needs if")
				continue
			}
			v.Cases = append(v.Cases, Case{*p.condition(c, "if"), p.valueMap(x, "a case", true)})
		}
	}
}

func (p *problems) joinPart(n *yamlNode) JoinPart {
	if n.kind == yamlMap && (n.get("text") != nil || n.get("if_any") != nil) {
		p.only(n, "a part of a join", "text", "if_any", "prefix", "suffix")
		var j JoinPart
		for i := range n.pairs {
			v := &n.pairs[i].value
			switch n.pairs[i].key {
			case "text":
				j.Text = p.text(v, "text")
			case "if_any":
				j.IfAny = p.value(v, "if_any")
			case "prefix":
				j.Prefix = p.text(v, "prefix")
			case "suffix":
				j.Suffix = p.text(v, "suffix")
			}
		}
		return j
	}
	return JoinPart{Value: p.value(n, "join")}
}

func (p *problems) constant(n *yamlNode) *Const {
	c := &Const{}
	switch n.kind {
	case yamlNull:
		c.Null = true
	case yamlList:
		c.List, c.Kind = true, "text"
		c.Texts = p.texts(n, "const")
	case yamlText:
		c.Kind, c.Texts = "text", []string{n.text}
	case yamlInt, yamlFloat:
		c.Kind, c.Texts = "number", []string{n.text}
	case yamlBool:
		c.Kind, c.Texts = "bool", []string{n.text}
	default:
		p.add(n.pos, "const: want a text, a number, true, false or a list")
	}
	return c
}

// textOps is the order in which text transforms apply.
var textOps = []string{"strip_prefix", "strip_suffix", "before", "after", "after_last", "lower", "upper", "split", "index", "distinct", "match", "map"}

func (p *problems) transforms(n *yamlNode, v *Value, what string) {
	ops := map[string]TextOp{}
	var decode *TextOp
	for i := range n.pairs {
		x := &n.pairs[i]
		y := &x.value
		switch x.key {
		case "where":
			v.Where = p.tests(y)
		case "pick":
			if v.Pick = p.text(y, "pick"); v.Pick != "first" && v.Pick != "last" {
				p.add(y.pos, "pick: first or last")
			}
		case "pivot":
			if y.kind == yamlList && len(y.items) == 2 {
				v.PivotName, v.PivotValue = p.text(&y.items[0], "pivot"), p.text(&y.items[1], "pivot")
			} else {
				p.add(y.pos, "pivot: want [name, value]")
			}
		case "fold":
			if v.PivotFold = p.text(y, "fold") == "lower"; !v.PivotFold {
				p.add(y.pos, "fold: the only way is lower")
			}
		case "get":
			v.Get = p.text(y, "get")
		case "decode":
			switch w := p.text(y, "decode"); w {
			case "json":
				v.DecodeJSON = true
			case "base64", "url":
				decode = &TextOp{Name: w, Pos: x.pos}
			default:
				p.hint(y.pos, suggest(w, []string{"json", "base64", "url"}), "decode: unknown word %q", w)
			}
		case "parse":
			p.parse(y, v)
		case "strip_prefix", "strip_suffix", "before", "after", "after_last", "split":
			op := TextOp{Name: x.key, Pos: x.pos, Arg: p.text(y, x.key)}
			if op.Arg == "" {
				p.add(y.pos, "%s: the text is empty", x.key)
			}
			ops[x.key] = op
		case "lower", "upper", "distinct":
			if p.bool(y, x.key) {
				ops[x.key] = TextOp{Name: x.key, Pos: x.pos}
			}
		case "index":
			ops[x.key] = TextOp{Name: x.key, Pos: x.pos, Index: p.int(y, "index")}
		case "match":
			op := TextOp{Name: x.key, Pos: x.pos, Arg: p.text(y, "match")}
			if _, err := regexp.Compile(op.Arg); err != nil {
				p.add(y.pos, "match: %v", err)
			}
			ops[x.key] = op
		case "map":
			op := ops["map"]
			op.Name, op.Pos = "map", x.pos
			if p.want(y, yamlMap, "map") {
				for j := range y.pairs {
					m := MapPair{From: y.pairs[j].key}
					if to := &y.pairs[j].value; to.kind == yamlNull {
						m.Null = true
					} else {
						m.To = p.text(to, "map")
					}
					op.Map = append(op.Map, m)
				}
			}
			ops["map"] = op
		case "else":
			if v.Source == "when" && n.get("map") == nil {
				if y.kind == yamlMap || y.kind == yamlText {
					v.Else = p.value(y, "else")
				} else if y.kind != yamlNull {
					v.Else = &Value{Pos: y.pos, Source: "const", Const: p.constant(y)}
				}
				continue
			}
			op := ops["map"]
			if c := p.constant(y); c.Null {
				op.NoElse = true
			} else {
				op.Else = c
			}
			ops["map"] = op
			if n.get("map") == nil {
				p.add(x.pos, "else needs map or when")
			}
		case "scale":
			if f, err := parseFloat(y); err != nil {
				p.add(y.pos, "scale: want a number")
			} else {
				v.Scale = &f
			}
		case "as":
			v.As = p.text(y, "as")
			if !slices.Contains(valueAs, v.As) && (!strings.HasPrefix(v.As, "layout:") || len(v.As) < 8) {
				p.hint(y.pos, suggest(v.As, valueAs), "as: unknown word %q", v.As)
			}
		case "required":
			v.Required = p.bool(y, "required")
		}
	}
	if decode != nil {
		v.Ops = append(v.Ops, *decode)
	}
	for _, name := range textOps {
		if op, ok := ops[name]; ok {
			v.Ops = append(v.Ops, op)
		}
	}
	if len(v.Where) > 0 && !strings.HasSuffix(v.Path, "[]") {
		p.add(v.Pos, "%s: where needs a list of objects, as in from: 'x[]'", what)
	}
}

func (p *problems) parse(n *yamlNode, v *Value) {
	if n.kind == yamlMap {
		p.only(n, "parse", "dissect", "regex")
		if d := n.get("dissect"); d != nil {
			v.Parse, v.Pattern = "dissect", p.text(d, "dissect")
			if _, err := compileDissect(v.Pattern); err != nil {
				p.add(d.pos, "dissect: %v", err)
			}
		} else if r := n.get("regex"); r != nil {
			v.Parse, v.Pattern = "regex", p.text(r, "regex")
			if _, err := regexp.Compile(v.Pattern); err != nil {
				p.add(r.pos, "regex: %v", err)
			}
		}
		return
	}
	v.Parse = p.text(n, "parse")
	if !slices.Contains(valueParses, v.Parse) {
		p.hint(n.pos, suggest(v.Parse, valueParses), "parse: unknown word %q", v.Parse)
	}
}
