package guard

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
)

const session = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// desk knows one session and one token.
type desk struct {
	empty bool
	fault error
	log   []auth.Entry
	ended atomic.Bool // sessions and tokens
	deaf  atomic.Bool // nobody can tell
}

func (d *desk) Empty() bool { return d.empty }

func (d *desk) Session(_ context.Context, secret string) (auth.Principal, error) {
	if d.fault != nil || secret != session {
		return auth.Principal{}, errors.Join(d.fault, auth.ErrUnknown)
	}
	return auth.Principal{Kind: auth.Person, Name: "sato", Role: auth.Viewer, CSRF: "csrf"}, nil
}

func (d *desk) Token(_ context.Context, secret string, _ auth.Client) (auth.Principal, error) {
	if secret != "good" {
		return auth.Principal{}, auth.ErrUnknown
	}
	return auth.Principal{Kind: auth.Bearer, Name: "sato", TokenName: "ci", Role: auth.Admin, Scopes: []auth.Scope{auth.ScopeRead}}, nil
}

func (d *desk) Still(context.Context, string, auth.Principal) (bool, bool) {
	return !d.ended.Load(), !d.deaf.Load()
}

func (d *desk) Record(_ context.Context, e auth.Entry) { d.log = append(d.log, e) }

// ask sends a request through a guard and says who the handler saw; "-" = it was not reached.
func ask(g *Guard, method, path string, change func(*http.Request)) (who string, w *httptest.ResponseRecorder) {
	who = "-"
	h := g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { who = string(auth.From(r.Context()).Kind) }))
	r := httptest.NewRequest(method, path, strings.NewReader("{}"))
	r.Host, r.RemoteAddr = "localhost:8514", "127.0.0.1:5555"
	if change != nil {
		change(r)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return who, w
}

func set(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }

func all(list ...func(*http.Request)) func(*http.Request) {
	return func(r *http.Request) {
		for _, f := range list {
			f(r)
		}
	}
}

func host(h string) func(*http.Request)   { return func(r *http.Request) { r.Host = h } }
func remote(a string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = a } }
func overTLS(r *http.Request)             { r.TLS = &tls.ConnectionState{} }

func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	open := Config{Loopback: true}
	cookie := set("Cookie", "yagura_session="+session)
	proxied := Config{Loopback: true, Hosts: []string{"siem.example.com"}, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	for _, c := range []struct {
		name   string
		cfg    Config
		users  bool
		method string
		change func(*http.Request)
		who    string
		status int
	}{
		{"demo", open, false, "GET", nil, "local", 200},
		{"demo changes something", open, false, "POST", nil, "local", 200},
		{"demo from its page", open, false, "POST", all(set("Origin", "http://localhost:8514"), set("Sec-Fetch-Site", "same-origin")), "local", 200},
		{"demo behind a development server", open, false, "POST", all(host("localhost:5173"), set("Origin", "http://localhost:5173")), "local", 200},
		{"demo by IPv6", open, false, "GET", host("[::1]:8514"), "local", 200},
		{"demo, another site", open, false, "POST", set("Origin", "https://evil.example"), "-", 403},
		{"demo, another port", open, false, "POST", set("Origin", "http://localhost:3000"), "-", 403},
		{"demo, a file", open, false, "POST", set("Origin", "null"), "-", 403},
		{"demo, image of another site", open, false, "GET", set("Sec-Fetch-Site", "cross-site"), "-", 403},
		{"demo, page of another port", open, false, "GET", set("Sec-Fetch-Site", "same-site"), "-", 403},
		{"demo, address typed", open, false, "GET", set("Sec-Fetch-Site", "none"), "local", 200},
		{"demo, rebound name", open, false, "GET", host("evil.example:8514"), "-", 421},
		{"demo, rebound number", open, false, "GET", host("10.0.0.1:8514"), "-", 421},
		{"demo, no name", open, false, "GET", host(""), "-", 421},
		{"demo, name that only begins well", open, false, "GET", host("localhost.evil.example"), "-", 421},
		{"demo, configured name", Config{Loopback: true, Hosts: []string{"dev.example"}}, false, "GET", host("dev.example:8514"), "local", 200},
		{"demo behind a proxy", open, false, "GET", set("X-Forwarded-For", "203.0.113.1"), "", 200},
		{"demo from afar", open, false, "GET", remote("203.0.113.1:99"), "", 200},
		{"not on loopback, no users", Config{}, false, "GET", nil, "", 200},
		{"nobody", open, true, "GET", nil, "", 200},
		{"any name with users", open, true, "GET", host("siem.example.com"), "", 200},
		{"wrong name with users", proxied, true, "GET", host("evil.example"), "-", 421},
		{"session", open, true, "GET", cookie, "session", 200},
		{"session without CSRF", open, true, "POST", cookie, "-", 403},
		{"session with wrong CSRF", open, true, "POST", all(cookie, set(CSRFHeader, "csrg")), "-", 403},
		{"session with CSRF", open, true, "POST", all(cookie, set(CSRFHeader, "csrf")), "session", 200},
		{"session with CSRF from elsewhere", open, true, "DELETE", all(cookie, set(CSRFHeader, "csrf"), set("Origin", "https://evil.example")), "-", 403},
		{"two cookies", open, true, "GET", set("Cookie", "yagura_session="+session+"; yagura_session="+session), "", 200},
		{"cookie of another session", open, true, "GET", set("Cookie", "yagura_session="+strings.Repeat("A", 43)[:42]+"E"), "", 200},
		{"plain cookie over TLS", open, true, "GET", all(cookie, overTLS), "", 200},
		{"secure cookie over TLS", open, true, "GET", all(set("Cookie", "__Host-yagura_session="+session), overTLS), "session", 200},
		{"secure cookie without TLS", open, true, "GET", set("Cookie", "__Host-yagura_session="+session), "", 200},
		{"secure cookie behind a proxy", proxied, true, "GET", all(set("Cookie", "__Host-yagura_session="+session), set("X-Forwarded-Proto", "https"), host("siem.example.com")), "session", 200},
		{"a proxy nobody trusts", open, true, "GET", all(set("Cookie", "__Host-yagura_session="+session), set("X-Forwarded-Proto", "https")), "", 200},
		{"origin behind a proxy", proxied, true, "POST", all(cookie, set(CSRFHeader, "csrf"), set("Origin", "https://siem.example.com")), "session", 200},
		{"token", open, true, "POST", set("Authorization", "Bearer good"), "token", 200},
		{"token in small letters", open, true, "GET", set("Authorization", "bearer  good "), "token", 200},
		{"wrong token", open, true, "GET", all(cookie, set("Authorization", "Bearer bad")), "-", 401},
		{"wrong token in the demo", open, false, "GET", set("Authorization", "Bearer bad"), "-", 401},
		{"another scheme", open, true, "GET", set("Authorization", "Basic Zm9vOmJhcg=="), "-", 401},
		{"two tokens", open, true, "GET", func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer good", "Bearer good"} }, "-", 401},
	} {
		d := &desk{empty: !c.users}
		who, w := ask(New(c.cfg, d), c.method, "/api/v1/x", c.change)
		if who != c.who || w.Code != c.status {
			t.Errorf("%s: %q %d %s", c.name, who, w.Code, w.Body)
		}
		if w.Code >= 400 {
			var p Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.RequestID != w.Header().Get("X-Request-Id") || len(p.RequestID) != 16 {
				t.Errorf("%s: problem %+v, %v", c.name, p, err)
			}
		}
	}
	if _, w := ask(New(open, &desk{fault: errors.New("disk on fire")}), "GET", "/api/v1/x", cookie); w.Code != 200 && w.Code != 503 {
		t.Errorf("fault: %d", w.Code)
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	d := &desk{}
	g := New(Config{Loopback: true}, d)
	reached := 0
	h := g.Wrap(g.Require(auth.Replay)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ })))
	for _, c := range []struct {
		change func(*http.Request)
		status int
		detail string
	}{
		{func(*http.Request) {}, 401, "sign in"},
		{set("Cookie", "yagura_session="+session), 403, "your role"},
		{set("Authorization", "Bearer good"), 403, "no scope"},
	} {
		r := httptest.NewRequest("GET", "/api/v1/replay", nil)
		c.change(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.detail) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	want := []auth.Entry{
		{Action: "forbidden", Target: "GET /api/v1/replay", Outcome: auth.Denied, Detail: map[string]any{"permission": "intake.replay", "role": "viewer"}},
		{Action: "forbidden", Target: "GET /api/v1/replay", Outcome: auth.Denied, Detail: map[string]any{"permission": "intake.replay", "role": "admin"}},
	}
	if diff := cmp.Diff(want, d.log); diff != "" || reached != 0 {
		t.Errorf("reached %d\n%s", reached, diff)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	_, w := ask(New(Config{Loopback: true}, &desk{}), "GET", "/", nil)
	got := w.Header().Clone()
	if len(got.Get("X-Request-Id")) != 16 {
		t.Error("no id")
	}
	got.Del("X-Request-Id")
	want := http.Header{
		"Content-Security-Policy":      {"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Referrer-Policy":              {"no-referrer"},
		"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	g := New(Config{Loopback: true}, &desk{})
	until := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	give := func(change func(*http.Request)) (out string) {
		r := httptest.NewRequest("POST", "/api/v1/login", nil)
		change(r)
		g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			out = SessionCookie(r.Context(), session, until).String()
		})).ServeHTTP(httptest.NewRecorder(), r)
		return out
	}
	if d := cmp.Diff("yagura_session="+session+"; Path=/; Expires=Fri, 27 Nov 2026 09:00:00 GMT; HttpOnly; SameSite=Lax", give(func(*http.Request) {})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("__Host-yagura_session="+session+"; Path=/; Expires=Fri, 27 Nov 2026 09:00:00 GMT; HttpOnly; Secure; SameSite=Lax", give(overTLS)); d != "" {
		t.Error(d)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	g := New(Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, &desk{})
	for _, c := range [][3]string{
		{"203.0.113.1:5", "198.51.100.1", "203.0.113.1"}, // not a proxy: not believed
		{"10.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
		{"10.0.0.1:5", "1.2.3.4, rubbish", "10.0.0.1"},
		{"10.0.0.1:5", strings.Repeat("10.0.0.2,", 5000) + "10.0.0.3", "10.0.0.2"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"[::ffff:203.0.113.1]:5", "", "203.0.113.1"},
		{"@", "1.2.3.4", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c[0]
		if c[1] != "" {
			r.Header.Set("X-Forwarded-For", c[1])
		}
		if got := g.address(r); got != c[2] {
			t.Errorf("%.60q: %q", c, got)
		}
	}
}

func TestPanicsAndLargeBodies(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	g := New(Config{Loopback: true, MaxBody: 10, Log: slog.New(slog.NewTextHandler(&log, nil))}, &desk{empty: true})
	serve := func(h http.HandlerFunc) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "http://localhost/api/v1/x", strings.NewReader("0123456789abc"))
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		g.Wrap(h).ServeHTTP(w, r)
		return w
	}
	w := serve(func(http.ResponseWriter, *http.Request) { panic("password=hunter2 in a panic") })
	if w.Code != 500 || strings.Contains(w.Body.String(), "hunter2") || !strings.Contains(log.String(), w.Header().Get("X-Request-Id")) {
		t.Errorf("%d %s\n%s", w.Code, w.Body, log.String())
	}
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the very value
				t.Errorf("after the answer began: %v", v)
			}
		}()
		serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic("late") })
	}()
	serve(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var large *http.MaxBytesError
		if len(b) != 10 || !errors.As(err, &large) {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	serve(func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(http.Flusher); !ok || http.NewResponseController(w).Flush() != nil {
			t.Error("streams cannot flush")
		}
	})
}

// FuzzCredentials: whatever a header says, nobody is let in by it and nothing breaks.
func FuzzCredentials(f *testing.F) {
	f.Add("yagura_session="+session, "Bearer good", "localhost", "http://localhost", "1.2.3.4", "https")
	f.Add("yagura_session=\x00; =;;;", "Bearer", "[::1", "http://[::1", ",,,::::", "https,http")
	f.Add(strings.Repeat("yagura_session=x;", 500), "\xff\xfe", "localhost:0x50", "null", strings.Repeat("1,", 999), "")
	f.Fuzz(func(t *testing.T, cookie, authorization, name, origin, forwardedFor, proto string) {
		g := New(Config{Hosts: []string{"siem.example.com"}, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, &desk{})
		who, _ := ask(g, "GET", "/api/v1/x", all(set("Cookie", cookie), set("Authorization", authorization), host(name), set("Origin", origin), set("X-Forwarded-For", forwardedFor), set("X-Forwarded-Proto", proto)))
		if who == "local" || who == "session" && !strings.Contains(cookie, session) || who == "token" && !strings.Contains(authorization, "good") {
			t.Errorf("%q is let in", who)
		}
	})
}

func TestRequestsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"Cookie", "Authorization"} {
		d := &desk{}
		d.deaf.Store(true)
		d.ended.Store(true)
		g := New(Config{Loopback: true, Again: time.Millisecond}, d)
		began, cause := make(chan struct{}), make(chan error, 1)
		h := g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(began)
			<-r.Context().Done()
			cause <- context.Cause(r.Context())
		}))
		r := httptest.NewRequest("GET", "/api/v1/stream", nil)
		r.Host, r.RemoteAddr = "localhost:8514", "127.0.0.1:5555"
		r.Header.Set(kind, map[string]string{"Cookie": "yagura_session=" + session, "Authorization": "Bearer good"}[kind])
		go h.ServeHTTP(httptest.NewRecorder(), r)
		<-began // and goes on while nobody can tell whether the session has ended
		d.deaf.Store(false)
		if err := <-cause; !errors.Is(err, ErrEnded) {
			t.Errorf("%s: ended by %v", kind, err)
		}
	}
}

// TestSlowBodies: a body that does not arrive ends with its time, one that has arrived leaves the
// handler all the time it needs.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	most := 50 * time.Millisecond
	read := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(timed(w, r.Body, most))
		if r.URL.Path == "/long" {
			select {
			case <-r.Context().Done():
				err = errors.Join(err, r.Context().Err())
			case <-time.After(4 * most):
			}
		}
		read <- err
	}))
	defer s.Close()
	resp, err := http.Post(s.URL+"/long", "text/plain", strings.NewReader("whole"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-read; err != nil {
		t.Errorf("a handler that takes its time: %v", err)
	}
	pr, pw := io.Pipe()
	defer pw.Close()
	go func() {
		if resp, err := http.Post(s.URL+"/slow", "text/plain", pr); err == nil {
			resp.Body.Close()
		}
	}()
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a body that does not come: %v", err)
	}
}
