package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/yagura-siem/yagura/internal/auth"
)

// SearchBackend answers questions. Every call ends when its context does.
type SearchBackend interface {
	Search(ctx context.Context, r SearchRequest) (SearchAnswer, error)
	Histogram(ctx context.Context, r HistogramRequest) (Histogram, error)
	Estimate(ctx context.Context, s Scope) (CostEstimate, error)
	Event(ctx context.Context, id string) (EventDetail, error)
	Around(ctx context.Context, r AroundRequest) (AroundAnswer, error)
	// Export checks the request, calls begin once, and then writes to what begin returned. An
	// error before begin becomes a problem; one after it ends the stream in the middle.
	Export(ctx context.Context, r ExportRequest, begin func(ExportHead) io.Writer) error
}

// SearchRequest asks for events or a table.
type SearchRequest struct {
	Scope
	Limit   int      `json:"limit,omitempty" minimum:"0" maximum:"10000" doc:"events or groups in this answer; 0 = 100 events, as many groups as the text says"`
	Cursor  string   `json:"cursor,omitempty" maxLength:"1024" doc:"next of the page before; everything else as it was there"`
	Fields  []string `json:"fields,omitempty" maxItems:"500" doc:"only these fields of events; absent = all"`
	Order   string   `json:"order,omitempty" enum:"newest,oldest" default:"newest"`
	Explain bool     `json:"explain,omitempty" doc:"add what would be read and why"`
	Yes     bool     `json:"yes,omitempty" doc:"agree to a dear search (see POST /estimate)"`
}

// SearchAnswer holds events or a table.
type SearchAnswer struct {
	Kind     string    `json:"kind" enum:"events,table"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Limit    int       `json:"limit"`
	Warnings []string  `json:"warnings"`
	Events   []Event   `json:"events,omitzero"`
	Next     string    `json:"next,omitempty" doc:"cursor of the next page; absent at the end"`
	Columns  []Column  `json:"columns,omitzero"`
	Rows     [][]Cell  `json:"rows,omitzero"`
	More     bool      `json:"more,omitempty" doc:"there are groups beyond the limit"`
	Stats    Stats     `json:"stats"`
	Explain  *Explain  `json:"explain,omitempty"`
	CLI      string    `json:"cli" doc:"the same question as a command"`
	Where    string    `json:"where" doc:"the whole condition, filters included"`
	Stages   string    `json:"stages,omitempty" doc:"what follows the condition, with its first |"`
}

// Explain says how a question is understood.
type Explain struct {
	Types    []string `json:"types" doc:"log types searched; empty = all"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Where    string   `json:"where" doc:"the condition as the store gets it: aliases, times and types resolved"`
	Fields   []string `json:"fields" doc:"fields the condition reads"`
	FreeText bool     `json:"free_text" doc:"it reads every original: dear"`
}

// HistogramRequest counts over time. Stages of q do not count.
type HistogramRequest struct {
	Scope
	Buckets int    `json:"buckets,omitempty" minimum:"0" maximum:"1000" default:"60" doc:"about how many"`
	By      string `json:"by,omitempty" maxLength:"512" doc:"a field; its most frequent values become series"`
	Compare string `json:"compare,omitempty" enum:"previous,day,week" doc:"the period before, the day before, or the week before"`
	Top     int    `json:"top,omitempty" minimum:"0" maximum:"50" default:"8" doc:"series beside other"`
	Yes     bool   `json:"yes,omitempty" doc:"agree to a dear search"`
}

// CostEstimate is what a question would read.
type CostEstimate struct {
	Parts   int   `json:"parts"`
	Rows    int64 `json:"rows"`
	Bytes   int64 `json:"bytes"`
	Consent bool  `json:"consent" doc:"it is dear: send yes with the question"`
}

// EventDetail is everything about one event.
type EventDetail struct {
	Event
	Table   []EventField `json:"table" doc:"declared fields by name, then native ones"`
	Raw     string       `json:"raw,omitempty" doc:"the original, indented when it is JSON"`
	Object  EventObject  `json:"object"`
	LogType LogTypeRef   `json:"log_type"`
	Around  []string     `json:"around" doc:"fields worth looking around with, that the event has (see GET /events/{id}/around?same=)"`
	Where   string       `json:"where" doc:"a condition that finds this event"`
}

// EventField is a line of the table of an event.
type EventField struct {
	Field    string `json:"field"`
	Value    Cell   `json:"value"`
	Values   []Cell `json:"values,omitempty" doc:"of a list, instead of value"`
	Kind     string `json:"kind,omitempty" doc:"absent for native fields"`
	TitleEN  string `json:"title_en,omitempty"`
	TitleJA  string `json:"title_ja,omitempty"`
	Native   bool   `json:"native,omitempty"`
	Enriched bool   `json:"enriched,omitempty" doc:"added by enrichment, not in the record"`
	Cut      bool   `json:"cut,omitempty"`
}

// EventObject is where an event came from.
type EventObject struct {
	ID     string     `json:"id"`
	Source string     `json:"source,omitempty"`
	Bucket string     `json:"bucket,omitempty"`
	Key    string     `json:"key,omitempty"`
	Offset int64      `json:"offset" doc:"of the record in the decoded object"`
	Index  int        `json:"index" doc:"among the events of that record"`
	Loaded *time.Time `json:"loaded,omitempty"`
}

// LogTypeRef names a log type.
type LogTypeRef struct {
	Name      string `json:"name"`
	TitleEN   string `json:"title_en"`
	TitleJA   string `json:"title_ja"`
	Reference string `json:"reference,omitempty" doc:"the vendor's page"`
}

// AroundRequest asks for the neighbours of an event in time.
type AroundRequest struct {
	ID     string `path:"id" maxLength:"200"`
	Before int    `query:"before" minimum:"0" maximum:"500" default:"25"`
	After  int    `query:"after" minimum:"0" maximum:"500" default:"25"`
	Same   string `query:"same" maxLength:"512" doc:"only events with the same value of this field"`
}

// AroundAnswer is both sides of an event, oldest first.
type AroundAnswer struct {
	Before []Event `json:"before"`
	After  []Event `json:"after"`
	Where  string  `json:"where,omitempty" doc:"the condition used"`
	Stats  Stats   `json:"stats"`
}

// ExportRequest asks for all events or rows as a file.
type ExportRequest struct {
	Scope
	Format string   `json:"format" enum:"csv,ndjson,json"`
	Fields []string `json:"fields,omitempty" maxItems:"500" doc:"columns; absent = all"`
	BOM    bool     `json:"bom,omitempty" doc:"csv: begin with a byte order mark, for Excel"`
	Limit  int      `json:"limit,omitempty" minimum:"0" maximum:"10000000" doc:"0 = all, up to the limit of the server"`
	Order  string   `json:"order,omitempty" enum:"newest,oldest" default:"newest"`
}

// ExportHead is known before the first byte.
type ExportHead struct {
	FileName    string
	ContentType string
	Limit       int
}

type exportLink struct {
	Q      string   `query:"q" maxLength:"65536"`
	F      []string `query:"f,explode" maxItems:"200" doc:"filters: field:value, -field:value, field:*, -field:*"`
	From   string   `query:"from" maxLength:"64"`
	To     string   `query:"to" maxLength:"64"`
	Zone   string   `query:"zone" maxLength:"64"`
	Format string   `query:"format" enum:"csv,ndjson,json" default:"csv"`
	Fields []string `query:"fields" maxItems:"500" doc:"separated by commas"`
	BOM    bool     `query:"bom"`
	Limit  int      `query:"limit" minimum:"0" maximum:"10000000"`
	Order  string   `query:"order" enum:"newest,oldest" default:"newest"`
}

func registerSearch(a *API, b SearchBackend) {
	have := b != nil
	q := func(method, path, id, summary, about string) route {
		return route{Method: method, Path: path, ID: id, Area: "query", Summary: summary, About: about, Needs: auth.Look}
	}
	add(a, have, q(http.MethodPost, "/query", "query", "Ask a question: events, or a table", "Events come a page at a time: send `next` back as `cursor`, everything else unchanged. Pages do not move while data arrives."),
		func(ctx context.Context, r *in[SearchRequest]) (*body[SearchAnswer], error) {
			out, err := b.Search(ctx, r.Body)
			a.looked(ctx, r.Body.Scope, out.Where, err)
			return &body[SearchAnswer]{out}, err
		})
	add(a, have, q(http.MethodPost, "/histogram", "histogram", "Count events over time", "Bucket edges are round and follow the clock of the zone, also over changes of summer time."),
		func(ctx context.Context, r *in[HistogramRequest]) (*body[Histogram], error) {
			out, err := b.Histogram(ctx, r.Body)
			return &body[Histogram]{out}, err
		})
	add(a, have, q(http.MethodPost, "/estimate", "estimate", "What a question would read", ""),
		func(ctx context.Context, r *in[Scope]) (*body[CostEstimate], error) {
			out, err := b.Estimate(ctx, r.Body)
			return &body[CostEstimate]{out}, err
		})
	add(a, have, q(http.MethodGet, "/events/{id}", "get-event", "One event, whole", "Its id names the object it came from: only the parts that hold that object are read."),
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"200"`
		}) (*body[EventDetail], error) {
			out, err := b.Event(ctx, r.ID)
			return &body[EventDetail]{out}, err
		})
	add(a, have, q(http.MethodGet, "/events/{id}/around", "events-around", "What happened before and after an event", ""),
		func(ctx context.Context, r *AroundRequest) (*body[AroundAnswer], error) {
			out, err := b.Around(ctx, *r)
			return &body[AroundAnswer]{out}, err
		})
	export := func(method, id, about string) route {
		r := q(method, "/export", id, "All events or rows as a file", about)
		r.Needs = auth.ExportEvents
		return r
	}
	add(a, have, export(http.MethodPost, "export", "The file is written as it is read; hanging up ends the work. Cells that a spreadsheet would run begin with '."),
		func(_ context.Context, r *in[ExportRequest]) (*huma.StreamResponse, error) {
			return a.export(b, r.Body), nil
		})
	add(a, have, export(http.MethodGet, "export-link", "The same as a link."),
		func(_ context.Context, r *exportLink) (*huma.StreamResponse, error) {
			x := ExportRequest{Scope: Scope{Q: r.Q, Range: Range{From: r.From, To: r.To, Zone: r.Zone}}, Format: r.Format, Fields: r.Fields, BOM: r.BOM, Limit: r.Limit, Order: r.Order}
			for i, text := range r.F {
				f, err := ReadFilter(text)
				if err != nil {
					return nil, Invalid("query.f["+itoa(i)+"]", "%v", err)
				}
				x.Filters = append(x.Filters, f)
			}
			return a.export(b, x), nil
		})
	for _, op := range []*huma.Operation{a.huma.OpenAPI().Paths["/export"].Post, a.huma.OpenAPI().Paths["/export"].Get} {
		text := &huma.Schema{Type: "string"}
		op.Responses["200"] = &huma.Response{Description: "The file", Content: map[string]*huma.MediaType{
			"text/csv": {Schema: text}, "application/x-ndjson": {Schema: text}, "application/json": {Schema: &huma.Schema{Type: "array", Items: &huma.Schema{Type: "object"}}},
		}}
	}
}

// export streams a file. Its status is not known before the backend has begun.
func (a *API) export(b SearchBackend, r ExportRequest) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		req, w := humago.Unwrap(hc)
		begun := false
		err := b.Export(req.Context(), r, func(h ExportHead) io.Writer {
			begun = true
			w.Header().Set("Content-Type", h.ContentType)
			w.Header().Set("Content-Disposition", `attachment; filename="`+h.FileName+`"`)
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusOK)
			return w
		})
		outcome := auth.Done
		if err != nil {
			outcome = auth.Failed
		}
		a.audit(req.Context(), auth.Entry{Action: auth.ActionExport, Target: r.Q, Outcome: outcome, Detail: map[string]any{"format": r.Format, "from": r.From, "to": r.To}})
		switch {
		case err != nil && !begun:
			writeProblem(w, req, a.problemOf(req.Context(), err))
		case err != nil:
			a.problemOf(req.Context(), err) // the log has it
			panic(http.ErrAbortHandler)     // the client must see that the file is not whole
		}
	}}
}

// looked notes a question in the audit log.
func (a *API) looked(ctx context.Context, s Scope, where string, err error) {
	outcome := auth.Done
	if err != nil {
		outcome = auth.Failed
		where = s.Q
	}
	a.audit(ctx, auth.Entry{Action: auth.ActionQuery, Target: where, Outcome: outcome, Detail: map[string]any{"from": s.From, "to": s.To}})
}
