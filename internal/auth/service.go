package auth

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Options of a Service.
type Options struct {
	Idle     time.Duration    // a session ends when it was not used this long
	Longest  time.Duration    // a session ends after this, used or not
	Now      func() time.Time // nil = time.Now
	Password Params           // zero = DefaultParams
}

// Service signs people in and out and answers who is behind a secret. All methods are safe for
// concurrent use. Who asks is taken from the context (With).
type Service struct {
	store Store
	trail *Trail
	opt   Options
	hash  *Hasher
	brake *Brake
	users atomic.Int64 // how many there are
}

// Bounds of what one user may have.
const (
	maxSessions = 50
	maxTokens   = 100
	maxUsers    = 1000
)

// useStep is how exactly the last use of sessions and tokens is kept.
const useStep = time.Minute

// NewService makes a service over a store, writing to a trail.
func NewService(ctx context.Context, store Store, trail *Trail, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Password == (Params{}) {
		o.Password = DefaultParams()
	}
	s := &Service{store: store, trail: trail, opt: o, hash: NewHasher(o.Password), brake: NewBrake(o.Now)}
	return s, s.count(ctx)
}

func (s *Service) count(ctx context.Context) error {
	all, err := s.store.Users(ctx)
	if err != nil {
		return err
	}
	s.users.Store(int64(len(all)))
	return nil
}

// Empty tells whether there is no user at all.
func (s *Service) Empty() bool { return s.users.Load() == 0 }

// Record implements Auditor.
func (s *Service) Record(ctx context.Context, e Entry) { s.trail.Record(ctx, e) }

// SignedIn is a new session. Secret is shown to the browser once.
type SignedIn struct {
	Secret    string
	Until     time.Time
	Principal Principal
}

// Login checks a name and a password and begins a session. Errors: *TooManyError, ErrBusy,
// ErrUnknown (which says nothing of what was wrong).
func (s *Service) Login(ctx context.Context, name, password string) (SignedIn, error) {
	known, nameErr := CheckName(name)
	c := ClientFrom(ctx)
	if nameErr != nil {
		known = "" // one key for all that cannot be names
	}
	u, err := s.prove(ctx, known, password, ActionLogin)
	if err != nil {
		return SignedIn{}, err
	}
	now := s.opt.Now()
	if _, err := s.store.ChangeUser(ctx, u.Name, func(u *User, _ []User) error { u.LastLogin = now; return nil }); err != nil {
		return SignedIn{}, err
	}
	in, err := s.begin(ctx, u, c)
	if err != nil {
		return SignedIn{}, err
	}
	s.Record(ctx, Entry{Who: u.Name, Action: ActionLogin, Target: u.Name, Detail: map[string]any{"session": in.Principal.Session, "agent": c.Agent}})
	return in, nil
}

// prove finds the user of a name and a password, with the brake on and the same work whether the
// user exists or not.
func (s *Service) prove(ctx context.Context, name, password, action string) (User, error) {
	c := ClientFrom(ctx)
	if after, first := s.brake.Take(name, c.Address); after > 0 {
		if first {
			s.Record(ctx, Entry{Action: action, Target: s.nameOf(ctx, name), Outcome: Denied, Detail: map[string]any{"why": "too many attempts"}})
		}
		return User{}, &TooManyError{after}
	}
	u, err := s.store.User(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	ok, stale, err := s.hash.Verify(ctx, u.Hash, password)
	if err != nil {
		return User{}, err
	}
	if !ok || u.Disabled {
		why := "wrong password"
		switch {
		case u.Name == "":
			why = "unknown name"
		case ok:
			why = "disabled"
		}
		target := u.Name
		if target == "" {
			target = unknownName
		}
		s.Record(ctx, Entry{Action: action, Target: target, Outcome: Failed, Detail: map[string]any{"why": why, "agent": c.Agent}})
		return User{}, ErrUnknown
	}
	s.brake.Succeed(name, c.Address)
	if stale {
		s.rehash(ctx, u, password)
	}
	return u, nil
}

// unknownName stands in the log for names of nobody: people type passwords there.
const unknownName = "(unknown)"

func (s *Service) nameOf(ctx context.Context, name string) string {
	if u, err := s.store.User(ctx, name); err == nil {
		return u.Name
	}
	return unknownName
}

// rehash stores a hash with the costs of today. It can wait for the next time: errors do not matter.
func (s *Service) rehash(ctx context.Context, u User, password string) {
	h, err := s.hash.Hash(ctx, password)
	if err != nil {
		return
	}
	_, _ = s.store.ChangeUser(ctx, u.Name, func(now *User, _ []User) error {
		if now.Hash != u.Hash {
			return ErrExists // changed meanwhile
		}
		now.Hash = h
		return nil
	})
}

// begin starts a session of a user.
func (s *Service) begin(ctx context.Context, u User, c Client) (SignedIn, error) {
	secret, now := newSession(), s.opt.Now()
	row := Session{Hash: HashSecret(secret), User: u.Name, Created: now, Seen: now, Until: now.Add(s.opt.Longest), Address: c.Address, Agent: cut(c.Agent, 200)}
	if err := s.store.AddSession(ctx, row, maxSessions); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Secret: secret, Until: row.Until, Principal: s.person(u, row, secret)}, nil
}

func (s *Service) person(u User, row Session, secret string) Principal {
	p := principalOf(u)
	p.Kind, p.Session, p.CSRF = Person, row.ID(), csrfToken(secret)
	return p
}

func principalOf(u User) Principal {
	return Principal{Name: u.Name, Role: u.Role, MustChange: u.MustChange, Lang: u.Lang, Theme: u.Theme, Zone: u.Zone}
}

// Session returns who holds the secret of a session; ErrUnknown when it does not exist or has ended.
func (s *Service) Session(ctx context.Context, secret string) (Principal, error) {
	if !LooksLikeSession(secret) {
		return Principal{}, ErrUnknown
	}
	h := HashSecret(secret)
	row, u, err := s.store.SessionOf(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrUnknown
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking a session up: %w", err)
	}
	now := s.opt.Now()
	if used, ok := s.trail.lastUse(h); ok && used.Time.After(row.Seen) {
		row.Seen = used.Time
	}
	if u.Disabled || !now.Before(row.Until) || now.Sub(row.Seen) >= s.opt.Idle {
		return Principal{}, ErrUnknown
	}
	if now.Sub(row.Seen) >= useStep {
		s.trail.use(Use{Hash: h, Time: now})
	}
	return s.person(u, row, secret), nil
}

// Token returns who holds a token; ErrUnknown when it does not exist, has expired, or its owner
// is disabled.
func (s *Service) Token(ctx context.Context, secret string, c Client) (Principal, error) {
	if !LooksLikeToken(secret) {
		return Principal{}, ErrUnknown
	}
	h := HashSecret(secret)
	t, u, err := s.store.TokenOf(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrUnknown
	}
	if err != nil {
		return Principal{}, fmt.Errorf("looking a token up: %w", err)
	}
	now := s.opt.Now()
	if u.Disabled || !t.Expires.IsZero() && !now.Before(t.Expires) {
		return Principal{}, ErrUnknown
	}
	if _, noted := s.trail.lastUse(h); !noted && now.Sub(t.Used) >= useStep {
		s.trail.use(Use{Hash: h, Time: now, Address: c.Address})
	}
	p := principalOf(u)
	p.Kind, p.Token, p.TokenName, p.Scopes = Bearer, t.ID(), t.Name, t.Scopes
	return p, nil
}

// Still tells whether a secret still is that of a principal it was before: the session or token
// lives, and its user has the same role. It counts as no use, so that a page left open does not
// keep its session. Told is false when that cannot be found out right now.
func (s *Service) Still(ctx context.Context, secret string, p Principal) (still, told bool) {
	h, now := HashSecret(secret), s.opt.Now()
	var u User
	var err error
	if p.Kind == Bearer {
		var t Token
		t, u, err = s.store.TokenOf(ctx, h)
		still = t.Expires.IsZero() || now.Before(t.Expires)
	} else {
		var row Session
		row, u, err = s.store.SessionOf(ctx, h)
		if used, ok := s.trail.lastUse(h); ok && used.Time.After(row.Seen) {
			row.Seen = used.Time
		}
		still = now.Before(row.Until) && now.Sub(row.Seen) < s.opt.Idle
	}
	if errors.Is(err, ErrNotFound) {
		return false, true
	}
	return still && !u.Disabled && u.Role == p.Role, err == nil
}

// Logout ends the session of the context.
func (s *Service) Logout(ctx context.Context) error {
	p := From(ctx)
	if p.Kind != Person {
		return nil
	}
	if _, err := s.store.EndSessions(ctx, p.Name, p.Session); err != nil {
		return err
	}
	s.Record(ctx, Entry{Action: ActionLogout, Target: p.Name, Detail: map[string]any{"session": p.Session}})
	return nil
}
