package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expected says what can be written at a place of a question.
type Expected uint16

// What a place may want; several at once are or-ed.
const (
	ExpectField    Expected = 1 << iota // the name of a field
	ExpectValue                         // a value of Place.Field
	ExpectConnect                       // and, or, |
	ExpectNot                           // not
	ExpectStage                         // the name of a stage
	ExpectFunction                      // an aggregate function
	ExpectBucket                        // bucket(…)
	ExpectBy                            // by
	ExpectAs                            // as
	ExpectColumn                        // a column of the statistics before
	ExpectOrder                         // asc, desc
)

// Place is what the text before a cursor leads to, whether or not it can be read as a whole.
type Place struct {
	Expects Expected
	From    int    // where the word under the cursor begins
	Prefix  string // that word, without quotes
	Quoted  bool   // it stands in a quote that is open
	Field   string // of ExpectValue
	Stage   string // the stage it is in, lower case; "" = in the condition
	Bar     int    // where the stage's | stands; the length of the text in the condition
}

// PlaceAt finds out what a cursor at a byte offset asks for. It takes any text.
func PlaceAt(text string, pos int) Place {
	pos = min(max(pos, 0), len(text))
	for pos > 0 && pos < len(text) && !utf8.RuneStart(text[pos]) {
		pos--
	}
	head := text[:pos]
	if len(head) > maxPlace {
		return Place{From: pos, Bar: pos}
	}
	words := lexLoose(head)
	last := -1
	for i, w := range words {
		if w.mark == '|' {
			last = i
		}
	}
	p := Place{From: pos, Bar: len(text)}
	rest := words[last+1:]
	if n := len(rest); n > 0 && rest[n-1].mark == 0 && (rest[n-1].end == pos || rest[n-1].open) {
		w := rest[n-1]
		p.From, p.Prefix, p.Quoted = w.pos, w.text, w.quote
		rest = rest[:n-1]
	}
	if last >= 0 {
		p.Bar = words[last].pos
		p.stage(rest)
		return p
	}
	p.condition(rest)
	return p
}

// maxPlace bounds the text looked at.
const maxPlace = 64 << 10

// looseWord is a word, a quoted text, or a mark; open = a quote that never closes.
type looseWord struct {
	text     string
	quote    bool
	open     bool
	mark     byte
	pos, end int
}

// lexLoose cuts any text into words.
func lexLoose(src string) []looseWord {
	var out []looseWord
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRuneInString(src[i:])
		c := src[i]
		switch {
		case unicode.IsSpace(r):
			i += size
		case c == '|' && barAt(src, i, out), c == '(', c == ')', c == ':', c == ',', c == '<', c == '>':
			out = append(out, looseWord{mark: c, pos: i, end: i + 1})
			i++
		case c == '"':
			w := looseWord{quote: true, open: true, pos: i}
			var b strings.Builder
			for i++; i < len(src); i++ {
				if src[i] == '\\' && i+1 < len(src) {
					i++
				} else if src[i] == '"' {
					w.open = false
					i++
					break
				}
				b.WriteByte(src[i])
			}
			w.text, w.end = b.String(), i
			out = append(out, w)
		default:
			w := looseWord{pos: i}
			var b strings.Builder
			for i < len(src) {
				r, size := utf8.DecodeRuneInString(src[i:])
				if src[i] == '\\' && i+1 < len(src) {
					i++
					_, size = utf8.DecodeRuneInString(src[i:])
				} else if unicode.IsSpace(r) || strings.IndexByte(`():,<>"`, src[i]) >= 0 {
					break
				}
				b.WriteString(src[i : i+size])
				i += size
			}
			w.text, w.end = b.String(), i
			out = append(out, w)
		}
	}
	return out
}

// barAt tells whether a | begins a stage: as in expr.ParsePrefix, white space or the end of
// something stands before it, or white space after it.
func barAt(src string, i int, before []looseWord) bool {
	if i+1 == len(src) || unicode.IsSpace(rune(src[i+1])) {
		return true
	}
	return len(before) == 0 || before[len(before)-1].end < i || before[len(before)-1].mark == ')' || before[len(before)-1].quote
}

func (w looseWord) is(words ...string) bool {
	if w.mark != 0 || w.quote {
		return false
	}
	for _, x := range words {
		if strings.EqualFold(w.text, x) {
			return true
		}
	}
	return false
}

// condition reads what stands before the word under the cursor.
func (p *Place) condition(words []looseWord) {
	var groups []string // of each open parenthesis, the field whose values stand in it
	field := ""
	const (
		operand = iota // a field, a value in a group, not, (
		value          // behind field: or field >
		done           // behind a whole condition
	)
	state := operand
	for i, w := range words {
		switch {
		case w.mark == '(':
			f := ""
			if state == value {
				f = field
			} else if n := len(groups); n > 0 {
				f = groups[n-1]
			}
			groups, state = append(groups, f), operand
		case w.mark == ')':
			if len(groups) > 0 {
				groups = groups[:len(groups)-1]
			}
			state = done
		case w.mark == ':' || w.mark == '<' || w.mark == '>':
			if i > 0 && words[i-1].mark == 0 && state == done {
				field, state = words[i-1].text, value
			} else if state != value && len(groups) > 0 && groups[len(groups)-1] != "" {
				field, state = groups[len(groups)-1], value
			}
		case w.mark == ',':
		case state == done && w.is("and", "or"), state == operand && w.is("not"):
			state = operand
		case state == value && w.text == "=" && !w.quote:
		default:
			state = done
		}
	}
	switch {
	case state == value:
		p.Expects, p.Field = ExpectValue, field
	case state == operand && len(groups) > 0 && groups[len(groups)-1] != "":
		p.Expects, p.Field = ExpectValue|ExpectNot, groups[len(groups)-1]
	case state == operand:
		p.Expects = ExpectField | ExpectNot
	default:
		p.Expects = ExpectConnect
	}
	if p.Quoted {
		p.Expects &^= ExpectNot | ExpectConnect
	}
}

// stage reads the words of a stage before the one under the cursor.
func (p *Place) stage(words []looseWord) {
	if len(words) == 0 {
		p.Expects = ExpectStage
		return
	}
	p.Stage = strings.ToLower(words[0].text)
	words = words[1:]
	by, depth, fresh := false, 0, true // fresh: a new element of the list begins
	var before looseWord
	for _, w := range words {
		switch {
		case w.mark == '(':
			depth++
		case w.mark == ')':
			depth = max(0, depth-1)
			fresh = false
		case w.mark == ',' && depth == 0:
			fresh = true
		case w.is("by") && depth == 0:
			by, fresh = true, true
		case w.mark == 0:
			fresh = false
		}
		before = w
	}
	afterAs := before.is("as")
	switch p.Stage {
	case "stats":
		switch {
		case afterAs:
		case depth > 0:
			p.Expects = ExpectField
		case by && fresh:
			p.Expects = ExpectField | ExpectBucket
		case by:
			p.Expects = ExpectAs
		case fresh:
			p.Expects = ExpectFunction
		default:
			p.Expects = ExpectBy | ExpectAs
		}
	case "top":
		number := len(words) == 1 && strings.Trim(before.text, "0123456789") == "" && before.mark == 0
		if fresh || number {
			p.Expects = ExpectField
		} else if !by {
			p.Expects = ExpectBy
		}
	case "fields":
		if fresh {
			p.Expects = ExpectField | ExpectColumn
		}
	case "sort":
		if fresh {
			p.Expects = ExpectColumn
		} else if depth == 0 {
			p.Expects = ExpectOrder
		}
	}
}

// Columns names the columns of the statistics of a text, nil when it has none or cannot be read.
func Columns(text string, o Options) []string {
	stmt, err := Parse(text, o)
	if err != nil || stmt.Aggregate == nil {
		return nil
	}
	return (&planner{stmt: stmt}).columns()
}

// Stages, Functions: the words of the language, with what they do.
var (
	Stages = []Word{
		{"stats", "count and sum by fields", "フィールドごとに集計"}, {"top", "most frequent values", "多い値の上位"}, {"fields", "choose columns", "列を選ぶ"},
		{"sort", "order rows", "並べ替え"}, {"limit", "at most so many", "件数の上限"},
	}
	Functions = []Word{
		{"count", "number of events", "件数"}, {"distinct", "number of different values", "異なる値の数"}, {"sum", "sum of a number", "合計"}, {"avg", "mean of a number", "平均"},
		{"min", "smallest or first", "最小"}, {"max", "largest or last", "最大"}, {"percentile", "percentile of a number", "百分位数"},
	}
)

// Word is a word of the language.
type Word struct{ Name, EN, JA string }
