package parse

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	good := `a b "GET /x HTTP/1.1" "agent (x)" - 12`
	for _, c := range []struct {
		name, line string
		learn      bool
		want       []string
	}{
		{"plain", good, false, []string{"a", "b", "GET /x HTTP/1.1", "agent (x)", "-", "12"}},
		{"escaped quote", `a b "GET /\"x\" HTTP/1.1" "ag" - 1`, false, []string{"a", "b", `GET /\"x\" HTTP/1.1`, "ag", "-", "1"}},
		{"escaped backslash at the end", `a b "GET /x\\" "ag" - 1`, false, []string{"a", "b", `GET /x\\`, "ag", "-", "1"}},
		{"stray quote inside", `a b "GET /?q="x HTTP/1.1" "ag" - 1`, true, []string{"a", "b", `GET /?q="x HTTP/1.1`, "ag", "-", "1"}},
		{"quote and space inside", `a b "GET /" onload=" HTTP/1.1" "ag" - 1`, true, []string{"a", "b", `GET /" onload=" HTTP/1.1`, "ag", "-", "1"}},
		{"empty quotes", `a b "" "" - 1`, false, []string{"a", "b", "", "", "-", "1"}},
		{"no end of quote", `a b "GET /x 200 512`, true, []string{"a", "b", `"GET`, "/x", "200", "512"}},
		{"separator at the end", `a b `, false, []string{"a", "b", ""}},
		{"more fields than known", good + ` new1 "new 2"`, true, []string{"a", "b", "GET /x HTTP/1.1", "agent (x)", "-", "12", "new1", "new 2"}},
		{"quote inside a word", `a b"c" "d" e - 1`, false, []string{"a", `b"c"`, "d", "e", "-", "1"}},
	} {
		s := &Splitter{Sep: ' ', Quote: '"', Fields: 6}
		if c.learn {
			s.Split([]byte(good), nil)
		}
		if diff := cmp.Diff(c.want, s.Split([]byte(c.line), nil)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// FuzzSplit: fields never hold bytes from outside the line, their texts stand in it in order, and
// a line without quotes splits like strings.Split.
func FuzzSplit(f *testing.F) {
	f.Add(`a "b c" d`, `x "y\" z`)
	f.Add(`"`, `""`)
	f.Add(` `, `\"`)
	f.Fuzz(func(t *testing.T, first, line string) {
		if len(first)+len(line) > 1<<12 || strings.ContainsAny(first+line, "\n") {
			return
		}
		s := &Splitter{Sep: ' ', Quote: '"', Fields: 2}
		s.Split([]byte(first), nil)
		b := []byte(line)
		rest := b
		got := s.Split(b, nil)
		for _, x := range got {
			k := bytes.Index(rest, []byte(x))
			if k < 0 {
				t.Fatalf("%q does not stand in %q after the fields before it", x, line)
			}
			rest = rest[k+len(x):]
		}
		if !strings.Contains(line, `"`) && len(got) < maxFields {
			if diff := cmp.Diff(strings.Split(line, " "), got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestFindList(t *testing.T) {
	t.Parallel()
	sc := NewSchema().NewScanner()
	paths := [][]string{{"Records"}, {"a", "items"}}
	for doc, want := range map[string]struct {
		rest string
		open int
	}{
		`{"Records":[{"x":1}]}`:                           {`{"x":1}]}`, 1},
		`{"v":"1","n":{"Records":[0]}, "Records" : [ 1]}`: {` 1]}`, 1},
		`{"a":{"b":1,"items":[2]},"c":3}`:                 {`2]},"c":3}`, 2},
		`{"Records":{"x":[1]}}`:                           {"", 0},
		`{"a":{"items":1}}`:                               {"", 0},
		`{}`:                                              {"", 0},
	} {
		b := padded(doc)
		at, open, end, err := sc.FindList(b, 0, paths)
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		if at < 0 {
			if want.rest != "" || end != len(doc) {
				t.Errorf("%s: found nothing, end %d", doc, end)
			}
			continue
		}
		if got := doc[at:]; got != want.rest || open != want.open {
			t.Errorf("%s: at %q open %d", doc, got, open)
		}
		k := strings.IndexByte(doc[at:], ']') + at + 1
		if end, err := sc.CloseObjects(b, k, open); err != nil || end != len(doc) {
			t.Errorf("%s: closed at %d, %v", doc, end, err)
		}
	}
}

func TestSkipper(t *testing.T) {
	t.Parallel()
	doc := `{"a":"}]\"","b":[{"c":"\\"}]}rest`
	for size := 1; size < len(doc); size++ {
		var k Skipper
		total, done := 0, false
		for i := 0; i < len(doc) && !done; i += size {
			var n int
			n, done = k.Skip([]byte(doc[i:min(len(doc), i+size)]))
			total += n
		}
		if !done || doc[total:] != "rest" {
			t.Fatalf("pieces of %d: %q", size, doc[total:])
		}
	}
}
