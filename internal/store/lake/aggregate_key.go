package lake

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// keyColumn is one group key.
type keyColumn struct {
	store.Key
	fieldShape
	name string // in the statement
}

func (p *plan) newKey(i int, k store.Key, groups []*group) (keyColumn, error) {
	c := keyColumn{Key: k, fieldShape: p.shape(k.Field, groups), name: "k" + strconv.Itoa(i)}
	if k.Buckets == nil {
		return c, nil
	}
	if c.kind != schema.Time {
		return c, fmt.Errorf("field %s is of kind %s: only times have buckets", k.Field, c.kind)
	}
	c.kind = schema.Time
	e := k.Buckets.Edges
	if len(e) < 2 || !sort.SliceIsSorted(e, func(i, j int) bool { return e[i] < e[j] }) {
		return c, fmt.Errorf("buckets of %s: want ascending edges, two or more", k.Field)
	}
	return c, nil
}

// column is the key of a row of the group, and a condition the row must meet.
func (c *keyColumn) column(g *group) (sql, cond string) {
	x := g.field(c.Field, c.fieldShape)
	if c.Buckets != nil {
		if w := c.even(); w > 0 {
			return "(" + x + " // " + intLit(w) + ")", c.between(g, x)
		}
		return x, c.between(g, x)
	}
	if c.list { // each distinct element once; no element is a group of its own
		return "(CASE WHEN coalesce(len(" + x + "), 0) = 0 THEN [NULL::" + sqlType(c.kind) + "] ELSE list_distinct(" + x + ") END)", ""
	}
	return x, ""
}

// between is the condition that keeps times outside all buckets away.
func (c *keyColumn) between(g *group, x string) string {
	e := c.Buckets.Edges
	first, last := e[0], e[len(e)-1]
	if c.Field != colTime {
		return "(" + x + " IS NULL OR (" + x + " >= " + intLit(first) + " AND " + x + " < " + intLit(last) + "))"
	}
	if lo, hi := g.times(); lo >= first && hi < last {
		return ""
	}
	t := ident(colTime)
	return t + " >= " + timeLit(first) + " AND " + t + " < " + timeLit(last)
}

// even is the width of buckets that begin at multiples of it, 0 for others: their number is
// one division away.
func (c *keyColumn) even() int64 {
	e, w := c.Buckets.Edges, c.Buckets.Width
	if w <= 0 || e[0] < 0 || e[0]%w != 0 || w*int64(len(e)-1) != e[len(e)-1]-e[0] {
		return 0
	}
	return w
}

// bucket numbers the bucket of the times in the column; "" when it is no bucket key.
func (c *keyColumn) bucket(groups []*group) string {
	if c.Buckets == nil || c.even() > 0 {
		return ""
	}
	e := c.Buckets.Edges
	if w := c.Buckets.Width; w > 0 && w*int64(len(e)-1) == e[len(e)-1]-e[0] {
		return divide(c.name, e[0], w, 0)
	}
	s := segments(e)
	if c.Field == colTime && len(groups) > 0 {
		lo, hi := groups[0].times()
		for _, g := range groups[1:] {
			a, b := g.times()
			lo, hi = min(lo, a), max(hi, b)
		}
		s = within(s, lo, hi)
	}
	return bisect(c.name, s)
}

// within is the segments that times in [lo, hi] fall into.
func within(s []segment, lo, hi int64) []segment {
	for len(s) > 1 && s[1].start <= lo {
		s = s[1:]
	}
	for len(s) > 1 && s[len(s)-1].start > hi {
		s = s[:len(s)-1]
	}
	return s
}

// times is the time range of the rows of the group that the query asks for.
func (g *group) times() (lo, hi int64) {
	lo, hi = g.parts[0].MinTime, g.parts[0].MaxTime
	for i := range g.parts {
		lo, hi = min(lo, g.parts[i].MinTime), max(hi, g.parts[i].MaxTime)
	}
	return max(lo, g.plan.query.From), min(hi, g.plan.query.To-1)
}

// segment is a run of buckets of one width.
type segment struct {
	start int64 // first edge
	width int64
	index int // of the first bucket
}

// segments joins buckets of equal width: a calendar with daylight saving has few of them.
func segments(edges []int64) []segment {
	var out []segment
	for i := range len(edges) - 1 {
		w := edges[i+1] - edges[i]
		if n := len(out); n == 0 || out[n-1].width != w {
			out = append(out, segment{edges[i], w, i})
		}
	}
	return out
}

// bisect chooses the segment by comparing with the middle one, so that a row is compared with
// the logarithm of their number.
func bisect(x string, s []segment) string {
	if len(s) == 1 {
		return divide(x, s[0].start, s[0].width, s[0].index)
	}
	mid := len(s) / 2
	return "(CASE WHEN " + x + " < " + intLit(s[mid].start) + " THEN " + bisect(x, s[:mid]) + " ELSE " + bisect(x, s[mid:]) + " END)"
}

func divide(x string, start, width int64, index int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "((%s - %s) // %s)", x, intLit(start), intLit(width))
	if index > 0 {
		fmt.Fprintf(&b, " + %d", index)
	}
	return "(" + b.String() + ")"
}

func (c *keyColumn) null() string {
	if c.list {
		return "NULL::" + sqlType(c.kind) + "[]"
	}
	return "NULL::" + sqlType(c.kind)
}

// cell turns a key of the engine into one of the result.
func (c *keyColumn) cell(v any) (any, error) {
	if c.Buckets == nil {
		return asKind(v, c.kind)
	}
	i, err := asInt(v)
	if err != nil {
		return nil, err
	}
	if w := c.even(); w > 0 {
		i -= c.Buckets.Edges[0] / w
	}
	if i < 0 || int(i) >= len(c.Buckets.Edges)-1 {
		return nil, fmt.Errorf("bucket %d of %d", i, len(c.Buckets.Edges)-1)
	}
	return time.Unix(0, c.Buckets.Edges[i]).UTC(), nil
}
