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
		got, ok := s.Split([]byte(c.line), nil)
		if diff := cmp.Diff(c.want, got); diff != "" || !ok {
			t.Errorf("%s: %v %s", c.name, ok, diff)
		}
	}
}

// TestSplitShaped is about lines whose quoted fields are known: no field shifts without a word.
func TestSplitShaped(t *testing.T) {
	t.Parallel()
	const ago = `a "GET /" "x" - "c" 1`
	for _, c := range []struct {
		name, line string
		before     string
		want       []string // nil = refused
	}{
		{"good", `a "GET /" "x" - "c" 1`, "", []string{"a", "GET /", "x", "-", "c", "1"}},
		{"older", `a "GET /" "x" -`, "", []string{"a", "GET /", "x", "-"}},
		{"newer", `a "GET /" "x" - "c" 1 "d" e`, "", []string{"a", "GET /", "x", "-", "c", "1", "d", "e"}},
		{"too short", `a "GET /"`, "", []string{"a", "GET /"}},
		{"escaped", `a "GET /" "x \" y" - "c" 1`, "", []string{"a", "GET /", `x \" y`, "-", "c", "1"}},
		{"backslash at the end", `a "GET /" "x\" - "c" 1`, "", []string{"a", "GET /", `x\`, "-", "c", "1"}},
		{"backslash at the end of the first", `a "GET /\" "x" - "c" 1`, ago, []string{"a", `GET /\`, "x", "-", "c", "1"}},
		{"two backslashes", `a "GET /" "x\\" - "c" 1`, "", []string{"a", "GET /", `x\\`, "-", "c", "1"}},
		{"quote and blank", `a "GET /" "bash -c "id" ; echo" - "c" 1`, "", []string{"a", "GET /", `bash -c "id" ; echo`, "-", "c", "1"}},
		{"quote and blank, older", `a "GET /" "bash -c "id" ; echo" -`, "", []string{"a", "GET /", `bash -c "id" ; echo`, "-"}},
		{"quote and blank, newer", `a "GET /" "x" y" - "c" 1 "d" e`, `a "GET /" "x" - "c" 1 "d" e`, []string{"a", "GET /", `x" y`, "-", "c", "1", "d", "e"}},
		{"two quoted values in one", `a "GET /" "x" "y" - "c" 1`, ago, []string{"a", "GET /", `x" "y`, "-", "c", "1"}},
		{"stray quote", `a "GET /?q="x" "x" - "c" 1`, "", []string{"a", `GET /?q="x`, "x", "-", "c", "1"}},
		{"empty", `a "" "" - "" 1`, "", []string{"a", "", "", "-", "", "1"}},
		{"last is empty", `a "" "" - "c" `, "", []string{"a", "", "", "-", "c", ""}},
		{"both", `a "GET /\" "x" y" - "c" 1`, ago, []string{"a", `GET /\`, `x" y`, "-", "c", "1"}},
		{"no end", `a "GET / - - c 1`, ago, nil},
		{"not quoted", `a GET "x" - "c" 1`, ago, nil},
		{"quoted", `"a" "GET" "x" - "c" 1`, ago, nil},
		{"nothing", ``, "", []string{""}},
		{"cut in a value", `a "GET /" "x`, "", nil},
	} {
		s := &Splitter{Sep: ' ', Quote: '"', Fields: 4, Quoted: []bool{false, true, true, false, true, false}}
		if c.before != "" {
			s.Split([]byte(c.before), nil)
		}
		got, ok := s.Split([]byte(c.line), nil)
		if ok != (c.want != nil) {
			t.Errorf("%s: %v %q", c.name, ok, got)
		} else if diff := cmp.Diff(c.want, got); ok && diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	s := &Splitter{Sep: ' ', Quote: '"', Fields: 4, Quoted: []bool{true, true, true, false, true, false}}
	s.Split([]byte(strings.Repeat(`" `, 1<<20)+"x"), nil) // ends
	s.Split([]byte(strings.Repeat(`"\`, 1<<20)+"x"), nil)
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
		checkSplit(t, s, line)
		s = &Splitter{Sep: ' ', Quote: '"', Fields: 2, Quoted: []bool{false, true, true, false}}
		s.Split([]byte(first), nil)
		checkSplit(t, s, line)
	})
}

func checkSplit(t *testing.T, s *Splitter, line string) {
	t.Helper()
	b := []byte(line)
	rest := b
	got, ok := s.Split(b, nil)
	if ok {
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
	}
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
