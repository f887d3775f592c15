package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ReadTime reads a time as people write it in a condition. A time is an interval [from, to) in
// ns UTC: a day is all its nanoseconds, a second all of its own. It reads
//
//	2026  2026-11  2026-11-01               UTC, or loc when given
//	2026-11-01T10:00[:00[.123]][Z|+09:00]   T may be a space; without a zone as above
//	1793491200000                           milliseconds since 1970 (any count of digits but four)
//	now  now-24h  now-7d/d  now/w           with now given (not zero); units s m h d w M y,
//	                                        /unit goes back to the start of the unit in loc
//
// Times beyond the range of int64 stand at its ends.
func ReadTime(text string, now time.Time, loc *time.Location) (from, to int64, ok bool) {
	if loc == nil {
		loc = time.UTC
	}
	if strings.HasPrefix(text, "now") {
		if now.IsZero() {
			return 0, 0, false
		}
		return readNow(text[3:], now, loc)
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) != 4 && text[0] != '+' {
		return scaleTime(ms, 1e6), scaleTime(ms+1, 1e6), ms < math.MaxInt64
	}
	return readDate(text, loc)
}

// readDate reads an ISO 8601 date, with as many of its parts as are there.
func readDate(text string, loc *time.Location) (from, to int64, ok bool) {
	d := digits{text: text, ok: true}
	year, month, day := d.number(4, 0, 9999), 1, 1
	unit := "y"
	if d.next("-") {
		month, unit = d.number(2, 1, 12), "M"
		if d.next("-") {
			day, unit = d.number(2, 1, 31), "d"
		}
	}
	var hour, minute, second, nanos int
	width := int64(time.Minute)
	if unit == "d" && (d.next("T") || d.next("t") || d.next(" ")) {
		unit = ""
		hour = d.number(2, 0, 23)
		d.must(":")
		minute = d.number(2, 0, 59)
		if d.next(":") {
			second, width = d.number(2, 0, 59), int64(time.Second)
			if d.next(".") {
				nanos, width = d.fraction()
			}
		}
		loc = d.zone(loc)
	}
	if !d.ok || d.text != "" {
		return 0, 0, false
	}
	if time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
		return 0, 0, false // 30 February
	}
	if unit != "" {
		t := dayStart(year, time.Month(month), day, loc)
		return clampNano(t), clampNano(NextStart(t, unit)), true
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, loc)
	from = clampNano(t)
	if from > math.MaxInt64-width {
		return from, math.MaxInt64, true
	}
	return from, from + width, true
}

// digits reads fixed parts from the front of a text; ok falls when one is not there.
type digits struct {
	text string
	ok   bool
}

func (d *digits) next(sep string) bool {
	rest, found := strings.CutPrefix(d.text, sep)
	d.text = rest
	return found
}

func (d *digits) must(sep string) { d.ok = d.next(sep) && d.ok }

func (d *digits) number(width, lo, hi int) int {
	if len(d.text) < width {
		d.ok = false
		return lo
	}
	n := 0
	for i := range width {
		c := d.text[i]
		if c < '0' || c > '9' {
			d.ok = false
			return lo
		}
		n = n*10 + int(c-'0')
	}
	d.text = d.text[width:]
	if n < lo || n > hi {
		d.ok = false
		return lo
	}
	return n
}

func (d *digits) fraction() (nanos int, width int64) {
	n, width := 0, int64(time.Second)
	for n < 9 && n < len(d.text) && d.text[n] >= '0' && d.text[n] <= '9' {
		nanos = nanos*10 + int(d.text[n]-'0')
		width /= 10
		n++
	}
	d.text = d.text[n:]
	d.ok = d.ok && n > 0
	return nanos * int(width), width
}

func (d *digits) zone(loc *time.Location) *time.Location {
	switch {
	case d.text == "":
		return loc
	case d.next("Z"), d.next("z"):
		return time.UTC
	}
	sign := 1
	if d.next("-") {
		sign = -1
	} else {
		d.must("+")
	}
	hours := d.number(2, 0, 23)
	d.next(":")
	minutes := d.number(2, 0, 59)
	return time.FixedZone("", sign*(hours*3600+minutes*60))
}

// readNow reads what follows "now".
func readNow(text string, now time.Time, loc *time.Location) (from, to int64, ok bool) {
	t, unit := now.In(loc), ""
	for text != "" {
		op, n := text[0], 1
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		if n == len(text) {
			return 0, 0, false
		}
		count, digits := 1, text[1:n]
		if digits != "" {
			var err error
			if count, err = strconv.Atoi(digits); err != nil || count > 1_000_000 {
				return 0, 0, false
			}
		}
		unit, text = text[n:n+1], text[n+1:]
		if !isUnit(unit) {
			return 0, 0, false
		}
		switch {
		case op == '+':
			t, unit = AddUnit(t, unit, count), ""
		case op == '-':
			t, unit = AddUnit(t, unit, -count), ""
		case op == '/' && digits == "":
			t = StartOf(t, unit)
		default:
			return 0, 0, false
		}
	}
	from = clampNano(t)
	if unit == "" {
		return from, max(from, from+1), true // from+1 overflows at the end of time
	}
	return from, clampNano(NextStart(t, unit)), true
}
