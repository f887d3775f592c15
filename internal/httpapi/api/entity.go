package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// EntityBackend gathers what is known of one thing.
type EntityBackend interface {
	Entity(ctx context.Context, r EntityRequest) (Entity, error)
}

// EntityRequest names a thing and a range.
type EntityRequest struct {
	Kind  string `path:"kind" enum:"ip,user,host,account,path,rule"`
	Value string `path:"value" maxLength:"4096" doc:"URL-escaped; - when it is given as ?value="`
	Query string `query:"value" maxLength:"4096" doc:"instead of the path, for values with slashes"`
	From  string `query:"from" maxLength:"64" default:"now-7d"`
	To    string `query:"to" maxLength:"64"`
	Zone  string `query:"zone" maxLength:"64"`
}

// Entity is what is known of a thing.
type Entity struct {
	Kind      string        `json:"kind"`
	Value     string        `json:"value"`
	From      time.Time     `json:"from"`
	To        time.Time     `json:"to"`
	Fields    []string      `json:"fields" doc:"where it was looked for"`
	FirstSeen *time.Time    `json:"first_seen,omitempty" doc:"in the range"`
	LastSeen  *time.Time    `json:"last_seen,omitempty"`
	Total     int64         `json:"total"`
	Facts     []Fact        `json:"facts"`
	ByType    []TypeCount   `json:"by_type"`
	Timeline  Histogram     `json:"timeline" doc:"by log type"`
	Top       []Group       `json:"top" doc:"what it touched"`
	Findings  []FindingCard `json:"findings"`
	Recent    []Event       `json:"recent"`
	Where     string        `json:"where" doc:"a condition that finds its events"`
	Stats     Stats         `json:"stats"`
}

// Fact is one thing the events say about an entity.
type Fact struct {
	LabelEN string `json:"label_en"`
	LabelJA string `json:"label_ja"`
	Field   string `json:"field"`
	Value   Cell   `json:"value"`
	Count   int64  `json:"count"`
}

// TypeCount is the activity in one log type.
type TypeCount struct {
	Type  string    `json:"type"`
	Count int64     `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

func registerEntity(a *API, b EntityBackend) {
	add(a, b != nil, route{Method: http.MethodGet, Path: "/entities/{kind}/{value}", ID: "get-entity", Area: "entity", Needs: auth.Look,
		Summary: "What is known of an address, user, host, account, path or rule"},
		func(ctx context.Context, r *EntityRequest) (*body[Entity], error) {
			x := *r
			if x.Query != "" {
				x.Value = x.Query
			}
			if x.Value == "" || x.Value == "-" {
				return nil, Invalid("path.value", "name the %s", x.Kind)
			}
			out, err := b.Entity(ctx, x)
			return &body[Entity]{out}, err
		})
}
