package codes

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func TestDictConcurrent(t *testing.T) {
	t.Parallel()
	d := NewDict(1 << 20)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for range 50 {
				vals := make([]string, 100)
				for i := range vals {
					vals[i] = fmt.Sprint("value ", r.IntN(3000))
				}
				ids := make([]uint32, len(vals))
				if err := d.Add(ids, func(i int) []byte { return []byte(vals[i]) }); err != nil {
					t.Error(err)
					return
				}
				view := d.View()
				for i, id := range ids {
					if got := view.Text(id); got != vals[i] {
						t.Errorf("id %d is %q, want %q", id, got, vals[i])
						return
					}
				}
			}
		})
	}
	wg.Wait()
	view, seen := d.View(), map[string]bool{}
	for id := range view.Len() {
		if v := view.Text(uint32(id)); seen[v] {
			t.Fatalf("%q is there twice", v)
		} else {
			seen[v] = true
		}
	}
}

// TestRows compares sets of rows with the same over truth values.
func TestRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		var a Arena
		n := 1 + r.IntN(200)
		set := func() (Rows, []bool) {
			from, to := r.IntN(n+1), r.IntN(n+1)
			truth := make([]bool, n)
			for i := from; i < to; i++ {
				truth[i] = true
			}
			return Range(&a, n, from, to), truth
		}
		x, xt := set()
		y, yt := set()
		got := x.And(&a, y.Not(&a, n)).Or(&a, y.And(&a, x.Not(&a, n)))
		list := got.List(&a, n)
		if list == nil {
			for i := range uint32(n) {
				list = append(list, i)
			}
		}
		var want []uint32
		for i := range n {
			if xt[i] != yt[i] {
				want = append(want, uint32(i))
			}
		}
		if !slices.Equal(list, want) || got.Count(n) != len(want) {
			t.Fatalf("%d rows: got %v, want %v", n, list, want)
		}
	}
}

func TestCacheBound(t *testing.T) {
	t.Parallel()
	c := NewCache(100_000)
	for i := range 500 {
		c.Put(Key{Part: fmt.Sprint(i)}, &Column{Rows: 1000, C8: make([]uint8, 1000)})
	}
	if n := c.Bytes(); n > 100_000 || n < 50_000 {
		t.Errorf("%d bytes are kept of 100,000", n)
	}
	c.Clear()
	if n := c.Bytes(); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}
