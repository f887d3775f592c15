package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/store"
)

// asker stands between everything interactive and the store: it bounds how many queries run at
// once, serves askers in turns, remembers answers, and lets equal questions share one execution.
//
// An answer is remembered under the question and the parts its range holds: what arrives outside
// the range changes nothing, what arrives inside is a new part and so another key. Questions
// are made equal where their answers are: the end of the range is drawn in to the newest event
// any part can have, its start to the oldest one, as far as no part reaches over it. So a
// question up to now stays the same while nothing arrives.
//
// It is a store.Searcher and a store.Batcher. Answers are shared: do not change them.
type asker struct {
	store     store.Searcher
	catalogue store.Catalogue
	gate      *gate
	known     *answers
}

const (
	answerRoom  = 64 << 20         // bytes of remembered answers
	pageKeep    = 30 * time.Second // pages of events name a catalogue version that does not stay for ever
	askersAtAll = 2                // queries at once beyond the processors: one waits for the disk
)

var (
	_ store.Searcher = (*asker)(nil)
	_ store.Batcher  = (*asker)(nil)
)

func newAsker(s store.Searcher, c store.Catalogue, atOnce int, room int64) *asker {
	return &asker{store: s, catalogue: c, gate: newGate(atOnce), known: newAnswers(room)}
}

// askerName tells people apart for the turns of the gate.
func askerName(ctx context.Context) string {
	p := auth.From(ctx)
	return string(p.Kind) + "/" + p.Name
}

// scope draws a range in to what its parts can hold and names those parts. ok is false when the
// catalogue does not answer: then nothing is remembered.
func (a *asker) scope(ctx context.Context, q store.Query) (store.Query, string, bool) {
	snap, err := a.catalogue.Snapshot(ctx, q.Types, q.From, q.To)
	if err != nil {
		return q, "", false
	}
	defer snap.Release()
	h := sha256.New()
	oldest, newest, over := int64(math.MaxInt64), int64(math.MinInt64), false
	for i := range snap.Parts {
		p := &snap.Parts[i]
		h.Write([]byte(p.ID))
		h.Write([]byte{'\n'})
		oldest, newest = min(oldest, p.MinTime), max(newest, p.MaxTime)
		over = over || p.MinTime < q.From
	}
	if len(snap.Parts) > 0 {
		if newest < q.To && newest < math.MaxInt64 {
			q.To = newest + 1
		}
		if !over && oldest > q.From {
			q.From = oldest
		}
	} else {
		q.From, q.To = 0, 0 // nothing is there, whatever the range
	}
	return q, hex.EncodeToString(h.Sum(nil)[:16]), true
}

func queryKey(b *strings.Builder, q store.Query, parts string) {
	types := slices.Clone(q.Types)
	slices.Sort(types)
	fmt.Fprintf(b, "%s|%q|%d|%d|", parts, types, q.From, q.To)
	if q.Where != nil {
		b.WriteString(q.Where.String())
	}
}

func aggregateKey(q store.AggregateQuery, parts string) string {
	var b strings.Builder
	b.WriteString("a|")
	queryKey(&b, q.Query, parts)
	for _, k := range q.By {
		fmt.Fprintf(&b, "|%q,%q", k.Name, k.Field)
		if k.Buckets != nil {
			h := sha256.New()
			_ = binary.Write(h, binary.LittleEndian, k.Buckets.Edges)
			fmt.Fprintf(&b, ",%x", h.Sum(nil)[:16])
		}
	}
	for _, g := range q.Aggs {
		fmt.Fprintf(&b, "|%q=%s(%q,%g)", g.Name, g.Func, g.Field, g.Arg)
	}
	fmt.Fprintf(&b, "|%q|%d", fmt.Sprint(q.Sort), q.Limit)
	return b.String()
}

func eventsKey(q store.EventsQuery, parts string) string {
	var b strings.Builder
	b.WriteString("e|")
	queryKey(&b, q.Query, parts)
	fmt.Fprintf(&b, "|%q|%t|%t|%d", q.Fields, q.Fields == nil, q.Oldest, q.Limit)
	if q.After != nil {
		fmt.Fprintf(&b, "|%d,%d,%s", q.After.Seq, q.After.Time, q.After.ID)
	}
	return b.String()
}

// Aggregate implements store.Searcher.
func (a *asker) Aggregate(ctx context.Context, q store.AggregateQuery) (store.Table, error) {
	tables, errs := a.AggregateBatch(ctx, []store.AggregateQuery{q})
	return tables[0], errs[0]
}

// AggregateBatch answers several questions; equal ones are asked once.
func (a *asker) AggregateBatch(ctx context.Context, queries []store.AggregateQuery) ([]store.Table, []error) {
	tables, errs := make([]store.Table, len(queries)), make([]error, len(queries))
	place := make([]int, len(queries)) // in keys
	var keys []string
	var asked []store.AggregateQuery
	at := map[string]int{}
	for i, q := range queries {
		drawn, parts, ok := a.scope(ctx, q.Query)
		key := fmt.Sprintf("?%d", i)
		if ok {
			// Buckets count from the range asked for: only the scan is drawn in.
			key = aggregateKey(store.AggregateQuery{Query: drawn, By: q.By, Aggs: q.Aggs, Sort: q.Sort, Limit: q.Limit}, parts)
			q.Query = drawn
		} else {
			key += fmt.Sprintf("%p", &queries[i]) // of nobody else
		}
		j, known := at[key]
		if !known {
			j = len(keys)
			at[key] = j
			keys, asked = append(keys, key), append(asked, q)
		}
		place[i] = j
	}
	out, hit := a.known.do(ctx, keys, func(ctx context.Context, missing []int) []outcome {
		qs := make([]store.AggregateQuery, len(missing))
		for j, i := range missing {
			qs[j] = asked[i]
		}
		got, failed := a.aggregate(ctx, qs)
		res := make([]outcome, len(qs))
		for j := range qs {
			res[j] = outcome{value: got[j], err: failed[j], size: tableSize(got[j])}
			if keys[missing[j]][0] == '?' || got[j].Stats.Partial {
				res[j].size = 0
			}
		}
		return res
	})
	for i, j := range place {
		if errs[i] = out[j].err; errs[i] == nil {
			tables[i] = out[j].value.(store.Table)
			tables[i].Rows = cloneRows(tables[i].Rows)
			if hit[j] {
				tables[i].Stats.Cached = true
			}
		}
	}
	return tables, errs
}

// cloneRows lets the steps behind the store sort and cut rows that others share.
func cloneRows(rows [][]any) [][]any { return slices.Clone(rows) }

// aggregate runs questions in one pass where the store can.
func (a *asker) aggregate(ctx context.Context, qs []store.AggregateQuery) ([]store.Table, []error) {
	tables, errs := make([]store.Table, len(qs)), make([]error, len(qs))
	leave, err := a.gate.enter(ctx, askerName(ctx))
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return tables, errs
	}
	defer leave()
	if b, ok := a.store.(store.Batcher); ok && len(qs) > 1 {
		return b.AggregateBatch(ctx, qs)
	}
	for i, q := range qs {
		tables[i], errs[i] = a.store.Aggregate(ctx, q)
	}
	return tables, errs
}

// Events implements store.Searcher.
func (a *asker) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	drawn, parts, ok := a.scope(ctx, q.Query)
	if q.After == nil && ok {
		q.Query = drawn
	}
	key := eventsKey(q, parts)
	run := func(ctx context.Context, _ []int) []outcome {
		leave, err := a.gate.enter(ctx, askerName(ctx))
		if err != nil {
			return []outcome{{err: err}}
		}
		defer leave()
		r, err := a.store.Events(ctx, q)
		o := outcome{value: r, err: err, keep: pageKeep}
		if ok && !r.Stats.Partial {
			o.size = eventsSize(r)
		}
		return []outcome{o}
	}
	if !ok {
		o := run(ctx, nil)[0]
		r, _ := o.value.(store.EventsResult)
		return r, o.err
	}
	out, hit := a.known.do(ctx, []string{key}, run)
	if out[0].err != nil {
		return store.EventsResult{}, out[0].err
	}
	r := out[0].value.(store.EventsResult)
	if hit[0] {
		r.Stats.Cached = true
	}
	r.Events = slices.Clone(r.Events)
	return r, nil
}

// Estimate implements store.Searcher.
func (a *asker) Estimate(ctx context.Context, q store.Query) (store.Estimate, error) {
	return a.store.Estimate(ctx, q)
}

// Sizes are rough: what matters is that large answers count as large.
func tableSize(t store.Table) int64 {
	size := int64(200)
	for _, row := range t.Rows {
		size += int64(24 + 24*len(row))
		for _, c := range row {
			if s, ok := c.(string); ok {
				size += int64(len(s))
			}
		}
	}
	return size
}

func eventsSize(r store.EventsResult) int64 {
	size := int64(200)
	for i := range r.Events {
		size += 200
		for k, v := range r.Events[i].Fields {
			size += int64(len(k)) + 64
			switch v := v.(type) {
			case string:
				size += int64(len(v))
			case []string:
				for _, s := range v {
					size += int64(len(s)) + 16
				}
			case map[string]string:
				for name, s := range v {
					size += int64(len(name)+len(s)) + 64
				}
			}
		}
	}
	return size
}
