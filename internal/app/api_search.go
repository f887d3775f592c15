package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/lake"
)

// cutText is how much of a text lists show; GET /events/{id} has it whole.
const cutText = 8 << 10

// Search implements api.SearchBackend.
func (f *face) Search(ctx context.Context, r api.SearchRequest) (api.SearchAnswer, error) {
	now, left := f.instant(), 0
	var after *store.Cursor
	if r.Cursor != "" {
		c, err := readCursor(r.Cursor)
		if err != nil {
			return api.SearchAnswer{}, err
		}
		if c.Hash != questionHash(r) {
			return api.SearchAnswer{}, api.Invalid("body.cursor", "the cursor is of another question: leave it out to begin again")
		}
		now, left, after = time.Unix(0, c.Now), c.Left, &store.Cursor{Seq: c.Seq, Time: c.Time, ID: c.ID}
	}
	sentences := r.Fields == nil || slices.Contains(r.Fields, event.SentenceField)
	q, err := f.read(r.Scope, now, func(o *query.Options) {
		if r.Fields != nil && !sentences {
			o.Columns = r.Fields
		}
	})
	if err != nil {
		return api.SearchAnswer{}, err
	}
	if err := f.dear(ctx, q.Query(), r.Yes); err != nil {
		return api.SearchAnswer{}, err
	}
	out := api.SearchAnswer{
		From: q.from(), To: q.to(), Warnings: q.Warnings, Where: q.Where.String(), Stages: q.Stages, CLI: commandLine(q),
	}
	if r.Explain {
		out.Explain = explain(q)
	}
	if q.Aggregate != nil {
		return out, f.table(ctx, r, q, &out)
	}
	return out, f.page(ctx, r, q, now, left, after, sentences, &out)
}

func (f *face) table(ctx context.Context, r api.SearchRequest, q *asked, out *api.SearchAnswer) error {
	if r.Cursor != "" {
		return api.Invalid("body.cursor", "tables have one page")
	}
	o := q.options
	o.Limit = r.Limit // what was assumed for events
	stmt, err := query.Parse(r.Q, o)
	if err != nil {
		return err
	}
	res, err := query.Run(ctx, f.ask, stmt)
	if err != nil {
		return tooBig(err)
	}
	out.Kind, out.Limit, out.More = "table", cmp.Or(r.Limit, stmt.Aggregate.Limit, query.MaxGroups), res.More
	out.Columns, out.Rows = tableOf(*res.Table)
	out.Stats = statsOf(res.Stats)
	return nil
}

func (f *face) page(ctx context.Context, r api.SearchRequest, q *asked, now time.Time, left int, after *store.Cursor, sentences bool, out *api.SearchAnswer) error {
	if r.Order == "oldest" {
		q.Events.Oldest = true
	}
	limited := q.Events.Limit < query.MaxEvents // the text has a limit of its own
	if after == nil {
		left = math.MaxInt
		if limited {
			left = q.Events.Limit
		}
	}
	size := r.Limit
	if size == 0 {
		size = query.DefaultEvents
		if limited {
			size = left
		}
	}
	size = min(size, left, query.MaxGroups)
	res, next, err := query.Page(ctx, f.ask, q.Statement, after, size)
	if err != nil {
		return tooBig(pageError(err))
	}
	out.Kind, out.Limit, out.Stats = "events", size, statsOf(res.Stats)
	out.Events = make([]api.Event, len(res.Events))
	for i := range res.Events {
		out.Events[i] = f.eventOf(&res.Events[i], cutText, sentences)
		if r.Fields != nil && sentences {
			keepFields(&out.Events[i], r.Fields)
		}
	}
	if left != math.MaxInt {
		left -= len(res.Events)
	}
	if next != nil && left > 0 {
		out.Next = pageCursor{Seq: next.Seq, Time: next.Time, ID: next.ID, Now: now.UnixNano(), Left: left, Hash: questionHash(r)}.text()
	}
	return nil
}

func keepFields(e *api.Event, fields []string) {
	for name := range e.Fields {
		if !slices.ContainsFunc(fields, func(p string) bool { return p == name || expr.WildField(p) && expr.MatchField(p, name) }) {
			delete(e.Fields, name)
		}
	}
	for name := range e.Native {
		if !slices.Contains(fields, name) {
			delete(e.Native, name)
		}
	}
}

// tooBig is the error of an answer that does not fit into memory.
func tooBig(err error) error {
	if errors.Is(err, lake.ErrMemory) {
		return &api.Problem{Status: 507, Detail: lake.ErrMemory.Error()}
	}
	return err
}

func explain(q *asked) *api.Explain {
	base := q.Query()
	x := &api.Explain{Types: base.Types, From: clockTime(base.From).Format(time.RFC3339Nano), To: clockTime(base.To).Format(time.RFC3339Nano), Where: "*", FreeText: freeText(base.Where)}
	if base.Where != nil {
		x.Where, x.Fields = base.Where.String(), expr.Fields(base.Where)
	}
	return x
}

// commandLine is the same question for a terminal.
func commandLine(q *asked) string {
	text := q.Where.String()
	if q.Stages != "" {
		text = strings.TrimSpace(strings.TrimPrefix(text, "*") + " " + q.Stages)
	}
	var b strings.Builder
	b.WriteString("yagura query " + shellWord(text))
	if from := q.Query().From; from > 0 {
		b.WriteString(" --since " + shellWord(clockTime(from).In(q.loc).Format(time.RFC3339Nano)))
	}
	b.WriteString(" --until " + shellWord(untilWord(q.Query().To, q.loc)))
	if name := q.loc.String(); name != "Local" {
		b.WriteString(" --zone " + shellWord(name))
	}
	return b.String()
}

// untilWord names the end of a range for --until, which ends with the end of what it names:
// with nine decimals that is the nanosecond itself.
func untilWord(to int64, loc *time.Location) string {
	return time.Unix(0, to-1).In(loc).Format("2006-01-02T15:04:05.000000000Z07:00")
}

func shellWord(s string) string {
	plain := s != ""
	for _, r := range s {
		plain = plain && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+-_./:,@%", r))
	}
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// tableOf makes a table one of the API.
func tableOf(t store.Table) (columns []api.Column, rows [][]api.Cell) {
	columns, rows = make([]api.Column, len(t.Columns)), make([][]api.Cell, len(t.Rows))
	for i, c := range t.Columns {
		columns[i] = api.Column{Name: c.Name, Kind: c.Kind.String(), Exact: c.Exact, Error: c.Error}
	}
	for i, row := range t.Rows {
		rows[i] = make([]api.Cell, len(row))
		for j, v := range row {
			rows[i][j] = cell(v)
		}
	}
	return columns, rows
}

func cell(v any) api.Cell {
	switch x := v.(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return api.Cell{}
		}
	case string:
		if len(x) > cutText {
			return api.Cell{Value: cutAt(x, cutText)}
		}
	case time.Time:
		return api.Cell{Value: x.UTC()}
	}
	return api.Cell{Value: v}
}

// cutAt keeps the beginning of a text, whole characters.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// eventOf makes an event one of the API; texts longer than most are cut (0 = never). The
// original is left out. sentence asks for the readable sentence, which needs all fields.
func (f *face) eventOf(e *store.Event, most int, sentence bool) api.Event {
	out := api.Event{ID: e.ID, Type: e.LogType, Time: e.Time.UTC(), Fields: make(api.Fields, len(e.Fields))}
	text := func(name, s string) string {
		if most > 0 && len(s) > most {
			out.Cut = append(out.Cut, name)
			return cutAt(s, most)
		}
		return s
	}
	for name, v := range e.Fields {
		switch x := v.(type) {
		case map[string]string:
			out.Native = make(map[string]string, len(x))
			for k, s := range x {
				out.Native[k] = text(k, s)
			}
			continue
		case string:
			if name == event.OriginalField {
				continue
			}
			v = text(name, x)
		case []string:
			total := 0
			for i, s := range x {
				if total += len(s); most > 0 && total > most {
					out.Cut = append(out.Cut, name)
					v = x[:i:i]
					break
				}
			}
		case float64:
			if math.IsNaN(x) || math.IsInf(x, 0) {
				continue
			}
		case time.Time:
			v = x.UTC()
		}
		out.Fields[name] = v
	}
	slices.Sort(out.Cut)
	if sentence {
		out.Sentence = f.sentence(e)
	}
	return out
}

func (f *face) sentence(e *store.Event) *api.Bilingual {
	b := &api.Bilingual{EN: cutAt(f.app.sentence(e.LogType, e.Fields, "en"), cutText), JA: cutAt(f.app.sentence(e.LogType, e.Fields, "ja"), cutText)}
	if b.EN == "" && b.JA == "" {
		return nil
	}
	return b
}

// Estimate implements api.SearchBackend.
func (f *face) Estimate(ctx context.Context, s api.Scope) (api.CostEstimate, error) {
	q, err := f.read(s, f.instant(), nil)
	if err != nil {
		return api.CostEstimate{}, err
	}
	cost, err := f.ask.Estimate(ctx, q.Query())
	if err != nil {
		return api.CostEstimate{}, fmt.Errorf("estimating: %w", err)
	}
	return api.CostEstimate{Parts: cost.Parts, Rows: cost.Rows, Bytes: cost.Bytes, Consent: cost.Rows > dearRows && freeText(q.Query().Where)}, nil
}
