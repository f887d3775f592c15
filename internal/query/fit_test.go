package query

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A narrow terminal takes from what is wide, but the seconds of a time stay.
func TestFit(t *testing.T) {
	t.Parallel()
	names := []string{"@timestamp", "event.module", "url.path"}
	for _, c := range []struct {
		natural []int
		width   int
		want    []int
	}{
		{[]int{29, 12, 40}, 100, []int{29, 12, 40}},
		{[]int{29, 12, 40}, 70, []int{26, 12, 26}},
		{[]int{35, 12, 20}, 54, []int{20, 12, 16}},
		{[]int{35, 12, 20}, 20, []int{8, 8, 8}},
		{[]int{35, 12, 200}, 0, []int{35, 12, 80}},
	} {
		if diff := cmp.Diff(c.want, fit(c.natural, leastWidths(names), c.width)); diff != "" {
			t.Errorf("%v in %d:\n%s", c.natural, c.width, diff)
		}
	}
}
