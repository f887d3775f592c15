package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func options() query.Options {
	return query.Options{
		Now: now, Types: []string{"aws.waf", "aws.alb"},
		Fields: map[string]schema.Kind{"source.ip": schema.IP, "event.action": schema.String, "event.module": schema.String, "url.path": schema.String, "rule.name": schema.String,
			"http.response.bytes": schema.Int, "http.response.status_code": schema.Int, "source.geo.country_iso_code": schema.String, "aws.waf.labels": schema.Strings},
	}
}

// compiled reads a board that must be good.
func compiled(t testing.TB, text string) *Board {
	t.Helper()
	src, list := Parse("test", "test.yaml", []byte(text))
	if len(list) > 0 {
		t.Fatal(list)
	}
	b, list := Compile(src, options())
	if len(list) > 0 {
		t.Fatal(list)
	}
	return b
}

func problems(text string) []string {
	src, list := Parse("test", "test.yaml", []byte(text))
	if len(list.Fatal()) == 0 {
		_, more := Compile(src, options())
		list = append(list, more...)
	}
	var out []string
	for _, p := range list {
		out = append(out, strings.TrimPrefix(p.String(), "test.yaml:"))
	}
	return out
}

const head = "title: {en: T, ja: た}\npanels:\n"

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"1:1: the file is empty (begin with title: {en: …, ja: …} and panels:)"}},
		{"no yaml", "title: [", []string{"1:8: sequence end token ']' not found"}},
		{"several at once", "titel: x\npanels:\n  - {id: A, view: pie}\n  - {id: b, view: number, query: 'x:1 | stats count()', colour: red}\n", []string{
			`1:1: unknown key "titel" (did you mean title?)`, `4:57: unknown key "colour" (known here: id, title, help, view, size, query, lookback, at_least, at_most, queries, ratio, minus, compare, base, ignore, text, controls, labels, options)`}},
		{"all of a board", "title: T\nwhere: event.action = x\nrange: soon\npanels:\n  - {id: A, view: pie}\n  - {id: b, view: number, title: B, query: 'x:1 | stats count('}\n", []string{
			`2:21: "=" is no operator (write event.action:x, or put the text in quotes to search for it)`, `3:8: "soon" is no start of a range (write now-24h, now-7d or now/d)`,
			`5:10: "A" is no id of a panel (take small letters, digits, - and _)`,
			`5:19: "pie" is no view (known here: number, table, donut, bar, line, area, heatmap, map, sankey, treemap, events, text, controls)`, "6:63: a field name is missing before the end"}},
		{"twice", head + "  - {id: a, title: A, title: B, view: text, text: x}\n", []string{"3:23: mapping key \"title\" already defined at [3:13]"}},
		{"number with keys", head + "  - {id: a, title: A, view: number, query: '| top 3 url.path, event.action'}\n", []string{"3:44: view number draws rows with 0 to 1 keys: these have 2 (keys stand after by)"}},
		{"events", head + "  - {id: a, title: A, view: events, query: '| top 3 url.path'}\n", []string{"3:44: an event list asks for events (write a condition without stats and top)"}},
		{"time first", head + "  - {id: a, title: A, view: line, query: '| stats count() by url.path'}\n", []string{"3:42: the first key of view line is time (write … by bucket(auto), …)"}},
		{"function", head + "  - id: a\n    title: A\n    view: number\n    query: event.action:BLOCK | stats cuont()\n", []string{`6:39: there is no function "cuont" (did you mean count?)`}},
		{"variable", head + "  - {id: a, title: A, view: number, query: 'source.ip:$blokced | stats count()'}\nvariables:\n  - {name: blocked, kind: list, query: '| top 5 source.ip'}\n", []string{"3:45: there is no variable $blokced (did you mean blocked?)"}},
		{"narrowing variable", head + "  - {id: a, title: A, view: number, query: 'source.ip:$ip | stats count()'}\nvariables:\n  - {name: ip, title: I, kind: values, field: source.ip}\n", []string{
			"3:45: $ip narrows all panels by itself (only variables of kind param and list are named in questions)"}},
		{"options", head + "  - {id: a, title: A, view: donut, query: '| top 3 url.path', options: {stacked: true, unit: bits}}\n", []string{
			"3:82: stacked means nothing to view donut (known here: unit, share, colors, rows)", `3:94: "bits" is no value of unit (known here: count, bytes, percent, ms, s, ns)`}},
		{"ratio", head + "  - {id: a, title: A, view: number, ratio: a / c, queries: [{name: a, query: '| stats count()'}, {name: b, query: '| stats count()'}]}\n", []string{
			`3:44: "a / c" is no ratio (write the names of two queries: blocked / all)`}},
		{"minus itself", head + "  - {id: a, title: A, view: table, query: '| top 3 url.path', minus: {}}\n", []string{"3:70: a question minus itself is always empty (give one of them a lookback)"}},
		{"misspelt field", head + "  - {id: a, title: A, view: number, query: 'event.acton:x | stats count()'}\n", []string{
			"3:44: no log type declares event.acton: only undeclared leaves of that name are searched; did you mean event.action?"}},
		{"no panels", "title: T\npanels: []\n", []string{"2:9: a dashboard without panels shows nothing (add panels:)"}},
		{"wrong kinds", head + "  - {id: a, title: A, view: number, size: {w: wide}, query: [x]}\n", []string{"3:47: want a whole number, not a single value", "3:61: want a text, not a list"}},
		{"sizes", head + "  - {id: a, title: A, view: text, text: x, size: {w: 13, h: 31, x: 12, y: -1}}\n", []string{
			"3:54: a panel is 1 to 12 columns wide", "3:61: a panel is 1 to 30 rows high", "3:68: columns are counted from 0 to 11", "3:75: rows are counted from 0 to 2000"}},
		{"anchors", "title: &t T\npanels: *t\n", []string{"1:8: anchors, aliases and tags are not used in dashboards", "2:9: anchors, aliases and tags are not used in dashboards"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, problems(c.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDefinitionIsYAML: what is written from a definition is read back as the same.
func TestDefinitionIsYAML(t *testing.T) {
	t.Parallel()
	x := 3
	d := Definition{
		Title: Text{"A: b", "題名 #1"}, Range: "now-7d", Tags: []string{"a", "- b"}, Where: "event.action:BLOCK",
		Variables: []Variable{{Name: "home", Title: Text{"Home", "自国"}, Kind: Param, Default: []string{"JP", "no"}}},
		Panels: []Panel{
			{ID: "n", Title: Text{"N", "N"}, View: Number, Query: "| stats count()", Size: Size{W: 3, X: &x}, Options: Options{Trend: true, Delta: "up_is_bad"}},
			{ID: "t", View: Markdown, Text: Text{"# head\n\n- *a*\n- b: c\n", "本文"}},
			{ID: "m", Title: Text{"M", "M"}, View: TableOf, Query: `url.path:"a: \"b\"" | top 3 url.path`, Minus: &Minus{Lookback: "30d"}, Labels: map[string]Text{"n": {"N", "数"}}},
		},
	}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	src, list := Parse("x", "x.yaml", text)
	if len(list) > 0 {
		t.Fatalf("%v\n%s", list, text)
	}
	if diff := cmp.Diff(d, src.Definition); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

func TestOneTextForBothLanguages(t *testing.T) {
	t.Parallel()
	b := compiled(t, "title: T\npanels:\n  - {id: a, view: text, text: hello}\n")
	if diff := cmp.Diff(Text{"hello", "hello"}, b.Definition.Panels[0].Text); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(head + "  - {id: a, title: A, view: number, query: '| stats count()'}\n")
	f.Add(head + "  - id: a\n    title: A\n    view: table\n    query: >-\n      source.ip:$l |\n      top 3 url.path by event.action\n    minus: {lookback: 3d}\nvariables:\n  - {name: l, kind: list, query: '| top 3 source.ip'}\n")
	f.Add("title: {en: [")
	f.Add("a: &x [*x, !!binary x]\n? - b\n: c\n")
	f.Add("panels:\n- - - - - - - - - - - - - - - - - - - - - - - - - - -\n")
	f.Add("{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{")
	f.Add("panels: [{view: heatmap, query: \"| stats count() by weekday(), hour()\"}]")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		src, list := Parse("fuzz", "fuzz.yaml", []byte(text))
		for _, p := range list {
			if p.Line < 1 || p.Column < 1 {
				t.Fatalf("place of %v", p)
			}
		}
		if len(list.Fatal()) > 0 {
			return
		}
		b, list := Compile(src, options())
		if (b == nil) != (len(list.Fatal()) > 0) {
			t.Fatalf("board %v with problems %v", b, list)
		}
		if b == nil {
			return
		}
		out, err := src.Definition.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, list := Parse("fuzz", "fuzz.yaml", out)
		if len(list) > 0 {
			t.Fatalf("%v\n%s", list, out)
		}
		if diff := cmp.Diff(src.Definition, again.Definition); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
	})
}
