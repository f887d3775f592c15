package detect_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
)

// corpus reads the public rules beside the project.
func corpus(tb testing.TB, folders ...string) (rules []*detect.Rule, problems detect.Problems, files int) {
	tb.Helper()
	root := filepath.Join("..", "..", "..", "shared", "sigma")
	if _, err := os.Stat(root); err != nil {
		tb.Skip("the public rules (../shared/sigma) are not here")
	}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yml") {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(root, path)
			found, bad := detect.Parse(filepath.ToSlash(name), src)
			rules, problems = append(rules, found...), append(problems, bad...)
			files++
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return rules, problems, files
}

var liveFolders = []string{"rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder", "rules-compliance"}

// TestCorpusLoads: of the live public rules only those that need lists of values are refused.
func TestCorpusLoads(t *testing.T) {
	t.Parallel()
	rules, problems, files := corpus(t, liveFolders...)
	refused := map[string]map[string]bool{}
	for _, p := range problems {
		if p.Warning {
			continue
		}
		why := p.Refused
		if why == "" {
			why = "mistake: " + p.String()
		}
		if refused[why] == nil {
			refused[why] = map[string]bool{}
		}
		refused[why][p.File] = true
	}
	got := map[string]int{"files": files, "rules": len(rules)}
	for why, in := range refused {
		got["refused: "+why] = len(in)
	}
	if diff := cmp.Diff(map[string]int{"files": 3780, "rules": 3755, "refused: expand": 25}, got); diff != "" {
		t.Error(diff)
	}
}

// TestCorpusIsRouted: how many of the public rules are for which log type.
func TestCorpusIsRouted(t *testing.T) {
	t.Parallel()
	rules, _, _ := corpus(t, liveFolders...)
	set, problems := detect.Compile(rules, library(t).RuleEnv())
	got := map[string]int{"without log type": 0}
	for _, r := range set.Rules() {
		types := set.LogTypes(r)
		if len(types) == 0 {
			got["without log type"]++
		}
		for _, name := range types {
			got[name]++
		}
	}
	want := map[string]int{
		"without log type": 3601, "aws.cloudtrail": 57, "aws.waf": 86, "aws.alb": 86, "aws.clb": 86, "aws.cloudfront": 86, "aws.route53resolver": 11,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
		t.Error(diff, problems)
	}
}
