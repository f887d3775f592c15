package httpapi

import (
	"context"
	"net/http"
	"time"
)

// Access is the part of Service that is about users, tokens and the audit log. Who can use the
// socket, or open the data folder, may do all of it: both belong to one user of the machine.
type Access interface {
	// Users lists users, or with a change makes it and returns the user it was made to.
	Users(ctx context.Context, r UserRequest) ([]UserInfo, error)
	// Tokens lists tokens, or with a change makes it; the secret of a new one is in the answer.
	Tokens(ctx context.Context, r TokenRequest) ([]TokenInfo, error)
	// Audit lists entries of the audit log, newest first.
	Audit(ctx context.Context, r AuditRequest) (AuditAnswer, error)
}

// UserRequest lists (Do empty) or changes users.
type UserRequest struct {
	Do         string  `json:"do,omitempty"` // add, change, remove
	Name       string  `json:"name,omitempty"`
	By         string  `json:"by,omitempty"` // who types the command, for the audit log
	Role       string  `json:"role,omitempty"`
	Password   *string `json:"password,omitempty"`
	Disabled   *bool   `json:"disabled,omitempty"`
	MustChange *bool   `json:"must_change,omitempty"`
	Lang       *string `json:"lang,omitempty"`
	Reopen     bool    `json:"reopen,omitempty"` // remove even the only user
}

// UserInfo is a user as commands show it.
type UserInfo struct {
	Name       string    `json:"name"`
	Role       string    `json:"role"`
	Disabled   bool      `json:"disabled"`
	MustChange bool      `json:"must_change"`
	Lang       string    `json:"lang,omitempty"`
	Created    time.Time `json:"created"`
	LastLogin  time.Time `json:"last_login,omitzero"`
	Sessions   int       `json:"sessions"`
	Tokens     int       `json:"tokens"`
}

// TokenRequest lists (Do empty) or changes tokens.
type TokenRequest struct {
	Do     string        `json:"do,omitempty"` // create, revoke
	By     string        `json:"by,omitempty"`
	Owner  string        `json:"owner,omitempty"`
	Name   string        `json:"name,omitempty"`
	ID     string        `json:"id,omitempty"` // of the token to revoke
	Scopes []string      `json:"scopes,omitempty"`
	Lasts  time.Duration `json:"lasts,omitempty"` // 0 = until revoked
}

// TokenInfo is a token as commands show it. Secret is there once, when it was made.
type TokenInfo struct {
	ID      string    `json:"id"`
	Owner   string    `json:"owner"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	Used    time.Time `json:"last_used,omitzero"`
	From    string    `json:"last_address,omitempty"`
	Secret  string    `json:"secret,omitempty"`
}

// AuditRequest selects entries of the audit log; the zero value selects the newest.
type AuditRequest struct {
	Since   string `json:"since,omitempty"` // as the query language reads times
	Until   string `json:"until,omitempty"`
	Who     string `json:"who,omitempty"`
	Action  string `json:"action,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Limit   int    `json:"limit,omitempty"`
	After   int64  `json:"after,omitempty"` // Next of the answer before
}

// AuditAnswer is a page of the audit log. Next is 0 at the end.
type AuditAnswer struct {
	Entries []AuditEntry `json:"entries"`
	Next    int64        `json:"next,omitempty"`
}

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	Time    time.Time      `json:"time"`
	Who     string         `json:"who"`
	Address string         `json:"address,omitempty"`
	Action  string         `json:"action"`
	Target  string         `json:"target,omitempty"`
	Outcome string         `json:"outcome"`
	Detail  map[string]any `json:"detail,omitempty"`
}

// controlAccess serves Access on the control socket.
func controlAccess(mux *http.ServeMux, s Access) {
	mux.HandleFunc("POST /v1/users", func(w http.ResponseWriter, r *http.Request) {
		var in UserRequest
		if decode(w, r, &in) {
			v, err := s.Users(r.Context(), in)
			answer(w, v, err)
		}
	})
	mux.HandleFunc("POST /v1/tokens", func(w http.ResponseWriter, r *http.Request) {
		var in TokenRequest
		if decode(w, r, &in) {
			v, err := s.Tokens(r.Context(), in)
			answer(w, v, err)
		}
	})
	mux.HandleFunc("POST /v1/audit", func(w http.ResponseWriter, r *http.Request) {
		var in AuditRequest
		if decode(w, r, &in) {
			v, err := s.Audit(r.Context(), in)
			answer(w, v, err)
		}
	})
}

// Users implements Access.
func (c *Client) Users(ctx context.Context, r UserRequest) (out []UserInfo, err error) {
	err = c.call(ctx, "/v1/users", r, &out)
	return out, err
}

// Tokens implements Access.
func (c *Client) Tokens(ctx context.Context, r TokenRequest) (out []TokenInfo, err error) {
	err = c.call(ctx, "/v1/tokens", r, &out)
	return out, err
}

// Audit implements Access.
func (c *Client) Audit(ctx context.Context, r AuditRequest) (out AuditAnswer, err error) {
	err = c.call(ctx, "/v1/audit", r, &out)
	return out, err
}
