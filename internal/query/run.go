package query

import (
	"context"
	"fmt"
	"maps"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// Result is the answer to a statement: events, or a table.
type Result struct {
	Statement *Statement
	Events    []store.Event
	Table     *store.Table // nil for events
	More      bool         // there is more than the limit
	Stats     store.Stats
}

// Events in one page of a store.
const pageSize = 10_000

// Run asks a store.
func Run(ctx context.Context, s store.Searcher, stmt *Statement) (Result, error) {
	r := Result{Statement: stmt}
	if stmt.Aggregate != nil {
		t, err := s.Aggregate(ctx, *stmt.Aggregate)
		if err != nil {
			return r, fmt.Errorf("running the query: %w", err)
		}
		if t, err = stmt.Finish(t); err != nil {
			return r, err
		}
		r.Table, r.More, r.Stats = &t, t.More, t.Stats
		return r, nil
	}
	q := *stmt.Events
	for left := stmt.Events.Limit; left > 0; {
		q.Limit = min(left, pageSize)
		page, err := s.Events(ctx, q)
		if err != nil {
			return r, fmt.Errorf("running the query: %w", err)
		}
		if r.Events == nil {
			r.Stats = page.Stats
		} else {
			r.Stats = addStats(r.Stats, page.Stats)
		}
		r.Events = append(r.Events, page.Events...)
		left -= len(page.Events)
		if r.More = page.Next != nil; !r.More || len(page.Events) == 0 {
			break
		}
		q.After = page.Next
	}
	for i := range r.Events {
		choose(&r.Events[i], stmt)
	}
	return r, nil
}

// Page asks for one page of a statement of events, behind after (nil = from the start), and
// returns where the next one begins (nil at the end). limit is at most 10,000.
func Page(ctx context.Context, s store.Searcher, stmt *Statement, after *store.Cursor, limit int) (Result, *store.Cursor, error) {
	q := *stmt.Events
	q.After, q.Limit = after, max(1, min(limit, pageSize))
	page, err := s.Events(ctx, q)
	if err != nil {
		return Result{}, nil, fmt.Errorf("running the query: %w", err)
	}
	r := Result{Statement: stmt, Events: page.Events, More: page.Next != nil, Stats: page.Stats}
	for i := range r.Events {
		choose(&r.Events[i], stmt)
	}
	return r, page.Next, nil
}

// addStats sums the cost of pages; parts are the same ones in each.
func addStats(a, b store.Stats) store.Stats {
	b.Rows += a.Rows
	b.Bytes += a.Bytes
	b.Elapsed += a.Elapsed
	b.Cached = a.Cached && b.Cached
	b.Parts, b.PartsRead = max(a.Parts, b.Parts), max(a.PartsRead, b.PartsRead)
	b.Partial = a.Partial || b.Partial
	if b.PartialNote == "" {
		b.PartialNote = a.PartialNote
	}
	return b
}

// choose keeps the fields that patterns ask for, and gives aliased ones the name asked for.
func choose(e *store.Event, stmt *Statement) {
	if stmt.Fields == nil {
		return
	}
	if f := stmt.Events.Fields; f != nil {
		own := false // the map may be shared with others who asked the same
		for i, name := range stmt.Fields {
			if v, ok := e.Fields[f[i]]; ok && name != f[i] {
				if !own {
					e.Fields, own = maps.Clone(e.Fields), true
				}
				e.Fields[name] = v
			}
		}
		return
	}
	kept := map[string]any{}
	for _, pattern := range stmt.Fields {
		for name, v := range e.Fields {
			if expr.MatchField(pattern, name) {
				kept[name] = v
			}
		}
		native, _ := e.Fields[nativeField].(map[string]string)
		for name, v := range native {
			if expr.MatchField(pattern, name) {
				kept[name] = v
			}
		}
	}
	e.Fields = kept
}
