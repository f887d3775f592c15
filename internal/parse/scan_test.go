package parse

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func padded(s string) []byte { return append([]byte(s), make([]byte, Pad)...) }

func path(t testing.TB, s string) Path {
	t.Helper()
	p, err := ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(v Value) string {
	if v.Kind == Escaped {
		return string(AppendUnescaped(nil, v.Text))
	}
	return v.Text
}

func leaves(sc *Scanner) []string {
	var out []string
	for _, l := range sc.Leaves {
		out = append(out, l.Key.Path+"="+text(l.Value))
	}
	return out
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a", "a.b", "a[].b", "a[][]", `a."b.c"`, `"x y"[].z`, "a[].b[].c", `""`, `a."q\"q"`} {
		p := path(t, s)
		again := path(t, p.String())
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
	}
	for _, s := range []string{"", ".", "a.", "a..b", "a[", "a[0]", `"a`, "a[]b"} {
		if p, err := ParsePath(s); err == nil {
			t.Errorf("%q was read as %v", s, p)
		}
	}
}

// FuzzPath: what is read is written so that it reads as the same path.
func FuzzPath(f *testing.F) {
	f.Add("a.b[].c")
	f.Add(`a."b.c"[]`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestScan(t *testing.T) {
	t.Parallel()
	s := NewSchema()
	s.Rest = true
	s.Nulls = []string{"-", ""}
	s.Secret = func(k string) bool { return k == "password" }
	action := s.Slot(path(t, "action"))
	ip := s.Slot(path(t, "req.ip"))
	names := s.List(path(t, "labels[].name"), nil)
	inner := s.List(path(t, "groups[].rules[].id"), path(t, "groups[]"))
	raw := s.Slot(path(t, "raw"))
	hdr := s.Pivot(path(t, "req.headers[]"), "name", "value", true)
	host := hdr.Slot("host")
	mark := s.Mark(path(t, "term"))
	sc := s.NewScanner()
	doc := `{"action":"BLOCK","term":null,"req":{"ip":"1.2.3.4","headers":[{"name":"Host","value":"a.example"},{"value":"*/*","name":"Accept"},{"name":"HOST","value":"b"}],"x":"-"},
		"labels":[{"name":"l1"},{"other":1},{"name":"l2"}],"groups":[{"rules":[{"id":"r1"},{"id":"r2"}]},{"rules":[]},{"rules":[{"id":"r3"}]}],
		"raw":{"k":[1,2]},"password":"hunter2","n":-1.5e3,"t":true,"action":"ALLOW","esc":"a\"b\u00e9","deep":{"password":{"a":["x",12]}},"password":"again"}`
	for range 3 { // the second time keys are predicted
		b := padded(doc)
		end, err := sc.Scan(b, 0)
		if err != nil || end != len(doc) {
			t.Fatal(end, err)
		}
		got := map[string]any{
			"action": sc.Value(action).Text, "ip": sc.Value(ip).Text, "host": sc.Value(host).Text,
			"raw": sc.Value(raw), "mark": sc.Marked(mark), "names": fmt.Sprint(sc.List(names)), "inner": fmt.Sprint(sc.List(inner)),
			"leaves": leaves(sc), "masked": string(b[strings.Index(doc, `"again"`) : strings.Index(doc, `"again"`)+7]),
		}
		want := map[string]any{
			"action": "BLOCK", "ip": "1.2.3.4", "host": "a.example", "raw": Value{Text: `{"k":[1,2]}`, Kind: Object}, "mark": true,
			"names": "[{{l1 2} 0} {{l2 2} 2}]", "inner": "[{{r1 2} 0} {{r2 2} 0} {{r3 2} 2}]",
			"leaves": []string{"req.headers.accept=*/*", "req.headers.host=b", "labels[].other=1", "raw.k[]=1", "raw.k[]=2", "password=*******", "n=-1.5e3", "t=true", `esc=a"bé`, "deep.password.a[]=*", "deep.password.a[]=11"},
			"masked": `"*****"`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	for doc, reason := range map[string]string{
		`{"a":1`: "want a comma or }", `{"a" 1}`: "want a colon", `{"a":tru}`: "bad value", `{"a":01}`: "want a comma or }", `{"a":"` + "\n" + `"}`: "bad text",
		`{"a":"\x"}`: "bad text", `{"a":"\u12g4"}`: "bad text", "{\"a\":\"\xff\"}": "invalid UTF-8", "{\"\xff\":1}": "invalid UTF-8", `{,}`: "want a key",
		`{"a":[1,]}`: "bad value", `{"a":1,}`: "want a key", `{"a":--1}`: "bad value", `[1]`: "not an object", `{"a":}`: "bad value", "{\"a\":1\x00}": "want a comma or }",
		strings.Repeat(`{"a":`, 200): "too deep", `{"a":` + strings.Repeat(`[`, 200): "too deep",
	} {
		sc := NewSchema().NewScanner()
		_, err := sc.Scan(padded(doc), 0)
		var se *SyntaxError
		if !errors.As(err, &se) || se.Reason != reason {
			t.Errorf("%.40q: got %v, want %s", doc, err, reason)
		}
	}
	// A prefix of a good record always asks for more, and never for anything else.
	doc := `{"a":[1,-2.5e+7,"x\u00e9\n",true,null,{"b":{}}],"c":"日本"}`
	for i := 1; i < len(doc); i++ {
		_, err := NewSchema().NewScanner().Scan(padded(doc[:i]), 0)
		var se *SyntaxError
		if !errors.As(err, &se) || !se.Short {
			t.Errorf("%s: %v is not short", doc[:i], err)
		}
	}
}

// randomValue makes a document for the comparison with encoding/json.
func randomValue(r *rand.Rand, depth int) any {
	switch n := r.Intn(9); {
	case n < 2 && depth > 0:
		m := map[string]any{}
		for range r.Intn(6) {
			m[randomText(r)] = randomValue(r, depth-1)
		}
		return m
	case n < 4 && depth > 0:
		l := []any{}
		for range r.Intn(5) {
			l = append(l, randomValue(r, depth-1))
		}
		return l
	case n == 4:
		return r.Float64() * float64(r.Intn(1e6))
	case n == 5:
		return r.Intn(2) == 0
	case n == 6:
		return nil
	}
	return randomText(r)
}

func randomText(r *rand.Rand) string {
	words := []string{"a", "name", "key.dot", "日本語", "quo\"te", "back\\slash", "tab\t", "e\u0301", "long-long-long-key-of-many-bytes", "[]", " ", "\u2028", "😀", "x"}
	s := ""
	for range 1 + r.Intn(3) {
		s += words[r.Intn(len(words))]
	}
	return s
}

// flat lists the leaves of a document as encoding/json reads it, the first of a key.
func flat(prefix string, v any, out map[string][]string) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			flat(join(prefix, Step{Key: k}), e, out)
		}
	case []any:
		for _, e := range x {
			flat(join(prefix, Step{Elem: true}), e, out)
		}
	case string:
		if x != "" {
			out[prefix] = append(out[prefix], x)
		}
	case bool:
		out[prefix] = append(out[prefix], fmt.Sprint(x))
	case json.Number:
		out[prefix] = append(out[prefix], x.String())
	}
}

// TestScanAgainstStandard compares with encoding/json on random documents, one scanner for all
// of them so that its memory of keys is always wrong somewhere.
func TestScanAgainstStandard(t *testing.T) {
	t.Parallel()
	s := NewSchema()
	s.Rest = true
	sc := s.NewScanner()
	r := rand.New(rand.NewSource(7))
	for i := range 5000 {
		m := map[string]any{}
		for range r.Intn(8) {
			m[randomText(r)] = randomValue(r, 4)
		}
		var doc []byte
		if i%2 == 0 {
			doc, _ = json.Marshal(m)
		} else {
			doc, _ = json.MarshalIndent(m, " ", "\t")
		}
		compare(t, sc, doc)
	}
}

func compare(t *testing.T, sc *Scanner, doc []byte) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	want, got := map[string][]string{}, map[string][]string{}
	flat("", v, want)
	b := padded(string(doc))
	end, err := sc.Scan(b, 0)
	if err != nil || end != len(doc) {
		t.Fatalf("%s: end %d, %v", doc, end, err)
	}
	for _, l := range sc.Leaves {
		if s := text(l.Value); s != "" {
			got[l.Key.Path] = append(got[l.Key.Path], s)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s: %s", doc, diff)
	}
}

// FuzzScan: never panics, never reads behind the data, and accepts exactly what encoding/json
// accepts (but for depth and what it does with bad UTF-8 and lone surrogates).
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":[{"b":"\u0041"}]}`, `{`, `{"a":"\ud800"}`, `{"a":1}{"b":2}`, `{"a":-0.1e-5,"a":2}`, "{\"\x00\":1}", `{"labels":[{"name":"x","value":"y"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > 1<<16 {
			return
		}
		s := NewSchema()
		s.Rest = true
		s.Secret = func(k string) bool { return k == "password" }
		s.Slot(Path{{Key: "a"}})
		s.List(Path{{Key: "labels"}, {Elem: true}, {Key: "name"}}, nil)
		s.Pivot(Path{{Key: "labels"}, {Elem: true}}, "name", "value", true).Slot("x")
		sc := s.NewScanner()
		for range 2 {
			b := padded(string(doc))
			if len(doc) == 0 {
				return
			}
			end, err := sc.Scan(b, 0)
			if err != nil {
				if end != 0 {
					t.Fatal("an error moved the position")
				}
				continue
			}
			if end > len(doc) || !json.Valid(doc[:end]) {
				t.Fatalf("accepted %q (end %d)", doc, end)
			}
			for _, l := range sc.Leaves {
				text(l.Value)
			}
		}
	})
}
