package app

import (
	"context"
	"fmt"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/state"
)

// Audit implements httpapi.Access. Reading by command leaves no entry: who can is who may change the file.
func (a *App) Audit(ctx context.Context, r httpapi.AuditRequest) (httpapi.AuditAnswer, error) {
	zone, err := a.zone("")
	if err != nil {
		return httpapi.AuditAnswer{}, err
	}
	f, err := auditFilter(r.Since, r.Until, a.access.now(), zone)
	if err != nil {
		return httpapi.AuditAnswer{}, &httpapi.UserError{Err: err}
	}
	f.Who, f.Action, f.Outcome = r.Who, r.Action, auth.Outcome(r.Outcome)
	switch f.Outcome {
	case "", auth.Done, auth.Failed, auth.Denied:
	default:
		return httpapi.AuditAnswer{}, &httpapi.UserError{Err: fmt.Errorf("outcome %q: want done, failed or denied", r.Outcome)}
	}
	list, next, err := a.access.read(ctx, f, state.Page{Limit: r.Limit, After: r.After})
	out := httpapi.AuditAnswer{Entries: []httpapi.AuditEntry{}, Next: next}
	for _, e := range list {
		out.Entries = append(out.Entries, httpapi.AuditEntry{
			Time: e.Time, Who: e.Who, Address: e.Address, Action: e.Action, Target: e.Target, Outcome: string(e.Outcome), Detail: e.Detail,
		})
	}
	return out, err
}

// auditFilter reads the range of time as queries do.
func auditFilter(since, until string, now time.Time, zone *time.Location) (state.AuditFilter, error) {
	var f state.AuditFilter
	from, to, err := query.ReadRange(since, until, now, zone)
	if err != nil {
		return f, err
	}
	if since != "" {
		f.From = time.Unix(0, from)
	}
	if until != "" {
		f.To = time.Unix(0, to)
	}
	return f, nil
}

// read returns a page of the log with all that was recorded so far, and where the next begins;
// 0 = nowhere.
func (x *access) read(ctx context.Context, f state.AuditFilter, p state.Page) ([]state.AuditEntry, int64, error) {
	if err := x.trail.Flush(ctx); err != nil {
		return nil, 0, err
	}
	if p.Limit <= 0 {
		p.Limit = 100
	}
	p.Limit = min(p.Limit, 5000)
	ask := p
	ask.Limit++
	list, err := x.db.Audit(ctx, f, ask)
	if err != nil || len(list) <= p.Limit {
		return list, 0, err
	}
	list = list[:p.Limit]
	return list, list[p.Limit-1].Num, nil
}
