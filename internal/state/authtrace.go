package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// WriteTrace implements auth.Trace.
func (d *DB) WriteTrace(ctx context.Context, entries []auth.Entry, uses []auth.Use) error {
	err := d.write(ctx, func(t *tx) error {
		for _, e := range entries {
			detail := ""
			if len(e.Detail) > 0 {
				b, err := json.Marshal(e.Detail)
				if err != nil {
					return fmt.Errorf("detail of %s: %w", e.Action, err)
				}
				detail = string(b)
			}
			if err := t.exec(`INSERT INTO audit (at, who, address, action, target, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				nanos(e.Time), e.Who, e.Address, e.Action, e.Target, string(e.Outcome), detail); err != nil {
				return err
			}
		}
		for _, u := range uses {
			// A hash is either a session's or a token's.
			if err := t.exec(`UPDATE sessions SET seen = max(seen, ?) WHERE hash = ?`, nanos(u.Time), u.Hash[:]); err != nil {
				return err
			}
			if err := t.exec(`UPDATE tokens SET used = max(used, ?), used_address = ? WHERE hash = ?`, nanos(u.Time), u.Address, u.Hash[:]); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

// ForgetTrace implements auth.Trace. Old entries go in small steps, so that commits need not wait.
func (d *DB) ForgetTrace(ctx context.Context, entriesBefore, idleBefore time.Time) error {
	for {
		var n int64
		err := d.write(ctx, func(t *tx) (err error) {
			if err := t.exec(`DELETE FROM sessions WHERE seen < ? OR until < ?`, nanos(idleBefore), nanos(d.now())); err != nil {
				return err
			}
			n, err = t.change(`DELETE FROM audit WHERE num IN (SELECT num FROM audit WHERE at < ? ORDER BY at LIMIT 1000)`, nanos(entriesBefore))
			return err
		}, nil)
		if err != nil {
			return fmt.Errorf("forget old audit entries: %w", err)
		}
		if n < 1000 {
			return nil
		}
	}
}

// AuditEntry is a stored entry.
type AuditEntry struct {
	Num int64 // in order of writing
	auth.Entry
}

// AuditFilter selects entries of the audit log. Zero fields select everything.
type AuditFilter struct {
	From, To time.Time // From ≤ time < To
	Who      string    // the user, with all tokens of that user
	Action   string    // whole, or its first part ("user" for user.add)
	Outcome  auth.Outcome
}

// Audit lists the audit log, newest first.
func (d *DB) Audit(ctx context.Context, f AuditFilter, p Page) ([]AuditEntry, error) {
	where, args := []string{"1"}, []any{}
	add := func(cond string, v ...any) {
		where, args = append(where, cond), append(args, v...)
	}
	if !f.From.IsZero() {
		add("at >= ?", nanos(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", nanos(f.To))
	}
	if f.Who != "" {
		add("(who = ? OR substr(who, 1, ?) = ?)", f.Who, len([]rune(f.Who))+1, f.Who+"/")
	}
	if f.Action != "" {
		add("(action = ? OR substr(action, 1, ?) = ?)", f.Action, len([]rune(f.Action))+1, f.Action+".")
	}
	if f.Outcome != "" {
		add("outcome = ?", string(f.Outcome))
	}
	if p.After > 0 {
		add("num < ?", p.After)
	}
	var out []AuditEntry
	err := d.read(ctx, func(r scanner) error {
		var e AuditEntry
		var at int64
		var detail string
		if err := r.Scan(&e.Num, &at, &e.Who, &e.Address, &e.Action, &e.Target, &e.Outcome, &detail); err != nil {
			return err
		}
		e.Time = fromNanos(at)
		if detail != "" {
			if err := json.Unmarshal([]byte(detail), &e.Detail); err != nil {
				return fmt.Errorf("detail of entry %d: %w", e.Num, err)
			}
		}
		out = append(out, e)
		return nil
	}, `SELECT num, at, who, address, action, target, outcome, detail FROM audit WHERE `+strings.Join(where, " AND ")+` ORDER BY num DESC LIMIT ?`, append(args, p.limit())...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}
