package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a user may do in general. Every role may do what the one before may.
type Role string

// Roles, weakest first.
const (
	Viewer  Role = "viewer"
	Analyst Role = "analyst"
	Admin   Role = "admin"
)

// Roles lists all roles, weakest first.
func Roles() []Role { return []Role{Viewer, Analyst, Admin} }

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("role %q: want viewer, analyst or admin", s)
}

// atLeast tells whether r includes what the role least may; an unknown role includes nothing.
func (r Role) atLeast(least Role) bool {
	have := slices.Index(Roles(), r)
	return have >= 0 && have >= slices.Index(Roles(), least)
}

// Scope is what a token is made for. A token never may more than its owner.
type Scope string

// Scopes of tokens. Each covers the permissions that the table gives it; ScopeAdmin covers all.
const (
	ScopeRead    Scope = "read"
	ScopeExport  Scope = "export"
	ScopeAlerts  Scope = "alerts:write"
	ScopeContent Scope = "content:write"
	ScopeIntake  Scope = "intake:write"
	ScopeAdmin   Scope = "admin"
)

// Scopes lists all scopes.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeExport, ScopeAlerts, ScopeContent, ScopeIntake, ScopeAdmin}
}

// ParseScopes reads a list of scopes; order and repetition do not matter.
func ParseScopes(list []string) ([]Scope, error) {
	var out []Scope
	for _, s := range list {
		if !slices.Contains(Scopes(), Scope(s)) {
			return nil, fmt.Errorf("scope %q: want one of %s", s, strings.Join(texts(Scopes()), ", "))
		}
		out = append(out, Scope(s))
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 {
		return nil, fmt.Errorf("a token needs a scope: one or more of %s", strings.Join(texts(Scopes()), ", "))
	}
	return out, nil
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// Permission names a kind of action.
type Permission string

// Permissions. Table says who has them.
const (
	Look           Permission = "look"
	Account        Permission = "account"
	ExportEvents   Permission = "export"
	ActOnAlerts    Permission = "alerts.act"
	SaveSearches   Permission = "searches.save"
	SaveDashboards Permission = "dashboards.save"
	SaveRules      Permission = "rules.save"
	Replay         Permission = "intake.replay"
	ManageUsers    Permission = "users.manage"
	ManageTokens   Permission = "tokens.manage"
	ReadAudit      Permission = "audit.read"
	ChangeSettings Permission = "settings.change"
)

// Grant is a row of the table: who has a permission.
type Grant struct {
	Permission Permission
	Least      Role   // the weakest role that has it
	Scope      Scope  // the scope a token needs for it; "" = no token has it
	About      string // what it allows
}

// Table is the whole of authorization: every permission with the least role that has it.
func Table() []Grant { return slices.Clone(table) }

var table = []Grant{
	{Look, Viewer, ScopeRead, "search, dashboards, alerts, rules, intake"},
	{Account, Viewer, "", "own password, language, sessions and tokens"},
	{ExportEvents, Analyst, ScopeExport, "take events out as a file"},
	{ActOnAlerts, Analyst, ScopeAlerts, "acknowledge, close, assign, comment alerts"},
	{SaveSearches, Analyst, ScopeContent, "save searches and share them"},
	{SaveDashboards, Analyst, ScopeContent, "save and delete dashboards"},
	{SaveRules, Analyst, ScopeContent, "save rules and drafts of them"},
	{Replay, Analyst, ScopeIntake, "replay quarantined records, retry objects"},
	{ManageUsers, Admin, ScopeAdmin, "add, change and remove users, end their sessions"},
	{ManageTokens, Admin, ScopeAdmin, "see and revoke the tokens of others"},
	{ReadAudit, Admin, ScopeAdmin, "read the audit log"},
	{ChangeSettings, Admin, ScopeAdmin, "change settings of the installation"},
}

func grantOf(p Permission) (Grant, bool) {
	i := slices.IndexFunc(table, func(g Grant) bool { return g.Permission == p })
	if i < 0 {
		return Grant{}, false
	}
	return table[i], true
}
