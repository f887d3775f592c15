package query

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skip("no time zone data on this machine: ", err)
	}
	return loc
}

func options() Options {
	return Options{
		Now: now, Since: "24h",
		Types: []string{"aws.waf", "aws.alb", "aws.cloudtrail"},
		Fields: map[string]schema.Kind{"source.ip": schema.IP, "event.action": schema.String, "http.response.status_code": schema.Int, "url.path": schema.String,
			"http.response.bytes": schema.Int, "event.created": schema.Time, "aws.waf.labels": schema.Strings},
		Aliases: map[string][]string{"httpRequest.clientIp": {"source.ip"}, "action": {"event.action"}},
	}
}

// outline is a statement as text: what the store is asked, and what is left to do.
func outline(s *Statement) string {
	var q store.Query
	var parts []string
	if a := s.Aggregate; a != nil {
		q = a.Query
		for _, k := range a.By {
			text := "by " + k.Name + "=" + k.Field
			if k.Buckets != nil {
				text += "#" + time.Duration(k.Buckets.Width).String()
			}
			parts = append(parts, text)
		}
		for _, g := range a.Aggs {
			text := g.Name + "=" + string(g.Func) + "(" + g.Field
			if g.Arg != 0 {
				b, _ := json.Marshal(g.Arg)
				text += " " + string(b)
			}
			parts = append(parts, text+")")
		}
		for _, o := range a.Sort {
			dir := "+"
			if o.Desc {
				dir = "-"
			}
			parts = append(parts, dir+o.Column)
		}
		parts = append(parts, "limit "+itoa(a.Limit))
	} else {
		q = s.Events.Query
		if s.Events.Oldest {
			parts = append(parts, "oldest")
		}
		parts = append(parts, "limit "+itoa(s.Events.Limit))
		if s.Events.Fields != nil {
			parts = append(parts, "get "+strings.Join(s.Events.Fields, ","))
		}
	}
	where := "*"
	if q.Where != nil {
		where = q.Where.String()
	}
	if len(q.Types) > 0 {
		where = "{" + strings.Join(q.Types, ",") + "} " + where
	}
	if n := len(s.steps); n > 0 {
		parts = append(parts, "then "+itoa(n))
	}
	for _, w := range s.Warnings {
		parts = append(parts, "WARN "+w)
	}
	return where + " ; " + strings.Join(parts, " ; ")
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

var statements = map[string]string{
	``:                     `* ; limit 100`,
	`event.action:BLOCK`:   `event.action:BLOCK ; limit 100`,
	`event.module:aws.waf`: `{aws.waf} * ; limit 100`,
	`event.module:AWS.waf and event.action:BLOCK`:                  `{aws.waf} event.action:BLOCK ; limit 100`,
	`event.module:(aws.waf or aws.alb) and not a:b`:                `{aws.waf,aws.alb} not a:b ; limit 100`,
	`event.module:aws.* and event.dataset:*waf`:                    `{aws.waf} * ; limit 100`,
	`event.module:aws.waf or event.action:BLOCK`:                   `event.module:aws.waf or event.action:BLOCK ; limit 100`,
	`not event.module:aws.waf`:                                     `not event.module:aws.waf ; limit 100`,
	`event.module:aws.waff`:                                        `event.module:aws.waff ; limit 100 ; WARN there is no log type aws.waff; did you mean aws.waf?`,
	`level:error`:                                                  `level:error ; limit 100 ; WARN no log type declares level: only undeclared leaves of that name are searched`,
	`status:404`:                                                   `status:404 ; limit 100 ; WARN no log type declares status: only undeclared leaves of that name are searched; did you mean http.response.status_code?`,
	`event.acton:BLOCK`:                                            `event.acton:BLOCK ; limit 100 ; WARN no log type declares event.acton: only undeclared leaves of that name are searched; did you mean event.action?`,
	`http.response.status_code:ok`:                                 `http.response.status_code:ok ; limit 100 ; WARN http.response.status_code is of kind int and "ok" is none: the condition matches nothing`,
	`action:BLOCK`:                                                 `action:BLOCK or event.action:BLOCK ; limit 100`,
	`httpRequest.clientIp:10.0.0.0/8 | top 5 httpRequest.clientIp`: `httpRequest.clientIp:10.0.0.0/8 or source.ip:10.0.0.0/8 and source.ip:* ; `,
	`event.created >= now-1h`:                                      `event.created >= "2026-11-21T11:00:00.000000000Z" ; limit 100`,
	`event.created:2026-11-20`:                                     `event.created:(>= "2026-11-20T00:00:00.000000000Z" and < "2026-11-21T00:00:00.000000000Z") ; limit 100`,
	`@timestamp >= now-1h and a:b`:                                 `a:b ; limit 100`,
	`@timestamp < 2020 and a:b`:                                    `a:b ; limit 100 ; WARN the condition asks for times outside the range asked for (2026-11-20T12:00:00Z to 2026-11-21T12:00:00Z): widen it`,
	`a:b|limit 5`:                                                  `a:b\|limit 5 ; limit 100 ; WARN "|limit" belongs to the text "b|limit 5": put a space before | to begin a stage`,
	`a:b | limit 5`:                                                `a:b ; limit 5`,
	`| sort @timestamp asc | limit 20`:                             `* ; oldest ; limit 20`,
	`a:b | sort @timestamp desc`:                                   `a:b ; limit 100`,
	`a:b | fields source.ip, "odd name", source.ip`:                `a:b ; limit 100 ; get source.ip,odd name ; WARN no log type declares odd name: only undeclared leaves of that name are searched`,
	`a:b | fields source.*`:                                        `a:b ; limit 100`,
	`a:b | FIELDS httpRequest.clientIp`:                            `a:b ; limit 100 ; get source.ip`,
	`| stats count()`:                                              `* ; count()=count() ; limit 0`,
	`| stats count(*) as n, distinct(source.ip), sum(http.response.bytes), avg(x), min(@timestamp), max(@timestamp), percentile(x, 95), p99.9(x) as slow`: `* ; n=count() ; distinct(source.ip)=distinct(source.ip) ; sum(http.response.bytes)=sum(http.response.bytes) ; avg(x)=avg(x) ; min(@timestamp)=min(@timestamp) ; max(@timestamp)=max(@timestamp) ; percentile(x, 95)=percentile(x 95) ; slow=percentile(x 99.9) ; limit 0`,
	`| stats count() as n by bucket(1h, "Asia/Tokyo") as t, event.action | sort n desc | limit 20`:                                                        `* ; by t=@timestamp#1h0m0s ; by event.action=event.action ; n=count() ; -n ; limit 20`,
	`| stats count() by bucket(1d)`:                                     `* ; by bucket=@timestamp#0s ; count()=count() ; limit 0`,
	`| stats count() by bucket(event.created, 5m)`:                      `* ; by bucket=event.created#5m0s ; count()=count() ; limit 0`,
	`| stats count() by event.action | sort count() desc, event.action`: `* ; by event.action=event.action ; count()=count() ; -count() ; +event.action ; limit 0`,
	`| stats percentile(x,95) by a | sort percentile( x , 95 ) desc`:    `* ; by a=a ; percentile(x, 95)=percentile(x 95) ; -percentile(x, 95) ; limit 0`,
	`| stats count() as n by a | sort n | sort a desc`:                  `* ; by a=a ; n=count() ; -a ; +n ; limit 0`,
	`| stats count() as n by a | limit 5 | sort n | limit 2`:            `* ; by a=a ; n=count() ; limit 5 ; then 2`,
	`| stats count() as n by a | fields n`:                              `* ; by a=a ; n=count() ; limit 0 ; then 1`,
	`| top 10 source.ip`:                                                `source.ip:* ; by source.ip=source.ip ; n=count() ; -n ; limit 10`,
	`a:b or c:d | top 3 source.ip by event.action`:                      `(a:b or c:d) and source.ip:* and event.action:* ; by event.action=event.action ; by source.ip=source.ip ; n=count() ; +event.action ; -n ; limit 0 ; then 1`,
	`| top source.ip`: `source.ip:* ; by source.ip=source.ip ; n=count() ; -n ; limit 10`,
	"event.module:aws.waf\n| stats count() as n\n    by source.ip\n| sort n desc": `{aws.waf} * ; by source.ip=source.ip ; n=count() ; -n ; limit 0`,
}

func TestParse(t *testing.T) {
	t.Parallel()
	zone(t, "Asia/Tokyo")
	for text, want := range statements {
		s, err := Parse(text, options())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := outline(s)
		if strings.HasSuffix(want, " ; ") {
			want = "(httpRequest.clientIp:10.0.0.0/8 or source.ip:10.0.0.0/8) and source.ip:* ; by httpRequest.clientIp=source.ip ; n=count() ; -n ; limit 5"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

var mistakes = map[string]string{
	`a:b |`:                                         `column 6: a stage is missing before the end; known: stats, top, fields, sort, limit`,
	`a:b | stat count()`:                            `column 7: there is no stage "stat"; did you mean stats?`,
	`a:b | where x:y`:                               `column 7: there is no stage "where"; conditions stand before the first |, connected by and`,
	`a:b | head 5`:                                  `column 7: there is no stage "head"; write limit 10`,
	`| stats`:                                       `column 8: a function is missing before the end`,
	`| stats count`:                                 `column 14: "(" is missing after count, before the end`,
	`| stats cuont()`:                               `column 9: there is no function "cuont"; did you mean count?`,
	`| stats median(x)`:                             `column 9: there is no function "median"; write percentile(field, 50)`,
	`| stats sum()`:                                 `column 13: sum needs a field; write sum(field)`,
	`| stats sum(event.action)`:                     `column 13: sum of event.action: it is of kind string, not a number; take count, distinct, min or max`,
	`| stats percentile(x)`:                         `column 21: the percentage is missing before ")"; write percentile(field, 95)`,
	`| stats percentile(x, 100)`:                    `column 23: "100" of percentile is no percentage; write a number between 0 and 100, such as 95`,
	`| stats count(), count()`:                      `column 18: two columns are named "count()"; give one of them another name with as`,
	`| stats count() by`:                            `column 19: a field name or bucket(…) is missing before the end`,
	`| stats count() by bucket(1x)`:                 `column 27: "1x" is no span: write auto, 10s, 5m, 1h, 1d, 1w, 1M or 1y`,
	`| stats count() by bucket(2d)`:                 `column 27: buckets of 2d: days, weeks, months and years are counted one by one: write 1d`,
	`| stats count() by bucket(1s)`:                 `column 27: buckets of 1s over 24h0m0s are more than 10000: take longer ones or a shorter range`,
	`| stats count() by bucket(1h, "X")`:            `column 31: there is no time zone "X"; write a name such as "Asia/Tokyo" or UTC`,
	`| stats count() by bucket(source.ip, 1h)`:      `column 27: source.ip is of kind ip; name a field of kind time`,
	`| stats count() by bin(1h)`:                    `column 20: there is no function "bin" here; write … by bucket(1h)`,
	`| stats count() by user.*`:                     `column 20: by takes no pattern; name one field`,
	`| stats count() by a | sort m`:                 `column 29: there is no column "m"; known: a, count()`,
	`| stats count() as n by a | fields a | sort n`: `column 45: column "n" was left out by fields; known: a`,
	`| stats count() | stats count()`:               `column 19: stats can stand only once; ask for all columns in one stats`,
	`| sort source.ip`:                              `column 8: events are sorted by @timestamp only; count with stats … by source.ip instead`,
	`| limit x`:                                     `column 9: the limit is missing before "x"; write a number such as 10`,
	`| limit 0`:                                     `column 9: the limit is missing before "0"; write a number such as 10`,
	`| limit 1000000`:                               `column 9: an answer has at most 100000 events; take parts of the time range one after another`,
	`| limit 5 6`:                                   `column 11: "6" is not expected here; stages are separated by |`,
	`| fields "a`:                                   `column 10: the quote is never closed; close it with "`,
	`| fields a,`:                                   `column 12: a field name is missing before the end`,
	`a:b || c:d`:                                    `column 5: "||" is no operator; write or; one | begins a stage`,
	`a:b | | limit 1`:                               `column 7: a stage is missing before "|"; known: stats, top, fields, sort, limit`,
	`a:b|stats count()`:                             `column 4: "|stats" belongs to the text before it; put a space before | to begin a stage`,
	`a = b | limit 1`:                               `column 3: "=" is no operator; write a:b, or put the text in quotes to search for it`,
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range mistakes {
		_, err := Parse(text, options())
		var e *expr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v is no *expr.Error", text, err)
			continue
		}
		if diff := cmp.Diff(want, e.Error()); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

func TestReadRange(t *testing.T) {
	t.Parallel()
	tokyo := zone(t, "Asia/Tokyo")
	for _, c := range []struct{ since, until, from, to string }{
		{"24h", "", "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"},
		{"7d", "1d", "2026-11-14T12:00:00Z", "2026-11-20T12:00:00Z"},
		{"1M", "", "2026-10-21T12:00:00Z", "2026-11-21T12:00:00Z"},
		{"yesterday", "yesterday", "2026-11-19T15:00:00Z", "2026-11-20T15:00:00Z"},
		{"today", "", "2026-11-20T15:00:00Z", "2026-11-21T12:00:00Z"},
		{"2026-11-01", "2026-11-01", "2026-10-31T15:00:00Z", "2026-11-01T15:00:00Z"},
		{"2026-11-01T10:00+09:00", "2026-11-01T11:00Z", "2026-11-01T01:00:00Z", "2026-11-01T11:01:00Z"},
		{"2026-11-01T10:00", "2026-11", "2026-11-01T01:00:00Z", "2026-11-30T15:00:00Z"},
		{"now-2h/h", "now", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z"},
		{"", "2000", "1970-01-01T00:00:00Z", "2000-12-31T15:00:00Z"},
	} {
		from, to, err := ReadRange(c.since, c.until, now, tokyo)
		got := [2]string{time.Unix(0, from).UTC().Format(time.RFC3339), time.Unix(0, to).UTC().Format(time.RFC3339)}
		if diff := cmp.Diff([2]string{c.from, c.to}, got); diff != "" || err != nil {
			t.Errorf("%s to %s: %v\n%s", c.since, c.until, err, diff)
		}
	}
	for _, c := range [][2]string{{"24 hours", ""}, {"x", ""}, {"-5h", ""}, {"2026-02-30", ""}, {"1h", "2h"}, {"2026-13-01", ""}} {
		if _, _, err := ReadRange(c[0], c[1], now, nil); err == nil {
			t.Errorf("%v: want an error", c)
		}
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixNano()
	}
	for _, c := range []struct{ span, zone, from, to, want string }{
		{"1d", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "03-27T23:00 03-28T23:00 03-29T22:00 03-30T22:00"},     // 29 March has 23 hours
		{"1d", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-02T05:00:00Z", "11-01T04:00 11-02T05:00"},                          // 25 hours
		{"1d", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z", "11-03T03:00 11-04T03:00 11-05T02:00 11-06T02:00"}, // no midnight on the 4th
		{"1d", "America/Havana", "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z", "10-31T04:00 11-01T04:00 11-02T05:00 11-03T05:00"},    // two midnights on the 1st
		{"1w", "Asia/Tokyo", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "11-15T15:00 11-22T15:00"},
		{"1w", "UTC", "2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z", "12-30T00:00 01-06T00:00"}, // weeks do not end with the year
		{"1w", "UTC", "2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z", "12-28T00:00 01-04T00:00"},
		{"1M", "Asia/Tokyo", "2026-01-31T16:00:00Z", "2026-03-01T00:00:00Z", "01-31T15:00 02-28T15:00 03-31T15:00"},
		{"1y", "UTC", "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", "01-01T00:00 01-01T00:00"},
		{"1h", "Asia/Kolkata", "2026-11-20T00:00:00Z", "2026-11-20T01:00:00Z", "11-19T23:30 11-20T00:30 11-20T01:30"},
		{"6h", "Asia/Tokyo", "2026-11-20T00:00:00Z", "2026-11-20T12:00:00Z", "11-19T21:00 11-20T03:00 11-20T09:00 11-20T15:00"},
		{"10m", "UTC", "2026-11-20T00:00:00Z", "2026-11-20T00:20:00Z", "11-20T00:00 11-20T00:10 11-20T00:20"},
	} {
		b, err := MakeBuckets(c.span, at(c.from), at(c.to), zone(t, c.zone))
		if err != nil {
			t.Errorf("%s %s: %v", c.span, c.zone, err)
			continue
		}
		var got []string
		for i, e := range b.Edges {
			got = append(got, time.Unix(0, e).UTC().Format("01-02T15:04"))
			if i > 0 && e <= b.Edges[i-1] {
				t.Errorf("%s %s: edges do not ascend", c.span, c.zone)
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s in %s:\n%s", c.span, c.zone, diff)
		}
	}
	// Any range in any zone is covered without holes, whatever the clocks did.
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "Asia/Beirut", "Atlantic/Azores"} {
		loc := zone(t, name)
		from, to := at("1970-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")
		for _, span := range []string{"1w", "1M", "1y"} {
			b, err := MakeBuckets(span, from, to, loc)
			if err != nil {
				t.Fatal(err)
			}
			if b.Edges[0] > from || b.Edges[len(b.Edges)-1] < to {
				t.Errorf("%s in %s does not cover the range", span, name)
			}
		}
		for day := time.Date(1998, 1, 1, 12, 0, 0, 0, loc); day.Year() < 2026; day = day.AddDate(0, 0, 20) {
			b, err := MakeBuckets("1d", day.UnixNano(), day.AddDate(0, 0, 20).UnixNano(), loc)
			if err != nil {
				t.Fatal(err)
			}
			for i := 1; i < len(b.Edges); i++ {
				a, z := time.Unix(0, b.Edges[i-1]).In(loc), time.Unix(0, b.Edges[i]-1).In(loc)
				if a.YearDay() != z.YearDay() || time.Unix(0, b.Edges[i-1]-1).In(loc).YearDay() == a.YearDay() && name != "America/Havana" && name != "Atlantic/Azores" && name != "Asia/Beirut" {
					t.Fatalf("%s: the bucket %s to %s is not one day", name, a, z)
				}
			}
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for text := range statements {
		f.Add(text)
	}
	for text := range mistakes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		s, err := Parse(text, options())
		if err != nil {
			var e *expr.Error
			if !errors.As(err, &e) {
				t.Fatalf("untyped error %v", err)
			}
			if e.Pos < 0 || e.Pos > len(text) || e.End < e.Pos || e.End > len(text) {
				t.Fatalf("%q: place %d to %d", text, e.Pos, e.End)
			}
			e.Show()
			return
		}
		if (s.Events == nil) == (s.Aggregate == nil) {
			t.Fatal("a statement asks for one thing")
		}
	})
}
