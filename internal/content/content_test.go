package content_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/schema"
)

// definition is a small valid log type; cut changes it for a test (old, new, …).
func definition(change ...string) string {
	s := `name: my.app
title: {en: My app, ja: 私のアプリ}
version: 1
reference: https://example.com/log
about: {en: What the app did., ja: アプリの動作。}
recognise: {content: [app, who]}
frame: json
time: {from: at, as: iso8601}
mask:
  - {at: hidden}
let:
  origin: {from: peer, parse: host_port}
fields:
  my.app.step: {kind: int, about: {en: the step, ja: 手順}}
set:
  event.action: {from: what, required: true}
  user.name: who
  source.ip: $origin.host
  my.app.step: step
rest: {}
say:
  - {en: '{user.name} did {event.action}', ja: '{user.name} が {event.action}'}
`
	return strings.NewReplacer(change...).Replace(s)
}

const (
	goodRecord = `{"app":1,"who":"ann","what":"login","at":"2026-01-02T03:04:05Z","peer":"192.0.2.7:80","step":3,"hidden":"hush","more":{"x":"y"}}` + "\n"
	badRecord  = `{"app":1,"who":"ann","at":"2026-01-02T03:04:05Z","password":"hush"}` + "\n"
	queries    = "## Who?\n\n```yagura\nuser.name:ann | stats count() as n by user.name\n```\n"
)

func myApp(change ...string) fstest.MapFS {
	return fstest.MapFS{
		"logtypes/my.app/logtype.yaml":        file(definition(change...)),
		"logtypes/my.app/queries.md":          file(queries),
		"logtypes/my.app/testdata/sample.log": file(goodRecord),
		"logtypes/my.app/testdata/bad-x.log":  file(badRecord),
	}
}

func load(t *testing.T, fsys fstest.MapFS) (*content.Content, content.Folder, error) {
	t.Helper()
	folders, err := content.Folders(content.Source{FS: fsys, Path: "c", Origin: content.User})
	if err != nil {
		t.Fatal(err)
	}
	c, err := content.Load(folders)
	f, _ := c.Folder("my.app")
	return c, f, err
}

func TestLoadReportsEverything(t *testing.T) {
	t.Parallel()
	fsys := myApp("what, required", "what, requird", "user.name: who", "user.nam: who")
	fsys["logtypes/my.empty/notes.txt"] = file("")
	fsys["logtypes/my.other/logtype.yaml"] = file(definition())
	fsys["logtypes/my.twin/logtype.yaml"] = file(definition("name: my.app", "name: my.twin", "kind: int", "kind: string"))
	fsys["logtypes/my.good/logtype.yaml"] = file(definition("name: my.app", "name: my.good"))
	c, _, err := load(t, fsys)
	var problems content.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("err = %v", err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, strings.SplitN(p.String(), "\n", 2)[0])
	}
	want := []string{
		`c/logtypes/my.app/logtype.yaml:16:30: unknown key "requird" in event.action (did you mean required?)`,
		`c/logtypes/my.empty/logtype.yaml:1:1: log type my.empty: reading c/logtypes/my.empty/logtype.yaml: open logtype.yaml: file does not exist (every folder below logtypes/ is a log type and needs a logtype.yaml)`,
		`c/logtypes/my.other/logtype.yaml:1:7: name is my.app but the folder is my.other (both must be the same)`,
		`c/logtypes/my.twin/logtype.yaml:14:3: field my.app.step is string in my.twin (c/logtypes/my.twin/logtype.yaml:14) but int in my.good (c/logtypes/my.good/logtype.yaml:14): a field has one kind everywhere`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(c.Types) != 1 || c.Type("my.good") == nil {
		t.Errorf("types = %v, want my.good alone", c.Types)
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change []string
		edit   func(fstest.MapFS)
		want   []string // message without file and source line
	}{
		"clean": {},
		"reference": {change: []string{"reference: https://example.com/log\n", ""},
			want: []string{"1:7: no reference to the page that describes the format (add reference: https://…)"}},
		"documentation": {change: []string{", ja: 手順", "", ", ja: アプリの動作。", ""},
			want: []string{"1:7: about says nothing in English or in Japanese (about: {en: …, ja: …})", "14:3: field my.app.step is not described in English and Japanese (about: {en: …, ja: …})"}},
		"lost field": {change: []string{"rest: {}\n", ""},
			want: []string{
				"1:7: native field app (testdata/sample.log) is neither mapped nor kept (map it below set, or add rest: {} to keep it searchable)",
				"1:7: native field hidden (testdata/sample.log) is neither mapped nor kept (map it below set, or add rest: {} to keep it searchable)",
				"1:7: native field more.x (testdata/sample.log) is neither mapped nor kept (map it below set, or add rest: {} to keep it searchable)",
			}},
		"no samples": {edit: func(m fstest.MapFS) {
			delete(m, "logtypes/my.app/testdata/sample.log")
			delete(m, "logtypes/my.app/testdata/bad-x.log")
		}, want: []string{
			"1:1: no good sample (add testdata/sample.log: its records become events)",
			"1:1: no bad sample (add testdata/bad-<why>.log: at least one record must be refused)",
		}},
		"uncovered field": {edit: func(m fstest.MapFS) {
			m["logtypes/my.app/testdata/sample.log"] = file(strings.Replace(goodRecord, `"step":3,`, "", 1))
		}, want: []string{"warning 19:3: no sample gives my.app.step a value (add a record that has it)"}},
		"bad question": {edit: func(m fstest.MapFS) { m["logtypes/my.app/queries.md"] = file("# Q\n```\nuser.name:(ann\n```\n") },
			want: []string{`queries.md:3:1: "Q": `}},
		"no questions": {edit: func(m fstest.MapFS) { delete(m, "logtypes/my.app/queries.md") }, want: []string{"queries.md:1:1: no ready questions"}},
		"released": {edit: func(m fstest.MapFS) { m["logtypes/my.app/released.tsv"] = file("1\tuser.name\tstring\n") },
			want: []string{"1:7: the columns of version 1 were released and have changed"}},
		"bad clock": {edit: func(m fstest.MapFS) { m["logtypes/my.app/testdata/now"] = file("yesterday") }, want: []string{"1:1: reading c/logtypes/my.app/testdata/now: want one RFC 3339 time"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := myApp(tc.change...)
			if tc.edit != nil {
				tc.edit(fsys)
			}
			c, f, err := load(t, fsys)
			if err != nil {
				t.Fatal(err)
			}
			got := c.Lint(context.Background(), f)
			if len(got) != len(tc.want) {
				t.Fatalf("%d problems, want %d: %v", len(got), len(tc.want), got)
			}
			for i, p := range got {
				s := strings.Replace(p.String(), "c/logtypes/my.app/logtype.yaml:", "", 1)
				s = strings.TrimPrefix(s, "c/logtypes/my.app/")
				if p.Warning {
					s = "warning " + s
				}
				if !strings.HasPrefix(s, tc.want[i]) {
					t.Errorf("problem %d:\n got %s\nwant %s", i, s, tc.want[i])
				}
			}
		})
	}
}

func TestFixtureResults(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, f := range myApp() {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	run := func(update bool) content.TestReport {
		t.Helper()
		r, err := content.TestAt(ctx, nil, filepath.Join(root, "logtypes", "my.app"), update)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run(false); r.OK() || !strings.Contains(r.Results[0].Problem, "run the test with --update") {
		t.Errorf("without expected results: %s", r.Text())
	}
	if r := run(true); !r.OK() || !r.Results[0].Updated {
		t.Errorf("update: %s", r.Text())
	}
	if r := run(false); !r.OK() || r.Results[0].Updated {
		t.Errorf("after the update: %s", r.Text())
	}
	bad, err := os.ReadFile(filepath.Join(root, "logtypes/my.app/testdata/bad-x.want.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "detail": "event.action is absent or does not fit",
    "excerpt": "{\"app\":1,\"who\":\"ann\",\"at\":\"2026-01-02T03:04:05Z\",\"password\":\"****\"}",
    "log_type": "my.app",
    "offset": 0,
    "reason": "required"
  }
]
`
	if diff := cmp.Diff(want, string(bad)); diff != "" {
		t.Error(diff)
	}

	good := filepath.Join(root, "logtypes/my.app/testdata/sample.log")
	if err := os.WriteFile(good, []byte(strings.Replace(goodRecord, "ann", "bob", 1)+badRecord), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(false)
	if r.OK() || !strings.HasPrefix(r.Results[1].Problem, "1 records of a good sample were refused, the first at byte") {
		t.Errorf("a refused record in a good sample: %s", r.Text())
	}
	if !strings.Contains(r.Results[1].Diff, "-       \"name\": \"ann\"\n+       \"name\": \"bob\"\n") && !strings.Contains(r.Results[1].Diff, `"name": "bob"`) {
		t.Errorf("diff:\n%s", r.Results[1].Diff)
	}
}

// TestMixedSample: a good sample may hold records of several log types; then its expected events
// say which.
func TestMixedSample(t *testing.T) {
	t.Parallel()
	fsys := myApp()
	other := strings.NewReplacer("name: my.app", "name: my.other", "content: [app, who]", "content: [other]", "my.app.step", "my.other.step")
	fsys["logtypes/my.other/logtype.yaml"] = file(other.Replace(definition()))
	record := strings.Replace(goodRecord, `"app":1`, `"other":1`, 1)
	fsys["logtypes/my.app/testdata/sample-mixed.log"] = file(record + goodRecord)
	fsys["logtypes/my.app/testdata/sample-other.log"] = file(record)
	c, f, err := load(t, fsys)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "testdata"), 0o755); err != nil {
		t.Fatal(err)
	}
	f.Path = root
	results, err := c.Test(context.Background(), f, true)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range results {
		got[r.Fixture.Name] = r.Problem
	}
	want := map[string]string{"testdata/bad-x.log": "", "testdata/sample-mixed.log": "", "testdata/sample.log": "",
		"testdata/sample-other.log": "no record was taken for my.app; the one at byte 0 was for my.other"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, modules := range map[string]string{"sample.want.json": "", "sample-mixed.want.json": "my.other my.app"} {
		text, err := os.ReadFile(filepath.Join(root, "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		var events []struct{ Event struct{ Module string } }
		if err := json.Unmarshal(text, &events); err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, e := range events {
			list = append(list, e.Event.Module)
		}
		if got := strings.TrimSpace(strings.Join(list, " ")); got != modules {
			t.Errorf("%s: modules %q", name, got)
		}
	}
	batches, err := c.Samples(context.Background(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if b.Table.LogType != "my.app" {
			t.Errorf("the samples of my.app hold a batch of %s", b.Table.LogType)
		}
	}
}

func TestBuiltInTypesAreNotRewritten(t *testing.T) {
	t.Parallel()
	folders, err := content.Folders(content.Source{FS: myApp(), Path: "content", Origin: content.BuiltIn})
	if err != nil {
		t.Fatal(err)
	}
	c, err := content.Load(folders)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Test(context.Background(), c.Folders[0], true); err == nil {
		t.Error("no error")
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, myApp())
	if err != nil {
		t.Fatal(err)
	}
	raw := goodRecord + badRecord + "\x1b[31mnonsense\n" + strings.Replace(goodRecord, `"step":3`, `"step":"three"`, 1)
	x, err := c.Explain(context.Background(), "drop/my.log", []byte(raw), content.ExplainOptions{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	if x.Events != 2 || x.Refused != 2 || x.Conversions != 1 || x.More != 1 || len(x.Records) != 3 {
		t.Errorf("%+v", x)
	}
	r := x.Records[0]
	when := r.Time
	r.Time = nil
	want := content.ExplainedRecord{
		Outcome: "event", LogType: "my.app", Version: 1, Definition: "c/logtypes/my.app/logtype.yaml",
		Recognised: "by content: app, who present", Frame: "json", TimeFrom: "`at`",
		Fields: []content.ExplainedField{
			{Name: "event.action", Value: "login", From: "`what`", By: "definition"},
			{Name: "user.name", Value: "ann", From: "`who`", By: "definition"},
			{Name: "source.ip", Value: "192.0.2.7", From: "`peer` (host_port) → `host`", By: "definition"},
			{Name: "my.app.step", Value: int64(3), From: "`step`", By: "definition"},
		},
		Masked: []string{"hidden"}, LeftOver: map[string]string{"app": "1", "hidden": "****", "more.x": "y"},
		SentenceEN: "ann did login", SentenceJA: "ann が login",
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	if when == nil || when.Format("2006-01-02T15:04:05Z") != "2026-01-02T03:04:05Z" {
		t.Errorf("time = %v", when)
	}
	if diff := cmp.Diff([]string{`"password":"****"`}, x.Records[1].Masked); diff != "" {
		t.Error(diff)
	}
	if text := x.Text(); strings.ContainsRune(text, 0x1b) || strings.Contains(text, "hush") {
		t.Errorf("unsafe text:\n%s", text)
	}
}

// TestExplainSaysAllMasks: what is masked by its name is said beside the places of the definition.
func TestExplainSaysAllMasks(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, myApp())
	if err != nil {
		t.Fatal(err)
	}
	record := strings.Replace(goodRecord, `"more":`, `"password":"hush","seed":{"secret":1234},"more":`, 1)
	x, err := c.Explain(context.Background(), "x", []byte(record), content.ExplainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"hidden", `"password":"****"`, `"secret":1111}`}
	if diff := cmp.Diff(want, x.Records[0].Masked); diff != "" {
		t.Error(diff)
	}
}

func FuzzExplain(f *testing.F) {
	f.Add([]byte(goodRecord))
	f.Add([]byte(badRecord + "x"))
	f.Add([]byte("{\"Records\":[" + goodRecord + "]}"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte{})
	folders, err := content.Folders(content.Source{FS: myApp(), Path: "c"})
	if err != nil {
		f.Fatal(err)
	}
	c, err := content.Load(folders)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<14 {
			return
		}
		x, err := c.Explain(context.Background(), "f", raw, content.ExplainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range x.Text() {
			if r < ' ' && r != '\n' {
				t.Fatalf("control character %q in the text", r)
			}
		}
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	fsys := myApp("the step", "the | step")
	fsys["logtypes/my.app/testdata/sample.want.json"] = file(`[{"user":{"name":"ann"},"event":{"original":"{\"app\":1,\"secret\":\"****\"}"}}]`)
	_, f, err := load(t, fsys)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := content.Pages([]content.Folder{f}, schema.ECS())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"README.md":    {"| [my.app](my.app.md) | My app | 1 | 4 |"},
		"README.ja.md": {"| [my.app](my.app.ja.md) | 私のアプリ | 1 | 4 |"},
		"my.app.md": {"# My app (`my.app`)", "What the app did.", "| `user.name` | string | short name or login of the user | `who` |",
			"| `my.app.step` | int | the \\| step | `step` |", "- at: `hidden`", "- `yagura.source.network`", "```\n{\"app\":1,\"secret\":\"****\"}\n```", "```json\n{\"user\":", "Who?\n\n```\nuser.name:ann |"},
		"my.app.ja.md": {"# 私のアプリ (`my.app`)", "アプリの動作。", "| `user.name` | string | ユーザーの名前 (ログイン名) | `who` |", "| `my.app.step` | int | 手順 | `step` |"},
	} {
		for _, part := range want {
			if !strings.Contains(pages[name], part) {
				t.Errorf("%s lacks %q:\n%s", name, part, pages[name])
			}
		}
	}
	if strings.Contains(pages["my.app.md"], "hush") {
		t.Error("the page shows a secret of the sample")
	}
}
