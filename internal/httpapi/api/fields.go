package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// FieldBackend knows fields, values and log types.
type FieldBackend interface {
	Fields(ctx context.Context, s Scope) (FieldsAnswer, error)
	Values(ctx context.Context, r ValuesRequest) (ValuesAnswer, error)
	Complete(ctx context.Context, r CompleteRequest) (CompleteAnswer, error)
	Check(ctx context.Context, r CheckRequest) (CheckAnswer, error)
	// Dictionary returns all declared fields and a text that changes when they do.
	Dictionary(ctx context.Context) (items []FieldInfo, etag string, err error)
	Types(ctx context.Context) ([]TypeInfo, error)
}

// FieldsAnswer says which fields occur among events.
type FieldsAnswer struct {
	Total   int64        `json:"total" doc:"events"`
	Items   []FieldFill  `json:"items" doc:"fields that occur, most filled first"`
	Sampled *SampledFrom `json:"sampled,omitempty" doc:"fill rates are of this newest part of the range, since the whole is large"`
	Stats   Stats        `json:"stats"`
}

// SampledFrom is the part of a range that was looked at.
type SampledFrom struct {
	From   time.Time `json:"from"`
	Events int64     `json:"events"`
}

// FieldFill is a field with how often it has a value.
type FieldFill struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	TitleEN string   `json:"title_en,omitempty"`
	TitleJA string   `json:"title_ja,omitempty"`
	Present int64    `json:"present" doc:"events that have it; of those looked at, when sampled"`
	Fill    float64  `json:"fill" doc:"0 to 1"`
	ECS     bool     `json:"ecs" doc:"a field of the Elastic Common Schema"`
	Types   []string `json:"types" doc:"log types that declare it"`
}

// ValuesRequest asks for the most frequent values of a field.
type ValuesRequest struct {
	Scope
	Field    string `json:"field" minLength:"1" maxLength:"512"`
	Limit    int    `json:"limit,omitempty" minimum:"0" maximum:"500" default:"10"`
	Prefix   string `json:"prefix,omitempty" maxLength:"512" doc:"only values that begin with this, case folded"`
	Contains string `json:"contains,omitempty" maxLength:"512" doc:"only values that contain this, case folded"`
	Yes      bool   `json:"yes,omitempty" doc:"agree to a dear search"`
}

// ValuesAnswer is the most frequent values.
type ValuesAnswer struct {
	Field    string       `json:"field"`
	Values   []ValueCount `json:"values"`
	Present  int64        `json:"present" doc:"events that have the field"`
	Absent   int64        `json:"absent"`
	Distinct *int64       `json:"distinct,omitempty" doc:"absent where counting would be dear"`
	More     bool         `json:"more"`
	Stats    Stats        `json:"stats"`
}

// CompleteRequest asks what could be written at a place.
type CompleteRequest struct {
	Text     string `json:"text" maxLength:"65536"`
	Position int    `json:"position" minimum:"0" doc:"of the cursor, in bytes of UTF-8"`
	From     string `json:"from,omitempty" maxLength:"64" doc:"range for values"`
	To       string `json:"to,omitempty" maxLength:"64"`
	Lang     string `json:"lang,omitempty" enum:"en,ja" default:"en"`
}

// CompleteAnswer is what could be written.
type CompleteAnswer struct {
	From    int        `json:"from" doc:"bytes from here to position are replaced"`
	Items   []Proposal `json:"items"`
	Partial bool       `json:"partial,omitempty" doc:"there was no time to look for values; ask again"`
}

// Proposal is one thing to write.
type Proposal struct {
	Label  string `json:"label"`
	Insert string `json:"insert" doc:"with what quotes it needs"`
	Kind   string `json:"kind" enum:"field,value,keyword,stage,function,column"`
	Detail string `json:"detail,omitempty"`
	Count  int64  `json:"count,omitempty" doc:"of a value, as far as looked"`
}

// CheckRequest is a text to read.
type CheckRequest struct {
	Q string `json:"q" maxLength:"65536"`
}

// CheckAnswer says whether a text can be read, and how it is understood.
type CheckAnswer struct {
	OK       bool        `json:"ok"`
	Error    *CheckError `json:"error,omitempty"`
	Warnings []string    `json:"warnings"`
	Fields   []string    `json:"fields" doc:"fields the condition names"`
	Kind     string      `json:"kind,omitempty" enum:"events,table"`
	Where    string      `json:"where,omitempty" doc:"the condition in its plain form"`
}

// CheckError is what is wrong, and where.
type CheckError struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Position
}

// FieldInfo is a declared field.
type FieldInfo struct {
	Name          string   `json:"name"`
	Kind          string   `json:"kind"`
	TitleEN       string   `json:"title_en,omitempty"`
	TitleJA       string   `json:"title_ja,omitempty"`
	DescriptionEN string   `json:"description_en,omitempty"`
	DescriptionJA string   `json:"description_ja,omitempty"`
	ECS           bool     `json:"ecs"`
	Types         []string `json:"types"`
}

// TypeInfo is a log type and what is stored of it.
type TypeInfo struct {
	LogTypeRef
	Events int64      `json:"events"`
	First  *time.Time `json:"first,omitempty"`
	Last   *time.Time `json:"last,omitempty"`
	Origin string     `json:"origin,omitempty" doc:"built-in or user"`
	Sigma  []string   `json:"sigma,omitempty" doc:"log sources of Sigma rules that mean it"`
}

type list[T any] struct {
	Items []T `json:"items"`
}

func registerFields(a *API, b FieldBackend) {
	have := b != nil
	q := func(method, path, id, summary string) route {
		return route{Method: method, Path: path, ID: id, Area: "query", Summary: summary, Needs: auth.Look}
	}
	add(a, have, q(http.MethodPost, "/fields", "list-fields", "Which fields occur, and how often they have a value"),
		func(ctx context.Context, r *in[Scope]) (*body[FieldsAnswer], error) {
			out, err := b.Fields(ctx, r.Body)
			return &body[FieldsAnswer]{out}, err
		})
	add(a, have, q(http.MethodPost, "/fields/values", "field-values", "The most frequent values of a field"),
		func(ctx context.Context, r *in[ValuesRequest]) (*body[ValuesAnswer], error) {
			out, err := b.Values(ctx, r.Body)
			return &body[ValuesAnswer]{out}, err
		})
	add(a, have, q(http.MethodPost, "/complete", "complete", "What could be written at a place of a query"),
		func(ctx context.Context, r *in[CompleteRequest]) (*body[CompleteAnswer], error) {
			out, err := b.Complete(ctx, r.Body)
			return &body[CompleteAnswer]{out}, err
		})
	add(a, have, q(http.MethodPost, "/check", "check", "Whether a query can be read, and how"),
		func(ctx context.Context, r *in[CheckRequest]) (*body[CheckAnswer], error) {
			out, err := b.Check(ctx, r.Body)
			return &body[CheckAnswer]{out}, err
		})
	type cached struct {
		ETag  string `header:"ETag"`
		Cache string `header:"Cache-Control"`
		Body  list[FieldInfo]
	}
	add(a, have, q(http.MethodGet, "/fields/dictionary", "field-dictionary", "All declared fields"),
		func(ctx context.Context, r *struct {
			IfNoneMatch string `header:"If-None-Match"`
		}) (*cached, error) {
			items, etag, err := b.Dictionary(ctx)
			if err != nil {
				return nil, err
			}
			if r.IfNoneMatch == etag {
				return nil, notModified(etag)
			}
			return &cached{ETag: etag, Cache: "private, no-cache", Body: list[FieldInfo]{items}}, nil
		})
	add(a, have, q(http.MethodGet, "/types", "list-types", "Log types, and what is stored of them"),
		func(ctx context.Context, _ *struct{}) (*body[list[TypeInfo]], error) {
			items, err := b.Types(ctx)
			return &body[list[TypeInfo]]{list[TypeInfo]{items}}, err
		})
}
