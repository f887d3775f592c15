package query

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
	"github.com/yagura-siem/yagura/internal/store/storetest"
)

func sample() *naive.Searcher {
	table := schema.NewTable("aws.waf", 1, []schema.Field{{Name: "source.ip", Kind: schema.IP}, {Name: "event.action", Kind: schema.String}, {Name: "url.path", Kind: schema.String},
		{Name: "http.response.bytes", Kind: schema.Int}, {Name: "aws.waf.labels", Kind: schema.Strings}})
	table.Rest = true
	var records []naive.Record
	add := func(minute int, fields map[string]any) {
		records = append(records, naive.Record{Table: table, Event: store.Event{ID: "e" + itoa(len(records)), LogType: "aws.waf",
			Time: now.Add(-time.Hour + time.Duration(minute)*time.Minute), Fields: fields}})
	}
	add(0, map[string]any{"source.ip": "203.0.113.9", "event.action": "BLOCK", "url.path": "/admin", "http.response.bytes": int64(100), "aws.waf.labels": []string{"a", "b"}})
	add(10, map[string]any{"source.ip": "203.0.113.9", "event.action": "BLOCK", "url.path": "/日本語のパス", "http.response.bytes": int64(200)})
	add(20, map[string]any{"source.ip": "198.51.100.7", "event.action": "ALLOW", "url.path": "=cmd|' /C calc'!A0", "http.response.bytes": int64(5)})
	add(59, map[string]any{"source.ip": "198.51.100.8", "event.action": "ALLOW", "url.path": "/\x1b[31mred\u202e\r\n", naive.NativeField: map[string]string{"extra.key": "x"}})
	return naive.New(records)
}

func ask(t *testing.T, text string, o Options) Result {
	t.Helper()
	s, err := Parse(text, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), sample(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, format string, r Result, s Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tokyo := options()
	tokyo.Zone = zone(t, "Asia/Tokyo")
	for _, c := range []struct {
		text, format, want string
		o                  Options
	}{
		{`| stats count() as n, sum(http.response.bytes) as bytes by source.ip | sort n desc`, "table", `
 source.ip     n  bytes
────────────────────────
 203.0.113.9   2    300
 198.51.100.7  1      5
 198.51.100.8  1
3 rows
`, options()},
		{`| stats count() as n, avg(http.response.bytes) as mean by bucket(30m) as t`, "ndjson", `
{"t":"2026-11-21T20:00:00+09:00","n":3,"mean":101.66666666666667}
{"t":"2026-11-21T20:30:00+09:00","n":1,"mean":null}
`, tokyo},
		{`| stats count() as n by event.action | sort n | limit 1 | fields n`, "json", `
[
  {
    "n": 2
  }
]
`, options()},
		{`event.action:nothing`, "json", "\n[]\n", options()},
		{`event.action:nothing`, "table", "\n0 events\n", options()},
		{`| top 1 source.ip by event.action`, "csv", "\nevent.action,source.ip,n\r\nALLOW,198.51.100.7,1\r\nBLOCK,203.0.113.9,2\r\n", options()},
		{`event.action:BLOCK | fields @timestamp, url.path | sort @timestamp asc`, "table", `
 @timestamp                 url.path
──────────────────────────────────────────
 2026-11-21T20:00:00+09:00  /admin
 2026-11-21T20:10:00+09:00  /日本語のパス
2 events
`, tokyo},
		{`event.action:BLOCK | fields source.*, aws.waf.labels | limit 1`, "ndjson", "\n" + `{"source":{"ip":"203.0.113.9"}}` + "\n", options()},
		{`source.ip:198.51.100.8 | fields extra.key, event.module`, "csv", "\nextra.key,event.module\r\nx,aws.waf\r\n", options()},
	} {
		got := "\n" + write(t, c.format, ask(t, c.text, c.o), Style{})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s as %s:\n%s", c.text, c.format, diff)
		}
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	r := ask(t, "*", options())
	for _, width := range []int{40, 60, 100} {
		for line := range strings.Lines(write(t, "table", r, Style{Width: width})) {
			if n := text.StringWidthWithoutEscSequences(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d: %s", width, n, line)
			}
			if strings.ContainsAny(line, "\x1b\u202e\r") {
				t.Errorf("a control character reaches the terminal: %q", line)
			}
		}
	}
	if got := write(t, "table", r, Style{}); !strings.Contains(got, `/\x1b[31mred\u202e\r\n`) {
		t.Errorf("no escapes:\n%s", got)
	}
}

func TestCSVGuardsFormulas(t *testing.T) {
	t.Parallel()
	out := write(t, "csv", ask(t, "event.action:ALLOW", options()), Style{Guard: true})
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"@timestamp", "event.module", "event.id", "event.action", "extra.key", "http.response.bytes", "source.ip", "url.path"},
		{"2026-11-21T11:59:00Z", "aws.waf", "e3", "ALLOW", "x", "", "198.51.100.8", "/\x1b[31mred\u202e\n"},
		{"2026-11-21T11:20:00Z", "aws.waf", "e2", "ALLOW", "", "5", "198.51.100.7", "'=cmd|' /C calc'!A0"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentsAreJSON(t *testing.T) {
	t.Parallel()
	r := ask(t, "*", options())
	lines := strings.Split(strings.TrimSpace(write(t, "ndjson", r, Style{})), "\n")
	var array []any
	if err := json.Unmarshal([]byte(write(t, "json", r, Style{})), &array); err != nil || len(array) != 4 || len(lines) != 4 {
		t.Fatalf("%d lines, %d elements, %v", len(lines), len(array), err)
	}
	for i, l := range lines {
		var v any
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Errorf("%s: %v", l, err)
		}
		if diff := cmp.Diff(array[i], v); diff != "" {
			t.Error(diff)
		}
	}
	odd := Result{Table: &store.Table{Columns: []store.Column{{Name: "a\"b"}, {Name: "f"}}, Rows: [][]any{{"x\x00", math.NaN()}}}}
	if got := write(t, "ndjson", odd, Style{}); got != "{\"a\\\"b\":\"x\\u0000\",\"f\":null}\n" {
		t.Errorf("got %s", got)
	}
}

func TestLimitsWalkPages(t *testing.T) {
	t.Parallel()
	_, batches := storetest.Data()
	var records []naive.Record
	for _, b := range batches {
		if !b.Table.Derived {
			records = append(records, naive.FromBatch(b)...)
		}
	}
	s, err := Parse("| limit 100000", Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), small{naive.New(records)}, s)
	if err != nil || len(r.Events) != len(records) || r.More {
		t.Errorf("%d of %d events, more %v, %v", len(r.Events), len(records), r.More, err)
	}
	s.Events.Limit = 17
	r, err = Run(context.Background(), small{naive.New(records)}, s)
	if err != nil || len(r.Events) != 17 || !r.More {
		t.Errorf("%d events, more %v, %v", len(r.Events), r.More, err)
	}
}

// small is a store with small pages.
type small struct{ store.Searcher }

func (s small) Events(ctx context.Context, q store.EventsQuery) (store.EventsResult, error) {
	q.Limit = min(q.Limit, 100)
	return s.Searcher.Events(ctx, q)
}

// Every ready question of the log types can be asked.
func TestReadyQuestions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../content/logtypes/*/queries.md")
	if err != nil || len(files) == 0 {
		t.Skip("no ready questions in content/logtypes yet")
	}
	for _, f := range append(files, "../../docs/query-language.md", "../../docs/query-language.ja.md") {
		n := 0
		for _, text := range blocks(t, f) {
			n++
			if _, err := Parse(text, Options{Now: now, Since: "24h"}); err != nil {
				t.Errorf("%s:\n%s\n%v", f, text, err)
			}
		}
		if n == 0 {
			t.Errorf("%s has no questions", f)
		}
	}
}

// blocks returns the code blocks of a page that are marked yagura. In docs a block holds one
// question a line, in queries.md one in all; a line that begins with | continues.
func blocks(t *testing.T, file string) []string {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	inside := false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```yagura"):
			inside = true
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside && strings.HasPrefix(strings.TrimSpace(line), "|") && len(out) > 0 && !strings.HasPrefix(file, "../../docs"):
			out[len(out)-1] += "\n" + line
		case inside && strings.TrimSpace(line) != "":
			out = append(out, line)
		}
	}
	return out
}

func FuzzVisible(f *testing.F) {
	for _, s := range []string{"a", "\x1b[2J", "\u202e", "日本\n", "\xff", "\U000e0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Visible(s) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e || r == 0xfffd && !strings.ContainsRune(s, 0xfffd) {
				t.Fatalf("%q leaves %q", s, r)
			}
		}
		clip(Visible(s), 5)
	})
}
