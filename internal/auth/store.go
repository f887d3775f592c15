package auth

import (
	"context"
	"time"
)

// Store keeps users, sessions, tokens and the audit log. state implements it.
type Store interface {
	UserStore
	SessionStore
	TokenStore
	Trace
}

// UserStore keeps users.
type UserStore interface {
	// Users lists all users by name.
	Users(ctx context.Context) ([]User, error)
	// User returns one; ErrNotFound.
	User(ctx context.Context, name string) (User, error)
	// AddUser stores a new one; ErrExists.
	AddUser(ctx context.Context, u User) error
	// ChangeUser lets f change a user and stores what it made, in one transaction; f sees all
	// users. When role, PasswordSet or Disabled changed, the sessions of the user end with it.
	ChangeUser(ctx context.Context, name string, f func(u *User, all []User) error) (User, error)
	// RemoveUser removes a user with sessions and tokens, unless allow objects; allow sees all users.
	RemoveUser(ctx context.Context, name string, allow func(all []User) error) error
}

// SessionStore keeps sessions.
type SessionStore interface {
	// AddSession stores a new one and ends the oldest of its user beyond keep.
	AddSession(ctx context.Context, s Session, keep int) error
	// SessionOf returns a session and its user; ErrNotFound.
	SessionOf(ctx context.Context, h Hash) (Session, User, error)
	// Sessions lists sessions, those used last first; user "" = of all.
	Sessions(ctx context.Context, user string) ([]Session, error)
	// EndSessions ends the session with an id, or all when id is empty, of one user, or of any
	// when user is empty, and says how many. Both empty ends none.
	EndSessions(ctx context.Context, user, id string) (int, error)
}

// TokenStore keeps tokens.
type TokenStore interface {
	// AddToken stores a new one; ErrExists when its owner has one of that name.
	AddToken(ctx context.Context, t Token) error
	// TokenOf returns a token and its owner; ErrNotFound.
	TokenOf(ctx context.Context, h Hash) (Token, User, error)
	// Tokens lists tokens by owner and name; owner "" = of all.
	Tokens(ctx context.Context, owner string) ([]Token, error)
	// RemoveToken removes the token with an id, of one owner or of any when owner is empty, and
	// returns it; ErrNotFound.
	RemoveToken(ctx context.Context, owner, id string) (Token, error)
}

// Trace keeps what happened.
type Trace interface {
	// WriteTrace stores entries, in order, and uses of sessions and tokens, together.
	WriteTrace(ctx context.Context, entries []Entry, uses []Use) error
	// ForgetTrace removes entries older than a time, and sessions that ended or were idle since.
	ForgetTrace(ctx context.Context, entriesBefore, idleBefore time.Time) error
}

// Use is a use of a session or token.
type Use struct {
	Hash    Hash
	Time    time.Time
	Address string
}
