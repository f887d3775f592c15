package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPairs: elements of a pivot read by prediction give what they give when read for the first
// time, also when they differ a little from what was predicted.
func TestPairs(t *testing.T) {
	t.Parallel()
	usual := `{"h":[{"name":"Host","value":"a.example"},{"name":"Agent","value":"x"},{"name":"Cookie","value":"k"}],"z":1}`
	pad := func(s string) []byte { return append([]byte(s), make([]byte, Pad)...) }
	scanner := func() (*Scanner, func(*Scanner, string) string) {
		s := NewSchema()
		s.Rest, s.Nulls = true, []string{"-"}
		p := s.Pivot(Path{{Key: "h"}, {Elem: true}}, "name", "value", true)
		p.Rule = func(name string) int { return strings.Count(name, "cookie") }
		host, agent := p.Slot("host"), p.Slot("agent")
		return s.NewScanner(), func(sc *Scanner, rec string) string {
			end, err := sc.Scan(pad(rec), 0)
			out := fmt.Sprint(end, err, sc.Value(host), sc.Value(agent), sc.Masked)
			for _, l := range sc.Leaves {
				out += fmt.Sprint(" ", l.Key.Path, l.Value)
			}
			return out
		}
	}
	trained, read := scanner()
	for _, change := range [][2]string{
		{}, {`"a.example"`, `""`}, {`"a.example"`, `"-"`}, {`"a.example"`, `null`}, {`"a.example"`, `12`}, {`"a.example"`, `{"x":1}`}, {`"a.example"`, `["x"]`},
		{`"a.example"`, `"a\"b"`}, {`"a.example"`, `"é"`}, {`"a.example"`, "\"\xff\""}, {`"a.example"`, `"a`}, {`"a.example"`, "\"a\x01\""},
		{`"a.example"}`, `"a.example" }`}, {`"a.example"}`, `"a.example","more":1}`}, {`"a.example"}`, `"a.example","value":"b"}`}, {`"a.example"}`, `"a.example"]`},
		{`"Host"`, `"host"`}, {`"Host"`, `"HOST\u0041"`}, {`"Host"`, `"Host\",\"value\":\""`}, {`"Host"`, `"Agent"`}, {`"Host"`, `"-"`}, {`"Host"`, `"Cookie"`}, {`"name":"Host","value":`, `"value":"Host","name":`},
		{`{"name":"Host"`, `{ "name":"Host"`}, {`{"name":"Host","value":"a.example"},`, ``}, {`},{"name":"Agent"`, `} , {"name":"Agent"`}, {`,{"name":"Agent"`, `{"name":"Agent"`},
		{`"k"}]`, `"k"}`}, {`"k"}]`, `"k"`}, {`[`, `[[`},
	} {
		for range 2 {
			read(trained, usual)
		}
		rec := strings.Replace(usual, change[0], change[1], 1)
		fresh, _ := scanner()
		if diff := cmp.Diff(read(fresh, rec), read(trained, rec)); diff != "" {
			t.Errorf("%s: %s", rec, diff)
		}
	}
	// It is used at all.
	read(trained, usual)
	x := trained.pivots[0].root.next
	if x == nil || x.head != `{"name":"Host","value":"` {
		t.Errorf("nothing was learned: %+v", x)
	}
}
