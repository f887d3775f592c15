package content

import (
	"context"
	"fmt"
	"strings"
)

// LintReport is what lint found in the log types and rules of a path.
type LintReport struct {
	Types    []string
	Rules    int
	Problems Problems
}

// OK reports whether there is nothing but warnings.
func (r LintReport) OK() bool {
	for _, p := range r.Problems {
		if !p.Warning {
			return false
		}
	}
	return true
}

// Text renders the report for a terminal.
func (r LintReport) Text() string {
	var b strings.Builder
	errors, warnings := 0, 0
	for _, p := range r.Problems {
		if p.Warning {
			warnings++
			b.WriteString("warning: ")
		} else {
			errors++
		}
		b.WriteString(p.String() + "\n")
	}
	var what []string
	if len(r.Types) > 0 || r.Rules == 0 {
		what = append(what, counted(int64(len(r.Types)), "log type"))
	}
	if r.Rules > 0 {
		what = append(what, counted(int64(r.Rules), "rule"))
	}
	fmt.Fprintf(&b, "%s: %s, %s\n", strings.Join(what, ", "), counted(int64(errors), "error"), counted(int64(warnings), "warning"))
	return b.String()
}

// LintAt lints the log types at a path (see At) laid over the given ones.
func LintAt(ctx context.Context, base []Folder, path string) (LintReport, error) {
	over, err := At(path)
	if err != nil {
		return LintReport{}, err
	}
	c, _ := Load(Overlay(base, over)) // what is wrong with a type, its Lint says
	var r LintReport
	for _, f := range over {
		r.Types = append(r.Types, f.Name)
		r.Problems = append(r.Problems, c.Lint(ctx, f)...)
	}
	return r, nil
}

// TestReport is the outcome of the fixtures of the log types, and of the tests of the rules, of a
// path.
type TestReport struct {
	Folders []Folder
	Results []Result
	Rules   []RuleResult
}

// OK reports whether every fixture passed.
func (r TestReport) OK() bool {
	for _, x := range r.Results {
		if !x.Passed() {
			return false
		}
	}
	for _, x := range r.Rules {
		if !x.Passed() {
			return false
		}
	}
	return len(r.Results)+len(r.Rules) > 0
}

// Text renders the report for a terminal.
func (r TestReport) Text() string {
	var b strings.Builder
	paths := map[string]string{}
	for _, f := range r.Folders {
		paths[f.Name] = f.Path
	}
	failed := 0
	for _, x := range r.Results {
		word := "ok"
		if !x.Passed() {
			word = "FAIL"
			failed++
		}
		fmt.Fprintf(&b, "%-4s %s/%s: %s, %d refused", word, paths[x.LogType], x.Fixture.Name, counted(int64(x.Events), "event"), x.Rejects)
		if x.Updated {
			fmt.Fprintf(&b, "; wrote %s", x.Fixture.Want)
		}
		b.WriteString("\n")
		if x.Problem != "" {
			fmt.Fprintf(&b, "     %s\n", x.Problem)
		}
		for line := range strings.Lines(x.Diff) {
			b.WriteString("     " + line)
		}
	}
	if len(r.Results) > 0 || len(r.Rules) == 0 {
		fmt.Fprintf(&b, "%s, %d failed\n", counted(int64(len(r.Results)), "sample"), failed)
	}
	if len(r.Rules) > 0 {
		failed := writeRules(&b, r.Rules)
		fmt.Fprintf(&b, "%s of rules, %d failed\n", counted(int64(len(r.Rules)), "test"), failed)
	}
	return b.String()
}

// TestAt runs the fixtures of the log types at a path (see At) laid over the given ones; see
// Content.Test for update.
func TestAt(ctx context.Context, base []Folder, path string, update bool) (TestReport, error) {
	over, err := At(path)
	if err != nil {
		return TestReport{}, err
	}
	c, err := Load(Overlay(base, over))
	if err != nil {
		return TestReport{}, err
	}
	r := TestReport{Folders: over}
	for _, f := range over {
		results, err := c.Test(ctx, f, update)
		if err != nil {
			return TestReport{}, err
		}
		r.Results = append(r.Results, results...)
	}
	return r, nil
}
