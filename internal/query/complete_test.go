package query

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPlaceAt(t *testing.T) {
	t.Parallel()
	const field = ExpectField | ExpectNot
	for _, c := range []struct {
		text string // ^ is the cursor
		want Place
	}{
		{"^", Place{Expects: field, Bar: 0}},
		{"sour^", Place{Expects: field, Prefix: "sour", Bar: 4}},
		{"source.ip:^", Place{Expects: ExpectValue, From: 10, Field: "source.ip", Bar: 10}},
		{"source.ip: 10^", Place{Expects: ExpectValue, From: 11, Prefix: "10", Field: "source.ip", Bar: 13}},
		{`url.path:"/wp ad^`, Place{Expects: ExpectValue, From: 9, Prefix: "/wp ad", Quoted: true, Field: "url.path", Bar: 16}},
		{"status >= 4^", Place{Expects: ExpectValue, From: 10, Prefix: "4", Field: "status", Bar: 11}},
		{"a:b ^", Place{Expects: ExpectConnect, From: 4, Bar: 4}},
		{"a:b an^", Place{Expects: ExpectConnect, From: 4, Prefix: "an", Bar: 6}},
		{"a:b and ^", Place{Expects: field, From: 8, Bar: 8}},
		{"a:b and not s^", Place{Expects: field, From: 12, Prefix: "s", Bar: 13}},
		{"event.action:(BLOCK or ^", Place{Expects: ExpectValue | ExpectNot, From: 23, Field: "event.action", Bar: 23}},
		{"event.action:(BLOCK) ^", Place{Expects: ExpectConnect, From: 21, Bar: 21}},
		{"(a:b or ^", Place{Expects: field, From: 8, Bar: 8}},
		{"a:b^ and c:d", Place{Expects: ExpectValue, From: 2, Prefix: "b", Field: "a", Bar: 11}},
		{"a:b | ^", Place{Expects: ExpectStage, From: 6, Bar: 4}},
		{"a:b | st^", Place{Expects: ExpectStage, From: 6, Prefix: "st", Bar: 4}},
		{"* | stats ^", Place{Expects: ExpectFunction, From: 10, Stage: "stats", Bar: 2}},
		{"* | stats sum(ht^", Place{Expects: ExpectField, From: 14, Prefix: "ht", Stage: "stats", Bar: 2}},
		{"* | stats count() ^", Place{Expects: ExpectBy | ExpectAs, From: 18, Stage: "stats", Bar: 2}},
		{"* | stats count() by ^", Place{Expects: ExpectField | ExpectBucket, From: 21, Stage: "stats", Bar: 2}},
		{"* | stats count() by a, b^", Place{Expects: ExpectField | ExpectBucket, From: 24, Prefix: "b", Stage: "stats", Bar: 2}},
		{"* | stats count() as ^", Place{From: 21, Stage: "stats", Bar: 2}},
		{"* | top 10 ^", Place{Expects: ExpectField, From: 11, Stage: "top", Bar: 2}},
		{"* | top 10 a ^", Place{Expects: ExpectBy, From: 13, Stage: "top", Bar: 2}},
		{"* | fields a,^", Place{Expects: ExpectField | ExpectColumn, From: 13, Stage: "fields", Bar: 2}},
		{"* | top 3 a | sort ^", Place{Expects: ExpectColumn, From: 19, Stage: "sort", Bar: 12}},
		{"* | top 3 a | sort n ^", Place{Expects: ExpectOrder, From: 21, Stage: "sort", Bar: 12}},
		{"* | limit ^", Place{From: 10, Stage: "limit", Bar: 2}},
		{`x:"a | b" | ^`, Place{Expects: ExpectStage, From: 12, Bar: 10}},
		{`日本:東^京`, Place{Expects: ExpectValue, From: 7, Prefix: "東", Field: "日本", Bar: 13}},
	} {
		text, pos := strings.Replace(c.text, "^", "", 1), strings.Index(c.text, "^")
		if d := cmp.Diff(c.want, PlaceAt(text, pos)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, d)
		}
	}
}

func TestColumnsOfATable(t *testing.T) {
	t.Parallel()
	o := Options{Now: time.Unix(1e9, 0), Since: "1d"}
	if d := cmp.Diff([]string{"a", "n"}, Columns("* | stats count() as n by a ", o)); d != "" {
		t.Error(d)
	}
	if got := Columns("a:(", o); got != nil {
		t.Errorf("%q", got)
	}
}

// FuzzPlaceAt: any text at any place has an answer whose word ends at the cursor.
func FuzzPlaceAt(f *testing.F) {
	for _, s := range []string{"", "a:b and c", `a:"x`, "* | stats count() by a, b | sort n desc", "a:(b or (", `\`, "|||", "a:b |", "日本 | top", "\xff:\xfe", `"\`} {
		f.Add(s, len(s))
		f.Add(s, len(s)/2)
	}
	f.Fuzz(func(t *testing.T, text string, pos int) {
		p := PlaceAt(text, pos)
		if p.From < 0 || p.From > len(text) || p.From > max(pos, 0) || p.Bar < 0 || p.Bar > len(text) {
			t.Fatalf("%q at %d: %+v", text, pos, p)
		}
		if p.Expects&ExpectValue != 0 && p.Stage != "" {
			t.Fatalf("%q at %d: a value in a stage: %+v", text, pos, p)
		}
	})
}
