package query

import "time"

// AutoBuckets is about how many buckets bucket(auto) makes at most.
const AutoBuckets = 60

// nice are the spans bucket(auto) chooses from, with how much of them is still readable: days
// are taken up to a quarter of a year, because people think in days.
var nice = []struct {
	span  string
	width time.Duration
	most  int64
}{
	{"1s", time.Second, AutoBuckets}, {"5s", 5 * time.Second, AutoBuckets}, {"10s", 10 * time.Second, AutoBuckets}, {"30s", 30 * time.Second, AutoBuckets},
	{"1m", time.Minute, AutoBuckets}, {"5m", 5 * time.Minute, AutoBuckets}, {"10m", 10 * time.Minute, AutoBuckets}, {"30m", 30 * time.Minute, AutoBuckets},
	{"1h", time.Hour, AutoBuckets}, {"3h", 3 * time.Hour, AutoBuckets}, {"6h", 6 * time.Hour, AutoBuckets}, {"12h", 12 * time.Hour, AutoBuckets},
	{"1d", 24 * time.Hour, 92}, {"1w", 7 * 24 * time.Hour, 80}, {"1M", 31 * 24 * time.Hour, 80},
}

// AutoSpan is the span that bucket(auto) stands for over a range of time, ns.
func AutoSpan(from, to int64) string {
	for _, n := range nice {
		if (to-from)/int64(n.width) <= n.most {
			return n.span
		}
	}
	return "1y"
}
