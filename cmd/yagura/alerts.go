package main

import (
	"fmt"
	"os/user"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
)

func alertsCommand(g *global) *cobra.Command {
	c := &cobra.Command{Use: "alerts", Short: "See and settle what the rules found"}
	c.AddCommand(alertsList(g), alertsShow(g),
		alertsAct(g, "ack", "acknowledge", "Say that somebody looks at alerts"),
		alertsAct(g, "close", "close", "Close alerts; a later finding opens them again"),
		alertsAct(g, "reopen", "reopen", "Open closed alerts again"),
		alertsAct(g, "comment", "comment", "Write a note into the history of alerts"))
	return c
}

func alertsList(g *global) *cobra.Command {
	var q httpapi.AlertQuery
	var output string
	var all bool
	c := &cobra.Command{
		Use: "list [TEXT…]", Short: "List alerts, the latest first", Args: cobra.ArbitraryArgs,
		Long: "Lists open alerts whose title, rule, id or group holds all words of TEXT. The first column is enough of an\nid for the other commands.",
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Text = strings.Join(args, " ")
			if len(q.Status) == 0 && !all {
				q.Status = []string{"new", "acknowledged"}
			}
			return g.service(cmd, func(svc httpapi.Service) error {
				page, err := svc.Alerts(cmd.Context(), q)
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, page); done {
					return err
				}
				t := newTable(cmd, "id", "severity", "status", "title", "about", "findings", "first seen", "last seen", "assignee")
				for _, a := range page.Items {
					t.AppendRow(table.Row{a.ID[:10], a.Severity, statusText(a), query.Visible(a.Title), query.Visible(about(a.Group)), humanize.Comma(a.Findings), when(a.First), when(a.Last), query.Visible(a.Assignee)})
				}
				t.Render()
				if page.Next != "" {
					fmt.Fprintln(cmd.OutOrStdout(), "there are more: see --limit, or the next page by --cursor "+page.Next)
				}
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringSliceVar(&q.Status, "status", nil, "new, acknowledged, closed (default: the first two)")
	f.BoolVarP(&all, "all", "a", false, "closed ones too")
	f.StringSliceVar(&q.Severity, "severity", nil, "critical, high, medium, low, informational")
	f.StringSliceVar(&q.Rule, "rule", nil, "only alerts of the rule with this id")
	f.StringArrayVar(&q.Group, "group", nil, "only alerts about this: field=value, or a value")
	f.StringVar(&q.Sort, "sort", "", "last_seen, created, severity or findings")
	f.IntVar(&q.Limit, "limit", 100, "at most this many, up to 1000")
	f.StringVar(&q.Cursor, "cursor", "", "go on behind a page")
	outputFlag(c, &output)
	return c
}

func statusText(a httpapi.Alert) string {
	s := a.Status
	if a.Reason != "" {
		s += " (" + a.Reason + ")"
	}
	if a.Backfill {
		s += ", old events"
	}
	return s
}

func about(group []httpapi.FieldValue) string {
	parts := make([]string, len(group))
	for i, f := range group {
		parts[i] = f.Field + "=" + f.Value
	}
	return strings.Join(parts, " ")
}

func alertsShow(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "show ID", Short: "Show one alert: why, evidence, what to do, history", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				a, err := svc.Alert(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, a); done {
					return err
				}
				printAlert(cmd, a)
				return nil
			})
		},
	}
	outputFlag(c, &output)
	return c
}

func printAlert(cmd *cobra.Command, a httpapi.AlertDetail) {
	out := cmd.OutOrStdout()
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(out, "%-10s %s\n", name, query.Visible(text))
		}
	}
	fmt.Fprintf(out, "%s\n\n", query.Visible(a.Title))
	line("id", a.ID)
	line("severity", a.Severity)
	line("status", statusText(a.Alert))
	line("assignee", a.Assignee)
	line("about", about(a.Group))
	line("findings", fmt.Sprintf("%s, %s to %s", humanize.Comma(a.Findings), when(a.First), when(a.Last)))
	line("log types", strings.Join(a.LogTypes, ", "))
	rule := a.Rule.ID
	if a.Rule.Author != "" {
		rule += " by " + a.Rule.Author
	}
	if a.Rule.License != "" {
		rule += " (" + a.Rule.License + ")"
	}
	line("rule", rule)
	line("see", strings.Join(a.Rule.References, " "))
	line("query", "yagura query '"+a.Where+"'")
	paragraph := func(title, text string) {
		if text != "" {
			fmt.Fprintf(out, "\n%s\n", title)
			for l := range strings.Lines(text) {
				fmt.Fprintf(out, "  %s\n", query.Visible(strings.TrimRight(l, "\n")))
			}
		}
	}
	paragraph("Why", a.WhyEN)
	paragraph("What to do", a.RunbookEN)
	paragraph("Often harmless when", strings.Join(a.False, "\n"))
	if len(a.Samples) > 0 {
		fmt.Fprintln(out, "\nFindings")
		for _, s := range a.Samples {
			fmt.Fprintf(out, "  %s  %s\n", when(s.Time), query.Visible(s.SentenceEN))
			for _, f := range s.Fields {
				fmt.Fprintf(out, "      %s = %s\n", query.Visible(f.Field), query.Visible(f.Value))
			}
			fmt.Fprintf(out, "      event %s\n", s.Event)
		}
	}
	fmt.Fprintln(out, "\nHistory")
	for _, e := range a.Log {
		fmt.Fprintf(out, "  %s  %s %s %s\n", when(e.Time), query.Visible(e.Who), e.Action, query.Visible(e.Note))
	}
}

func alertsAct(g *global, use, action, short string) *cobra.Command {
	act := httpapi.AlertAct{Action: action}
	c := &cobra.Command{
		Use: use + " ID…", Short: short, Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			act.IDs = args
			if act.Who == "" {
				act.Who = me()
			}
			return g.service(cmd, func(svc httpapi.Service) error {
				list, err := svc.ActOnAlerts(cmd.Context(), act)
				if err != nil {
					return err
				}
				for _, a := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%s is %s: %s\n", a.ID[:10], statusText(a), query.Visible(a.Title))
				}
				return nil
			})
		},
	}
	c.Flags().StringVarP(&act.Note, "note", "m", "", "text for the history")
	c.Flags().StringVar(&act.Who, "who", "", "who does it (default: your name on this machine)")
	if action == "close" {
		c.Flags().StringVar(&act.Reason, "reason", "", "resolved (default), false_positive, expected, duplicate, wont_fix")
	}
	return c
}

// me is the name of who runs this command.
func me() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "command line"
}
