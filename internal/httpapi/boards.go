package httpapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// Boards is what a Service may offer beside itself: dashboards on the command line.
type Boards interface {
	// RunDashboard answers the panels of a dashboard and writes them in the output format asked
	// for. What went wrong with single panels is in what is written.
	RunDashboard(ctx context.Context, r DashboardRequest, w io.Writer, warn func(text string)) error
}

// DashboardRequest is one run of a dashboard.
type DashboardRequest struct {
	ID        string              `json:"id"`
	Panel     string              `json:"panel,omitempty"` // one panel; empty = all
	Since     string              `json:"since,omitempty"` // empty = the dashboard's range
	Until     string              `json:"until,omitempty"`
	Zone      string              `json:"zone,omitempty"`
	Compare   string              `json:"compare,omitempty"`
	Variables map[string][]string `json:"variables,omitempty"`
	Output    string              `json:"output"` // table, json, csv
	Lang      string              `json:"lang,omitempty"`
	Width     int                 `json:"width,omitempty"`
}

func controlBoards(mux *http.ServeMux, s Service) {
	boards, ok := s.(Boards)
	if !ok {
		return
	}
	mux.HandleFunc("POST /v1/dashboard", func(w http.ResponseWriter, r *http.Request) {
		var q DashboardRequest
		if !decode(w, r, &q) {
			return
		}
		out := &lateWriter{w: w}
		warn := func(text string) { w.Header().Add(warningHeader, url.QueryEscape(text)) }
		if err := boards.RunDashboard(r.Context(), q, out, warn); err != nil && !out.started {
			writeProblem(w, err)
		}
	})
}

// RunDashboard implements Boards.
func (c *Client) RunDashboard(ctx context.Context, r DashboardRequest, w io.Writer, warn func(string)) error {
	return c.text(ctx, "/v1/dashboard", r, w, warn)
}
