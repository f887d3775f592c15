package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// Bounds of what is counted beside an answer.
const (
	sampleRows   = 1_000_000 // events looked at for fill rates
	distinctRows = 2_000_000 // events among which different values are counted
	fieldBatch   = 60        // fields counted in one pass
)

// Fields implements api.FieldBackend. Without a condition the parts know the answer; else the
// fields that any part of the range has are counted, in a sample when the range is large.
func (f *face) Fields(ctx context.Context, s api.Scope) (api.FieldsAnswer, error) {
	q, err := f.read(s, f.instant(), nil)
	if err != nil {
		return api.FieldsAnswer{}, err
	}
	base := q.Query()
	if err := f.dear(ctx, base, false); err != nil {
		return api.FieldsAnswer{}, err
	}
	snap, err := f.app.db.Snapshot(ctx, base.Types, base.From, base.To)
	if err != nil {
		return api.FieldsAnswer{}, err
	}
	defer snap.Release()
	known := map[string]int64{} // rows with a value, over whole parts
	var rows int64
	whole := base.Where == nil
	for i := range snap.Parts {
		p := &snap.Parts[i]
		rows += p.Rows
		whole = whole && p.MinTime >= base.From && p.MaxTime < base.To
		for name, st := range p.Stats {
			if !inner(name) {
				known[name] += st.Present
			}
		}
	}
	out := api.FieldsAnswer{}
	if whole {
		out.Total, out.Stats = rows, api.Stats{Parts: len(snap.Parts), Cached: true}
		for name, n := range known {
			out.Items = append(out.Items, f.fill(name, n, rows))
		}
		sortFills(out.Items)
		return out, nil
	}
	if rows > sampleRows {
		if from := sampleFrom(snap.Parts, base); from > base.From {
			out.Sampled = &api.SampledFrom{From: clockTime(from)}
		}
	}
	return f.countFields(ctx, base, sortedKeys(known), out)
}

// sampleFrom is where the newest part of a range begins that holds about sampleRows events.
func sampleFrom(parts []store.Part, q store.Query) int64 {
	newest := slices.Clone(parts)
	slices.SortFunc(newest, func(a, b store.Part) int { return cmp.Compare(b.MaxTime, a.MaxTime) })
	var rows int64
	for _, p := range newest {
		if rows += p.Rows; rows >= sampleRows {
			return max(q.From, min(p.MinTime, q.To-1))
		}
	}
	return q.From
}

func (f *face) countFields(ctx context.Context, base store.Query, names []string, out api.FieldsAnswer) (api.FieldsAnswer, error) {
	sample := base
	if out.Sampled != nil {
		sample.From = out.Sampled.From.UnixNano()
	}
	ask := []store.AggregateQuery{{Query: base, Aggs: countAgg}, {Query: sample, Aggs: countAgg}}
	for chunk := range slices.Chunk(names, fieldBatch) {
		a := store.AggregateQuery{Query: sample}
		for _, n := range chunk {
			a.Aggs = append(a.Aggs, store.Agg{Name: n, Func: store.Count, Field: n})
		}
		ask = append(ask, a)
	}
	tables, errs := f.ask.AggregateBatch(ctx, ask)
	if err := firstOf(errs); err != nil {
		return out, tooBig(err)
	}
	out.Total, out.Stats = tables[0].Rows[0][0].(int64), sumStats(tables)
	looked := tables[1].Rows[0][0].(int64)
	if out.Sampled != nil {
		out.Sampled.Events = looked
	}
	for _, t := range tables[2:] {
		for i, c := range t.Columns {
			if n, _ := t.Rows[0][i].(int64); n > 0 {
				out.Items = append(out.Items, f.fill(c.Name, n, looked))
			}
		}
	}
	sortFills(out.Items)
	return out, nil
}

func (f *face) fill(name string, n, of int64) api.FieldFill {
	x := f.fields[name]
	v := api.FieldFill{Name: name, Kind: x.kind.String(), Present: n, ECS: x.ecs, Types: x.types}
	if x.kind == 0 {
		v.Kind = "string"
	}
	v.TitleEN, v.TitleJA = f.titles(name)
	if of > 0 {
		v.Fill = float64(n) / float64(of)
	}
	if v.Types == nil {
		v.Types = []string{}
	}
	return v
}

func sortFills(items []api.FieldFill) {
	slices.SortFunc(items, func(a, b api.FieldFill) int {
		return cmp.Or(cmp.Compare(b.Present, a.Present), cmp.Compare(a.Name, b.Name))
	})
}

// titles are what a field is, in both languages.
func (f *face) titles(name string) (en, ja string) {
	d := f.app.content.Dictionary
	return d.Describe(name), d.DescribeJA(name)
}

// Values implements api.FieldBackend.
func (f *face) Values(ctx context.Context, r api.ValuesRequest) (api.ValuesAnswer, error) {
	q, err := f.read(r.Scope, f.instant(), nil)
	if err != nil {
		return api.ValuesAnswer{}, err
	}
	if err := f.dear(ctx, q.Query(), r.Yes); err != nil {
		return api.ValuesAnswer{}, err
	}
	if strings.Contains(r.Field, "*") {
		return api.ValuesAnswer{}, api.Invalid("body.field", "name one field")
	}
	field := f.column(r.Field)
	limit := cmp.Or(r.Limit, 10)
	base := q.Query()
	only := []expr.Node{&expr.Predicate{Field: field, Op: expr.Exists}}
	if r.Prefix != "" {
		only = append(only, &expr.Predicate{Field: field, Op: expr.Wildcard, Text: globText(r.Prefix) + "*"})
	}
	if r.Contains != "" {
		only = append(only, &expr.Predicate{Field: field, Op: expr.Wildcard, Text: "*" + globText(r.Contains) + "*"})
	}
	summary := store.AggregateQuery{Query: base, Aggs: []store.Agg{{Name: "n", Func: store.Count}, {Name: "present", Func: store.Count, Field: field}}}
	if cost, err := f.ask.Estimate(ctx, base); err == nil && cost.Rows <= distinctRows {
		summary.Aggs = append(summary.Aggs, store.Agg{Name: "distinct", Func: store.Distinct, Field: field})
	}
	tables, errs := f.ask.AggregateBatch(ctx, []store.AggregateQuery{
		{Query: with(base, only...), By: []store.Key{{Name: "v", Field: field}}, Aggs: countAgg, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: limit},
		summary,
	})
	if err := firstOf(errs); err != nil {
		return api.ValuesAnswer{}, tooBig(err)
	}
	sum := tables[1].Rows[0]
	out := api.ValuesAnswer{Field: r.Field, Present: sum[1].(int64), More: tables[0].More, Stats: sumStats(tables)}
	out.Absent = sum[0].(int64) - out.Present
	if len(sum) > 2 {
		n := sum[2].(int64)
		out.Distinct = &n
	}
	out.Values = valueCounts(tables[0].Rows, out.Present)
	if r.Prefix != "" || r.Contains != "" { // of a list, elements that do not fit came along
		out.Values = slices.DeleteFunc(out.Values, func(v api.ValueCount) bool { return !fits(plainText(v.Value.Value), r.Prefix, r.Contains) })
	}
	return out, nil
}

func fits(value, prefix, contains string) bool {
	v := strings.ToLower(value)
	return strings.HasPrefix(v, strings.ToLower(prefix)) && strings.Contains(v, strings.ToLower(contains))
}

func valueCounts(rows [][]any, of int64) []api.ValueCount {
	var out []api.ValueCount
	for _, row := range rows {
		n, _ := row[1].(int64)
		v := api.ValueCount{Value: cell(row[0]), Count: n}
		if of > 0 {
			v.Share = float64(n) / float64(of)
		}
		out = append(out, v)
	}
	return out
}

// globText is a text that stands for itself in a wildcard.
func globText(s string) string { return strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace(s) }

// column is the stored field for a name: a native one stands for the field that holds its value.
func (f *face) column(name string) string {
	if _, declared := f.fields[name]; !declared && len(f.base.Aliases[name]) > 0 {
		return f.base.Aliases[name][0]
	}
	return name
}

// Check implements api.FieldBackend.
func (f *face) Check(_ context.Context, r api.CheckRequest) (api.CheckAnswer, error) {
	q, err := f.read(api.Scope{Q: r.Q, Range: api.Range{From: "now-24h"}}, f.instant(), nil)
	var mistake *expr.Error
	switch {
	case errors.As(err, &mistake):
		return api.CheckAnswer{Error: &api.CheckError{Message: mistake.Reason, Hint: mistake.Hint, Position: api.PositionOf(mistake)}}, nil
	case err != nil:
		return api.CheckAnswer{}, err
	}
	out := api.CheckAnswer{OK: true, Warnings: q.Warnings, Fields: expr.Fields(q.Where), Kind: "events", Where: q.Where.String()}
	if q.Aggregate != nil {
		out.Kind = "table"
	}
	return out, nil
}

// Dictionary implements api.FieldBackend.
func (f *face) Dictionary(context.Context) ([]api.FieldInfo, string, error) {
	var out []api.FieldInfo
	for _, name := range sortedKeys(f.fields) {
		x := f.fields[name]
		en, ja := f.titles(name)
		out = append(out, api.FieldInfo{Name: name, Kind: x.kind.String(), TitleEN: en, TitleJA: ja, ECS: x.ecs, Types: x.types})
	}
	return out, f.etag, nil
}

// Types implements api.FieldBackend.
func (f *face) Types(ctx context.Context) ([]api.TypeInfo, error) {
	snap, err := f.app.db.Snapshot(ctx, nil, 0, f.now().AddDate(1, 0, 0).UnixNano())
	if err != nil {
		return nil, err
	}
	defer snap.Release()
	found, err := f.app.db.Snapshot(ctx, f.base.Derived, 0, f.now().AddDate(1, 0, 0).UnixNano())
	if err != nil {
		return nil, err
	}
	defer found.Release()
	byName := map[string]*api.TypeInfo{}
	for _, name := range f.base.Derived {
		byName[name] = &api.TypeInfo{LogTypeRef: f.typeRef(name), Origin: content.BuiltIn}
	}
	for _, t := range f.app.content.Types {
		x := &api.TypeInfo{LogTypeRef: f.typeRef(t.Name)}
		if folder, ok := f.app.content.Folder(t.Name); ok {
			x.Origin = folder.Origin
		}
		for _, s := range t.Def.Sigma.Sources {
			x.Sigma = append(x.Sigma, strings.Join(slices.DeleteFunc([]string{s.Product, s.Category, s.Service}, func(p string) bool { return p == "" }), "/"))
		}
		byName[t.Name] = x
	}
	for _, p := range slices.Concat(snap.Parts, found.Parts) {
		x := byName[p.LogType]
		if x == nil { // stored by a definition that is gone
			x = &api.TypeInfo{LogTypeRef: f.typeRef(p.LogType)}
			byName[p.LogType] = x
		}
		x.Events += p.Rows
		first, last := clockTime(p.MinTime), clockTime(p.MaxTime)
		if x.First == nil || first.Before(*x.First) {
			x.First = &first
		}
		if x.Last == nil || last.After(*x.Last) {
			x.Last = &last
		}
	}
	var out []api.TypeInfo
	for _, name := range sortedKeys(byName) {
		out = append(out, *byName[name])
	}
	return out, nil
}

func (f *face) typeRef(name string) api.LogTypeRef {
	ref := api.LogTypeRef{Name: name, TitleEN: name, TitleJA: name}
	if name == alert.LogType {
		ref.TitleEN, ref.TitleJA = alert.Title("en"), alert.Title("ja")
	}
	if t := f.app.content.Type(name); t != nil {
		ref.TitleEN, ref.TitleJA, ref.Reference = cmp.Or(t.Def.Title.EN, name), cmp.Or(t.Def.Title.JA, t.Def.Title.EN, name), t.Def.Reference
	}
	return ref
}

// Complete implements api.FieldBackend.
func (f *face) Complete(ctx context.Context, r api.CompleteRequest) (api.CompleteAnswer, error) {
	p := query.PlaceAt(r.Text, r.Position)
	c := completer{f: f, lang: r.Lang, place: p, out: api.CompleteAnswer{From: p.From}}
	if p.Expects&query.ExpectColumn != 0 {
		o := f.base
		o.Now, o.Zone, o.Since = f.instant(), time.UTC, "1d"
		c.columns(query.Columns(r.Text[:min(p.Bar, len(r.Text))], o))
	}
	if p.Expects&query.ExpectField != 0 {
		c.fields()
	}
	if p.Expects&query.ExpectValue != 0 {
		c.values(ctx, r.From, r.To)
	}
	c.words()
	return c.out, nil
}

// nameText is a field as a question writes it.
func nameText(name string) string {
	return strings.TrimSuffix((&expr.Predicate{Field: name, Op: expr.Exists}).String(), ":*")
}

// valueText is a value as a question writes it.
func valueText(value string) string {
	n, err := query.Filter{Field: "f", Op: query.Is, Values: []string{value}}.Node(0)
	if err != nil {
		return ""
	}
	text, ok := strings.CutPrefix(n.String(), "f:")
	if !ok {
		return ""
	}
	return text
}

var alwaysThere = []string{event.TimestampField, event.ModuleField, event.IDField}
