package event

import "testing"

func TestDerivedIndex(t *testing.T) {
	t.Parallel()
	seen := map[int32]bool{}
	for _, index := range []int32{0, 1, 7, 1<<24 - 1} {
		for rank := range 127 {
			d, ok := DerivedIndex(index, rank)
			if !ok || d < 0 || seen[d] || !IsDerived(d) || SourceIndex(d) != index {
				t.Fatalf("index %d rank %d: %d %v", index, rank, d, ok)
			}
			seen[d] = true
			object, offset, n, err := ParseID(ID("0123456789abcdefghjk", 99, d))
			if err != nil || object != "0123456789abcdefghjk" || offset != 99 || n != d {
				t.Fatalf("%d does not survive its id: %d %v", d, n, err)
			}
		}
		if IsDerived(index) {
			t.Errorf("the event %d passes for derived", index)
		}
	}
	for _, bad := range [][2]int{{0, 127}, {0, -1}, {1 << 24, 0}, {-1, 0}} {
		if d, ok := DerivedIndex(int32(bad[0]), bad[1]); ok {
			t.Errorf("%v gives %d", bad, d)
		}
	}
}
