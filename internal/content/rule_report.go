package content

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
)

// RulesAt finds the rule files a path on disk means: one file, a folder of rules, or the root of a
// content folder. There may be none in a folder that has log types only.
func RulesAt(path string) ([]RuleFile, error) {
	clean := filepath.Clean(path)
	info, err := os.Stat(clean)
	if err != nil {
		return nil, fmt.Errorf("looking for rules: %w", err)
	}
	shown := filepath.ToSlash(clean)
	if !info.IsDir() {
		f := RuleFile{Name: belowRules(filepath.Dir(clean)) + filepath.Base(clean), Path: shown, Origin: User}
		f.read(os.DirFS(filepath.Dir(clean)), filepath.Base(clean), nil)
		return []RuleFile{f}, nil
	}
	if isFile(filepath.Join(clean, definitionFile)) || filepath.Base(clean) == typesFolder {
		return nil, nil // a log type, or a folder of them
	}
	root := Source{FS: os.DirFS(clean), Path: shown, Origin: User}
	if _, err := fs.Stat(root.FS, rulesFolder); err == nil {
		return root.ruleFiles()
	}
	if _, err := fs.Stat(root.FS, typesFolder); err == nil {
		return nil, nil
	}
	list, err := ruleFilesBelow(root.FS, ".", shown, User, nil)
	for i := range list {
		list[i].Name = belowRules(clean) + list[i].Name
	}
	return list, err
}

// belowRules is the path of a folder below the nearest folder rules/ above it, or "".
func belowRules(folder string) string {
	abs, err := filepath.Abs(folder)
	if err != nil {
		return ""
	}
	slash := filepath.ToSlash(abs) + "/"
	if i := strings.LastIndex(slash, "/"+rulesFolder+"/"); i >= 0 {
		return slash[i+len(rulesFolder)+2:]
	}
	return ""
}

// AddRules lays files over the rules that are loaded.
func (c *Content) AddRules(files []RuleFile) {
	layer := 0
	for _, f := range c.Rules.Files {
		layer = max(layer, f.layer)
	}
	for i := range files {
		files[i].layer = layer + 1
	}
	c.Rules = c.compileRules(overlayRules(c.Rules.Files, files))
}

// LintRules checks files of rules that are loaded (see AddRules).
func (c *Content) LintRules(ctx context.Context, files []RuleFile) (LintReport, error) {
	var r LintReport
	for _, f := range files {
		for _, p := range c.Rules.Problems {
			if p.File == f.Path {
				r.Problems = append(r.Problems, p)
			}
		}
		for _, x := range f.Rules {
			r.Rules++
			list, err := c.LintRule(ctx, x, f.Origin == BuiltIn)
			if err != nil {
				return r, err
			}
			for _, p := range list {
				if !slices.Contains(r.Problems, p) {
					r.Problems = append(r.Problems, p)
				}
			}
		}
	}
	return r, nil
}

// TestRules runs the tests inside rules.
func (c *Content) TestRules(ctx context.Context, files []RuleFile) (TestReport, error) {
	var r TestReport
	for _, f := range files {
		for _, p := range f.Problems {
			if !p.Warning {
				r.Rules = append(r.Rules, RuleResult{Rule: &detect.Rule{File: f.Path}, Problem: p.String()})
			}
		}
		for _, x := range f.Rules {
			list, err := c.TestRule(ctx, x)
			if err != nil {
				return r, err
			}
			r.Rules = append(r.Rules, list...)
		}
	}
	return r, nil
}

// FindRule finds a loaded rule by its id, the name of its file without folder and ending, or its
// title. Several with that name are an error.
func (r *Rules) FindRule(name string) (*detect.Rule, error) {
	if x := r.Set.Rule(name); x != nil {
		return x, nil
	}
	var found []*detect.Rule
	for _, f := range r.Files {
		for _, x := range f.Rules {
			base := filepath.Base(f.Name)
			if strings.EqualFold(strings.TrimSuffix(base, filepath.Ext(base)), name) || strings.EqualFold(x.Title.EN, name) {
				found = append(found, x)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no rule has the id, the file or the title %q", name)
	case 1:
		return found[0], nil
	}
	return nil, errors.New("several rules are named " + name + ": give the id of one")
}

// writeRules renders the outcome of tests inside rules.
func writeRules(b *strings.Builder, list []RuleResult) (failed int) {
	for _, x := range list {
		switch {
		case x.Passed():
			fmt.Fprintf(b, "ok   %s: %s\n", x.Rule.File, x.Test.Name)
			continue
		case x.Test.Name == "":
			fmt.Fprintf(b, "FAIL %s\n", x.Problem)
		default:
			fmt.Fprintf(b, "FAIL %s:%d: %s: %s\n", x.Rule.File, x.Test.Pos.Line, x.Test.Name, x.Problem)
		}
		failed++
		for line := range strings.Lines(x.Explain) {
			b.WriteString("     " + line)
		}
	}
	return failed
}
