package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadFilter(t *testing.T) {
	t.Parallel()
	v := func(s string) *Scalar { x := Scalar(s); return &x }
	for text, want := range map[string]Filter{
		"a:b":              {Field: "a", Op: "is", Value: v("b")},
		"-a:b":             {Field: "a", Op: "is_not", Value: v("b")},
		"a:*":              {Field: "a", Op: "exists"},
		"-a:*":             {Field: "a", Op: "not_exists"},
		"a:":               {Field: "a", Op: "is", Value: v("")},
		"ip:2001:db8::1":   {Field: "ip", Op: "is", Value: v("2001:db8::1")},
		`"x:y":z:"`:        {Field: "x:y", Op: "is", Value: v(`z:"`)},
		`-"-x":日本`:         {Field: "-x", Op: "is_not", Value: v("日本")},
		"a:-b":             {Field: "a", Op: "is", Value: v("-b")},
		"a:x or b:* | top": {Field: "a", Op: "is", Value: v("x or b:* | top")},
	} {
		got, err := ReadFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s:\n%s", text, d)
		}
	}
	for _, text := range []string{"", "a", ":b", "-", "-:b", `"a`, `"a"b`, `"":x`, "a\xff:b"} {
		if f, err := ReadFilter(text); err == nil {
			t.Errorf("%q is read as %+v", text, f)
		}
	}
}

func FuzzReadFilter(f *testing.F) {
	for _, s := range []string{"a:b", `-"a:\"":*`, ":::", "\"\xff\":", "-", "a:\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := ReadFilter(text)
		if err == nil && x.Field == "" {
			t.Fatalf("%q: no field", text)
		}
	})
}
