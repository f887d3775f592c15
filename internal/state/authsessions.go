package state

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/yagura-siem/yagura/internal/auth"
)

// isUnique tells whether a row was refused because its key exists.
func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

const sessionColumns = `s.hash, s.user, s.created, s.seen, s.until, s.address, s.agent`

type sessionRow struct {
	s                    auth.Session
	hash                 []byte
	created, seen, until int64
}

func (r *sessionRow) dest() []any {
	return []any{&r.hash, &r.s.User, &r.created, &r.seen, &r.until, &r.s.Address, &r.s.Agent}
}

func (r *sessionRow) session() auth.Session {
	copy(r.s.Hash[:], r.hash)
	r.s.Created, r.s.Seen, r.s.Until = fromNanos(r.created), fromNanos(r.seen), fromNanos(r.until)
	return r.s
}

// AddSession implements auth.SessionStore.
func (d *DB) AddSession(ctx context.Context, s auth.Session, keep int) error {
	err := d.write(ctx, func(t *tx) error {
		if err := t.exec(`INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, s.Hash[:], s.ID(), s.User, nanos(s.Created), nanos(s.Seen), nanos(s.Until), s.Address, s.Agent); err != nil {
			return authError(err)
		}
		return t.exec(`DELETE FROM sessions WHERE user = ? AND hash NOT IN (SELECT hash FROM sessions WHERE user = ? ORDER BY seen DESC LIMIT ?)`, s.User, s.User, keep)
	}, nil)
	if err != nil {
		return fmt.Errorf("session of %s: %w", s.User, err)
	}
	return nil
}

// SessionOf implements auth.SessionStore.
func (d *DB) SessionOf(ctx context.Context, h auth.Hash) (auth.Session, auth.User, error) {
	var s sessionRow
	var u userRow
	err := d.readers.QueryRowContext(ctx, `SELECT `+sessionColumns+`, `+userColumns+` FROM sessions s JOIN users u ON u.name = s.user WHERE s.hash = ?`, h[:]).
		Scan(append(s.dest(), u.dest()...)...)
	if err != nil {
		return auth.Session{}, auth.User{}, fmt.Errorf("session: %w", authError(err))
	}
	return s.session(), u.user(), nil
}

// Sessions implements auth.SessionStore.
func (d *DB) Sessions(ctx context.Context, user string) ([]auth.Session, error) {
	var out []auth.Session
	err := d.read(ctx, func(r scanner) error {
		var row sessionRow
		err := r.Scan(row.dest()...)
		out = append(out, row.session())
		return err
	}, `SELECT `+sessionColumns+` FROM sessions s WHERE ? IN ('', s.user) ORDER BY s.seen DESC, s.hash LIMIT 10000`, user)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// EndSessions implements auth.SessionStore.
func (d *DB) EndSessions(ctx context.Context, user, id string) (int, error) {
	if user == "" && id == "" {
		return 0, nil
	}
	var n int64
	err := d.write(ctx, func(t *tx) (err error) {
		n, err = t.change(`DELETE FROM sessions WHERE ? IN ('', user) AND ? IN ('', id)`, user, id)
		return err
	}, nil)
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(n), nil
}

const tokenColumns = `t.hash, t.owner, t.name, t.scopes, t.created, t.expires, t.used, t.used_address`

type tokenRow struct {
	t                      auth.Token
	hash                   []byte
	scopes                 string
	created, expires, used int64
}

func (r *tokenRow) dest() []any {
	return []any{&r.hash, &r.t.Owner, &r.t.Name, &r.scopes, &r.created, &r.expires, &r.used, &r.t.From}
}

func (r *tokenRow) token() auth.Token {
	copy(r.t.Hash[:], r.hash)
	for s := range strings.SplitSeq(r.scopes, ",") {
		r.t.Scopes = append(r.t.Scopes, auth.Scope(s))
	}
	r.t.Created, r.t.Expires, r.t.Used = fromNanos(r.created), fromNanos(r.expires), fromNanos(r.used)
	return r.t
}

// AddToken implements auth.TokenStore.
func (d *DB) AddToken(ctx context.Context, k auth.Token) error {
	scopes := make([]string, len(k.Scopes))
	for i, s := range k.Scopes {
		scopes[i] = string(s)
	}
	err := d.write(ctx, func(t *tx) error {
		return authError(t.exec(`INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			k.Hash[:], k.ID(), k.Owner, k.Name, strings.Join(scopes, ","), nanos(k.Created), nanos(k.Expires), nanos(k.Used), k.From))
	}, nil)
	if err != nil {
		return fmt.Errorf("token %s of %s: %w", k.Name, k.Owner, err)
	}
	return nil
}

// TokenOf implements auth.TokenStore.
func (d *DB) TokenOf(ctx context.Context, h auth.Hash) (auth.Token, auth.User, error) {
	var k tokenRow
	var u userRow
	err := d.readers.QueryRowContext(ctx, `SELECT `+tokenColumns+`, `+userColumns+` FROM tokens t JOIN users u ON u.name = t.owner WHERE t.hash = ?`, h[:]).
		Scan(append(k.dest(), u.dest()...)...)
	if err != nil {
		return auth.Token{}, auth.User{}, fmt.Errorf("token: %w", authError(err))
	}
	return k.token(), u.user(), nil
}

// Tokens implements auth.TokenStore.
func (d *DB) Tokens(ctx context.Context, owner string) ([]auth.Token, error) {
	var out []auth.Token
	err := d.read(ctx, func(r scanner) error {
		var row tokenRow
		err := r.Scan(row.dest()...)
		out = append(out, row.token())
		return err
	}, `SELECT `+tokenColumns+` FROM tokens t WHERE ? IN ('', t.owner) ORDER BY t.owner, t.name`, owner)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return out, nil
}

// RemoveToken implements auth.TokenStore.
func (d *DB) RemoveToken(ctx context.Context, owner, id string) (auth.Token, error) {
	var row tokenRow
	err := d.write(ctx, func(t *tx) error {
		if err := t.row(`SELECT `+tokenColumns+` FROM tokens t WHERE t.id = ? AND ? IN ('', t.owner)`, id, owner).Scan(row.dest()...); err != nil {
			return authError(err)
		}
		return t.exec(`DELETE FROM tokens WHERE hash = ?`, row.hash)
	}, nil)
	if err != nil {
		return auth.Token{}, fmt.Errorf("token: %w", err)
	}
	return row.token(), nil
}
