package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yagura-siem/yagura/internal/auth"
)

// AuditBackend reads the audit log.
type AuditBackend interface {
	// AuditLog returns a page, newest first, with all that was recorded so far.
	AuditLog(ctx context.Context, r AuditRequest) (AuditPage, error)
}

// AuditRequest selects entries.
type AuditRequest struct {
	From    string `query:"from" maxLength:"64" doc:"as in queries; empty = all"`
	To      string `query:"to" maxLength:"64"`
	Zone    string `query:"zone" maxLength:"64"`
	Who     string `query:"who" maxLength:"200" doc:"a user, with the tokens of that user"`
	Action  string `query:"action" maxLength:"64" doc:"whole (user.add), or its first part (user)"`
	Outcome string `query:"outcome" enum:"done,failed,denied"`
	Cursor  string `query:"cursor" maxLength:"64"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// AuditPage is a page of the log.
type AuditPage struct {
	Items []AuditItem `json:"items"`
	Next  string      `json:"next,omitempty"`
	Limit int         `json:"limit"`
}

// AuditItem is one entry.
type AuditItem struct {
	Time    time.Time `json:"time"`
	Who     string    `json:"who" doc:"user, user/token, local (no users), cli:name; empty = nobody known"`
	Address string    `json:"address,omitempty"`
	Action  string    `json:"action"`
	Target  string    `json:"target,omitempty"`
	Outcome string    `json:"outcome" enum:"done,failed,denied"`
	Detail  AnyObject `json:"detail,omitempty"`
}

func registerAudit(a *API, b AuditBackend) {
	add(a, b != nil, route{Method: http.MethodGet, Path: "/audit", ID: "list-audit", Area: "auth", Needs: auth.ReadAudit, Summary: "Who did and looked at what, newest first"},
		func(ctx context.Context, r *AuditRequest) (*body[AuditPage], error) {
			page, err := b.AuditLog(ctx, *r)
			if err == nil && r.Cursor == "" {
				a.audit(ctx, auth.Entry{Action: auth.ActionAuditRead, Detail: map[string]any{"from": r.From, "to": r.To, "who": r.Who, "action": r.Action}})
			}
			return &body[AuditPage]{page}, err
		})
}

// AnyObject is an object whose names are not known beforehand.
type AnyObject map[string]any

// Schema is for huma.
func (AnyObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true}
}
