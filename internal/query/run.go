package query

import (
	"context"
	"fmt"

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
		r.Events = append(r.Events, page.Events...)
		r.Stats = addStats(r.Stats, page.Stats)
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

// addStats sums the cost of pages; parts are the same ones in each.
func addStats(a, b store.Stats) store.Stats {
	b.Rows += a.Rows
	b.Bytes += a.Bytes
	b.Elapsed += a.Elapsed
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
		for i, name := range stmt.Fields {
			if v, ok := e.Fields[f[i]]; ok {
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
