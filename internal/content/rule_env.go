package content

import (
	"context"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/logtype"
)

// RuleEnv is what the log types mean to detection rules: whose events they are, and where the
// names that rules use are found.
func (c *Content) RuleEnv() detect.Env {
	var env detect.Env
	for _, t := range c.Types {
		env.Types = append(env.Types, ruleType(t))
	}
	return env
}

func ruleType(t *logtype.Type) detect.LogType {
	x := detect.LogType{Name: t.Name, Table: t.Table, Aliases: map[string][]string{}}
	for _, s := range t.Def.Sigma.Sources {
		x.Sources = append(x.Sources, detect.LogSource{Product: s.Product, Category: s.Category, Service: s.Service})
	}
	for _, f := range t.Def.Sigma.Fields {
		for _, col := range f.Columns {
			x.Aliases[f.Name.Text] = append(x.Aliases[f.Name.Text], col.Text)
		}
	}
	for native, field := range t.Aliases() {
		if x.Aliases[native] == nil {
			x.Aliases[native] = []string{field}
		}
	}
	// The first present one of several paths: the field is where the value of each went.
	for _, n := range t.Def.Set {
		v := n.Value
		if v.Source != "first" || len(v.Ops) > 0 || v.Parse != "" || v.Pick != "" || v.Get != "" || v.Scale != nil {
			continue
		}
		for _, p := range v.Parts {
			if p.Source == "from" && len(p.Ops) == 0 && len(p.Where) == 0 && p.Parse == "" && p.Pick == "" && p.Get == "" && p.Scale == nil &&
				!strings.HasPrefix(p.Path, "$") && !strings.HasPrefix(p.Path, "@") && x.Aliases[p.Path] == nil {
				x.Aliases[p.Path] = []string{n.Name}
			}
		}
	}
	return x
}

// ruleEnvSeen is RuleEnv with what is known of native names, from the definitions and from all good
// samples. Reading the samples takes a moment: only lint asks for it. A log type whose samples cannot
// be read is one of which nothing is known.
func (c *Content) ruleEnvSeen() detect.Env {
	env := c.RuleEnv()
	for i := range env.Types {
		x := &env.Types[i]
		t := c.Type(x.Name)
		if frame := t.Def.Frame.Text; frame != nil {
			x.Closed, x.Natives = true, []string{}
		}
		f, ok := c.Folder(x.Name)
		if !ok {
			continue
		}
		batches, err := c.Samples(context.Background(), f, nil)
		if err != nil {
			continue
		}
		seen := map[string]bool{}
		for _, b := range batches {
			for _, key := range b.Rest.KeyDict.Values {
				seen[key] = true
			}
		}
		x.Natives = append(x.Natives, sortedKeys(seen)...)
		for _, n := range t.NativePaths() {
			if x.Aliases[n] == nil && !seen[n] {
				x.Consumed = append(x.Consumed, n)
			}
		}
		if x.Natives == nil && len(batches) > 0 {
			x.Natives = []string{}
		}
		slices.Sort(x.Consumed)
	}
	return env
}
