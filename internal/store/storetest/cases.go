package storetest

import (
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// Conditions that every store must understand alike.
var conditions = []string{
	`*`, `not *`,
	// presence
	`user.name:*`, `not user.name:*`, `test.never:*`, `not test.never:x`, `unknown.field:*`, `not unknown.field:x`, `test.tags:*`, `related.ip:*`,
	`test.ok:*`, `test.ratio:*`, `event.original:*`, `"Odd Key":*`, `test.promoted:*`, `not test.promoted:*`,
	// folded equality
	`user.name:root`, `user.name:ROOT`, `user.name:"Ｒｏｏｔ"`, `user.name:åsa`, `user.name:"A\u030asa"`, `user.name:i̇pek`, `user.name:ipek`, `user.name:İPEK`,
	`user.name:straße`, `user.name:strasse`, `user.name:ヤマダ`, `user.name:"ﾔﾏﾀﾞ"`, `user.name:k`, `user.name:s`, `user.name:ας`, `user.name:ασ`, `user.name:ΑΣ`, `user.name:"😀"`,
	`user.name:"%"`, `user.name:a_b`, `user.name:b\*b`, `user.name:"b*b"`, `user.name:c\\d`, `user.name:"e\"f'g"`, `user.name:"new\nline"`, `user.name:null`, `user.name:""`,
	`event.action:block`, `event.action:(allow or count)`, `event.action:(BLOCK and not block)`, `url.path:"/' OR 1=1 --"`, `url.path:/検索?q=東京`, `url.path:"/A B"`,
	// wildcards
	`user.name:r*t`, `user.name:*OO*`, `user.name:b*b`, `user.name:%*`, `user.name:*_*`, `user.name:*ß*`, `user.name:*\\*`, `user.name:ﾔ*`, `user.name:*\**`, `url.path:/api/*/users`,
	`url.path:*東京`, `url.path:/admin/*`, `url.path:*'*`, `test.tags:b*`, `test.big:4*`, `test.big:*04*`, `test.big:-*`, `source.ip:203.0.113.*`, `source.ip:2001*`, `test.ratio:0*`, `test.ok:t*`, `@timestamp:2026*`,
	`user.name:a*a`, `user.name:ab*`, `user.name:*new*line*`,
	// regular expressions
	`user.name:/^R/`, `user.name:/(?i)root/`, `user.name:/o{2}/`, `url.path:/^\/admin\//`, `user.name:/^.$/`, `user.name:/\*/`, `user.name:/a.b/`, `user.name:/new.line/`, `user.name:/(?s)new.line/`, `user.name:/\p{Han}/`,
	`test.big:/^40/`, `source.ip:/\.9$/`, `test.tags:/a$/`, `user.name:/x/ or user.name:/^$/`, `user.name:/[%_]/`,
	// numbers
	`test.big:200`, `test.big:200.0`, `test.big:2e2`, `test.big:200.5`, `test.big:abc`, `not test.big:abc`, `test.big:9007199254740993`, `test.big:9007199254740992`, `test.big > 9007199254740992`,
	`test.big >= 9007199254740993`, `test.big < -9007199254740992`, `test.big > 199.5`, `test.big >= 200 and test.big <= 404`, `test.big:(>= 200 and < 404)`, `test.big < 1e30`, `test.big > 1e30`, `test.big >= -1e30`,
	`test.big >= 9223372036854775807`, `test.big > 9223372036854775807`, `test.big <= -9223372036854775808`, `test.big < -9223372036854775808`, `test.big:9223372036854775808`, `test.big > 9223372036854775808`, `test.big <= 9223372036854775808`,
	`test.ratio:0.1`, `test.ratio:.1`, `test.ratio:0.3`, `test.ratio:0.30000000000000004`, `test.ratio > 0.3`, `test.ratio <= 0`, `test.ratio > 0 and test.ratio < 1e-300`, `test.ratio:42`, `test.ratio:x`, `test.ratio > 1e299`, `test.ratio:0x1p3`,
	`event.duration > 500`, `event.duration:(> 100 and <= 200)`, `event.duration >= "500"`,
	// booleans
	`test.ok:true`, `test.ok:FALSE`, `test.ok:1`, `not test.ok:true`, `test.ok > false`,
	// times
	`@timestamp:2026-03-29`, `@timestamp >= 2026-03-29`, `@timestamp > 2026-03-28`, `@timestamp <= 2026-03-28`, `@timestamp < 2026-03-29`, `@timestamp:2026`, `@timestamp:2026-11`, `@timestamp >= "2026-03-29T01:00:00+01:00"`,
	`@timestamp:"2026-03-29T06:00:00Z"`, `@timestamp > "2026-03-29T06:00:00Z"`, `@timestamp >= 1774764000000`, `@timestamp:yesterday`, `test.at:2026-03-28`, `test.at < 2026`, `test.at:(>= 2026-03-28 and < 2026-03-29)`, `test.at >= now-1h`,
	`@timestamp > 9999-01-01`, `@timestamp >= 0001-01-01`,
	// addresses
	`source.ip:203.0.113.9`, `source.ip:"::ffff:203.0.113.9"`, `source.ip:203.0.113.0/24`, `source.ip:10.0.0.0/8`, `source.ip:0.0.0.0/0`, `source.ip:::/0`, `source.ip:2001:db8::/32`, `source.ip:2001:DB8::1`, `source.ip:::1`,
	`source.ip:203.0.113.77/25`, `source.ip:"203.0.113.0/24"`, `source.ip:::ffff:0:0/96`, `source.ip:::ffff:203.0.113.0/120`, `source.ip:255.255.255.255/32`, `source.ip:(10.0.0.0/8 or 2001:db8::/48)`, `not source.ip:10.0.0.0/8`,
	`source.ip >= 10.0.0.0 and source.ip < 11.0.0.0`, `source.ip > 255.255.255.255`, `source.ip >= 2001:db8::`, `source.ip > ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff`, `source.ip < 0.0.0.1`, `source.ip:example.com`, `source.ip > x`, `source.ip >= 10.0.0.0/8`,
	`related.ip:203.0.113.0/24`, `related.ip:(10.0.0.1 and 203.0.113.9)`, `related.ip:(>= 10.0.0.0 and <= 10.255.255.255)`, `not related.ip:10.0.0.0/8`, `test.big:10.0.0.0/8`, `user.name:10.0.0.0/8`,
	// lists
	`test.tags:alpha`, `test.tags:beta`, `test.tags:(alpha and beta)`, `test.tags:alpha and not test.tags:beta`, `test.tags:7`, `test.tags:(> a and < b)`, `test.tags > a and test.tags < b`, `test.tags:"gamma delta"`, `test.tags:gamma`,
	// text ranges: bytewise
	`user.name >= a and user.name < b`, `user.name > Z`, `user.name <= "Root"`, `user.name:(> "A" and < "B")`, `user.name >= 山`,
	// undeclared leaves
	`native.count:5`, `native.count > 9`, `native.count > 9.5`, `native.count <= 100 and native.count >= 100`, `native.count:(>= 5 and <= 9)`, `native.count >= a`, `native.count < -0.1`, `native.count:abc`, `native.count:1*`, `native.count:/^\d+$/`,
	`"native.list[].name":203.0.113.0/24`, `native.count:0.0.0.0/0`, `"Odd Key":日本`, `test.promoted:abc`, `test.promoted > 9`, `not native.count:*`, `native.*:abc`, `native.count:*`,
	// field patterns
	`user.*:root`, `*.name:alice`, `test.*:alpha`, `*:block`, `*:abc`, `not *:abc`, `source.*:10.0.0.0/8`, `test.b* > 500`, `nothing.*:*`, `event.*:test.web`, `*.ip:203.0.113.0/24`, `user.*:*`,
	// prose and free text
	`message:password`, `message:"PASSWORD FOR"`, `message:pass*root`, `message:/^Acc/`, `message:100%`, `message:拒否`, `message:c\:\\temp`, `not message:password`, `message:""`, `password`, `"accepted password"`, `拒否`, `ﾔﾏﾀﾞ`, `acc*root`, `sure_thing`, `100%`, `"{\"n\":1"`, `not password`, `nothingatall`,
	`event.original:root`, `event.original:"\"n\":1,"`,
	// fields of every event
	`event.module:test.web`, `event.module:TEST.*`, `event.dataset:test.audit`, `yagura.log_type:(test.bare or test.audit)`, `not event.module:test.web`, `_id:x`, `event.id:x*`, `event.id:*-*`,
	// logic
	`user.name:root or event.action:block and test.ok:true`, `not (user.name:root or event.action:block)`, `not not user.name:root`, `(user.name:root and event.action:*) or not source.ip:*`, `user.name:* and not user.name:*`,
}

// conditions asks for the events of each condition, without their fields.
func (c *checker) conditions(int) {
	for i, text := range conditions {
		if c.failed() {
			return
		}
		q := all(text)
		if _, ok := c.sameEvents(store.EventsQuery{Query: q, Fields: []string{}, Limit: 10_000}); ok && i%4 == 0 {
			c.sameTable(store.AggregateQuery{Query: q, Aggs: []store.Agg{{Name: "n", Func: store.Count}}})
		}
	}
}

// events asks for whole events, chosen fields, types and ranges of time.
func (c *checker) events(int) {
	page := store.EventsQuery{Query: store.Query{From: begin, To: end}, Limit: 10_000}
	c.sameEvents(page)
	page.Oldest = true
	c.sameEvents(page)
	for _, fields := range [][]string{{"user.name"}, {"source.ip", "test.tags", "test.big", "test.ratio", "test.ok", "test.at", "related.ip"},
		{"event.original", "message"}, {"native.count", "Odd Key", "test.promoted"}, {"unknown"}, {"user.name", "user.name"}} {
		page.Fields = fields
		c.sameEvents(page)
	}
	for _, types := range [][]string{{"test.web"}, {"test.audit", "test.bare"}, {"nothing"}, {"test.web", "nothing"}, {"test.derived"}, {"test.web", "test.derived"}} {
		c.sameEvents(store.EventsQuery{Query: store.Query{Types: types, From: begin, To: end}, Limit: 10_000})
		c.sameEvents(store.EventsQuery{Query: store.Query{Types: types, From: begin, To: end, Where: parse("user.name:root")}, Limit: 10_000})
	}
	_, batches := Data()
	for i := range 12 {
		a, b := someTime(batches, i*31), someTime(batches, i*57+1)
		if a > b {
			a, b = b, a
		}
		for _, r := range [][2]int64{{a, b}, {a, a}, {a, a + 1}, {a + 1, b + 1}, {b, a}} {
			c.sameEvents(store.EventsQuery{Query: store.Query{From: r[0], To: r[1]}, Fields: []string{}, Limit: 10_000})
		}
	}
}

// pages walks the cursors in both directions and compares with one big page.
func (c *checker) pages(int) {
	for _, text := range []string{"*", "user.name:*", "event.action:block or test.ok:true", "not *"} {
		for _, oldest := range []bool{false, true} {
			for _, limit := range []int{1, 7, 100, 5000} {
				if limit == 1 && text != "not *" {
					continue
				}
				c.walk(store.EventsQuery{Query: all(text), Fields: []string{"user.name"}, Oldest: oldest, Limit: limit})
			}
		}
	}
	day := days[1]
	q := store.EventsQuery{Query: store.Query{From: day.UnixNano(), To: day.Add(time.Hour).UnixNano()}, Fields: []string{}, Limit: 1}
	c.walk(q)
}

func (c *checker) walk(q store.EventsQuery) {
	big := q
	big.Limit = 10_000
	want, err := c.judge.Events(c.ctx, big)
	if err != nil || c.failed() {
		return
	}
	question := show(q.Query, "walking pages")
	var got []store.Event
	for range len(want.Events)/q.Limit + 2 {
		page, err := c.subject.Events(c.ctx, q)
		if err != nil {
			c.fail(question, "error: %v", err)
			return
		}
		if len(page.Events) > q.Limit {
			c.fail(question, "a page of %d holds %d events", q.Limit, len(page.Events))
			return
		}
		got = append(got, page.Events...)
		if q.After = page.Next; page.Next == nil {
			break
		}
	}
	if q.After != nil {
		c.fail(question, "a cursor is left after the last page (limit %d)", q.Limit)
	}
	if diff := diffEvents(want.Events, got); diff != "" {
		c.fail(question, "limit %d, oldest %v: %s", q.Limit, q.Oldest, diff)
	}
}

// buckets makes edges over a range of time.
func buckets(from, to int64, unit, zone string) *store.Buckets {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t := expr.StartOf(time.Unix(0, from).In(loc), unit)
	b := &store.Buckets{Edges: []int64{t.UnixNano()}}
	for t.UnixNano() < to || len(b.Edges) < 2 {
		t = expr.NextStart(t, unit)
		b.Edges = append(b.Edges, t.UnixNano())
	}
	return b
}

func fixed(from, to int64, width time.Duration, shift time.Duration) *store.Buckets {
	b := &store.Buckets{Width: int64(width)}
	start := from - from%int64(width) + int64(shift)
	for start > from {
		start -= int64(width)
	}
	for e := start; ; e += int64(width) {
		b.Edges = append(b.Edges, e)
		if e >= to && len(b.Edges) > 1 {
			return b
		}
	}
}

// statistics asks every function, grouping, order and bucket.
func (c *checker) statistics(int) {
	count := store.Agg{Name: "n", Func: store.Count}
	spring, autumn := days[1].UnixNano(), days[3].UnixNano()
	springEnd, autumnEnd := days[2].Add(24*time.Hour).UnixNano(), end
	ask := func(q store.AggregateQuery, where string) {
		if q.From == 0 {
			q.From, q.To = begin, end
		}
		q.Where = parse(where)
		c.sameTable(q)
	}
	by := func(fields ...string) (keys []store.Key) {
		for _, f := range fields {
			keys = append(keys, store.Key{Name: f, Field: f})
		}
		return keys
	}
	for _, f := range []string{"user.name", "source.ip", "event.action", "test.big", "test.ratio", "test.ok", "test.at", "test.tags", "related.ip", "native.count", "test.promoted", "Odd Key",
		"unknown", "test.never", "event.module", "yagura.log_type", "@timestamp", "url.path", "message"} {
		every := []store.Agg{count, {Name: "have", Func: store.Count, Field: f}, {Name: "d", Func: store.Distinct, Field: f}, {Name: "lo", Func: store.Min, Field: f}, {Name: "hi", Func: store.Max, Field: f}}
		ask(store.AggregateQuery{Aggs: every}, "*")
		ask(store.AggregateQuery{Aggs: every}, "not *")
		ask(store.AggregateQuery{By: by(f), Aggs: []store.Agg{count}}, "*")
		ask(store.AggregateQuery{By: by(f), Aggs: every[1:3], Sort: []store.Sort{{Column: "d", Desc: true}}}, "user.name:*")
		ask(store.AggregateQuery{By: by("event.action"), Aggs: every}, "*")
		ask(store.AggregateQuery{By: by(f), Aggs: []store.Agg{count}, Sort: []store.Sort{{Column: f, Desc: true}}}, "*")
	}
	for _, f := range []string{"event.duration", "test.ratio", "native.count", "unknown"} {
		num := []store.Agg{{Name: "s", Func: store.Sum, Field: f}, {Name: "a", Func: store.Avg, Field: f}, {Name: "lo", Func: store.Min, Field: f}, {Name: "hi", Func: store.Max, Field: f},
			{Name: "p50", Func: store.Percentile, Field: f, Arg: 50}, {Name: "p95", Func: store.Percentile, Field: f, Arg: 95}, {Name: "p01", Func: store.Percentile, Field: f, Arg: 0.1}}
		ask(store.AggregateQuery{Aggs: num}, "*")
		ask(store.AggregateQuery{Aggs: num}, "not *")
		ask(store.AggregateQuery{By: by("event.action"), Aggs: num}, "*")
		q := store.AggregateQuery{By: by("user.name", "event.action"), Aggs: num}
		ask(q, "*")
		if f == "event.duration" { // floats may tie in one executor and not in another
			q.Sort = []store.Sort{{Column: "s"}, {Column: "p50", Desc: true}}
			ask(q, "*")
			ask(store.AggregateQuery{By: by("user.name"), Aggs: append(num, count), Sort: []store.Sort{{Column: "a", Desc: true}}, Limit: 5}, "*")
		}
	}
	for _, limit := range []int{1, 3, 1000} {
		ask(store.AggregateQuery{By: by("user.name"), Aggs: []store.Agg{count}, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: limit}, "*")
		ask(store.AggregateQuery{By: by("user.name"), Aggs: []store.Agg{count}, Limit: limit}, "event.action:*")
		ask(store.AggregateQuery{By: by("test.tags", "event.action"), Aggs: []store.Agg{count}, Sort: []store.Sort{{Column: "event.action"}, {Column: "n", Desc: true}}, Limit: limit}, "*")
	}
	ask(store.AggregateQuery{By: by("test.tags", "related.ip"), Aggs: []store.Agg{count}}, "*")
	ask(store.AggregateQuery{By: by("test.tags"), Aggs: []store.Agg{count, {Name: "s", Func: store.Sum, Field: "event.duration"}}}, "test.tags:alpha")
	ask(store.AggregateQuery{By: by("event.action", "test.ok", "test.promoted"), Aggs: []store.Agg{count}}, "*")
	ask(store.AggregateQuery{By: by("event.action")}, "*")
	ask(store.AggregateQuery{Query: store.Query{Types: []string{"test.audit"}}, By: by("user.name"), Aggs: []store.Agg{count}}, "*")
	ask(store.AggregateQuery{Query: store.Query{Types: []string{"nothing"}}, By: by("user.name"), Aggs: []store.Agg{count}}, "*")
	ask(store.AggregateQuery{Query: store.Query{Types: []string{"nothing"}}, Aggs: []store.Agg{count, {Name: "s", Func: store.Sum, Field: "event.duration"}}}, "*")
	type span struct{ from, to int64 }
	for _, s := range []span{{spring, springEnd}, {autumn, autumnEnd}} {
		for _, b := range []*store.Buckets{
			buckets(s.from, s.to, "d", "Europe/Berlin"), buckets(s.from, s.to, "d", "America/New_York"), buckets(s.from, s.to, "w", "Asia/Tokyo"), buckets(s.from, s.to, "M", "Asia/Tokyo"), buckets(s.from, s.to, "y", "UTC"),
			fixed(s.from, s.to, time.Hour, 0), fixed(s.from, s.to, 10*time.Minute, 0), fixed(s.from, s.to, time.Hour, 30*time.Minute),
			{Edges: []int64{s.from + int64(time.Hour), s.from + 2*int64(time.Hour), s.from + 7*int64(time.Hour)}},
		} {
			key := store.Key{Name: "t", Field: "@timestamp", Buckets: b}
			q := store.AggregateQuery{Query: store.Query{From: s.from, To: s.to}, By: []store.Key{key}, Aggs: []store.Agg{count}}
			ask(q, "*")
			q.By = []store.Key{key, {Name: "event.action", Field: "event.action"}}
			q.Aggs = append(q.Aggs, store.Agg{Name: "d", Func: store.Distinct, Field: "source.ip"})
			ask(q, "user.name:*")
			q.Sort = []store.Sort{{Column: "n", Desc: true}, {Column: "t", Desc: true}}
			q.Limit = 7
			ask(q, "*")
			q.By[0].Field, q.Sort, q.Limit = "test.at", nil, 0
			ask(q, "*")
		}
	}
	b := fixed(begin, begin+int64(24*time.Hour), time.Hour, 0)
	ask(store.AggregateQuery{By: []store.Key{{Name: "t", Field: "@timestamp", Buckets: b}}, Aggs: []store.Agg{count}}, "*")
}

// refusals are questions without a meaning: an error, not an answer.
func (c *checker) refusals(int) {
	agg := func(f store.Func, field string, arg float64) store.AggregateQuery {
		return store.AggregateQuery{Query: all("*"), Aggs: []store.Agg{{Name: "x", Func: f, Field: field, Arg: arg}}}
	}
	n := store.Agg{Name: "n", Func: store.Count}
	key := store.Key{Name: "k", Field: "user.name"}
	for name, q := range map[string]store.AggregateQuery{
		"sum of text":            agg(store.Sum, "user.name", 0),
		"avg of addresses":       agg(store.Avg, "source.ip", 0),
		"percentile of booleans": agg(store.Percentile, "test.ok", 50),
		"percentile 0":           agg(store.Percentile, "event.duration", 0),
		"percentile 100":         agg(store.Percentile, "event.duration", 100),
		"unknown function":       agg("median", "event.duration", 0),
		"buckets of text":        {Query: all("*"), By: []store.Key{{Name: "k", Field: "user.name", Buckets: &store.Buckets{Edges: []int64{0, 1}}}}, Aggs: []store.Agg{n}},
		"order by no column":     {Query: all("*"), By: []store.Key{key}, Aggs: []store.Agg{n}, Sort: []store.Sort{{Column: "m"}}},
		"two columns of a name":  {Query: all("*"), By: []store.Key{key}, Aggs: []store.Agg{n, n}},
	} {
		if t, err := c.subject.Aggregate(c.ctx, q); err == nil {
			c.fail(name, "must be refused, got %v", t.Rows)
		}
	}
	for _, limit := range []int{0, -1, 10_001} {
		if _, err := c.subject.Events(c.ctx, store.EventsQuery{Query: all("*"), Limit: limit}); err == nil {
			c.fail("events", "a page of %d must be refused", limit)
		}
	}
}
