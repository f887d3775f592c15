package content_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
)

// TestSentences: every event of every shipped sample is told in both languages, without traces of
// the template.
func TestSentences(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	files, err := filepath.Glob(repository + "/content/logtypes/*/testdata/sample-*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, ".want.json") {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		x, err := c.Explain(context.Background(), filepath.Base(path), raw, content.ExplainOptions{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range x.Records {
			if r.Outcome != "event" {
				continue
			}
			for _, s := range []string{r.SentenceEN, r.SentenceJA} {
				if s == "" || strings.Contains(s, "[:") || strings.Contains(s, "{source.") || strings.Contains(s, "  ") {
					t.Errorf("%s, byte %d: %q", path, r.Offset, s)
				}
			}
		}
	}
}

// TestWAFSentences: who asked for what, which rule acted, why.
func TestWAFSentences(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, tc := range []struct{ change, en, ja string }{
		{``, `203.0.113.9 (JP) asked for GET shop.example.com/a; no rule stopped it`, `203.0.113.9 (JP) からの GET shop.example.com/a は、どのルールにも止められず許可されました`},
		{`"ALLOW"|"BLOCK"|"Default_Action"|"no-scan"`, `203.0.113.9 (JP) asked for GET shop.example.com/a; rule no-scan of shop blocked it`, `203.0.113.9 (JP) からの GET shop.example.com/a を、shop のルール no-scan が遮断しました`},
		{`"ALLOW"|"BLOCK"|"Default_Action"|"aws"|"ruleGroupList":[]|"ruleGroupList":[{"ruleGroupId":"AWS#SQLi","terminatingRule":{"ruleId":"SQLi_BODY","action":"BLOCK","ruleMatchDetails":[{"conditionType":"SQL_INJECTION","location":"BODY","matchedData":["x"]}]}}]`,
			`203.0.113.9 (JP) asked for GET shop.example.com/a; rule SQLi_BODY of AWS#SQLi blocked it: SQL_INJECTION in BODY`, `203.0.113.9 (JP) からの GET shop.example.com/a を、AWS#SQLi のルール SQLi_BODY が遮断しました。検知: SQL_INJECTION (場所: BODY)`},
		{`"ALLOW"|"BLOCK"|"Default_Action"|"limit"|"REGULAR"|"RATE_BASED"|"rateBasedRuleList":[]|"rateBasedRuleList":[{"rateBasedRuleName":"limit","limitKey":"IP","limitValue":"203.0.113.9","maxRateAllowed":100,"evaluationWindowSec":300}]`,
			`203.0.113.9 (JP) asked for GET shop.example.com/a; rate rule limit blocked it: more than 100 requests in 300 s, counted by IP`, `203.0.113.9 (JP) からの GET shop.example.com/a を、レートルール limit が遮断しました (集計キー IP、300 秒あたり上限 100 件を超過)`},
		{`"nonTerminatingMatchingRules":[]|"nonTerminatingMatchingRules":[{"ruleId":"watch","action":"COUNT"}]`,
			`203.0.113.9 (JP) asked for GET shop.example.com/a; no rule stopped it, although watch matched in count mode`, `203.0.113.9 (JP) からの GET shop.example.com/a は、どのルールにも止められず許可されましたが、カウントモードの watch に一致しました`},
	} {
		record := wafRecord("/a")
		if tc.change != "" {
			record = strings.NewReplacer(strings.Split(tc.change, "|")...).Replace(record)
		}
		x, err := c.Explain(context.Background(), "x", []byte(record), content.ExplainOptions{})
		if err != nil || len(x.Records) != 1 {
			t.Fatalf("%d records, %v", len(x.Records), err)
		}
		if diff := cmp.Diff([]string{tc.en, tc.ja}, []string{x.Records[0].SentenceEN, x.Records[0].SentenceJA}); diff != "" {
			t.Error(diff)
		}
	}
}
