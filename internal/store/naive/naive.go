// Package naive answers queries over events in a slice, in the plainest way, one event at a
// time. It is the judge in the tests of real stores: it follows docs/design/query-semantics.md
// line by line and shares no code with them but folding and the reading of literals. It is not
// meant to be fast.
package naive

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// NativeField holds the undeclared leaves of an event as map[string]string.
const NativeField = event.NativeField

// Record is an event with the table it was written with, which says the kind of its fields.
// Fields holds declared values, event.original, and the leaves under NativeField.
type Record struct {
	store.Event
	Table *schema.Table
}

// Searcher answers over records that never change.
type Searcher struct{ records []Record }

var (
	_ store.Searcher = (*Searcher)(nil)
	_ store.Batcher  = (*Searcher)(nil)
)

// New keeps the slice.
func New(records []Record) *Searcher { return &Searcher{records} }

// FromBatch turns the rows of a sealed batch into records. Texts alias the batch.
func FromBatch(b *event.Batch) []Record {
	out := make([]Record, b.Rows)
	for r := range out {
		doc := b.Document(r)
		rec := Record{Table: b.Table, Event: store.Event{
			ID: doc[event.IDField].(string), LogType: b.Table.LogType,
			Time: time.Unix(0, b.Time[r]).UTC(), Fields: doc}}
		for _, f := range []string{event.IDField, event.ModuleField, event.TimestampField} {
			delete(rec.Fields, f)
		}
		out[r] = rec
	}
	return out
}

// scope returns the records of the types and times for which the condition holds.
func (s *Searcher) scope(q store.Query) []Record {
	var out []Record
	j := judge{}
	for _, r := range s.records {
		ns := r.Time.UnixNano()
		if ns < q.From || ns >= q.To {
			continue
		}
		if len(q.Types) == 0 && r.Table.Derived || len(q.Types) > 0 && !slices.Contains(q.Types, r.LogType) {
			continue
		}
		if q.Where == nil || j.holds(q.Where, r) {
			out = append(out, r)
		}
	}
	return out
}

// Events sorts what is in scope and cuts the page out.
func (s *Searcher) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	if err := ctx.Err(); err != nil {
		return store.EventsResult{}, err
	}
	if q.Limit < 1 || q.Limit > 10_000 {
		return store.EventsResult{}, fmt.Errorf("searching events: a page of %d: must be 1 to 10,000", q.Limit)
	}
	found := s.scope(q.Query)
	slices.SortFunc(found, func(a, b Record) int { return compareEvents(a.Event, b.Event, q.Oldest) })
	if q.After != nil {
		after := store.Event{ID: q.After.ID, Time: time.Unix(0, q.After.Time)}
		found = slices.DeleteFunc(found, func(r Record) bool { return compareEvents(r.Event, after, q.Oldest) <= 0 })
	}
	var res store.EventsResult
	for _, r := range found[:min(q.Limit, len(found))] {
		res.Events = append(res.Events, shown(r, q.Fields))
	}
	if len(found) > q.Limit {
		last := res.Events[q.Limit-1]
		res.Next = &store.Cursor{Seq: 1, Time: last.Time.UnixNano(), ID: last.ID}
	}
	return res, nil
}

// Estimate counts the records of the types and times.
func (s *Searcher) Estimate(_ context.Context, q store.Query) (store.Estimate, error) {
	q.Where = nil
	return store.Estimate{Rows: int64(len(s.scope(q)))}, nil
}

func compareEvents(a, b store.Event, oldest bool) int {
	c := a.Time.Compare(b.Time)
	if !oldest {
		c = -c
	}
	if c != 0 {
		return c
	}
	return compareIDs(a.ID, b.ID)
}

func compareIDs(a, b string) int {
	ao, aoff, ai, aerr := event.ParseID(a)
	bo, boff, bi, berr := event.ParseID(b)
	if aerr != nil || berr != nil {
		return strings.Compare(a, b)
	}
	if c := strings.Compare(ao, bo); c != 0 {
		return c
	}
	if aoff != boff {
		return compareInts(aoff, boff)
	}
	return compareInts(int64(ai), int64(bi))
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// shown copies an event with the fields asked for.
func shown(r Record, fields []string) store.Event {
	e := r.Event
	e.Fields = map[string]any{}
	if fields == nil {
		for k, v := range r.Fields {
			e.Fields[k] = v
		}
		return e
	}
	for _, f := range fields {
		if v, ok := r.Fields[f]; ok {
			e.Fields[f] = v
			continue
		}
		if f == "@timestamp" || r.Table.Index(f) >= 0 {
			continue
		}
		for _, v := range Values(r, f) {
			e.Fields[f] = v.Text
		}
	}
	return e
}
