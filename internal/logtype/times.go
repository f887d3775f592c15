package logtype

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// timeReader reads a time in one format; ok false = unreadable.
type timeReader func(s string) (ns int64, ok bool)

func newTimeReader(as string) timeReader {
	switch as {
	case "unix_s":
		return func(s string) (int64, bool) { return readUnix(s, 1e9) }
	case "unix_ms":
		return func(s string) (int64, bool) { return readUnix(s, 1e6) }
	case "unix_us":
		return func(s string) (int64, bool) { return readUnix(s, 1e3) }
	case "unix_ns":
		return func(s string) (int64, bool) { return readUnix(s, 1) }
	case "iso8601":
		return readISO
	case "clf":
		return readCLF
	}
	layout, ok := strings.CutPrefix(as, "layout:")
	if !ok {
		return nil
	}
	return func(s string) (int64, bool) {
		t, err := time.Parse(layout, s)
		if err != nil {
			return 0, false
		}
		return nanoseconds(t)
	}
}

// nanoseconds is t.UnixNano where that is defined.
func nanoseconds(t time.Time) (int64, bool) {
	s := t.Unix()
	if s < math.MinInt64/1_000_000_000+1 || s > math.MaxInt64/1_000_000_000-1 {
		return 0, false
	}
	return t.UnixNano(), true
}

// readUnix reads a count since 1970, perhaps with a fraction; unit is its length in ns.
func readUnix(s string, unit int64) (int64, bool) {
	if s == "" || len(s) > 40 {
		return 0, false
	}
	var n int64
	i := 0
	if s[0] == '-' {
		i = 1
	}
	if i == len(s) {
		return 0, false
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' || n > math.MaxInt64/unit/10-1 {
			return readUnixSlow(s, unit)
		}
		n = n*10 + int64(c-'0')
	}
	if n > math.MaxInt64/unit {
		return 0, false
	}
	if s[0] == '-' {
		n = -n
	}
	return n * unit, true
}

func readUnixSlow(s string, unit int64) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && len(frac) <= 18 && strings.Trim(frac, "0123456789") == "" {
		if n > math.MaxInt64/unit || n < math.MinInt64/unit {
			return 0, false
		}
		ns, part := n*unit, unit
		for _, c := range frac {
			part /= 10
			if n < 0 || strings.HasPrefix(s, "-") {
				ns -= int64(c-'0') * part
			} else {
				ns += int64(c-'0') * part
			}
		}
		return ns, true
	}
	f, err := strconv.ParseFloat(s, 64)
	f *= float64(unit)
	if err != nil || !(math.Abs(f) < math.MaxInt64/2) {
		return 0, false
	}
	return int64(f), true
}

// num reads n digits at s[i:], -1 when there are none.
func num(s string, i, n int) int {
	if i+n > len(s) {
		return -1
	}
	v := 0
	for _, c := range []byte(s[i : i+n]) {
		if c < '0' || c > '9' {
			return -1
		}
		v = v*10 + int(c-'0')
	}
	return v
}

var monthDays = [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysBefore counts the days from 1970-01-01 to a date of the Gregorian calendar.
func daysBefore(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return int64(era*146097+yoe*365+yoe/4-yoe/100+doy) - 719468
}

func clockNS(y, mo, d, h, mi, s int) (int64, bool) {
	if y < 1700 || y > 2250 || mo < 1 || mo > 12 || d < 1 || d > monthDays[mo-1] || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60 {
		return 0, false
	}
	if mo == 2 && d == 29 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 0, false
	}
	return (daysBefore(y, mo, d)*86400 + int64(h*3600+mi*60+s)) * 1e9, true
}

// readISO reads 2026-01-02T03:04:05[.fraction][Z|±hh[:]mm]; T may be a space, the fraction may
// follow a comma, and a time without a zone is UTC. A date alone is its first moment.
func readISO(s string) (int64, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, mo, d := num(s, 0, 4), num(s, 5, 2), num(s, 8, 2)
	if len(s) == 10 {
		return clockNS(y, mo, d, 0, 0, 0)
	}
	if len(s) < 19 || s[10] != 'T' && s[10] != ' ' && s[10] != 't' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	ns, ok := clockNS(y, mo, d, num(s, 11, 2), num(s, 14, 2), num(s, 17, 2))
	if !ok {
		return 0, false
	}
	i := 19
	if i < len(s) && (s[i] == '.' || s[i] == ',') {
		unit := int64(1e8)
		i++
		start := i
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			ns += int64(s[i]-'0') * unit
			unit /= 10
		}
		if i == start {
			return 0, false
		}
	}
	for i < len(s) && s[i] == ' ' {
		i++
	}
	off, ok := zone(s[i:])
	return ns - off*1e9, ok
}

// zone reads a zone offset in seconds.
func zone(s string) (int64, bool) {
	switch {
	case s == "" || s == "Z" || s == "z" || s == "UTC" || s == "GMT":
		return 0, true
	case s[0] != '+' && s[0] != '-':
		return 0, false
	}
	h, m := num(s, 1, 2), 0
	switch {
	case len(s) == 3:
	case len(s) == 5:
		m = num(s, 3, 2)
	case len(s) == 6 && s[3] == ':':
		m = num(s, 4, 2)
	default:
		return 0, false
	}
	if h < 0 || h > 18 || m < 0 || m > 59 {
		return 0, false
	}
	off := int64(h*3600 + m*60)
	if s[0] == '-' {
		off = -off
	}
	return off, true
}

// readCLF reads 02/Jan/2006:15:04:05 -0700, with or without its brackets.
func readCLF(s string) (int64, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if len(s) < 20 || s[2] != '/' || s[6] != '/' || s[11] != ':' || s[14] != ':' || s[17] != ':' {
		return 0, false
	}
	mo := 0
	switch s[3:6] {
	case "Jan":
		mo = 1
	case "Feb":
		mo = 2
	case "Mar":
		mo = 3
	case "Apr":
		mo = 4
	case "May":
		mo = 5
	case "Jun":
		mo = 6
	case "Jul":
		mo = 7
	case "Aug":
		mo = 8
	case "Sep":
		mo = 9
	case "Oct":
		mo = 10
	case "Nov":
		mo = 11
	case "Dec":
		mo = 12
	}
	ns, ok := clockNS(num(s, 7, 4), mo, num(s, 0, 2), num(s, 12, 2), num(s, 15, 2), num(s, 18, 2))
	if !ok {
		return 0, false
	}
	off, ok := zone(strings.TrimSpace(s[20:]))
	return ns - off*1e9, ok
}

// Qualities of an event time; "" = as the record says.
const (
	timeOutOfRange = "out_of_range"
	timeMissing    = "missing"
	timeUnreadable = "unreadable"
)

// timeRule finds the time of an event.
type timeRule struct {
	choices []timeChoice
}

type timeChoice struct {
	src  source
	read timeReader
}

const (
	oldestNS = 10 * 366 * 24 * int64(time.Hour)
	aheadNS  = 24 * int64(time.Hour)
)

// find returns the event time; quality is "" unless the time had to be replaced by now, and
// then original is what the record says, when it could be read (hasOriginal).
func (r *timeRule) find(e *env, now int64) (ns int64, quality string, original int64, hasOriginal bool) {
	quality = timeMissing
	for i := range r.choices {
		c := &r.choices[i]
		v := c.src.value(e)
		if !v.Scalar() || v.Text == "" {
			continue
		}
		t, ok := c.read(e.text(v))
		if !ok {
			quality = timeUnreadable
			continue
		}
		if t < now-oldestNS || t > now+aheadNS {
			if !hasOriginal {
				original, hasOriginal = t, true
			}
			quality = timeOutOfRange
			continue
		}
		return t, "", 0, false
	}
	if hasOriginal {
		quality = timeOutOfRange
	}
	return now, quality, original, hasOriginal
}
