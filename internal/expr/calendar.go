package expr

import (
	"math"
	"math/bits"
	"strings"
	"time"
)

// Units of time: second, minute, hour; day, week (from Monday), month, year of the calendar.
const units = "smhdwMy"

func isUnit(unit string) bool { return len(unit) == 1 && strings.Contains(units, unit) }

// fixedUnit is the length of s, m, h in nanoseconds, 0 for the units of the calendar.
func fixedUnit(unit string) int64 {
	switch unit {
	case "s":
		return int64(time.Second)
	case "m":
		return int64(time.Minute)
	case "h":
		return int64(time.Hour)
	}
	return 0
}

// StartOf goes back to the start of the unit (s m h d w M y) that holds t, on the clock of t's
// zone. Weeks start on Monday.
func StartOf(t time.Time, unit string) time.Time {
	if w := fixedUnit(unit); w > 0 {
		_, offset := t.Zone()
		local := t.Unix() + int64(offset)
		secs := w / int64(time.Second)
		back := local % secs
		if back < 0 {
			back += secs
		}
		return time.Unix(t.Unix()-back, 0).In(t.Location())
	}
	y, m, d := t.Date()
	switch unit {
	case "w":
		d -= (int(t.Weekday()) + 6) % 7
	case "M":
		d = 1
	case "y":
		m, d = time.January, 1
	}
	return dayStart(y, m, d, t.Location())
}

// NextStart is the start of the unit after the one that holds t.
func NextStart(t time.Time, unit string) time.Time {
	if w := fixedUnit(unit); w > 0 {
		return StartOf(t, unit).Add(time.Duration(w))
	}
	y, m, d := t.Date()
	switch unit {
	case "d":
		d++
	case "w":
		d += 7 - (int(t.Weekday())+6)%7
	case "M":
		m, d = m+1, 1
	case "y":
		y, m, d = y+1, time.January, 1
	}
	return dayStart(y, m, d, t.Location())
}

// AddUnit moves t by whole units: s, m, h are lengths of time, the others move the date and
// keep the time of day; a day the month does not have becomes its last one.
func AddUnit(t time.Time, unit string, n int) time.Time {
	if w := fixedUnit(unit); w > 0 {
		hi, lo := bits.Mul64(uint64(max(n, -n)), uint64(w))
		if hi != 0 || lo > math.MaxInt64 {
			return t.AddDate(max(-9999, min(9999, n)), 0, 0)
		}
		return t.Add(time.Duration(n) * time.Duration(w))
	}
	switch unit {
	case "d":
		return t.AddDate(0, 0, n)
	case "w":
		return t.AddDate(0, 0, 7*n)
	case "y":
		n *= 12
	}
	y, m, d := t.Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return t.AddDate(0, n, min(d, last)-d)
}

// dayStart is the first instant of a day in a zone, also where the clock skips midnight or
// shows it twice.
func dayStart(y int, m time.Month, d int, loc *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	begin, end := t.ZoneBounds()
	switch ty, tm, td := t.Date(); {
	case time.Date(ty, tm, td, 0, 0, 0, 0, time.UTC).Before(want):
		return end.In(loc) // fell into the gap, on its early side
	case t.Hour() != 0 || t.Minute() != 0:
		return begin.In(loc) // on its late side
	}
	if begin.IsZero() {
		return t
	}
	_, offset := t.Zone()
	_, before := begin.Add(-time.Nanosecond).Zone()
	if earlier := t.Add(time.Duration(offset-before) * time.Second); earlier.Before(begin) && before > offset {
		return earlier
	}
	return t
}

func clampNano(t time.Time) int64 {
	switch s := t.Unix(); {
	case s >= math.MaxInt64/int64(time.Second):
		return math.MaxInt64
	case s <= math.MinInt64/int64(time.Second):
		return math.MinInt64
	}
	return t.UnixNano()
}

// scaleTime multiplies, standing still at the ends of int64.
func scaleTime(v, by int64) int64 {
	switch {
	case v > math.MaxInt64/by:
		return math.MaxInt64
	case v < math.MinInt64/by:
		return math.MinInt64
	}
	return v * by
}
