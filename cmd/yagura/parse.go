package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/query"
)

// bench opens log types and enrichment without a data folder.
func (g *global) bench(cmd *cobra.Command) (*app.Bench, error) {
	cfg, err := g.settings()
	if err != nil {
		return nil, err
	}
	return app.OpenBench(cfg, quiet(cmd))
}

func parseCommand(g *global) *cobra.Command {
	var logType string
	c := &cobra.Command{
		Use:   "parse FILE…",
		Short: "Show the normalized events of files, storing nothing",
		Long:  "Events go to standard output as nested ECS JSON, one a line; refused records to standard error with position and\nreason. \"-\" is standard input. Exit code 3 if a record was refused.",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := g.bench(cmd)
			if err != nil {
				return err
			}
			if err := b.CheckType(logType); err != nil {
				return err
			}
			partial, read := false, 0
			for _, name := range args {
				r, err := openInput(cmd, name)
				if err != nil {
					fmt.Fprintln(cmd.ErrOrStderr(), err)
					partial = true
					continue
				}
				read++
				counts, err := b.Parse(cmd.Context(), name, logType, r, cmd.OutOrStdout(), func(j logtype.Reject) {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: byte %d: %s\n", query.Visible(name), j.Offset, because(j.Reason, j.Detail))
				})
				r.Close()
				if err != nil {
					return err
				}
				partial = partial || counts.Quarantined > 0
			}
			switch {
			case read == 0:
				return usageError{errors.New("there is nothing to parse")}
			case partial:
				return errPartial
			}
			return nil
		},
	}
	c.Flags().StringVarP(&logType, "type", "t", "", "log type of every record (default: recognised)")
	return c
}

func openInput(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), nil
	}
	fi, err := os.Stat(name)
	if err == nil && fi.IsDir() {
		return nil, usageError{fmt.Errorf("opening a file: %s is a folder", name)}
	}
	// Opening a named pipe without a writer waits for one, and no signal ends that.
	if err == nil && fi.Mode()&fs.ModeNamedPipe != 0 && !strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/proc/") {
		return nil, usageError{fmt.Errorf("opening a file: %s is a named pipe: give its content on the standard input (-)", name)}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usageError{fmt.Errorf("opening a file: %w", err)}
	}
	return f, nil
}

// explainBytes is how much of a file explain reads.
const explainBytes = 64 << 20

func explainCommand(g *global) *cobra.Command {
	var o content.ExplainOptions
	var output string
	c := &cobra.Command{
		Use:   "explain FILE",
		Short: "Say how each record was recognised, decoded, mapped, masked, enriched",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := g.bench(cmd)
			if err != nil {
				return err
			}
			if err := b.CheckType(o.LogType); err != nil {
				return err
			}
			f, err := openInput(cmd, args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			raw, err := io.ReadAll(io.LimitReader(f, explainBytes))
			if err != nil {
				return fmt.Errorf("reading %s: %w", args[0], err)
			}
			x, err := b.Explain(cmd.Context(), args[0], raw, o)
			if err != nil {
				return err
			}
			if output == "" {
				output = "table"
			}
			done, err := asJSON(cmd, output, x)
			if !done {
				_, err = io.WriteString(cmd.OutOrStdout(), x.Text())
			}
			if err == nil && x.Refused > 0 {
				return errPartial
			}
			return err
		},
	}
	c.Flags().StringVarP(&o.LogType, "type", "t", "", "log type of every record (default: recognised)")
	c.Flags().IntVar(&o.Limit, "limit", 20, "explain at most this many records")
	c.Flags().StringVarP(&output, "output", "o", "", "table (text, the default) or json")
	return c
}

func logtypesCommand(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "logtypes", Short: "List the log types", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := g.bench(cmd)
			if err != nil {
				return err
			}
			type row struct {
				Name    string `json:"name"`
				Version int    `json:"version"`
				Title   string `json:"title"`
				Origin  string `json:"origin"`
				Fields  int    `json:"fields"`
				Derived bool   `json:"derived,omitempty"` // made of events, not read from logs
			}
			var rows []row
			for _, t := range b.Content.Types {
				f, _ := b.Content.Folder(t.Name)
				rows = append(rows, row{t.Name, t.Table.Version, t.Def.Title.In("en"), f.Origin, len(t.Table.Fields), false})
			}
			for _, t := range app.DerivedTypes() {
				rows = append(rows, row{t.Table.LogType, t.Table.Version, t.Title, "derived", len(t.Table.Fields), true})
			}
			if done, err := asJSON(cmd, output, rows); done {
				return err
			}
			w := newTable(cmd, "log type", "version", "title", "from", "fields")
			for _, r := range rows {
				w.AppendRow([]any{r.Name, r.Version, r.Title, r.Origin, r.Fields})
			}
			w.Render()
			return nil
		},
	}
	outputFlag(c, &output)
	return c
}

// authored loads the folders and rules that paths name over the built-in ones; no path means all.
func (g *global) authored(paths []string) (*content.Content, []content.Folder, []content.RuleFile, error) {
	cfg, err := g.settings()
	if err != nil {
		return nil, nil, nil, err
	}
	base, err := app.Folders(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	picked, rules := base, []content.RuleFile(nil)
	if len(paths) > 0 {
		picked = nil
		for _, p := range paths {
			files, ruleErr := content.RulesAt(p)
			found, err := content.At(p)
			if err != nil && len(files) == 0 {
				return nil, nil, nil, usageError{errors.Join(err, ruleErr)}
			}
			picked, rules = append(picked, found...), append(rules, files...)
		}
		base = content.Overlay(base, picked)
	}
	lib, err := content.Load(base)
	if lib == nil {
		return nil, nil, nil, err
	}
	if ruleErr := lib.LoadRules(app.DashboardSources(cfg)...); ruleErr != nil {
		return nil, nil, nil, ruleErr
	}
	if len(paths) == 0 {
		rules = lib.Rules.Files
	} else {
		lib.AddRules(rules)
	}
	return lib, picked, rules, err
}

func lintCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "lint [PATH…]", Short: "Check log type folders and rules", Args: cobra.ArbitraryArgs,
		Long: "PATH is the folder of a log type, a rule file, or a folder of several. Without one everything in force is checked.",
		RunE: func(cmd *cobra.Command, args []string) error {
			lib, folders, rules, err := g.authored(args)
			if lib == nil {
				return err
			}
			r, err := lib.LintRules(cmd.Context(), rules)
			if err != nil {
				return err
			}
			for _, f := range folders {
				r.Types = append(r.Types, f.Name)
				r.Problems = append(r.Problems, lib.Lint(cmd.Context(), f)...)
			}
			return lintDone(cmd, r)
		},
	}
}

func lintDone(cmd *cobra.Command, r content.LintReport) error {
	fmt.Fprint(cmd.OutOrStdout(), r.Text())
	if !r.OK() {
		return usageError{errors.New("a definition has mistakes; see above")}
	}
	return nil
}

func testCommand(g *global) *cobra.Command {
	var update bool
	c := &cobra.Command{
		Use: "test [PATH…]", Short: "Run the samples of log type folders and the tests inside rules", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			lib, folders, rules, err := g.authored(args)
			if err != nil {
				return err
			}
			r, err := lib.TestRules(cmd.Context(), rules)
			if err != nil {
				return err
			}
			r.Folders = folders
			for _, f := range folders {
				results, err := lib.Test(cmd.Context(), f, update)
				if err != nil {
					return err
				}
				r.Results = append(r.Results, results...)
			}
			fmt.Fprint(cmd.OutOrStdout(), r.Text())
			if !r.OK() {
				return errPartial
			}
			return nil
		},
	}
	c.Flags().BoolVar(&update, "update", false, "rewrite the expected events from what comes out now; read the difference")
	return c
}
