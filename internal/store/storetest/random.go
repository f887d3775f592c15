package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// generated asks n made-up questions, half of them for events, half for statistics.
func (c *checker) generated(n int) {
	for i := range n {
		if c.failed() {
			return
		}
		q := c.query()
		if i%2 == 0 {
			c.sameEvents(store.EventsQuery{Query: q, Fields: pick(c, [][]string{{}, {"user.name", "test.tags"}, nil}), Oldest: c.random.IntN(2) == 0, Limit: 1 + c.random.IntN(400)})
			continue
		}
		c.sameTable(c.aggregate(q))
	}
}

func pick[T any](c *checker, from []T) T { return from[c.random.IntN(len(from))] }

func (c *checker) query() store.Query {
	q := store.Query{From: begin, To: end, Where: c.condition(3)}
	// Through the text form, so that what is asked is what people can write.
	again, err := expr.Parse(q.Where.String())
	if err != nil {
		c.fail(q.Where.String(), "printed condition cannot be read: %v", err)
	} else {
		q.Where = again
	}
	if c.random.IntN(3) == 0 {
		_, batches := Data()
		q.From, q.To = someTime(batches, c.random.IntN(5000)), someTime(batches, c.random.IntN(5000))
		if q.From > q.To {
			q.From, q.To = q.To, q.From
		}
	}
	if c.random.IntN(4) == 0 {
		q.Types = pick(c, [][]string{{"test.web"}, {"test.audit", "test.web"}, {"test.bare"}, {"test.derived", "test.bare"}})
	}
	return q
}

func (c *checker) condition(depth int) expr.Node {
	if depth > 0 {
		switch c.random.IntN(6) {
		case 0:
			return &expr.And{Nodes: []expr.Node{c.condition(depth - 1), c.condition(depth - 1)}}
		case 1:
			return &expr.Or{Nodes: []expr.Node{c.condition(depth - 1), c.condition(depth - 1)}}
		case 2:
			return &expr.Not{Node: c.condition(depth - 1)}
		}
	}
	if c.random.IntN(12) == 0 {
		return &expr.FreeText{Text: pick(c, words), Quote: true}
	}
	field := pick(c, []string{"user.name", "source.ip", "related.ip", "test.big", "test.ratio", "test.ok", "test.at", "test.tags", "event.action", "event.duration", "url.path", "message",
		"native.count", "test.promoted", "Odd Key", "@timestamp", "event.module", "user.*", "*.ip", "test.*", "unknown", "event.original"})
	p := &expr.Predicate{Field: field}
	switch c.random.IntN(8) {
	case 0:
		p.Op = expr.Exists
	case 1, 2, 3:
		p.Op, p.Text, p.Quote = expr.Equal, c.literal(field), true
	case 4:
		p.Op, p.Text = expr.Wildcard, c.pattern(field)
	case 5:
		text := pick(c, []string{"203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0", "203.0.113.9/32"})
		return parse(quoted(field) + ":" + text)
	default:
		p.Op = expr.Range
		if c.random.IntN(3) > 0 {
			p.Lo = &expr.Bound{Text: c.literal(field), Inclusive: c.random.IntN(2) == 0}
		}
		if p.Lo == nil || c.random.IntN(2) == 0 {
			p.Hi = &expr.Bound{Text: c.literal(field), Inclusive: c.random.IntN(2) == 0}
		}
	}
	return p
}

func quoted(field string) string { return `"` + field + `"` }

// literal mostly fits the kind of the field.
func (c *checker) literal(field string) string {
	if c.random.IntN(12) == 0 {
		return pick(c, []string{"abc", "5", "203.0.113.9", "true", "2026-03-29", "山田"})
	}
	switch field {
	case "source.ip", "related.ip", "*.ip":
		return pick(c, ips)
	case "test.big":
		return strconv.FormatInt(pick(c, bigs), 10)
	case "test.ratio":
		return strconv.FormatFloat(pick(c, ratios), 'g', -1, 64)
	case "test.ok":
		return pick(c, []string{"true", "false"})
	case "test.at", "@timestamp":
		return pick(c, days).Add(time.Duration(c.random.IntN(24)) * time.Hour).Format(pick(c, []string{time.DateOnly, time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04"}))
	case "test.tags", "test.*":
		return pick(c, tags)
	case "event.action":
		return pick(c, actions)
	case "event.duration":
		return strconv.Itoa(c.random.IntN(1000))
	case "url.path":
		return pick(c, paths)
	case "message", "event.original":
		return strings.Fields(pick(c, words))[0]
	case "native.count", "test.promoted", "Odd Key":
		return pick(c, leaves)
	case "event.module":
		return pick(c, []string{"test.web", "Test.Audit"})
	}
	return pick(c, users)
}

// pattern cuts a piece out of a literal.
func (c *checker) pattern(field string) string {
	runes := []rune(c.literal(field))
	a, b := c.random.IntN(len(runes)+1), c.random.IntN(len(runes)+1)
	if a > b {
		a, b = b, a
	}
	glob := strings.NewReplacer(`\`, `\\`, `*`, `\*`)
	switch c.random.IntN(3) {
	case 0:
		return glob.Replace(string(runes[:b])) + "*"
	case 1:
		return "*" + glob.Replace(string(runes[a:]))
	}
	return glob.Replace(string(runes[:a])) + "*" + glob.Replace(string(runes[b:]))
}

func (c *checker) aggregate(q store.Query) store.AggregateQuery {
	out := store.AggregateQuery{Query: q, Aggs: []store.Agg{{Name: "n", Func: store.Count}}}
	for i := range c.random.IntN(3) {
		name := fmt.Sprintf("k%d", i)
		if i == 0 && c.random.IntN(3) == 0 {
			b := buckets(q.From, q.To, pick(c, []string{"d", "w", "M", "y"}), pick(c, []string{"UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"}))
			if q.To-q.From < int64(72*time.Hour) && c.random.IntN(2) == 0 {
				b = fixed(q.From, q.To, pick(c, []time.Duration{time.Hour, 7 * time.Minute, 6 * time.Hour}), 0)
			}
			out.By = append(out.By, store.Key{Name: name, Field: "@timestamp", Buckets: b})
			continue
		}
		out.By = append(out.By, store.Key{Name: name, Field: pick(c, []string{"user.name", "source.ip", "event.action", "test.tags", "test.ok", "test.big", "related.ip", "native.count", "test.promoted", "event.module"})})
	}
	for i := range c.random.IntN(4) {
		a := store.Agg{Name: fmt.Sprintf("a%d", i), Func: pick(c, []store.Func{store.Count, store.Distinct, store.Sum, store.Avg, store.Min, store.Max, store.Percentile})}
		switch a.Func {
		case store.Sum, store.Avg, store.Percentile:
			a.Field = pick(c, []string{"event.duration", "test.ratio", "native.count"})
			a.Arg = float64(1 + c.random.IntN(99))
			if a.Func != store.Percentile {
				a.Arg = 0
			}
		default:
			a.Field = pick(c, []string{"user.name", "source.ip", "test.big", "test.tags", "test.at", "test.ratio", "native.count", "event.duration"})
		}
		out.Aggs = append(out.Aggs, a)
	}
	for range c.random.IntN(3) {
		column := pick(c, out.Aggs).Name
		if len(out.By) > 0 && c.random.IntN(3) == 0 {
			column = pick(c, out.By).Name
		}
		// Floats that differ in the last bits may tie in one executor and not in another.
		if a := out.Aggs[0].Name; column != a && !strings.HasPrefix(column, "k") {
			column = a
		}
		out.Sort = append(out.Sort, store.Sort{Column: column, Desc: c.random.IntN(2) == 0})
	}
	if c.random.IntN(3) == 0 {
		out.Limit = 1 + c.random.IntN(20)
	}
	return out
}
