package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// demoAPI is a small demonstration behind its API, shared by the tests of this file, which only read.
type demoAPI struct {
	app  *App
	face *face
	url  string
	demo Demo
}

var sharedDemo struct {
	once sync.Once
	demoAPI
	err error
	end []func()
}

// endSharedDemo is called when all tests are done.
func endSharedDemo() {
	for i := len(sharedDemo.end) - 1; i >= 0; i-- {
		sharedDemo.end[i]()
	}
}

func theDemo(t testing.TB) *demoAPI {
	t.Helper()
	s := &sharedDemo
	s.once.Do(func() {
		var dir string
		if dir, s.err = os.MkdirTemp("", "yagura-api-"); s.err != nil {
			return
		}
		s.end = append(s.end, func() { _ = os.RemoveAll(dir) })
		if s.demo, s.err = WriteDemo(dir, time.Now().Truncate(time.Second), 0.01); s.err != nil {
			return
		}
		var cfg config.Config
		if cfg, s.err = config.Load(s.demo.Config, []string{"YAGURA_QUERY_MEMORY=256MiB"}); s.err != nil {
			return
		}
		if s.app, s.err = open(context.Background(), cfg, "test", slog.New(slog.DiscardHandler), cheapHash); s.err != nil {
			return
		}
		s.end = append(s.end, func() { _ = s.app.Close() })
		if _, s.err = s.app.Load(context.Background(), httpapi.LoadRequest{Target: filepath.Join(dir, "bucket")}, func(httpapi.Progress) {}); s.err != nil {
			return
		}
		s.face = newFace(s.app)
		srv := httptest.NewServer(s.app.webHandler(s.face, s.app.newGuard(), ""))
		s.url = srv.URL
		s.end = append(s.end, srv.Close)
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return &s.demoAPI
}

// call asks and decodes; body is JSON text, "" = none.
func (d *demoAPI) call(t testing.TB, method, path, body string) (status int, header http.Header, out map[string]any, raw string) {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, d.url+api.Prefix+path, in)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(b, &out)
	return res.StatusCode, res.Header, out, string(b)
}

// query is POST /query of a body, which must succeed.
func (d *demoAPI) query(t testing.TB, body string) map[string]any {
	t.Helper()
	status, _, out, raw := d.call(t, http.MethodPost, "/query", body)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", body, status, raw)
	}
	return out
}

func anEvent(t testing.TB, d *demoAPI) string {
	t.Helper()
	events := d.query(t, `{"q":"event.action:BLOCK and event.module:aws.waf","limit":1}`)["events"].([]any)
	return events[0].(map[string]any)["id"].(string)
}

// scenario is a request and what its answer holds.
type scenario struct {
	method, path, body string
	status             int
	has                string // regular expression over the answer
	hasNot             string
}

// scenarios of the areas query, entity, home, live and me; {id} is an event, {ip} an attacker.
var scenarios = []scenario{
	{"GET", "/me", "", 200, `"name":"local","role":"admin".*"open":true.*"zone":"Asia/Tokyo".*"demo":true`, ""},
	{"GET", "/nothing", "", 404, `"type":"urn:yagura:problem:not-found".*"request_id":"[0-9a-f]+"`, ""},
	{"GET", "/query", "", 404, `"title":`, ""},

	{"POST", "/query", `{"q":"event.action:BLOCK","limit":2}`, 200, `"kind":"events".*"limit":2.*"events":\[\{"id".*"next":".*"cli":"yagura query event.action:BLOCK --until .*"where":"event.action:BLOCK"`, `event\.original`},
	{"POST", "/query", `{"q":"","filters":null,"from":"now-1h","to":"now","zone":"UTC","limit":1,"explain":true}`, 200, `"explain":\{"types":\[\]`, `"where":null`},
	{"POST", "/query", `{"q":"| top 2 source.ip","filters":[{"field":"event.module","value":"aws.waf"},{"field":"event.action","op":"is_not","value":"ALLOW"},{"field":"source.port","op":"not_exists"}]}`, 200, `"kind":"table".*"columns":\[\{"name":"source.ip","kind":"ip","exact":true\}.*"rows":\[\["`, ""},
	{"POST", "/query", `{"q":"","filters":[{"field":"http.response.status_code","value":404},{"field":"source.ip","values":["192.0.2.0/24","203.0.113.0/24"]}],"limit":1}`, 200, `"where":"http.response.status_code:404 and \(source.ip:192.0.2.0/24 or source.ip:203.0.113.0/24\)"`, ""},
	{"POST", "/query", `{"q":"event.action:BLOCK","fields":["source.ip","url.path"],"limit":1}`, 200, `"fields":\{"source.ip":"[^"]*","url.path":`, `user_agent|sentence`},
	{"POST", "/query", `{"q":"event.action:BLOCK | fields rule.*","limit":1}`, 200, `"rule.name"`, `source.ip"`},
	{"POST", "/query", `{"q":"event.action:BLOCK","fields":["yagura.sentence","source.ip"],"limit":1}`, 200, `"fields":\{"source.ip":"[^"]*"\}.*"sentence":\{"en":"`, `user_agent`},
	{"POST", "/query", `{"q":"event.acton:x","limit":1}`, 200, `did you mean event.action`, ""},
	{"POST", "/query", `{"q":"日本:(x"}`, 400, `"type":"urn:yagura:problem:syntax".*"position":\{"offset":7,"length":1,"line":1,"column":4\},"hint":"`, ""},
	{"POST", "/query", `{"q":"a:b |\n nonsense"}`, 400, `"line":2,"column":2`, ""},
	{"POST", "/query", `{"q":"` + strings.Repeat("(", 5000) + `"}`, 400, `nested deeper`, ""},
	{"POST", "/query", `{"q":"` + strings.Repeat("a", 66_000) + `"}`, 422, `body\.q`, ""},
	{"POST", "/query", `{"q":"\u0000\u0007\u202e","limit":1}`, 200, `"events":\[\]`, ""},
	{"POST", "/query", `{"q":`, 400, `"type":"urn:yagura:problem:request"`, ""},
	{"POST", "/query", strings.Repeat(`[`, 20_000), 400, `problem`, ""},
	{"POST", "/query", `[]`, 422, `"location":"body"`, ""},
	{"POST", "/query", ``, 400, `required`, ""},
	{"POST", "/query", `{"limit":99999}`, 422, `body\.limit`, ""},
	{"POST", "/query", `{"lmit":1}`, 422, `body\.lmit`, ""},
	{"POST", "/query", `{"order":"sideways"}`, 422, `body\.order`, ""},
	{"POST", "/query", `{"from":"then"}`, 422, `"location":"body\.from"`, ""},
	{"POST", "/query", `{"to":"then"}`, 422, `"location":"body\.to"`, ""},
	{"POST", "/query", `{"from":"now","to":"now-1h"}`, 422, `starts`, ""},
	{"POST", "/query", `{"zone":"Mars/Base"}`, 422, `"location":"body\.zone"`, ""},
	{"POST", "/query", `{"zone":"Local"}`, 422, `body\.zone`, ""},
	{"POST", "/query", `{"zone":"../../etc/passwd"}`, 422, `body\.zone`, ""},
	{"POST", "/query", `{"cursor":"zzz"}`, 422, `body\.cursor`, ""},
	{"POST", "/query", `{"filters":[{"field":"a*","op":"exists"}]}`, 422, `"location":"body\.filters\[0\]"`, ""},
	{"POST", "/query", `{"filters":[{"field":"a","value":{"x":1}}]}`, 422, `want a text, a number or a boolean`, ""},
	{"POST", "/query", `{"filters":[{"field":"a","op":"like","value":"x"}]}`, 422, `body\.filters\[0\]\.op`, ""},

	{"POST", "/histogram", `{"q":"event.module:aws.waf","from":"now-24h","by":"event.action","compare":"week","buckets":12}`, 200, `"span":"3h","width_ms":10800000,"series":\[\{"key":"ALLOW".*"previous":\{`, ""},
	{"POST", "/histogram", `{"q":"* | top 3 source.ip","from":""}`, 200, `"series":\[\{"key":null,"counts":`, ""},
	{"POST", "/histogram", `{"q":"a:("}`, 400, `syntax`, ""},
	{"POST", "/histogram", `{"from":"now-100y","buckets":1000}`, 200, `"buckets":`, ""},
	{"POST", "/estimate", `{"q":"event.module:aws.waf"}`, 200, `"parts":\d+,"rows":[1-9]\d*,"bytes":[1-9]\d*,"consent":false`, ""},

	{"POST", "/fields", `{"from":""}`, 200, `"total":[1-9].*"name":"cloud.account.id","kind":"string","title_en":"[^"]+","title_ja":"[^"]+","present":[1-9]\d*,"fill":1,"ecs":true`, `"_object"|"sampled"`},
	{"POST", "/fields", `{"q":"event.action:BLOCK"}`, 200, `"name":"rule.name"`, `"_object"`},
	{"POST", "/fields/values", `{"q":"event.module:aws.waf","field":"event.action","limit":2}`, 200, `"values":\[\{"value":"ALLOW","count":\d+,"share":0\.\d+\},\{"value":"BLOCK".*"absent":0,"distinct":[2-9]`, ""},
	{"POST", "/fields/values", `{"field":"url.path","prefix":"/SEARCH"}`, 200, `"value":"/search"`, `"value":"/items`},
	{"POST", "/fields/values", `{"field":"url.path","contains":"*"}`, 200, `"values":\[\]`, ""},
	{"POST", "/fields/values", `{"field":"a*"}`, 422, `body\.field`, ""},
	{"POST", "/fields/values", `{"field":""}`, 422, `body\.field`, ""},
	{"POST", "/complete", `{"text":"event.act","position":9}`, 200, `"from":0,"items":\[\{"label":"event.action","insert":"event.action:","kind":"field"`, ""},
	{"POST", "/complete", `{"text":"event.module:aws.w","position":18,"lang":"ja"}`, 200, `"label":"aws.waf","insert":"aws.waf","kind":"value","detail":"`, ""},
	{"POST", "/complete", `{"text":"* | ","position":4}`, 200, `"kind":"stage"`, ""},
	{"POST", "/complete", `{"text":"((((\"","position":999999}`, 200, `"items":\[`, ""},
	{"POST", "/check", `{"q":"event.action:BLOCK | top 3 source.ip"}`, 200, `"ok":true.*"fields":\["event.action"\],"kind":"table","where":"event.action:BLOCK"`, ""},
	{"POST", "/check", `{"q":"a:(b"}`, 200, `"ok":false,"error":\{"message":"[^"]+","hint":"[^"]+","offset":2`, ""},
	{"GET", "/fields/dictionary", "", 200, `"name":"event.action","kind":"string","title_en":"`, ""},
	{"GET", "/types", "", 200, `"name":"aws.waf","title_en":"[^"]+","title_ja":"[^"]+".*"events":[1-9]\d*,"first":"`, ""},

	{"GET", "/events/{id}", "", 200, `"sentence":\{"en":"[^"]+","ja":"[^"]+"\}.*"original":"\{.*"table":\[.*"raw":"\{\\n.*"object":\{"id":"[^"]+","source":"bucket".*"log_type":\{"name":"aws.waf".*"where":"event.id:`, ""},
	{"GET", "/events/zzz", "", 404, `there is no event`, ""},
	{"GET", "/events/00000000000000000000-0-0", "", 404, `there is no event`, ""},
	{"GET", "/events/%00%ff", "", 404, `problem`, ""},
	{"GET", "/events/{id}/around?before=3&after=3&same=event.module", "", 200, `"before":\[\{"id".*"after":\[.*"where":"event.module:aws.waf"`, ""},
	{"GET", "/events/{id}/around?same=process.pid", "", 422, `query\.same`, ""},
	{"GET", "/events/{id}/around?before=5000", "", 422, `query\.before`, ""},
	{"GET", "/events/{id}/around?befor=5", "", 422, `befor`, ""},

	{"GET", "/entities/ip/{ip}?from=now-8d", "", 200, `"kind":"ip".*"fields":\["source.ip".*"total":[1-9].*"facts":\[\{"label_en":"[^"]+","label_ja":"[^"]+","field":".*"by_type":\[\{"type":"aws\.[a-z]+","count":[1-9].*"timeline":\{.*"top":\[.*"recent":\[\{"id"`, ""},
	{"GET", "/entities/path/-?value=%2Fsearch", "", 200, `"value":"/search".*"total":[1-9]`, ""},
	{"GET", "/entities/path/%2Fsearch", "", 200, `"value":"/search"`, ""},
	{"GET", "/entities/user/nobody", "", 200, `"total":0,"facts":\[\],"by_type":\[\]`, ""},
	{"GET", "/entities/ip/not-an-address", "", 422, `no address`, ""},
	{"GET", "/entities/planet/mars", "", 422, `path\.kind`, ""},
	{"GET", "/entities/user/-", "", 422, `path\.value`, ""},
	{"GET", "/home", "", 200, `"events":\{"today":\d+.*"intake":\{"sources":\[.*"name":"bucket".*"fresh":\{"countries":\{"field":"source.geo.country_iso_code".*"get_started":\[\{"id":"source","done":true\},\{"id":"demo","done":true\}.*"empty":false`, ""},
	{"GET", "/home?zone=Nowhere", "", 422, `zone`, ""},

	{"POST", "/export", `{"q":"event.action:BLOCK | fields source.ip, url.path","format":"csv","bom":true,"limit":2}`, 200, "^\ufeffsource.ip,url.path\r\n[^\r]+\r\n[^\r]+\r\n$", ""},
	{"POST", "/export", `{"q":"| top 2 event.module","format":"csv"}`, 200, "^event.module,n\r\n[a-z.]+,\\d+\r\n", ""},
	{"POST", "/export", `{"q":"| top 2 event.module","format":"json"}`, 200, `^\[\n\{"event.module":"[a-z.]+","n":\d+\},\n`, ""},
	{"POST", "/export", `{"q":"event.action:nothing","format":"json"}`, 200, `^\[\n\]\n$`, ""},
	{"POST", "/export", `{"q":"a:(","format":"csv"}`, 400, `syntax`, ""},
	{"POST", "/export", `{"format":"xlsx"}`, 422, `body\.format`, ""},
	{"GET", "/export?q=event.action:BLOCK&f=-source.ip:10.0.0.0/8&f=url.path:*&format=ndjson&limit=1&fields=source.ip,url.path", "", 200, `^\{"source":\{"ip":"[^"]+"\},"url":\{"path":"[^"]+"\}\}\n$`, ""},
	{"GET", "/export?f=nonsense", "", 422, `query\.f\[0\]`, ""},

	{"GET", "/stream?topics=tail", "", 422, `query\.topics`, ""},
	{"POST", "/stream/none", `{"topics":[]}`, 404, `no open stream`, ""},
}

func TestAPI(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	fill := strings.NewReplacer("{id}", anEvent(t, d), "{ip}", d.demo.Facts.Scan.IPs[0])
	for _, s := range scenarios {
		name := s.method + " " + s.path + " " + s.body
		status, header, out, raw := d.call(t, s.method, fill.Replace(s.path), s.body)
		if status != s.status || !regexp.MustCompile(`(?s)`+s.has).MatchString(raw) {
			t.Errorf("%.200s: %d, want %d and %s:\n%.1500s", name, status, s.status, s.has, raw)
		}
		if s.hasNot != "" && regexp.MustCompile(s.hasNot).MatchString(raw) {
			t.Errorf("%.200s: the answer holds %s:\n%.1500s", name, s.hasNot, raw)
		}
		if status >= 400 {
			if out["request_id"] == "" || out["title"] == "" || out["type"] == "" || header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%.200s: no problem: %s %s", name, header.Get("Content-Type"), raw)
			}
			if len(raw) > 4000 {
				t.Errorf("%.200s: a problem of %d bytes", name, len(raw))
			}
		}
	}
}

// TestEveryRouteHasAScenario: those of the areas of this file stand in the table; the others in
// some test, by their path up to its first parameter.
func TestEveryRouteHasAScenario(t *testing.T) {
	t.Parallel()
	var spec struct {
		Paths map[string]map[string]struct {
			Tags []string
		}
	}
	if err := json.Unmarshal(api.Spec(), &spec); err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, pattern := range []string{"*_test.go", "../httpapi/api/*_test.go", "../httpapi/*_test.go", "../../cmd/yagura/*_test.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(b)
		}
	}
	mine := []string{"query", "me", "entity", "home", "live"}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			method = strings.ToUpper(method)
			if !slices.Contains(mine, op.Tags[0]) {
				if start, _, _ := strings.Cut(path, "{"); !strings.Contains(tests.String(), start) {
					t.Errorf("no test asks for %s %s", method, path)
				}
				continue
			}
			shape := regexp.MustCompile(`^` + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/?]+`) + `(\?.*)?$`)
			if !slices.ContainsFunc(scenarios, func(s scenario) bool { return s.method == method && shape.MatchString(s.path) }) {
				t.Errorf("no scenario for %s %s", method, path)
			}
		}
	}
}

// TestAPICountsAsTheCommandLine: the same question has the same answer on both, by the command
// the API names.
func TestAPICountsAsTheCommandLine(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	for _, body := range []string{
		`{"q":"| stats count() as n by event.module","from":"now-2d"}`,
		`{"q":"event.module:aws.waf | top 5 source.ip","from":"now-1d/d","to":"now","zone":"Asia/Tokyo"}`,
		`{"q":"| stats count() as n, distinct(source.ip) by event.action | sort n desc | limit 4","filters":[{"field":"event.module","value":"aws.waf"},{"field":"url.path","op":"is_not","value":"/it's \"odd\" $HOME"}],"from":"now-30h","zone":"UTC"}`,
		`{"q":"event.outcome:failure | stats count() by bucket(6h)","from":"now-3d","zone":"America/New_York"}`,
	} {
		out := d.query(t, body)
		line := out["cli"].(string)
		args, err := exec.Command("sh", "-c", `for a in `+strings.TrimPrefix(line, "yagura query ")+`; do printf '%s\0' "$a"; done`).Output()
		if err != nil {
			t.Skipf("no shell: %v", err)
		}
		q := httpapi.QueryRequest{Output: "json"}
		words := strings.Split(strings.TrimSuffix(string(args), "\x00"), "\x00")
		q.Text = words[0]
		for i := 1; i+1 < len(words); i += 2 {
			switch words[i] {
			case "--since":
				q.Since = words[i+1]
			case "--until":
				q.Until = words[i+1]
			case "--zone":
				q.Zone = words[i+1]
			default:
				t.Fatalf("%s: %q", line, words[i])
			}
		}
		var text bytes.Buffer
		if err := d.app.Query(t.Context(), q, &text, func(string) {}); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var rows []map[string]any
		if err := json.Unmarshal(text.Bytes(), &rows); err != nil {
			t.Fatal(err)
		}
		var want, got [][]string
		columns := out["columns"].([]any)
		for _, row := range rows {
			var line []string
			for _, c := range columns {
				line = append(line, plainCell(row[c.(map[string]any)["name"].(string)]))
			}
			want = append(want, line)
		}
		for _, row := range out["rows"].([]any) {
			var line []string
			for _, c := range row.([]any) {
				line = append(line, plainCell(c))
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("%s\n%s (-command +api):\n%s", body, line, diff)
		}
	}
}

// plainCell makes times of any zone comparable.
func plainCell(v any) string {
	if s, ok := v.(string); ok {
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return at.UTC().String()
		}
	}
	return fmt.Sprint(v)
}

// TestPagesOfEvents walks all cursors: each event once, in order, and the range stays.
func TestPagesOfEvents(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	total := d.query(t, `{"q":"event.module:aws.waf | stats count()","from":"now-1d"}`)["rows"].([]any)[0].([]any)[0].(float64)
	seen := map[string]bool{}
	cursor, from, last := "", "", ""
	for page := 0; ; page++ {
		out := d.query(t, fmt.Sprintf(`{"q":"event.module:aws.waf","from":"now-1d","limit":500,"fields":["source.ip"],"cursor":%q}`, cursor))
		if from == "" {
			from = out["from"].(string)
		}
		if out["from"] != from {
			t.Errorf("page %d begins %s, the first %s", page, out["from"], from)
		}
		for _, e := range out["events"].([]any) {
			e := e.(map[string]any)
			id, at := e["id"].(string), e["time"].(string)
			if when, _ := time.Parse(time.RFC3339Nano, at); last != "" {
				if before, _ := time.Parse(time.RFC3339Nano, last); when.After(before) {
					t.Fatalf("%s stands behind %s", at, last)
				}
			}
			if last = at; seen[id] {
				t.Fatalf("%s came twice", id)
			}
			seen[id] = true
		}
		next, more := out["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	if len(seen) < int(total)-50 || len(seen) > int(total) { // the range of the count began a little earlier
		t.Errorf("%d events in pages, %v counted", len(seen), total)
	}
	if status, _, _, raw := d.call(t, "POST", "/query", fmt.Sprintf(`{"q":"another","cursor":%q}`, cursor)); cursor != "" && status != 422 {
		t.Errorf("a cursor of another question: %d %s", status, raw)
	}
	out := d.query(t, `{"q":"event.module:aws.waf | limit 7","limit":5}`)
	rest := d.query(t, fmt.Sprintf(`{"q":"event.module:aws.waf | limit 7","limit":5,"cursor":%q}`, out["next"]))
	if n := len(rest["events"].([]any)); n != 2 || rest["next"] != nil {
		t.Errorf("the second page of seven has %d events, next %v", n, rest["next"])
	}
}

// TestHistogramAddsUp: its series and the counts of the same question agree.
func TestHistogramAddsUp(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	for _, by := range []string{"", "event.action", "source.ip", "event.category", "nothing.here"} {
		_, _, h, raw := d.call(t, "POST", "/histogram", fmt.Sprintf(`{"q":"event.module:(aws.waf or aws.cloudtrail)","from":"","by":%q,"top":3,"zone":"America/New_York"}`, by))
		n := d.query(t, `{"q":"event.module:(aws.waf or aws.cloudtrail) | stats count()"}`)["rows"].([]any)[0].([]any)[0].(float64)
		if h["total"] != n {
			t.Errorf("by %q: total %v, counted %v: %.300s", by, h["total"], n, raw)
		}
		sum := 0.0
		for _, s := range h["series"].([]any) {
			counts := s.(map[string]any)["counts"].([]any)
			if len(counts) != len(h["buckets"].([]any)) {
				t.Errorf("by %q: %d counts of %d buckets", by, len(counts), len(h["buckets"].([]any)))
			}
			for _, c := range counts {
				sum += c.(float64)
			}
		}
		if by != "event.category" && sum != n { // an event has several categories
			t.Errorf("by %q: series add up to %v of %v", by, sum, n)
		}
	}
}

// TestExportIsWhole: every event once, and what a spreadsheet would run is disarmed.
func TestExportIsWhole(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	n := int(d.query(t, `{"q":"| stats count()"}`)["rows"].([]any)[0].([]any)[0].(float64))
	for _, order := range []string{"newest", "oldest"} {
		_, header, _, raw := d.call(t, "GET", "/export?format=csv&fields=@timestamp,event.id,source.ip,user_agent.original&order="+order, "")
		rows, err := csv.NewReader(strings.NewReader(raw)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^attachment; filename="yagura-\d{8}-\d{6}\.csv"$`).MatchString(header.Get("Content-Disposition")) {
			t.Errorf("%v", header)
		}
		ids := map[string]bool{}
		var last time.Time
		for i, r := range rows[1:] {
			ids[r[1]] = true
			at, err := time.Parse(time.RFC3339Nano, r[0])
			if err != nil || !strings.HasSuffix(r[0], "+09:00") {
				t.Fatalf("%q: %v", r[0], err)
			}
			if i > 0 && (order == "newest") == at.After(last) && !at.Equal(last) {
				t.Fatalf("%s: %s stands behind %s", order, at, last)
			}
			last = at
		}
		if len(rows)-1 != n || len(ids) != n {
			t.Errorf("%s: %d rows, %d ids, %d events", order, len(rows)-1, len(ids), n)
		}
	}
	status, _, _, raw := d.call(t, "GET", "/export?format=csv&limit=1", "")
	if status != 200 || !strings.HasPrefix(raw, "@timestamp,event.module,event.id,") || strings.Contains(raw, "_object") {
		t.Errorf("%d %.200s", status, raw)
	}
}

// TestHangingUpEndsTheWork: nothing runs for a client that has gone.
func TestHangingUpEndsTheWork(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	for _, path := range []string{"/export?format=ndjson", "/stream?topics=intake"} {
		ctx, cancel := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, d.url+api.Prefix+path, nil)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadFull(res.Body, make([]byte, 10))
		cancel()
		res.Body.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.face.Search(ctx, api.SearchRequest{Scope: api.Scope{Q: "| stats count() by url.path"}}); err == nil {
		t.Error("a search without a client has an answer")
	}
	end := time.Now().Add(20 * time.Second)
	for d.face.exports.busy(2) && time.Now().Before(end) {
		time.Sleep(time.Millisecond)
	}
	if d.face.exports.busy(2) {
		t.Error("an export goes on for nobody")
	}
}

// busy tells whether places of a gate of n are taken.
func (g *gate) busy(n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.free < n
}

func TestDictionaryIsCached(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	_, header, _, _ := d.call(t, "GET", "/fields/dictionary", "")
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+api.Prefix+"/fields/dictionary", nil)
	r.Header.Set("If-None-Match", header.Get("ETag"))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusNotModified || len(b) > 0 || header.Get("ETag") == "" {
		t.Errorf("%d, %d bytes", res.StatusCode, len(b))
	}
}

// TestPageIsServed: the interface on every path of its own, the API below /api alone.
func TestPageIsServed(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	for path, want := range map[string]string{"/": "text/html", "/explore?q=a": "text/html", "/entity/ip/192.0.2.1": "text/html", "/api/v1/x": "application/problem+json", "/healthz": "text/plain", "/openapi.json": "text/html"} {
		res, err := http.Get(d.url + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %d %s, want %s", path, res.StatusCode, got, want)
		}
	}
}

func TestEscapedValuesArriveWhole(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	for _, v := range []string{"/a/b?c=d&e#f", "%2e%2e", "改行\n\u202e", `"; drop`} {
		_, _, out, raw := d.call(t, "GET", "/entities/path/-?value="+url.QueryEscape(v), "")
		if out["value"] != v {
			t.Errorf("%q: %.200s", v, raw)
		}
	}
}
