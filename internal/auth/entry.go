package auth

import (
	"context"
	"time"
)

// Entry is one line of the audit log: who did what, to what, and how it ended.
type Entry struct {
	Time    time.Time
	Who     string // user, "user/token", "local", "cli:name"; "" = nobody known
	Address string
	Action  string // see Actions
	Target  string // what it was done to: a name, an id, a path
	Outcome Outcome
	Detail  map[string]any // small; secrets are taken out when it is recorded
}

// Outcome is how an action ended.
type Outcome string

// Outcomes.
const (
	Done   Outcome = "done"
	Failed Outcome = "failed"
	Denied Outcome = "denied"
)

// Auditor takes entries. Record returns at once; who and where are filled in from the context
// when they are empty, and so is the time.
type Auditor interface {
	Record(ctx context.Context, e Entry)
}

// Actions of the audit log. Areas use these names so that filters find them.
const (
	ActionLogin          = "login"
	ActionLogout         = "logout"
	ActionPassword       = "password.change"
	ActionSessionEnd     = "session.end"
	ActionUserAdd        = "user.add"
	ActionUserChange     = "user.change"
	ActionUserRemove     = "user.remove"
	ActionTokenCreate    = "token.create"
	ActionTokenRevoke    = "token.revoke"
	ActionForbidden      = "forbidden"
	ActionQuery          = "query"
	ActionExport         = "export"
	ActionAlert          = "alert.act"
	ActionReplay         = "quarantine.replay"
	ActionQuarantineShow = "quarantine.show"
	ActionRetry          = "object.retry"
	ActionSearchSave     = "search.save"
	ActionSearchDelete   = "search.delete"
	ActionDashboardSave  = "dashboard.save"
	ActionRuleSave       = "rule.save"
	ActionRuleDelete     = "rule.delete"
	ActionRuleSwitch     = "rule.switch"
	ActionAuditRead      = "audit.read"
	ActionLost           = "audit.lost" // entries that could not be written
)
