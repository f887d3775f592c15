package content

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffLines(t *testing.T) {
	t.Parallel()
	want := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk"
	got := "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\nnew\nk"
	out := "line 1:\n  a\n  b\n- c\n+ X\n  d\n  e\nline 9:\n  i\n  j\n+ new\n  k\n"
	if diff := cmp.Diff(out, diffLines(want, got)); diff != "" {
		t.Error(diff)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc", "a\nc")
	f.Add("", "x\ny")
	f.Add("a\na\nb\na", "b\na\na")
	f.Add("1\n2\n3\n4", "4\n3\n2\n1")
	f.Fuzz(func(t *testing.T, want, got string) {
		if len(want)+len(got) > 2000 {
			return
		}
		a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
		var left, right []string
		for _, e := range edits(a, b) {
			if e.mark != '+' {
				left = append(left, e.text)
			}
			if e.mark != '-' {
				right = append(right, e.text)
			}
		}
		if strings.Join(left, "\n") != want || strings.Join(right, "\n") != got {
			t.Fatalf("edits of %q and %q give %q and %q", want, got, left, right)
		}
	})
}
