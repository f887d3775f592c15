package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/store"
)

// alertSamples reads some findings of an alert, latest first.
func (a *App) alertSamples(ctx context.Context, s store.Searcher, x alert.Alert) ([]httpapi.AlertFinding, error) {
	ids, err := a.db.AlertSamples(ctx, x.ID, samplesShown)
	if err != nil {
		return nil, err
	}
	rows, err := byIDs(ctx, s, []string{alert.LogType}, ids, x.First, x.Last)
	if err != nil {
		return nil, fmt.Errorf("findings of alert %s: %w", x.ID, err)
	}
	out := []httpapi.AlertFinding{}
	for _, e := range rows {
		out = append(out, a.findingOf(&e))
	}
	slices.SortStableFunc(out, func(a, b httpapi.AlertFinding) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// byIDs reads events by their ids, of the types and between two times (both included).
func byIDs(ctx context.Context, s store.Searcher, types, ids []string, first, last time.Time) ([]store.Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	or := &expr.Or{}
	for _, id := range ids {
		or.Nodes = append(or.Nodes, &expr.Predicate{Field: "event.id", Op: expr.Equal, Text: id})
	}
	q := store.EventsQuery{Query: store.Query{Types: types, From: first.UnixNano(), To: last.UnixNano() + 1, Where: or}, Limit: len(ids)}
	res, err := s.Events(ctx, q)
	return res.Events, err
}

// findingOf makes a row of the findings one of the wire.
func (a *App) findingOf(e *store.Event) httpapi.AlertFinding {
	text := func(name string) string {
		s, _ := e.Fields[name].(string)
		return s
	}
	out := httpapi.AlertFinding{
		ID: e.ID, Event: text(alert.FieldEvent), LogType: text(alert.FieldLogType), Time: e.Time, Fields: []httpapi.FieldValue{},
		SentenceEN: a.sentence(e.LogType, e.Fields, "en"), SentenceJA: a.sentence(e.LogType, e.Fields, "ja"),
	}
	matched, _ := e.Fields[alert.FieldFields].([]string)
	for _, m := range matched {
		field, value, _ := strings.Cut(m, "=")
		out.Fields = append(out.Fields, httpapi.FieldValue{Field: field, Value: value})
	}
	return out
}
