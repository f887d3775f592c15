package guard

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// Names of the cookie of a session. Over TLS the prefix makes browsers refuse one that another
// host or an unprotected page has set.
const (
	secureCookie = "__Host-yagura_session"
	plainCookie  = "yagura_session"
)

// CSRFHeader carries the token that proves that a page of ours sent a state-changing request.
const CSRFHeader = "X-Yagura-Csrf"

// SessionCookie is what gives the browser the secret of a session that ends at a time; ctx is
// that of a guarded request.
func SessionCookie(ctx context.Context, secret string, until time.Time) *http.Cookie {
	secure, _ := ctx.Value(secureKey{}).(bool)
	return cookie(secure, secret, until)
}

// NoCookie makes the browser forget its session.
func NoCookie(ctx context.Context) *http.Cookie {
	c := SessionCookie(ctx, "", time.Unix(1, 0))
	c.MaxAge = -1
	return c
}

// secureKey holds in the context of a request whether the browser speaks TLS.
type secureKey struct{}

func cookie(secure bool, value string, until time.Time) *http.Cookie {
	c := &http.Cookie{Name: plainCookie, Value: value, Path: "/", Expires: until.UTC(), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure}
	if secure {
		c.Name = secureCookie
	}
	return c
}

// SessionSecret returns the secret of the session that a request shows; "" = none. Two cookies
// of the name are one too many: none is believed.
func (g *Guard) SessionSecret(r *http.Request) string {
	name := plainCookie
	if g.secure(r) {
		name = secureCookie
	}
	list := r.CookiesNamed(name)
	if len(list) != 1 || !auth.LooksLikeSession(list[0].Value) {
		return ""
	}
	return list[0].Value
}

// bearer returns the token of an Authorization header. has tells whether there is a header at
// all; a header of another kind is no token.
func bearer(h http.Header) (secret string, has bool) {
	list := h.Values("Authorization")
	if len(list) == 0 {
		return "", false
	}
	scheme, rest, ok := strings.Cut(list[0], " ")
	if len(list) != 1 || !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return strings.Trim(rest, " "), true
}

// principal finds out who asks. When it returns false it has answered.
func (g *Guard) principal(w http.ResponseWriter, r *http.Request, c auth.Client) (auth.Principal, bool) {
	if secret, has := bearer(r.Header); has {
		p, err := g.sessions.Token(r.Context(), secret, c)
		if err != nil {
			return p, g.refuse(w, r, err, "the token is not known, has expired, or was revoked")
		}
		return p, true
	}
	if g.open(r) {
		return auth.LocalPrincipal(), true
	}
	secret := g.SessionSecret(r)
	if secret == "" {
		return auth.Principal{}, true
	}
	p, err := g.sessions.Session(r.Context(), secret)
	if errors.Is(err, auth.ErrUnknown) {
		http.SetCookie(w, NoCookie(r.Context()))
		return auth.Principal{}, true // an ended session is none: the page to sign in must show
	}
	if err != nil {
		return p, g.refuse(w, r, err, "")
	}
	if !safe(r.Method) && r.URL.Path != LoginPath && subtle.ConstantTimeCompare([]byte(r.Header.Get(CSRFHeader)), []byte(p.CSRF)) != 1 {
		WriteProblem(w, r, http.StatusForbidden, "csrf", "the request does not carry the token of this session in "+CSRFHeader+": reload the page")
		return p, false
	}
	return p, true
}

// LoginPath is the one place where an old session does not matter.
const LoginPath = "/api/v1/login"

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error, unknown string) bool {
	if errors.Is(err, auth.ErrUnknown) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="yagura", error="invalid_token"`)
		WriteProblem(w, r, http.StatusUnauthorized, "sign-in", unknown)
		return false
	}
	if g.cfg.Log != nil {
		g.cfg.Log.Error("finding out who asks", "request_id", auth.ClientFrom(r.Context()).Request, "err", err)
	}
	WriteProblem(w, r, http.StatusServiceUnavailable, "unavailable", "who you are cannot be found out right now")
	return false
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
