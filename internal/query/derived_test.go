package query

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDerived: a question reaches findings only when it asks for them.
func TestDerived(t *testing.T) {
	t.Parallel()
	all := []string{"aws.waf", "aws.alb", "yagura.finding"}
	for text, want := range map[string][]string{
		"":                                                      nil,
		"source.ip:10.0.0.1":                                    nil,
		"event.module:aws.waf":                                  {"aws.waf"},
		"event.module:yagura.finding":                           {"yagura.finding"},
		"yagura.log_type:yagura.*":                              {"yagura.finding"},
		"event.module:*":                                        nil,
		"event.module:aws*":                                     {"aws.waf", "aws.alb"},
		"event.kind:signal":                                     all,
		"event.kind:alert":                                      nil,
		"event.kind:*":                                          nil,
		"event.module:aws.waf or rule.id:x":                     nil,
		"event.module:yagura.finding or rule.id:x":              all,
		"event.kind:signal and event.module:aws.waf":            {"aws.waf"},
		"event.module:(aws.waf or yagura.finding)":              {"aws.waf", "yagura.finding"},
		"rule.id:x | stats count() by rule.name":                nil,
		"event.kind:signal | stats count() by rule.name":        all,
		"event.id:0123456789abcdefghjk-2s-9zldr4":               all, // (9 << 24) and some
		"event.id:0123456789abcdefghjk-2s-0":                    nil,
		"not event.module:yagura.finding and source.ip:1.1.1.1": all, // harmless: the condition takes them out
	} {
		s, err := Parse(text, Options{Now: time.Unix(0, 0), Types: all, Derived: all[2:]})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, s.Query().Types); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}
