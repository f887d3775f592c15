package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
)

// query reads, runs and writes one question.
func (a *App) query(ctx context.Context, q httpapi.QueryRequest, now time.Time, w io.Writer, warn func(string)) error {
	if !slices.Contains(query.Formats, q.Output) {
		return &httpapi.UserError{Err: fmt.Errorf("output %q: want one of %v", q.Output, query.Formats)}
	}
	if q.Lang != "" && q.Lang != "en" && q.Lang != "ja" {
		return &httpapi.UserError{Err: fmt.Errorf("sentence %q: want en or ja", q.Lang)}
	}
	if q.Limit < 0 || q.Limit > query.MaxEvents {
		return &httpapi.UserError{Err: fmt.Errorf("limit %d: want 1 to %d", q.Limit, query.MaxEvents)}
	}
	zone, err := a.zone(q.Zone)
	if err != nil {
		return &httpapi.UserError{Err: err}
	}
	stmt, err := query.Parse(q.Text, a.queryOptions(q, now, zone))
	if err != nil {
		var mistake *expr.Error
		if errors.As(err, &mistake) {
			err = fmt.Errorf("%s", mistake.Show())
		}
		return &httpapi.UserError{Err: err}
	}
	for _, text := range stmt.Warnings {
		warn(text)
	}
	if err := a.consent(ctx, stmt, q.Yes); err != nil {
		return err
	}
	res, err := query.Run(ctx, a.lake, stmt)
	if err != nil {
		return err
	}
	if q.Lang != "" {
		for i := range res.Events {
			a.addSentence(&res.Events[i].Fields, res.Events[i].LogType, q.Lang)
		}
	}
	return query.Write(w, q.Output, res, query.Style{Width: q.Width, Guard: q.Output == "csv", Cost: q.Stats})
}

// dearRows is how many rows a free text may be searched in without asking: a few seconds of work.
const dearRows = 2_000_000

// consent refuses a free text over a large range that nobody agreed to: it reads every original.
func (a *App) consent(ctx context.Context, stmt *query.Statement, yes bool) error {
	base := stmt.Query()
	free := false
	expr.Walk(base.Where, func(n expr.Node) {
		if _, ok := n.(*expr.FreeText); ok {
			free = true
		}
	})
	if !free || yes {
		return nil
	}
	cost, err := a.lake.Estimate(ctx, base)
	if err != nil {
		return err
	}
	if cost.Rows <= dearRows {
		return nil
	}
	return &httpapi.UserError{Err: fmt.Errorf("the free text would be searched in %d events (%d MB): name a field (url.path:*text*), shorten the range with --since, or agree with --yes", cost.Rows, cost.Bytes>>20)}
}

func (a *App) addSentence(fields *map[string]any, logType, lang string) {
	if s := a.sentence(logType, *fields, lang); s != "" {
		(*fields)["yagura.sentence."+lang] = s
	}
}

// sentence says what an event is; "" when its log type has no words for it.
func (a *App) sentence(logType string, fields map[string]any, lang string) string {
	if logType == alert.LogType {
		id, _ := fields[alert.FieldRule].(string)
		return alert.Sentence(lang, fields, a.detection.title(id, lang))
	}
	t := a.content.Type(logType)
	if t == nil {
		return ""
	}
	return t.Sentence(lang, event.Document(fields))
}

func (a *App) zone(name string) (*time.Location, error) {
	if name == "" {
		name = a.cfg.Query.Zone
	}
	if name == "" {
		name = "Local"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w; write a name such as Asia/Tokyo or UTC", name, err)
	}
	return loc, nil
}

func (a *App) queryOptions(q httpapi.QueryRequest, now time.Time, zone *time.Location) query.Options {
	o := query.Options{
		Now: now, Zone: zone, Since: q.Since, Until: q.Until, Limit: q.Limit,
		Fields: map[string]schema.Kind{}, Aliases: map[string][]string{},
	}
	for _, t := range a.content.Types {
		o.Types = append(o.Types, t.Name)
		for _, f := range t.Table.Fields {
			o.Fields[f.Name] = f.Kind
		}
		for native, field := range t.Aliases() {
			if !slices.Contains(o.Aliases[native], field) {
				o.Aliases[native] = append(o.Aliases[native], field)
			}
		}
	}
	for _, t := range derivedTables() {
		o.Types, o.Derived = append(o.Types, t.LogType), append(o.Derived, t.LogType)
		for _, f := range t.Fields {
			o.Fields[f.Name] = f.Kind
		}
	}
	return o
}
