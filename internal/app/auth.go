package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/user"
	"strings"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/guard"
	"github.com/yagura-siem/yagura/internal/state"
)

// access is who may do what, and the record of what they did.
type access struct {
	*auth.Service
	trail *auth.Trail
	db    *state.DB
	now   func() time.Time
	keep  time.Duration // of audit entries
	idle  time.Duration // of sessions
}

// openAccess needs the state database only.
func (a *App) openAccess(ctx context.Context) error {
	now := a.probes.clock
	if now == nil {
		now = time.Now
	}
	c := a.cfg.Auth
	trail := auth.NewTrail(a.db, now, a.log.With("component", "audit"))
	s, err := auth.NewService(ctx, a.db, trail, auth.Options{
		Idle: time.Duration(c.Idle), Longest: time.Duration(c.Longest), Now: now, Password: a.probes.password,
	})
	if err != nil {
		return fmt.Errorf("reading the users: %w", err)
	}
	a.access = &access{s, trail, a.db, now, time.Duration(c.AuditDays) * 24 * time.Hour, time.Duration(c.Idle)}
	return nil
}

// closeAccess writes what was recorded and not yet written.
func (a *App) closeAccess() error {
	if a.access == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return a.access.trail.Flush(ctx)
}

// startAccess writes the audit log and forgets what is old, until ctx ends.
func (a *App) startAccess(ctx context.Context, wg *sync.WaitGroup) {
	wg.Go(func() { a.access.trail.Run(ctx) })
	wg.Go(func() {
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		for {
			if err := a.access.forget(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("forgetting old audit entries and sessions", "component", "audit", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

func (x *access) forget(ctx context.Context) error {
	now := x.now()
	return errors.Join(x.db.ForgetTrace(ctx, now.Add(-x.keep), now.Add(-x.idle)), x.db.ForgetMinutes(ctx))
}

// mayListen refuses to serve other machines while everybody would be let in.
func (a *App) mayListen() error {
	if a.cfg.Loopback() || !a.access.Empty() {
		return nil
	}
	return &httpapi.UserError{Err: fmt.Errorf("listen is %q, which other machines can reach, and there is no user who could sign in.\n"+
		"Add one:  yagura users add NAME --role admin\nor listen on this machine alone:  listen: 127.0.0.1:8514", a.cfg.Listen)}
}

// newGuard makes what stands before every request of the web server.
func (a *App) newGuard() *guard.Guard {
	c := a.cfg.Auth
	return guard.New(guard.Config{
		Loopback: a.cfg.Loopback(), Hosts: c.Hosts, Proxies: networks(c.TrustedProxies), Log: a.log.With("component", "web"),
	}, a.access)
}

// networks reads what the configuration has checked: addresses and networks.
func networks(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p.Masked())
		} else if ip, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
		}
	}
	return out
}

// guarded stands before health and metrics: the latter tell of the inside, so that other machines
// must show a token.
func (a *App) guarded(g *guard.Guard, health http.Handler) http.Handler {
	inside := g.Require(auth.Look)(health)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" && !a.cfg.Loopback() {
			inside.ServeHTTP(w, r)
			return
		}
		health.ServeHTTP(w, r)
	})
}

// commander is who types a command: it may do everything, as the files are theirs.
func commander(ctx context.Context, by string) context.Context {
	if by == "" {
		by = "unknown"
	}
	return auth.With(ctx, auth.Principal{Kind: auth.Local, Name: "cli:" + by, Role: auth.Admin}, auth.Client{})
}

// Commander names the user of the machine who runs this process, for the audit log.
func Commander() string {
	if v := os.Getenv("SUDO_USER"); v != "" {
		return v
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid%d", os.Getuid())
}

// personal makes a mistake of the one who asks out of an error that says so.
func personal(err error, what string) error {
	switch {
	case errors.Is(err, auth.ErrNotFound):
		return &httpapi.UserError{Err: fmt.Errorf("there is no %s", what)}
	case errors.Is(err, auth.ErrExists):
		return &httpapi.UserError{Err: fmt.Errorf("there is a %s already", what)}
	case errors.Is(err, auth.ErrInvalid):
		var text error = err
		for errors.Unwrap(text) != nil {
			text = errors.Unwrap(text)
		}
		return &httpapi.UserError{Err: text}
	case errors.Is(err, auth.ErrLastAdmin):
		return &httpapi.UserError{Err: auth.ErrLastAdmin}
	}
	return err
}

// Users implements httpapi.Access.
func (a *App) Users(ctx context.Context, r httpapi.UserRequest) ([]httpapi.UserInfo, error) {
	ctx = commander(ctx, r.By)
	name, err := strings.ToLower(strings.TrimSpace(r.Name)), error(nil)
	what := fmt.Sprintf("user %q", name)
	switch r.Do {
	case "":
		name = ""
	case "add":
		n := auth.NewUser{Name: r.Name, Role: auth.Role(r.Role)}
		setFrom(&n.Password, r.Password)
		setFrom(&n.MustChange, r.MustChange)
		setFrom(&n.Lang, r.Lang)
		_, err = a.access.AddUser(ctx, n)
	case "change":
		c := auth.UserChange{Password: r.Password, Disabled: r.Disabled, MustChange: r.MustChange, Lang: r.Lang}
		if r.Role != "" {
			role := auth.Role(r.Role)
			c.Role = &role
		}
		_, err = a.access.ChangeUser(ctx, name, c)
	case "remove":
		if r.Reopen && !a.cfg.Loopback() {
			return nil, &httpapi.UserError{Err: fmt.Errorf("the only user stays: listen is %q, which other machines can reach", a.cfg.Listen)}
		}
		return nil, personal(a.access.RemoveUser(ctx, name, r.Reopen), what)
	default:
		err = fmt.Errorf("nothing is known of %q", r.Do)
	}
	if err != nil {
		return nil, personal(err, what)
	}
	return a.access.list(ctx, name)
}

func setFrom[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// list shows all users, or one.
func (x *access) list(ctx context.Context, only string) ([]httpapi.UserInfo, error) {
	users, err := x.Service.Users(ctx)
	if err != nil {
		return nil, err
	}
	sessions, err := x.Service.Sessions(ctx, "*")
	if err != nil {
		return nil, err
	}
	tokens, err := x.Service.Tokens(ctx, "*")
	if err != nil {
		return nil, err
	}
	out := []httpapi.UserInfo{}
	for _, u := range users {
		if only != "" && u.Name != only {
			continue
		}
		i := httpapi.UserInfo{Name: u.Name, Role: string(u.Role), Disabled: u.Disabled, MustChange: u.MustChange, Lang: u.Lang, Created: u.Created, LastLogin: u.LastLogin}
		for _, s := range sessions {
			if s.User == u.Name {
				i.Sessions++
			}
		}
		for _, t := range tokens {
			if t.Owner == u.Name {
				i.Tokens++
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// Tokens implements httpapi.Access.
func (a *App) Tokens(ctx context.Context, r httpapi.TokenRequest) ([]httpapi.TokenInfo, error) {
	ctx = commander(ctx, r.By)
	switch r.Do {
	case "create":
		if r.Owner == "" {
			return nil, &httpapi.UserError{Err: errors.New("a token belongs to a user: say whose with --user")}
		}
		t, secret, err := a.access.CreateToken(ctx, auth.NewToken{Owner: r.Owner, Name: r.Name, Scopes: r.Scopes, Lasts: r.Lasts})
		if err != nil {
			what := fmt.Sprintf("user %q", r.Owner)
			if errors.Is(err, auth.ErrExists) {
				what = fmt.Sprintf("token %q of %s", r.Name, r.Owner)
			}
			return nil, personal(err, what)
		}
		i := tokenInfo(t)
		i.Secret = secret
		return []httpapi.TokenInfo{i}, nil
	case "revoke":
		return nil, personal(a.access.RevokeToken(ctx, r.ID), fmt.Sprintf("token %q", r.ID))
	}
	owner := r.Owner
	if owner == "" {
		owner = "*"
	}
	list, err := a.access.Service.Tokens(ctx, owner)
	out := []httpapi.TokenInfo{}
	for _, t := range list {
		out = append(out, tokenInfo(t))
	}
	return out, err
}

func tokenInfo(t auth.Token) httpapi.TokenInfo {
	i := httpapi.TokenInfo{ID: t.ID(), Owner: t.Owner, Name: t.Name, Created: t.Created, Expires: t.Expires, Used: t.Used, From: t.From}
	for _, s := range t.Scopes {
		i.Scopes = append(i.Scopes, string(s))
	}
	return i
}
