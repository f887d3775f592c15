// Package guard stands before every HTTP handler: it names the request, sets the headers that
// keep browsers safe, refuses what other sites send, finds out who asks, bounds bodies, and
// survives panics. What somebody may do is asked with Require or Allow.
package guard

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// Sessions finds out who is behind a request.
type Sessions interface {
	// Empty tells whether there is no user at all.
	Empty() bool
	// Session returns who holds the secret of a session; auth.ErrUnknown when nobody does.
	Session(ctx context.Context, secret string) (auth.Principal, error)
	// Token returns who holds a token; auth.ErrUnknown when nobody does.
	Token(ctx context.Context, secret string, c auth.Client) (auth.Principal, error)
	// Still tells whether who showed a secret of a session or token is who they were; it counts
	// as no use. Told is false when that cannot be found out right now.
	Still(ctx context.Context, secret string, p auth.Principal) (still, told bool)
	auth.Auditor
}

// Config of a guard.
type Config struct {
	Loopback bool           // the listener takes connections of this machine alone
	Hosts    []string       // names (host or host:port) by which browsers reach the server, beside loopback
	Proxies  []netip.Prefix // whose X-Forwarded-… headers are believed
	MaxBody  int64          // bytes of a request; 0 = 8 MiB
	Log      *slog.Logger
	// Again is how often who asks is found out anew while a request lasts: streams and long work
	// end with the session. 0 = every 2 seconds.
	Again time.Duration
}

// Guard is a middleware.
type Guard struct {
	cfg      Config
	sessions Sessions
}

// New makes a guard.
func New(cfg Config, sessions Sessions) *Guard {
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 8 << 20
	}
	if cfg.Again == 0 {
		cfg.Again = 2 * time.Second
	}
	return &Guard{cfg, sessions}
}

// Require lets only requests through whose principal has a permission; others are answered 401
// or 403 with a problem.
func (g *Guard) Require(p auth.Permission) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if g.Allow(w, r, p) {
				next.ServeHTTP(w, r)
			}
		})
	}
}
