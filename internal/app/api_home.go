package app

import (
	"context"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	freshDays    = 7
	freshShown   = 10
	freshLooked  = query.MaxGroups
	recentAlerts = 8
)

// The fields whose new values the first page shows.
var freshFields = []string{"source.geo.country_iso_code", "user.name", "source.as.organization.name"}

// Home implements api.HomeBackend.
func (f *face) Home(ctx context.Context, zone string) (api.Home, error) {
	loc, err := f.zone(zone)
	if err != nil {
		return api.Home{}, err
	}
	now := f.instant()
	out := api.Home{Now: now.UTC(), Zone: loc.String()}
	if err := f.homeEvents(ctx, now.In(loc), &out); err != nil {
		return out, err
	}
	if out.Intake, err = f.intake(ctx); err != nil {
		return out, err
	}
	live, err := f.alerts(ctx)
	if err != nil {
		return out, err
	}
	out.Alerts.New, out.Alerts.BySeverity = live.New, live.BySeverity
	counts, err := f.app.db.AlertCounts(ctx)
	if err != nil {
		return out, err
	}
	for _, n := range counts[alert.Acknowledged] {
		out.Alerts.Acknowledged += n
	}
	page, err := f.app.db.Alerts(ctx, state.AlertFilter{Statuses: []alert.Status{alert.New, alert.Acknowledged}}, "", "", recentAlerts)
	if err != nil {
		return out, err
	}
	for _, a := range page.Alerts {
		out.RecentAlerts = append(out.RecentAlerts, cardOf(a))
	}
	types, err := f.Types(ctx)
	if err != nil {
		return out, err
	}
	out.Empty = true
	for _, t := range types {
		out.Empty = out.Empty && t.Events == 0
	}
	out.GetStarted = f.getStarted(ctx)
	return out, nil
}

// homeEvents compares today with yesterday and the same day a week ago, each up to the same time
// of day, and finds what is new today, in one batch.
func (f *face) homeEvents(ctx context.Context, now time.Time, out *api.Home) error {
	midnight := expr.StartOf(now, "d")
	yesterday, weekAgo := expr.AddUnit(midnight, "d", -1), expr.AddUnit(midnight, "w", -1)
	out.Events.From = midnight.UTC()
	between := func(from, to time.Time) store.Query { return store.Query{From: from.UnixNano(), To: to.UnixNano()} }
	var ask []store.AggregateQuery
	var edges []*store.Buckets
	for _, day := range []time.Time{midnight, yesterday, weekAgo} {
		b := hoursOf(day)
		edges = append(edges, b)
		ask = append(ask, store.AggregateQuery{Query: between(day, time.Unix(0, b.Edges[len(b.Edges)-1])), By: []store.Key{{Name: "t", Field: "@timestamp", Buckets: b}}, Aggs: countAgg})
	}
	ask = append(ask,
		store.AggregateQuery{Query: between(midnight, now), Aggs: countAgg},
		store.AggregateQuery{Query: between(yesterday, expr.AddUnit(now, "d", -1)), Aggs: countAgg},
		store.AggregateQuery{Query: between(weekAgo, expr.AddUnit(now, "w", -1)), Aggs: countAgg})
	before := expr.AddUnit(midnight, "d", -freshDays)
	for _, name := range freshFields {
		has := &expr.Predicate{Field: name, Op: expr.Exists}
		for _, q := range []store.Query{between(midnight, now), between(before, midnight)} {
			ask = append(ask, store.AggregateQuery{Query: with(q, has), By: []store.Key{{Name: "v", Field: name}}, Aggs: countAgg, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: freshLooked})
		}
	}
	tables, errs := f.ask.AggregateBatch(ctx, ask)
	if err := firstOf(errs); err != nil {
		return tooBig(err)
	}
	e := &out.Events
	e.PerHour, e.PerHourYesterday, e.PerHourLastWeek = spread(tables[0].Rows, edges[0], 1), spread(tables[1].Rows, edges[1], 1), spread(tables[2].Rows, edges[2], 1)
	e.Today, e.YesterdaySameTime, e.LastWeekSameTime = tables[3].Rows[0][0].(int64), tables[4].Rows[0][0].(int64), tables[5].Rows[0][0].(int64)
	for i, to := range []*api.FreshList{&out.Fresh.Countries, &out.Fresh.Users, &out.Fresh.ASNs} {
		*to = f.fresh(freshFields[i], tables[6+2*i], tables[7+2*i])
	}
	out.Stats = sumStats(tables)
	return nil
}

// hoursOf cuts a day of the clock into hours: 23 to 25 of them.
func hoursOf(day time.Time) *store.Buckets {
	end := expr.NextStart(day, "d").UnixNano()
	b := &store.Buckets{Width: int64(time.Hour)}
	for at := day.UnixNano(); at < end; at += int64(time.Hour) {
		b.Edges = append(b.Edges, at)
	}
	if last := b.Edges[len(b.Edges)-1]; end-last != int64(time.Hour) {
		b.Width = 0
	}
	b.Edges = append(b.Edges, end)
	return b
}

func (f *face) fresh(field string, today, before store.Table) api.FreshList {
	known := map[any]bool{}
	for _, row := range before.Rows {
		known[row[0]] = true
	}
	out := api.FreshList{Field: field}
	var values []string
	for _, row := range today.Rows {
		if known[row[0]] || before.More { // more values than can be compared: none is surely new
			continue
		}
		if len(out.Values) == freshShown {
			out.More = true
			break
		}
		out.Values = append(out.Values, api.ValueCount{Value: cell(row[0]), Count: row[1].(int64)})
		values = append(values, plainText(row[0]))
	}
	if len(values) > 0 {
		if n, err := (query.Filter{Field: field, Op: query.Is, Values: values}).Node(f.fields[field].kind); err == nil {
			out.Where = n.String()
		}
	}
	return out
}

// intake is the strip of the sources: what the page of intake says, in short.
func (f *face) intake(ctx context.Context) (api.HomeIntake, error) {
	full, err := intake{f.app}.Intake(ctx)
	if err != nil {
		return api.HomeIntake{}, err
	}
	out := api.HomeIntake{Paused: full.Paused, Quarantined: full.Quarantined}
	for _, s := range full.Sources {
		waiting := s.Objects.Pending + s.Objects.Leased
		out.Waiting += waiting
		out.Failed += s.Objects.Failed
		if s.Kind == "once" && waiting+s.Objects.Failed == 0 && s.Events > 0 { // loaded by hand, done
			continue
		}
		out.Sources = append(out.Sources, api.HomeSource{
			Name: s.Name, Kind: s.Kind, State: s.State, EventsPerMin: s.EventsPerMin, LagSeconds: s.LagSeconds, LastEvent: s.LastEvent,
		})
	}
	return out, nil
}

// alerts counts the open ones.
func (f *face) alerts(ctx context.Context) (api.LiveAlerts, error) {
	counts, err := f.app.db.AlertCounts(ctx)
	if err != nil {
		return api.LiveAlerts{}, err
	}
	var out api.LiveAlerts
	for _, n := range counts[alert.New] {
		out.New += n
	}
	by := map[alert.Severity]*int64{
		alert.Critical: &out.BySeverity.Critical, alert.High: &out.BySeverity.High, alert.Medium: &out.BySeverity.Medium,
		alert.Low: &out.BySeverity.Low, alert.Informational: &out.BySeverity.Informational,
	}
	for _, severities := range counts {
		for s, n := range severities {
			if to := by[s]; to != nil {
				*to += n
			}
		}
	}
	return out, nil
}

func cardOf(a alert.Alert) api.AlertCard {
	group := make([]string, len(a.Group))
	for i, g := range a.Group {
		group[i] = g.String()
	}
	return api.AlertCard{
		ID: a.ID, Title: a.Title, TitleJA: a.TitleJA, Rule: a.Rule, Severity: a.Severity.String(), Status: a.Status.String(),
		Findings: a.Findings, Group: strings.Join(group, ", "), LastSeen: a.Last.UTC(), Backfill: a.Backfill,
	}
}

// getStarted is the list of first steps.
func (f *face) getStarted(ctx context.Context) []api.GetStarted {
	rule := false
	if r := f.app.detection.content().Rules; r != nil {
		for _, x := range r.Set.Rules() {
			file, ok := r.File(x)
			rule = rule || ok && file.Origin == content.User
		}
	}
	return []api.GetStarted{
		{ID: "source", Done: len(f.app.cfg.Sources) > 0}, {ID: "demo", Done: f.Server(ctx).Demo},
		{ID: "rule", Done: rule}, {ID: "user", Done: !f.app.access.Empty()},
	}
}
