package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fake is a Service that answers from its fields.
type fake struct {
	AlertService // not asked here
	Access
	err     error
	text    string
	warning string
	got     any
	summary LoadSummary
	steps   []Progress
	blocked chan struct{} // closed when Load's context ended
}

func (f *fake) Query(_ context.Context, q QueryRequest, w io.Writer, warn func(string)) error {
	f.got = q
	if f.warning != "" {
		warn(f.warning)
	}
	if f.text != "" {
		if _, err := io.WriteString(w, f.text); err != nil {
			return err
		}
	}
	return f.err
}

func (f *fake) Load(ctx context.Context, l LoadRequest, progress func(Progress)) (LoadSummary, error) {
	f.got = l
	for _, p := range f.steps {
		progress(p)
	}
	if f.blocked != nil {
		<-ctx.Done()
		close(f.blocked)
		return LoadSummary{}, ctx.Err()
	}
	return f.summary, f.err
}

func (f *fake) Sources(context.Context) ([]SourceStatus, error) {
	return []SourceStatus{{Name: "inbox", Done: 3}}, f.err
}

func (f *fake) Quarantine(_ context.Context, q QuarantineRequest) (QuarantineAnswer, error) {
	f.got = q
	return QuarantineAnswer{Records: []QuarantineRecord{{ID: 7, Raw: []byte("a\x00b")}}}, f.err
}

func (f *fake) Replay(_ context.Context, q QuarantineRequest) (ReplaySummary, error) {
	f.got = q
	return ReplaySummary{Replayed: 2, Left: 1}, f.err
}

func dial(t *testing.T, f *fake) *Client {
	t.Helper()
	s := httptest.NewServer(Control(f))
	t.Cleanup(s.Close)
	to := strings.TrimPrefix(s.URL, "http://")
	return &Client{HTTP: &http.Client{Transport: rewrite{to}}}
}

// rewrite sends every request to one host, as the socket does.
type rewrite struct{ host string }

func (r rewrite) RoundTrip(req *http.Request) (*http.Response, error) {
	req.URL.Host = r.host
	return http.DefaultTransport.RoundTrip(req)
}

func TestClientIsTheService(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	f := &fake{
		text:    "a\nb\n",
		warning: "field \"event.acton\"?\n使えません",
		steps:   []Progress{{Objects: 1, Elapsed: time.Second}, {Objects: 2, Listing: true}},
		summary: LoadSummary{Objects: 2, Records: 9, Events: 9, Types: map[string]int64{"aws.waf": 9}, Errors: []ObjectError{{"k", "r"}}},
	}
	c := dial(t, f)

	var out strings.Builder
	q := QueryRequest{Text: "a:b", Since: "24h", Output: "csv", Limit: 5, Yes: true}
	var warned []string
	if err := c.Query(ctx, q, &out, func(text string) { warned = append(warned, text) }); err != nil || out.String() != f.text {
		t.Errorf("query: %q, %v", out.String(), err)
	}
	if d := cmp.Diff([]string{f.warning}, warned); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(any(q), f.got); d != "" {
		t.Error(d)
	}
	var steps []Progress
	sum, err := c.Load(ctx, LoadRequest{Target: "/x", Type: "aws.alb"}, func(p Progress) { steps = append(steps, p) })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(f.summary, sum) + cmp.Diff(f.steps, steps); d != "" {
		t.Error(d)
	}
	src, err := c.Sources(ctx)
	if err != nil || len(src) != 1 || src[0].Done != 3 {
		t.Errorf("sources: %v, %v", src, err)
	}
	a, err := c.Quarantine(ctx, QuarantineRequest{ID: 7})
	if err != nil || len(a.Records) != 1 || string(a.Records[0].Raw) != "a\x00b" {
		t.Errorf("quarantine: %v, %v", a, err)
	}
	r, err := c.Replay(ctx, QuarantineRequest{Reason: "syntax"})
	if err != nil || r.Replayed != 2 || r.Left != 1 {
		t.Errorf("replay: %v, %v", r, err)
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		user bool
	}{
		{"mistake of the user", &UserError{errors.New("no such log type: aws.wafx")}, true},
		{"fault", errors.New("disk on fire"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := dial(t, &fake{err: c.err})
			_, loadErr := client.Load(t.Context(), LoadRequest{}, func(Progress) {})
			_, srcErr := client.Sources(t.Context())
			for _, err := range []error{client.Query(t.Context(), QueryRequest{}, io.Discard, func(string) {}), loadErr, srcErr} {
				var user *UserError
				if err == nil || !strings.Contains(err.Error(), c.err.Error()) || errors.As(err, &user) != c.user {
					t.Errorf("got %v (%T)", err, err)
				}
			}
		})
	}
}

func TestHangingUpEndsTheLoad(t *testing.T) {
	t.Parallel()
	f := &fake{steps: []Progress{{Objects: 1}}, blocked: make(chan struct{})}
	c := dial(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.Load(ctx, LoadRequest{}, func(Progress) { cancel() }); err == nil {
		t.Error("a cancelled load ends well")
	}
	select {
	case <-f.blocked:
	case <-time.After(10 * time.Second):
		t.Error("the server goes on loading for nobody")
	}
}

func TestBadRequestIsAProblem(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", "[]", strings.Repeat(" ", 2<<20)} {
		w := httptest.NewRecorder()
		Control(&fake{}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/query", strings.NewReader(body)))
		if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.10q: %d %s", body, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	Control(&fake{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/query", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var why error
	h := Health(func() error { return why }, func(w io.Writer) { _, _ = io.WriteString(w, "up 1\n") })
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	if code, _ := get("/readyz"); code != http.StatusOK {
		t.Errorf("ready: %d", code)
	}
	why = errors.New("intake waits: no space left")
	if code, text := get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(text, "no space") {
		t.Errorf("not ready: %d %s", code, text)
	}
	if code, _ := get("/healthz"); code != http.StatusOK {
		t.Errorf("alive: %d", code)
	}
	if code, text := get("/metrics"); code != http.StatusOK || text != "up 1\n" {
		t.Errorf("metrics: %d %s", code, text)
	}
}
