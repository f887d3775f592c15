package logtype

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/parse"
)

// maskRule is a compiled place to mask.
type maskRule struct {
	place  string // as written, for people
	src    source
	elems  *elements // each with where
	list   int       // sub-path of the elements
	params *paramSet // mask query parameters instead of the whole value
	hash   int       // column of the hash, -1
	slot   int       // into env.hashes, -1
	pivot  bool      // a pivot finds the values
	where  []recordTest
}

// recordTest is a test on a path of the record.
type recordTest struct {
	src source
	elementTest
}

// recordTests compiles tests on the record itself; false after a problem.
func (c *compiler) recordTests(where []Test, r *maskRule) bool {
	for _, t := range where {
		src := c.maskRef(t.Sub, t.Pos)
		if src == nil {
			return false
		}
		r.where = append(r.where, recordTest{src, newElementTest(-1, t)})
	}
	return true
}

// maskRef resolves a reference of a mask. What nobody else asks for stays in the rest.
func (c *compiler) maskRef(path string, pos Pos) source {
	if c.t.text == nil && !strings.HasPrefix(path, "@") && !strings.HasPrefix(path, "$") {
		if p, err := parse.ParsePath(path); err == nil && p.Lists() == 0 && !c.native[p.String()] {
			c.t.schema.Also(p)
		}
	}
	return c.ref(path, pos)
}

// passes reports whether the record passes all tests of the rule.
func (r *maskRule) passes(e *env) bool {
	for i := range r.where {
		t := &r.where[i]
		found := false
		vals := t.src.values(e, e.borrow())
		for _, v := range vals {
			found = found || v.Present() && t.item(e, v)
		}
		e.giveBack(vals)
		if found == t.absent {
			return false
		}
	}
	return true
}

// masks compiles the places of a definition.
func (c *compiler) masks() {
	hashes := map[string]int{}
	for i := range c.d.Mask {
		m := &c.d.Mask[i]
		if m.Show != "" {
			c.show(m)
			continue
		}
		if m.IsKeys {
			if c.t.secrets == nil {
				c.t.secrets = map[string]bool{}
			}
			for _, k := range m.Keys {
				c.t.secrets[squashName(k)] = true
			}
			continue
		}
		if m.At == "" {
			continue // reported when read
		}
		r := maskRule{place: m.At, hash: -1, slot: -1}
		if m.IsParams {
			r.params = &paramSet{}
			if len(m.Params) > 0 {
				r.params.names = nameSet(m.Params...)
			}
		}
		if m.Hash != "" && c.t.Table != nil {
			if r.hash = c.t.Table.Index(m.Hash); r.hash >= 0 {
				k, ok := hashes[m.Hash]
				if !ok {
					k = len(hashes)
					hashes[m.Hash] = k
				}
				r.slot = k
			}
		}
		if m.Each == "" {
			if r.src = c.maskRef(m.At, m.Pos); r.src == nil || !c.recordTests(m.Where, &r) {
				continue
			}
		} else {
			r.place = m.Each + "." + m.At
			if c.pivotMask(m, &r) {
				continue
			}
			x, base := c.elements(m.Each, m.Pos, m.Where, "")
			if x == nil {
				continue
			}
			p, ok := c.below(base, m.At, m.Pos)
			if !ok {
				continue
			}
			r.elems, r.list = x, c.source.List(p, base)
		}
		c.t.masks = append(c.t.masks, r)
	}
}

// show takes a place out of those that are masked for the name of their key.
func (c *compiler) show(m *MaskPlace) {
	p, err := parse.ParsePath(m.Show)
	switch {
	case err != nil:
		c.p.add(m.Pos, "show: %v", err)
	case c.t.text != nil:
		c.p.add(m.Pos, "show: a text frame has no keys")
	case p[len(p)-1].Elem || !secretKey(p[len(p)-1].Key, c.t.secrets):
		c.p.add(m.Pos, "show: %s is not masked for the name of its key", m.Show)
	default:
		c.t.schema.Show(p)
		c.t.shown = append(c.t.shown, p[len(p)-1].Key)
	}
}

// pivotSecret masks all secret names of a pivot that have no rule of their own.
type pivotSecret struct {
	is   func(string) bool
	rule int
}

// secretTest is the test {secret: kind}.
func secretTest(kind string) func(name string) bool {
	if kind == "header" {
		return secretHeader
	}
	return secretName
}

// pivotMask hands a rule over to a pivot of the same list: it knows the names it has seen, so
// that looking for the masked ones costs nothing.
func (c *compiler) pivotMask(m *MaskPlace, r *maskRule) bool {
	if len(m.Where) != 1 || m.Where[0].Kind != "fold_in" && m.Where[0].Kind != "secret" {
		return false
	}
	for _, h := range c.helpers {
		if h.pivot == nil || h.v.Path != m.Each || h.v.PivotName != m.Where[0].Sub || h.v.PivotValue != m.At {
			continue
		}
		rule := len(c.t.masks) + 1
		if c.pivotRules == nil {
			c.pivotRules = map[string]int{}
			c.pivotSecret = map[string]pivotSecret{}
		}
		path := h.v.Path
		if m.Where[0].Kind == "secret" {
			if _, taken := c.pivotSecret[path]; taken {
				c.p.add(m.Pos, "secret names are masked by another place already")
			}
			c.pivotSecret[path] = pivotSecret{secretTest(m.Where[0].Values[0]), rule}
		} else {
			for _, name := range m.Where[0].Values {
				key := path + "\x00" + name
				if _, taken := c.pivotRules[key]; taken {
					c.p.add(m.Pos, "%s is masked by another place already", name)
				}
				c.pivotRules[key] = rule
			}
		}
		rules, others := c.pivotRules, c.pivotSecret
		// Asked once for every name: a name that has a rule of its own is not masked by the other.
		h.pivot.Rule = func(name string) int {
			if rule := rules[path+"\x00"+name]; rule != 0 {
				return rule
			}
			if o, ok := others[path]; ok && o.is(name) {
				return o.rule
			}
			return 0
		}
		r.pivot = true
		c.t.masks = append(c.t.masks, *r)
		return true
	}
	return false
}

func (r *maskRule) apply(e *env, v parse.Value, note func(place string)) {
	if !v.Present() || v.Text == "" {
		return
	}
	if note != nil {
		was := strings.Clone(v.Text)
		defer func() {
			if v.Text != was {
				note(r.place)
			}
		}()
	}
	if r.slot >= 0 && e.hashes[r.slot] == "" {
		sum := sha256.Sum256(parse.Bytes(e.rawText(v)))
		e.hashes[r.slot] = hex.EncodeToString(sum[:8])
	}
	if r.params != nil {
		if v.Kind != parse.Number {
			maskParams(parse.Bytes(v.Text), *r.params, true)
		}
	} else if v.Kind == parse.Object || v.Kind == parse.Array {
		maskTree(parse.Bytes(v.Text))
	} else {
		parse.Mask(v)
	}
}

// rawText is the text of a value of any kind, JSON subtrees as written.
func (e *env) rawText(v parse.Value) string {
	if v.Scalar() {
		return e.text(v)
	}
	return v.Text
}

// mask applies all places of a type to the record in env.
func (t *Type) mask(e *env, note func(place string)) {
	clear(e.hashes)
	for i := range e.sc.Masked {
		m := &e.sc.Masked[i]
		t.masks[m.Rule-1].apply(e, m.Value, note)
	}
	for i := range t.masks {
		r := &t.masks[i]
		if r.pivot {
			continue
		}
		if r.elems == nil {
			if s, ok := r.src.(slotSource); ok {
				if v := e.sc.Value(s.slot); v.Present() && r.passes(e) {
					r.apply(e, v, note)
				}
				continue
			}
			if !r.passes(e) {
				continue
			}
			vals := r.src.values(e, e.borrow())
			for _, v := range vals {
				r.apply(e, v, note)
			}
			e.giveBack(vals)
			continue
		}
		items := e.sc.List(r.list)
		if len(items) == 0 {
			continue
		}
		r.elems.each(e, func(elem int32) bool {
			for _, it := range items {
				if it.Elem == elem {
					r.apply(e, it.Value, note)
				}
			}
			return true
		})
	}
}

// maskTree overwrites all texts and digits of a JSON subtree, keys apart.
func maskTree(b []byte) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= '0' && c <= '9' {
			b[i] = '1'
			continue
		}
		if c != '"' {
			continue
		}
		end := textEnd(b, i+1)
		k := end + 1
		for k < len(b) && (b[k] == ' ' || b[k] == '\n' || b[k] == '\t' || b[k] == '\r') {
			k++
		}
		if k >= len(b) || b[k] != ':' {
			fill(b[i+1 : min(end, len(b))])
		}
		i = end
	}
}

// textEnd is the index of the quote that ends a JSON text, or len(b).
func textEnd(b []byte, i int) int {
	for i < len(b) && b[i] != '"' {
		if b[i] == '\\' {
			i++
		}
		i++
	}
	return min(i, len(b))
}

func fill(b []byte) {
	for i := range b {
		b[i] = '*'
	}
}

// maskLoose masks what it can in bytes that are no sound record: query parameters, values
// behind secret keys (also in JSON inside a JSON text), the neighbours of secret header names in
// an object, and what follows "Bearer" and the like. It is used for quarantined records only and
// rather masks too much.
func maskLoose(b []byte, extra map[string]bool) {
	maskParams(b, paramSet{}, false)
	maskSchemes(b)
	maskKeys(b, extra, 0)
}

var authSchemes = []string{"bearer ", "basic ", "authorization: ", "authorization:", "cookie: ", "cookie:", "x-api-key: ", "x-api-key:"}

// maskSchemes masks the word after an authorization scheme, or the line after a header name.
func maskSchemes(b []byte) {
	for i := 0; i < len(b); i++ {
		switch b[i] | 0x20 {
		case 'b', 'a', 'c', 'x':
		default:
			continue
		}
		if i > 0 && nameByte(b[i-1]) {
			continue
		}
		for k, s := range authSchemes {
			if i+len(s) > len(b) || !equalFoldASCII(b[i:i+len(s)], s) {
				continue
			}
			line := k >= 2
			for i += len(s); i < len(b) && b[i] != '"' && b[i] >= ' ' && (line || b[i] != ' ') && b[i] != '\\'; i++ {
				b[i] = '*'
			}
			break
		}
	}
}

func equalFoldASCII(b []byte, lower string) bool {
	for i := 0; i < len(lower); i++ {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// maskKeys finds quoted texts (the quote behind level backslashes) and masks by their names.
func maskKeys(b []byte, extra map[string]bool, level int) {
	var at []int // starts and ends of texts since then
	secret := false
	flush := func() {
		if secret {
			for k := 0; k+1 < len(at); k += 2 {
				if text := b[at[k]:at[k+1]]; !headerWord(text) && !keyFollows(b, at[k+1]) {
					fill(text)
				}
			}
		}
		at, secret = at[:0], false
	}
	for i := 0; i < len(b); {
		c := b[i]
		if c == '{' || c == '}' || c == '\n' {
			flush()
			i++
			continue
		}
		if c != '"' {
			i++
			continue
		}
		start := i + 1
		end := textEnd(b, start)
		text := b[start:end]
		if bytesHave(text, '\\') && level == 0 {
			maskEscapedKeys(text, extra)
		}
		next := end + 1
		for next < len(b) && (b[next] == ' ' || b[next] == '\t' || b[next] == '\n' || b[next] == '\r') {
			next++
		}
		if next < len(b) && b[next] == ':' {
			if secretKey(keyText(text), extra) {
				next++
				for next < len(b) && (b[next] == ' ' || b[next] == '\t') {
					next++
				}
				i = maskAfterKey(b, next)
				continue
			}
		} else {
			if headerWord(text) {
				secret = true
			}
			if len(at) < 64 {
				at = append(at, start, end)
			}
		}
		i = end + 1
	}
	flush()
}

func bytesHave(b []byte, c byte) bool { return slices.Contains(b, c) }

func keyText(b []byte) string {
	if bytesHave(b, '\\') {
		return string(parse.AppendUnescaped(nil, string(b)))
	}
	return string(b)
}

// headerWord reports whether a JSON text is the name of a header with a secret value.
func headerWord(b []byte) bool {
	if len(b) > maxNameBytes {
		return false
	}
	name := strings.TrimSpace(keyText(b))
	return !strings.ContainsAny(name, " =;,/:") && secretHeader(name)
}

func keyFollows(b []byte, end int) bool {
	for end++; end < len(b) && b[end] <= ' '; end++ {
	}
	return end < len(b) && b[end] == ':'
}

// maskAfterKey masks the value at i: a text to its end (or the end of b), a number, or all
// texts of a list or object up to its closing bracket.
func maskAfterKey(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch c := b[i]; {
	case c == '"':
		end := textEnd(b, i+1)
		fill(b[i+1 : end])
		return end + 1
	case c == '{' || c == '[':
		depth, k := 0, i
		for k < len(b) {
			switch b[k] {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				k = textEnd(b, k+1)
			}
			k++
			if depth == 0 {
				break
			}
		}
		maskTree(b[i:min(k, len(b))])
		return k
	default:
		for i < len(b) && (b[i] == '-' || b[i] == '.' || b[i] >= '0' && b[i] <= '9') {
			if b[i] >= '0' && b[i] <= '9' {
				b[i] = '1'
			}
			i++
		}
		return i
	}
}

// maskEscapedKeys masks secret keys of JSON that stands inside a JSON text: \"password\":\"x\",
// at any level of escaping. b may be the text or the whole record around it.
func maskEscapedKeys(b []byte, extra map[string]bool) {
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], ':')
		if n < 0 {
			return
		}
		i += n
		q := i - 1
		for q > 0 && b[q] == ' ' {
			q--
		}
		if q < 2 || b[q] != '"' || b[q-1] != '\\' {
			continue
		}
		end, level := q, 0 // end of the key, backslashes before its quote
		for end > 0 && b[end-1] == '\\' {
			end--
			level++
		}
		start := end
		for start > 0 && b[start-1] != '"' && end-start <= maxNameBytes {
			start--
		}
		if start == 0 || b[start-1] != '"' || !secretKey(string(b[start:end]), extra) {
			continue
		}
		v := i + 1
		for v < len(b) && b[v] == ' ' {
			v++
		}
		open := v
		for v < len(b) && b[v] == '\\' {
			v++
		}
		switch {
		case v-open == level && v < len(b) && b[v] == '"':
			stop := escapedEnd(b, v+1, level)
			if stop < 0 {
				// No end: the text is cut off. Mask up to the quote of the outer text.
				for stop = v + 1; stop < len(b) && b[stop] != '"'; stop++ {
				}
			}
			fill(b[v+1 : stop])
			i = stop
		default:
			for v = open; v < len(b) && (b[v] == '-' || b[v] == '.' || b[v]-'0' <= 9); v++ {
				if b[v]-'0' <= 9 {
					b[v] = '1'
				}
			}
		}
	}
}

// escapedEnd finds the quote behind exactly n backslashes that ends a text; the index is that
// of its first backslash, -1 when there is none.
func escapedEnd(b []byte, i, n int) int {
	for i < len(b) {
		if b[i] == '"' {
			return -1 // the outer text ends
		}
		if b[i] != '\\' {
			i++
			continue
		}
		k := i
		for k < len(b) && b[k] == '\\' {
			k++
		}
		if k < len(b) && b[k] == '"' && k-i == n {
			return i
		}
		i = k + 1
	}
	return -1
}
