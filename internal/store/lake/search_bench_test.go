package lake

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/yagura-siem/yagura/internal/event"
)

var (
	benchRows = flag.Int("lake.rows", 1_000_000, "rows the search benchmarks run over")
	benchPart = flag.Int("lake.part", 120_000, "rows of a part there")
)

// benchNeedle occurs a few times in every million rows.
const benchNeedle = "198.51.100.77"

// BenchmarkSearch asks the questions of the engine study of the lake and, in the same run, of
// plain SQL over the same files with the same settings. ratio is ours to SQL's, by processor
// time; below 1.1 is the bar.
func BenchmarkSearch(b *testing.B) {
	l := openBenchLake(b)
	var files []string
	for _, p := range l.parts {
		files = append(files, filepath.Join(l.root, p.Path))
	}
	table := "read_parquet([" + quoteList(files) + "])"
	for _, q := range questions(synthDay, benchNeedle) {
		b.Run(q.name, func(b *testing.B) {
			c := Comparison{Question: q.name}
			for b.Loop() {
				if err := l.compareOnce(b.Context(), q, table, &c); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(c.MS, "ms")
			b.ReportMetric(c.SQLMS, "sql-ms")
			b.ReportMetric(c.CPUMS, "cpu-ms")
			b.ReportMetric(c.SQLCPUMS, "sql-cpu-ms")
			b.ReportMetric(c.CPUMS/c.SQLCPUMS, "ratio")
		})
	}
}

func openBenchLake(b *testing.B) testLake {
	l := newLake(b)
	w := newWAFWorld(1)
	w.ips[20_000] = benchNeedle
	parts := max(1, *benchRows / *benchPart)
	step := (synthDay.End() - synthDay.Start()) / int64(parts) / int64(*benchPart)
	for i := range parts {
		from := synthDay.Start() + int64(i)*step*int64(*benchPart)
		batch := w.batch(wafTable(false), *benchPart, from, step*9/10, event.ObjectIdentity{Key: fmt.Sprint(i)}.ID())
		l.add(b, batch)
	}
	b.ResetTimer()
	return l
}
