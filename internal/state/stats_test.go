package state

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/store"
)

func TestStats(t *testing.T) {
	t.Parallel()
	for _, want := range []map[string]store.ColumnStats{
		{},
		fillStats(),
		{"a": {Present: 1, Min: "", Max: "\xff", NonASCII: true, Values: []string{"", "x"}}, "": {Distinct: 1 << 62}},
	} {
		got := must[map[string]store.ColumnStats](t)(decodeStats(encodeStats(want)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	if s := must[map[string]store.ColumnStats](t)(decodeStats(nil)); s != nil {
		t.Fatal(s)
	}
}

// FuzzStats decodes damaged blocks: an error or statistics that survive another round.
func FuzzStats(f *testing.F) {
	raw := formatStats(fillStats())
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Add([]byte{statsVersion, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{statsVersion, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{statsVersion, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parseStats(bytes.Clone(b))
		if err != nil {
			return
		}
		again, err := parseStats(formatStats(got))
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("%v\n%v\n%v", err, got, again)
		}
	})
}

// FuzzStatsBlock decodes damaged compressed blocks: an error, never a panic or a flood.
func FuzzStatsBlock(f *testing.F) {
	packed := encodeStats(fillStats())
	f.Add(packed)
	f.Add(packed[:len(packed)/2])
	f.Add(pack(make([]byte, maxStats+1)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = decodeStats(b)
	})
}

func TestCache(t *testing.T) {
	t.Parallel()
	c := newCache[int](100, func(int) int64 { return 10 })
	for i := range 1000 {
		c.put(i, i)
		c.get(0) // asked for all the time: stays
		if len(c.young)+len(c.old) > 11 {
			t.Fatalf("%d values kept", len(c.young)+len(c.old))
		}
	}
	if v, ok := c.get(0); !ok || v != 0 {
		t.Fatal("a value in use went")
	}
	if _, ok := c.get(500); ok {
		t.Fatal("an old value stayed")
	}
}
