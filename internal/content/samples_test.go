package content_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// sampleDirs are the folders of collected samples that belong to shipped log types. Wrappers
// carry other logs, too: there a record that no type knows is fine.
func sampleDirs() map[string][]string {
	return map[string][]string{
		"aws.waf": {"waf"}, "aws.alb": {"alb"}, "aws.nlb": {"nlb"}, "aws.clb": {"clb"}, "aws.guardduty": {"guardduty"},
		"aws.route53resolver": {"route53resolver"}, "aws.networkfirewall": {"networkfirewall"}, "aws.securityhub": {"securityhub"}, "aws.s3access": {"s3accesslog"},
		"aws.vpcflow": {"vpcflow"}, "aws.cloudfront": {"cloudfront"},
		"aws.cloudtrail": {"cloudtrail", "cloudtrail-insight", "cloudtrail-digest", "cwl-wrapper"},
	}
}

// TestCollectedSamples runs every collected sample of our log types: each record becomes an
// event, is filtered or ignored; a file that cannot stands in excluded-samples.tsv with its reason.
func TestCollectedSamples(t *testing.T) {
	t.Parallel()
	root := repository + "/../shared/samples"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the collected samples (../shared/samples) are not here")
	}
	c := shipped(t)
	excluded := readExcluded(t)
	for name, dirs := range sampleDirs() {
		if c.Type(name) == nil {
			t.Errorf("log type %s is missing", name)
			continue
		}
		for _, dir := range dirs {
			files, err := filepath.Glob(filepath.Join(root, dir, "*"))
			if err != nil || len(files) == 0 {
				t.Errorf("no samples in %s: %v", dir, err)
			}
			for _, path := range files {
				rel := dir + "/" + filepath.Base(path)
				t.Run(rel, func(t *testing.T) {
					t.Parallel()
					why := checkSample(t, c, path)
					reason, skip := excluded[rel]
					switch {
					case why != "" && !skip:
						t.Error(why)
					case why == "" && skip:
						t.Errorf("every record of it is accepted now; take it out of excluded-samples.tsv (%s)", reason)
					}
				})
			}
		}
	}
}

// checkSample says what is wrong, "" if nothing.
func checkSample(t *testing.T, c *content.Content, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x, err := c.Explain(context.Background(), filepath.Base(path), raw, content.ExplainOptions{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range x.Records {
		if r.Outcome == "quarantined" && (r.Reason != logtype.ReasonUnrecognized || len(r.Wrappers) == 0) {
			return r.Reason + ": " + r.Excerpt
		}
	}
	if x.Broken != "" {
		return x.Broken
	}
	if x.Events+x.Ignored+x.Filtered == 0 && len(x.Records) == 0 {
		return "no record at all"
	}
	return ""
}

func readExcluded(t *testing.T) map[string]string {
	t.Helper()
	src, err := os.ReadFile(repository + "/content/logtypes/excluded-samples.tsv")
	if err != nil {
		return nil
	}
	out := map[string]string{}
	for line := range strings.Lines(string(src)) {
		col := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || col[0] == "file" || len(col) < 2 {
			continue
		}
		out[col[0]] = col[len(col)-1]
		if col[len(col)-1] == "" {
			t.Errorf("%s is excluded without a reason", col[0])
		}
	}
	return out
}
