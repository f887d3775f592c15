package query

import (
	"fmt"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// MakeBuckets cuts a range of time [from, to), ns, into buckets of a span. Spans of s, m and h
// have a fixed length and are counted from midnight in the zone at the start of the range; 1d, 1w (from
// Monday), 1M and 1y follow the calendar of the zone, so a day may have 23 or 25 hours. The
// first bucket holds from, the last one the last nanosecond before to.
func MakeBuckets(span string, from, to int64, loc *time.Location) (*store.Buckets, error) {
	n, unit, ok := readSpan(span)
	if !ok {
		return nil, fmt.Errorf("%q is no span: write auto, 10s, 5m, 1h, 1d, 1w, 1M or 1y", span)
	}
	if loc == nil {
		loc = time.UTC
	}
	to = max(to, from+1)
	first := time.Unix(0, from).In(loc)
	var b store.Buckets
	switch unit {
	case "s", "m", "h":
		width := int64(n) * map[string]int64{"s": int64(time.Second), "m": int64(time.Minute), "h": int64(time.Hour)}[unit]
		if (to-from)/width >= MaxGroups {
			return nil, tooMany(span, from, to)
		}
		_, offset := first.Zone()
		local := from + int64(offset)*int64(time.Second)
		back := local % width
		if back < 0 {
			back += width
		}
		b.Width = width
		for edge := from - back; ; edge += width {
			b.Edges = append(b.Edges, edge)
			if edge >= to {
				return &b, nil
			}
		}
	}
	if n != 1 {
		return nil, fmt.Errorf("buckets of %s: days, weeks, months and years are counted one by one: write 1%s", span, unit)
	}
	for t := expr.StartOf(first, unit); ; t = expr.NextStart(t, unit) {
		b.Edges = append(b.Edges, t.UnixNano())
		if t.UnixNano() >= to {
			return &b, nil
		}
		if len(b.Edges) > MaxGroups {
			return nil, tooMany(span, from, to)
		}
	}
}

func tooMany(span string, from, to int64) error {
	return fmt.Errorf("buckets of %s over %s are more than %d: take longer ones or a shorter range", span, time.Duration(to-from).Round(time.Minute), MaxGroups)
}

// spans are round lengths of buckets, shortest first.
var spans = []struct {
	text  string
	about time.Duration
}{
	{"1s", time.Second}, {"5s", 5 * time.Second}, {"10s", 10 * time.Second}, {"30s", 30 * time.Second},
	{"1m", time.Minute}, {"5m", 5 * time.Minute}, {"10m", 10 * time.Minute}, {"15m", 15 * time.Minute}, {"30m", 30 * time.Minute},
	{"1h", time.Hour}, {"3h", 3 * time.Hour}, {"6h", 6 * time.Hour}, {"12h", 12 * time.Hour},
	{"1d", 24 * time.Hour}, {"1w", 7 * 24 * time.Hour}, {"1M", 30 * 24 * time.Hour}, {"1y", 365 * 24 * time.Hour},
}

// NiceSpan is the shortest round span that cuts a range, ns, into at most about so many buckets.
func NiceSpan(from, to int64, buckets int) string {
	length := uint64(to) - uint64(from) // a range may be longer than int64
	if to <= from {
		return spans[0].text
	}
	for _, s := range spans {
		if length/uint64(s.about) <= uint64(max(1, buckets)) {
			return s.text
		}
	}
	return spans[len(spans)-1].text
}
