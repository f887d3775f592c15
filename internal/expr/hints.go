package expr

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// This file turns what people of other languages write into a suggestion.

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// missing is the error for a place where something should stand.
func (p *parser) missing(reason, hint string) *Error {
	p.skip()
	if w := p.keyword(p.pos); w != "" {
		return p.errorAt(p.pos, p.pos+len(w), fmt.Sprintf("%s before %q", reason, w), "put the word in quotes if you search for it")
	}
	switch p.peek() {
	case 0:
		return p.errorAt(p.pos, p.pos, reason+" at the end", hint)
	case '|':
		return p.errorAt(p.pos, p.pos+1, reason+` before "|"`, hint)
	}
	return p.errorAt(p.pos, p.pos+1, fmt.Sprintf("%s before %q", reason, p.src[p.pos:p.pos+1]), hint)
}

// unexpected is the error for what follows a complete condition.
func (p *parser) unexpected() *Error {
	if w := p.keyword(p.pos); w != "" {
		return p.errorAt(p.pos, p.pos+len(w), fmt.Sprintf("and, or is missing before %q", w), "write and "+w)
	}
	switch c := p.peek(); c {
	case ')':
		return p.errorAt(p.pos, p.pos+1, "this parenthesis was never opened", `write \) for the character itself`)
	case ':':
		return p.errorAt(p.pos, p.pos+1, "a value that holds : needs quotes", `write field:"a:b"`)
	case '<', '>', '{', '}':
		return p.errorAt(p.pos, p.pos+1, fmt.Sprintf("%q is not expected here", string(c)), `put a value that holds it in quotes`)
	}
	// A bar without white space is part of a text; one before the name of a stage was hardly meant so.
	if m := gluedBar.FindStringIndex(p.src[:p.pos]); m != nil && p.peek() == '(' {
		bar := strings.LastIndexByte(p.src[:p.pos], '|')
		word := firstWord(p.src[bar:p.pos])
		return p.errorAt(bar, bar+len(word), fmt.Sprintf("%q belongs to the text before it", word), "put a space before | to begin a stage")
	}
	return p.errorAt(p.pos, p.pos+1, "and, or is missing here", "connect conditions with and, or")
}

var (
	gluedBar     = regexp.MustCompile(`[^\s"]\|(?:stats|top)\b[^|"]*$`)
	operatorWord = regexp.MustCompile(`(?:^|\s)(==?|!=|<>|&&|\|\||=~|!~|!)(?:\s|$)`)
	operatorGlue = regexp.MustCompile(`^[A-Za-z_@$][\w.@$-]*(==|!=|=~|!~|=)`)
	luceneRange  = regexp.MustCompile(`^([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*[\]}]`)
)

// foreign finds operators of other languages in free text that was not quoted.
func (p *parser) foreign(lit literal) *Error {
	raw := p.src[lit.pos:lit.end]
	for _, re := range [...]*regexp.Regexp{operatorGlue, operatorWord} {
		if m := re.FindStringSubmatchIndex(raw); m != nil {
			return p.operator(lit, raw, m[2], m[3])
		}
	}
	return nil
}

func (p *parser) operator(lit literal, raw string, from, to int) *Error {
	op := raw[from:to]
	left, right := lastWord(raw[:from]), firstWord(p.src[lit.pos+to:])
	if left == "" {
		left = "field"
	}
	if right == "" {
		right = "value"
	}
	hint := ""
	switch op {
	case "=", "==":
		hint = fmt.Sprintf("write %s:%s", left, right)
	case "!=", "<>":
		hint = fmt.Sprintf("write not %s:%s", left, right)
	case "=~":
		hint = fmt.Sprintf("write %s:/%s/", left, strings.Trim(right, "/"))
	case "!~":
		hint = fmt.Sprintf("write not %s:/%s/", left, strings.Trim(right, "/"))
	case "&&":
		hint = "write and"
	case "||":
		hint = "write or"
	case "!":
		hint = "write not"
	}
	return p.errorAt(lit.pos+from, lit.pos+to, fmt.Sprintf("%q is no operator", op), hint+", or put the text in quotes to search for it")
}

// valueFaults finds the same in a bare value.
func (p *parser) valueFaults(field string, lit literal) *Error {
	if lit.quote {
		return nil
	}
	raw := p.src[lit.pos:lit.end]
	if m := luceneRange.FindStringSubmatch(raw); m != nil {
		return p.errorAt(lit.pos, lit.end, "[a TO b] is no range here", fmt.Sprintf("write %s:(>= %s and <= %s)", field, m[2], m[3]))
	}
	if m := operatorWord.FindStringSubmatchIndex(raw); m != nil && m[2] > 0 {
		return p.operator(lit, raw, m[2], m[3])
	}
	at := scanner{src: p.src, pos: lit.end}
	at.skip()
	if at.peek() == ':' && !strings.ContainsFunc(raw, isSpace) {
		end := lit.end
		for end < len(p.src) && !isSpace(rune(p.src[end])) && p.src[end] != ')' {
			end++
		}
		value := p.src[lit.pos:end]
		if strings.Contains(value, "*") { // which means itself in quotes
			return p.errorAt(at.pos, at.pos+1, "a : in a pattern needs a backslash", fmt.Sprintf("write %s:%s", field, strings.ReplaceAll(value, ":", `\:`)))
		}
		return p.errorAt(at.pos, at.pos+1, "a value that holds : needs quotes", fmt.Sprintf("write %s:%q", field, value))
	}
	if at.peek() == ':' {
		word := lastWord(raw)
		return p.errorAt(lit.end-len(word), lit.end, fmt.Sprintf("and, or is missing before %q", word), fmt.Sprintf("write and %s:…", word))
	}
	return nil
}

func lastWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[len(f)-1]
	}
	return ""
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}
