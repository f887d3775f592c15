package httpapi

import (
	"context"
	"net/http"
	"time"
)

// AlertService is what people do with alerts.
type AlertService interface {
	// Alerts lists a page of alerts.
	Alerts(ctx context.Context, q AlertQuery) (AlertPage, error)
	// Alert tells everything about one alert; id may be a beginning of its id that no other has.
	Alert(ctx context.Context, id string) (AlertDetail, error)
	// ActOnAlerts does one thing to some alerts, all or none, and returns them as they are then.
	ActOnAlerts(ctx context.Context, a AlertAct) ([]Alert, error)
}

// AlertQuery selects alerts; empty fields select all. The values of one field are alternatives.
type AlertQuery struct {
	Status   []string `json:"status,omitempty"`
	Severity []string `json:"severity,omitempty"`
	Rule     []string `json:"rule,omitempty"`  // ids
	Group    []string `json:"group,omitempty"` // field=value or value; all of them
	Text     string   `json:"text,omitempty"`  // words in title, rule, id or group values
	Sort     string   `json:"sort,omitempty"`  // last_seen (default), created, severity, findings
	Cursor   string   `json:"cursor,omitempty"`
	Limit    int      `json:"limit,omitempty"`
	Facets   bool     `json:"facets,omitempty"`
}

// AlertPage is a page of alerts.
type AlertPage struct {
	Items  []Alert      `json:"items"`
	Next   string       `json:"next,omitempty"`
	Facets *AlertFacets `json:"facets,omitempty"`
}

// AlertFacets counts alerts by value, each without the condition on its own field.
type AlertFacets struct {
	Status   map[string]int64 `json:"status"`
	Severity map[string]int64 `json:"severity"`
	Rule     []RuleFacet      `json:"rule" doc:"most alerts first, at most 50"`
}

// RuleFacet counts the alerts of a rule.
type RuleFacet struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	TitleJA string `json:"title_ja,omitempty"`
	Count   int64  `json:"count"`
}

// Alert is all findings of a rule about the same thing.
type Alert struct {
	ID       string       `json:"id"`
	Rule     AlertRule    `json:"rule"`
	Title    string       `json:"title"`
	Severity string       `json:"severity" enum:"critical,high,medium,low,informational"`
	Status   string       `json:"status" enum:"new,acknowledged,closed"`
	Reason   string       `json:"reason,omitempty" doc:"why it is closed; withdrawn = the objects its findings came from were replaced"`
	Assignee string       `json:"assignee,omitempty"`
	Group    []FieldValue `json:"group" doc:"what it is about"`
	LogTypes []string     `json:"log_types"`
	Findings int64        `json:"findings"`
	First    time.Time    `json:"first_seen" doc:"time of its earliest event"`
	Last     time.Time    `json:"last_seen"`
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	Closed   *time.Time   `json:"closed,omitempty"`
	Backfill bool         `json:"backfill,omitempty" doc:"all its events were old when they came in: nobody was told"`
}

// AlertRule is the rule of an alert, as it was at its latest finding; what is in force adds to it.
type AlertRule struct {
	ID         string   `json:"id"`
	TitleEN    string   `json:"title_en"`
	TitleJA    string   `json:"title_ja,omitempty"`
	Author     string   `json:"author,omitempty"`
	License    string   `json:"license,omitempty"`
	Level      string   `json:"level"`
	References []string `json:"references,omitempty"`
	Tags       []string `json:"tags,omitempty"`
}

// FieldValue is a field with one value.
type FieldValue struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// AlertDetail is an alert with its history and samples of its findings.
type AlertDetail struct {
	Alert
	WhyEN     string          `json:"why_en" doc:"what the rule looks for"`
	WhyJA     string          `json:"why_ja,omitempty"`
	RunbookEN string          `json:"runbook_en,omitempty" doc:"what to do, as Markdown"`
	RunbookJA string          `json:"runbook_ja,omitempty"`
	False     []string        `json:"falsepositives,omitempty"`
	Log       []AlertLogEntry `json:"log" doc:"oldest first"`
	Samples   []AlertFinding  `json:"samples" doc:"some of its findings, latest first"`
	Where     string          `json:"where" doc:"a condition that finds all its findings"`
}

// AlertLogEntry is a line of the history of an alert.
type AlertLogEntry struct {
	Time   time.Time `json:"time"`
	Who    string    `json:"who" doc:"yagura = the program itself"`
	Action string    `json:"action"`
	Note   string    `json:"note,omitempty"`
}

// AlertFinding is one finding of an alert.
type AlertFinding struct {
	ID         string       `json:"finding_id"`
	Event      string       `json:"event_id"`
	LogType    string       `json:"log_type"`
	Time       time.Time    `json:"time"`
	Fields     []FieldValue `json:"fields" doc:"what matched"`
	SentenceEN string       `json:"sentence_en"`
	SentenceJA string       `json:"sentence_ja"`
}

// AlertAct is what a person does to alerts.
type AlertAct struct {
	IDs      []string `json:"ids"`
	Action   string   `json:"action"` // acknowledge, close, reopen, assign, comment
	Note     string   `json:"note,omitempty"`
	Reason   string   `json:"reason,omitempty"`   // of close
	Assignee string   `json:"assignee,omitempty"` // of assign
	Who      string   `json:"who"`
}

// controlAlerts adds the routes of alerts to a control handler.
func controlAlerts(mux *http.ServeMux, s AlertService) {
	mux.HandleFunc("POST /v1/alerts", func(w http.ResponseWriter, r *http.Request) {
		var q AlertQuery
		if decode(w, r, &q) {
			v, err := s.Alerts(r.Context(), q)
			answer(w, v, err)
		}
	})
	mux.HandleFunc("POST /v1/alert", func(w http.ResponseWriter, r *http.Request) {
		var q struct{ ID string }
		if decode(w, r, &q) {
			v, err := s.Alert(r.Context(), q.ID)
			answer(w, v, err)
		}
	})
	mux.HandleFunc("POST /v1/alerts/act", func(w http.ResponseWriter, r *http.Request) {
		var a AlertAct
		if decode(w, r, &a) {
			v, err := s.ActOnAlerts(r.Context(), a)
			answer(w, v, err)
		}
	})
}

// Alerts implements Service.
func (c *Client) Alerts(ctx context.Context, q AlertQuery) (out AlertPage, err error) {
	err = c.call(ctx, "/v1/alerts", q, &out)
	return out, err
}

// Alert implements Service.
func (c *Client) Alert(ctx context.Context, id string) (out AlertDetail, err error) {
	err = c.call(ctx, "/v1/alert", struct{ ID string }{id}, &out)
	return out, err
}

// ActOnAlerts implements Service.
func (c *Client) ActOnAlerts(ctx context.Context, a AlertAct) (out []Alert, err error) {
	err = c.call(ctx, "/v1/alerts/act", a, &out)
	return out, err
}
