package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/state"
)

// Alerts implements httpapi.AlertService.
func (a *App) Alerts(ctx context.Context, q httpapi.AlertQuery) (httpapi.AlertPage, error) {
	f, err := alertFilter(q)
	if err != nil {
		return httpapi.AlertPage{}, err
	}
	page, err := a.db.Alerts(ctx, f, state.AlertSort(q.Sort), q.Cursor, q.Limit)
	if err != nil {
		return httpapi.AlertPage{}, alertError(err)
	}
	out := httpapi.AlertPage{Items: make([]httpapi.Alert, len(page.Alerts)), Next: page.Next}
	for i, x := range page.Alerts {
		out.Items[i] = a.alertOf(x)
	}
	if q.Facets {
		got, err := a.db.AlertFacets(ctx, f)
		if err != nil {
			return httpapi.AlertPage{}, err
		}
		out.Facets = facetsOf(got)
	}
	return out, nil
}

func facetsOf(got state.AlertFacets) *httpapi.AlertFacets {
	f := &httpapi.AlertFacets{Status: map[string]int64{}, Severity: map[string]int64{}, Rule: []httpapi.RuleFacet{}}
	for _, s := range alert.Statuses() {
		f.Status[s.String()] = got.Status[s]
	}
	for _, s := range alert.Severities() {
		f.Severity[s.String()] = got.Severity[s]
	}
	for _, r := range got.Rules {
		f.Rule = append(f.Rule, httpapi.RuleFacet{ID: r.Rule, Title: r.Title, TitleJA: r.TitleJA, Count: r.Count})
	}
	return f
}

// alertFilter reads what people write.
func alertFilter(q httpapi.AlertQuery) (f state.AlertFilter, err error) {
	for _, s := range q.Status {
		v, ok := alert.ParseStatus(s)
		if !ok {
			return f, &httpapi.UserError{Err: fmt.Errorf("status %q: want new, acknowledged or closed", s)}
		}
		f.Statuses = append(f.Statuses, v)
	}
	for _, s := range q.Severity {
		v, ok := alert.ParseSeverity(s)
		if !ok {
			return f, &httpapi.UserError{Err: fmt.Errorf("severity %q: want critical, high, medium, low or informational", s)}
		}
		f.Severities = append(f.Severities, v)
	}
	for _, g := range q.Group {
		field, value, ok := strings.Cut(g, "=")
		if !ok {
			field, value = "", g
		}
		f.Group = append(f.Group, alert.Field{Field: field, Value: value})
	}
	f.Rules, f.Text = q.Rule, q.Text
	return f, nil
}

// alertError makes errors a person can do something about ones of theirs.
func alertError(err error) error {
	switch {
	case errors.Is(err, state.ErrNotFound):
		return &httpapi.UserError{Err: fmt.Errorf("there is no such alert (%w); see: yagura alerts list", err)}
	case errors.Is(err, state.ErrInvalid), errors.Is(err, state.ErrConflict):
		return &httpapi.UserError{Err: err}
	}
	return err
}

// alertOf makes an alert one of the wire.
func (a *App) alertOf(x alert.Alert) httpapi.Alert {
	out := httpapi.Alert{
		ID: x.ID, Title: x.Title, Severity: x.Severity.String(), Status: x.Status.String(), Reason: x.Reason, Assignee: x.Assignee,
		Rule: httpapi.AlertRule{
			ID: x.Rule, TitleEN: x.Title, TitleJA: x.TitleJA, Author: x.Author, License: x.License, Level: x.Severity.String(),
		},
		Group: fieldValues(x.Group), LogTypes: append([]string{}, x.LogTypes...), Findings: x.Findings,
		First: x.First, Last: x.Last, Created: x.Created, Updated: x.Updated, Backfill: x.Backfill,
	}
	if !x.Closed.IsZero() {
		out.Closed = &x.Closed
	}
	if r := a.detection.rule(x.Rule); r != nil {
		out.Rule.References, out.Rule.Tags = r.References, r.Tags
	}
	return out
}

func fieldValues(list []alert.Field) []httpapi.FieldValue {
	out := make([]httpapi.FieldValue, len(list))
	for i, f := range list {
		out[i] = httpapi.FieldValue(f)
	}
	return out
}

// samplesShown is how many findings of an alert are shown with it.
const samplesShown = 10

// Alert implements httpapi.AlertService.
func (a *App) Alert(ctx context.Context, id string) (httpapi.AlertDetail, error) {
	x, err := a.db.Alert(ctx, id)
	if err != nil {
		return httpapi.AlertDetail{}, alertError(err)
	}
	out := httpapi.AlertDetail{Alert: a.alertOf(x), Where: findingsWhere(x.ID), WhyEN: x.Title, WhyJA: x.TitleJA, Log: []httpapi.AlertLogEntry{}}
	if r := a.detection.rule(x.Rule); r != nil {
		if r.Description.EN != "" {
			out.WhyEN = r.Description.EN
		}
		if r.Description.JA != "" {
			out.WhyJA = r.Description.JA
		}
		out.RunbookEN, out.RunbookJA, out.False = r.Runbook.EN, r.Runbook.JA, r.FalsePositives
	}
	log, err := a.db.AlertLog(ctx, x.ID)
	if err != nil {
		return httpapi.AlertDetail{}, err
	}
	for _, e := range log {
		out.Log = append(out.Log, httpapi.AlertLogEntry(e))
	}
	out.Samples, err = a.alertSamples(ctx, a.lake, x)
	return out, err
}

// findingsWhere is the condition that finds the findings of an alert.
func findingsWhere(id string) string {
	return "event.module:" + alert.LogType + " and " + alert.FieldAlert + ":" + id
}

// ActOnAlerts implements httpapi.AlertService.
func (a *App) ActOnAlerts(ctx context.Context, act httpapi.AlertAct) ([]httpapi.Alert, error) {
	action := alert.Action(act.Action)
	if !slices.Contains(alert.Actions(), action) {
		return nil, &httpapi.UserError{Err: fmt.Errorf("action %q: want one of %v", act.Action, alert.Actions())}
	}
	if action == alert.Close && act.Reason != "" && !slices.Contains(alert.Reasons(), act.Reason) {
		return nil, &httpapi.UserError{Err: fmt.Errorf("reason %q: want one of %s", act.Reason, strings.Join(alert.Reasons(), ", "))}
	}
	if act.Who == "" || act.Who == alert.System {
		return nil, &httpapi.UserError{Err: errors.New("who acts must be named, and not " + alert.System)}
	}
	ids := make([]string, len(act.IDs))
	for i, id := range act.IDs {
		x, err := a.db.Alert(ctx, id)
		if err != nil {
			return nil, alertError(err)
		}
		ids[i] = x.ID
	}
	got, err := a.db.ActOnAlerts(ctx, ids, state.AlertAct{Action: action, Who: act.Who, Note: act.Note, Reason: act.Reason, Assignee: act.Assignee})
	if err != nil {
		return nil, alertError(err)
	}
	a.alertsChanged(nil)
	out := make([]httpapi.Alert, len(got))
	for i, x := range got {
		out[i] = a.alertOf(x)
	}
	return out, nil
}
