package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// UsersBackend manages users and tokens. Who asks is in the context; errors are those of
// package auth.
type UsersBackend interface {
	Users(ctx context.Context) ([]auth.User, error)
	AddUser(ctx context.Context, n auth.NewUser) (auth.User, error)
	ChangeUser(ctx context.Context, name string, c auth.UserChange) (auth.User, error)
	RemoveUser(ctx context.Context, name string, reopen bool) error
	CreateToken(ctx context.Context, n auth.NewToken) (auth.Token, string, error)
	Tokens(ctx context.Context, owner string) ([]auth.Token, error)
	RevokeToken(ctx context.Context, id string) error
}

// UserInfo is a user.
type UserInfo struct {
	Name       string     `json:"name"`
	Role       string     `json:"role" enum:"viewer,analyst,admin"`
	Disabled   bool       `json:"disabled"`
	MustChange bool       `json:"must_change"`
	Lang       string     `json:"lang,omitempty"`
	Created    time.Time  `json:"created"`
	LastLogin  *time.Time `json:"last_login,omitempty"`
}

// UserList lists users.
type UserList struct {
	Items []UserInfo `json:"items"`
}

// NewUser makes a user.
type NewUser struct {
	Name       string `json:"name" maxLength:"200" doc:"up to 64 letters, digits and . _ @ + -; stored in lower case"`
	Password   string `json:"password" maxLength:"4096" doc:"at least 12 characters, not the name"`
	Role       string `json:"role" enum:"viewer,analyst,admin"`
	Lang       string `json:"lang,omitempty" enum:"en,ja"`
	MustChange bool   `json:"must_change,omitempty" doc:"the password must be changed at the first sign-in"`
}

// UserPatch changes a user; what is absent stays. A change of role, password or disabled ends
// the sessions of the user.
type UserPatch struct {
	Role       *string `json:"role,omitempty" enum:"viewer,analyst,admin"`
	Disabled   *bool   `json:"disabled,omitempty"`
	MustChange *bool   `json:"must_change,omitempty"`
	Password   *string `json:"password,omitempty" maxLength:"4096"`
	Lang       *string `json:"lang,omitempty" maxLength:"8" doc:"en, ja or empty"`
}

// MePatch changes what one prefers; what is absent stays, empty = as the browser or server says.
type MePatch struct {
	Lang  *string `json:"lang,omitempty" maxLength:"8" doc:"en, ja or empty"`
	Theme *string `json:"theme,omitempty" maxLength:"8" doc:"light, dark or empty"`
	Zone  *string `json:"zone,omitempty" maxLength:"64" doc:"IANA name or empty"`
}

// TokenInfo is a token without its secret.
type TokenInfo struct {
	ID          string     `json:"id"`
	Owner       string     `json:"owner"`
	Name        string     `json:"name"`
	Scopes      []string   `json:"scopes"`
	Created     time.Time  `json:"created"`
	Expires     *time.Time `json:"expires,omitempty" doc:"absent = when it is revoked"`
	LastUsed    *time.Time `json:"last_used,omitempty"`
	LastAddress string     `json:"last_address,omitempty"`
}

// TokenList lists tokens.
type TokenList struct {
	Items []TokenInfo `json:"items"`
}

// NewToken makes a token.
type NewToken struct {
	Name   string   `json:"name" maxLength:"100"`
	Scopes []string `json:"scopes" minItems:"1" maxItems:"10" doc:"read, export, alerts:write, content:write, intake:write, admin; none beyond the role of the owner"`
	Days   int      `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"how long it lasts; 0 = until it is revoked"`
	Owner  string   `json:"owner,omitempty" maxLength:"200" doc:"the user it acts for; absent = the one who asks"`
}

// CreatedToken is a new token with its secret.
type CreatedToken struct {
	Token  TokenInfo `json:"token"`
	Secret string    `json:"secret" doc:"shown this once; goes into Authorization: Bearer …"`
}

func registerUsers(a *API, b UsersBackend, me MeBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodPatch, Path: "/me", ID: "change-me", Area: "auth", Needs: auth.Account, Summary: "Change one's own language, theme or time zone"},
		func(ctx context.Context, r *in[MePatch]) (*body[Me], error) {
			p := auth.From(ctx)
			if p.Kind != auth.Person {
				return nil, Conflict("there is no user to remember this for: keep it in the browser")
			}
			u, err := b.ChangeUser(ctx, p.Name, auth.UserChange{Lang: r.Body.Lang, Theme: r.Body.Theme, Zone: r.Body.Zone})
			if err != nil {
				return nil, authProblem(err, "user")
			}
			p.Lang, p.Theme, p.Zone = u.Lang, u.Theme, u.Zone
			var s ServerInfo
			if me != nil {
				s = me.Server(ctx)
			}
			return &body[Me]{MeOf(p, s, time.Now())}, nil
		})
	add(a, there, route{Method: http.MethodGet, Path: "/users", ID: "list-users", Area: "auth", Needs: auth.ManageUsers, Summary: "List users"},
		func(ctx context.Context, _ *struct{}) (*body[UserList], error) {
			list, err := b.Users(ctx)
			if err != nil {
				return nil, authProblem(err, "user")
			}
			out := UserList{Items: []UserInfo{}}
			for _, u := range list {
				out.Items = append(out.Items, userInfo(u))
			}
			return &body[UserList]{out}, nil
		})
	add(a, there, route{Method: http.MethodPost, Path: "/users", ID: "add-user", Area: "auth", Needs: auth.ManageUsers, Status: http.StatusCreated,
		Summary: "Add a user", About: "The first user must be an admin; from then on everybody signs in."},
		func(ctx context.Context, r *in[NewUser]) (*body[UserInfo], error) {
			n := r.Body
			u, err := b.AddUser(ctx, auth.NewUser{Name: n.Name, Password: n.Password, Role: auth.Role(n.Role), Lang: n.Lang, MustChange: n.MustChange})
			return &body[UserInfo]{userInfo(u)}, authProblem(err, "user")
		})
	add(a, there, route{Method: http.MethodPatch, Path: "/users/{name}", ID: "change-user", Area: "auth", Needs: auth.ManageUsers,
		Summary: "Change a user", About: "Role, password and disabled end the sessions of the user. The last admin who can sign in stays one (409)."},
		func(ctx context.Context, r *struct {
			Name string `path:"name" maxLength:"200"`
			Body UserPatch
		}) (*body[UserInfo], error) {
			c := auth.UserChange{Disabled: r.Body.Disabled, MustChange: r.Body.MustChange, Password: r.Body.Password, Lang: r.Body.Lang}
			if r.Body.Role != nil {
				role := auth.Role(*r.Body.Role)
				c.Role = &role
			}
			u, err := b.ChangeUser(ctx, r.Name, c)
			return &body[UserInfo]{userInfo(u)}, authProblem(err, "user")
		})
	add(a, there, route{Method: http.MethodDelete, Path: "/users/{name}", ID: "remove-user", Area: "auth", Needs: auth.ManageUsers, Status: http.StatusNoContent,
		Summary: "Remove a user with sessions and tokens"},
		func(ctx context.Context, r *struct {
			Name string `path:"name" maxLength:"200"`
		}) (*nothing, error) {
			return nil, authProblem(b.RemoveUser(ctx, r.Name, false), "user")
		})
	add(a, there, route{Method: http.MethodGet, Path: "/tokens", ID: "list-tokens", Area: "auth", Needs: auth.Account, Summary: "List one's own tokens, or those of others"},
		func(ctx context.Context, r *struct {
			Owner string `query:"owner" maxLength:"200" doc:"of this user, or * for all: needs tokens.manage"`
		}) (*body[TokenList], error) {
			list, err := b.Tokens(ctx, r.Owner)
			out := TokenList{Items: []TokenInfo{}}
			for _, t := range list {
				out.Items = append(out.Items, tokenInfo(t))
			}
			return &body[TokenList]{out}, authProblem(err, "user")
		})
	add(a, there, route{Method: http.MethodPost, Path: "/tokens", ID: "create-token", Area: "auth", Needs: auth.Account, Status: http.StatusCreated,
		Summary: "Make a token", About: "Its secret is in this answer and nowhere else. For others: tokens.manage."},
		func(ctx context.Context, r *in[NewToken]) (*createdToken, error) {
			t, secret, err := b.CreateToken(ctx, auth.NewToken{Owner: r.Body.Owner, Name: r.Body.Name, Scopes: r.Body.Scopes, Lasts: time.Duration(r.Body.Days) * 24 * time.Hour})
			return &createdToken{"no-store", CreatedToken{tokenInfo(t), secret}}, authProblem(err, "token")
		})
	add(a, there, route{Method: http.MethodDelete, Path: "/tokens/{id}", ID: "revoke-token", Area: "auth", Needs: auth.Account, Status: http.StatusNoContent, Summary: "Revoke a token"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*nothing, error) {
			return nil, authProblem(b.RevokeToken(ctx, r.ID), "token")
		})
}

type createdToken struct {
	CacheControl string `header:"Cache-Control"`
	Body         CreatedToken
}

func userInfo(u auth.User) UserInfo {
	return UserInfo{u.Name, string(u.Role), u.Disabled, u.MustChange, u.Lang, u.Created, moment(u.LastLogin)}
}

func tokenInfo(t auth.Token) TokenInfo {
	i := TokenInfo{ID: t.ID(), Owner: t.Owner, Name: t.Name, Scopes: []string{}, Created: t.Created, Expires: moment(t.Expires), LastUsed: moment(t.Used), LastAddress: t.From}
	for _, s := range t.Scopes {
		i.Scopes = append(i.Scopes, string(s))
	}
	return i
}

// moment leaves a time that is not there out of JSON.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
