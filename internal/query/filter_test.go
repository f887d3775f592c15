package query

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	fields := map[string]schema.Kind{"source.ip": schema.IP, "status": schema.Int, "event.action": schema.String, "message": schema.String, "ok": schema.Bool}
	for _, c := range []struct {
		f    Filter
		want string
	}{
		{Filter{Field: "event.action", Op: Is, Values: []string{"BLOCK"}}, `event.action:BLOCK`},
		{Filter{Field: "event.action", Op: IsNot, Values: []string{"BLOCK"}}, `not event.action:BLOCK`},
		{Filter{Field: "event.action", Op: Is, Values: []string{"a", "b c"}}, `event.action:a or event.action:"b c"`},
		{Filter{Field: "event.action", Op: Is, Values: []string{`") or *:* | top`}}, `event.action:"\") or *:* | top"`},
		{Filter{Field: "event.action", Op: Is, Values: []string{"a*"}}, `event.action:"a*"`},
		{Filter{Field: "event.action", Op: Is, Values: []string{"/x/"}}, `event.action:"/x/"`},
		{Filter{Field: "event.action", Op: Is, Values: []string{"or"}}, `event.action:\or`},
		{Filter{Field: "event.action", Op: Is}, `not event.action:*`},
		{Filter{Field: "event.action", Op: IsNot}, `event.action:*`},
		{Filter{Field: "event.action", Op: Is, Values: []string{""}}, `not event.action:*`},
		{Filter{Field: "event.action", Op: Exists}, `event.action:*`},
		{Filter{Field: "event.action", Op: NotExists, Values: []string{"ignored"}}, `not event.action:*`},
		{Filter{Field: "source.ip", Op: Is, Values: []string{"10.0.0.0/8"}}, `source.ip:10.0.0.0/8`},
		{Filter{Field: "source.ip", Op: Is, Values: []string{"2001:db8::1"}}, `source.ip:"2001:db8::1"`},
		{Filter{Field: "event.action", Op: Is, Values: []string{"10.0.0.0/8"}}, `event.action:"10.0.0.0/8"`},
		{Filter{Field: "status", Op: Is, Values: []string{"404"}}, `status:404`},
		{Filter{Field: "ok", Op: Is, Values: []string{"true"}}, `ok:true`},
		{Filter{Field: "or", Op: Is, Values: []string{"x"}}, `"or":x`},
		{Filter{Field: "a b:c", Op: Is, Values: []string{"改行\n"}}, `"a b:c":"改行\n"`},
	} {
		s, err := Parse("", Options{Now: time.Unix(1e9, 0), Fields: fields, Filters: []Filter{c.f}})
		if err != nil {
			t.Errorf("%+v: %v", c.f, err)
			continue
		}
		if d := cmp.Diff(c.want, s.Where.String()); d != "" {
			t.Errorf("%+v:\n%s", c.f, d)
		}
	}
	s, err := Parse("a:1 or b:2 | top 3 source.ip", Options{Now: time.Unix(1e9, 0), Fields: fields, Filters: []Filter{{Field: "status", Op: Is, Values: []string{"1"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"(a:1 or b:2) and status:1", "| top 3 source.ip"}, []string{s.Where.String(), s.Stages}); d != "" {
		t.Error(d)
	}
	for _, f := range []Filter{
		{}, {Field: "a*", Op: Exists}, {Field: "a\x00", Op: Exists}, {Field: "a", Op: "like"}, {Field: "a", Op: Is, Values: []string{"\xff"}}, {Field: "a", Values: make([]string, 2000)},
	} {
		if _, err := Parse("", Options{Filters: []Filter{f}}); err == nil {
			t.Errorf("%.60v is taken", f)
		}
	}
}

// FuzzFilter: whatever a filter holds, its text is read back as the same condition.
func FuzzFilter(f *testing.F) {
	for _, seed := range [][2]string{{"event.action", "BLOCK"}, {"source.ip", "::1/128"}, {"a", `x" or b:*`}, {"or", "and"}, {"a:b", `\`}, {"-a", " |top"}, {"a", "100%\u202e"}, {"a", "//"}} {
		f.Add(seed[0], seed[1], uint8(schema.String), true)
		f.Add(seed[0], seed[1], uint8(schema.IP), false)
	}
	f.Fuzz(func(t *testing.T, field, value string, kind uint8, not bool) {
		x := Filter{Field: field, Op: Is, Values: []string{value}}
		if not {
			x.Op = IsNot
		}
		n, err := x.Node(schema.Kind(kind % 10))
		if err != nil {
			return
		}
		text := n.String()
		back, err := expr.Parse(text)
		if err != nil {
			t.Fatalf("%q %q: its text %s cannot be read: %v", field, value, text, err)
		}
		if back.String() != text {
			t.Fatalf("%q %q: %s is read as %s", field, value, text, back)
		}
		if len(expr.Fields(back)) != 1 || expr.Fields(back)[0] != field {
			t.Fatalf("%q %q: %s asks for %q", field, value, text, expr.Fields(back))
		}
	})
}

func TestNiceSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		length time.Duration
		n      int
		want   string
	}{
		{15 * time.Minute, 60, "30s"}, {time.Hour, 60, "1m"}, {24 * time.Hour, 60, "30m"}, {7 * 24 * time.Hour, 60, "3h"}, {30 * 24 * time.Hour, 60, "12h"},
		{90 * 24 * time.Hour, 60, "1w"}, {0, 60, "1s"}, {200 * 365 * 24 * time.Hour, 60, "1y"}, {time.Hour, 0, "1h"},
	} {
		if got := NiceSpan(0, int64(c.length), c.n); got != c.want {
			t.Errorf("%s in %d: %s, want %s", c.length, c.n, got, c.want)
		}
	}
}
