package content

import (
	"reflect"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// RuleChanges are the ids of rules that differ between two loads.
type RuleChanges struct {
	Added   []string // in force now, also switched on
	Changed []string // in force before and now, with another text
	Removed []string // not in force any more, also switched off
}

// None reports whether the same rules are in force.
func (c RuleChanges) None() bool { return len(c.Added)+len(c.Changed)+len(c.Removed) == 0 }

// ReloadRules reads the rules of sources again and returns the content with them. c is not changed and
// stays good for who uses it. The rules of a file that is broken now stay as they were, which its
// problems say; nothing else is kept of what was read before. The error is of folders that cannot be
// listed: then c is what is in force.
func (c *Content) ReloadRules(sources ...Source) (*Content, RuleChanges, error) {
	before := map[string]*RuleFile{}
	for i := range c.Rules.Files {
		f := &c.Rules.Files[i]
		before[f.Path] = f
	}
	files, err := readRules(sources, before)
	if err != nil {
		return nil, RuleChanges{}, err
	}
	next := *c
	next.Rules = c.compileRules(files)
	return &next, ruleChanges(c.Rules, next.Rules), nil
}

func ruleChanges(before, after *Rules) RuleChanges {
	var c RuleChanges
	for _, x := range after.Set.Rules() {
		if x.Disabled {
			continue
		}
		switch old := before.Set.Rule(x.ID); {
		case old == nil || old.Disabled:
			c.Added = append(c.Added, x.ID)
		case !reflect.DeepEqual(old, x):
			c.Changed = append(c.Changed, x.ID)
		}
	}
	for _, x := range before.Set.Rules() {
		if now := after.Set.Rule(x.ID); !x.Disabled && (now == nil || now.Disabled) {
			c.Removed = append(c.Removed, x.ID)
		}
	}
	for _, list := range []*[]string{&c.Added, &c.Changed, &c.Removed} {
		slices.Sort(*list)
	}
	return c
}

// broken reports whether something in the file has to be put right.
func (f *RuleFile) broken() bool {
	return slices.ContainsFunc(f.Problems, func(p Problem) bool { return !p.Warning })
}

// keep gives a broken file the rules it had before and has not any more.
func (f *RuleFile) keep(old *RuleFile) {
	if old == nil || !f.broken() {
		return
	}
	kept := 0
	rules := slices.Clone(f.parsed)
	for _, x := range old.parsed {
		if !slices.ContainsFunc(f.parsed, func(n *detect.Rule) bool { return strings.EqualFold(n.ID, x.ID) }) {
			rules = append(rules, x)
			kept++
		}
	}
	if kept == 0 {
		return
	}
	f.parsed, f.Rules = rules, rules
	f.Problems = append(slices.Clone(f.Problems), Problem{Warning: true, Problem: logtype.Problem{
		File: f.Path, Pos: logtype.Pos{Line: 1, Col: 1}, Text: "the rule stays in force as it was before the mistake, until the next start",
	}})
}

// turn applies the switches: of several for one rule the one of the latest source, then of the last
// path.
func (r *Rules) turn() (bad Problems) {
	var switches []*RuleFile
	for i := range r.Files {
		if r.Files[i].Switch != nil {
			switches = append(switches, &r.Files[i])
		}
	}
	if switches == nil {
		return nil
	}
	slices.SortStableFunc(switches, func(a, b *RuleFile) int { return a.layer - b.layer })
	on := map[string]*RuleFile{}
	for _, f := range switches {
		on[strings.ToLower(f.Switch.ID)] = f
	}
	found := map[string]bool{}
	for i := range r.Files {
		f := &r.Files[i]
		f.Rules = slices.Clone(f.parsed)
		for j, x := range f.Rules {
			id := strings.ToLower(x.ID)
			if s := on[id]; s != nil {
				found[id] = true
				turned := *x
				turned.Disabled = !s.Switch.Enabled
				f.Rules[j] = &turned
			}
		}
	}
	for _, f := range switches {
		if !found[strings.ToLower(f.Switch.ID)] {
			bad = append(bad, Problem{Warning: true, Problem: logtype.Problem{
				File: f.Path, Pos: logtype.Pos(f.Switch.Pos), Text: "there is no rule with the id " + f.Switch.ID + " to switch",
			}})
		}
	}
	return bad
}
