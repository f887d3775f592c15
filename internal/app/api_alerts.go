package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// alertFace answers the area of alerts.
type alertFace struct{ *face }

var _ api.AlertBackend = alertFace{}

// alertProblem gives errors about alerts their status.
func alertProblem(err error) error {
	var user *httpapi.UserError
	switch {
	case errors.Is(err, state.ErrNotFound):
		return api.NotFound("there is no such alert")
	case errors.Is(err, state.ErrConflict):
		return api.Conflict("%v", err)
	case errors.As(err, &user), err == nil:
		return err
	}
	return err
}

// Alerts implements api.AlertBackend.
func (f alertFace) Alerts(ctx context.Context, q httpapi.AlertQuery) (httpapi.AlertPage, error) {
	page, err := f.app.Alerts(ctx, q)
	return page, alertProblem(err)
}

// ActOnAlerts implements api.AlertBackend. Ids are whole here: what is done must not depend on
// which other alerts there are.
func (f alertFace) ActOnAlerts(ctx context.Context, act httpapi.AlertAct) ([]httpapi.Alert, error) {
	for _, id := range act.IDs {
		if len(id) != wholeAlertID {
			return nil, api.NotFound("there is no alert %.64q", id)
		}
	}
	out, err := f.app.ActOnAlerts(ctx, act)
	return out, alertProblem(err)
}

// wholeAlertID is the length of the id of an alert.
const wholeAlertID = 20

// Bounds of what is shown with an alert.
const (
	alertEntities = 20
	alertBuckets  = 60
)

// Alert implements api.AlertBackend.
func (f alertFace) Alert(ctx context.Context, id, zone string) (api.AlertDetail, error) {
	loc, err := f.zone(zone)
	if err != nil {
		return api.AlertDetail{}, api.Invalid("query.zone", "%v", err)
	}
	if len(id) != wholeAlertID {
		return api.AlertDetail{}, api.NotFound("there is no alert %.64q", id)
	}
	x, err := f.app.Alert(ctx, id)
	if err != nil {
		return api.AlertDetail{}, alertProblem(err)
	}
	out := api.AlertDetail{
		Alert: x.Alert, WhyEN: x.WhyEN, WhyJA: x.WhyJA, RunbookEN: x.RunbookEN, RunbookJA: x.RunbookJA, FalsePositives: x.False, Log: x.Log, Where: x.Where,
	}
	if out.Evidence, err = f.evidence(ctx, x); err != nil {
		return api.AlertDetail{}, err
	}
	if len(x.Samples) > 0 {
		ids := make([]string, len(x.Samples))
		for i, s := range x.Samples {
			ids[i] = s.Event
		}
		slices.Sort(ids)
		out.EventsWhere = "event.id:(" + strings.Join(slices.Compact(ids), " or ") + ")"
	}
	out.Entities = entitiesOf(x, out.Evidence)
	q := store.Query{Types: []string{alert.LogType}, From: x.First.UnixNano(), To: x.Last.UnixNano() + 1, Where: &expr.Predicate{Field: alert.FieldAlert, Op: expr.Equal, Text: x.ID}}
	if x.Findings == 0 {
		q.From, q.To = x.Updated.Add(-time.Hour).UnixNano(), x.Updated.UnixNano()
	}
	// A single moment is shown with what surrounds it.
	if pad := int64(15*time.Minute) - (q.To - q.From); pad > 0 {
		q.From, q.To = q.From-pad/2, q.To+pad/2
	}
	out.Timeline, err = f.histogram(ctx, q, loc, "", alertBuckets, 0, "")
	return out, err
}

// evidence joins findings with their events.
func (f alertFace) evidence(ctx context.Context, x httpapi.AlertDetail) ([]api.AlertEvidence, error) {
	ids, types := make([]string, 0, len(x.Samples)), []string{}
	for _, s := range x.Samples {
		ids, types = append(ids, s.Event), append(types, s.LogType)
	}
	slices.Sort(types)
	events, err := byIDs(ctx, f.ask, slices.Compact(types), ids, x.First, x.Last)
	if err != nil {
		return nil, err
	}
	byID := map[string]*store.Event{}
	for i := range events {
		byID[events[i].ID] = &events[i]
	}
	out := []api.AlertEvidence{}
	for _, s := range x.Samples {
		e := api.AlertEvidence{FindingID: s.ID, Sentence: api.Bilingual{EN: s.SentenceEN, JA: s.SentenceJA}, Fields: s.Fields, EventID: s.Event}
		if row := byID[s.Event]; row != nil {
			shown := f.eventOf(row, cutText, true)
			e.Event = &shown
		}
		out = append(out, e)
	}
	return out, nil
}

// entityOf are the fields whose values have a page of their own.
var entityOf = []struct{ field, kind string }{
	{"source.ip", "ip"}, {"client.ip", "ip"}, {"user.name", "user"}, {"host.name", "host"}, {"destination.ip", "ip"}, {"cloud.account.id", "account"}, {"url.path", "path"},
}

// entitiesOf lists what an alert is about first, then what its evidence names.
func entitiesOf(x httpapi.AlertDetail, evidence []api.AlertEvidence) []api.EntityRef {
	var out []api.EntityRef
	add := func(kind, value string) {
		r := api.EntityRef{Kind: kind, Value: value}
		if value != "" && len(out) < alertEntities && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, g := range x.Group {
		for _, e := range entityOf {
			if e.field == g.Field {
				add(e.kind, g.Value)
			}
		}
	}
	for _, e := range entityOf {
		for _, s := range evidence {
			if s.Event != nil {
				v, _ := s.Event.Fields[e.field].(string)
				add(e.kind, v)
			}
		}
	}
	add("rule", x.Rule.ID)
	return out
}
