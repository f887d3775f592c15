package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/demo"
	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// corpusBatches reads n records of a kind.
func corpusBatches(b *testing.B, n int, make func(*demo.Corpus, func(demo.Object) error) error) []*event.Batch {
	b.Helper()
	rd := library(b).Set.NewReader(logtype.Options{Now: func() time.Time { return storyEnd }, Unwrap: envelope.Unwrap})
	k := &keeper{}
	var dec envelope.Decompressor
	err := make(demo.NewCorpus(3, storyEnd.Add(-30*time.Hour)), func(o demo.Object) error {
		r, err := dec.Open(bytes.NewReader(o.Data))
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return err
		}
		id := event.ObjectIdentity{Source: "demo", Key: o.Key, Version: "1"}
		_, err = rd.Read(context.Background(), logtype.Object{ID: id.ID(), Source: "demo", Key: o.Key}, bytes.NewReader(raw), k)
		return err
	})
	if err == nil {
		err = k.Cut(rd.Flush())
	}
	if err != nil {
		b.Fatal(err)
	}
	return k.batches
}

// BenchmarkMatch runs public rules over ordinary events. "routed" are the rules for the log type; the
// others come after them as if there were no routing.
func BenchmarkMatch(b *testing.B) {
	all, _, _ := corpus(b, "rules/cloud/aws", "rules/web", "rules/application", "rules/cloud", "rules/linux", "rules/network", "rules/identity", "rules-emerging-threats", "rules-placeholder", "rules/windows", "rules/macos")
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(r *detect.Rule) bool { twice := seen[r.ID]; seen[r.ID] = true; return twice })
	const n = 40_000
	for _, lane := range []struct {
		name string
		make func(*demo.Corpus, func(demo.Object) error) error
	}{
		{"aws.cloudtrail", func(c *demo.Corpus, emit func(demo.Object) error) error { return c.CloudTrail(n, 1000, emit) }},
		{"aws.waf", func(c *demo.Corpus, emit func(demo.Object) error) error { return c.WAF(n, 1000, emit) }},
	} {
		batches := corpusBatches(b, n, lane.make)
		env := library(b).RuleEnv()
		routed, _ := detect.Compile(all, env)
		var fits, rest []*detect.Rule
		for _, r := range all {
			if slices.Contains(routed.LogTypes(r), lane.name) {
				fits = append(fits, r)
			} else {
				c := *r
				c.LogTypes = []string{lane.name}
				rest = append(rest, &c)
			}
		}
		ordered := append(slices.Clone(fits), rest...)
		for _, count := range []int{20, 60, len(fits), 500, 3000} {
			count = min(count, len(ordered))
			name := fmt.Sprintf("%s/rules=%d", lane.name, count)
			if count == len(fits) {
				name += "/routed"
			}
			b.Run(name, func(b *testing.B) {
				set, _ := detect.Compile(ordered[:count], env)
				m := set.NewMatcher()
				events, found := 0, 0
				b.ReportAllocs()
				b.ResetTimer()
				for b.Loop() {
					for _, batch := range batches {
						m.Match(batch, func(detect.Match) { found++ })
						events += batch.Rows
					}
				}
				b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(found)/float64(events)*1000, "matches/1000")
			})
		}
	}
}
