package expr

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of a condition.
const (
	MaxLength = 64 << 10 // bytes
	MaxDepth  = 100      // nested parentheses and nots
	MaxNodes  = 10_000   // predicates and connectives
	MaxRegex  = 4 << 10  // bytes of one regular expression
)

// Parse reads a condition. A blank text and "*" hold for every event (an empty And). Every
// error is an *Error.
func Parse(text string) (Node, error) {
	n, rest, err := ParsePrefix(text)
	if err != nil {
		return nil, err
	}
	if rest < len(text) {
		s := scanner{src: text}
		return nil, s.errorAt(rest, rest+1, "a pipeline cannot follow here, only a condition can be given", `write \| for the character itself`)
	}
	return n, nil
}

// ParsePrefix reads a condition up to a pipeline bar: a | with white space before or after it,
// or after a parenthesis, a quote or a regular expression. rest is the offset of the bar, or the length of the
// text.
func ParsePrefix(text string) (n Node, rest int, err error) {
	p := parser{scanner: scanner{src: text}}
	if len(text) > MaxLength {
		return nil, 0, p.errorAt(MaxLength, MaxLength, fmt.Sprintf("the condition is longer than %d KB", MaxLength>>10), "use a list or a file of values")
	}
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return nil, 0, p.errorAt(i, i+1, "not valid UTF-8", "")
			}
		}
	}
	p.skip()
	if p.done() || p.pipe() {
		return &And{}, p.pos, nil
	}
	n, e := p.or(p.simple)
	if e == nil {
		p.skip()
		if !p.done() && !p.pipe() {
			e = p.unexpected()
		}
	}
	if e != nil {
		return nil, 0, e
	}
	return n, p.pos, nil
}

type parser struct {
	scanner
	depth int
	nodes int
}

// operand reads one thing that and, or, not connect.
type operand func() (Node, *Error)

func (p *parser) or(leaf operand) (Node, *Error) {
	nodes, err := p.chain("or", func() (Node, *Error) { return p.and(leaf) })
	if err != nil {
		return nil, err
	}
	var flat []Node
	for _, n := range nodes {
		if o, ok := n.(*Or); ok {
			flat = append(flat, o.Nodes...)
		} else {
			flat = append(flat, n)
		}
	}
	if len(flat) == 1 {
		return flat[0], nil
	}
	return &Or{flat}, nil
}

func (p *parser) and(leaf operand) (Node, *Error) {
	nodes, err := p.chain("and", func() (Node, *Error) { return p.not(leaf) })
	if err != nil {
		return nil, err
	}
	var flat []Node
	for _, n := range nodes {
		if a, ok := n.(*And); ok {
			flat = append(flat, a.Nodes...) // "*" adds nothing
		} else {
			flat = append(flat, n)
		}
	}
	if len(flat) == 1 {
		return flat[0], nil
	}
	return &And{flat}, nil
}

func (p *parser) chain(word string, next operand) ([]Node, *Error) {
	var nodes []Node
	for {
		n, err := next()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		p.skip()
		if !p.take(word) {
			return nodes, nil
		}
		if p.nodes++; p.nodes > MaxNodes {
			return nil, p.errorAt(p.pos, p.pos, fmt.Sprintf("the condition has more than %d parts", MaxNodes), "")
		}
	}
}

func (p *parser) not(leaf operand) (Node, *Error) {
	p.skip()
	if p.take("not") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		n, err := p.not(leaf)
		p.depth--
		if err != nil {
			return nil, err
		}
		return &Not{n}, nil
	}
	if p.peek() != '(' {
		return leaf()
	}
	open := p.pos
	p.pos++
	if err := p.enter(); err != nil {
		return nil, err
	}
	n, err := p.or(leaf)
	p.depth--
	if err != nil {
		return nil, err
	}
	p.skip()
	if p.peek() != ')' {
		if p.done() || p.pipe() {
			return nil, p.errorAt(open, open+1, "the parenthesis is never closed", "close it with )")
		}
		return nil, p.unexpected()
	}
	p.pos++
	return n, nil
}

func (p *parser) enter() *Error {
	if p.depth++; p.depth > MaxDepth {
		return p.errorAt(p.pos, p.pos, fmt.Sprintf("the condition is nested deeper than %d", MaxDepth), "")
	}
	return nil
}

// simple reads field:value, field >= bound, or free text.
func (p *parser) simple() (Node, *Error) {
	p.skip()
	lit, ok, err := p.literal()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, p.missing("a condition is missing", `write field:value, for example event.action:BLOCK`)
	}
	if p.nodes++; p.nodes > MaxNodes {
		return nil, p.errorAt(lit.pos, lit.pos, fmt.Sprintf("the condition has more than %d parts", MaxNodes), "")
	}
	p.skip()
	switch p.peek() {
	case ':', '<', '>':
		field, err := p.field(lit)
		if err != nil {
			return nil, err
		}
		if p.peek() != ':' {
			return p.bound(field, lit.pos)
		}
		p.pos++
		p.skip()
		return p.values(field, lit.pos)
	}
	if !lit.quote {
		if err := p.foreign(lit); err != nil {
			return nil, err
		}
	}
	if lit.text == "" || lit.wild && strings.Trim(lit.text, "*") == "" {
		return &And{}, nil
	}
	return &FreeText{Text: lit.text, Wildcard: lit.wild, Quote: lit.quote, Pos: lit.pos}, nil
}

func (p *parser) field(lit literal) (string, *Error) {
	name := lit.text
	if lit.wild {
		name = strings.NewReplacer(`\*`, `*`, `\\`, `\`).Replace(name)
	}
	if lit.quote {
		if name == "" {
			return "", p.errorAt(lit.pos, lit.end, "the field name is empty", "")
		}
		return name, nil
	}
	switch {
	case name[0] == '!' || name[0] == '-':
		return "", p.errorAt(lit.pos, lit.pos+1, fmt.Sprintf("%q is no operator", name[:1]), "write not "+name[1:]+":…")
	case name[0] == '+':
		return "", p.errorAt(lit.pos, lit.pos+1, `"+" is no operator`, "connect conditions with and")
	case strings.HasSuffix(name, "=") && p.peek() != ':':
		right := p.peek()
		return "", p.errorAt(lit.end-1, p.pos+1, fmt.Sprintf("%q is no operator", "="+string(right)), fmt.Sprintf("write %c=", right))
	case strings.ContainsFunc(name, isSpace):
		i := strings.LastIndexFunc(name, isSpace)
		return "", p.errorAt(lit.pos, lit.end, "and, or is missing, or the field name needs quotes",
			fmt.Sprintf("write %s and %s:…", strings.TrimRightFunc(name[:i], isSpace), strings.TrimLeftFunc(name[i:], isSpace)))
	}
	return name, nil
}

// values reads what follows field: — one value or a group of them in parentheses.
func (p *parser) values(field string, pos int) (Node, *Error) {
	if p.peek() == '(' {
		if n, ok, err := p.interval(field, pos); ok || err != nil {
			return n, err
		}
		return p.not(func() (Node, *Error) { return p.value(field, pos) })
	}
	return p.value(field, pos)
}

// interval reads field:(>= a and < b), in either order, whose bounds hold on the same element
// of a list. It gives back ok = false, with nothing read, when the parentheses hold anything
// else.
func (p *parser) interval(field string, pos int) (n Node, ok bool, err *Error) {
	start := p.pos
	defer func() {
		if !ok {
			p.pos = start
		}
	}()
	p.pos++
	var ends [2]*Predicate
	for i := range ends {
		p.skip()
		if c := p.peek(); c != '>' && c != '<' {
			return nil, false, nil
		}
		if ends[i], err = p.limit(field); err != nil {
			return nil, false, err
		}
		p.skip()
		if i == 0 && !p.take("and") {
			return nil, false, nil
		}
	}
	if ends[0].Lo == nil {
		ends[0], ends[1] = ends[1], ends[0]
	}
	if p.peek() != ')' || ends[0].Lo == nil || ends[1].Hi == nil {
		return nil, false, nil
	}
	p.pos++
	p.nodes++
	return &Predicate{Field: field, Op: Range, Lo: ends[0].Lo, Hi: ends[1].Hi, Pos: pos}, true, nil
}

func (p *parser) bound(field string, pos int) (Node, *Error) {
	r, err := p.limit(field)
	if err != nil {
		return nil, err
	}
	r.Pos = pos
	return r, nil
}

// limit reads an operator and its bound into a Range with one end.
func (p *parser) limit(field string) (*Predicate, *Error) {
	at := p.pos
	upper := p.peek() == '<'
	p.pos++
	inclusive := p.peek() == '='
	if inclusive {
		p.pos++
	}
	if c := p.peek(); c == '=' || c == '>' || c == '<' {
		return nil, p.errorAt(at, p.pos+1, fmt.Sprintf("%q is no operator", p.src[at:p.pos+1]), "use > >= < <= or not field:value")
	}
	p.skip()
	lit, ok := p.colons()
	if !ok {
		var err *Error
		lit, ok, err = p.literal()
		if err != nil {
			return nil, err
		}
	}
	if !ok || lit.text == "" {
		return nil, p.missing("the value to compare with is missing", "write a number, a time or a quoted text")
	}
	if lit.wild {
		return nil, p.errorAt(lit.pos, lit.end, "a comparison takes no wildcard", `write field:abc*, or put the text in quotes`)
	}
	if err := p.valueFaults(field, lit); err != nil {
		return nil, err
	}
	b := &Bound{Text: lit.text, Inclusive: inclusive}
	r := &Predicate{Field: field, Op: Range}
	if upper {
		r.Hi = b
	} else {
		r.Lo = b
	}
	return r, nil
}

// value reads one value: a time or address with colons, a regular expression, a quoted or bare
// text, or a comparison.
func (p *parser) value(field string, pos int) (Node, *Error) {
	p.skip()
	if p.nodes++; p.nodes > MaxNodes {
		return nil, p.errorAt(p.pos, p.pos, fmt.Sprintf("the condition has more than %d parts", MaxNodes), "")
	}
	if c := p.peek(); c == '<' || c == '>' {
		return p.bound(field, pos)
	}
	if re, ok := p.regex(); ok {
		if err := p.checkRegex(re); err != nil {
			return nil, err
		}
		return &Predicate{Field: field, Op: Regex, Text: re.text, Pos: pos}, nil
	}
	lit, ok := p.colons()
	if !ok {
		var err *Error
		if lit, ok, err = p.literal(); err != nil {
			return nil, err
		}
	}
	if !ok {
		if p.peek() == '{' {
			return nil, p.errorAt(p.pos, p.pos+1, "nested objects are not searched with { }: objects in lists are flattened",
				fmt.Sprintf("write %s.name:value", field))
		}
		return nil, p.missing(fmt.Sprintf("the value of %s is missing", field), fmt.Sprintf("write %s:value, or %s:* for any value", field, field))
	}
	if err := p.valueFaults(field, lit); err != nil {
		return nil, err
	}
	out := &Predicate{Field: field, Op: Equal, Text: lit.text, Quote: lit.quote, Pos: pos}
	switch {
	case lit.wild && strings.Trim(lit.text, "*") == "":
		if field == "*" {
			return &And{}, nil
		}
		out.Op, out.Text = Exists, ""
	case lit.wild:
		out.Op = Wildcard
	case !lit.quote:
		if net, ok := parseNet(lit.text); ok {
			out.Op, out.Net = CIDR, net
		}
	}
	return out, nil
}

func (p *parser) checkRegex(re literal) *Error {
	if len(re.text) > MaxRegex {
		return p.errorAt(re.pos, re.end, fmt.Sprintf("the regular expression is longer than %d KB", MaxRegex>>10), "")
	}
	if _, err := regexp.Compile(re.text); err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return p.errorAt(re.pos, re.end, "the regular expression is not valid RE2: "+reason, `put the value in quotes if it is plain text`)
	}
	return nil
}

// parseNet reads a network; bits beyond the prefix are cleared, v4-mapped ones unfolded.
func parseNet(text string) (netip.Prefix, bool) {
	net, err := netip.ParsePrefix(text)
	if err != nil || net.Addr().Zone() != "" {
		return netip.Prefix{}, false
	}
	if net.Addr().Is4In6() && net.Bits() >= 96 {
		net = netip.PrefixFrom(net.Addr().Unmap(), net.Bits()-96)
	}
	return net.Masked(), true
}

// ReadNet reads a network as conditions do: bits beyond the prefix are cleared, v4-mapped
// addresses unfolded; one with a zone is none.
func ReadNet(text string) (netip.Prefix, bool) { return parseNet(text) }
