package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// face answers the web API over an open data folder. It holds nothing that must be kept.
type face struct {
	app     *App
	ask     *asker // everything a person waits for
	exports *gate  // whole answers as files run beside, a few at once
	now     func() time.Time
	base    query.Options // fields, types and aliases of the content
	fields  map[string]fieldFacts
	types   []string
	etag    string // of the dictionary
	pulse   *pulse
}

// fieldFacts is what is declared of a field.
type fieldFacts struct {
	kind     schema.Kind
	ecs      bool
	enriched bool
	types    []string
}

func newFace(a *App) *face {
	f := &face{
		app: a, now: time.Now, exports: newGate(2), fields: map[string]fieldFacts{},
		ask:   newAsker(a.lake, a.db, max(2, cmp.Or(a.cfg.Query.Threads, runtime.NumCPU())+askersAtAll), answerRoom),
		base:  a.queryOptions(httpapi.QueryRequest{}, time.Time{}, time.UTC),
		pulse: newPulse(),
	}
	ecs := schema.ECS()
	h := sha256.New()
	tables := derivedTables()
	for _, t := range a.content.Types {
		f.types = append(f.types, t.Name)
		tables = append(tables, t.Table)
	}
	for _, t := range tables {
		for _, d := range t.Fields {
			x := f.fields[d.Name]
			x.kind = d.Kind
			_, x.ecs = ecs.Lookup(d.Name)
			x.ecs = x.ecs && !strings.HasPrefix(d.Name, "yagura.")
			x.enriched = x.enriched || d.Derived
			if !slices.Contains(x.types, t.LogType) {
				x.types = append(x.types, t.LogType)
			}
			f.fields[d.Name] = x
			fmt.Fprintln(h, t.LogType, d.Name, d.Kind)
		}
	}
	for _, t := range derivedTables() {
		f.types = append(f.types, t.LogType)
		for _, d := range t.Fields {
			x := f.fields[d.Name]
			x.kind = d.Kind
			_, x.ecs = ecs.Lookup(d.Name)
			x.ecs = x.ecs && !strings.HasPrefix(d.Name, "yagura.")
			if !slices.Contains(x.types, t.LogType) {
				x.types = append(x.types, t.LogType)
			}
			f.fields[d.Name] = x
			fmt.Fprintln(h, t.LogType, d.Name, d.Kind)
		}
	}
	f.etag = `"` + hex.EncodeToString(h.Sum(nil)[:12]) + `"`
	return f
}

// Server implements api.MeBackend.
func (f *face) Server(context.Context) api.ServerInfo {
	s := api.ServerInfo{Version: Version(), Zone: f.zoneName(), Open: f.app.access.Empty()}
	if err := f.app.pipeline.Paused(); err != nil {
		s.Paused = err.Error()
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(f.app.cfg.Data), demoMark))
	s.Demo = err == nil
	return s
}

// zoneName is the configured zone as a name that browsers know.
func (f *face) zoneName() string {
	name := f.app.cfg.Query.Zone
	if name == "" || name == "Local" {
		name = os.Getenv("TZ")
	}
	if name == "" {
		if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
			if _, after, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok {
				name = after
			}
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return "UTC"
	}
	return name
}

// zone reads the zone of a request.
func (f *face) zone(name string) (*time.Location, error) {
	if name == "" {
		name = f.zoneName()
	}
	if strings.EqualFold(name, "local") {
		return nil, api.Invalid("body.zone", "write the name of a time zone, such as Asia/Tokyo or UTC")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, api.Invalid("body.zone", "there is no time zone %q: write a name such as Asia/Tokyo or UTC", name)
	}
	return loc, nil
}

// asked is a scope that was read.
type asked struct {
	*query.Statement
	options query.Options
	loc     *time.Location
	now     time.Time
}

func (a *asked) from() time.Time { return clockTime(a.Query().From) }
func (a *asked) to() time.Time   { return clockTime(a.Query().To) }

// clockTime keeps times of a range within what JSON can say.
func clockTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// read reads a scope at an instant. Instants are whole seconds, so that those who ask within one
// second ask the same; the answer says which range it is of.
func (f *face) read(s api.Scope, now time.Time, more func(*query.Options)) (*asked, error) {
	loc, err := f.zone(s.Zone)
	if err != nil {
		return nil, err
	}
	o := f.base
	o.Now, o.Zone, o.Since, o.Until, o.Limit = now, loc, s.From, s.To, query.MaxEvents
	for _, x := range s.Filters {
		o.Filters = append(o.Filters, filterOf(x))
	}
	if more != nil {
		more(&o)
	}
	if _, _, err := query.ReadRange(o.Since, o.Until, now, loc); err != nil {
		where := "body.to"
		if _, _, bad := query.ReadRange(o.Since, "", now, loc); bad != nil {
			where = "body.from"
		}
		return nil, api.Invalid(where, "%v", err)
	}
	o.Since = steady(o.Since, o.Until, now, loc)
	stmt, err := query.Parse(s.Q, o)
	var bad *query.FilterError
	if errors.As(err, &bad) {
		return nil, api.Invalid(fmt.Sprintf("body.filters[%d]", bad.Index), "%s", bad.Reason)
	}
	if err != nil {
		return nil, err
	}
	return &asked{stmt, o, loc, now}, nil
}

// steady is the start of a range that moves with now, set back to a whole number of seconds that
// is little against its length: a minute in a day or more. So a question asked again, or by
// others, is the same one for that long; the answer says from when it is. Other starts stay.
func steady(since, until string, now time.Time, loc *time.Location) string {
	from, to, err := query.ReadRange(since, until, now, loc)
	if err != nil {
		return since
	}
	const later = time.Minute
	if moved, _, err := query.ReadRange(since, "", now.Add(later), loc); err != nil || moved-from != int64(later) {
		return since
	}
	step := time.Second
	switch length := time.Duration(to - from); {
	case length >= 24*time.Hour:
		step = time.Minute
	case length >= 6*time.Hour:
		step = 30 * time.Second
	case length >= time.Hour:
		step = 10 * time.Second
	}
	return time.Unix(0, from).Truncate(step).UTC().Format(time.RFC3339)
}

func (f *face) instant() time.Time { return f.now().Truncate(time.Second) }

func filterOf(x api.Filter) query.Filter {
	out := query.Filter{Field: x.Field, Op: query.FilterOp(x.Op)}
	if x.Value != nil {
		out.Values = []string{string(*x.Value)}
	}
	for _, v := range x.Values {
		out.Values = append(out.Values, string(v))
	}
	return out
}

// dear refuses what reads every original of a large range unless it was agreed to.
func (f *face) dear(ctx context.Context, q store.Query, yes bool) error {
	if yes || !freeText(q.Where) {
		return nil
	}
	cost, err := f.ask.Estimate(ctx, q)
	if err != nil {
		return err
	}
	if cost.Rows <= dearRows {
		return nil
	}
	return &api.Problem{
		Status: http.StatusUnprocessableEntity, Type: "urn:yagura:problem:too-dear", Title: "This search is dear",
		Detail: fmt.Sprintf("the free text would be searched in %d events (%d MB)", cost.Rows, cost.Bytes>>20),
		Hint:   "name a field (url.path:*text*), shorten the range, or send yes",
	}
}

func freeText(n expr.Node) bool {
	free := false
	if n != nil {
		expr.Walk(n, func(n expr.Node) {
			if _, ok := n.(*expr.FreeText); ok {
				free = true
			}
		})
	}
	return free
}

func statsOf(s store.Stats) api.Stats {
	out := api.Stats{Parts: s.Parts, PartsRead: s.PartsRead, Rows: s.Rows, Bytes: s.Bytes, ElapsedMS: s.Elapsed.Milliseconds(), Cached: s.Cached}
	if s.Partial {
		out.Partial = cmp.Or(s.PartialNote, "not everything was read")
	}
	return out
}

// sumStats is the cost of several answers over one range.
func sumStats(tables []store.Table) api.Stats {
	var sum store.Stats
	sum.Cached = len(tables) > 0
	for _, t := range tables {
		s := t.Stats
		sum.Parts, sum.PartsRead = max(sum.Parts, s.Parts), max(sum.PartsRead, s.PartsRead)
		sum.Cached = sum.Cached && s.Cached
		if s.Partial {
			sum.Partial, sum.PartialNote = true, s.PartialNote
		}
		if !s.Cached {
			sum.Rows += s.Rows
			sum.Bytes += s.Bytes
			sum.Elapsed = max(sum.Elapsed, s.Elapsed)
		}
	}
	return statsOf(sum)
}

// pageCursor is where the next page of a question begins. A client gives it back as it is; what
// it could change in it, it could ask for as well.
type pageCursor struct {
	Seq  int64  `json:"s"`
	Time int64  `json:"t"`
	ID   string `json:"i"`
	Now  int64  `json:"n"` // the instant of the first page
	Left int    `json:"l"` // events that may follow
	Hash string `json:"h"` // of the question
}

func (c pageCursor) text() string {
	b, _ := json.Marshal(c) // of numbers and texts only
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(text string) (pageCursor, error) {
	var c pageCursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.ID == "" || c.Left < 0 {
		return c, api.Invalid("body.cursor", "this is no cursor of an answer: leave it out to begin again")
	}
	return c, nil
}

func questionHash(r api.SearchRequest) string {
	b, _ := json.Marshal([]any{r.Q, r.Filters, r.From, r.To, r.Zone, r.Order})
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:8])
}

// pageError makes errors of the store that a person can do something about ones of the API.
func pageError(err error) error {
	switch {
	case errors.Is(err, state.ErrSnapshotGone):
		return api.Gone("the pages of this search have been cleared away: search again")
	}
	return err
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
