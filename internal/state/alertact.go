package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/yagura-siem/yagura/internal/alert"
)

// Alert returns one alert by its id, or by a beginning of it (4 characters or more) that no other
// has. ErrNotFound when there is none, ErrInvalid when the beginning is that of several.
func (d *DB) Alert(ctx context.Context, id string) (alert.Alert, error) {
	_, a, err := d.alert(ctx, id)
	if err != nil {
		return alert.Alert{}, fmt.Errorf("alert %s: %w", id, err)
	}
	return a, nil
}

func (d *DB) alert(ctx context.Context, id string) (num int64, a alert.Alert, err error) {
	if len(id) < 4 {
		return 0, a, fmt.Errorf("%w: give at least 4 characters of an id", ErrNotFound)
	}
	n := 0
	err = d.read(ctx, func(r scanner) error {
		k, x, err := scanAlert(r)
		if n++; n == 1 {
			num, a = k, x
		}
		return err
	}, `SELECT `+alertColumns+` FROM alerts a WHERE a.id >= ? AND a.id < ? || '~' LIMIT 2`, id, id)
	switch {
	case err != nil:
		return 0, a, err
	case n == 0:
		return 0, a, ErrNotFound
	case n > 1:
		return 0, a, invalid("several alerts begin with it, give more of the id")
	}
	return num, a, nil
}

// AlertLog is the history of an alert, oldest first.
func (d *DB) AlertLog(ctx context.Context, id string) ([]alert.LogEntry, error) {
	var out []alert.LogEntry
	err := d.read(ctx, func(r scanner) error {
		var e alert.LogEntry
		var at int64
		err := r.Scan(&at, &e.Who, &e.Action, &e.Note)
		e.Time = fromNanos(at)
		out = append(out, e)
		return err
	}, `SELECT l.at, l.who, l.action, l.note FROM alert_log l JOIN alerts a ON a.num = l.alert WHERE a.id = ? ORDER BY l.num`, id)
	if err != nil {
		return nil, fmt.Errorf("log of alert %s: %w", id, err)
	}
	return out, nil
}

// AlertSamples are ids of findings of an alert, those of the latest objects first, at most limit.
func (d *DB) AlertSamples(ctx context.Context, id string, limit int) ([]string, error) {
	var out []string
	err := d.read(ctx, func(r scanner) error {
		var text string
		var ids []string
		if err := r.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &ids); err != nil {
			return err
		}
		out = append(out, ids...)
		return nil
	}, `SELECT o.samples FROM alert_objects o JOIN alerts a ON a.num = o.alert WHERE a.id = ? ORDER BY o.last DESC, o.object LIMIT ?`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("findings of alert %s: %w", id, err)
	}
	return out[:min(len(out), limit)], nil
}

// AlertAct is what a person does to alerts.
type AlertAct struct {
	Action   alert.Action
	Who      string
	Note     string
	Reason   string // of Close, one of alert.Reasons; "" = the first
	Assignee string // of Assign; "" = nobody
}

// actsKept bounds the alerts of one action.
const actsKept = 1000

// ActOnAlerts does one thing to some alerts, all or none, and returns them as they are then.
// Doing what is done already changes nothing. ErrNotFound names an alert that is not there;
// ErrConflict says that one is closed and has to be reopened first.
func (d *DB) ActOnAlerts(ctx context.Context, ids []string, act AlertAct) ([]alert.Alert, error) {
	if len(ids) == 0 || len(ids) > actsKept {
		return nil, fmt.Errorf("%s alerts: %w", act.Action, invalid("%d of them: want 1 to %d", len(ids), actsKept))
	}
	if act.Reason == "" {
		act.Reason = alert.Reasons()[0]
	}
	out := make([]alert.Alert, 0, len(ids))
	err := d.write(ctx, func(t *tx) error {
		out = out[:0]
		for _, id := range ids {
			num, a, err := scanAlert(t.row(`SELECT `+alertColumns+` FROM alerts a WHERE a.id = ?`, id))
			if noRows(err) {
				return fmt.Errorf("alert %s: %w", id, ErrNotFound)
			}
			if err == nil {
				err = t.act(num, &a, act, nanos(d.now()))
			}
			if err != nil {
				return fmt.Errorf("alert %s: %w", id, err)
			}
			out = append(out, a)
		}
		return nil
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", act.Action, err)
	}
	return out, nil
}

var errUnknownAction = errors.New("no such action")

func (t *tx) act(num int64, a *alert.Alert, act AlertAct, at int64) error {
	note := clip(act.Note)
	switch act.Action {
	case alert.Acknowledge:
		if a.Status == alert.Closed {
			return conflict("it is closed: reopen it first")
		}
		if a.Status == alert.Acknowledged {
			return nil
		}
		a.Status = alert.Acknowledged
		if a.Assignee == "" {
			a.Assignee = act.Who
		}
	case alert.Close:
		if a.Status == alert.Closed {
			return nil
		}
		a.Status, a.Closed, a.Reason = alert.Closed, fromNanos(at), act.Reason
		if note == "" {
			note = act.Reason
		} else {
			note = act.Reason + ": " + note
		}
	case alert.Reopen:
		if a.Status != alert.Closed {
			return nil
		}
		a.Status, a.Closed, a.Reason = alert.New, fromNanos(0), ""
	case alert.Assign:
		if a.Assignee == act.Assignee {
			return nil
		}
		a.Assignee = clip(act.Assignee)
		if note == "" {
			note = a.Assignee
		} else {
			note = a.Assignee + ": " + note
		}
	case alert.Comment:
		if note == "" {
			return invalid("a comment needs a text")
		}
	default:
		return fmt.Errorf("%w: %w %q", ErrInvalid, errUnknownAction, act.Action)
	}
	a.Updated = fromNanos(at)
	err := t.exec(`UPDATE alerts SET status = ?, assignee = ?, closed_at = ?, reason = ?, updated = ? WHERE num = ?`,
		a.Status, a.Assignee, nanos(a.Closed), a.Reason, at, num)
	if err == nil && (act.Action == alert.Close || act.Action == alert.Reopen) {
		err = t.exec(`UPDATE alerts SET closed_last = CASE status WHEN 2 THEN last ELSE 0 END WHERE num = ?`, num)
	}
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO alert_log (alert, at, seq, who, action, note, notify) VALUES (?, ?, 0, ?, ?, ?, 0)`, num, at, act.Who, act.Action, note)
}
