package lake

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// BenchmarkWrite writes a batch as one object of a web firewall gives it: 35,000 records of
// about 2 KB.
func BenchmarkWrite(b *testing.B) {
	for _, original := range []bool{false, true} {
		b.Run(fmt.Sprintf("original=%t", original), func(b *testing.B) {
			l, err := Open(Config{Root: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			batch := newWAFWorld(1).batch(wafTable(original), 35_000, synthDay.Start(), 8_000_000, "0000000000000000000a")
			b.ReportAllocs()
			var size int64
			cpu := cpuTime()
			for b.Loop() {
				p := l.NewPart(batch)
				if err := l.Write(b.Context(), &p, batch, time.Unix(0, synthDay.End())); err != nil {
					b.Fatal(err)
				}
				size = p.Bytes
			}
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/35_000, "cpu-ns/record")
			b.ReportMetric(float64(size)/35_000, "B/record")
			b.ReportMetric(float64(batch.RawBytes)/float64(size), "raw:stored")
		})
	}
}

// cpuTime is the processor time of this process so far, in nanoseconds: the figure that a busy
// machine does not spoil.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkWriteSmall writes the part of a quiet source: what every part costs at least.
func BenchmarkWriteSmall(b *testing.B) {
	l, err := Open(Config{Root: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	batch := newWAFWorld(1).batch(wafTable(true), 50, synthDay.Start(), 8_000_000, "0000000000000000000a")
	cpu := cpuTime()
	for b.Loop() {
		p := l.NewPart(batch)
		if err := l.Write(b.Context(), &p, batch, time.Unix(0, synthDay.End())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/1000, "cpu-us/part")
}
