package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
)

func auditCommand(g *global) *cobra.Command {
	var r httpapi.AuditRequest
	var output string
	c := &cobra.Command{
		Use: "audit", Short: "Show who did and looked at what, newest first", Args: cobra.NoArgs,
		Example: "  yagura audit --since 7d --action login --outcome failed\n  yagura audit --user sato --since now/d -o csv > today.csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.Limit < 1 {
				return usageError{fmt.Errorf("--limit %d: want 1 or more", r.Limit)}
			}
			write, err := auditWriter(cmd, output)
			if err != nil {
				return err
			}
			return g.service(cmd, func(svc httpapi.Service) error {
				left := r.Limit
				for {
					r.Limit = min(left, 1000)
					a, err := svc.Audit(cmd.Context(), r)
					if err != nil {
						return err
					}
					left -= len(a.Entries)
					last := a.Next == 0 || left <= 0
					if err := write(a.Entries, last); err != nil {
						return err
					}
					if last {
						return nil
					}
					r.After = a.Next
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&r.Since, "since", "", "from this time on, such as 24h, 7d, now/d or 2026-11-01")
	f.StringVar(&r.Until, "until", "", "before this time")
	f.StringVar(&r.Who, "user", "", "only this user, with the tokens of that user")
	f.StringVar(&r.Action, "action", "", "only this action (login, query, user.add …) or group of actions (user, token …)")
	f.StringVar(&r.Outcome, "outcome", "", "only done, failed or denied")
	f.IntVar(&r.Limit, "limit", 100, "at most this many entries")
	f.StringVarP(&output, "output", "o", "", "table, json (one line each) or csv (default: table on a terminal, else json)")
	return c
}

// auditWriter returns what writes pages of entries; last is true once.
func auditWriter(cmd *cobra.Command, output string) (func(list []httpapi.AuditEntry, last bool) error, error) {
	out := cmd.OutOrStdout()
	if output == "" {
		output = "json"
		if isTerminal(out) {
			output = "table"
		}
	}
	switch output {
	case "json", "ndjson":
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return func(list []httpapi.AuditEntry, _ bool) error {
			for _, e := range list {
				if err := enc.Encode(e); err != nil {
					return err
				}
			}
			return nil
		}, nil
	case "csv":
		return auditCSV(out)
	case "table":
		t := newTable(cmd, "time", "who", "from", "action", "target", "outcome", "detail")
		return func(list []httpapi.AuditEntry, last bool) error {
			for _, e := range list {
				t.AppendRow(table.Row{when(e.Time), query.Visible(e.Who), e.Address, e.Action, query.Visible(e.Target), e.Outcome, query.Visible(detailText(e.Detail))})
			}
			if last {
				t.Render()
			}
			return nil
		}, nil
	}
	return nil, usageError{fmt.Errorf("output %q: want table, json or csv", output)}
}

func auditCSV(out io.Writer) (func([]httpapi.AuditEntry, bool) error, error) {
	w := csv.NewWriter(out)
	head := []string{"time", "who", "address", "action", "target", "outcome", "detail"}
	return func(list []httpapi.AuditEntry, last bool) error {
		if head != nil {
			_ = w.Write(head) // errors stay until Flush
			head = nil
		}
		for _, e := range list {
			row := []string{e.Time.UTC().Format(time.RFC3339Nano), e.Who, e.Address, e.Action, e.Target, e.Outcome, detailText(e.Detail)}
			for i, cell := range row {
				// A spreadsheet must not run what an attacker typed as a name.
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					row[i] = "'" + cell
				}
			}
			_ = w.Write(row)
		}
		w.Flush()
		return w.Error()
	}, nil
}

func detailText(d map[string]any) string {
	if len(d) == 0 {
		return ""
	}
	b, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return string(b)
}
