package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/dashboard"
)

// DashboardBackend keeps dashboards and answers them.
type DashboardBackend interface {
	Dashboards(ctx context.Context) ([]DashboardCard, error)
	Dashboard(ctx context.Context, id string) (DashboardFile, error)
	// SaveDashboard writes a file of the user; etag "" = whatever is there, "*" = anything that is.
	SaveDashboard(ctx context.Context, id, etag string, text []byte) (DashboardFile, error)
	RemoveDashboard(ctx context.Context, id, etag string) error
	CheckDashboard(ctx context.Context, text []byte) (DashboardCheck, error)
	// RunDashboard answers panels; emit, if not nil, gets each as it is ready, one at a time.
	RunDashboard(ctx context.Context, r DashboardRun, emit func(DashboardPanelEvent)) (DashboardAnswer, error)
}

// DashboardCard is a dashboard in a list.
type DashboardCard struct {
	ID            string             `json:"id"`
	TitleEN       string             `json:"title_en"`
	TitleJA       string             `json:"title_ja"`
	DescriptionEN string             `json:"description_en"`
	DescriptionJA string             `json:"description_ja"`
	Origin        string             `json:"origin" enum:"builtin,user"`
	Replaces      bool               `json:"replaces,omitempty" doc:"a user's file stands in for a built-in one; removing it brings that back"`
	Editable      bool               `json:"editable" doc:"PUT and DELETE work; false for files of the configured content folder"`
	Tags          []string           `json:"tags"`
	Types         []string           `json:"types" doc:"log types it is about"`
	Panels        int                `json:"panels"`
	Problem       *dashboard.Problem `json:"problem,omitempty" doc:"why it cannot run: the first fault"`
}

// DashboardList lists dashboards.
type DashboardList struct {
	Items []DashboardCard `json:"items"`
}

// DashboardFile is a dashboard as its author wrote it.
type DashboardFile struct {
	DashboardCard
	Dashboard dashboard.Definition `json:"dashboard" doc:"the structure of the YAML; what could be read of a broken file"`
	YAML      string               `json:"yaml"`
	ETag      string               `json:"etag" doc:"goes into If-Match"`
	Problems  []dashboard.Problem  `json:"problems"`
}

// DashboardText is a dashboard to save or check: one of both.
type DashboardText struct {
	YAML      string         `json:"yaml,omitempty" maxLength:"262144"`
	Dashboard map[string]any `json:"dashboard,omitempty" doc:"instead of yaml: a definition, which is written as YAML"`
}

// DashboardCheck is what is wrong with a text.
type DashboardCheck struct {
	Dashboard dashboard.Definition `json:"dashboard"`
	YAML      string               `json:"yaml"`
	Problems  []dashboard.Problem  `json:"problems"`
}

// DashboardRun asks for panels.
type DashboardRun struct {
	ID   string `json:"id,omitempty" maxLength:"64"`
	YAML string `json:"yaml,omitempty" maxLength:"262144" doc:"instead of id: a dashboard that is being edited"`
	Range
	Variables map[string][]string `json:"variables,omitempty" doc:"chosen values; a variable that is not named has its default, an empty list is no choice"`
	Filters   []Filter            `json:"filters,omitempty" maxItems:"200"`
	Panels    []string            `json:"panels,omitempty" maxItems:"60" doc:"ids; absent = all"`
	Compare   string              `json:"compare,omitempty" enum:"previous,day,week" doc:"for numbers and charts over time; absent = as each panel says"`
	Choices   bool                `json:"choices,omitempty" doc:"also what the variables can be"`
}

// DashboardPanel is the answer to one panel.
type DashboardPanel struct {
	dashboard.PanelResult
	Events []Event `json:"events,omitempty"`
}

// DashboardAnswer is the answer to a dashboard.
type DashboardAnswer struct {
	From      time.Time                    `json:"from"`
	To        time.Time                    `json:"to"`
	Previous  *dashboard.Span              `json:"previous,omitempty"`
	Zone      string                       `json:"zone"`
	Panels    map[string]DashboardPanel    `json:"panels"`
	Variables map[string]dashboard.Choices `json:"variables,omitempty"`
	Stats     dashboard.RunStats           `json:"stats"`
}

// DashboardPanelEvent is one panel of a stream.
type DashboardPanelEvent struct {
	ID    string         `json:"id"`
	Panel DashboardPanel `json:"panel"`
}

type dashboardOut struct {
	ETag string `header:"ETag"`
	Body DashboardFile
}

// Text is the YAML of a request.
func (t DashboardText) text() ([]byte, error) {
	switch {
	case t.YAML != "" && t.Dashboard != nil:
		return nil, Invalid("body", "give yaml or dashboard, not both")
	case t.Dashboard == nil:
		return []byte(t.YAML), nil
	}
	raw, err := json.Marshal(t.Dashboard)
	if err != nil {
		return nil, err
	}
	var d dashboard.Definition
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, Invalid("body.dashboard", "%v", err)
	}
	return d.YAML()
}

func registerDashboards(a *API, b DashboardBackend) {
	have := b != nil
	add(a, have, route{Method: http.MethodGet, Path: "/dashboards", ID: "list-dashboards", Area: "dashboards", Needs: auth.Look, Summary: "List dashboards"},
		func(ctx context.Context, _ *struct{}) (*body[DashboardList], error) {
			list, err := b.Dashboards(ctx)
			return &body[DashboardList]{DashboardList{list}}, err
		})
	add(a, have, route{Method: http.MethodGet, Path: "/dashboards/{id}", ID: "get-dashboard", Area: "dashboards", Needs: auth.Look, Summary: "A dashboard as file and as definition"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*dashboardOut, error) {
			f, err := b.Dashboard(ctx, r.ID)
			return &dashboardOut{f.ETag, f}, err
		})
	add(a, have, route{Method: http.MethodPut, Path: "/dashboards/{id}", ID: "save-dashboard", Area: "dashboards", Needs: auth.SaveDashboards,
		Summary: "Save a dashboard as a file", About: "A file of the same id as a built-in dashboard stands in for it. With If-Match it is refused (412) when it changed meanwhile; a text with faults is refused (422)."},
		func(ctx context.Context, r *struct {
			ID      string `path:"id" maxLength:"64"`
			IfMatch string `header:"If-Match" maxLength:"100"`
			Body    DashboardText
		}) (*dashboardOut, error) {
			text, err := r.Body.text()
			if err != nil {
				return nil, err
			}
			f, err := b.SaveDashboard(ctx, r.ID, r.IfMatch, text)
			a.saved(ctx, "save", r.ID, err)
			return &dashboardOut{f.ETag, f}, err
		})
	add(a, have, route{Method: http.MethodDelete, Path: "/dashboards/{id}", ID: "remove-dashboard", Area: "dashboards", Needs: auth.SaveDashboards, Status: http.StatusNoContent,
		Summary: "Remove a saved dashboard", About: "A built-in one that it stood in for comes back."},
		func(ctx context.Context, r *struct {
			ID      string `path:"id" maxLength:"64"`
			IfMatch string `header:"If-Match" maxLength:"100"`
		}) (*nothing, error) {
			err := b.RemoveDashboard(ctx, r.ID, r.IfMatch)
			a.saved(ctx, "remove", r.ID, err)
			return nil, err
		})
	add(a, have, route{Method: http.MethodPost, Path: "/dashboards/check", ID: "check-dashboard", Area: "dashboards", Needs: auth.Look,
		Summary: "Check a dashboard without saving it", About: "Also turns a definition into YAML."},
		func(ctx context.Context, r *in[DashboardText]) (*body[DashboardCheck], error) {
			text, err := r.Body.text()
			if err != nil {
				return nil, err
			}
			out, err := b.CheckDashboard(ctx, text)
			return &body[DashboardCheck]{out}, err
		})
	add(a, have, route{Method: http.MethodPost, Path: "/dashboards/run", ID: "run-dashboard", Area: "dashboards", Needs: auth.Look,
		Summary: "Answer the panels of a dashboard", About: "With `Accept: text/event-stream` each panel comes as an event `panel` as it is ready, then the rest as `done`; what goes wrong in between comes as `problem`."},
		func(ctx context.Context, r *struct {
			Accept string `header:"Accept" maxLength:"500"`
			Body   DashboardRun
		}) (*huma.StreamResponse, error) {
			return a.runDashboard(b, r.Body, strings.Contains(r.Accept, "text/event-stream")), nil
		})
	describeRun(a.huma.OpenAPI())
}

// saved notes a change in the audit log.
func (a *API) saved(ctx context.Context, what, id string, err error) {
	outcome := auth.Done
	if err != nil {
		outcome = auth.Failed
	}
	a.audit(ctx, auth.Entry{Action: auth.ActionDashboardSave, Target: id, Outcome: outcome, Detail: map[string]any{"do": what}})
}

// runDashboard answers as one document or as a stream of panels.
func (a *API) runDashboard(b DashboardBackend, r DashboardRun, stream bool) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		req, w := humago.Unwrap(hc)
		ctx := req.Context()
		outcome := auth.Done
		defer func() {
			a.audit(ctx, auth.Entry{Action: auth.ActionQuery, Target: "dashboard " + r.ID, Outcome: outcome, Detail: map[string]any{"from": r.From, "to": r.To}})
		}()
		var begun bool
		flush := http.NewResponseController(w)
		send := func(event string, v any) {
			if !begun {
				begun = true
				w.Header().Set("Content-Type", "text/event-stream")
				w.Header().Set("Cache-Control", "no-store")
				w.Header().Set("X-Accel-Buffering", "no")
				w.WriteHeader(http.StatusOK)
			}
			data, err := json.Marshal(v)
			if err != nil {
				data, _ = json.Marshal(map[string]string{"detail": "writing the answer: " + err.Error()})
				event = "problem"
			}
			_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
			_ = flush.Flush()
		}
		var emit func(DashboardPanelEvent)
		if stream {
			emit = func(p DashboardPanelEvent) { send("panel", p) }
		}
		out, err := b.RunDashboard(ctx, r, emit)
		switch {
		case err != nil && begun:
			outcome = auth.Failed
			send("problem", a.problemOf(ctx, err))
		case err != nil:
			outcome = auth.Failed
			writeProblem(w, req, a.problemOf(ctx, err))
		case stream:
			out.Panels = map[string]DashboardPanel{}
			send("done", out)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = jsonFormat.Marshal(w, out)
		}
	}}
}

// describeRun tells clients the types of a run.
func describeRun(o *huma.OpenAPI) {
	answer := o.Components.Schemas.Schema(reflect.TypeFor[DashboardAnswer](), true, "DashboardAnswer")
	panel := o.Components.Schemas.Schema(reflect.TypeFor[DashboardPanelEvent](), true, "DashboardPanelEvent")
	event := func(name string, data *huma.Schema) *huma.Schema {
		return &huma.Schema{Type: "object", Required: []string{"event", "data"}, Properties: map[string]*huma.Schema{"event": {Type: "string", Enum: []any{name}}, "data": data}}
	}
	o.Paths["/dashboards/run"].Post.Responses["200"] = &huma.Response{
		Description: "The answer, or its panels one by one",
		Content: map[string]*huma.MediaType{
			"application/json":  {Schema: answer},
			"text/event-stream": {Schema: &huma.Schema{OneOf: []*huma.Schema{event("panel", panel), event("done", answer)}}},
		},
	}
}

// schemaName names types in the description; those of package dashboard have its name in front.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	if strings.HasSuffix(t.PkgPath(), "/internal/dashboard") {
		return "Board" + name
	}
	return name
}
