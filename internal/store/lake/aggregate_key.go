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
		return c.bucket(g, x)
	}
	if c.list { // each distinct element once; no element is a group of its own
		return "(CASE WHEN coalesce(len(" + x + "), 0) = 0 THEN [NULL::" + sqlType(c.kind) + "] ELSE list_distinct(" + x + ") END)", ""
	}
	return x, ""
}

// bucket numbers the bucket of a time; the condition keeps times outside all buckets away.
func (c *keyColumn) bucket(g *group, x string) (sql, cond string) {
	e := c.Buckets.Edges
	first, last := e[0], e[len(e)-1]
	if c.Field == colTime {
		lo, hi := g.times()
		if lo < first || hi >= last {
			t := ident(colTime)
			cond = t + " >= " + timeLit(first) + " AND " + t + " < " + timeLit(last)
		}
	} else {
		cond = "(" + x + " IS NULL OR (" + x + " >= " + intLit(first) + " AND " + x + " < " + intLit(last) + "))"
	}
	if w := c.Buckets.Width; w > 0 && w*int64(len(e)-1) == last-first {
		return divide(x, first, w, 0), cond
	}
	return bisect(x, segments(e)), cond
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
	if i < 0 || int(i) >= len(c.Buckets.Edges)-1 {
		return nil, fmt.Errorf("bucket %d of %d", i, len(c.Buckets.Edges)-1)
	}
	return time.Unix(0, c.Buckets.Edges[i]).UTC(), nil
}
