package content

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/yagura-siem/yagura/internal/logtype"
)

// outline is a definition as a reader sees it: texts, and what each field is made of in words.
// It is read from the YAML tree alone; whether the definition is valid is logtype's business.
type outline struct {
	Title     Bilingual
	About     Bilingual
	Reference string
	Version   int
	Fields    []outlineField // fields:, own ones
	Set       []outlineSet   // set:, in the author's order
	Mask      []string       // one line a place
	Rest      bool           // undeclared leaves stay searchable
	Content   string         // how its records are recognised, in words
	Key       string         // object keys it is recognised by, in words
	Frame     string         // where records begin and end, in words
	TimeFrom  string         // what @timestamp is made of, in words
	helpers   map[string]any
	say       phrases
}

// phrases are the words between the parts of a description.
type phrases struct {
	always, otherwise, orElse, when, translated, chosen, first, last, apart, part, and, computed string
}

func phrasesIn(lang string) phrases {
	if lang == "ja" {
		return phrases{always: "常に %s", otherwise: "それ以外は %s", orElse: "、なければ ", when: "`%s` のとき %s", translated: "読み替え", chosen: "条件に合うもの", first: "最初", last: "最後", apart: "分解", part: "一部", and: "、", computed: "%s から条件に応じて"}
	}
	return phrases{always: "always %s", otherwise: "else %s", orElse: ", else ", when: "if `%s`: %s", translated: "translated", chosen: "those that fit", first: "the first", last: "the last", apart: "taken apart", part: "a part", and: ", ", computed: "by conditions from %s"}
}

// Bilingual is a text in English and Japanese.
type Bilingual struct{ EN, JA string }

// In returns the text in a language ("en", "ja"); one that is missing is given in the other.
func (b Bilingual) In(lang string) string {
	if lang == "ja" && b.JA != "" || b.EN == "" {
		return b.JA
	}
	return b.EN
}

type outlineField struct {
	Name  string
	Kind  string
	About Bilingual
}

type outlineSet struct {
	Field string
	From  string // in words, Markdown
}

// readOutline reads a definition that logtype can parse, which bounds its size and depth and
// leaves no aliases in it.
func readOutline(file string, src []byte, lang string) (outline, error) {
	if _, err := logtype.Parse(file, src); err != nil {
		return outline{}, err
	}
	var root yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(src, &root, yaml.UseOrderedMap()); err != nil {
		return outline{}, fmt.Errorf("reading the definition: %w", err)
	}
	o := outline{
		Title: bilingual(get(root, "title")), About: bilingual(get(root, "about")),
		Reference: text(get(root, "reference")), helpers: map[string]any{}, say: phrasesIn(lang),
	}
	fmt.Sscan(text(get(root, "version")), &o.Version)
	for _, item := range mapping(get(root, "let")) {
		o.helpers[text(item.Key)] = item.Value
	}
	for _, item := range mapping(get(root, "fields")) {
		f := outlineField{Name: text(item.Key)}
		if m := mapping(item.Value); m != nil {
			f.Kind, f.About = text(get(m, "kind")), bilingual(get(m, "about"))
		} else {
			f.Kind = text(item.Value)
		}
		o.Fields = append(o.Fields, f)
	}
	for _, item := range mapping(get(root, "set")) {
		o.Set = append(o.Set, outlineSet{text(item.Key), o.origin(item.Value)})
	}
	o.Rest = has(root, "rest")
	o.Content = contentWords(get(mapping(get(root, "recognise")), "content"))
	o.Key = listText(get(mapping(get(root, "recognise")), "key"))
	o.Frame = frameWords(get(root, "frame"))
	if has(root, "time") {
		o.TimeFrom = o.words(get(root, "time"), 0)
	}
	for _, m := range sequence(get(root, "mask")) {
		o.Mask = append(o.Mask, maskWords(m))
	}
	return o, nil
}

// Words longer than this (in characters) say less than the paths that go into the value.
const (
	maxOriginWords = 260
	maxOriginPaths = 8
)

// origin says what a field is made of: in words, or when that gets long by the native paths.
func (o *outline) origin(v any) string {
	words := o.words(v, 0)
	if utf8.RuneCountInString(words) <= maxOriginWords {
		return words
	}
	p := pathList{o: o, seen: map[string]bool{}}
	p.add(v)
	if len(p.list) == 0 {
		return words
	}
	shown := p.list
	if len(shown) > maxOriginPaths {
		shown = append(slices.Clone(shown[:maxOriginPaths]), fmt.Sprintf("… (+%d)", len(p.list)-maxOriginPaths))
	}
	return fmt.Sprintf(o.say.computed, strings.Join(shown, o.say.and))
}

// pathList collects the native paths of a value, each once; every helper is opened once.
type pathList struct {
	o    *outline
	seen map[string]bool
	list []string
}

func (p *pathList) add(v any) {
	if list := sequence(v); list != nil {
		for _, e := range list {
			p.add(e)
		}
		return
	}
	m := mapping(v)
	for _, item := range m {
		switch text(item.Key) {
		case "from", "first", "join", "list", "sum", "difference", "when", "if_any":
			p.add(item.Value)
		case "else": // of a when; that of a map is a constant
			if has(m, "when") {
				p.add(item.Value)
			}
		}
	}
	path := text(v)
	if m != nil || path == "" || p.seen[path] {
		return
	}
	p.seen[path] = true
	if !strings.HasPrefix(path, "$") {
		p.list = append(p.list, "`"+path+"`")
		return
	}
	name, _, _ := strings.Cut(path[1:], ".")
	if !p.seen["$"+name+" opened"] {
		p.seen["$"+name+" opened"] = true
		p.add(p.o.helpers[name])
	}
}

// Values nested deeper than this are not spelt out.
const maxWordsDepth = 6

// words says what a value is made of.
func (o *outline) words(v any, depth int) string {
	if depth > maxWordsDepth {
		return "…"
	}
	m := mapping(v)
	if m == nil {
		if list := sequence(v); list != nil {
			return o.joined(list, depth, o.say.and)
		}
		return o.pathWords(text(v), depth)
	}
	var out string
	switch {
	case has(m, "const"):
		out = fmt.Sprintf(o.say.always, constWords(get(m, "const")))
	case has(m, "first"):
		out = o.joined(sequence(get(m, "first")), depth, o.say.orElse)
	case has(m, "join"):
		out = o.joined(sequence(get(m, "join")), depth, " + ")
	case has(m, "list"):
		out = o.joined(sequence(get(m, "list")), depth, o.say.and)
	case has(m, "sum"):
		out = o.joined(sequence(get(m, "sum")), depth, " + ")
	case has(m, "difference"):
		out = o.joined(sequence(get(m, "difference")), depth, " − ")
	case has(m, "when"):
		out = o.cases(m, depth)
	case has(m, "if_any"):
		out = o.pathWords(text(get(m, "if_any")), depth)
	case has(m, "text"):
		out = constWords(get(m, "text"))
	case has(m, "from"):
		out = o.words(get(m, "from"), depth+1)
	default:
		return "…"
	}
	if how := o.transformWords(m); how != "" && !strings.HasSuffix(out, " ("+how+")") {
		out += " (" + how + ")"
	}
	return out
}

// caseWords is words for one case of a "when", where a constant needs no "always".
func (o *outline) caseWords(v any, depth int) string {
	if m := mapping(v); has(m, "const") {
		return constWords(get(m, "const"))
	}
	return o.words(v, depth+1)
}

// Of a longer list only so many parts are spelt out, which also bounds the work.
const maxWordsParts = 4

// joined says what the parts of a list are made of.
func (o *outline) joined(list []any, depth int, sep string) string {
	spelt := list
	if len(list) > maxWordsParts+1 {
		spelt = list[:maxWordsParts]
	}
	parts := make([]string, 0, len(spelt)+1)
	for _, v := range spelt {
		parts = append(parts, o.words(v, depth+1))
	}
	if more := len(list) - len(spelt); more > 0 {
		parts = append(parts, fmt.Sprintf("… (+%d)", more))
	}
	return strings.Join(parts, sep)
}

// cases says which value is taken when.
func (o *outline) cases(m yaml.MapSlice, depth int) string {
	list := sequence(get(m, "when"))
	var out []string
	for i, c := range list {
		if i == maxWordsParts && len(list) > maxWordsParts+1 {
			out = append(out, fmt.Sprintf("… (+%d)", len(list)-i))
			break
		}
		cm := mapping(c)
		out = append(out, fmt.Sprintf(o.say.when, text(get(cm, "if")), o.caseWords(without(cm, "if"), depth)))
	}
	if has(m, "else") {
		e := get(m, "else")
		if mapping(e) == nil {
			e = yaml.MapSlice{{Key: "from", Value: e}}
		}
		out = append(out, fmt.Sprintf(o.say.otherwise, o.caseWords(e, depth)))
	}
	return strings.Join(out, "; ")
}

// pathWords shows a native path; a helper is shown by what it was made of.
func (o *outline) pathWords(p string, depth int) string {
	if !strings.HasPrefix(p, "$") {
		return "`" + p + "`"
	}
	name, sub, _ := strings.Cut(p[1:], ".")
	helper, ok := o.helpers[name]
	if !ok {
		return "`" + p + "`"
	}
	words := o.words(helper, depth+1)
	if sub != "" {
		words += " → `" + sub + "`"
	}
	return words
}

// transformWords names the transforms that change the meaning of a value.
func (o *outline) transformWords(m yaml.MapSlice) string {
	var out []string
	for _, item := range m {
		switch k := text(item.Key); k {
		case "map":
			out = append(out, o.say.translated)
		case "where":
			out = append(out, o.say.chosen)
		case "pick":
			if text(item.Value) == "last" {
				out = append(out, o.say.last)
			} else {
				out = append(out, o.say.first)
			}
		case "parse":
			if mapping(item.Value) != nil {
				out = append(out, o.say.apart)
			} else {
				out = append(out, text(item.Value))
			}
		case "decode", "pivot":
			if k == "decode" {
				out = append(out, text(item.Value))
			}
		case "get":
			out = append(out, "`"+text(item.Value)+"`")
		case "scale":
			out = append(out, "× "+text(item.Value))
		case "match", "index", "before", "after", "after_last", "strip_prefix", "strip_suffix":
			out = append(out, o.say.part)
		}
	}
	return strings.Join(slices.Compact(out), ", ")
}

func constWords(v any) string {
	if list := sequence(v); list != nil {
		var out []string
		for _, e := range list {
			out = append(out, "`"+text(e)+"`")
		}
		return strings.Join(out, ", ")
	}
	return "`" + text(v) + "`"
}

// contentWords says by what content a record is known.
func contentWords(v any) string {
	if list := sequence(v); list != nil {
		return listText(list) + " present"
	}
	var parts []string
	for _, item := range mapping(v) {
		switch k := text(item.Key); k {
		case "all":
			parts = append(parts, listText(item.Value)+" present")
		case "any":
			parts = append(parts, "one of "+listText(item.Value)+" present")
		case "equal":
			for _, e := range mapping(item.Value) {
				parts = append(parts, text(e.Key)+" = "+strings.ReplaceAll(listText(e.Value), ", ", " or "))
			}
		case "starts", "like", "re":
			parts = append(parts, "starts like "+strings.ReplaceAll(listText(item.Value), ", ", " or "))
		}
	}
	return strings.Join(parts, "; ")
}

func frameWords(v any) string {
	m := mapping(v)
	if m == nil {
		return text(v)
	}
	if j := mapping(get(m, "json")); j != nil {
		return "json, records in " + text(get(j, "records"))
	}
	t := mapping(get(m, "text"))
	switch {
	case has(t, "regex"):
		return "lines, by a regular expression"
	case has(t, "split"):
		return fmt.Sprintf("lines, split at %q", text(get(t, "split")))
	}
	return "lines"
}

func maskWords(v any) string {
	m := mapping(v)
	if m == nil {
		return "`" + text(v) + "`"
	}
	var parts []string
	for _, item := range m {
		val := text(item.Value)
		if w := mapping(item.Value); w != nil {
			var tests []string
			for _, t := range w {
				if in := mapping(t.Value); in != nil {
					for _, test := range in {
						tests = append(tests, text(t.Key)+" "+strings.ReplaceAll(text(test.Key), "_", " ")+" "+listText(test.Value))
					}
				} else {
					tests = append(tests, text(t.Key)+" = "+listText(t.Value))
				}
			}
			val = strings.Join(tests, ", ")
		} else if sequence(item.Value) != nil {
			val = listText(item.Value)
		}
		parts = append(parts, text(item.Key)+": `"+val+"`")
	}
	return strings.Join(parts, ", ")
}

func listText(v any) string {
	list := sequence(v)
	if list == nil {
		return text(v)
	}
	var out []string
	for _, e := range list {
		out = append(out, text(e))
	}
	return strings.Join(out, ", ")
}

func bilingual(v any) Bilingual {
	if m := mapping(v); m != nil {
		return Bilingual{EN: strings.TrimSpace(text(get(m, "en"))), JA: strings.TrimSpace(text(get(m, "ja")))}
	}
	return Bilingual{EN: strings.TrimSpace(text(v))}
}

func mapping(v any) yaml.MapSlice {
	m, _ := v.(yaml.MapSlice)
	return m
}

func sequence(v any) []any {
	s, _ := v.([]any)
	return s
}

func get(m yaml.MapSlice, key string) any {
	for _, item := range m {
		if text(item.Key) == key {
			return item.Value
		}
	}
	return nil
}

func has(m yaml.MapSlice, key string) bool {
	for _, item := range m {
		if text(item.Key) == key {
			return true
		}
	}
	return false
}

func without(m yaml.MapSlice, key string) yaml.MapSlice {
	out := make(yaml.MapSlice, 0, len(m))
	for _, item := range m {
		if text(item.Key) != key {
			out = append(out, item)
		}
	}
	return out
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
