package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/store"
)

// filled returns a file with a ledger of YAGURA_BENCH_LEDGER objects (default 100,000). With
// YAGURA_BENCH_DIR set the file is kept there and used again.
func filled(b *testing.B) (path string, n int) {
	n = 100_000
	if v, err := strconv.Atoi(os.Getenv("YAGURA_BENCH_LEDGER")); err == nil {
		n = v
	}
	dir := os.Getenv("YAGURA_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	path = filepath.Join(dir, fmt.Sprintf("ledger-%d.db", n))
	if _, err := os.Stat(path); err == nil {
		return path, n
	}
	d := openAt(b, path, nil)
	ok(b, FillLedger(context.Background(), d, n, nil))
	ok(b, d.Close())
	return path, n
}

func BenchmarkOpenRecover(b *testing.B) {
	path, _ := filled(b)
	for b.Loop() {
		d := must[*DB](b)(Open(context.Background(), path, Options{}))
		must[Recovery](b)(d.Recover(context.Background(), "serve"))
		ok(b, d.Close())
	}
}

func BenchmarkOfferKnown10k(b *testing.B) {
	path, n := filled(b)
	d := openAt(b, path, nil)
	objects := make([]ObjectInfo, 10_000)
	for i := range objects {
		objects[i] = FillObject(i * (n / len(objects)))
	}
	for b.Loop() {
		if added := must[int](b)(d.Offer(context.Background(), objects)); added != 0 {
			b.Fatal(added)
		}
	}
}

func BenchmarkOfferNew10k(b *testing.B) {
	d := openTest(b, nil)
	for i := 0; b.Loop(); i++ {
		objects := make([]ObjectInfo, 10_000)
		for k := range objects {
			objects[k] = FillObject(i*10_000 + k)
		}
		if added := must[int](b)(d.Offer(context.Background(), objects)); added != len(objects) {
			b.Fatal(added)
		}
	}
}

// BenchmarkGroup is lease, T1 and T2 of a group of objects in one part.
func BenchmarkGroup(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			ctx := context.Background()
			d := openTest(b, nil)
			at := 0
			var leased, prepared, committed time.Duration
			for b.Loop() {
				b.StopTimer()
				objects := make([]ObjectInfo, n)
				for k := range objects {
					objects[k] = FillObject(at)
					at++
				}
				must[int](b)(d.Offer(ctx, objects))
				b.StartTimer()
				began := time.Now()
				leases := lease(b, d, "w", n)
				leased += time.Since(began)
				p := newPart()
				began = time.Now()
				ok(b, d.PrepareParts(ctx, "w", leases, []store.Part{p}))
				prepared += time.Since(began)
				rec := CommitRecord{}
				var rows []ObjectRows
				for _, l := range leases {
					rows = append(rows, ObjectRows{l.Object.ID, 10})
					rec.Objects = append(rec.Objects, done(l, 10))
				}
				rec.Parts = []CommitPart{written(p, rows...)}
				began = time.Now()
				must[int64](b)(d.Commit(ctx, rec))
				committed += time.Since(began)
			}
			b.ReportMetric(leased.Seconds()*1e3/float64(b.N), "lease-ms/op")
			b.ReportMetric(prepared.Seconds()*1e3/float64(b.N), "T1-ms/op")
			b.ReportMetric(committed.Seconds()*1e3/float64(b.N), "T2-ms/op")
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	path, n := filled(b)
	d := openAt(b, path, nil)
	first := event.DayOf(nanos(FillObject(0).Modified)).Start()
	s := must[store.Snapshot](b)(d.Snapshot(context.Background(), nil, 0, 1<<62))
	b.Logf("%d live parts of %d objects", len(s.Parts), n)
	s.Release()
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			s := must[store.Snapshot](b)(d.Snapshot(context.Background(), nil, 0, 1<<62))
			s.Release()
		}
	})
	b.Run("day", func(b *testing.B) {
		for b.Loop() {
			s := must[store.Snapshot](b)(d.Snapshot(context.Background(), []string{"aws.waf"}, first, first+dayNS))
			s.Release()
		}
	})
}

func BenchmarkStats(b *testing.B) {
	packed := encodeStats(fillStats())
	b.Logf("%d bytes", len(packed))
	b.Run("encode", func(b *testing.B) {
		s := fillStats()
		for b.Loop() {
			encodeStats(s)
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := decodeStats(packed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCommitWithRaises commits one object with 200 findings of 200 alerts, new in the first
// round and known from then on, and one without.
func BenchmarkCommitWithRaises(b *testing.B) {
	for _, n := range []int{0, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := openTest(b, nil)
			must[int](b)(d.Offer(b.Context(), infos("waf", b.N)))
			for b.Loop() {
				b.StopTimer()
				l := lease(b, d, "w", 1)
				if len(l) == 0 {
					must[int](b)(d.Offer(b.Context(), []ObjectInfo{info("more", int(d.Seq()), "v1")}))
					l = lease(b, d, "w", 1)
				}
				var raises []alert.Raise
				for i := range n {
					raises = append(raises, raise(ruleA, fmt.Sprint(i), l[0].Object.ID, 1, 1, 1))
				}
				b.StartTimer()
				detected(b, d, l, raises...)
			}
		})
	}
}
