package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/expr"
)

// ReadRange reads the two ends of a range of time, in ns UTC, [from, to). An end is
//
//	24h 7d 90m 2w 1M 1y        that long before now (30s too)
//	today yesterday            the day in the zone
//	now now-1d/d               as in conditions
//	2026-11-01                 the day; also 2026-11, 2026
//	2026-11-01T10:00[:00][+09:00]   without a zone: in loc
//
// since begins at the start of a day or second, until ends with its end. An empty since is the
// beginning of time, an empty until is now.
func ReadRange(since, until string, now time.Time, loc *time.Location) (from, to int64, err error) {
	if loc == nil {
		loc = time.UTC
	}
	to = now.UnixNano()
	if since != "" && since != "all" {
		if from, _, err = readEnd(since, now, loc); err != nil {
			return 0, 0, fmt.Errorf("reading the start of the range: %w", err)
		}
	}
	if until != "" {
		if _, to, err = readEnd(until, now, loc); err != nil {
			return 0, 0, fmt.Errorf("reading the end of the range: %w", err)
		}
	}
	if from > to {
		return 0, 0, fmt.Errorf("reading the range: it starts %s, after its end %s",
			time.Unix(0, from).In(loc).Format(time.RFC3339), time.Unix(0, to).In(loc).Format(time.RFC3339))
	}
	return from, to, nil
}

func readEnd(text string, now time.Time, loc *time.Location) (from, to int64, err error) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "today":
		text = "now/d"
	case "yesterday":
		text = "now-1d/d"
	case "now":
		return now.UnixNano(), now.UnixNano(), nil
	}
	if n, unit, ok := readSpan(text); ok {
		t := expr.AddUnit(now.In(loc), unit, -n).UnixNano()
		return t, t, nil
	}
	from, to, ok := expr.ReadTime(text, now, loc)
	if !ok {
		return 0, 0, fmt.Errorf("%q is no time: write 24h, 7d, yesterday, 2026-11-01 or 2026-11-01T10:00+09:00", text)
	}
	return from, to, nil
}

// readSpan reads a count and a unit: 10s 5m 1h 7d 2w 1M 1y.
func readSpan(text string) (n int, unit string, ok bool) {
	if len(text) < 2 || len(text) > 7 {
		return 0, "", false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	unit = text[len(text)-1:]
	return n, unit, err == nil && n > 0 && text[0] != '+' && strings.Contains("smhdwMy", unit)
}
