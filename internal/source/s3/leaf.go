package s3

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A leaf is the beginning that keys of one stream have in common for as long as they sort by time:
// the directory of a day (…/2026/01/02/, …/year=2026/month=01/day=02/, …/dt=2026-01-02/) with the
// part of the name before the time, or without a dated directory the part before the time in the
// name. Within a leaf what is new sorts last.

// date is what the directories of a key say of its time.
type date struct {
	year, month, day int // 0 = not said
}

func (d date) complete() bool { return d.day != 0 }

// end is the first moment after everything the date covers, in UTC.
func (d date) end() time.Time {
	switch {
	case d.day != 0:
		return time.Date(d.year, time.Month(d.month), d.day+1, 0, 0, 0, 0, time.UTC)
	case d.month != 0:
		return time.Date(d.year, time.Month(d.month)+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(d.year+1, 1, 1, 0, 0, 0, 0, time.UTC)
}

// with takes one more directory name into account. ok = false: it says nothing of the date.
func (d date) with(name string) (next date, ok bool) {
	if i := strings.LastIndexByte(name, '='); i >= 0 {
		name = name[i+1:]
	}
	n, num := digits(name)
	switch {
	case d.complete():
		return d, false
	case d.year == 0 && len(name) == 4 && num && plausible(n):
		return date{year: n}, true
	case d.year != 0 && d.month == 0 && len(name) == 2 && num && n >= 1 && n <= 12:
		return date{d.year, n, 0}, true
	case d.month != 0 && len(name) == 2 && num && n >= 1 && n <= 31:
		return date{d.year, d.month, n}, true
	case d.year == 0 && len(name) == 10 && name[4] == '-' && name[7] == '-':
		return ymd(name[:4], name[5:7], name[8:])
	case d.year == 0 && len(name) == 8 && num:
		return ymd(name[:4], name[4:6], name[6:])
	}
	return d, false
}

func ymd(y, m, d string) (date, bool) {
	yn, ok1 := digits(y)
	mn, ok2 := digits(m)
	dn, ok3 := digits(d)
	if !ok1 || !ok2 || !ok3 || !plausible(yn) || mn < 1 || mn > 12 || dn < 1 || dn > 31 {
		return date{}, false
	}
	return date{yn, mn, dn}, true
}

func plausible(year int) bool { return year >= 2000 && year < 2100 }

func digits(s string) (int, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// dateOf reads the directories of a key or prefix. end is the index behind the directory that completes the
// date, 0 if none does.
func dateOf(key string) (d date, end int) {
	for at := 0; ; {
		i := strings.IndexByte(key[at:], '/')
		if i < 0 {
			return d, 0
		}
		d, _ = d.with(key[at : at+i])
		at += i + 1
		if d.complete() {
			return d, at
		}
	}
}

// stem is the part of an object's name before the time in it, and how the date is written there
// ("" = there is none).
func stem(name string) (before, layout string) {
	for i := 0; i+8 <= len(name); i++ {
		if i > 0 && name[i-1] >= '0' && name[i-1] <= '9' {
			continue
		}
		if i+10 <= len(name) && name[i+4] == '-' && name[i+7] == '-' {
			if _, ok := ymd(name[i:i+4], name[i+5:i+7], name[i+8:i+10]); ok {
				return name[:i], "2006-01-02"
			}
		}
		if _, ok := ymd(name[i:i+4], name[i+4:i+6], name[i+6:i+8]); ok && (i+8 == len(name) || name[i+8] < '0' || name[i+8] > '9' || i+14 <= len(name)) {
			return name[:i], "20060102"
		}
	}
	return "", ""
}

// leafOf gives the leaf a key belongs to.
func leafOf(key string) string {
	dir := key[:strings.LastIndexByte(key, '/')+1]
	name := key[len(dir):]
	_, end := dateOf(key)
	if end == 0 {
		before, _ := stem(name)
		return dir + before
	}
	if rest := key[end:len(dir)]; rest != "" {
		first, _, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(first, '='); i >= 0 {
			first = first[i+1:]
		}
		if _, num := digits(first); num && len(first) == 2 { // hours sort by time
			return key[:end]
		}
	}
	before, _ := stem(name)
	return dir + before
}

// onDay moves a dated leaf to another day; ok = false if it has no date.
func onDay(leaf string, day time.Time) (string, bool) {
	_, end := dateOf(leaf)
	if end == 0 {
		return "", false
	}
	var out strings.Builder
	var d date
	for at := 0; at < end; {
		i := strings.IndexByte(leaf[at:], '/')
		name := leaf[at : at+i]
		next, said := d.with(name)
		label := name[:strings.LastIndexByte(name, '=')+1]
		switch value := name[len(label):]; {
		case !said:
			out.WriteString(name)
		case d.year == 0 && len(value) == 4:
			fmt.Fprintf(&out, "%s%04d", label, day.Year())
		case d.year == 0 && len(value) == 10:
			out.WriteString(label + day.Format("2006-01-02"))
		case d.year == 0:
			out.WriteString(label + day.Format("20060102"))
		case d.month == 0:
			fmt.Fprintf(&out, "%s%02d", label, int(day.Month()))
		default:
			fmt.Fprintf(&out, "%s%02d", label, day.Day())
		}
		out.WriteByte('/')
		d = next
		at += i + 1
	}
	return out.String() + leaf[end:], true
}
