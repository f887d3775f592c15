package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// entityKind says where an entity is looked for, and what is told of it.
type entityKind struct {
	fields []string // those that some log type declares count
	facts  []string // of the events in which it stands; a leading dot stands for the side it is on
}

// entityKinds are the things that have a page of their own.
var entityKinds = map[string]entityKind{
	"ip": {
		fields: []string{"source.ip", "client.ip", "destination.ip", "server.ip", "host.ip", "source.nat.ip", "destination.nat.ip", "dns.resolved_ip", "related.ip", "network.forwarded_ip"},
		facts: []string{".geo.country_name", ".geo.country_iso_code", ".geo.city_name", ".as.number", ".as.organization.name", "yagura.source.network", "yagura.bot.name",
			"yagura.lists", "host.name", "cloud.account.name"},
	},
	"user": {
		fields: []string{"user.name", "user.target.name", "user.effective.name", "user.changes.name", "source.user.name", "destination.user.name", "client.user.name", "related.user"},
		facts:  []string{"user.id", "user.domain", "user.roles", "user.email", "cloud.account.id", "cloud.account.name", "source.geo.country_name", "source.as.organization.name", "user_agent.name"},
	},
	"host": {
		fields: []string{"host.name", "host.hostname", "host.id", "url.domain", "destination.domain", "source.domain", "server.domain", "dns.question.name", "cloud.instance.id", "related.hosts"},
		facts:  []string{"host.ip", "host.os.name", "cloud.instance.id", "cloud.account.id", "cloud.account.name", "cloud.region", "destination.ip", "source.ip"},
	},
	"account": {
		fields: []string{"cloud.account.id", "cloud.account.name", "cloud.target.account.id", "source.cloud.account.id"},
		facts:  []string{"cloud.account.name", "cloud.account.id", "cloud.provider", "cloud.region", "user.name"},
	},
	"path": {
		fields: []string{"url.path", "url.original", "file.path", "file.name", "process.executable", "aws.s3.object.key"},
		facts:  []string{"url.domain", "http.request.method", "http.response.status_code", "event.action"},
	},
	"rule": {
		fields: []string{"rule.id", "rule.name", "rule.uuid"},
		facts:  []string{"rule.name", "rule.id", "rule.category", "rule.ruleset", "rule.author", "event.action"},
	},
}

// What an entity touched: the fields whose top values its page shows.
var entityTop = []string{
	"event.action", "event.outcome", "source.ip", "user.name", "destination.ip", "source.geo.country_iso_code", "url.domain", "url.path", "http.response.status_code",
	"user_agent.original", "rule.name", "cloud.account.id", "cloud.service.name", "destination.port", "dns.question.name", "host.name",
}

const (
	entityTopValues = 10
	entityFacts     = 5
	entityRecent    = 20
	entityFindings  = 50
)

// Entity implements api.EntityBackend: one batch of statistics, one page of events, one of findings.
func (f *face) Entity(ctx context.Context, r api.EntityRequest) (api.Entity, error) {
	kind := entityKinds[r.Kind]
	if len(kind.fields) == 0 {
		return api.Entity{}, api.Invalid("path.kind", "there is no kind %q", r.Kind)
	}
	out := api.Entity{Kind: r.Kind, Value: r.Value}
	var either []expr.Node
	for _, name := range kind.fields {
		if _, declared := f.fields[name]; !declared {
			continue
		}
		n, err := (query.Filter{Field: name, Op: query.Is, Values: []string{r.Value}}).Node(f.fields[name].kind)
		if err != nil {
			return out, api.Invalid("path.value", "%v", err)
		}
		if r.Kind == "ip" {
			if _, err := expr.Compile(n.(*expr.Predicate), schema.IP); err != nil {
				return out, api.Invalid("path.value", "%q is no address", cutAt(r.Value, 100))
			}
		}
		out.Fields, either = append(out.Fields, name), append(either, n)
	}
	var where expr.Node = &expr.Or{Nodes: either}
	if len(either) == 1 {
		where = either[0]
	}
	out.Where = where.String()
	q, err := f.read(api.Scope{Q: out.Where, Range: api.Range{From: r.From, To: r.To, Zone: r.Zone}}, f.instant(), nil)
	if err != nil {
		return out, err
	}
	out.From, out.To = q.from(), q.to()
	base := q.Query()
	tables, err := f.entityStatistics(ctx, base, &out, kind)
	if err != nil {
		return out, err
	}
	h, err := f.histogram(ctx, base, q.loc, event.ModuleField, 60, 12, "")
	if err != nil {
		return out, err
	}
	out.Timeline = h
	recent, err := f.ask.Events(ctx, store.EventsQuery{Query: base, Limit: entityRecent})
	if err != nil {
		return out, tooBig(err)
	}
	for i := range recent.Events {
		out.Recent = append(out.Recent, f.eventOf(&recent.Events[i], cutText, true))
	}
	if out.Findings, err = f.findingsOf(ctx, base); err != nil {
		return out, err
	}
	out.Stats = sumStats(append(tables, store.Table{Stats: recent.Stats}))
	return out, nil
}

// entityStatistics fills what is counted, in one batch.
func (f *face) entityStatistics(ctx context.Context, base store.Query, out *api.Entity, kind entityKind) ([]store.Table, error) {
	span := []store.Agg{{Name: "n", Func: store.Count}, {Name: "first", Func: store.Min, Field: event.TimestampField}, {Name: "last", Func: store.Max, Field: event.TimestampField}}
	most := []store.Sort{{Column: "n", Desc: true}}
	ask := []store.AggregateQuery{
		{Query: base, Aggs: span},
		{Query: base, By: []store.Key{{Name: "type", Field: event.ModuleField}}, Aggs: span, Sort: most},
	}
	top := func(field string, also expr.Node, limit int) {
		ask = append(ask, store.AggregateQuery{
			Query: with(base, also, &expr.Predicate{Field: field, Op: expr.Exists}), By: []store.Key{{Name: "v", Field: field}}, Aggs: countAgg, Sort: most, Limit: limit,
		})
	}
	facts := f.factsOf(kind, out)
	for _, x := range facts {
		top(x.field, x.where, entityFacts)
	}
	var touched []string
	for _, name := range entityTop {
		if _, declared := f.fields[name]; declared && !slices.Contains(out.Fields, name) {
			touched = append(touched, name)
			top(name, &expr.And{}, entityTopValues)
		}
	}
	tables, errs := f.ask.AggregateBatch(ctx, ask)
	if err := firstOf(errs); err != nil {
		return nil, tooBig(err)
	}
	if row := tables[0].Rows[0]; row[0].(int64) > 0 {
		out.Total = row[0].(int64)
		out.FirstSeen, out.LastSeen = timeOf(row[1]), timeOf(row[2])
	}
	for _, row := range tables[1].Rows {
		first, last := timeOf(row[2]), timeOf(row[3])
		if first != nil && last != nil {
			out.ByType = append(out.ByType, api.TypeCount{Type: plainText(row[0]), Count: row[1].(int64), First: *first, Last: *last})
		}
	}
	for i, x := range facts {
		en, ja := f.titles(x.field)
		for _, row := range tables[2+i].Rows {
			out.Facts = append(out.Facts, api.Fact{LabelEN: cmp.Or(en, x.field), LabelJA: cmp.Or(ja, x.field), Field: x.field, Value: cell(row[0]), Count: row[1].(int64)})
		}
	}
	for i, name := range touched {
		t := tables[2+len(facts)+i]
		if len(t.Rows) == 0 {
			continue
		}
		g := api.Group{Field: name, Values: valueCounts(t.Rows, out.Total), More: t.More}
		g.TitleEN, g.TitleJA = f.titles(name)
		out.Top = append(out.Top, g)
	}
	return tables, nil
}

type factField struct {
	field string
	where expr.Node
}

// factsOf lists the declared fields that tell something of an entity: those of the side it
// stands on only where it stands there.
func (f *face) factsOf(kind entityKind, out *api.Entity) []factField {
	var list []factField
	for _, name := range kind.facts {
		suffix, sided := strings.CutPrefix(name, ".")
		if !sided {
			if _, declared := f.fields[name]; declared && !slices.Contains(out.Fields, name) {
				list = append(list, factField{name, &expr.And{}})
			}
			continue
		}
		for _, side := range []string{"source", "client", "destination"} {
			full := side + "." + suffix
			if _, declared := f.fields[full]; !declared || !slices.Contains(out.Fields, side+".ip") {
				continue
			}
			n, err := (query.Filter{Field: side + ".ip", Op: query.Is, Values: []string{out.Value}}).Node(schema.IP)
			if err == nil {
				list = append(list, factField{full, n})
			}
		}
	}
	return list
}

func timeOf(v any) *time.Time {
	t, ok := v.(time.Time)
	if !ok {
		return nil
	}
	t = t.UTC()
	return &t
}

// findingsOf are the newest findings for which a condition on events holds: a finding carries
// over from its event whom and what it is about.
func (f *face) findingsOf(ctx context.Context, q store.Query) ([]api.FindingCard, error) {
	q.Types = []string{alert.LogType}
	r, err := f.ask.Events(ctx, store.EventsQuery{Query: q, Limit: entityFindings})
	if err != nil {
		return nil, tooBig(err)
	}
	var out []api.FindingCard
	for _, e := range r.Events {
		text := func(name string) string { s, _ := e.Fields[name].(string); return s }
		id := text(alert.FieldRule)
		out = append(out, api.FindingCard{
			ID: e.ID, Rule: id, TitleEN: cmp.Or(f.app.detection.title(id, "en"), text(alert.FieldName)), TitleJA: cmp.Or(f.app.detection.title(id, "ja"), text(alert.FieldName)),
			Severity: text(alert.FieldSeverity), Time: e.Time.UTC(), EventID: text(alert.FieldEvent), AlertID: text(alert.FieldAlert),
		})
	}
	return out, nil
}
