// Package api is the web API below /api/v1: routes, what goes in and out of them, and errors.
// What they mean is decided by the backends handed in (internal/app has them); who may call
// them by package auth. docs/api/openapi.json is made from the types in here.
//
// To add an area (alerts, rules …): one file, or a few with its name in front, that hold
//
//   - its types with JSON names and doc tags (they are the OpenAPI file; share only types.go),
//   - type <Area>Backend interface: at most seven methods, plain types of this package, errors
//     made with the functions of problem.go (an *expr.Error gets its place by itself),
//   - func register<Area>(a *API, b <Area>Backend), which calls add once a route;
//
// then a field of Config, a line in New, `go generate ./internal/httpapi/api`, and a scenario
// for each route (coverage_test.go tells which are missing).
package api

//go:generate go test . -run ^(TestOpenAPI|TestReferencePage)$ -count=1 -update

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/yagura-siem/yagura/internal/auth"
)

// Prefix of every route.
const Prefix = "/api/v1"

// Config says what answers. The routes of an area without a backend answer 503.
type Config struct {
	// Guard stands before every route: it finds out who asks. nil = nobody is known, so that
	// everything is refused.
	Guard func(http.Handler) http.Handler
	// Allow tells whether the principal of a request has a permission; if not it has answered
	// already. nil = by the principal in the context.
	Allow func(http.ResponseWriter, *http.Request, auth.Permission) bool
	// Audit takes who looked at what; may be nil.
	Audit auth.Auditor
	Log   *slog.Logger // nil = silent

	Me     MeBackend
	Search SearchBackend
	Field  FieldBackend
	Entity EntityBackend
	Home   HomeBackend
	Live   LiveBackend

	SignIn     SignInBackend
	Users      UsersBackend
	AuditLog   AuditBackend
	Saved      SavedBackend
	Intake     IntakeBackend
	Quarantine QuarantineBackend
	Dashboards DashboardBackend
	Alerts     AlertBackend
	Rules      RuleBackend
}

// API is what areas register their routes with.
type API struct {
	cfg  Config
	huma huma.API
}

// New returns the handler of everything below Prefix.
func New(c Config) http.Handler {
	a, mux := build(c)
	spec := a.spec()
	mux.HandleFunc("GET "+Prefix+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(spec)
	})
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, NotFound("there is no route %s %s; see docs/api.md", r.Method, r.URL.Path))
	})
	if c.Guard != nil {
		return c.Guard(mux)
	}
	return mux
}

// Spec is the OpenAPI 3.1 description of all routes, indented.
func Spec() []byte {
	a, _ := build(Config{})
	return a.spec()
}

func build(c Config) (*API, *http.ServeMux) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	cfg := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Yagura", Version: "1",
				Description: "The API of the web page, for programs too. Read docs/api.md first: signing in, errors, cursors, streams.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: "yagura_session", Description: "what POST /login sets; requests that change something carry X-Yagura-Csrf (from GET /me)"},
					"token":   {Type: "http", Scheme: "bearer", Description: "a token of POST /tokens"},
				},
			},
			Security: []map[string][]string{{"session": {}}, {"token": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	a := &API{cfg: c}
	cfg.Transformers = []huma.Transformer{a.problems}
	a.huma = humago.NewWithPrefix(mux, Prefix, cfg)

	registerMe(a, c.Me)
	registerSearch(a, c.Search)
	registerFields(a, c.Field)
	registerEntity(a, c.Entity)
	registerHome(a, c.Home)
	registerLive(a, c.Live)
	registerSignIn(a, c.SignIn, c.Me)
	registerUsers(a, c.Users, c.Me)
	registerAudit(a, c.AuditLog)
	registerSaved(a, c.Saved)
	registerIntake(a, c.Intake, c.Quarantine)
	registerDashboards(a, c.Dashboards)
	registerAlerts(a, c.Alerts)
	registerRules(a, c.Rules)
	return a, mux
}

// jsonFormat writes markup as it is: the answer is never read as a page (nosniff).
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	Unmarshal: json.Unmarshal,
}

// route is one operation as its area describes it.
type route struct {
	Method, Path string
	ID           string          // lower-case words with dashes, unique: the name of the call in clients
	Area         string          // tag
	Summary      string          // a line
	About        string          // more, if needed
	Needs        auth.Permission // "" = nobody need be known
	Status       int             // of success; 0 = 200, or 204 without a body
	Body         int64           // largest request body; 0 = 1 MiB
}

// nothing is the output of a route that answers 204.
type nothing struct{}

// body is the output of a route that answers one JSON value.
type body[T any] struct{ Body T }

// in is the input of a route that takes one JSON value and nothing else.
type in[T any] struct{ Body T }

// add registers a route. present tells whether its backend is there. Errors of the handler
// become problems, see problemOf.
func add[I, O any](a *API, present bool, r route, handler func(context.Context, *I) (*O, error)) {
	op := a.operation(present, r)
	huma.Register(a.huma, op, func(ctx context.Context, input *I) (*O, error) {
		out, err := handler(ctx, input)
		if unchanged(err) {
			return nil, err
		}
		if err != nil {
			return nil, a.problemOf(ctx, err)
		}
		fillLists(reflect.ValueOf(out))
		return out, nil
	})
	a.documentErrors(r)
}

func (a *API) operation(present bool, r route) huma.Operation {
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: r.Path, Summary: r.Summary, Description: r.About,
		Tags: []string{r.Area}, DefaultStatus: r.Status, MaxBodyBytes: r.Body,
		Extensions: map[string]any{},
	}
	if r.Needs != "" {
		op.Extensions["x-permission"] = string(r.Needs)
	} else {
		op.Security = []map[string][]string{}
	}
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		req, w := humago.Unwrap(ctx)
		if r.Needs != "" && !a.allow(w, req, r.Needs) {
			return
		}
		if !present {
			writeProblem(w, req, Unavailable("this server has no %s", r.Area))
			return
		}
		next(ctx)
	}}
	return op
}

func (a *API) allow(w http.ResponseWriter, r *http.Request, p auth.Permission) bool {
	if a.cfg.Allow != nil {
		return a.cfg.Allow(w, r, p)
	}
	who := auth.From(r.Context())
	switch {
	case who.May(p):
		return true
	case !who.Known():
		writeProblem(w, r, &Problem{Status: http.StatusUnauthorized, Detail: "sign in first"})
	default:
		writeProblem(w, r, &Problem{Status: http.StatusForbidden, Detail: "you may not do this: it needs the permission " + string(p)})
	}
	return false
}

func (a *API) audit(ctx context.Context, e auth.Entry) {
	if a.cfg.Audit != nil {
		a.cfg.Audit.Record(ctx, e)
	}
}

// fillLists makes lists that are nil empty ones, so that clients never meet null. Lists that may be
// absent stay as they are.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Slice || k == reflect.Pointer {
			for i := range v.Len() {
				fillLists(v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f, field := v.Field(i), v.Type().Field(i)
			if !f.CanSet() {
				continue
			}
			tag := field.Tag.Get("json")
			if f.Kind() == reflect.Slice && f.IsNil() && !strings.Contains(tag, ",omit") && f.Type().Elem().Kind() != reflect.Uint8 {
				f.Set(reflect.MakeSlice(f.Type(), 0, 0))
			}
			fillLists(f)
		}
	}
}

// spec is the description of what is registered, indented.
func (a *API) spec() []byte {
	o := a.huma.OpenAPI()
	schemas := o.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	raw, err := json.Marshal(o)
	if err != nil {
		panic("describing the API: " + err.Error()) // made of our own types only
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		panic("describing the API: " + err.Error())
	}
	plainTypes(v)
	out, _ := json.MarshalIndent(v, "", "  ")
	return append(out, '\n')
}

// plainTypes takes out of a description what the answers never use and what makes the types of
// clients awkward: lists that may be null, and defaults (they are told in words).
func plainTypes(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			plainTypes(e)
		}
	case map[string]any:
		if t, ok := v["type"].([]any); ok && len(t) == 2 && t[0] == "array" && t[1] == "null" {
			v["type"] = "array"
		}
		if d, ok := v["default"]; ok {
			if _, isResponse := d.(map[string]any); !isResponse {
				about, _ := v["description"].(string)
				v["description"] = strings.TrimSpace(fmt.Sprintf("%s (default %v)", about, d))
				delete(v, "default")
			}
		}
		for _, e := range v {
			plainTypes(e)
		}
	}
}
