package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

func queryCommand(g *global) *cobra.Command {
	var q httpapi.QueryRequest
	c := &cobra.Command{
		Use:   "query [QUERY]",
		Short: "Ask a question",
		Long:  "QUERY is a condition, optionally followed by statistics; docs/query-language.md has the grammar.",
		Example: `  yagura query 'source.ip:203.0.113.0/24 and event.action:BLOCK' --since 24h
  yagura query 'event.action:BLOCK | stats count() as n by source.ip | sort n desc | limit 10' --since 7d -o csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("a query is one argument: put it in single quotes, '%s'", strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				q.Text = args[0]
			}
			if q.Output == "" {
				q.Output = "ndjson"
				if isTerminal(cmd.OutOrStdout()) {
					q.Output = "table"
				}
			}
			q.Width = width(cmd.OutOrStdout())
			svc, closeService, err := app.Connect(cmd.Context(), cfg, quiet(cmd))
			if err != nil {
				return err
			}
			defer closeService()
			return svc.Query(cmd.Context(), q, cmd.OutOrStdout(), func(text string) {
				fmt.Fprintln(cmd.ErrOrStderr(), "note:", text)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&q.Since, "since", "24h", "from: a span back from now (24h, 7d) or a time (2026-11-01, 2026-11-01T10:00+09:00)")
	f.StringVar(&q.Until, "until", "", "to: a span back from now or a time (default: now)")
	f.StringVar(&q.Zone, "zone", "", "time zone of days and of times without one, such as Asia/Tokyo")
	f.StringVarP(&q.Output, "output", "o", "", "table, json, ndjson or csv (default: table on a terminal, else ndjson)")
	f.IntVar(&q.Limit, "limit", 0, "at most this many events (default 100; statistics: 10000)")
	f.StringVar(&q.Lang, "sentence", "", "add a readable sentence to each event: en or ja")
	f.BoolVar(&q.Yes, "yes", false, "agree to search a free text in very many events")
	f.BoolVar(&q.Stats, "stats", false, "say on the last line what the answer cost (table only)")
	return c
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}
