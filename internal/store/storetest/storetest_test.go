package storetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

func openNaive(_ *testing.T, _ []*schema.Table, batches []*event.Batch) store.Searcher {
	var records []naive.Record
	for _, b := range batches {
		records = append(records, naive.FromBatch(b)...)
	}
	return naive.New(records)
}

func TestNaivePasses(t *testing.T) {
	t.Parallel()
	Run(t, openNaive)
}

// The in-memory predicate is the third executor: it must find the same events.
func TestExprAgrees(t *testing.T) {
	t.Parallel()
	_, batches := Data()
	subject := &exprSearcher{Searcher: openNaive(t, nil, batches)}
	for _, b := range batches {
		subject.rows = append(subject.rows, naive.FromBatch(b)...)
	}
	for _, part := range []string{"conditions", "generated"} {
		for _, f := range Check(t.Context(), subject, part, 200) {
			t.Error(f)
		}
	}
}

// exprSearcher lets expr choose the events and the judge do the rest.
type exprSearcher struct {
	store.Searcher
	rows []naive.Record
}

func (s *exprSearcher) chosen(q *store.Query) *naive.Searcher {
	c := expr.Prepare(q.Where, time.Time{})
	q.Where = nil
	return naive.New(slices.DeleteFunc(slices.Clone(s.rows), func(r naive.Record) bool { return !c.Match(row{r}) }))
}

func (s *exprSearcher) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	judge := s.chosen(&q.Query)
	return judge.Events(ctx, q)
}

type row struct{ naive.Record }

func (r row) Fields() []string {
	var out []string
	for _, f := range r.Table.Fields {
		out = append(out, f.Name)
	}
	leaves, _ := r.Record.Fields[naive.NativeField].(map[string]string)
	for name := range leaves {
		out = append(out, name)
	}
	return out
}

func (r row) Values(field string) []expr.Value {
	var out []expr.Value
	for _, v := range naive.Values(r.Record, field) {
		out = append(out, expr.Value{Kind: v.Kind, Text: v.Text, Int: v.Int, Float: v.Float})
	}
	return out
}

// A suite that cannot fail proves nothing: each of these stores has one fault that a real one
// might have, and must be caught.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault{
		"end included":           {part: "events", query: func(q *store.Query) { q.To++ }},
		"derived searched":       {part: "events", query: func(q *store.Query) { q.Types = append(q.Types, everyType(q.Types)...) }},
		"types ignored":          {part: "events", query: func(q *store.Query) { q.Types = nil }},
		"condition ignored":      {part: "conditions", query: func(q *store.Query) { q.Where = nil }},
		"case counts":            {part: "conditions", query: func(q *store.Query) { q.Where = exactCase(q.Where) }},
		"not of absent is false": {part: "conditions", query: func(q *store.Query) { q.Where = sqlNot(q.Where) }},
		"ties by name":           {part: "events", events: func(_ store.EventsQuery, r *store.EventsResult) { sortTies(r.Events) }},
		"ties lost at a page end": {part: "pages", ask: func(q *store.EventsQuery) {
			if q.After != nil {
				after := *q.After
				after.ID = strings.Repeat("~", 20)
				q.After = &after
			}
		}},
		"last event lost": {part: "events", events: func(_ store.EventsQuery, r *store.EventsResult) { r.Events = r.Events[:max(0, len(r.Events)-1)] }},
		"lists joined": {part: "events", events: func(_ store.EventsQuery, r *store.EventsResult) {
			for _, e := range r.Events {
				if l, ok := e.Fields["test.tags"].([]string); ok {
					e.Fields["test.tags"] = strings.Join(l, ",")
				}
			}
		}},
		"no nil group": {part: "statistics", table: func(t *store.Table) {
			t.Rows = slices.DeleteFunc(t.Rows, func(r []any) bool { return r[0] == nil && len(r) > 1 })
		}},
		"more not told":    {part: "statistics", table: func(t *store.Table) { t.More = false }},
		"floats too rough": {part: "statistics", table: func(t *store.Table) { eachCell(t, func(v any) any { return scaled(v, 1+1e-8) }) }},
		"sum of none is 0": {part: "statistics", table: func(t *store.Table) {
			for _, r := range t.Rows {
				for i := range r {
					if r[i] == nil && t.Columns[i].Name == "s" {
						r[i] = int64(0)
					}
				}
			}
		}},
		"all keys are text":              {part: "statistics", table: func(t *store.Table) { eachCell(t, func(v any) any { return textOf(v) }) }},
		"order of keys lost":             {part: "statistics", table: func(t *store.Table) { slices.Reverse(t.Rows) }},
		"sums refused never":             {part: "refusals", refuse: true},
		"duplicate elements count twice": {part: "events", batches: doubleLists},
		"addresses are text":             {part: "conditions", tables: textAddresses},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, batches := Data()
			f.judge = f.open(batches)
			if len(Check(t.Context(), &f, f.part, 0)) == 0 {
				t.Errorf("the suite does not notice the fault")
			}
		})
	}
}

func TestDataIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	tables, batches := Data()
	if len(tables) != 5 || len(batches) != 40 {
		t.Errorf("%d tables, %d batches", len(tables), len(batches))
	}
	rows, ids := 0, map[string]bool{}
	for _, b := range batches {
		for _, r := range naive.FromBatch(b) {
			rows++
			ids[r.ID] = true
			if event.DayOf(r.Time.UnixNano()) != b.Day {
				t.Errorf("%s is not on its day", r.ID)
			}
		}
	}
	if rows != len(ids) {
		t.Errorf("%d events have %d ids", rows, len(ids))
	}
	if diff := cmp.Diff(true, rows > 500); diff != "" {
		t.Error(diff)
	}
}

// everyType names all types of the data when none is asked for.
func everyType(asked []string) (types []string) {
	if len(asked) > 0 {
		return nil
	}
	tables, _ := Data()
	for _, t := range tables {
		types = append(types, t.LogType)
	}
	return types
}
