package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/ingest"
	"github.com/yagura-siem/yagura/internal/state"
	"github.com/yagura-siem/yagura/internal/store"
)

// ctxOf ends with the test, and in any case after a minute and a half.
func ctxOf(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// configAt is a small configuration over a data folder.
func configAt(data string) config.Config {
	c := config.Default()
	c.Data, c.Listen = data, "127.0.0.1:0"
	c.Intake.Workers = 2
	c.Query.Memory, c.Query.Threads, c.Query.Zone = 256<<20, 1, "UTC"
	return c
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// opened is an App that is closed with the test.
func opened(t testing.TB, c config.Config, p probes) *App {
	t.Helper()
	a, err := open(ctxOf(t), c, "test", quiet(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// reopened opens a folder for one use and closes it.
func reopened(t testing.TB, c config.Config, p probes, use func(a *App)) {
	t.Helper()
	a, err := open(ctxOf(t), c, "test", quiet(), p)
	if err != nil {
		t.Fatal(err)
	}
	use(a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func loadOf(t testing.TB, a *App, target string) httpapi.LoadSummary {
	t.Helper()
	return loadAs(t, a, target, "")
}

func loadAs(t testing.TB, a *App, target, logType string) httpapi.LoadSummary {
	t.Helper()
	s, err := a.Load(ctxOf(t), httpapi.LoadRequest{Target: target, Type: logType}, func(httpapi.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	if s.Records != s.Events+s.Filtered+s.Ignored+s.Quarantined {
		t.Errorf("the summary does not add up: %+v", s)
	}
	return s
}

func put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func squeeze(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lastDay is the start of a day that every event of the test logs lies in or near.
func lastDay() time.Time { return time.Now().UTC().Truncate(24 * time.Hour).Add(-48 * time.Hour) }

// corpus is log text made once: WAF records and load balancer lines, one a line, and CloudTrail
// records.
type corpus struct{ waf, alb, trail [][]byte }

var made = sync.OnceValues(func() (corpus, error) {
	const n = 1500
	var c corpus
	gen := demo.NewCorpus(7, lastDay())
	take := func(into *[][]byte) func(demo.Object) error {
		return func(o demo.Object) error {
			r, err := gzip.NewReader(bytes.NewReader(o.Data))
			if err != nil {
				return err
			}
			raw, err := io.ReadAll(r)
			*into = append(*into, bytes.SplitAfter(bytes.TrimSpace(raw), []byte("\n"))...)
			return err
		}
	}
	return c, errors.Join(gen.WAF(n, n, take(&c.waf)), gen.ALB(n, n, take(&c.alb)), gen.CloudTrail(200, 1, take(&c.trail)))
})

// text returns the generated logs.
func text(t testing.TB) corpus {
	t.Helper()
	c, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wafLines are n WAF records from a place on, one a line.
func wafLines(t testing.TB, from, n int) []byte {
	t.Helper()
	b := bytes.Join(text(t).waf[from:from+n], nil)
	return append(bytes.TrimRight(b, "\n"), '\n')
}

// logs writes n objects of each of three log types into a folder, compressed, per records in
// each (CloudTrail: one).
func logs(t testing.TB, dir string, n, per int) {
	t.Helper()
	c := text(t)
	for i := range n {
		put(t, filepath.Join(dir, fmt.Sprintf("waf/%03d.log.gz", i)), squeeze(t, wafLines(t, i*per, per)))
		put(t, filepath.Join(dir, fmt.Sprintf("elb/%03d.log.gz", i)), squeeze(t, bytes.Join(c.alb[i*per:(i+1)*per], nil)))
		put(t, filepath.Join(dir, fmt.Sprintf("trail/%03d.json.gz", i)), squeeze(t, c.trail[i]))
	}
}

// holding is what a data folder holds: how often each event is there, and what the ledger says
// of each object that has rows, by key.
type holding struct {
	Events   map[string]int
	Ledger   map[string]state.Counts
	Findings map[string]int
	Alerts   map[string]string // what is counted and seen of each
}

// eventIDs walks all pages of all events.
func eventIDs(t testing.TB, a *App) map[string]int {
	t.Helper()
	got := map[string]int{}
	q := store.EventsQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64}, Fields: []string{"event.module"}, Limit: 10_000}
	for {
		res, err := a.lake.Events(ctxOf(t), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range res.Events {
			got[e.ID]++
		}
		if res.Next == nil {
			return got
		}
		q.After = res.Next
	}
}

// held reads a data folder and checks everything that must always hold: each event once, the
// counts of the ledger those of the lake, no file but those of the catalogue.
func held(t testing.TB, a *App) holding {
	t.Helper()
	if extra := strangers(t, a); len(extra) > 0 {
		t.Errorf("files the catalogue does not know: %v", extra)
	}
	return balance(t, a)
}

// balance is held, but for the files.
func balance(t testing.TB, a *App) holding {
	t.Helper()
	h := holding{Events: eventIDs(t, a), Ledger: map[string]state.Counts{}}
	h.Findings, h.Alerts = findingsHeld(t, a, h.Events)
	perObject := map[string]int64{}
	for id, n := range h.Events {
		if n != 1 {
			t.Errorf("event %s is there %d times", id, n)
		}
		object, _, _, err := event.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		perObject[object]++
	}
	bySource := map[string]state.Counts{}
	for _, o := range ledgerOf(t, a, state.ObjectFilter{}) {
		if err := o.Counts.Check(); err != nil {
			t.Errorf("object %s: %v", o.Key, err)
		}
		switch o.State {
		case state.Done, state.Skipped, state.Ignored, state.Unrecognized:
			if o.Counts.Events != perObject[o.ID] {
				t.Errorf("object %s has %d events by the ledger, %d in the lake", o.Key, o.Counts.Events, perObject[o.ID])
			}
			h.Ledger[o.Key+" "+o.Version] = o.Counts
			bySource[o.Source] = bySource[o.Source].Add(o.Counts)
		default:
			if perObject[o.ID] != 0 {
				t.Errorf("object %s is %s and has %d events", o.Key, o.State, perObject[o.ID])
			}
		}
		delete(perObject, o.ID)
	}
	if len(perObject) > 0 {
		t.Errorf("events of objects that are not in the ledger: %v", perObject)
	}
	sums, err := a.db.Sources(ctxOf(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sums {
		if diff := cmp.Diff(bySource[s.Name], s.Counts); diff != "" {
			t.Errorf("source %s: ledger, totals (-, +):\n%s", s.Name, diff)
		}
	}
	s, err := a.db.Snapshot(ctxOf(t), nil, math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	var rows int64
	for _, p := range s.Parts {
		rows += p.Rows
		if err := a.lake.Check(ctxOf(t), p); err != nil {
			t.Error(err)
		}
	}
	if rows != int64(len(h.Events)) {
		t.Errorf("the catalogue counts %d rows, the lake has %d events", rows, len(h.Events))
	}
	return h
}

// rowsOf counts the live events of each object, by version of a key.
func rowsOf(t testing.TB, a *App, key string) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	for id := range eventIDs(t, a) {
		object, _, _, err := event.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		ids[object]++
	}
	out := map[string]int64{}
	for _, o := range ledgerOf(t, a, state.ObjectFilter{Contains: key}) {
		out[fmt.Sprintf("%d %s", o.Generation, o.State)] = ids[o.ID]
	}
	return out
}

// settled is held, and nothing is pending, leased or half done. It ends the leases of the App.
func settled(t testing.TB, a *App) holding {
	t.Helper()
	h := held(t, a)
	rec, err := a.db.Recover(ctxOf(t), "yagura")
	if err != nil {
		t.Fatal(err)
	}
	if rec.Leases != 0 || len(rec.Parts) != 0 {
		t.Errorf("left behind: %d leases, pending parts %v", rec.Leases, rec.Parts)
	}
	if l := ledgerOf(t, a, state.ObjectFilter{States: []state.State{state.Pending, state.Leased, state.Waiting}}); len(l) > 0 {
		t.Errorf("%d objects are not settled, such as %s (%s)", len(l), l[0].Key, l[0].State)
	}
	return h
}

func ledgerOf(t testing.TB, a *App, f state.ObjectFilter) []state.Object {
	t.Helper()
	var all []state.Object
	p := state.Page{Limit: 5_000}
	for {
		list, err := a.db.Objects(ctxOf(t), f, p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
		if len(list) < p.Limit {
			return all
		}
		p.After = list[len(list)-1].Num
	}
}

// partFiles lists the files of the lake, as the catalogue would name them.
func partFiles(t testing.TB, a *App) []state.File {
	t.Helper()
	var files []state.File
	root := filepath.Join(a.cfg.Data, "parts")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files = append(files, state.File{Tier: "hot", Path: filepath.ToSlash(rel)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// strangers are files of the lake that the catalogue does not name.
func strangers(t testing.TB, a *App) []state.File {
	t.Helper()
	unknown, err := a.db.Unknown(ctxOf(t), partFiles(t, a))
	if err != nil {
		t.Fatal(err)
	}
	return unknown
}

// within polls until a condition holds, or fails the test.
func within(t testing.TB, d time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(d)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", d, what)
		}
		<-tick.C
	}
}

// ask runs a query and returns its answer as NDJSON.
func ask(t testing.TB, s httpapi.Service, text string) string {
	t.Helper()
	var b strings.Builder
	if err := s.Query(ctxOf(t), httpapi.QueryRequest{Text: text, Output: "ndjson", Limit: 1000}, &b, func(string) {}); err != nil {
		t.Fatalf("query %s: %v", text, err)
	}
	return b.String()
}

// counted asks how many events there are, in a snapshot of its own.
func counted(t testing.TB, a *App) int64 {
	t.Helper()
	q := store.AggregateQuery{Query: store.Query{From: math.MinInt64, To: math.MaxInt64}, Aggs: []store.Agg{{Name: "n", Func: store.Count}}}
	table, err := a.lake.Aggregate(ctxOf(t), q)
	if err != nil {
		t.Error(err)
		return -1
	}
	return table.Rows[0][0].(int64)
}

// slowStore lets a test act inside the calls of a store.
type slowStore struct {
	ingest.Store
	write func(p store.Part, do func() error) error
}

func (s slowStore) Write(ctx context.Context, p *store.Part, b *event.Batch, at time.Time) error {
	return s.write(*p, func() error { return s.Store.Write(ctx, p, b, at) })
}

func fileOf(data string, p store.Part) string {
	return filepath.Join(data, "parts", filepath.FromSlash(p.Path))
}

func errText(err error) string { return fmt.Sprint(err) }

func contextWithCancel(t testing.TB) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctxOf(t))
	t.Cleanup(cancel)
	return ctx, cancel
}
