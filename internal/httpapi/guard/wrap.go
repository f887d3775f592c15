package guard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/yagura-siem/yagura/internal/auth"
)

// Wrap puts the guard before a handler. Inside, auth.From and auth.ClientFrom know the request;
// a request without credentials passes with nobody as principal, so that the page to sign in can
// be shown: whatever is worth protecting asks Require or Allow.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w := &tracker{ResponseWriter: out}
		client := auth.Client{Address: g.address(r), Agent: shorten(r.UserAgent(), 200), Request: newID()}
		r = r.WithContext(auth.With(context.WithValue(r.Context(), secureKey{}, g.secure(r)), auth.Principal{}, client))
		defer g.survive(w, r)
		headers(w.Header(), client.Request)
		if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics" {
			w.Header().Set("Cache-Control", "no-store") // what is for one must not be kept for others
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, timed(out, r.Body, bodyTime), g.cfg.MaxBody)
		}
		if !g.knownHost(w, r) || !g.ownPage(w, r) {
			return
		}
		p, ok := g.principal(w, r, client)
		if !ok {
			return
		}
		ctx, end := g.while(r, p)
		defer end()
		next.ServeHTTP(w, r.WithContext(auth.With(ctx, p, client)))
	})
}

// Allow tells whether the principal of a request has a permission; if not it has answered 401 or
// 403 and, when somebody known tried, recorded it.
func (g *Guard) Allow(w http.ResponseWriter, r *http.Request, p auth.Permission) bool {
	who := auth.From(r.Context())
	switch {
	case who.May(p):
		return true
	case !who.Known():
		w.Header().Set("WWW-Authenticate", `Bearer realm="yagura"`)
		WriteProblem(w, r, http.StatusUnauthorized, "sign-in", "sign in first, or send a token")
		return false
	}
	g.sessions.Record(r.Context(), auth.Entry{
		Action: auth.ActionForbidden, Target: r.Method + " " + shorten(r.URL.Path, 200), Outcome: auth.Denied,
		Detail: map[string]any{"permission": string(p), "role": string(who.Role)},
	})
	kind, detail := "forbidden", "your role does not allow this"
	switch {
	case who.MustChange:
		kind, detail = "password-change", "change your password first"
	case who.Kind == auth.Bearer && (auth.Principal{Kind: auth.Person, Role: who.Role}).May(p):
		detail = "the token has no scope for this"
	}
	WriteProblem(w, r, http.StatusForbidden, kind, detail)
	return false
}

// headers sets what every answer carries.
func headers(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// newID names a request: 64 random bits.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// survive answers a request whose handler panicked and logs where.
func (g *Guard) survive(w *tracker, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	if g.cfg.Log != nil {
		g.cfg.Log.Error("a request made its handler panic", slog.String("request_id", auth.ClientFrom(r.Context()).Request),
			slog.String("path", r.URL.Path), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	}
	if w.started {
		panic(http.ErrAbortHandler) // a cut answer must not look whole
	}
	WriteProblem(w, r, http.StatusInternalServerError, "internal", "internal error")
}

// tracker notes whether an answer has begun.
type tracker struct {
	http.ResponseWriter
	started bool
}

func (t *tracker) WriteHeader(status int) {
	t.started = t.started || status >= 200
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracker) Write(b []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(b)
}

// Flush sends what was written: streams need it.
func (t *tracker) Flush() {
	t.started = true
	_ = http.NewResponseController(t.ResponseWriter).Flush()
}

// Unwrap serves http.ResponseController.
func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// shorten keeps printable text of at most n bytes.
func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s[:min(len(s), n)], "")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
