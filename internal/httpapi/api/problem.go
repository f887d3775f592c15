package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// Problem is an error as it crosses the wire (RFC 9457). Backends return one (or an error that
// wraps one) where the status matters; its Type and Title are filled in by the status.
type Problem struct {
	Type      string      `json:"type" doc:"stable name of the kind of error, such as urn:yagura:problem:syntax" example:"urn:yagura:problem:syntax"`
	Title     string      `json:"title"`
	Status    int         `json:"status" example:"400"`
	Detail    string      `json:"detail" doc:"for people, in English"`
	RequestID string      `json:"request_id" doc:"the same in the log of the server"`
	Errors    []ErrorItem `json:"errors,omitempty" doc:"what is wrong in the request, place by place"`
	Position  *Position   `json:"position,omitempty" doc:"where in the query text"`
	Hint      string      `json:"hint,omitempty" doc:"what to write instead"`

	RetryAfter int   `json:"-"` // seconds, for 429 and 503
	cause      error // for the log; never shown
}

// ErrorItem is one fault of a request.
type ErrorItem struct {
	Location string `json:"location" doc:"body.filters[0].op, query.limit, path.id"`
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
}

// Position is a place in a query text.
type Position struct {
	Offset int `json:"offset" doc:"bytes from the start"`
	Length int `json:"length" doc:"bytes; 0 = a point"`
	Line   int `json:"line" doc:"from 1"`
	Column int `json:"column" doc:"characters from 1"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders is for huma.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	return h
}

// Unwrap returns the cause, which is logged and not shown.
func (p *Problem) Unwrap() error { return p.cause }

// Because adds a cause for the log.
func (p *Problem) Because(err error) *Problem { p.cause = err; return p }

// NotFound says that what the path names is not there.
func NotFound(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf(format, args...)}
}

// Invalid says that a value of a request cannot be; location is like body.filters[0].op.
func Invalid(location, format string, args ...any) *Problem {
	text := fmt.Sprintf(format, args...)
	return &Problem{Status: http.StatusUnprocessableEntity, Detail: text, Errors: []ErrorItem{{Location: location, Message: text}}}
}

// Conflict says that something has changed or is in the way.
func Conflict(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusConflict, Detail: fmt.Sprintf(format, args...)}
}

// Stale says that If-Match does not name what is there now.
func Stale(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusPreconditionFailed, Detail: fmt.Sprintf(format, args...)}
}

// Gone says that something was there and cannot be had any more.
func Gone(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusGone, Detail: fmt.Sprintf(format, args...)}
}

// TooMany asks to come back later.
func TooMany(seconds int, format string, args ...any) *Problem {
	return &Problem{Status: http.StatusTooManyRequests, Detail: fmt.Sprintf(format, args...), RetryAfter: seconds}
}

// Unavailable says that the server cannot do it now, or at all.
func Unavailable(format string, args ...any) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf(format, args...)}
}

// Syntax is the problem of a text that cannot be read.
func Syntax(e *expr.Error) *Problem {
	pos := PositionOf(e)
	return &Problem{Status: http.StatusBadRequest, Type: kind("syntax"), Title: "The query cannot be read", Detail: e.Reason, Position: &pos, Hint: e.Hint}
}

// PositionOf finds line and column of a fault.
func PositionOf(e *expr.Error) Position {
	at := min(max(e.Pos, 0), len(e.Source))
	before := e.Source[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return Position{Offset: at, Length: max(0, min(e.End, len(e.Source))-at), Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(before[line:])}
}

// notModified answers 304 without a body.
func notModified(etag string) error {
	return huma.ErrorWithHeaders(huma.Status304NotModified(), http.Header{"Etag": {etag}, "Cache-Control": {"private, no-cache"}})
}

// unchanged tells whether an error is that of notModified.
func unchanged(err error) bool {
	var status huma.StatusError
	return errors.As(err, &status) && status.GetStatus() == http.StatusNotModified
}

func kind(name string) string { return "urn:yagura:problem:" + name }

// Kinds by status; 499 is what others use for a client that went away.
var kinds = map[int][2]string{
	400: {"request", "The request cannot be read"}, 401: {"sign-in", "Sign in first"}, 403: {"forbidden", "Not allowed"}, 404: {"not-found", "Not found"},
	405: {"method", "Method not allowed"}, 406: {"accept", "Cannot answer in that form"}, 408: {"timeout", "Took too long"}, 409: {"conflict", "In conflict with what is there"},
	410: {"gone", "No longer there"}, 412: {"stale", "Changed meanwhile"}, 413: {"too-large", "Too large"}, 415: {"content-type", "Content type not known"},
	422: {"validation", "A value is not valid"}, 429: {"too-many", "Too many requests"}, 499: {"cancelled", "Cancelled"}, 500: {"internal", "Something went wrong here"},
	503: {"unavailable", "Not available"}, 504: {"timeout", "Took too long"}, 507: {"too-dear", "The answer does not fit"},
}

// complete fills what follows from the status and the request.
func (p *Problem) complete(ctx context.Context) *Problem {
	k, ok := kinds[p.Status]
	if !ok {
		k = [2]string{"http-" + strconv.Itoa(p.Status), http.StatusText(p.Status)}
	}
	if p.Type == "" {
		p.Type = kind(k[0])
	}
	if p.Title == "" {
		p.Title = k[1]
	}
	if p.RequestID == "" {
		p.RequestID = auth.ClientFrom(ctx).Request
	}
	return p
}

// problemOf maps any error to what the other side may see. A fault of ours shows nothing but
// the id of the request; the log has the rest.
func (a *API) problemOf(ctx context.Context, err error) *Problem {
	var (
		p        *Problem
		mistake  *expr.Error
		user     *httpapi.UserError
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &p):
		q := *p // constants may be shared
		p = &q
	case errors.As(err, &mistake):
		p = Syntax(mistake)
	case errors.As(err, &user):
		p = &Problem{Status: http.StatusUnprocessableEntity, Detail: user.Error()}
	case errors.As(err, &tooLarge):
		p = &Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the request is larger than %d bytes", tooLarge.Limit)}
	case errors.Is(err, syscall.ENOSPC):
		p = &Problem{Status: http.StatusInsufficientStorage, Type: kind("disk-full"), Title: "The disk is full", Detail: "the disk of the server is full: nothing was saved", cause: err}
	case errors.Is(err, context.Canceled):
		p = &Problem{Status: 499, Detail: "the request was cancelled"}
	case errors.Is(err, context.DeadlineExceeded):
		p = &Problem{Status: http.StatusGatewayTimeout, Detail: "it took longer than allowed: ask for a shorter range"}
	default:
		p = &Problem{Status: http.StatusInternalServerError, Detail: "see the log of the server for this request", cause: err}
	}
	p.complete(ctx)
	if p.Status >= 500 && p.Status != http.StatusServiceUnavailable || p.cause != nil {
		a.cfg.Log.Error("answering a request", "component", "api", "request", p.RequestID, "status", p.Status, "error", err, "cause", p.cause)
	}
	return p
}

// problems makes the errors of the framework (bodies that do not parse, values that do not
// validate) problems of ours.
func (a *API) problems(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Status: m.Status, Detail: m.Detail}
	for _, e := range m.Errors {
		if e != nil {
			p.Errors = append(p.Errors, ErrorItem{e.Location, e.Message, short(e.Value)})
		}
	}
	if len(p.Errors) > 20 {
		p.Errors = p.Errors[:20]
	}
	if len(p.Errors) > 0 {
		p.Detail = strings.TrimSpace(p.Errors[0].Location + " " + p.Errors[0].Message)
	}
	return p.complete(ctx.Context()), nil
}

// short keeps an echoed value from making the answer as large as the request.
func short(v any) any {
	switch v := v.(type) {
	case nil, bool, float64, int:
		return v
	case string:
		if len(v) <= 200 {
			return v
		}
		return strings.ToValidUTF8(v[:200], "") + "…"
	}
	return nil
}

// writeProblem answers with a problem outside of the framework.
func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.complete(r.Context())
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// documentErrors says in the description that errors are problems.
func (a *API) documentErrors(r route) {
	o := a.huma.OpenAPI()
	item := o.Paths[r.Path]
	for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if op == nil || op.OperationID != r.ID {
			continue
		}
		op.Responses["default"] = &huma.Response{
			Description: "A problem",
			Content: map[string]*huma.MediaType{"application/problem+json": {
				Schema: o.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem"),
			}},
		}
	}
}
