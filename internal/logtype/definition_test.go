package logtype

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
)

// TestProblems: every kind of mistake is named with its place, all of them at once.
func TestProblems(t *testing.T) {
	t.Parallel()
	// A good definition; each case replaces one line of it.
	good := []string{
		"name: test.x",
		"title: X",
		"version: 1",
		"recognise: {content: [a]}",
		"frame: json",
		"time: {from: t, as: iso8601}",
		"let: {h: {from: 'hs[]', pivot: [n, v]}}",
		"fields: {test.l: strings}",
		"set:",
		"  source.ip: ip",
		"  user_agent.original: $h.ua",
		"  test.l: 'l[]'",
		"rest: {}",
	}
	if _, err := load(strings.Join(good, "\n")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line int // 1-based
		text string
		want []string
	}{
		{1, "nmae: test.x", []string{`1:1: unknown key "nmae" in a definition (did you mean name?)`, "1:1: name is missing"}},
		{1, "name: Test", []string{"1:7: name: want lower-case words joined by dots, as in aws.waf"}},
		{3, "version: one", []string{"3:10: version: want a whole number"}},
		{4, "recognise: {content: {starts: [x]}}", []string{"4:22: content: starts, like and re mean nothing in a JSON frame (use paths, all, any or equal)"}},
		{4, "recognise: {content: [a], kye: [b]}", []string{`4:27: unknown key "kye" in recognise (did you mean key?)`}},
		{4, "recognise: {key: ['re:(']}", []string{"4:19: key: error parsing regexp: missing closing ): `(`"}},
		{5, "frame: jsn", []string{`5:8: unknown frame "jsn" (known: json, {json: {records: …}}, {text: {…}})`}},
		{5, "frame: {text: {split: ','}}", []string{"5:15: split needs names for the fields"}},
		{6, "time: {from: t}", []string{"6:7: time: as is missing: how is the time written?"}},
		{6, "time: {from: t, as: iso}", []string{`6:21: as: unknown word "iso"`}},
		{7, "let: {h: {from: 'hs[]', pivot: [n, v]}, k: {from: x}}", []string{"7:41: helper k is not used"}},
		{7, "let: {h: {from: $h.x, parse: url}}", []string{"7:10: helper h needs itself"}},
		{7, "let: {h: {from: 'hs', pivot: [n, v]}}", []string{"7:10: pivot needs a list of objects, as in 'x[]'"}},
		{8, "fields: {other.l: strings}", []string{"8:10: own field other.l must lie below test. or yagura.", "8:10: field other.l is never set", "12:3: unknown field test.l"}},
		{8, "fields: {test.l: string}", []string{"12:11: test.l holds one value, and this is a list (pick, index or join make one value)"}},
		{8, "fields: {test.l: strngs}", []string{`8:18: test.l: unknown kind "strngs" (did you mean strings?)`}},
		{10, "  source.ipp: ip", []string{"10:3: unknown field source.ipp (did you mean source.ip?)"}},
		{10, "  source.ip: {from: ip, form: x}", []string{`10:25: unknown key "form" in source.ip (did you mean from?)`}},
		{10, "  source.ip: {from: ip, const: x}", []string{"10:25: source.ip: one source only, there is from already"}},
		{10, "  source.ip: {lower: true}", []string{"10:14: source.ip: no source (one of from const first join list when sum difference)"}},
		{10, "  source.ip: $hh.x", []string{"10:14: there is no helper hh"}},
		{10, "  source.ip: '@wrap.acount'", []string{"10:14: unknown name @wrap.acount (did you mean wrap.account?)"}},
		{10, "  source.ip: '@key.account'", []string{"10:14: key_captures has no group account"}},
		{10, "  source.ip: {const: 300.1.1.1}", []string{`10:14: source.ip is ip, which "300.1.1.1" is not`}},
		{10, "  source.ip: {from: ip, as: unix_s}", []string{"10:14: source.ip is ip, and as: unix_s makes a time"}},
		{10, "  source.ip: {from: a..b}", []string{`10:14: path "a..b": empty key at 3`}},
		{10, "  source.ip: {from: ip, match: '('}", []string{"10:32: match: error parsing regexp: missing closing ): `(`"}},
		{10, "  event.start: t", []string{"10:16: event.start is a time: as must say how it is written"}},
		{10, "  event.ingested: t", []string{"10:3: event.ingested cannot be set"}},
		{10, "  event.action: {when: [{if: 'a:(', const: b}]}", nil},
		{10, "  event.action: {when: [{const: b}]}", []string{"10:25: a case needs if"}},
		{13, "rest: {}\nstore: {bloom: [source.ipx], plain: [source.ip]}", []string{"14:17: bloom: source.ipx is no field of this log type", "14:38: plain: source.ip is not a string"}},
		{13, "rest: {}\nrollup: {keys: [source.port]}", []string{"14:17: rollup: source.port is no field of this log type"}},
		{13, "rest: {}\nsay: [{en: '{source.ipp} [x'}]", []string{"14:12: say: source.ipp is no field of this log type (did you mean source.ip?)", "14:12: say: [ without ]"}},
		{13, "rest: {}\nmask: [{at: x, keys: [y]}]", []string{"14:8: keys stands alone: it covers the whole record"}},
		{13, "rest: {}\nrest: {}", nil},
		{13, "rest: [", nil},
	} {
		lines := append([]string{}, good...)
		lines[c.line-1] = c.text
		_, err := load(strings.Join(lines, "\n"))
		list, ok := err.(Problems)
		if !ok {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var got []string
		for _, p := range list {
			s, _, _ := strings.Cut(p.String(), "\n")
			got = append(got, strings.TrimPrefix(s, "logtype.yaml:"))
		}
		if c.want == nil {
			continue // the words are another package's
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
}

func TestProblemShowsTheLine(t *testing.T) {
	t.Parallel()
	_, err := load("name: test.x\ntitle: X\nversion: 1\nrecognise: {content: [a]}\nframe: json\nset: {event.action: a, sorce.ip: b}\n")
	want := "logtype.yaml:6:24: unknown field sorce.ip (did you mean source.ip?)\n" +
		"  | set: {event.action: a, sorce.ip: b}\n" +
		"  |                        ^"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func load(src string) (*Type, error) {
	d, err := Parse("logtype.yaml", []byte(src))
	if err != nil {
		return nil, err
	}
	return Compile(d, schema.ECS())
}

// TestTransforms runs each transform over one record.
func TestTransforms(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"{from: s, strip_prefix: ab}":                                            "cDef",
		"{from: s, strip_suffix: ef}":                                            "abcD",
		"{from: s, before: D}":                                                   "abc",
		"{from: s, after: c}":                                                    "Def",
		"{from: s, after: zz}":                                                   "",
		"{from: path, after_last: /}":                                            "c",
		"{from: s, lower: true}":                                                 "abcdef",
		"{from: s, upper: true}":                                                 "ABCDEF",
		"{from: path, split: /, index: 1}":                                       "b",
		"{from: path, split: /, index: -1}":                                      "c",
		"{from: path, split: /, index: 7}":                                       "",
		"{from: path, split: /, index: 0, upper: true}":                          "A",
		"{from: s, match: '^ab'}":                                                "abcDef",
		"{from: s, match: '^ab(.)'}":                                             "c",
		"{from: s, match: '^x'}":                                                 "",
		"{from: s, map: {abcDef: y}}":                                            "y",
		"{from: s, map: {x: y}}":                                                 "abcDef",
		"{from: s, map: {x: y}, else: z}":                                        "z",
		"{from: s, map: {x: y}, else: null}":                                     "",
		"{from: s, map: {abcDef: null}}":                                         "",
		"{from: b64, decode: base64}":                                            "hello",
		"{from: enc, decode: url}":                                               "a b/c",
		"{sum: [n, n], scale: 0.5}":                                              "1.5",
		"{difference: [n, one]}":                                                 "0.5",
		"{join: [s, {text: '-'}, n]}":                                            "abcDef-1.5",
		"{join: [s, {if_any: nothing, prefix: '?'}]}":                            "abcDef",
		"{join: [s, nothing]}":                                                   "",
		"{first: [nothing, empty, s]}":                                           "abcDef",
		"{from: obj, as: raw}":                                                   `{"k": [1, "x"]}`,
		"{from: obj}":                                                            "",
		"{from: flag}":                                                           "true",
		"{when: [{if: 'n > 2', const: big}, {if: 's:ABC*', from: path}]}":        "a/b/c",
		"{when: [{if: 'not s:*', const: no}], else: {from: s, upper: true}}":     "ABCDEF",
		"{from: 'list[]', pick: last}":                                           "z",
		"{from: 'objs[]', where: {k: {starts: b}}, pick: first, get: v}":         "2",
		"{from: 'objs[]', where: {k: absent}, pick: first, get: v}":              "4",
		"{from: 'objs[]', where: {k: [aa, bb], v: present}, pick: last, get: v}": "2",
		"$url.host":        "h.example",
		"$url.port":        "8443",
		"$url.query":       "q=1",
		"$arn.resource_id": "my/role",
		"$kv.b":            "two words",
		"$dis.second":      "b",
		"$rx.last":         "c",
		"$json.in.k":       "v",
		"$obj.k2":          "",
		"$both.deep":       "d",
		"'@key.part'":      "p7",
		"'@bucket'":        "bkt",
		"'@doc.batch'":     "b1",
		"'a.\"odd.key\"'":  "odd",
	} {
		src := "name: test.x\ntitle: X\nversion: 1\nrecognise: {content: [s]}\nkey_captures: ['part-(?P<part>[a-z0-9]+)']\nframe: {json: {records: rows}}\n" +
			"let:\n  url: {from: link, parse: url}\n  arn: {from: arn, parse: arn}\n  kv: {from: pairs, parse: kv}\n  dis: {from: path, parse: {dissect: '%{first}/%{second}/%{third}'}}\n" +
			"  rx: {from: path, parse: {regex: '(?P<last>[^/]+)$'}}\n  json: {from: nested, decode: json}\n  obj: {from: obj}\n  both: {first: [none, obj2]}\n" +
			"fields: {test.all: strings, test.one: string}\n" +
			"set:\n  test.one: " + value + "\n  test.all: {list: [$url.path, $arn.account, $kv.a, $dis.first, $rx.last, $json.in.k, $obj.x, $both.deep]}\n"
		ty, err := load(src)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		doc := `{"batch":"b1","rows":[{"s":"abcDef","path":"a/b/c","b64":"aGVsbG8=","enc":"a%20b%2Fc","n":1.5,"one":"1","empty":"","flag":true,"obj":{"k": [1, "x"]},"obj2":{"deep":"d"},` +
			`"list":["x","y","z"],"objs":[{"k":"aa","v":1},{"k":"bb","v":2},{"k":"bc"},{"v":4}],"link":"https://u@h.example:8443/p?q=1#f","arn":"arn:aws:iam::123456789012:role/my/role",` +
			`"pairs":"a=1 b=\"two words\"","nested":"{\"in\":{\"k\":\"v\"}}","a":{"odd.key":"odd"}}]}`
		r := NewSet([]*Type{ty}).NewReader(Options{Now: now})
		sink := &keepSink{}
		if _, err := r.Read(t.Context(), Object{ID: objectID, Key: "x/part-p7/y", Bucket: "bkt"}, strings.NewReader(doc), sink); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, b := range r.Flush() {
			if v, ok := b.Column("test.one").Value(0).(string); ok {
				got = v
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%+v)", value, got, want, sink.rejects)
		}
	}
}

func TestTimeFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		as, in string
		want   int64
		ok     bool
	}{
		{"iso8601", "2026-11-20T01:02:03Z", 1795136523e9, true},
		{"iso8601", "2026-11-20 01:02:03.5", 1795136523500e6, true},
		{"iso8601", "2026-11-20T10:02:03,123456789+09:00", 1795136523123456789, true},
		{"iso8601", "2026-11-20T10:02:03+0900", 1795136523e9, true},
		{"iso8601", "2026-11-20", 1795132800e9, true},
		{"iso8601", "2024-02-29T00:00:00Z", 1709164800e9, true},
		{"iso8601", "2023-02-29T00:00:00Z", 0, false},
		{"iso8601", "2026-13-01T00:00:00Z", 0, false},
		{"iso8601", "2026-11-20T01:02", 0, false},
		{"iso8601", "2026-11-20T01:02:03x", 0, false},
		{"unix_s", "1795136523", 1795136523e9, true},
		{"unix_s", "1795136523.25", 1795136523250e6, true},
		{"unix_s", "-1.5", -1500e6, true},
		{"unix_s", "1.795136523e9", 1795136523e9, true},
		{"unix_ms", "1795136523001", 1795136523001e6, true},
		{"unix_us", "1795136523000001", 1795136523000001e3, true},
		{"unix_ns", "1795136523000000001", 1795136523000000001, true},
		{"unix_ms", "99999999999999999999", 0, false},
		{"unix_s", "-", 0, false},
		{"clf", "20/Nov/2026:10:02:03 +0900", 1795136523e9, true},
		{"clf", "[20/Nov/2026:01:02:03 +0000]", 1795136523e9, true},
		{"clf", "20/Xxx/2026:01:02:03 +0000", 0, false},
		{"layout:Jan 2, 2006, 03:04:05 PM", "Nov 20, 2026, 01:02:03 AM", 1795136523e9, true},
		{"layout:2006", "9999", 0, false},
	} {
		got, ok := newTimeReader(c.as)(c.in)
		if got != c.want && c.ok || ok != c.ok {
			t.Errorf("%s %q: %d %t", c.as, c.in, got, ok)
		}
	}
}
