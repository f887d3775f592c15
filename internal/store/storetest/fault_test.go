package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

// fault is a store that is right but for one thing.
type fault struct {
	part    string // the part of the suite that must notice
	judge   store.Searcher
	query   func(*store.Query)
	ask     func(*store.EventsQuery)
	events  func(store.EventsQuery, *store.EventsResult)
	table   func(*store.Table)
	tables  func(*schema.Table) *schema.Table
	batches func(*naive.Record)
	refuse  bool // answers what it should refuse
}

func (f *fault) open(batches []*event.Batch) store.Searcher {
	var records []naive.Record
	for _, b := range batches {
		for _, r := range naive.FromBatch(b) {
			if f.tables != nil {
				r.Table = f.tables(r.Table)
			}
			if f.batches != nil {
				f.batches(&r)
			}
			records = append(records, r)
		}
	}
	return naive.New(records)
}

func (f *fault) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	if f.query != nil {
		f.query(&q.Query)
	}
	if f.ask != nil {
		f.ask(&q)
	}
	r, err := f.judge.Events(ctx, q)
	if err == nil && f.events != nil {
		f.events(q, &r)
	}
	return r, err
}

func (f *fault) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	if f.query != nil {
		f.query(&q.Query)
	}
	t, err := f.judge.Aggregate(ctx, q)
	if f.refuse && err != nil {
		return store.Table{}, nil
	}
	if err == nil && f.table != nil {
		f.table(&t)
	}
	return t, err
}

func (f *fault) Estimate(ctx context.Context, q store.Query) (store.Estimate, error) {
	return f.judge.Estimate(ctx, q)
}

// exactCase turns equality into a bytewise range.
func exactCase(n expr.Node) expr.Node {
	return expr.Rewrite(n, func(p *expr.Predicate) expr.Node {
		if p.Op != expr.Equal || p.Field != "user.name" {
			return p
		}
		b := &expr.Bound{Text: p.Text, Inclusive: true}
		return &expr.Predicate{Field: p.Field, Op: expr.Range, Lo: b, Hi: b}
	})
}

// sqlNot makes not of an absent value false, as SQL does with NULL.
func sqlNot(n expr.Node) expr.Node {
	not, ok := n.(*expr.Not)
	if !ok {
		return n
	}
	p, ok := not.Node.(*expr.Predicate)
	if !ok || p.Op == expr.Exists {
		return n
	}
	return &expr.And{Nodes: []expr.Node{n, &expr.Predicate{Field: p.Field, Op: expr.Exists}}}
}

// sortTies orders equal times by the text of the id.
func sortTies(events []store.Event) {
	slices.SortStableFunc(events, func(a, b store.Event) int {
		if !a.Time.Equal(b.Time) {
			return 0
		}
		return strings.Compare(b.ID, a.ID)
	})
}

func eachCell(t *store.Table, change func(any) any) {
	for _, r := range t.Rows {
		for i := range r {
			r[i] = change(r[i])
		}
	}
}

func scaled(v any, by float64) any {
	if f, ok := v.(float64); ok {
		return f * by
	}
	return v
}

func textOf(v any) any {
	if b, ok := v.(bool); ok {
		return fmt.Sprint(b)
	}
	return v
}

// doubleLists repeats the first element of a list under another spelling of nothing: a store
// that does not make elements distinct counts the event twice.
func doubleLists(r *naive.Record) {
	if l, ok := r.Fields["test.tags"].([]string); ok {
		r.Fields["test.tags"] = append(slices.Clone(l), l[0])
	}
}

// textAddresses forgets that addresses are no texts.
func textAddresses(t *schema.Table) *schema.Table {
	fields := slices.Clone(t.Fields)
	for i := range fields {
		switch fields[i].Kind {
		case schema.IP:
			fields[i].Kind = schema.String
		case schema.IPs:
			fields[i].Kind = schema.Strings
		}
	}
	return schema.NewTable(t.LogType, t.Version, fields)
}
