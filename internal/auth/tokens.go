package auth

import (
	"context"
	"slices"
	"time"
)

// NewToken is what CreateToken needs.
type NewToken struct {
	Owner  string // "" = the one who asks
	Name   string
	Scopes []string
	Lasts  time.Duration // 0 = until revoked
}

// longestToken is the longest life that can be asked for.
const longestToken = 10 * 366 * 24 * time.Hour

// CreateToken makes a token and returns its secret, which is shown this once. Scopes that the
// role of the owner can never use are refused. For others ManageTokens is needed.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (Token, string, error) {
	owner, err := s.whose(ctx, n.Owner, ManageTokens)
	if err != nil {
		return Token{}, "", err
	}
	u, err := s.store.User(ctx, owner)
	if err != nil {
		if From(ctx).Kind == Local && n.Owner == "" {
			return Token{}, "", invalid("a token belongs to a user: add a user first")
		}
		return Token{}, "", err
	}
	label, err := CheckLabel(n.Name)
	if err != nil {
		return Token{}, "", err
	}
	scopes, err := ParseScopes(n.Scopes)
	if err != nil {
		return Token{}, "", invalid("%v", err)
	}
	for _, sc := range scopes {
		if !useful(sc, u.Role) {
			return Token{}, "", invalid("the role %s of %s cannot use the scope %s", u.Role, u.Name, sc)
		}
	}
	if n.Lasts < 0 || n.Lasts > longestToken {
		return Token{}, "", invalid("a token lasts from a moment to ten years, or (0) until it is revoked")
	}
	have, err := s.store.Tokens(ctx, u.Name)
	if err != nil {
		return Token{}, "", err
	}
	if len(have) >= maxTokens {
		return Token{}, "", invalid("%s has %d tokens already: revoke those that are not used", u.Name, len(have))
	}
	secret, now := newToken(), s.opt.Now()
	t := Token{Hash: HashSecret(secret), Owner: u.Name, Name: label, Scopes: scopes, Created: now}
	if n.Lasts > 0 {
		t.Expires = now.Add(n.Lasts)
	}
	if err := s.store.AddToken(ctx, t); err != nil {
		return Token{}, "", err
	}
	s.Record(ctx, Entry{Action: ActionTokenCreate, Target: u.Name + "/" + label, Detail: map[string]any{"id": t.ID(), "scopes": texts(scopes)}})
	return t, secret, nil
}

func useful(sc Scope, r Role) bool {
	return slices.ContainsFunc(table, func(g Grant) bool { return g.Scope == sc && r.atLeast(g.Least) })
}

// Tokens lists the tokens of the one who asks, or of a user, or of all (owner "*"), for which
// ManageTokens is needed.
func (s *Service) Tokens(ctx context.Context, owner string) ([]Token, error) {
	owner, err := s.whose(ctx, owner, ManageTokens)
	if err != nil {
		return nil, err
	}
	return s.store.Tokens(ctx, owner)
}

// RevokeToken ends a token by its id: one's own, or with ManageTokens any.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	p := From(ctx)
	owner := p.Name
	if p.May(ManageTokens) {
		owner = ""
	} else if err := may(ctx, Account); err != nil {
		return err
	}
	t, err := s.store.RemoveToken(ctx, owner, id)
	if err != nil {
		return err
	}
	s.Record(ctx, Entry{Action: ActionTokenRevoke, Target: t.Owner + "/" + t.Name, Detail: map[string]any{"id": id}})
	return nil
}
