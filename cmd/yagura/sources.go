package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
)

// service connects and calls f with whoever holds the data folder.
func (g *global) service(cmd *cobra.Command, f func(httpapi.Service) error) error {
	cfg, err := g.settings()
	if err != nil {
		return err
	}
	svc, closeService, err := app.Connect(cmd.Context(), cfg, quiet(cmd))
	if err != nil {
		return err
	}
	defer closeService()
	return f(svc)
}

func sourcesCommand(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "sources", Short: "Show each source: objects, events, failures", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				list, err := svc.Sources(cmd.Context())
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, list); done {
					return err
				}
				t := newTable(cmd, "source", "kind", "where", "pending", "lag", "done", "unrecognized", "failed", "events", "quarantined", "read", "last commit", "error")
				for _, s := range list {
					t.AppendRow(table.Row{query.Visible(s.Name), s.Kind, query.Visible(s.Where), s.Pending, s.Lag.Round(time.Second), s.Done, s.Unrecognized, s.Failed, humanize.Comma(s.Events), s.Quarantined, humanize.Bytes(uint64(max(s.Bytes, 0))), when(s.LastCommit), query.Visible(s.Error)})
				}
				t.Render()
				return nil
			})
		},
	}
	outputFlag(c, &output)
	return c
}

func quarantineCommand(g *global) *cobra.Command {
	c := &cobra.Command{Use: "quarantine", Short: "See and replay records that could not be read"}
	c.AddCommand(quarantineList(g), quarantineShow(g), quarantineReplay(g))
	return c
}

func selectFlags(c *cobra.Command, q *httpapi.QuarantineRequest) {
	c.Flags().StringVarP(&q.Type, "type", "t", "", "only records of this log type")
	c.Flags().StringVar(&q.Reason, "reason", "", "only records with this reason")
}

func quarantineList(g *global) *cobra.Command {
	var q httpapi.QuarantineRequest
	var output string
	c := &cobra.Command{
		Use: "ls", Short: "Count by log type and reason, or list one group", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				a, err := svc.Quarantine(cmd.Context(), q)
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, a); done {
					return err
				}
				if q.Type == "" && q.Reason == "" {
					t := newTable(cmd, "log type", "reason", "records", "last", "for example")
					for _, r := range a.Groups {
						t.AppendRow(table.Row{query.Visible(r.Type), r.Reason, r.Count, when(r.Last), query.Visible(r.Sample)})
					}
					t.Render()
					return nil
				}
				t := newTable(cmd, "id", "log type", "reason", "object", "offset", "length", "detail")
				for _, r := range a.Records {
					t.AppendRow(table.Row{r.ID, query.Visible(r.Type), r.Reason, query.Visible(r.Object), r.Offset, r.Length, query.Visible(r.Detail)})
				}
				t.Render()
				return nil
			})
		},
	}
	selectFlags(c, &q)
	c.Flags().IntVar(&q.Limit, "limit", 100, "at most this many records")
	outputFlag(c, &output)
	return c
}

func quarantineShow(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "show ID", Short: "Show one record: where, why, and its masked bytes", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return usageError{fmt.Errorf("%q is no record id; see yagura quarantine ls --reason …", args[0])}
			}
			return g.service(cmd, func(svc httpapi.Service) error {
				a, err := svc.Quarantine(cmd.Context(), httpapi.QuarantineRequest{ID: id})
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, a.Records); done {
					return err
				}
				for _, r := range a.Records {
					out := cmd.OutOrStdout()
					fmt.Fprintf(out, "id        %d\nobject    %s\nlog type  %s\nreason    %s\nposition  byte %d, %d bytes\nsha256    %s\ntime      %s\n\n",
						r.ID, query.Visible(r.Object), query.Visible(r.Type), because(r.Reason, r.Detail), r.Offset, r.Length, r.SHA256, when(r.Time))
					if utf8.Valid(r.Raw) {
						fmt.Fprintln(out, query.Visible(string(r.Raw)))
					} else {
						fmt.Fprintf(out, "(not UTF-8, base64) %s\n", base64.StdEncoding.EncodeToString(r.Raw))
					}
				}
				return nil
			})
		},
	}
	outputFlag(c, &output)
	return c
}

func quarantineReplay(g *global) *cobra.Command {
	var q httpapi.QuarantineRequest
	c := &cobra.Command{
		Use: "replay [ID]", Short: "Normalize quarantined records again (after a definition was mended)", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				id, err := strconv.ParseInt(args[0], 10, 64)
				if err != nil || id <= 0 {
					return usageError{fmt.Errorf("%q is no record id", args[0])}
				}
				q.ID = id
			}
			return g.service(cmd, func(svc httpapi.Service) error {
				s, err := svc.Replay(cmd.Context(), q)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d replayed: %d events, %d filtered; %d failed again, %d were kept only in part and need their object loaded again\n", s.Replayed, s.Events, s.Filtered, s.Left, s.Cut)
				if s.Left+s.Cut > 0 {
					return errPartial
				}
				return nil
			})
		},
	}
	selectFlags(c, &q)
	return c
}

func outputFlag(c *cobra.Command, output *string) {
	c.Flags().StringVarP(output, "output", "o", "", "table or json (default: table on a terminal, else json)")
}

// asJSON prints v as JSON when that is the output asked for.
func asJSON(cmd *cobra.Command, output string, v any) (bool, error) {
	switch output {
	case "":
		if isTerminal(cmd.OutOrStdout()) {
			return false, nil
		}
	case "table":
		return false, nil
	case "json":
	default:
		return true, usageError{fmt.Errorf("output %q: want table or json", output)}
	}
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetIndent("", "  ")
	return true, enc.Encode(v)
}

func newTable(cmd *cobra.Command, head ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(cmd.OutOrStdout())
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateRows = false
	t.AppendHeader(table.Row(head))
	return t
}

// because joins why a record was refused with what there is to say about it.
func because(reason, detail string) string {
	if detail == "" {
		return reason
	}
	return reason + ": " + query.Visible(detail)
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
