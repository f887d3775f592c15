package schema

import "strings"

// Names longer than this are not compared: no field is, and the cost grows with the square.
const maxSuggestLen = 80

// Suggest returns the known field closest to a misspelt name, "" when none is near. A name
// whose last part fits a field exactly ("clientip", "status_code") counts as near.
func (d *Dictionary) Suggest(name string) string {
	return Closest(name, d.Names())
}

// Closest returns the candidate with the smallest edit distance to a name, "" when none is
// within a third of its length. Upper case and '-' against '_' do not count. The first of equal
// candidates wins.
func Closest(name string, candidates []string) string {
	if name == "" || len(name) > maxSuggestLen {
		return ""
	}
	want := plain(name)
	best, bestCost := "", len(want)/3+1
	for _, c := range candidates {
		if len(c) > maxSuggestLen {
			continue
		}
		if cost := distance(want, plain(c), bestCost); cost < bestCost {
			best, bestCost = c, cost
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		if squash(c) == squash(name) || strings.HasSuffix("."+plain(c), "."+want) {
			if best == "" || len(c) < len(best) {
				best = c
			}
		}
	}
	return best
}

func plain(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

func squash(s string) string {
	return strings.NewReplacer(".", "", "_", "", "-", "").Replace(strings.ToLower(s))
}

// distance is the number of single-byte insertions, deletions, replacements and swaps of
// neighbours that turn a into b; it gives up and returns limit once that is reached.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		low := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			low = min(low, cur[j])
		}
		if low >= limit {
			return limit
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
