package detect_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/event"
)

type hit struct {
	Row  int
	Rule string
}

// matches runs the matcher and keeps every step-th row.
func matches(m *detect.Matcher, b *event.Batch, step int) []hit {
	var out []hit
	m.Match(b, func(x detect.Match) {
		if x.Row%step == 0 {
			out = append(out, hit{x.Row, x.Rule.ID})
		}
	})
	return out
}

func judged(set *detect.Set, b *event.Batch, step int) []hit {
	var out []hit
	set.Judge(b, step, func(row int, r *detect.Rule) { out = append(out, hit{row, r.ID}) })
	return out
}

// compare fails when matcher and evaluator disagree, and returns the number of matches.
func compare(t *testing.T, set *detect.Set, batches map[string][]*event.Batch, rows int) int {
	t.Helper()
	m := set.NewMatcher()
	total := 0
	for _, name := range slices.Sorted(maps.Keys(batches)) {
		list := slices.SortedStableFunc(slices.Values(batches[name]), func(a, b *event.Batch) int { return b.Rows - a.Rows })
		for i, b := range list[:min(len(list), 4)] {
			step := 1 + b.Rows/rows
			want := judged(set, b, step)
			if diff := cmp.Diff(want, matches(m, b, step)); diff != "" {
				t.Fatalf("%s batch %d (- evaluator + matcher): %s", name, i, diff)
			}
			set.Tune(b) // other witnesses, the same matches
			if diff := cmp.Diff(want, matches(set.NewMatcher(), b, step)); diff != "" {
				t.Fatalf("%s batch %d (- evaluator + tuned matcher): %s", name, i, diff)
			}
			total += len(want)
		}
	}
	return total
}

// everywhere makes rules of some log sources be tried on the events of every log type.
func everywhere(env detect.Env, sources ...detect.LogSource) detect.Env {
	for i := range env.Types {
		env.Types[i].Sources = append(env.Types[i].Sources, sources...)
	}
	return env
}

// TestMatcherIsTheEvaluator: the index finds what the plain evaluator finds, no more and no less.
func TestMatcherIsTheEvaluator(t *testing.T) {
	t.Parallel()
	rules, _, _ := corpus(t, "rules/cloud/aws", "rules/web", "rules/application", "rules-emerging-threats", "rules-placeholder")
	set, bad := detect.Compile(rules, everywhere(library(t).RuleEnv(),
		detect.LogSource{Category: "webserver"}, detect.LogSource{Category: "proxy"}, detect.LogSource{Product: "aws", Service: "cloudtrail"}, detect.LogSource{Category: "application"}))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	batches, _ := story(t, 0.002, 1<<20)
	total := compare(t, set, batches, 25)
	t.Logf("%d matches", total)
	if total < 100 {
		t.Errorf("only %d matches: this proves little", total)
	}
}

// TestMatcherOnGeneratedRules does the same with rules made of values that are really there.
func TestMatcherOnGeneratedRules(t *testing.T) {
	t.Parallel()
	batches, _ := story(t, 0.0005, 1<<18)
	lib := library(t)
	for _, name := range slices.Sorted(maps.Keys(batches)) {
		g := &generator{rng: rand.New(rand.NewPCG(7, uint64(len(name)))), batches: batches[name]}
		var rules []*detect.Rule
		for range 150 {
			src := g.rule()
			found, bad := detect.Parse("generated.yaml", []byte(src))
			if len(found) != 1 {
				t.Fatalf("%v\n%s", bad, src)
			}
			rules = append(rules, found...)
		}
		set, bad := detect.Compile(rules, everywhere(lib.RuleEnv(), detect.LogSource{Service: "generated"}))
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		t.Logf("%s: %d matches", name, compare(t, set, map[string][]*event.Batch{name: batches[name]}, 20))
	}
}
