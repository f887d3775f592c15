package content

import (
	"fmt"
	"strings"
)

// Lines around a change, and lines of a diff at most.
const (
	diffAround = 2
	diffMost   = 80
	diffEffort = 400 // changed lines; beyond it everything between first and last change is shown
)

// diffLines shows the lines that differ (- only in want, + only in got) with a little around
// them.
func diffLines(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
	}
	script := edits(a[start:endA], b[start:endB])
	all := make([]edit, 0, len(a)+len(b))
	for i := max(0, start-diffAround); i < start; i++ {
		all = append(all, edit{' ', a[i], i + 1})
	}
	for _, e := range script {
		e.line += start
		all = append(all, e)
	}
	for i := endA; i < min(len(a), endA+diffAround); i++ {
		all = append(all, edit{' ', a[i], i + 1})
	}
	return render(all)
}

// edit is one line of a diff: kept, removed or added; line is its number in want (of the next
// one for added lines).
type edit struct {
	mark byte
	text string
	line int
}

func render(all []edit) string {
	near := make([]bool, len(all))
	for i, e := range all {
		if e.mark != ' ' {
			for k := max(0, i-diffAround); k <= min(len(all)-1, i+diffAround); k++ {
				near[k] = true
			}
		}
	}
	var out strings.Builder
	lines := 0
	for i, e := range all {
		if !near[i] {
			continue
		}
		if i == 0 || !near[i-1] {
			fmt.Fprintf(&out, "line %d:\n", e.line)
		}
		if lines++; lines > diffMost {
			out.WriteString("…\n")
			break
		}
		fmt.Fprintf(&out, "%c %s\n", e.mark, e.text)
	}
	return out.String()
}

// edits finds a shortest list of edits that turns a into b (Myers, "An O(ND) difference
// algorithm"), or replaces everything when more than diffEffort lines change.
func edits(a, b []string) []edit {
	n, m := len(a), len(b)
	most := min(n+m, diffEffort)
	reach := map[int]int{1: 0} // diagonal → furthest x
	var trace []map[int]int
	for d := 0; d <= most; d++ {
		step := map[int]int{}
		for k := -d; k <= d; k += 2 {
			x := reach[k-1] + 1
			if k == -d || k != d && reach[k-1] < reach[k+1] {
				x = reach[k+1]
			}
			for x < n && x-k < m && x-k >= 0 && a[x] == b[x-k] {
				x++
			}
			step[k] = x
			if x >= n && x-k >= m {
				return walk(a, b, append(trace, step))
			}
		}
		trace = append(trace, step)
		reach = step
	}
	var out []edit
	for i, s := range a {
		out = append(out, edit{'-', s, i + 1})
	}
	for _, s := range b {
		out = append(out, edit{'+', s, n + 1})
	}
	return out
}

// walk goes back through the furthest points of each number of edits.
func walk(a, b []string, trace []map[int]int) []edit {
	x, y := len(a), len(b)
	var back []edit
	for d := len(trace) - 1; d >= 0; d-- {
		k := x - y
		px, py := 0, 0
		if d > 0 {
			before := trace[d-1]
			pk := k - 1
			if left, ok := before[k-1]; !ok || k == -d || k != d && left < before[k+1] {
				pk = k + 1
			}
			px = before[pk]
			py = px - pk
		}
		for x > px && y > py && x > 0 && y > 0 && a[x-1] == b[y-1] {
			x, y = x-1, y-1
			back = append(back, edit{' ', a[x], x + 1})
		}
		switch {
		case d == 0:
		case x > px:
			x--
			back = append(back, edit{'-', a[x], x + 1})
		case y > py:
			y--
			back = append(back, edit{'+', b[y], x + 1})
		}
	}
	for i, k := 0, len(back)-1; i < k; i, k = i+1, k-1 {
		back[i], back[k] = back[k], back[i]
	}
	return back
}
