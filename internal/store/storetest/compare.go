package storetest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// The time range of all data.
var begin, end = days[0].UnixNano(), days[len(days)-1].Add(24 * time.Hour).UnixNano()

func parse(text string) expr.Node {
	n, err := expr.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("a condition of the suite: %s: %v", text, err))
	}
	return n
}

func all(condition string) store.Query {
	return store.Query{From: begin, To: end, Where: parse(condition)}
}

// sameEvents asks both for a page and reports a difference. It returns the page of the store.
func (c *checker) sameEvents(q store.EventsQuery) (store.EventsResult, bool) {
	question := show(q.Query, fmt.Sprintf("events fields=%v oldest=%v limit=%d after=%v", q.Fields, q.Oldest, q.Limit, q.After))
	want, err := c.judge.Events(c.ctx, q)
	if err != nil {
		c.fail(question, "the judge refuses: %v", err)
		return want, false
	}
	got, err := c.subject.Events(c.ctx, q)
	if err != nil {
		c.fail(question, "error: %v", err)
		return got, false
	}
	if diff := diffEvents(want.Events, got.Events); diff != "" {
		c.fail(question, "%s", diff)
		return got, false
	}
	if want.Next != nil && got.Next == nil {
		c.fail(question, "no cursor, but %d events are not the last", len(got.Events))
		return got, false
	}
	return got, true
}

func diffEvents(want, got []store.Event) string {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("%d events, want %d; the first missing: %s", len(got), len(want), brief(want[i]))
		case i >= len(want):
			return fmt.Sprintf("%d events, want %d; the first surplus: %s", len(got), len(want), brief(got[i]))
		case want[i].ID != got[i].ID:
			return fmt.Sprintf("event %d of %d (want %d): got %s\nwant %s", i, len(got), len(want), brief(got[i]), brief(want[i]))
		}
		g, w := clean(got[i]), clean(want[i])
		if diff := cmp.Diff(w, g); diff != "" {
			return fmt.Sprintf("event %s differs (-want +got):\n%s", want[i].ID, diff)
		}
	}
	return ""
}

// clean leaves out what the store knows and the judge does not.
func clean(e store.Event) store.Event {
	fields := map[string]any{}
	for k, v := range e.Fields {
		if k != "event.ingested" {
			fields[k] = v
		}
	}
	e.Fields = fields
	return e
}

func brief(e store.Event) string {
	text := fmt.Sprintf("%s %s %s %v", e.ID, e.LogType, e.Time.Format(time.RFC3339Nano), e.Fields)
	return text[:min(len(text), 600)]
}

// sameTable asks both for statistics.
func (c *checker) sameTable(q store.AggregateQuery) {
	about, _ := json.Marshal(struct {
		By    []store.Key
		Aggs  []store.Agg
		Sort  []store.Sort
		Limit int
	}{q.By, q.Aggs, q.Sort, q.Limit})
	question := show(q.Query, string(about[:min(len(about), 1500)]))
	want, err := c.judge.Aggregate(c.ctx, q)
	if err != nil {
		c.fail(question, "the judge refuses: %v", err)
		return
	}
	got, err := c.subject.Aggregate(c.ctx, q)
	if err != nil {
		c.fail(question, "error: %v", err)
		return
	}
	if diff := DiffTable(want, got); diff != "" {
		c.fail(question, "%s", diff)
	}
}

// batch asks made-up statistics in batches and compares with single answers of the judge. A
// store that is no Batcher is not asked.
func (c *checker) batch(n int) {
	subject, ok := c.subject.(store.Batcher)
	if !ok {
		return
	}
	for done := 0; done < n && !c.failed(); done += 20 {
		var qs []store.AggregateQuery
		for len(qs) < 20 {
			q := c.aggregate(c.query())
			qs = append(qs, q)
			if c.random.IntN(3) == 0 { // the same events again, and the same question
				qs = append(qs, c.aggregate(q.Query), q)
			}
		}
		broken := qs[0]
		broken.Sort = []store.Sort{{Column: "nothing"}}
		qs = append(qs, broken)
		tables, errs := subject.AggregateBatch(c.ctx, qs)
		if len(tables) != len(qs) || len(errs) != len(qs) {
			c.fail("batch", "%d tables and %d errors for %d questions", len(tables), len(errs), len(qs))
			return
		}
		for i, q := range qs {
			want, err := c.judge.Aggregate(c.ctx, q)
			question := show(q.Query, fmt.Sprintf("number %d of a batch: %v %v %v %d", i, q.By, q.Aggs, q.Sort, q.Limit))
			if (err != nil) != (errs[i] != nil) {
				c.fail(question, "error %v, want %v", errs[i], err)
			} else if diff := DiffTable(want, tables[i]); err == nil && diff != "" {
				c.fail(question, "%s", diff)
			}
		}
	}
}

// DiffTable says in which way an answer differs from the one wanted; "" when it does not.
func DiffTable(want, got store.Table) string {
	if len(want.Columns) != len(got.Columns) {
		return fmt.Sprintf("columns %v, want %v", got.Columns, want.Columns)
	}
	for i, w := range want.Columns {
		if got.Columns[i].Name != w.Name {
			return fmt.Sprintf("column %d is %q, want %q", i, got.Columns[i].Name, w.Name)
		}
	}
	for i := range max(len(want.Rows), len(got.Rows)) {
		switch {
		case i >= len(got.Rows):
			return fmt.Sprintf("%d rows, want %d; the first missing: %v", len(got.Rows), len(want.Rows), want.Rows[i])
		case i >= len(want.Rows):
			return fmt.Sprintf("%d rows, want %d; the first surplus: %v", len(got.Rows), len(want.Rows), got.Rows[i])
		case len(got.Rows[i]) != len(want.Rows[i]):
			return fmt.Sprintf("row %d has %d cells, want %d", i, len(got.Rows[i]), len(want.Rows[i]))
		}
		for j, w := range want.Rows[i] {
			if !sameCell(w, got.Rows[i][j], want.Columns[j].Exact) {
				return fmt.Sprintf("row %d of %d, column %s: %s, want %s\nrow  %v\nwant %v", i, len(want.Rows), want.Columns[j].Name,
					typed(got.Rows[i][j]), typed(w), got.Rows[i], want.Rows[i])
			}
		}
	}
	if want.More != got.More {
		return fmt.Sprintf("more groups: %v, want %v", got.More, want.More)
	}
	return ""
}

func typed(v any) string { return fmt.Sprintf("%T %v", v, v) }

func sameCell(want, got any, _ bool) bool {
	switch w := want.(type) {
	case float64:
		g, ok := got.(float64)
		return ok && (w == g || math.Abs(w-g) <= max(1e-9*max(math.Abs(w), math.Abs(g)), 1e-300))
	case time.Time:
		g, ok := got.(time.Time)
		return ok && g.Equal(w)
	}
	return want == got
}

func show(q store.Query, rest string) string {
	where := "*"
	if q.Where != nil {
		where = q.Where.String()
	}
	types := ""
	if len(q.Types) > 0 {
		types = " types=" + strings.Join(q.Types, ",")
	}
	return fmt.Sprintf("%s  [%s, %s)%s %s", where, stamp(q.From), stamp(q.To), types, rest)
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// someTime returns the time of an event of the data.
func someTime(b []*event.Batch, i int) int64 {
	batch := b[i%len(b)]
	return batch.Time[i%batch.Rows]
}
