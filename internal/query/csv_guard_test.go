package query

import "testing"

func TestCellsThatASpreadsheetWouldRun(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"=1", "+1", "-1", "@x", "\t=1", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", " =1", "\u3000＝1", "\u00a0=1", "\ufeff=1", "\u200b=1", "\u202e=1", "\x00=1", " \t @x"} {
		if got := Guarded(s); got != "'"+s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	for _, s := range []string{"", " ", "x=1", " x", "日本", "1-1", "'", "\u3000", "\xff"} {
		if got := Guarded(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}
