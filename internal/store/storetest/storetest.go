// Package storetest is the conformance suite of event stores: the same events go into the
// store under test and into the naive evaluator, and every query must have one answer. The
// meaning that is tested is written in docs/design/query-semantics.md.
package storetest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
	"github.com/yagura-siem/yagura/internal/store/naive"
)

var generated = flag.Int("storetest.n", 300, "number of generated queries of the store conformance suite")

// Open makes a store that holds the batches, all visible. The batches are sealed; each has one
// log type, version and UTC day, and texts that alias buffers the suite keeps.
type Open func(t *testing.T, tables []*schema.Table, batches []*event.Batch) store.Searcher

// Run tests a store. It stops at the first failures of each kind of question, so that a store
// with one fault does not print thousands of lines.
func Run(t *testing.T, open Open) { RunParts(t, nil, open) }

// RunParts is Run with some parts of the suite (see Check); nil = all.
func RunParts(t *testing.T, names []string, open Open) {
	tables, batches := Data()
	subject := open(t, tables, batches)
	for _, part := range parts {
		if names != nil && !slices.Contains(names, part.name) {
			continue
		}
		t.Run(part.name, func(t *testing.T) {
			for _, f := range Check(t.Context(), subject, part.name, *generated) {
				t.Error(f)
			}
		})
	}
}

// A part of the suite asks questions through a checker.
var parts = []struct {
	name string
	ask  func(c *checker, n int)
}{
	{"conditions", (*checker).conditions},
	{"events", (*checker).events},
	{"pages", (*checker).pages},
	{"statistics", (*checker).statistics},
	{"refusals", (*checker).refusals},
	{"generated", (*checker).generated},
	{"batch", (*checker).batch},
}

// Failures printed for one part.
const maxFailures = 12

// Check runs one part of the suite ("conditions", "events", "pages", "statistics", "refusals",
// "generated" and "batch" with n queries) and returns what differs from the judge, at most a dozen.
func Check(ctx context.Context, subject store.Searcher, part string, n int) []string {
	_, batches := Data()
	var records []naive.Record
	for _, b := range batches {
		records = append(records, naive.FromBatch(b)...)
	}
	c := &checker{ctx: ctx, subject: subject, judge: naive.New(records), random: rand.New(rand.NewPCG(42, 1))}
	for _, p := range parts {
		if p.name == part {
			p.ask(c, n)
		}
	}
	return c.failures
}

type checker struct {
	ctx      context.Context
	subject  store.Searcher
	judge    store.Searcher
	random   *rand.Rand
	failures []string
}

func (c *checker) failed() bool { return len(c.failures) >= maxFailures }

func (c *checker) fail(question, format string, args ...any) {
	if !c.failed() {
		c.failures = append(c.failures, question+"\n"+fmt.Sprintf(format, args...))
	}
}
