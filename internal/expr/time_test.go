package expr

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
)

func TestReadTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 15, 4, 5, 6, time.UTC) // a Tuesday
	tokyo := time.FixedZone("", 9*3600)
	for _, c := range []struct{ text, from, to string }{
		{"2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"2026-03-31T10:20", "2026-03-31T10:20:00Z", "2026-03-31T10:21:00Z"},
		{"2026-03-31 10:20:30", "2026-03-31T10:20:30Z", "2026-03-31T10:20:31Z"},
		{"2026-03-31T10:20:30.5Z", "2026-03-31T10:20:30.5Z", "2026-03-31T10:20:30.6Z"},
		{"2026-03-31T10:20:30.123456789+0900", "2026-03-31T01:20:30.123456789Z", "2026-03-31T01:20:30.12345679Z"},
		{"2026-03-31T10:20:30-03:30", "2026-03-31T13:50:30Z", "2026-03-31T13:50:31Z"},
		{"1774963445000", "2026-03-31T13:24:05Z", "2026-03-31T13:24:05.001Z"},
		{"-1", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"},
		{"now", "2026-03-31T15:04:05.000000006Z", "2026-03-31T15:04:05.000000007Z"},
		{"now-1h", "2026-03-31T14:04:05.000000006Z", "2026-03-31T14:04:05.000000007Z"},
		{"now-1M", "2026-02-28T15:04:05.000000006Z", "2026-02-28T15:04:05.000000007Z"},
		{"now+1y-1d", "2027-03-30T15:04:05.000000006Z", "2027-03-30T15:04:05.000000007Z"},
		{"now/d", "2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"now/w", "2026-03-30T00:00:00Z", "2026-04-06T00:00:00Z"},
		{"now-1M/M", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"now/h", "2026-03-31T15:00:00Z", "2026-03-31T16:00:00Z"},
	} {
		from, to, ok := ReadTime(c.text, now, nil)
		got := [2]string{time.Unix(0, from).UTC().Format(time.RFC3339Nano), time.Unix(0, to).UTC().Format(time.RFC3339Nano)}
		if diff := cmp.Diff([2]string{c.from, c.to}, got); diff != "" || !ok {
			t.Errorf("%s: %v\n%s", c.text, ok, diff)
		}
	}
	if from, _, ok := ReadTime("2026-04-01", now, tokyo); !ok || from != time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC).UnixNano() {
		t.Error("a day does not start in its zone")
	}
	for _, text := range []string{"", "x", "2026-13", "2026-02-30", "2026-1-1", "20261", "2026-01-01T", "2026-01-01T24:00", "2026-01-01T10", "2026-01-01T10:00:00.", "2026-01-01T10:00x",
		"2026-01-01T10:00+9", "now-", "now-h1", "now-1", "now-1x", "now/", "now/2d", "nowhere", "now-99999999999s", "+5", "1e9"} {
		if from, _, ok := ReadTime(text, now, nil); ok && text != "20261" {
			t.Errorf("%q: read as %d", text, from)
		}
	}
	if _, _, ok := ReadTime("now", time.Time{}, nil); ok {
		t.Error("now has no meaning without a clock")
	}
}

func FuzzReadTime(f *testing.F) {
	for _, s := range []string{"2026-11-01", "now-1d/d", "1793491200000", "2026-11-01T10:00:00.123+09:00", "9999-12-31", "0000", "now+999999y", "-9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if from, to, ok := ReadTime(s, time.Unix(1.7e9, 5), time.FixedZone("", 3600)); ok && from > to {
			t.Fatalf("%q: ends before it starts", s)
		}
	})
}

// A glob must mean what the regular expression with .* for its stars means.
func TestGlobIsAPattern(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "b", "*", `\*`, `\\`, "é"}
	for range 20_000 {
		var glob, pattern, text strings.Builder
		for range r.IntN(6) {
			l := letters[r.IntN(len(letters))]
			glob.WriteString(l)
			if l == "*" {
				pattern.WriteString(".*")
			} else {
				pattern.WriteString(regexp.QuoteMeta(strings.TrimPrefix(l, `\`)))
			}
		}
		for range r.IntN(8) {
			text.WriteString(strings.TrimPrefix(letters[r.IntN(len(letters))], `\`))
		}
		want := regexp.MustCompile(`(?s)^` + pattern.String() + `$`).MatchString(text.String())
		if got := ReadGlob(glob.String(), nil).Match(text.String()); got != want {
			t.Fatalf("%s on %s: %v, want %v", glob.String(), text.String(), got, want)
		}
	}
}

// A literal before the range of int64 nanoseconds ends where time begins; it must match nothing.
func TestTimeBeforeTheBeginning(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`at:0000`, `at<=0000`, `at<0000`} {
		n, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := Compile(n.(*Predicate), schema.Time)
		for _, at := range []int64{math.MinInt64, 0, math.MaxInt64} {
			if m.MatchInt(at) {
				t.Errorf("%s matches %d", text, at)
			}
		}
	}
}
