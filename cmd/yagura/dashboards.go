package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

func dashboardsCommand(g *global) *cobra.Command {
	c := &cobra.Command{Use: "dashboards", Short: "List, check and run dashboards"}
	c.AddCommand(dashboardsList(g), dashboardsLint(g), dashboardsRun(g))
	return c
}

func dashboardsList(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the dashboards in force", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := allDashboards(g)
			if err != nil {
				return err
			}
			for _, d := range list {
				title, panels := "", 0
				if d.Source != nil {
					title, panels = d.Source.Definition.Title.EN, len(d.Source.Definition.Panels)
				}
				note := ""
				if d.Board == nil {
					note = "  broken: see yagura dashboards lint"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-24s %-8s %3d panels  %s%s\n", d.ID, d.Origin, panels, title, note)
			}
			return nil
		},
	}
}

func allDashboards(g *global) ([]*content.Dashboard, error) {
	cfg, err := g.settings()
	if err != nil {
		return nil, err
	}
	return app.Dashboards(cfg)
}

func dashboardsLint(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "lint [FILE]...", Short: "Check dashboards: those in force, or files",
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := allDashboards(g)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				cfg, err := g.settings()
				if err != nil {
					return err
				}
				if list, err = readDashboards(args, app.CheckDashboards(cfg)); err != nil {
					return err
				}
			}
			bad := 0
			for _, d := range list {
				for _, p := range d.Problems {
					word := "error"
					if p.Warning {
						word = "warning"
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", word, p)
				}
				bad += len(d.Problems.Fatal())
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d dashboards, %d errors\n", len(list), bad)
			if bad > 0 {
				return errPartial
			}
			return nil
		},
	}
}

func readDashboards(paths []string, check func(*content.Dashboard) error) (list []*content.Dashboard, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError{fmt.Errorf("reading the dashboard: %w", err)}
		}
		d := &content.Dashboard{ID: strings.TrimSuffix(filepath.Base(path), ".yaml"), Path: path, Text: text, Origin: content.User}
		if err := check(d); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func dashboardsRun(g *global) *cobra.Command {
	var r httpapi.DashboardRequest
	var set []string
	c := &cobra.Command{
		Use: "run ID", Short: "Answer the panels of a dashboard", Args: cobra.ExactArgs(1),
		Example: `  yagura dashboards run aws-waf --since 7d
  yagura dashboards run aws-waf --panel ips -o csv --set home=JP --set home=US`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			r.ID, r.Width, r.Variables = args[0], width(cmd.OutOrStdout()), map[string][]string{}
			for _, s := range set {
				name, value, ok := strings.Cut(s, "=")
				if !ok {
					return usageError{fmt.Errorf("--set %s: write name=value", s)}
				}
				r.Variables[name] = append(r.Variables[name], value)
			}
			if r.Output == "" {
				r.Output = "json"
				if isTerminal(cmd.OutOrStdout()) {
					r.Output = "table"
				}
			}
			svc, closeService, err := app.Connect(cmd.Context(), cfg, quiet(cmd))
			if err != nil {
				return err
			}
			defer closeService()
			boards, ok := svc.(httpapi.Boards)
			if !ok {
				return fmt.Errorf("the running server has no dashboards")
			}
			return boards.RunDashboard(cmd.Context(), r, cmd.OutOrStdout(), func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "note:", text) })
		},
	}
	f := c.Flags()
	f.StringVar(&r.Panel, "panel", "", "only this panel")
	f.StringVar(&r.Since, "since", "", "from (default: the dashboard's range)")
	f.StringVar(&r.Until, "until", "", "to (default: now)")
	f.StringVar(&r.Zone, "zone", "", "time zone, such as Asia/Tokyo")
	f.StringVar(&r.Compare, "compare", "", "compare with: previous, day or week")
	f.StringArrayVar(&set, "set", nil, "choose a value of a variable: name=value (again for more)")
	f.StringVarP(&r.Output, "output", "o", "", "table, json or csv (default: table on a terminal, else json)")
	f.StringVar(&r.Lang, "lang", "en", "language of titles: en or ja")
	return c
}
