// Package logtype compiles log type definitions (docs/design/logtype-language.md) and runs
// them: decoded bytes in, columnar batches out. A Definition is what the author wrote, a Type
// what runs. The package does no I/O and knows no clock.
package logtype

import (
	"github.com/yagura-siem/yagura/internal/schema"
)

// Text is a text for people in the languages of the program.
type Text struct{ EN, JA string }

// In returns the text in a language ("en" or "ja"), English when there is no other.
func (t Text) In(lang string) string {
	if lang == "ja" && t.JA != "" {
		return t.JA
	}
	return t.EN
}

// Definition is a log type as its author wrote it, with the places of everything that can be
// wrong. Parse makes it; it is not changed afterwards.
type Definition struct {
	File string
	Pos  Pos // of the name

	Name      string
	Title     Text
	Version   int
	Reference string
	About     Text

	Recognise   Recognise
	KeyCaptures []Located
	Frame       Frame
	Time        *Value // nil = events have the time they are loaded
	Nulls       []string
	Mask        []MaskPlace
	Ignore      Ignore
	Filter      *Condition
	Let         []Named
	Fields      []OwnField
	Set         []Named
	Rest        *Rest
	Store       Store
	Rollup      Rollup
	Sigma       Sigma
	Say         []Sentence

	lines []string
}

// Located is a text with its place.
type Located struct {
	Text string
	Pos  Pos
}

// Content says by which contents a record of a log type is known. JSON: All, Any and Equal over
// paths; text: one of Starts, Like and Regexes at the start of the record.
type Content struct {
	Pos     Pos
	All     []Located
	Any     []Located
	Equal   []PathTexts
	Starts  []Located
	Like    []Located
	Regexes []Located
}

// Empty reports whether nothing was said.
func (c Content) Empty() bool {
	return len(c.All)+len(c.Any)+len(c.Equal)+len(c.Starts)+len(c.Like)+len(c.Regexes) == 0
}

// PathTexts is a path and the texts one of which must stand there.
type PathTexts struct {
	Path  Located
	Texts []string
}

// Recognise is how a record or an object of a log type is known.
type Recognise struct {
	Content Content
	Key     []Located // substrings of the object key; "re:…" is a regular expression
}

// Ignore says which records are no events.
type Ignore struct {
	Content Content
	If      *Condition
}

// Frame says how records stand in a stream. Exactly one of JSON and Text is set.
type Frame struct {
	Pos  Pos
	JSON *JSONFrame
	Text *TextFrame
}

// JSONFrame: JSON values; Records is the path of the list that holds the records, or "".
type JSONFrame struct{ Records string }

// TextFrame: lines, split or matched by a regular expression.
type TextFrame struct {
	Split   string
	Quote   string
	Names   []Located
	Quoted  []Located // names of the fields that always stand in quotes; nil = not known
	Min     int
	Regex   string
	Comment string
	Header  *Header // nil = lines say nothing of their own order
}

// Header is a line that says which fields the lines after it have, in which order.
type Header struct {
	Starts string // what it begins with, before the names; "" = it consists of names alone
}

// Condition is a text in the condition language.
type Condition struct {
	Text string
	Pos  Pos
}

// Named is a helper or a field with its value.
type Named struct {
	Name  string
	Pos   Pos
	Value *Value
}

// Value is where a value comes from and what is done to it.
type Value struct {
	Pos        Pos
	Source     string // from const first join list when sum difference
	Path       string
	Const      *Const
	Parts      []*Value // first, list, sum, difference, join
	Join       []JoinPart
	Cases      []Case
	Else       *Value // of when
	Where      []Test
	Pick       string // first last
	PivotName  string
	PivotValue string
	PivotFold  bool
	Get        string
	Ops        []TextOp // text transforms in their fixed order
	Parse      string   // arn url host_port ip_port kv request_line dissect regex
	Pattern    string   // of dissect and regex
	DecodeJSON bool
	Scale      *float64
	As         string
	Required   bool
}

// Const is a constant: one text, number or boolean, or a list of texts.
type Const struct {
	List  bool
	Texts []string
	Null  bool
	Kind  string // text number bool
}

// JoinPart is one part of a join: a value, a fixed text, or a text only there with a value.
type JoinPart struct {
	Value          *Value
	Text           string
	IfAny          *Value
	Prefix, Suffix string
}

// Case is one case of a when.
type Case struct {
	If    Condition
	Value *Value
}

// Test is a condition on a sub-path of the elements of a list.
type Test struct {
	Sub    string
	Pos    Pos
	Kind   string // in present absent fold_in starts secret
	Values []string
}

// TextOp is one text transform.
type TextOp struct {
	Name   string // decode strip_prefix strip_suffix before after after_last lower upper split index distinct match map
	Pos    Pos
	Arg    string
	Index  int
	Map    []MapPair
	Else   *Const // of map; nil = unknown texts are kept
	NoElse bool   // else: null
}

// MapPair maps a text to another; Null drops it.
type MapPair struct {
	From, To string
	Null     bool
}

// MaskPlace is a place whose bytes are masked before anything reads them.
type MaskPlace struct {
	Pos      Pos
	Each     string
	Where    []Test
	At       string
	Params   []string // names of query parameters; with Defaults the default ones
	Keys     []string
	Defaults bool
	IsParams bool
	IsKeys   bool
	Hash     string
	Show     string // a path that is no secret, though its key has the name of one
}

// OwnField is a field of the log type's own name space.
type OwnField struct {
	Name  string
	Pos   Pos
	Kind  schema.Kind
	About Text
}

// Rest says that undeclared leaves are kept in the map column, except some.
type Rest struct{ Except []Located }

// Store says how events are stored.
type Store struct {
	Pos     Pos
	Drop    bool // of the original
	Bloom   []Located
	Plain   []Located
	Promote []Promotion
}

// Promotion makes a native path a column.
type Promotion struct {
	Path  Located
	Field Located
}

// Rollup names the fields that are counted ahead.
type Rollup struct {
	Keys []Located
	Top  []Located
}

// Sigma says which public detection rules are for the log type: those of the log sources, which
// find the columns under the names they use.
type Sigma struct {
	Sources []SigmaSource
	Fields  []SigmaField
}

// SigmaSource is a log source of Sigma; a part that is empty is not named by the log type.
type SigmaSource struct {
	Pos                        Pos
	Product, Category, Service string
}

// SigmaField is a name used in rules and the columns that hold its values: the first that has
// something counts.
type SigmaField struct {
	Name    Located
	Columns []Located
}

// Sentence is a template with the condition under which it is used.
type Sentence struct {
	Pos Pos
	If  *Condition
	EN  Located
	JA  Located
}
