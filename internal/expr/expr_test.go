package expr

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/yagura-siem/yagura/internal/schema"
)

var sameTree = cmp.Options{cmpopts.IgnoreFields(Predicate{}, "Pos"), cmpopts.IgnoreFields(FreeText{}, "Pos"),
	cmpopts.EquateEmpty(), cmpopts.EquateComparable(Predicate{}.Net)}

// Conditions and their printed form.
var good = [][2]string{
	{``, `*`},
	{` * `, `*`},
	{`*:*`, `*`},
	{`event.action:BLOCK`, `event.action:BLOCK`},
	{`event.action : BLOCK`, `event.action:BLOCK`},
	{`a:"b c"`, `a:"b c"`},
	{`a:200 OK`, `a:200 OK`},
	{`a:x AND b:y Or c:z`, `(a:x and b:y) or c:z`},
	{`a:1 or b:2 and not c:3`, `a:1 or (b:2 and not c:3)`},
	{`not a:1 and b:2`, `not a:1 and b:2`},
	{`not (a:1 and b:2)`, `not (a:1 and b:2)`},
	{`not(a:1)`, `not a:1`},
	{`(a:1) and(b:2)`, `a:1 and b:2`},
	{`a:(x or y)`, `a:x or a:y`},
	{`a:(x or y and not z)`, `a:x or (a:y and not a:z)`},
	{`a:(x or (y and not "z"))`, `a:x or (a:y and not a:"z")`},
	{`a:(foo bar)`, `a:foo bar`},
	{`a:*`, `a:*`},
	{`a:(*)`, `a:*`},
	{`a:f*o`, `a:f*o`},
	{`a:f\*o`, `a:f\*o`},
	{`a:f\*o*`, `a:f\*o*`},
	{`a:"f*"`, `a:"f*"`},
	{`us*.name:root`, `us*.name:root`},
	{`a >= 5`, `a >= 5`},
	{`a>5 and a<=10`, `a > 5 and a <= 10`},
	{`a:>5`, `a > 5`},
	{`a:(>=5 and <10)`, `a:(>= 5 and < 10)`},
	{`a:(<10 and >= 5)`, `a:(>= 5 and < 10)`},
	{`a:(<1 or >5)`, `a < 1 or a > 5`},
	{`@timestamp >= now-24h`, `@timestamp >= now-24h`},
	{`@timestamp >= 2026-11-01T10:00:00+09:00`, `@timestamp >= "2026-11-01T10:00:00+09:00"`},
	{`@timestamp < "2026-11-01"`, `@timestamp < 2026-11-01`},
	{`source.ip:203.0.113.0/24`, `source.ip:203.0.113.0/24`},
	{`source.ip:2001:db8::/32 and a:b`, `source.ip:2001:db8::/32 and a:b`},
	{`source.ip:2001:db8::1`, `source.ip:2001:db8::1`},
	{`source.ip:(::1 or 10.0.0.1)`, `source.ip:::1 or source.ip:10.0.0.1`},
	{`source.ip:"10.0.0.0/8"`, `source.ip:"10.0.0.0/8"`},
	{`url.path:/admin/login`, `url.path:/admin/login`},
	{`url.path:/admin and x:a/`, `url.path:/admin and x:a/`},
	{`url.path:/adm(in|ini)\//`, `url.path:/adm(in|ini)\//`},
	{`url.path:(/a b/ or /c/)`, `url.path:/a b/ or url.path:/c/`},
	{`url.path:"/a/"`, `url.path:"/a/"`},
	{`url.path:\/a/`, `url.path:\/a/`},
	{`"odd field:":x`, `"odd field:":x`},
	{`labels[].name:awswaf*`, `labels[].name:awswaf*`},
	{`$hdr.host:*`, `$hdr.host:*`},
	{`not $hdr.host:*`, `not $hdr.host:*`},
	{`@key:x`, `@key:x`},
	{`foo bar`, `foo bar`},
	{`"foo bar" or b*z`, `"foo bar" or b*z`},
	{`(a:1 and b:2) and c:3`, `a:1 and b:2 and c:3`},
	{`\and`, `\and`},
	{`x\:y \(z\)`, `x\:y \(z\)`},
	{`android and oracle`, `android and oracle`},
	{`a:C\:\\x`, `a:C\:\\x`},
	{`a:"q\"uo\\te\w"`, `a:"q\"uo\\te\\w"`},
	{`日本:語　and　b:2`, `"日本":語 and b:2`},
	{"a:1\n  and b:2", `a:1 and b:2`},
	{`x:foo|bar`, `x:foo\|bar`},
	{`"a=b"`, `"a=b"`},
	{`a:b=c`, `a:b=c`},
	{`a:""`, `a:""`},
	{`a:\u0041`, `a:A`},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range good {
		n, err := Parse(c[0])
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		if got := n.String(); got != c[1] {
			t.Errorf("%s: printed %s, want %s", c[0], got, c[1])
		}
		roundTrip(t, n)
	}
}

func roundTrip(t *testing.T, n Node) {
	t.Helper()
	again, err := Parse(n.String())
	if err != nil {
		t.Errorf("%s: printed form: %v", n, err)
		return
	}
	if diff := cmp.Diff(n, again, sameTree); diff != "" {
		t.Errorf("%q changes when read again:\n%s", n, diff)
	}
}

var bad = []struct{ text, want string }{
	{`a:"x`, `column 3: the quote is never closed; close it with ", or write \" for a quote itself`},
	{`a:`, `column 3: the value of a is missing at the end; write a:value, or a:* for any value`},
	{`a: and b:1`, `column 4: the value of a is missing before "and"; put the word in quotes if you search for it`},
	{`a:1 and`, `column 8: a condition is missing at the end; write field:value, for example event.action:BLOCK`},
	{`and a:1`, `column 1: a condition is missing before "and"; put the word in quotes if you search for it`},
	{`(a:1`, `column 1: the parenthesis is never closed; close it with )`},
	{`a:1)`, `column 4: this parenthesis was never opened; write \) for the character itself`},
	{`()`, `column 2: a condition is missing before ")"; write field:value, for example event.action:BLOCK`},
	{`source.ip = 1.2.3.4`, `column 11: "=" is no operator; write source.ip:1.2.3.4, or put the text in quotes to search for it`},
	{`status=500`, `column 7: "=" is no operator; write status:500, or put the text in quotes to search for it`},
	{`status == "x"`, `column 8: "==" is no operator; write status:"x", or put the text in quotes to search for it`},
	{`a != b`, `column 3: "!=" is no operator; write not a:b, or put the text in quotes to search for it`},
	{`a:1 && b:2`, `column 5: "&&" is no operator; write and, or put the text in quotes to search for it`},
	{`a:1 || b:2`, ``},
	{`!a:1`, `column 1: "!" is no operator; write not a:…`},
	{`a:1 b:2`, `column 5: and, or is missing before "b"; write and b:…`},
	{`a:1 not b:2`, `column 5: and, or is missing before "not"; write and not`},
	{`"a" "b"`, `column 5: and, or is missing here; connect conditions with and, or`},
	{`foo bar:1`, `column 1: and, or is missing, or the field name needs quotes; write foo and bar:…`},
	{`arn:arn:aws:iam::1:root`, `column 8: a value that holds : needs quotes; write arn:"arn:aws:iam::1:root"`},
	{`labels:awswaf:managed:*`, `column 14: a : in a pattern needs a backslash; write labels:awswaf\:managed\:*`},
	{`a:{b:1}`, `column 3: nested objects are not searched with { }: objects in lists are flattened; write a.name:value`},
	{`a => 5`, `column 3: "=>" is no operator; write >=`},
	{`a >> 5`, `column 3: ">>" is no operator; use > >= < <= or not field:value`},
	{`a > 5*`, `column 5: a comparison takes no wildcard; write field:abc*, or put the text in quotes`},
	{`a >`, `column 4: the value to compare with is missing at the end; write a number, a time or a quoted text`},
	{`a:[1 TO 5]`, `column 3: [a TO b] is no range here; write a:(>= 1 and <= 5)`},
	{`a:/(/`, "column 3: the regular expression is not valid RE2: missing closing ): `(`; put the value in quotes if it is plain text"},
	{`a:C:\Windows`, `column 4: a value that holds : needs quotes; write a:"C:\\Windows"`},
	{`a:\Windows`, `column 3: a backslash must stand before one of \():<>"*{}|/ or a keyword; write \\ for a backslash, or put the text in quotes`},
	{`a:1 | stats count()`, `column 5: a pipeline cannot follow here, only a condition can be given; write \| for the character itself`},
	{"a:\xff", `column 3: not valid UTF-8`},
	{strings.Repeat("(", 200) + "a", ``},
	{strings.Repeat("not ", 200) + "a", ``},
	{strings.Repeat("a:1 or ", 9999) + "a:1", ``},
	{strings.Repeat("a", MaxLength+1), ``},
	{`a:/` + strings.Repeat("a", MaxRegex+1) + `/`, ``},
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range bad {
		n, err := Parse(c.text)
		name := c.text[:min(len(c.text), 40)]
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, %v, want an *Error", name, n, err)
			continue
		}
		if c.want != "" && e.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, e, c.want)
		}
		if e.Pos < 0 || e.Pos > len(c.text) {
			t.Errorf("%s: position %d is outside the text", name, e.Pos)
		}
		e.Show()
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	_, err := Parse("event.action:BLOCK and\nuser.name:\"東京\" and x:\x1b[0m \u202egnp(")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	e = &Error{Source: "a:1\nuser:東京 == \u202ex", Pos: len("a:1\nuser:東京 "), End: len("a:1\nuser:東京 ==")}
	e.Reason = "no"
	want := "line 2, column 9: no\n  user:東京 == ·x\n            ^^"
	if diff := cmp.Diff(want, e.Show()); diff != "" {
		t.Error(diff)
	}
}

func TestParsePrefix(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`a:1 | stats count()`:         `a:1`,
		`| stats count()`:             `*`,
		`a:"x | y" | limit 1`:         `a:"x | y"`,
		`(a:1 or b:2)| limit 1`:       `a:1 or b:2`,
		`a:/x|y/ | limit 1`:           `a:/x|y/`,
		`u:/x | stats count() by b/ `: `u:/x`,
		`a:x|y | limit 1`:             `a:x\|y`,
		`foo |limit 1`:                `foo`,
		`a:*| limit 1`:                `a:*`,
	} {
		n, rest, err := ParsePrefix(text)
		if err != nil || n.String() != want || text[rest] != '|' {
			t.Errorf("%s: %v, %d, %v; want %s", text, n, rest, err, want)
		}
	}
}

type mapRow map[string][]Value

func (r mapRow) Values(f string) []Value { return r[f] }
func (r mapRow) Fields() []string {
	var out []string
	for f := range r {
		out = append(out, f)
	}
	return out
}

func texts(s ...string) (out []Value) {
	for _, t := range s {
		out = append(out, Value{Kind: schema.String, Text: t})
	}
	return out
}

func TestMatch(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 10, 30, 0, 5, time.UTC)
	row := mapRow{
		"event.action":   texts("BLOCK"),
		"name":           texts("İstanbul Straße ＡＢＣ"),
		"tags":           texts("alpha", "b*ta", "7"),
		"status":         {{Kind: schema.Int, Int: 404}},
		"big":            {{Kind: schema.Int, Int: 9007199254740993}},
		"ratio":          {{Kind: schema.Float, Float: 0.5}},
		"ok":             {{Kind: schema.Bool, Int: 1}},
		"@timestamp":     {{Kind: schema.Time, Int: at.UnixNano()}},
		"source.ip":      {{Kind: schema.IP, Text: "203.0.113.9"}},
		"six":            {{Kind: schema.IP, Text: "2001:db8::5"}},
		"leaf":           {{Kind: schema.Map, Text: "10"}},
		"cidr":           texts("0.0.0.0/0"),
		"message":        texts("Accepted password for Root"),
		"event.original": texts(`{"a":"x/y"}`),
		"user.name":      texts("root"),
		"user.id":        texts("0"),
	}
	cases := map[string]bool{
		`*`: true, `not *`: false,
		`event.action:block`: true, `event.action:BLO`: false, `event.action:bl*k`: true, `event.action:*K`: true,
		`name:"istanbul straße abc"`: true, `name:*STRAßE*`: true, `name:*abc`: true,
		`tags:b\*ta`: true, `tags:b*a`: true, `tags:(alpha and 7)`: true, `not tags:gamma`: true, `tags:(>= 6 and < 8)`: true,
		`tags > b and tags < alphb`: true, `tags:(> alphb and < b)`: false, // one element each, no element both
		`status:404`: true, `status:404.0`: true, `status:4*`: true, `status:/^40\d$/`: true, `status:abc`: false, `not status:abc`: true,
		`status >= 404 and status < 404.5`: true, `status > 404`: false, `status < 1e300`: true, `status > -1e300`: true, `status:(> 403 and < 405)`: true,
		`big:9007199254740993`: true, `big:9007199254740992`: false, `big > 9007199254740992`: true,
		`ratio:0.5`: true, `ratio:.5`: true, `ratio >= 0.5`: true, `ratio > 0.5`: false, `ratio:5*`: false, `ratio < 1`: true,
		`ok:true`: true, `ok:FALSE`: false, `ok:1`: false, `ok:*`: true,
		`@timestamp:2026-11-01`: true, `@timestamp > 2026-11-01`: false, `@timestamp <= 2026-11-01`: true, `@timestamp < 2026-11-01`: false,
		`@timestamp:2026`: true, `@timestamp:2026-10`: false, `@timestamp:2026-11-01T10:30:00Z`: true, `@timestamp > 2026-11-01T10:30:00Z`: false,
		`@timestamp > 2026-11-01T10:30:00.000000004Z`: true, `@timestamp >= 2026-11-01T19:30:00+09:00`: true, `@timestamp < 2026-11-01T19:30:00+09:00`: false,
		`@timestamp >= now-1h`: true, `@timestamp < now/d`: false, `@timestamp <= now/d`: true, `@timestamp >= 1793528999999`: true,
		`source.ip:203.0.113.0/24`: true, `source.ip:203.0.113.77/24`: true, `source.ip:203.0.112.0/24`: false, `source.ip:"203.0.113.0/24"`: true,
		`source.ip:203.0.113.9`: true, `source.ip:::ffff:203.0.113.9`: true, `source.ip:203.0.*`: true, `source.ip:::ffff:0:0/96`: true, `source.ip:::/0`: true,
		`source.ip > 203.0.113.8 and source.ip <= 203.0.113.9`: true, `source.ip:example`: false, `source.ip < 10.0.0.0`: false,
		`six:2001:db8::/32`: true, `six:2001:DB8:0::5`: true, `six:10.0.0.0/8`: false,
		`leaf > 9`: true, `leaf < 9`: false, `leaf:10`: true, `leaf > a`: false, `leaf:(>= 10 and <= 10.0)`: true,
		`cidr:0.0.0.0/0`: true, `cidr:10.0.0.0/8`: false,
		`message:password`: true, `message:"PASSWORD for"`: true, `message:acc*root`: true, `message:pass*accepted`: false,
		`password`: true, `x/y`: true, `foo`: false, `acc*root`: true, `"x/y"`: true, `not nothing`: true,
		`user.*:root`: true, `user.*:nobody`: false, `us*:*`: true, `*:block`: true, `*:x`: false, `nope.*:*`: false,
		`missing:x`: false, `not missing:x`: true, `not missing:*`: true, `missing < 5`: false, `tags:""`: false,
	}
	for text, want := range cases {
		n, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Prepare(n, at.Add(time.Minute)).Match(row); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestFitError(t *testing.T) {
	t.Parallel()
	n, _ := Parse(`status:abc`)
	m, err := Compile(n.(*Predicate), schema.Int)
	var e *FitError
	if !errors.As(err, &e) || m.MatchInt(0) || m == nil {
		t.Fatalf("%v, %v", m, err)
	}
	if want := `status is of kind int and "abc" is none: the condition matches nothing`; e.Error() != want {
		t.Errorf("got %s", e)
	}
}

func TestLimitsArePractical(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("n:(1.1.1.1")
	for range 3000 {
		b.WriteString(" or 203.0.113.7")
	}
	b.WriteString(")")
	n, err := Parse(b.String())
	if err != nil || len(n.(*Or).Nodes) != 3001 {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range good {
		f.Add(c[0])
	}
	for _, c := range bad {
		if len(c.text) < 200 {
			f.Add(c.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		n, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("untyped error %v", err)
			}
			e.Show()
			return
		}
		again, err := Parse(n.String())
		if err != nil {
			t.Fatalf("%q printed %q: %v", text, n, err)
		}
		if diff := cmp.Diff(n, again, sameTree); diff != "" {
			t.Fatalf("%q printed %q changes:\n%s", text, n, diff)
		}
		Prepare(n, time.Unix(1e9, 0)).Match(mapRow{"a": texts("x"), "@timestamp": {{Kind: schema.Time, Int: 5}}, "n": {{Kind: schema.Int, Int: 5}}})
	})
}

func BenchmarkMatch(b *testing.B) {
	for _, text := range []string{`a:BLOCK`, `a:Mozilla*`, `a:*Chrome*`, `a:/Chrome/`} {
		n, _ := Parse(text)
		m, _ := Compile(n.(*Predicate), schema.String)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				m.Match("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36")
			}
		})
	}
}
