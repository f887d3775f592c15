package api

import (
	"context"
	"net/http"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// AlertBackend knows what the rules found.
type AlertBackend interface {
	Alerts(ctx context.Context, q httpapi.AlertQuery) (httpapi.AlertPage, error)
	Alert(ctx context.Context, id, zone string) (AlertDetail, error)
	// ActOnAlerts does one thing to some alerts, all or none, in the name of who asks.
	ActOnAlerts(ctx context.Context, act httpapi.AlertAct) ([]httpapi.Alert, error)
}

// AlertListRequest selects alerts.
type AlertListRequest struct {
	Status   []string `query:"status" doc:"any of new, acknowledged, closed; absent = all" enum:"new,acknowledged,closed"`
	Severity []string `query:"severity" enum:"critical,high,medium,low,informational"`
	Rule     []string `query:"rule" maxItems:"100" doc:"ids"`
	Group    []string `query:"group,explode" maxItems:"20" doc:"what it is about: field=value, or a value; repeat for several, which all must hold"`
	Q        string   `query:"q" maxLength:"500" doc:"words in title, rule, id or group values"`
	Sort     string   `query:"sort" enum:"last_seen,created,severity,findings" doc:"descending (default last_seen)"`
	Cursor   string   `query:"cursor" maxLength:"200"`
	Limit    int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// AlertList is a page of alerts.
type AlertList struct {
	Items  []httpapi.Alert     `json:"items"`
	Next   string              `json:"next,omitempty"`
	Limit  int                 `json:"limit"`
	Facets httpapi.AlertFacets `json:"facets" doc:"how many alerts each value has, without the condition on its own field"`
}

// AlertDetail is everything about one alert.
type AlertDetail struct {
	httpapi.Alert
	WhyEN          string                  `json:"why_en" doc:"what the rule looks for"`
	WhyJA          string                  `json:"why_ja,omitempty"`
	RunbookEN      string                  `json:"runbook_en,omitempty" doc:"what to do, Markdown"`
	RunbookJA      string                  `json:"runbook_ja,omitempty"`
	FalsePositives []string                `json:"falsepositives,omitempty"`
	Evidence       []AlertEvidence         `json:"evidence" doc:"some of its findings, latest first"`
	Log            []httpapi.AlertLogEntry `json:"log" doc:"oldest first"`
	Timeline       Histogram               `json:"timeline" doc:"of its findings"`
	Entities       []EntityRef             `json:"entities" doc:"what it is about, and what its evidence names"`
	Where          string                  `json:"where" doc:"a condition that finds all its findings"`
	EventsWhere    string                  `json:"events_where,omitempty" doc:"a condition that finds the events shown as evidence"`
}

// AlertEvidence is a finding with its event.
type AlertEvidence struct {
	FindingID string               `json:"finding_id"`
	Sentence  Bilingual            `json:"sentence"`
	Fields    []httpapi.FieldValue `json:"fields" doc:"what matched"`
	Event     *Event               `json:"event,omitempty" doc:"absent when it was removed by retention"`
	EventID   string               `json:"event_id"`
}

// EntityRef names something with a page of its own.
type EntityRef struct {
	Kind  string `json:"kind" enum:"ip,user,host,account,path,rule"`
	Value string `json:"value"`
}

// AlertActBody is what is done to one alert.
type AlertActBody struct {
	Note     string `json:"note,omitempty" maxLength:"2000" doc:"for the history; of comment it is the comment"`
	Reason   string `json:"reason,omitempty" enum:"resolved,false_positive,expected,duplicate,wont_fix" doc:"of close (default resolved)"`
	Assignee string `json:"assignee,omitempty" maxLength:"200" doc:"of assign; absent = nobody"`
}

// AlertsActBody is what is done to several.
type AlertsActBody struct {
	IDs    []string `json:"ids" minItems:"1" maxItems:"1000"`
	Action string   `json:"action" enum:"acknowledge,close,reopen,assign,comment"`
	AlertActBody
}

// AlertsActed are the alerts as they are now.
type AlertsActed struct {
	Items []httpapi.Alert `json:"items"`
}

// alertActions are the routes below an alert, with their summaries.
var alertActions = map[string]string{
	"acknowledge": "Say that somebody looks at an alert", "close": "Close an alert; a later finding opens it again",
	"reopen": "Open a closed alert", "assign": "Give an alert to somebody", "comment": "Write into the history of an alert",
}

func registerAlerts(a *API, b AlertBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodGet, Path: "/alerts", ID: "list-alerts", Area: "alerts", Needs: auth.Look, Summary: "List alerts, with counts by status, severity and rule"},
		func(ctx context.Context, r *AlertListRequest) (*body[AlertList], error) {
			page, err := b.Alerts(ctx, httpapi.AlertQuery{
				Status: r.Status, Severity: r.Severity, Rule: r.Rule, Group: r.Group, Text: r.Q, Sort: r.Sort, Cursor: r.Cursor, Limit: r.Limit, Facets: true,
			})
			if err != nil {
				return nil, err
			}
			return &body[AlertList]{AlertList{Items: page.Items, Next: page.Next, Limit: r.Limit, Facets: *page.Facets}}, nil
		})
	add(a, there, route{Method: http.MethodGet, Path: "/alerts/{id}", ID: "get-alert", Area: "alerts", Needs: auth.Look, Summary: "One alert: why, evidence, history, what to do"},
		func(ctx context.Context, r *struct {
			ID   string `path:"id" maxLength:"64"`
			Zone string `query:"zone" maxLength:"64"`
		}) (*body[AlertDetail], error) {
			out, err := b.Alert(ctx, r.ID, r.Zone)
			a.audit(ctx, auth.Entry{Action: auth.ActionQuery, Target: "alert " + r.ID, Outcome: outcomeOf(err)})
			return &body[AlertDetail]{out}, err
		})
	act := func(ctx context.Context, ids []string, action string, x AlertActBody) ([]httpapi.Alert, error) {
		who := auth.From(ctx).Name
		out, err := b.ActOnAlerts(ctx, httpapi.AlertAct{IDs: ids, Action: action, Note: x.Note, Reason: x.Reason, Assignee: x.Assignee, Who: who})
		for _, id := range ids[:min(len(ids), 100)] {
			a.audit(ctx, auth.Entry{Action: auth.ActionAlert, Target: id, Outcome: outcomeOf(err), Detail: map[string]any{"do": action, "reason": x.Reason}})
		}
		return out, err
	}
	for action, summary := range alertActions {
		add(a, there, route{Method: http.MethodPost, Path: "/alerts/{id}/" + action, ID: action + "-alert", Area: "alerts", Needs: auth.ActOnAlerts, Summary: summary},
			func(ctx context.Context, r *struct {
				ID   string `path:"id" maxLength:"64"`
				Body AlertActBody
			}) (*body[httpapi.Alert], error) {
				out, err := act(ctx, []string{r.ID}, action, r.Body)
				if err != nil {
					return nil, err
				}
				return &body[httpapi.Alert]{out[0]}, nil
			})
	}
	add(a, there, route{Method: http.MethodPost, Path: "/alerts/act", ID: "act-on-alerts", Area: "alerts", Needs: auth.ActOnAlerts, Summary: "Do one thing to several alerts, all or none"},
		func(ctx context.Context, r *in[AlertsActBody]) (*body[AlertsActed], error) {
			out, err := act(ctx, r.Body.IDs, r.Body.Action, r.Body.AlertActBody)
			return &body[AlertsActed]{AlertsActed{out}}, err
		})
}

// outcomeOf is how an action ended, for the audit log.
func outcomeOf(err error) auth.Outcome {
	if err != nil {
		return auth.Failed
	}
	return auth.Done
}
