package demo

import "time"

// tokyo is Japan's time; it has no daylight saving, so no zone database is needed.
var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// hourly is how busy a Japanese shop is in each hour of the day.
var hourly = [24]float64{
	0.62, 0.40, 0.27, 0.21, 0.19, 0.24, 0.42, 0.66, 0.84, 0.92, 0.97, 1.02, 1.20, 1.04, 0.96, 0.94, 0.96, 1.01, 1.08, 1.18, 1.32, 1.44, 1.35, 0.98,
}

// busy is how much traffic there is at a time, around 1, interpolated between hours.
func busy(t time.Time) float64 {
	l := t.In(tokyo)
	h, frac := l.Hour(), float64(l.Minute())/60
	v := hourly[h]*(1-frac) + hourly[(h+1)%24]*frac
	if d := l.Weekday(); d == time.Saturday || d == time.Sunday {
		v *= 1.12
	}
	return v
}

// works is how much people and build systems do at a time: office hours on weekdays.
func works(t time.Time) float64 {
	l := t.In(tokyo)
	v := 0.35
	if h := l.Hour(); h >= 9 && h < 20 && l.Weekday() != time.Saturday && l.Weekday() != time.Sunday {
		v = 1.3
	}
	return v
}

// slot is the time one object of each kind covers.
type slot struct {
	from, to time.Time
	web      float64 // share of the web traffic
	cloud    float64 // share of the calls
}

// slots cuts the days before end: fine ones in the last day, and coarse ones before, which
// are a little thinner.
func slots(end time.Time, days int) []slot {
	var out []slot
	var web, cloud float64
	for d := days; d > 0; d-- {
		step, scale := 2*time.Hour, 0.85
		if d == 1 {
			step, scale = 15*time.Minute, 1.0
		}
		day := end.Add(-time.Duration(d) * 24 * time.Hour)
		for t := day; t.Before(day.Add(24 * time.Hour)); t = t.Add(step) {
			s := slot{from: t, to: t.Add(step)}
			mid := t.Add(step / 2)
			s.web = busy(mid) * step.Hours() * scale
			s.cloud = works(mid) * step.Hours() * scale
			web, cloud = web+s.web, cloud+s.cloud
			out = append(out, s)
		}
	}
	for i := range out {
		out[i].web /= web
		out[i].cloud /= cloud
	}
	return out
}

// times draws n times in a slot, in order.
func (w *world) times(s *slot, n int) []int64 {
	out := make([]int64, n)
	step := float64(s.to.Sub(s.from)) / float64(max(n, 1))
	for i := range out {
		out[i] = s.from.UnixNano() + int64((float64(i)+w.rng.Float64())*step)
	}
	return out
}
