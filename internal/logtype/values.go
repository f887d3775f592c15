package logtype

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// helper is a let entry while it is compiled.
type helper struct {
	name string
	pos  Pos
	v    *Value
	used bool
	id   int // of its state, -1 until it needs one

	parsed *parsedHelper
	nested *nestedHelper
	elems  *elements
	pivot  *parse.Pivot
	base   parse.Path // of the list of elems, or the object the helper is
	plain  source     // its own value
}

func (c *compiler) declare(n *Named) {
	name := n.Name
	if strings.ContainsAny(name, ".$@[]\" ") || name == "" {
		c.p.add(n.Pos, "helper %q: want one word", name)
		return
	}
	if c.helpers[name] != nil {
		c.p.add(n.Pos, "helper %s stands here twice", name)
		return
	}
	c.helpers[name] = &helper{name: name, pos: n.Pos, v: n.Value, id: -1}
}

func (c *compiler) state() int {
	c.t.states++
	return c.t.states - 1
}

// ref resolves a reference: a native path, $helper, $helper.sub or @name. nil after a problem.
func (c *compiler) ref(path string, pos Pos) source {
	switch {
	case strings.HasPrefix(path, "@"):
		return c.knownRef(path, pos)
	case strings.HasPrefix(path, "$"):
		name, sub, _ := strings.Cut(path[1:], ".")
		h := c.helpers[name]
		if h == nil {
			var names []string
			for n := range c.helpers {
				names = append(names, n)
			}
			slices.Sort(names)
			c.p.hint(pos, suggest(name, names), "there is no helper %s", name)
			return nil
		}
		h.used = true
		if slices.Contains(c.open, name) {
			c.p.add(pos, "helper %s needs itself", name)
			return nil
		}
		c.open = append(c.open, name)
		defer func() { c.open = c.open[:len(c.open)-1] }()
		if sub == "" {
			return c.whole(h)
		}
		return c.sub(h, sub, pos)
	}
	return c.path(path, pos)
}

// path resolves a native path of the record (or of the text being decoded).
func (c *compiler) path(text string, pos Pos) source {
	if c.t.text != nil && c.source == c.t.schema {
		i, ok := c.names[text]
		if !ok {
			c.unknownName(text, pos)
			return nil
		}
		slot := c.source.Slot(parse.Path{{Key: text}})
		c.t.text.slots[i] = slot
		c.native[text] = true
		return slotSource{slot}
	}
	p, err := parse.ParsePath(text)
	if err != nil {
		c.p.add(pos, "%v", err)
		return nil
	}
	return c.pathSource(p)
}

func (c *compiler) pathSource(p parse.Path) source {
	if c.source == c.t.schema {
		c.native[p.String()] = true
	}
	if p.Lists() > 0 {
		return listSource{c.source.List(p, nil)}
	}
	return slotSource{c.source.Slot(p)}
}

// whole is a helper used without a sub-path.
func (c *compiler) whole(h *helper) source {
	if h.plain != nil {
		return h.plain
	}
	if h.v.PivotName != "" || h.v.Parse != "" || h.v.DecodeJSON {
		c.p.add(h.pos, "helper %s has parts: use $%s.part", h.name, h.name)
		return nil
	}
	src := c.value(h.v)
	if src == nil {
		return nil
	}
	switch src.(type) {
	case slotSource, knownSource, *constSource:
		h.plain = src
	default:
		h.plain = &onceSource{of: src, id: c.state()}
	}
	return h.plain
}

// sub is a part of a helper.
func (c *compiler) sub(h *helper, sub string, pos Pos) source {
	v := h.v
	switch {
	case v.PivotName != "":
		return c.pivotSub(h, sub, pos)
	case v.Parse != "":
		if h.parsed == nil {
			p, err := newParsed(v.Parse, v.Pattern)
			if err != nil {
				return nil // reported when read
			}
			q := *v
			q.Parse = ""
			if p.of = c.value(&q); p.of == nil {
				return nil
			}
			p.id = c.state()
			h.parsed = p
		}
		i := h.parsed.output(sub)
		if i < 0 {
			c.p.hint(pos, suggest(sub, h.parsed.known), "helper %s has no part %s", h.name, sub)
			return nil
		}
		return outSource{h.parsed, i}
	case v.DecodeJSON:
		return c.nestedSub(h, sub, pos)
	case v.Source == "from" && (len(v.Where) > 0 || v.Pick != ""):
		return c.elementSub(h, sub, pos)
	case v.Source == "from" && len(v.Ops) == 0 && v.Get == "":
		if strings.HasPrefix(v.Path, "$") || strings.HasPrefix(v.Path, "@") || !strings.Contains(sub, "[") && !strings.HasPrefix(sub, "\"") {
			return c.ref(v.Path+"."+sub, pos)
		}
		return c.ref(v.Path+"."+sub, pos)
	case v.Source == "first" && len(v.Ops) == 0:
		out := &firstSource{}
		for _, part := range v.Parts {
			if part.Source != "from" || len(part.Ops) > 0 || part.Parse != "" {
				c.p.add(pos, "helper %s has no parts", h.name)
				return nil
			}
			src := c.ref(part.Path+"."+sub, part.Pos)
			if src == nil {
				return nil
			}
			out.of = append(out.of, src)
		}
		return out
	}
	c.p.add(pos, "helper %s has no parts", h.name)
	return nil
}

// listPath reads a path that must end in a list step of the record.
func (c *compiler) listPath(text string, pos Pos, what string) parse.Path {
	if c.t.text != nil && c.source == c.t.schema {
		c.p.add(pos, "%s needs a list, and a text frame has none", what)
		return nil
	}
	p, err := parse.ParsePath(text)
	if err != nil || !p[len(p)-1].Elem {
		c.p.add(pos, "%s needs a list of objects, as in 'x[]'", what)
		return nil
	}
	return p
}

func (c *compiler) pivotSub(h *helper, sub string, pos Pos) source {
	if h.pivot == nil {
		base := c.listPath(h.v.Path, h.v.Pos, "pivot")
		if base == nil {
			return nil
		}
		h.base = base
		h.pivot = c.source.Pivot(base, h.v.PivotName, h.v.PivotValue, h.v.PivotFold)
	}
	sub = strings.Trim(sub, `"`)
	c.native[parse.Path(append(h.base[:len(h.base)-1:len(h.base)-1], parse.Step{Key: sub})).String()] = true
	return slotSource{h.pivot.Slot(sub)}
}

// below is a sub-path of the elements of a base.
func (c *compiler) below(base parse.Path, sub string, pos Pos) (parse.Path, bool) {
	p, err := parse.ParsePath(sub)
	if err != nil {
		c.p.add(pos, "%v", err)
		return nil, false
	}
	return append(slices.Clone(base), p...), true
}

// elements compiles where and pick.
func (c *compiler) elements(path string, pos Pos, where []Test, pick string) (*elements, parse.Path) {
	base := c.listPath(path, pos, "where or pick")
	if base == nil {
		return nil, nil
	}
	x := &elements{counter: c.source.Elems(base), lead: -1, last: pick == "last", id: c.state()}
	for _, t := range where {
		p, ok := c.below(base, t.Sub, t.Pos)
		if !ok {
			return nil, nil
		}
		if c.source == c.t.schema {
			c.native[p.String()] = true
		}
		if t.Kind != "absent" && x.lead < 0 {
			x.lead = len(x.tests)
		}
		x.tests = append(x.tests, newElementTest(c.source.List(p, base), t))
	}
	return x, base
}

func (c *compiler) elementSub(h *helper, sub string, pos Pos) source {
	if h.elems == nil {
		h.elems, h.base = c.elements(h.v.Path, h.v.Pos, h.v.Where, h.v.Pick)
	}
	if h.elems == nil {
		return nil
	}
	p, ok := c.below(h.base, sub, pos)
	if !ok {
		return nil
	}
	if c.source == c.t.schema {
		c.native[p.String()] = true
	}
	id := c.source.List(p, h.base)
	if h.v.Pick == "" {
		return &filteredSource{h.elems, id}
	}
	return &pickedSource{h.elems, id, p.Lists() > h.base.Lists()}
}

func (c *compiler) nestedSub(h *helper, sub string, pos Pos) source {
	if h.nested == nil {
		q := *h.v
		q.DecodeJSON = false
		of := c.value(&q)
		if of == nil {
			return nil
		}
		h.nested = &nestedHelper{of: of, schema: parse.NewSchema(), id: len(c.t.nested)}
		h.nested.schema.Nulls = c.d.Nulls
		h.nested.schema.Secret = func(key string) bool { return secretKey(key, nil) }
		c.t.nested = append(c.t.nested, h.nested)
	}
	outer := c.source
	c.source = h.nested.schema
	src := c.path(sub, pos)
	c.source = outer
	if src == nil {
		return nil
	}
	return &nestedSource{h.nested, src}
}

// value compiles a value; nil after a problem.
func (c *compiler) value(v *Value) source {
	src := c.base(v)
	if src == nil {
		return nil
	}
	if v.Parse != "" || v.PivotName != "" || v.DecodeJSON {
		c.p.add(v.Pos, "a value with parts belongs in let")
		return nil
	}
	if len(v.Ops) > 0 {
		o := &opSource{of: src, many: src.list()}
		for _, t := range v.Ops {
			st := c.op(t)
			switch {
			case st.split != "":
				o.many = true
			case st.hasIndex:
				o.many = false
			case st.distinct:
			}
			o.ops = append(o.ops, st)
		}
		o.wide = o.spreads()
		src = o
	}
	if v.Scale != nil {
		src = &sumSource{of: []source{src}, scale: *v.Scale}
	}
	return src
}

// base compiles the source of a value with where, pick and get.
func (c *compiler) base(v *Value) source {
	all := func(parts []*Value) []source {
		var out []source
		for _, p := range parts {
			if s := c.value(p); s != nil {
				out = append(out, s)
			}
		}
		if len(out) < len(parts) {
			return nil
		}
		return out
	}
	switch v.Source {
	case "from":
		return c.from(v)
	case "const":
		return constant(v.Const)
	case "first":
		if of := all(v.Parts); of != nil {
			return &firstSource{of}
		}
	case "list":
		if of := all(v.Parts); of != nil {
			return &concatSource{of}
		}
	case "sum", "difference":
		if of := all(v.Parts); of != nil {
			return &sumSource{of: of, minus: v.Source == "difference", scale: 1}
		}
	case "when":
		w := &whenSource{}
		ok := true
		for i := range v.Cases {
			w.ifs = append(w.ifs, c.condition(&v.Cases[i].If))
			src := c.value(v.Cases[i].Value)
			w.then = append(w.then, src)
			ok = ok && src != nil
		}
		if v.Else != nil {
			src := c.value(v.Else)
			ok = ok && src != nil
			w.els = src
		}
		if ok {
			return w
		}
	case "join":
		j := &joinSource{}
		for _, p := range v.Join {
			part := joinPart{text: p.Text, prefix: p.Prefix, suffix: p.Suffix}
			if src := p.Value; src != nil || p.IfAny != nil {
				if src == nil {
					src, part.optional = p.IfAny, true
				}
				if part.src = c.value(src); part.src == nil {
					return nil
				}
			}
			j.parts = append(j.parts, part)
		}
		return j
	}
	return nil
}

func (c *compiler) from(v *Value) source {
	if len(v.Where) == 0 && v.Pick == "" {
		if v.Get != "" {
			return c.ref(v.Path+"."+v.Get, v.Pos)
		}
		return c.ref(v.Path, v.Pos)
	}
	x, base := c.elements(v.Path, v.Pos, v.Where, v.Pick)
	if x == nil {
		return nil
	}
	p := base
	if v.Get != "" {
		var ok bool
		if p, ok = c.below(base, v.Get, v.Pos); !ok {
			return nil
		}
	}
	if c.source == c.t.schema {
		c.native[p.String()] = true
	}
	id := c.source.List(p, base)
	if v.Pick == "" {
		return &filteredSource{x, id}
	}
	return &pickedSource{x, id, p.Lists() > base.Lists()}
}

func constant(k *Const) source {
	s := &constSource{many: k.List}
	kind := parse.Text
	if k.Kind == "number" {
		kind = parse.Number
	}
	for _, t := range k.Texts {
		if k.Kind == "bool" {
			kind = parse.False
			if t == "true" {
				kind = parse.True
			}
		}
		if t != "" {
			s.vals = append(s.vals, parse.Value{Text: t, Kind: kind})
		}
	}
	return s
}

func (c *compiler) op(t TextOp) opStep {
	switch t.Name {
	case "split":
		return opStep{split: t.Arg}
	case "index":
		return opStep{index: t.Index, hasIndex: true}
	case "distinct":
		return opStep{distinct: true}
	case "strip_prefix":
		return opStep{op: stripPrefix(t.Arg)}
	case "strip_suffix":
		return opStep{op: stripSuffix(t.Arg)}
	case "before":
		return opStep{op: before(t.Arg)}
	case "after":
		return opStep{op: after(t.Arg)}
	case "after_last":
		return opStep{op: afterLast(t.Arg)}
	case "lower":
		return opStep{op: lowerCase{}}
	case "upper":
		return opStep{op: upperCase{}}
	case "base64":
		return opStep{op: decodeBase64{}}
	case "url":
		return opStep{op: decodeURL{}}
	case "match":
		re, err := regexp.Compile(t.Arg)
		if err != nil {
			re = regexp.MustCompile(`$^`) // reported when read
		}
		c.t.regexes++
		return opStep{op: &matchRegex{re, c.t.regexes - 1}}
	default:
		return opStep{op: newMapText(t)}
	}
}

// nestedHelper scans a text that is JSON itself.
type nestedHelper struct {
	of     source
	schema *parse.Schema
	id     int
}

// scan scans the text of the record once; false when there is none or it is not JSON.
func (h *nestedHelper) scan(e *env) bool {
	st := &e.nested[h.id]
	if st.record == e.record {
		return st.ok
	}
	st.record, st.ok = e.record, false
	v := h.of.value(e)
	text := v.Text
	if v.Kind != parse.Object {
		text = e.text(v)
	}
	if text = strings.TrimSpace(text); text == "" || text[0] != '{' {
		return false
	}
	buf := e.sc.Arena.Reserve(len(text) + parse.Pad)
	buf = append(buf, text...)
	buf = append(buf, make([]byte, parse.Pad)...)
	e.sc.Arena.Commit(buf)
	if st.sc == nil {
		st.sc = h.schema.NewScanner()
	}
	_, err := st.sc.Scan(buf, 0)
	if st.ok = err == nil; !st.ok {
		e.fails++
	}
	return st.ok
}

// nestedSource is a path of the decoded text.
type nestedSource struct {
	h   *nestedHelper
	src source
}

func (s *nestedSource) within(e *env) (*env, bool) {
	if !s.h.scan(e) {
		return nil, false
	}
	return &env{sc: e.nested[s.h.id].sc}, true
}

func (s *nestedSource) value(e *env) parse.Value {
	if in, ok := s.within(e); ok {
		return s.src.value(in)
	}
	return parse.Value{}
}

func (s *nestedSource) values(e *env, out []parse.Value) []parse.Value {
	if in, ok := s.within(e); ok {
		return s.src.values(in, out)
	}
	return out
}
func (s *nestedSource) list() bool { return s.src.list() }
