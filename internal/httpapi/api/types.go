package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Types that several areas share.

// Range is a range of time as people write it, see docs/query-language.md.
type Range struct {
	From string `json:"from,omitempty" maxLength:"64" doc:"now-24h, now/d, 2026-11-01 09:00, RFC 3339; empty = all" example:"now-24h"`
	To   string `json:"to,omitempty" maxLength:"64" doc:"empty = now" example:"now"`
	Zone string `json:"zone,omitempty" maxLength:"64" doc:"IANA name; empty = as configured" example:"Asia/Tokyo"`
}

// Scope says which events: a question, filters that all must hold, a range.
type Scope struct {
	Q       string   `json:"q,omitempty" maxLength:"65536" doc:"a question in the query language; its stages count only where the route says so"`
	Filters []Filter `json:"filters,omitempty" maxItems:"200" doc:"and-ed to the condition of q"`
	Range
}

// Filter is one condition made by clicking. The server builds it; nothing is pasted into text.
type Filter struct {
	Field  string   `json:"field" minLength:"1" maxLength:"512"`
	Op     string   `json:"op,omitempty" enum:"is,is_not,exists,not_exists" default:"is"`
	Value  *Scalar  `json:"value,omitempty" doc:"text, number or boolean; a network (10.0.0.0/8) for addresses. Absent or null: is = not_exists, is_not = exists"`
	Values []Scalar `json:"values,omitempty" maxItems:"1000" doc:"any of these, instead of value"`
}

// Scalar is a value as text, whatever JSON has it as.
type Scalar string

// UnmarshalJSON takes text, numbers (as written) and booleans.
func (s *Scalar) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '"' {
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*s = Scalar(text)
		return nil
	}
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == 'n' {
		return fmt.Errorf("want a text, a number or a boolean")
	}
	*s = Scalar(b)
	return nil
}

// Schema is for huma.
func (Scalar) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "null"}}}
}

// Fields are values by dotted name.
type Fields map[string]any

// Schema is for huma.
func (Fields) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: &huma.Schema{OneOf: []*huma.Schema{
		{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "array", Items: &huma.Schema{Type: "string"}},
	}}}
}

// Cell is one value of a table; nil = absent.
type Cell struct{ Value any }

// MarshalJSON writes the value.
func (c Cell) MarshalJSON() ([]byte, error) { return json.Marshal(c.Value) }

// Schema is for huma.
func (Cell) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "null"}}}
}

// Event is one event. Long texts are cut in lists (see Cut); GET /events/{id} has them whole.
type Event struct {
	ID       string            `json:"id"`
	Type     string            `json:"type" doc:"log type" example:"aws.waf"`
	Time     time.Time         `json:"time"`
	Fields   Fields            `json:"fields"`
	Native   map[string]string `json:"native,omitempty" doc:"what the log type declares no field for, by native name"`
	Sentence *Bilingual        `json:"sentence,omitempty"`
	Cut      []string          `json:"cut,omitempty" doc:"fields whose text was shortened in this answer"`
	Original string            `json:"original,omitempty" doc:"the masked original record; only in GET /events/{id}"`
}

// Bilingual is a text in both languages.
type Bilingual struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// Stats says what an answer cost.
type Stats struct {
	Parts     int    `json:"parts" doc:"in the range"`
	PartsRead int    `json:"parts_read" doc:"left after statistics"`
	Rows      int64  `json:"rows"`
	Bytes     int64  `json:"bytes"`
	ElapsedMS int64  `json:"elapsed_ms"`
	Partial   string `json:"partial,omitempty" doc:"why the answer is not whole"`
	Cached    bool   `json:"cached,omitempty" doc:"it was answered before, and nothing has arrived in its range since"`
}

// Column of a table.
type Column struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind" enum:"string,int,float,bool,time,ip,strings,ips,map"`
	Exact bool    `json:"exact"`
	Error float64 `json:"error,omitempty" doc:"bound of an approximation, relative"`
}

// Series is one line or stack of a histogram.
type Series struct {
	Key    *string `json:"key" doc:"value of the field; null = it has none, or all events when there is no field"`
	Other  bool    `json:"other,omitempty" doc:"all values that have no series of their own"`
	Counts []int64 `json:"counts" doc:"one a bucket"`
}

// Previous is a period to compare with, cut into as many buckets.
type Previous struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Counts []int64   `json:"counts"`
	Total  int64     `json:"total"`
}

// Histogram counts events over time.
type Histogram struct {
	From     time.Time   `json:"from"`
	To       time.Time   `json:"to"`
	Buckets  []time.Time `json:"buckets" doc:"start of each; the first may lie before from"`
	End      time.Time   `json:"end" doc:"end of the last bucket"`
	Span     string      `json:"span" doc:"length of a bucket as bucket(…) takes it" example:"10m"`
	WidthMS  int64       `json:"width_ms,omitempty" doc:"when all have the same length"`
	Series   []Series    `json:"series"`
	Previous *Previous   `json:"previous,omitempty"`
	Total    int64       `json:"total"`
	Stats    Stats       `json:"stats"`
}

// ValueCount is one value and how often it occurs.
type ValueCount struct {
	Value Cell    `json:"value"`
	Count int64   `json:"count"`
	Share float64 `json:"share,omitempty" doc:"of the events that have the field"`
}

// Group is a field with its values.
type Group struct {
	Field   string       `json:"field"`
	TitleEN string       `json:"title_en"`
	TitleJA string       `json:"title_ja"`
	Values  []ValueCount `json:"values"`
	More    bool         `json:"more,omitempty"`
}

// AlertCard is an alert in a list of another area.
type AlertCard struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	TitleJA  string    `json:"title_ja,omitempty"`
	Rule     string    `json:"rule"`
	Severity string    `json:"severity" enum:"critical,high,medium,low,informational"`
	Status   string    `json:"status" enum:"new,acknowledged,closed"`
	Findings int64     `json:"findings"`
	Group    string    `json:"group,omitempty" doc:"what it is about, as text"`
	LastSeen time.Time `json:"last_seen"`
	Backfill bool      `json:"backfill,omitempty"`
}

// FindingCard is a finding in a list of another area.
type FindingCard struct {
	ID       string    `json:"id"`
	Rule     string    `json:"rule"`
	TitleEN  string    `json:"title_en"`
	TitleJA  string    `json:"title_ja,omitempty"`
	Severity string    `json:"severity"`
	Time     time.Time `json:"time"`
	EventID  string    `json:"event_id,omitempty"`
	AlertID  string    `json:"alert_id,omitempty"`
}
