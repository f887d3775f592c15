package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/detect"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	r := parseOne(t, "  who:\n    user.name: [root, 'adm*']\n    event.action: Go\n  ours:\n    source.ip|cidr: 10.0.0.0/8\n  condition: who and not ours\n")
	want := detect.ConditionPart{Kind: "and", Parts: []detect.ConditionPart{
		{Kind: "and", Name: "who", Parts: []detect.ConditionPart{
			{Kind: "or", Parts: []detect.ConditionPart{
				{Kind: "test", Text: `user.name is "root"`, Line: 5},
				{Kind: "test", Text: `user.name starts with "adm*"`, Line: 5},
			}},
			{Kind: "test", Text: `event.action is "Go"`, Line: 6},
		}},
		{Kind: "not", Parts: []detect.ConditionPart{{Kind: "test", Name: "ours", Text: "source.ip is in 10.0.0.0/8", Line: 8}}},
	}}
	if diff := cmp.Diff(want, r.Condition()); diff != "" {
		t.Error(diff)
	}
}

// A list of very many values stays readable.
func TestConditionIsBounded(t *testing.T) {
	t.Parallel()
	var values strings.Builder
	for i := range 300 {
		fmt.Fprintf(&values, "      - a%d\n", i)
	}
	got := parseOne(t, "  s:\n    user.name:\n"+values.String()+"  condition: s\n").Condition()
	if len(got.Parts) != 200 || got.More != 100 {
		t.Errorf("%d parts, %d more", len(got.Parts), got.More)
	}
}
