package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/detect"
)

func rulesCommand(g *global) *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "List, check, test and explain detection rules"}
	c.AddCommand(rulesListCommand(g), rulesLintCommand(g), rulesTestCommand(g), rulesExplainCommand(g), rulesReloadCommand(g))
	return c
}

// ruleRow is a rule as rules list prints it.
type ruleRow struct {
	ID       string           `json:"id"`
	Title    string           `json:"title"`
	TitleJA  string           `json:"title_ja,omitempty"`
	Level    string           `json:"level"`
	Status   string           `json:"status,omitempty"`
	Author   string           `json:"author,omitempty"`
	License  string           `json:"license"`
	Tags     []string         `json:"tags,omitempty"`
	Source   detect.LogSource `json:"logsource"`
	LogTypes []string         `json:"log_types"`
	Origin   string           `json:"origin"`
	File     string           `json:"file"`
	Enabled  bool             `json:"enabled"`
	Tests    int              `json:"tests"`
}

func rulesListCommand(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "list", Short: "List the rules in force", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lib, _, _, err := g.authored(nil)
			if err != nil {
				return err
			}
			var rows []ruleRow
			for _, r := range lib.Rules.Set.Rules() {
				f, _ := lib.Rules.File(r)
				types := lib.Rules.Set.LogTypes(r)
				if types == nil {
					types = []string{}
				}
				rows = append(rows, ruleRow{r.ID, r.Title.EN, r.Title.JA, r.Level, r.Status, r.Author, r.License, r.Tags, r.Source, types, f.Origin, r.File, !r.Disabled, len(r.Tests)})
			}
			broken := 0
			for _, p := range lib.Rules.Problems {
				if !p.Warning {
					broken++
				}
			}
			if done, err := asJSON(cmd, output, rows); done {
				return errors.Join(err, brokenRules(cmd, broken))
			}
			w := newTable(cmd, "level", "title", "log types", "from", "tests", "id")
			for _, r := range rows {
				types := strings.Join(r.LogTypes, " ")
				switch {
				case !r.Enabled:
					types = "(switched off)"
				case types == "":
					types = "(none)"
				}
				w.AppendRow([]any{r.Level, r.Title, types, r.Origin, r.Tests, r.ID})
			}
			w.Render()
			return brokenRules(cmd, broken)
		},
	}
	outputFlag(c, &output)
	return c
}

// brokenRules says that there are files with mistakes; the other rules are in force.
func brokenRules(cmd *cobra.Command, n int) error {
	if n == 0 {
		return nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "mistakes in rules: %d; the other rules are in force (see yagura rules lint)\n", n)
	return errPartial
}

func rulesLintCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "lint [PATH…]", Short: "Check rule files", Args: cobra.ArbitraryArgs,
		Long: "PATH is a rule file or a folder of them. Without one the rules in force are checked.",
		RunE: func(cmd *cobra.Command, args []string) error {
			lib, _, rules, err := g.authored(args)
			if lib == nil || len(rules) == 0 {
				return errors.Join(err, noRules(args))
			}
			r, err := lib.LintRules(cmd.Context(), rules)
			if err != nil {
				return err
			}
			return lintDone(cmd, r)
		},
	}
}

func noRules(args []string) error {
	return usageError{fmt.Errorf("there is no rule in %s", strings.Join(args, " "))}
}

func rulesTestCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "test [PATH…]", Short: "Run the tests inside rule files", Args: cobra.ArbitraryArgs,
		Long: "PATH is a rule file or a folder of them. Without one the rules in force are tested. Exit code 3 if a test fails.",
		RunE: func(cmd *cobra.Command, args []string) error {
			lib, _, rules, err := g.authored(args)
			if err != nil {
				return err
			}
			r, err := lib.TestRules(cmd.Context(), rules)
			if err != nil {
				return err
			}
			if len(r.Rules) == 0 {
				return usageError{errors.New("there is no rule with a test")}
			}
			fmt.Fprint(cmd.OutOrStdout(), r.Text())
			if !r.OK() {
				return errPartial
			}
			return nil
		},
	}
}

func rulesExplainCommand(g *global) *cobra.Command {
	var output string
	var limit int
	c := &cobra.Command{
		Use: "explain RULE [FILE]", Short: "Say where a rule applies, and why it matches events or does not", Args: cobra.RangeArgs(1, 2),
		Long: "RULE is the id, the title or the file of a rule. FILE holds log records as a source delivers them, or one event as JSON in\nECS names; \"-\" is standard input. Without FILE it says whose events the rule sees and where its fields are found.",
		RunE: func(cmd *cobra.Command, args []string) error {
			lib, r, err := g.rule(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				u := lib.UseOfRule(r)
				if done, err := asJSON(cmd, orTable(output), u); done {
					return err
				}
				_, err := io.WriteString(cmd.OutOrStdout(), u.Text())
				return err
			}
			in, err := openInput(cmd, args[1])
			if err != nil {
				return err
			}
			defer in.Close()
			raw, err := io.ReadAll(io.LimitReader(in, explainBytes))
			if err != nil {
				return fmt.Errorf("reading %s: %w", args[1], err)
			}
			list, err := lib.ExplainRule(cmd.Context(), r, raw, limit)
			if err != nil {
				return usageError{fmt.Errorf("reading %s: %w", args[1], err)}
			}
			if done, err := asJSON(cmd, orTable(output), list); done {
				return err
			}
			for i, x := range list {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if _, err := io.WriteString(cmd.OutOrStdout(), x.Text()); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "table (text, the default) or json")
	c.Flags().IntVar(&limit, "limit", 20, "explain at most this many events")
	return c
}

func rulesReloadCommand(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "reload", Short: "Make the running server read its rules again", Args: cobra.NoArgs,
		Long: "Rules saved in the web page take effect at once. After files were changed by hand, this command (or SIGHUP to the server)\nmakes them take effect without a restart. A broken file changes nothing.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			x, err := app.ReloadRules(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if done, err := asJSON(cmd, orTable(output), x); done {
				return errors.Join(err, brokenRules(cmd, x.Problems))
			}
			out := cmd.OutOrStdout()
			for _, l := range []struct {
				word string
				ids  []string
			}{{"added", x.Added}, {"changed", x.Changed}, {"removed", x.Removed}} {
				for _, id := range l.ids {
					fmt.Fprintf(out, "%-8s %s\n", l.word, id)
				}
			}
			fmt.Fprintf(out, "%d rules are in force\n", x.Rules)
			return brokenRules(cmd, x.Problems)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "table (text, the default) or json")
	return c
}

func orTable(output string) string {
	if output == "" {
		return "table"
	}
	return output
}

// rule finds a rule by name among those in force, or in a file.
func (g *global) rule(name string) (*content.Content, *detect.Rule, error) {
	var paths []string
	info, err := os.Stat(name)
	if err == nil && info.Mode().IsRegular() {
		paths = []string{name}
	}
	lib, _, files, err := g.authored(paths)
	if err != nil {
		return nil, nil, err
	}
	if paths == nil {
		r, err := lib.Rules.FindRule(name)
		if err != nil {
			return nil, nil, usageError{err}
		}
		return lib, r, nil
	}
	for _, f := range files {
		if len(f.Rules) > 0 {
			return lib, f.Rules[0], nil
		}
	}
	return nil, nil, usageError{lib.Rules.Problems}
}
