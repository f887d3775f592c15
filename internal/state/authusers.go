package state

import (
	"context"
	"fmt"

	"github.com/yagura-siem/yagura/internal/auth"
)

var _ auth.Store = (*DB)(nil)

const userColumns = `u.name, u.role, u.hash, u.password_set, u.must_change, u.disabled, u.lang, u.theme, u.zone, u.created, u.last_login`

// userRow scans a user in the order of userColumns.
type userRow struct {
	u                   auth.User
	set, created, login int64
}

func (r *userRow) dest() []any {
	u := &r.u
	return []any{&u.Name, &u.Role, &u.Hash, &r.set, &u.MustChange, &u.Disabled, &u.Lang, &u.Theme, &u.Zone, &r.created, &r.login}
}

func (r *userRow) user() auth.User {
	r.u.PasswordSet, r.u.Created, r.u.LastLogin = fromNanos(r.set), fromNanos(r.created), fromNanos(r.login)
	return r.u
}

// authError gives an error of the engine the meaning package auth acts on.
func authError(err error) error {
	switch {
	case noRows(err):
		return auth.ErrNotFound
	case isUnique(err):
		return auth.ErrExists
	}
	return err
}

// Users implements auth.UserStore.
func (d *DB) Users(ctx context.Context) ([]auth.User, error) {
	var out []auth.User
	err := d.read(ctx, func(r scanner) error {
		var row userRow
		err := r.Scan(row.dest()...)
		out = append(out, row.user())
		return err
	}, `SELECT `+userColumns+` FROM users u ORDER BY u.name`)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return out, nil
}

// User implements auth.UserStore.
func (d *DB) User(ctx context.Context, name string) (auth.User, error) {
	var row userRow
	err := d.readers.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.name = ?`, name).Scan(row.dest()...)
	if err != nil {
		return auth.User{}, fmt.Errorf("user: %w", authError(err))
	}
	return row.user(), nil
}

// AddUser implements auth.UserStore.
func (d *DB) AddUser(ctx context.Context, u auth.User) error {
	err := d.write(ctx, func(t *tx) error {
		return authError(t.exec(`INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			u.Name, u.Role, u.Hash, nanos(u.PasswordSet), u.MustChange, u.Disabled, u.Lang, u.Theme, u.Zone, nanos(u.Created), nanos(u.LastLogin)))
	}, nil)
	if err != nil {
		return fmt.Errorf("user %s: %w", u.Name, err)
	}
	return nil
}

func (t *tx) users() (all []auth.User, err error) {
	err = t.each(func(r scanner) error {
		var row userRow
		err := r.Scan(row.dest()...)
		all = append(all, row.user())
		return err
	}, `SELECT `+userColumns+` FROM users u ORDER BY u.name`)
	return all, err
}

// ChangeUser implements auth.UserStore.
func (d *DB) ChangeUser(ctx context.Context, name string, f func(*auth.User, []auth.User) error) (u auth.User, err error) {
	err = d.write(ctx, func(t *tx) error {
		all, err := t.users()
		if err != nil {
			return err
		}
		found := false
		for _, have := range all {
			if have.Name == name {
				u, found = have, true
			}
		}
		if !found {
			return auth.ErrNotFound
		}
		before := u
		if err := f(&u, all); err != nil {
			return err
		}
		u.Name = before.Name
		if err := t.exec(`UPDATE users SET role = ?, hash = ?, password_set = ?, must_change = ?, disabled = ?, lang = ?, theme = ?, zone = ?, last_login = ? WHERE name = ?`,
			u.Role, u.Hash, nanos(u.PasswordSet), u.MustChange, u.Disabled, u.Lang, u.Theme, u.Zone, nanos(u.LastLogin), name); err != nil {
			return err
		}
		if u.Role != before.Role || u.Disabled != before.Disabled || !u.PasswordSet.Equal(before.PasswordSet) {
			return t.exec(`DELETE FROM sessions WHERE user = ?`, name)
		}
		return nil
	}, nil)
	if err != nil {
		return auth.User{}, fmt.Errorf("user %s: %w", name, err)
	}
	return u, nil
}

// RemoveUser implements auth.UserStore.
func (d *DB) RemoveUser(ctx context.Context, name string, allow func([]auth.User) error) error {
	err := d.write(ctx, func(t *tx) error {
		all, err := t.users()
		if err != nil {
			return err
		}
		if err := allow(all); err != nil {
			return err
		}
		n, err := t.change(`DELETE FROM users WHERE name = ?`, name)
		if err == nil && n == 0 {
			err = auth.ErrNotFound
		}
		return err
	}, nil)
	if err != nil {
		return fmt.Errorf("user %s: %w", name, err)
	}
	return nil
}
