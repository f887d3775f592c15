package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	wholeText    = 1 << 20 // bytes of a field of one event
	aroundWindow = time.Hour
)

// endOfTime is behind every event that can be stored.
func (f *face) endOfTime() int64 { return f.now().AddDate(1, 0, 0).UnixNano() }

// find returns one event by its id. The id names its object, so that the store opens only the
// parts that hold the object.
func (f *face) find(ctx context.Context, id string) (*store.Event, error) {
	_, _, index, err := event.ParseID(id)
	if err != nil {
		return nil, api.NotFound("there is no event %.100q", id)
	}
	var types []string
	if event.IsDerived(index) {
		types = f.base.Derived
	}
	q := store.EventsQuery{Limit: 1, Query: store.Query{Types: types, To: f.endOfTime(), Where: &expr.Predicate{Field: event.IDField, Op: expr.Equal, Text: id}}}
	r, err := f.ask.Events(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(r.Events) == 0 {
		return nil, api.NotFound("there is no event %.100q: it was removed, or never stored", id)
	}
	return &r.Events[0], nil
}

// Event implements api.SearchBackend.
func (f *face) Event(ctx context.Context, id string) (api.EventDetail, error) {
	e, err := f.find(ctx, id)
	if err != nil {
		return api.EventDetail{}, err
	}
	d := api.EventDetail{Event: f.eventOf(e, wholeText, true), LogType: f.typeRef(e.LogType), Where: event.IDField + ":" + valueText(e.ID)}
	original, _ := e.Fields[event.OriginalField].(string)
	d.Original = cutAt(original, wholeText)
	d.Raw = indented(d.Original)
	d.Table = f.tableOfEvent(&d.Event)
	d.Object = f.objectOf(ctx, e.ID)
	for _, name := range []string{"source.ip", "user.name", "client.ip", "destination.ip", "url.path", "host.name", "cloud.account.id", "session.id", "http.request.id", "rule.name"} {
		if _, ok := e.Fields[name]; ok {
			d.Around = append(d.Around, name)
		}
	}
	return d, nil
}

// indented is a record for people: JSON with line breaks, other text as it is.
func indented(text string) string {
	var b bytes.Buffer
	if !strings.HasPrefix(strings.TrimSpace(text), "{") || json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

func (f *face) tableOfEvent(e *api.Event) []api.EventField {
	var out []api.EventField
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		x := f.fields[name]
		row := api.EventField{Field: name, Enriched: x.enriched, Cut: slices.Contains(e.Cut, name)}
		if x.kind != 0 {
			row.Kind = x.kind.String()
		}
		row.TitleEN, row.TitleJA = f.titles(name)
		if list, ok := e.Fields[name].([]string); ok {
			for _, v := range list {
				row.Values = append(row.Values, api.Cell{Value: v})
			}
		} else {
			row.Value = api.Cell{Value: e.Fields[name]}
		}
		out = append(out, row)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Native)) {
		out = append(out, api.EventField{Field: name, Value: api.Cell{Value: e.Native[name]}, Native: true, Cut: slices.Contains(e.Cut, name)})
	}
	return out
}

func (f *face) objectOf(ctx context.Context, id string) api.EventObject {
	object, offset, index, err := event.ParseID(id)
	if err != nil {
		return api.EventObject{}
	}
	out := api.EventObject{ID: object, Offset: offset, Index: int(index)}
	if o, err := f.app.db.Object(ctx, object); err == nil {
		out.Source, out.Bucket, out.Key = o.Source, o.Bucket, o.Key
		if !o.DoneAt.IsZero() {
			out.Loaded = &o.DoneAt
		}
	} else if !errors.Is(err, state.ErrNotFound) {
		f.app.log.Warn("looking up the object of an event", "component", "api", "error", err)
	}
	return out
}

// Around implements api.SearchBackend. It looks an hour to each side, then everywhere.
func (f *face) Around(ctx context.Context, r api.AroundRequest) (api.AroundAnswer, error) {
	e, err := f.find(ctx, r.ID)
	if err != nil {
		return api.AroundAnswer{}, err
	}
	var where expr.Node
	if r.Same != "" {
		name := f.column(r.Same)
		value := e.Fields[name]
		switch name {
		case event.ModuleField, "event.dataset", "yagura.log_type":
			value = e.LogType
		}
		if native, ok := e.Fields[event.NativeField].(map[string]string); ok && value == nil && native[name] != "" {
			value = native[name]
		}
		if value == nil {
			return api.AroundAnswer{}, api.Invalid("query.same", "the event has no %s", r.Same)
		}
		values := []string{plainText(value)}
		if list, ok := value.([]string); ok {
			values = list
		}
		if where, err = (query.Filter{Field: name, Op: query.Is, Values: values}).Node(f.fields[name].kind); err != nil {
			return api.AroundAnswer{}, api.Invalid("query.same", "%v", err)
		}
	}
	at := e.Time.UnixNano()
	// Behind the event in each order: ids ascend among equal times in both.
	after, s1, err := f.side(ctx, store.EventsQuery{Query: store.Query{From: at, To: f.endOfTime(), Where: where}, Oldest: true, Limit: r.After}, e, at)
	if err != nil {
		return api.AroundAnswer{}, err
	}
	before, s2, err := f.side(ctx, store.EventsQuery{Query: store.Query{From: 0, To: at, Where: where}, Limit: r.Before}, e, at)
	if err != nil {
		return api.AroundAnswer{}, err
	}
	slices.Reverse(before)
	out := api.AroundAnswer{Before: before, After: after, Stats: sumStats([]store.Table{{Stats: s1}, {Stats: s2}})}
	if where != nil {
		out.Where = where.String()
	}
	return out, nil
}

// side reads the neighbours on one side, near first.
func (f *face) side(ctx context.Context, q store.EventsQuery, e *store.Event, at int64) ([]api.Event, store.Stats, error) {
	want := q.Limit
	if want == 0 {
		return nil, store.Stats{}, nil
	}
	near := q
	near.Limit = want + 1 // itself
	if q.Oldest {
		near.To = min(q.To, at+int64(aroundWindow))
	} else {
		near.From = max(q.From, at-int64(aroundWindow))
	}
	r, err := f.ask.Events(ctx, near)
	if err == nil && len(r.Events) < near.Limit {
		q.Limit = near.Limit
		r, err = f.ask.Events(ctx, q)
	}
	if err != nil {
		return nil, store.Stats{}, tooBig(err)
	}
	var out []api.Event
	for i := range r.Events {
		if r.Events[i].ID != e.ID && len(out) < want {
			out = append(out, f.eventOf(&r.Events[i], cutText, true))
		}
	}
	return out, r.Stats, nil
}
