package auth

import "context"

// Kind is how somebody proved who they are.
type Kind string

// Kinds of principals. The zero value is nobody.
const (
	Nobody Kind = ""
	Local  Kind = "local"   // a request on this machine while there is no user
	Person Kind = "session" // a user who signed in
	Bearer Kind = "token"   // a program with a token of a user
)

// Principal is who makes a request. The zero value is nobody and may do nothing.
type Principal struct {
	Kind       Kind
	Name       string // of the user; "local" when Kind is Local
	Role       Role
	Session    string  // public id of the session
	Token      string  // public id of the token
	TokenName  string  // what its owner calls it
	Scopes     []Scope // of the token
	CSRF       string  // what state-changing requests of a browser must carry
	MustChange bool    // the password must be changed before anything else
	Lang       string  // "en", "ja"; "" = as the browser says
	Theme      string  // "light", "dark"; "" = as the system says
	Zone       string  // IANA name; "" = as configured
}

// LocalName is the name of whoever works on this machine while there is no user.
const LocalName = "local"

// LocalPrincipal is everybody on this machine while there is no user.
func LocalPrincipal() Principal { return Principal{Kind: Local, Name: LocalName, Role: Admin} }

// Known tells whether somebody is behind a request.
func (p Principal) Known() bool { return p.Kind != Nobody }

// May tells whether a principal has a permission.
func (p Principal) May(perm Permission) bool {
	g, ok := grantOf(perm)
	if !ok || !p.Known() || !p.Role.atLeast(g.Least) {
		return false
	}
	if p.MustChange && perm != Account {
		return false
	}
	if p.Kind != Bearer {
		return true
	}
	for _, s := range p.Scopes {
		if g.Scope != "" && (s == g.Scope || s == ScopeAdmin) {
			return true
		}
	}
	return false
}

// Permissions lists what a principal may do, in the order of the table.
func (p Principal) Permissions() []Permission {
	out := []Permission{}
	for _, g := range table {
		if p.May(g.Permission) {
			out = append(out, g.Permission)
		}
	}
	return out
}

// Who names a principal in the audit log.
func (p Principal) Who() string {
	switch p.Kind {
	case Nobody:
		return ""
	case Bearer:
		return p.Name + "/" + p.TokenName
	}
	return p.Name
}

type contextKey struct{}

type inContext struct {
	principal Principal
	client    Client
}

// Client is where a request comes from.
type Client struct {
	Address string // IP address, that behind a trusted proxy; "" = a command on this machine
	Agent   string // what the program calls itself, shortened
	Request string // id of the request
}

// With returns a context that knows who asks and from where.
func With(ctx context.Context, p Principal, c Client) context.Context {
	return context.WithValue(ctx, contextKey{}, inContext{p, c})
}

// From returns who asks; nobody when the context does not know.
func From(ctx context.Context) Principal {
	v, _ := ctx.Value(contextKey{}).(inContext)
	return v.principal
}

// ClientFrom returns where a request comes from.
func ClientFrom(ctx context.Context) Client {
	v, _ := ctx.Value(contextKey{}).(inContext)
	return v.client
}
