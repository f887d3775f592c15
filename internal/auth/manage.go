package auth

import (
	"context"
	"slices"
	"time"
)

// NewUser is what AddUser needs.
type NewUser struct {
	Name, Password string
	Role           Role
	Lang           string
	MustChange     bool
}

// may is nil when the one who asks has a permission.
func may(ctx context.Context, p Permission) error {
	if From(ctx).May(p) {
		return nil
	}
	return ErrForbidden
}

// Users lists all users. ManageUsers is needed.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	if err := may(ctx, ManageUsers); err != nil {
		return nil, err
	}
	return s.store.Users(ctx)
}

// AddUser makes a user. The first one closes what was open to everybody on this machine, so it
// must be an admin.
func (s *Service) AddUser(ctx context.Context, n NewUser) (User, error) {
	if err := may(ctx, ManageUsers); err != nil {
		return User{}, err
	}
	name, err := CheckName(n.Name)
	if err != nil {
		return User{}, err
	}
	if _, err := ParseRole(string(n.Role)); err != nil {
		return User{}, invalid("%v", err)
	}
	if err := CheckPassword(name, n.Password); err != nil {
		return User{}, err
	}
	if err := checkPreferences(n.Lang, "", ""); err != nil {
		return User{}, err
	}
	if s.Empty() && n.Role != Admin {
		return User{}, invalid("the first user must be an admin: else nobody could add another one")
	}
	if s.users.Load() >= maxUsers {
		return User{}, invalid("there are %d users already, the most there can be", maxUsers)
	}
	hash, err := s.hash.Hash(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	now := s.opt.Now()
	u := User{Name: name, Role: n.Role, Hash: hash, PasswordSet: now, MustChange: n.MustChange, Lang: n.Lang, Created: now}
	if err := s.store.AddUser(ctx, u); err != nil {
		return User{}, err
	}
	s.Record(ctx, Entry{Action: ActionUserAdd, Target: name, Detail: map[string]any{"role": string(n.Role)}})
	return u, s.count(ctx)
}

// UserChange names what ChangeUser changes; nil = as it is.
type UserChange struct {
	Role       *Role
	Disabled   *bool
	MustChange *bool
	Password   *string // a new one, set by somebody else
	Lang       *string
	Theme      *string
	Zone       *string
}

// ChangeUser changes a user. ManageUsers is needed, except that everybody may change their own
// language, theme and zone. The last admin who can sign in stays one.
func (s *Service) ChangeUser(ctx context.Context, name string, c UserChange) (User, error) {
	p := From(ctx)
	name, err := CheckName(name)
	if err != nil {
		return User{}, ErrNotFound
	}
	weighty := c.Role != nil || c.Disabled != nil || c.MustChange != nil || c.Password != nil
	if weighty || p.Name != name || p.Kind != Person {
		err = may(ctx, ManageUsers)
	} else {
		err = may(ctx, Account)
	}
	if err != nil {
		return User{}, err
	}
	if c.Role != nil {
		if _, err := ParseRole(string(*c.Role)); err != nil {
			return User{}, invalid("%v", err)
		}
	}
	if err := checkPreferences(value(c.Lang), value(c.Theme), value(c.Zone)); err != nil {
		return User{}, err
	}
	hash := ""
	if c.Password != nil {
		if err := CheckPassword(name, *c.Password); err != nil {
			return User{}, err
		}
		if hash, err = s.hash.Hash(ctx, *c.Password); err != nil {
			return User{}, err
		}
	}
	u, err := s.store.ChangeUser(ctx, name, func(u *User, all []User) error {
		could := u.canManage()
		set(&u.Role, c.Role)
		set(&u.Disabled, c.Disabled)
		set(&u.MustChange, c.MustChange)
		set(&u.Lang, c.Lang)
		set(&u.Theme, c.Theme)
		set(&u.Zone, c.Zone)
		if hash != "" {
			u.Hash, u.PasswordSet = hash, s.opt.Now()
		}
		if could && !u.canManage() && !oneAdminLeft(all, name) {
			return ErrLastAdmin
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	if weighty {
		s.Record(ctx, Entry{Action: ActionUserChange, Target: name, Detail: c.said()})
	}
	return u, nil
}

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (c UserChange) said() map[string]any {
	out := map[string]any{}
	if c.Role != nil {
		out["role"] = string(*c.Role)
	}
	if c.Disabled != nil {
		out["disabled"] = *c.Disabled
	}
	if c.MustChange != nil {
		out["must_change"] = *c.MustChange
	}
	if c.Password != nil {
		out["password_set"] = true
	}
	return out
}

func checkPreferences(lang, theme, zone string) error {
	if !slices.Contains([]string{"", "en", "ja"}, lang) {
		return invalid("language %q: want en or ja", lang)
	}
	if !slices.Contains([]string{"", "light", "dark"}, theme) {
		return invalid("theme %q: want light or dark", theme)
	}
	if len(zone) > 64 {
		return invalid("the name of the time zone is too long")
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return invalid("time zone %q is not known", zone)
	}
	return nil
}

// RemoveUser removes a user with sessions and tokens. The last admin cannot be removed, unless
// reopen is set and it is the only user: then everybody on this machine may do everything again.
func (s *Service) RemoveUser(ctx context.Context, name string, reopen bool) error {
	if err := may(ctx, ManageUsers); err != nil {
		return err
	}
	name, err := CheckName(name)
	if err != nil {
		return ErrNotFound
	}
	err = s.store.RemoveUser(ctx, name, func(all []User) error {
		if reopen && len(all) == 1 || oneAdminLeft(all, name) {
			return nil
		}
		return ErrLastAdmin
	})
	if err != nil {
		return err
	}
	s.Record(ctx, Entry{Action: ActionUserRemove, Target: name})
	return s.count(ctx)
}

// ChangePassword changes the password of the one who asks. All sessions end; the answer is a new one.
func (s *Service) ChangePassword(ctx context.Context, current, fresh string) (SignedIn, error) {
	p := From(ctx)
	if p.Kind != Person || !p.May(Account) {
		return SignedIn{}, ErrForbidden
	}
	if err := CheckPassword(p.Name, fresh); err != nil {
		return SignedIn{}, err
	}
	if current == fresh {
		return SignedIn{}, invalid("the new password is the old one")
	}
	before, err := s.prove(ctx, p.Name, current, ActionPassword)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := s.hash.Hash(ctx, fresh)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := s.store.ChangeUser(ctx, p.Name, func(u *User, _ []User) error {
		if u.Disabled || !u.PasswordSet.Equal(before.PasswordSet) {
			return ErrUnknown // changed meanwhile by somebody else
		}
		u.Hash, u.PasswordSet, u.MustChange = hash, s.opt.Now(), false
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.Record(ctx, Entry{Action: ActionPassword, Target: u.Name})
	return s.begin(ctx, u, ClientFrom(ctx))
}

// Sessions lists the sessions of the one who asks, or of a user, or of all (user "*"), for which
// ManageUsers is needed. Ended ones are left out.
func (s *Service) Sessions(ctx context.Context, user string) ([]Session, error) {
	user, err := s.whose(ctx, user, ManageUsers)
	if err != nil {
		return nil, err
	}
	list, err := s.store.Sessions(ctx, user)
	now := s.opt.Now()
	return slices.DeleteFunc(list, func(r Session) bool { return !now.Before(r.Until) || now.Sub(r.Seen) >= s.opt.Idle }), err
}

// EndSessions ends a session, or with id "*" all sessions, of the one who asks, or of a user, or
// of any (user "*"), for which ManageUsers is needed. It says how many ended.
func (s *Service) EndSessions(ctx context.Context, user, id string) (int, error) {
	user, err := s.whose(ctx, user, ManageUsers)
	if err != nil {
		return 0, err
	}
	if id == "" || id == "*" && user == "" {
		return 0, invalid("which session is to end?")
	}
	which := id
	if id == "*" {
		which = ""
	}
	n, err := s.store.EndSessions(ctx, user, which)
	if err != nil || n == 0 {
		return n, err
	}
	s.Record(ctx, Entry{Action: ActionSessionEnd, Target: id, Detail: map[string]any{"user": user, "sessions": n}})
	return n, nil
}

// whose resolves a user argument: "" = the one who asks, "*" = all (returned as "").
func (s *Service) whose(ctx context.Context, user string, others Permission) (string, error) {
	p := From(ctx)
	if user == "" {
		user = p.Name
	}
	perm := others
	if user == p.Name {
		perm = Account
	}
	if err := may(ctx, perm); err != nil {
		return "", err
	}
	if user == "*" {
		return "", nil
	}
	return user, nil
}
