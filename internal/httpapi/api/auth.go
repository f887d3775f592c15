package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi/guard"
)

// SignInBackend begins and ends sessions. Who asks is in the context; errors are those of
// package auth.
type SignInBackend interface {
	Login(ctx context.Context, name, password string) (auth.SignedIn, error)
	Logout(ctx context.Context) error
	ChangePassword(ctx context.Context, current, fresh string) (auth.SignedIn, error)
	Sessions(ctx context.Context, user string) ([]auth.Session, error)
	EndSessions(ctx context.Context, user, id string) (int, error)
}

// signedIn is the output of routes that begin a session.
type signedIn struct {
	SetCookie    http.Cookie `header:"Set-Cookie"`
	CacheControl string      `header:"Cache-Control"`
	Body         Me
}

// signedOut is the output of routes that end the session of the browser.
type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// Credentials are what a person types.
type Credentials struct {
	Name     string `json:"name" maxLength:"200"`
	Password string `json:"password" maxLength:"4096"`
}

// PasswordChange sets one's own password.
type PasswordChange struct {
	Current string `json:"current" maxLength:"4096"`
	New     string `json:"new" maxLength:"4096" doc:"at least 12 characters, not the name"`
}

// SessionInfo is a signed-in browser.
type SessionInfo struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen" doc:"last use, exact to a minute"`
	Until   time.Time `json:"until" doc:"it ends then, used or not"`
	Address string    `json:"address,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	Current bool      `json:"current,omitempty" doc:"the one that asks"`
}

// SessionList lists sessions.
type SessionList struct {
	Items []SessionInfo `json:"items"`
}

func registerSignIn(a *API, b SignInBackend, me MeBackend) {
	begin := func(ctx context.Context, in auth.SignedIn) *signedIn {
		var s ServerInfo
		if me != nil {
			s = me.Server(ctx)
		}
		return &signedIn{SetCookie: *guard.SessionCookie(ctx, in.Secret, in.Until), CacheControl: "no-store", Body: MeOf(in.Principal, s, time.Now())}
	}
	add(a, b != nil, route{Method: http.MethodPost, Path: "/login", ID: "login", Area: "auth",
		Summary: "Sign in", About: "Sets the cookie of a session. A wrong name and a wrong password are answered alike (401); after a few mistakes 429 says when to try again."},
		func(ctx context.Context, r *in[Credentials]) (*signedIn, error) {
			s, err := b.Login(ctx, r.Body.Name, r.Body.Password)
			if err != nil {
				return nil, authProblem(err, "user")
			}
			return begin(ctx, s), nil
		})
	add(a, b != nil, route{Method: http.MethodPost, Path: "/logout", ID: "logout", Area: "auth", Summary: "Sign out", Status: http.StatusNoContent},
		func(ctx context.Context, _ *struct{}) (*signedOut, error) {
			return &signedOut{*guard.NoCookie(ctx)}, b.Logout(ctx)
		})
	add(a, b != nil, route{Method: http.MethodPost, Path: "/me/password", ID: "change-password", Area: "auth", Needs: auth.Account,
		Summary: "Change one's own password", About: "Every session ends; the answer begins a new one for this browser."},
		func(ctx context.Context, r *in[PasswordChange]) (*signedIn, error) {
			s, err := b.ChangePassword(ctx, r.Body.Current, r.Body.New)
			switch {
			case errors.Is(err, auth.ErrUnknown):
				return nil, Invalid("body.current", "this is not the current password")
			case errors.Is(err, auth.ErrInvalid):
				return nil, Invalid("body.new", "%s", plainest(err))
			case errors.Is(err, auth.ErrForbidden):
				return nil, Conflict("only a person who signed in has a password to change")
			case err != nil:
				return nil, authProblem(err, "user")
			}
			return begin(ctx, s), nil
		})
	add(a, b != nil, route{Method: http.MethodGet, Path: "/sessions", ID: "list-sessions", Area: "auth", Needs: auth.Account, Summary: "List one's own sessions, or those of others"},
		func(ctx context.Context, r *struct {
			User string `query:"user" maxLength:"200" doc:"of this user, or * for all: needs users.manage"`
		}) (*body[SessionList], error) {
			list, err := b.Sessions(ctx, r.User)
			if err != nil {
				return nil, authProblem(err, "user")
			}
			out := SessionList{Items: []SessionInfo{}}
			for _, s := range list {
				out.Items = append(out.Items, SessionInfo{s.ID(), s.User, s.Created, s.Seen, s.Until, s.Address, s.Agent, s.ID() == auth.From(ctx).Session})
			}
			return &body[SessionList]{out}, nil
		})
	add(a, b != nil, route{Method: http.MethodDelete, Path: "/sessions/{id}", ID: "end-session", Area: "auth", Needs: auth.Account, Status: http.StatusNoContent,
		Summary: "End a session", About: "The id all ends every session of the user: sign out everywhere."},
		func(ctx context.Context, r *struct {
			ID   string `path:"id" maxLength:"64"`
			User string `query:"user" maxLength:"200" doc:"of this user, or * for any: needs users.manage"`
		}) (*nothing, error) {
			id := r.ID
			if id == "all" {
				id = "*"
			}
			n, err := b.EndSessions(ctx, r.User, id)
			if err == nil && n == 0 && id != "*" {
				err = auth.ErrNotFound
			}
			return nil, authProblem(err, "session")
		})
}

// authProblem maps the errors of package auth; what names the thing that was asked for.
func authProblem(err error, what string) error {
	var slow *auth.TooManyError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &slow):
		return TooMany(int((slow.After+time.Second-1)/time.Second), "%s", slow.Error())
	case errors.Is(err, auth.ErrBusy):
		p := Unavailable("%s", auth.ErrBusy.Error())
		p.RetryAfter = 2
		return p
	case errors.Is(err, auth.ErrUnknown):
		return &Problem{Status: http.StatusUnauthorized, Title: "Not signed in", Detail: auth.ErrUnknown.Error()}
	case errors.Is(err, auth.ErrForbidden):
		return &Problem{Status: http.StatusForbidden, Detail: "you may not do this"}
	case errors.Is(err, auth.ErrNotFound):
		return NotFound("there is no such %s", what)
	case errors.Is(err, auth.ErrExists):
		return Conflict("there is a %s of that name already", what)
	case errors.Is(err, auth.ErrLastAdmin):
		return Conflict("%s", auth.ErrLastAdmin.Error())
	case errors.Is(err, auth.ErrInvalid):
		return Invalid("body", "%s", plainest(err))
	}
	return err
}

// plainest is the text for the person: that of the innermost error.
func plainest(err error) string {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}
