package logtype

import (
	"math"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse"
	"github.com/yagura-siem/yagura/internal/schema"
)

// writer computes one field and writes it to its column.
type writer struct {
	name     string
	col      int
	kind     schema.Kind
	src      source
	slot     int // the source is this slot, -1 = another source
	fixed    *constSource
	num      numeric
	read     timeReader
	raw      bool
	required bool
	twin     int    // column of texts with the same source, written before this one of addresses, -1
	items    int    // the source is this list, -1 = another source
	distinct bool   // each text of it once
	needs    []int  // lists one of which must have items for a value to be there; nil = unknown
	native   string // the native path, when the field is a plain copy of it
	value    *Value
}

func (c *compiler) writer(n *Named, src source, kind schema.Kind) writer {
	v := n.Value
	w := writer{name: n.Name, kind: kind, src: src, slot: -1, items: -1, twin: -1, required: v.Required, raw: v.As == "raw", value: v}
	if s, ok := src.(slotSource); ok {
		w.slot = s.slot
	}
	if k, ok := src.(*constSource); ok {
		w.fixed = k
		w.checkConst(c, v, kind)
	}
	switch x := src.(type) {
	case listSource:
		w.items = x.id
	case *opSource:
		if l, ok := x.of.(listSource); ok && len(x.ops) == 1 && x.ops[0].distinct {
			w.items, w.distinct = l.id, true
		}
	}
	if w.raw || c.source != c.t.schema {
		w.items = -1
	}
	if ids, ok := listsOf(src); ok && kind.List() && c.source == c.t.schema {
		w.needs = ids
	}
	if x, ok := src.(numeric); ok && (kind == schema.Int || kind == schema.Float) {
		w.num = x
	}
	if w.raw && w.slot >= 0 && v.Source == "from" && !strings.ContainsAny(v.Path, "$@") && c.t.text == nil {
		if p, err := parse.ParsePath(v.Path); err == nil {
			c.source.Except(p) // the field has all of it
		}
	}
	w.read = newTimeReader(v.As)
	switch {
	case kind == schema.Time && w.read == nil && w.fixed == nil:
		c.p.add(v.Pos, "%s is a time: as must say how it is written", n.Name)
	case kind != schema.Time && w.read != nil:
		c.p.add(v.Pos, "%s is %s, and as: %s makes a time", n.Name, kind, v.As)
	case w.raw && kind.Element() != schema.String:
		c.p.add(v.Pos, "%s is %s, and as: raw makes a text", n.Name, kind)
	case v.As == "int" && kind != schema.Int && kind != schema.Float || v.As == "float" && kind != schema.Float ||
		v.As == "bool" && kind != schema.Bool || v.As == "ip" && kind.Element() != schema.IP:
		c.p.add(v.Pos, "%s is %s, not %s: the field decides", n.Name, kind, v.As)
	case !kind.List() && src.list() && v.Pick == "":
		if _, one := src.(*firstSource); !one {
			c.p.hint(v.Pos, "pick, index or join make one value", "%s holds one value, and this is a list", n.Name)
		}
	}
	if v.Source == "from" && len(v.Ops) == 0 && len(v.Where) == 0 && v.Pick == "" && v.Scale == nil && v.Get == "" &&
		!strings.HasPrefix(v.Path, "$") && !strings.HasPrefix(v.Path, "@") {
		w.native = v.Path
		if _, taken := c.t.aliases[v.Path]; !taken {
			c.t.aliases[v.Path] = n.Name
		}
	}
	return w
}

// listsOf lists the scanner's lists that a source reads; ok is false when it reads anything else.
func listsOf(s source) (ids []int, ok bool) {
	all := func(of []source) ([]int, bool) {
		var ids []int
		for _, x := range of {
			more, ok := listsOf(x)
			if !ok {
				return nil, false
			}
			ids = append(ids, more...)
		}
		return ids, true
	}
	switch x := s.(type) {
	case listSource:
		return []int{x.id}, true
	case *filteredSource:
		return []int{x.id}, true
	case *pickedSource:
		return []int{x.id}, true
	case *concatSource:
		return all(x.of)
	case *firstSource:
		return all(x.of)
	case *opSource:
		return listsOf(x.of)
	}
	return nil, false
}

func (w *writer) checkConst(c *compiler, v *Value, kind schema.Kind) {
	if v.Const != nil && v.Const.List && !kind.List() {
		c.p.add(v.Pos, "%s holds one value, and this is a list", w.name)
	}
	for _, x := range w.fixed.vals {
		ok := true
		switch kind.Element() {
		case schema.Int:
			_, ok = toInt(x)
		case schema.Float:
			_, ok = toFloat(x)
		case schema.Bool:
			_, ok = toBool(x)
		case schema.IP:
			_, ok = schema.ParseIP(x.Text)
		case schema.Time:
			ok = false
		}
		if !ok {
			c.p.add(v.Pos, "%s is %s, which %q is not", w.name, kind, x.Text)
		}
	}
}

// write writes the field of a row; present reports whether there is a value.
func (w *writer) write(e *env, b *builder, row int) (present bool) {
	col := &b.batch.Columns[w.col]
	if w.kind.List() {
		return w.writeList(e, b, col, row)
	}
	var v parse.Value
	switch {
	case w.slot >= 0 && w.twin < 0:
		v = e.sc.Value(w.slot)
	case w.fixed != nil && w.kind.Text() && !col.Plain:
		if len(w.fixed.vals) == 0 {
			return false
		}
		code := b.consts[w.col]
		if code < 0 {
			code = col.Dict.CodeString(w.fixed.vals[0].Text)
			b.consts[w.col] = code
		}
		col.SetCode(row, code)
		return true
	case w.num != nil:
		f, ok := w.num.number(e)
		if !ok {
			return false
		}
		if w.kind == schema.Float {
			col.SetFloat(row, f)
			return true
		}
		f = math.Round(f)
		if !(f >= -1<<63 && f < 1<<63) {
			e.fails++
			return false
		}
		col.SetInt(row, int64(f))
		return true
	case w.twin >= 0:
		return w.writeTwin(e, b, col, row)
	default:
		v = w.src.value(e)
	}
	if v.Kind <= parse.Null || len(v.Text) == 0 {
		return false
	}
	ok := false
	switch w.kind {
	case schema.String:
		var s string
		switch v.Kind {
		case parse.Text, parse.Number, parse.True, parse.False:
			s = v.Text
		case parse.Object, parse.Array:
			if w.raw && len(v.Text) == 2 {
				return false // empty
			}
			if w.raw {
				s = v.Text
			}
		default:
			s = e.text(v)
		}
		if ok = s != ""; ok {
			col.SetText(row, parse.Bytes(s))
		}
	case schema.IP:
		var s string
		if s, ok = canonicalIP(e, v); ok {
			col.SetText(row, parse.Bytes(s))
		}
	case schema.Int:
		var n int64
		if n, ok = toInt(v); ok {
			col.SetInt(row, n)
		}
	case schema.Bool:
		var n int64
		if n, ok = toBool(v); ok {
			col.SetInt(row, n)
		}
	case schema.Float:
		var f float64
		if f, ok = toFloat(v); ok {
			col.SetFloat(row, f)
		}
	case schema.Time:
		var n int64
		if v.Scalar() && w.read != nil {
			if n, ok = w.read(e.text(v)); ok {
				col.SetInt(row, n)
			}
		}
	}
	if !ok {
		e.fails++
	}
	return ok
}

func (w *writer) writeList(e *env, b *builder, col *event.Column, row int) bool {
	if w.needs != nil {
		// An empty list is the common case: find out before anything is touched.
		some := false
		for _, id := range w.needs {
			if some = len(e.sc.List(id)) > 0; some {
				break
			}
		}
		if !some {
			return false
		}
	}
	if w.items >= 0 && w.kind == schema.Strings {
		return writeItems(e, col, e.sc.List(w.items), w.distinct, row)
	}
	vals := e.borrow()
	switch {
	case w.slot >= 0:
		v := e.sc.Value(w.slot)
		if v.Kind == parse.Array && !w.raw {
			vals = flatten(vals, v.Text)
		} else {
			vals = appendPresent(vals, v)
		}
	case w.fixed != nil:
		vals = append(vals, w.fixed.vals...)
	default:
		vals = w.src.values(e, vals)
	}
	if len(vals) == 0 {
		e.giveBack(vals)
		return false
	}
	col.Pad(row)
	n := len(col.Codes)
	for _, v := range vals {
		var s string
		switch {
		case w.kind == schema.IPs:
			var ok bool
			if s, ok = canonicalIP(e, v); !ok {
				e.fails++
				continue
			}
		case v.Scalar():
			s = e.text(v)
		case w.raw:
			s = v.Text
		default:
			e.fails++
			continue
		}
		col.AddText(parse.Bytes(s))
	}
	e.giveBack(vals)
	if len(col.Codes) == n {
		return false
	}
	col.CloseList(row)
	return true
}

// What is remembered of a text of the twin column.
const (
	twinNew = 0  // not looked at
	twinBad = -1 // no address
)

// writeTwin writes an address whose text another column has already: what the text is as an
// address is remembered by its code there.
func (w *writer) writeTwin(e *env, b *builder, col *event.Column, row int) bool {
	text := &b.batch.Columns[w.twin]
	if len(text.Codes) <= row {
		return false
	}
	code := int(text.Codes[row])
	if code < 0 {
		return false
	}
	memo := b.twins[w.col]
	if code >= len(memo) {
		memo = append(memo, make([]int32, len(text.Dict.Values)-len(memo))...)
		if b.twins == nil {
			b.twins = map[int][]int32{}
		}
		b.twins[w.col] = memo
	}
	switch known := memo[code]; known {
	case twinNew:
		s, ok := canonicalIP(e, parse.Value{Text: text.Dict.Values[code], Kind: parse.Text})
		if !ok {
			memo[code] = twinBad
			break
		}
		c := col.Dict.Code(parse.Bytes(s))
		memo[code] = c + 1
		col.SetCode(row, c)
		return true
	case twinBad:
	default:
		col.SetCode(row, known-1)
		return true
	}
	e.fails++
	return false
}

// writeItems writes the texts of a list as they stand.
func writeItems(e *env, col *event.Column, items []parse.Item, distinct bool, row int) bool {
	col.Pad(row)
	n := len(col.Codes)
next:
	for i := range items {
		v := &items[i].Value
		s := v.Text
		if v.Kind != parse.Text {
			if !v.Scalar() {
				e.fails++
				continue
			}
			s = e.text(*v)
		}
		code := col.Dict.Code(parse.Bytes(s))
		if distinct {
			for _, c := range col.Codes[n:] {
				if c == code {
					continue next
				}
			}
		}
		col.Codes = append(col.Codes, code)
	}
	if len(col.Codes) == n {
		return false
	}
	col.CloseList(row)
	return true
}

// flatten reads the scalars of a JSON array that stood where a single value was asked for.
func flatten(vals []parse.Value, text string) []parse.Value {
	s := parse.NewSchema()
	id := s.List(parse.Path{{Key: "v"}, {Elem: true}}, nil)
	sc := s.NewScanner()
	buf := make([]byte, 0, len(text)+8+parse.Pad)
	buf = append(append(append(buf, `{"v":`...), text...), '}')
	buf = append(buf, make([]byte, parse.Pad)...)
	if _, err := sc.Scan(buf, 0); err != nil {
		return vals
	}
	for _, it := range sc.List(id) {
		vals = append(vals, it.Value)
	}
	return vals
}

// canonicalIP is the canonical text of an address.
func canonicalIP(e *env, v parse.Value) (string, bool) {
	if v.Kind == parse.Text && plainIPv4(v.Text) {
		return v.Text, true
	}
	if !v.Scalar() {
		return "", false
	}
	s := strings.TrimSpace(e.text(v))
	a, ok := schema.ParseIP(s)
	if !ok {
		return "", false
	}
	b := a.AppendTo(e.sc.Arena.Reserve(64))
	if string(b) == s {
		return s, true
	}
	return e.sc.Arena.Commit(b), true
}

// plainIPv4 reports whether a text is a canonical IPv4 address.
func plainIPv4(s string) bool {
	if len(s) < 7 || len(s) > 15 {
		return false
	}
	dots, v, n := 0, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '.' {
			if n == 0 {
				return false
			}
			dots++
			v, n = 0, 0
			continue
		}
		if c-'0' > 9 || n > 0 && v == 0 {
			return false
		}
		v = v*10 + int(c-'0')
		n++
		if v > 255 {
			return false
		}
	}
	return dots == 3 && n > 0
}

func toInt(v parse.Value) (int64, bool) {
	s := v.Text
	if !v.Scalar() || s == "" {
		return 0, false
	}
	if len(s) <= 18 {
		n, i := int64(0), 0
		if s[0] == '-' {
			i = 1
		}
		for ; i < len(s) && s[i]-'0' <= 9; i++ {
			n = n*10 + int64(s[i]-'0')
		}
		if i == len(s) && (s[0] != '-' || len(s) > 1) {
			if s[0] == '-' {
				n = -n
			}
			return n, true
		}
	}
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || !(f >= -1<<63 && f < 1<<63) {
		return 0, false
	}
	return int64(f), true
}

func toFloat(v parse.Value) (float64, bool) {
	if !v.Scalar() {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v.Text), 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

func toBool(v parse.Value) (int64, bool) {
	switch v.Kind {
	case parse.True:
		return 1, true
	case parse.False:
		return 0, true
	}
	switch strings.ToLower(v.Text) {
	case "true", "yes", "1":
		return 1, v.Scalar()
	case "false", "no", "0":
		return 0, v.Scalar()
	}
	return 0, false
}
