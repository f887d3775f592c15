package app

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/ingest"
)

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoadWithRules loads the same logs without rules, with the built-in ones, and with two rules
// that fire on every request, in turns. It reports CPU time, because wall time says little on a
// machine that does other things: the ratio is that of CPU time without rules to that with them.
func BenchmarkLoadWithRules(b *testing.B) {
	dir := b.TempDir()
	n := 0
	err := demo.NewCorpus(7, lastDay()).WAF(80_000, 20_000, func(o demo.Object) error {
		n++
		put(b, filepath.Join(dir, "logs", fmt.Sprintf("%d.log.gz", n)), o.Data)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	cases := []struct {
		name, content string
		none          bool
		cpu           time.Duration
		events        int64
		findings      int64
	}{{name: "none", none: true}, {name: "builtin"}, {name: "flood", content: testRules(b)}}
	for i := range b.N {
		for j := range cases {
			c := &cases[j]
			conf := configAt(filepath.Join(dir, fmt.Sprint("data", i, j)))
			conf.Content = c.content
			p := probes{}
			if c.none {
				p.tune = func(c *ingest.Config) { c.Detector = nil }
			}
			a, err := open(b.Context(), conf, "bench", quiet(), p)
			if err != nil {
				b.Fatal(err)
			}
			before := cpuTime()
			s := loadOf(b, a, filepath.Join(dir, "logs"))
			c.cpu += cpuTime() - before
			c.events += s.Events
			c.findings += s.Findings
			if err := a.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, c := range cases {
		b.ReportMetric(float64(c.events)/c.cpu.Seconds(), c.name+"-events/cpu-s")
		b.ReportMetric(float64(cases[0].cpu)/float64(c.cpu), c.name+"-ratio")
	}
	b.ReportMetric(float64(cases[2].findings)/float64(cases[2].events), "flood-findings/event")
	b.ReportMetric(0, "ns/op")
}
