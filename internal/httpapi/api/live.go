package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/yagura-siem/yagura/internal/auth"
)

// LiveBackend follows what changes.
type LiveBackend interface {
	// Follow sends messages of a topic until ctx ends or send fails. It returns an error only
	// when the topic cannot be followed (a question that cannot be read).
	Follow(ctx context.Context, t Topic, send func(Message) error) error
}

// Topic is what a stream carries.
type Topic struct {
	Topic   string   `json:"topic" enum:"tail,alerts,intake,jobs"`
	Q       string   `json:"q,omitempty" maxLength:"65536" doc:"tail: the condition"`
	Filters []Filter `json:"filters,omitempty" maxItems:"200"`
	Columns []string `json:"columns,omitempty" maxItems:"100" doc:"tail: fields of events; absent = all"`
	Zone    string   `json:"zone,omitempty" maxLength:"64"`
	After   string   `json:"after,omitempty" maxLength:"64" doc:"tail: go on behind a message of a former stream"`
}

// Message is one thing to send; Data is one of the types below.
type Message struct {
	Event string
	Data  any
}

// LiveHello begins a stream.
type LiveHello struct {
	ID string `json:"id" doc:"for POST /stream/{id}"`
}

// LiveTail is what has arrived, oldest first.
type LiveTail struct {
	Events  []Event `json:"events"`
	Skipped int64   `json:"skipped" doc:"events that arrived too fast to show, at least"`
	After   string  `json:"after" doc:"for a topic that goes on from here"`
}

// LiveAlerts follows a change of alerts.
type LiveAlerts struct {
	New        int64          `json:"new"`
	BySeverity SeverityCounts `json:"by_severity"`
	Raised     []AlertCard    `json:"raised" doc:"new ones since the last message; never of backfilled events"`
}

// LiveJob is the state of long work.
type LiveJob struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	State string `json:"state" enum:"running,done,failed,cancelled"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Error string `json:"error,omitempty"`
}

// LiveProblem ends a topic that cannot be followed.
type LiveProblem struct {
	Topic   string  `json:"topic"`
	Problem Problem `json:"problem"`
}

// LiveEnd ends a stream; the page should connect again after a pause unless it lagged.
type LiveEnd struct {
	Reason string `json:"reason" enum:"lagged,stopping"`
}

// StreamTopics replaces what a stream carries. A topic that stays the same goes on unbroken.
type StreamTopics struct {
	Topics []Topic `json:"topics" maxItems:"10"`
}

func registerLive(a *API, b LiveBackend) {
	hub := newHub(b, a.problemOf)
	have := b != nil
	add(a, have, route{Method: http.MethodGet, Path: "/stream", ID: "stream", Area: "live", Needs: auth.Look,
		Summary: "Server-sent events: one stream a tab carries everything",
		About: "The first event is `hello` with the id of the stream. Every event has an id; a comment comes every 15 seconds. " +
			"A reader that is too slow gets `end` with the reason lagged. At most 20 streams at once for one who signs in."},
		func(_ context.Context, r *struct {
			Topics string `query:"topics" maxLength:"100" doc:"to begin with, separated by commas: alerts,intake,jobs"`
		}) (*huma.StreamResponse, error) {
			var topics []Topic
			for name := range strings.SplitSeq(r.Topics, ",") {
				switch name {
				case "alerts", "intake", "jobs":
					topics = append(topics, Topic{Topic: name})
				case "":
				default:
					return nil, Invalid("query.topics", "there is no topic %q to begin with: alerts, intake, jobs; a tail is added by POST /stream/{id}", name)
				}
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				req, w := humago.Unwrap(hc)
				if p := hub.serve(w, req, topics); p != nil {
					writeProblem(w, req, p)
				}
			}}, nil
		})
	add(a, have, route{Method: http.MethodPost, Path: "/stream/{id}", ID: "stream-topics", Area: "live", Needs: auth.Look, Status: http.StatusNoContent,
		Summary: "Choose what a stream carries"},
		func(ctx context.Context, r *struct {
			ID   string `path:"id" maxLength:"64"`
			Body StreamTopics
		}) (*nothing, error) {
			return nil, hub.choose(ctx, r.ID, r.Body.Topics)
		})
	describeStream(a.huma.OpenAPI())
}

// heartbeat is how often a comment is sent, so that proxies keep the line.
const heartbeat = 15 * time.Second
