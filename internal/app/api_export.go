package app

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	exportPage    = 5_000      // events held at once
	exportWindow  = 10_000     // events sorted at once, about
	exportBuckets = 5_000      // steps in which events are counted to find windows
	exportMost    = 10_000_000 // events or rows of one file
)

// Export implements api.SearchBackend. It walks pages, so that memory stays bounded; a client
// that hangs up ends it with the next page.
func (f *face) Export(ctx context.Context, r api.ExportRequest, begin func(api.ExportHead) io.Writer) error {
	q, err := f.read(r.Scope, f.instant(), func(o *query.Options) { o.Columns = r.Fields })
	if err != nil {
		return err
	}
	leave, err := f.exports.enter(ctx, askerName(ctx))
	if err != nil {
		return err
	}
	defer leave()
	x := &exporter{f: f, q: q, format: r.Format, bom: r.BOM, begin: begin}
	if q.Aggregate != nil {
		res, err := query.Run(ctx, f.ask, q.Statement)
		if err != nil {
			return tooBig(err)
		}
		x.start()
		return x.rows(*res.Table, cmp.Or(r.Limit, len(res.Table.Rows)))
	}
	if r.Order == "oldest" {
		q.Events.Oldest = true
	}
	left := cmp.Or(r.Limit, exportMost)
	if q.Events.Limit < query.MaxEvents {
		left = min(left, q.Events.Limit)
	}
	if x.names, err = x.columns(ctx, f); err != nil {
		return err
	}
	return x.events(ctx, left)
}

// inner columns are the store's own.
func inner(name string) bool { return strings.HasPrefix(name, "_") }

// exporter writes one file.
type exporter struct {
	f      *face
	q      *asked
	format string
	bom    bool
	begin  func(api.ExportHead) io.Writer
	out    *bufio.Writer
	csv    *csv.Writer
	names  []string // columns of events; nil in documents that hold everything
	wrote  int
	buf    []byte
}

func (x *exporter) start() {
	kinds := map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson", "json": "application/json"}
	name := "yagura-" + x.q.now.In(x.q.loc).Format("20060102-150405") + "." + x.format
	x.out = bufio.NewWriterSize(x.begin(api.ExportHead{FileName: name, ContentType: kinds[x.format]}), 64<<10)
	switch x.format {
	case "csv":
		if x.bom {
			x.out.WriteString("\ufeff")
		}
		x.csv = csv.NewWriter(x.out)
		x.csv.UseCRLF = true
	case "json":
		x.out.WriteString("[")
	}
}

func (x *exporter) finish() error {
	if x.csv != nil {
		x.csv.Flush()
		if err := x.csv.Error(); err != nil {
			return fmt.Errorf("writing the file: %w", err)
		}
	}
	if x.format == "json" {
		x.out.WriteString("\n]\n")
	}
	if err := x.out.Flush(); err != nil {
		return fmt.Errorf("writing the file: %w", err)
	}
	return nil
}

// columns are what a csv of events has: those asked for (patterns become the declared fields
// that fit), else every field that some part of the range has, since the header comes first.
func (x *exporter) columns(ctx context.Context, f *face) ([]string, error) {
	asked := x.q.Fields
	if asked != nil && !slices.ContainsFunc(asked, expr.WildField) {
		return asked, nil
	}
	if asked == nil && x.format != "csv" {
		return nil, nil
	}
	base := x.q.Query()
	snap, err := f.app.db.Snapshot(ctx, base.Types, base.From, base.To)
	if err != nil {
		return nil, err
	}
	defer snap.Release()
	found := map[string]bool{}
	for i := range snap.Parts {
		for name := range snap.Parts[i].Stats {
			if !inner(name) {
				found[name] = true
			}
		}
	}
	first := []string{event.TimestampField, event.ModuleField, event.IDField}
	for _, n := range first {
		delete(found, n)
	}
	if asked == nil {
		return append(append(first, sortedKeys(found)...), event.OriginalField), nil
	}
	var out []string
	for _, p := range asked {
		if !expr.WildField(p) {
			out = append(out, p)
			continue
		}
		for _, name := range sortedKeys(found) {
			if expr.MatchField(p, name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// events walks the range in windows of some thousand events each: a page then sorts only its
// window. What arrives meanwhile is in the file if its window comes after.
func (x *exporter) events(ctx context.Context, left int) error {
	windows, err := x.windows(ctx)
	if err != nil {
		return err
	}
	x.start()
	if err := x.header(x.names); err != nil {
		return fmt.Errorf("writing the file: %w", err)
	}
	for _, w := range windows {
		stmt := *x.q.Statement
		e := *stmt.Events
		e.From, e.To = w[0], w[1]
		stmt.Events = &e
		for after := (*store.Cursor)(nil); left > 0; {
			res, next, err := x.page(ctx, &stmt, after, min(left, exportPage))
			if err != nil {
				return err
			}
			for i := range res.Events {
				if err := x.event(&res.Events[i]); err != nil {
					return fmt.Errorf("writing the file: %w", err)
				}
			}
			if left -= len(res.Events); next == nil || len(res.Events) == 0 {
				break
			}
			after = next
		}
	}
	return x.finish()
}

// page asks the store itself: what a file holds is not worth remembering.
func (x *exporter) page(ctx context.Context, stmt *query.Statement, after *store.Cursor, limit int) (query.Result, *store.Cursor, error) {
	leave, err := x.f.ask.gate.enter(ctx, askerName(ctx)+"/export")
	if err != nil {
		return query.Result{}, nil, err
	}
	defer leave()
	res, next, err := query.Page(ctx, x.f.ask.store, stmt, after, limit)
	return res, next, tooBig(pageError(err))
}

// windows cuts the range where about exportWindow events lie between, in the order of the file.
func (x *exporter) windows(ctx context.Context) ([][2]int64, error) {
	base := x.q.Query()
	drawn, _, ok := x.f.ask.scope(ctx, base)
	if !ok || drawn.From >= drawn.To {
		return [][2]int64{{base.From, base.To}}, nil
	}
	b := evenBuckets(drawn.From, drawn.To, exportBuckets)
	t, err := x.f.ask.Aggregate(ctx, store.AggregateQuery{Query: drawn, By: []store.Key{{Name: "t", Field: event.TimestampField, Buckets: b}}, Aggs: countAgg})
	if err != nil {
		return nil, tooBig(err)
	}
	var out [][2]int64
	from, n := base.From, int64(0)
	for i, count := range spread(t.Rows, b, 1) {
		if n += count; n >= exportWindow {
			out = append(out, [2]int64{from, b.Edges[i+1]})
			from, n = b.Edges[i+1], 0
		}
	}
	if from < base.To {
		out = append(out, [2]int64{from, base.To})
	}
	out[len(out)-1][1] = base.To
	if !x.q.Events.Oldest {
		slices.Reverse(out)
	}
	return out, nil
}

// evenBuckets cuts a range into n buckets of one width.
func evenBuckets(from, to int64, n int64) *store.Buckets {
	width := max(1, (to-from)/n+1)
	b := &store.Buckets{Edges: []int64{from}, Width: width}
	for at := from; at < to; {
		at += width
		b.Edges = append(b.Edges, at)
	}
	return b
}

func (x *exporter) header(names []string) error {
	if x.csv == nil {
		return nil
	}
	line := make([]string, len(names))
	for i, n := range names {
		if line[i] = query.Guarded(n); n == event.TimestampField { // the one name of ours a spreadsheet would mind
			line[i] = n
		}
	}
	return x.csv.Write(line)
}

func (x *exporter) event(e *store.Event) error {
	if x.csv != nil {
		line := make([]string, len(x.names))
		for i, n := range x.names {
			line[i] = x.csvCell(query.Member(*e, n))
		}
		return x.csv.Write(line)
	}
	return x.document(query.Document(*e, x.names))
}

func (x *exporter) document(d event.Document) error {
	x.buf = event.AppendJSON(x.buf[:0], d, "")
	return x.line()
}

func (x *exporter) line() error {
	if x.format == "json" {
		sep := ",\n"
		if x.wrote == 0 {
			sep = "\n"
		}
		x.out.WriteString(sep)
	}
	x.wrote++
	x.out.Write(x.buf)
	if x.format == "ndjson" {
		return x.out.WriteByte('\n')
	}
	return nil
}

func (x *exporter) rows(t store.Table, limit int) error {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	if err := x.header(names); err != nil {
		return err
	}
	for _, row := range t.Rows[:min(limit, len(t.Rows))] {
		if x.csv != nil {
			line := make([]string, len(row))
			for i, v := range row {
				line[i] = x.csvCell(v)
			}
			if err := x.csv.Write(line); err != nil {
				return err
			}
			continue
		}
		x.buf = append(x.buf[:0], '{')
		for i, v := range row {
			if i > 0 {
				x.buf = append(x.buf, ',')
			}
			x.buf = append(event.AppendJSONString(x.buf, names[i]), ':')
			x.buf = event.AppendJSONValue(x.buf, v, "")
		}
		x.buf = append(x.buf, '}')
		if err := x.line(); err != nil {
			return err
		}
	}
	return x.finish()
}

// csvCell is a value as the command line writes it: times in the zone of the question, texts
// guarded against being run.
func (x *exporter) csvCell(v any) string {
	switch t := v.(type) {
	case time.Time:
		return query.Stamp(t, x.q.loc)
	case string:
		return query.Guarded(t)
	case []string:
		return query.Guarded(strings.Join(t, "; "))
	}
	return query.Text(v)
}
