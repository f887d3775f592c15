package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const outlineSource = `name: x.y
title: X
version: 3
reference: https://example.com
about: {en: e, ja: j}
recognise: {content: {all: [a], any: [b, c], equal: {d: [e, f]}}, key: [/x/, 're:y+']}
frame: {json: {records: Records}}
time: {first: [{from: t1, as: unix_s}, {from: t2, as: iso8601}]}
mask:
  - {each: 'h[]', where: {name: {fold_in: [cookie, token]}}, at: value}
  - {at: q, params: default}
let:
  arn: {from: id, parse: arn}
  hdr: {from: 'h[]', pivot: [name, value], fold: lower}
  last: {from: 'g[]', where: {x: present}, pick: last}
set:
  event.kind: {const: event}
  event.category: {const: [web, network]}
  event.outcome: {from: a, map: {A: success}, else: unknown}
  event.type: {when: [{if: 'a:B', const: [denied]}, {if: 'a:C', from: b}], else: {const: [allowed]}}
  event.duration: {sum: [s1, s2], scale: 1000}
  cloud.region: $arn.region
  url.domain: {first: [host, $hdr.host]}
  url.original: {join: [path, {if_any: q, prefix: '?'}]}
  rule.id: $last.rule
  tags: {list: [a, b, c, d, e, f, g]}
  user.name: {from: who, split: ':', index: 0}
`

func TestOutline(t *testing.T) {
	t.Parallel()
	o, err := readOutline("x", []byte(outlineSource), "en")
	if err != nil {
		t.Fatal(err)
	}
	o.helpers, o.say = nil, phrases{}
	want := outline{
		Title: Bilingual{EN: "X"}, About: Bilingual{EN: "e", JA: "j"}, Reference: "https://example.com", Version: 3,
		Set: []outlineSet{
			{"event.kind", "always `event`"},
			{"event.category", "always `web`, `network`"},
			{"event.outcome", "`a` (translated)"},
			{"event.type", "if `a:B`: `denied`; if `a:C`: `b`; else `allowed`"},
			{"event.duration", "`s1` + `s2` (× 1000)"},
			{"cloud.region", "`id` (arn) → `region`"},
			{"url.domain", "`host`, else `h[]` → `host`"},
			{"url.original", "`path` + `q`"},
			{"rule.id", "`g[]` (those that fit, the last) → `rule`"},
			{"tags", "`a`, `b`, `c`, `d`, … (+3)"},
			{"user.name", "`who` (a part)"},
		},
		Mask:    []string{"each: `h[]`, where: `name fold in cookie, token`, at: `value`", "at: `q`, params: `default`"},
		Content: "a present; one of b, c present; d = e or f", Key: "/x/, re:y+", Frame: "json, records in Records", TimeFrom: "`t1`, else `t2`",
	}
	if diff := cmp.Diff(want, o, cmp.AllowUnexported(outline{}, phrases{})); diff != "" {
		t.Error(diff)
	}
}

func FuzzOutline(f *testing.F) {
	f.Add([]byte(outlineSource))
	f.Add([]byte("name: a\nset: {x: {when: [{if: a, from: $b}]}}\nlet: {b: $c, c: $b}\n"))
	f.Add([]byte("a: &x [*x, *x]\n"))
	// Helpers that name each other many times must not multiply.
	wide := strings.Repeat("$b,", 200)
	f.Add([]byte("name: a\nlet: {b: {first: [" + wide + "]}}\nset: {x: {first: [" + wide + "]}}\n"))
	shipped, _ := filepath.Glob("../../content/logtypes/*/logtype.yaml")
	for _, path := range shipped {
		src, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<15 {
			return
		}
		for _, lang := range languages() {
			_, _ = readOutline("x", src, lang)
		}
	})
}
