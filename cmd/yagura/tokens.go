package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
)

func tokensCommand(g *global) *cobra.Command {
	c := &cobra.Command{
		Use: "tokens", Short: "Make and revoke tokens by which programs use the API",
		Long: "A token acts for its owner and never may more than that user's role. Its secret is shown once, when it is made.",
	}
	c.AddCommand(tokensCreate(g), tokensList(g), tokensRevoke(g))
	return c
}

func tokensCreate(g *global) *cobra.Command {
	r := httpapi.TokenRequest{Do: "create"}
	var output string
	var days int
	c := &cobra.Command{
		Use: "create NAME", Short: "Make a token and print its secret", Args: cobra.ExactArgs(1),
		Example: "  yagura tokens create prometheus --user sato --scope read --days 365\n  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8514/metrics",
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 0 || days > 3650 {
				return usageError{fmt.Errorf("--days %d: want 1 to 3650, or 0 for a token that lasts until it is revoked", days)}
			}
			r.Name, r.By, r.Lasts = args[0], app.Commander(), time.Duration(days)*24*time.Hour
			return g.service(cmd, func(svc httpapi.Service) error {
				list, err := svc.Tokens(cmd.Context(), r)
				if err != nil {
					return err
				}
				if output == "json" {
					_, err := asJSON(cmd, output, list[0])
					return err
				}
				t := list[0]
				until := "until it is revoked"
				if !t.Expires.IsZero() {
					until = "until " + when(t.Expires)
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "token %s (%s) of %s: %s, %s. The secret is not shown again:\n", t.ID, query.Visible(t.Name), t.Owner, strings.Join(t.Scopes, ", "), until)
				fmt.Fprintln(cmd.OutOrStdout(), t.Secret)
				return nil
			})
		},
	}
	c.Flags().StringVar(&r.Owner, "user", "", "the user it acts for")
	c.Flags().StringSliceVar(&r.Scopes, "scope", []string{"read"}, "read, export, alerts:write, content:write, intake:write, admin")
	c.Flags().IntVar(&days, "days", 90, "how long it lasts; 0 = until it is revoked")
	c.Flags().StringVarP(&output, "output", "o", "", "json for all of it; else the secret alone")
	return c
}

func tokensList(g *global) *cobra.Command {
	var r httpapi.TokenRequest
	var output string
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List tokens, without their secrets", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				list, err := svc.Tokens(cmd.Context(), r)
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, list); done {
					return err
				}
				t := newTable(cmd, "id", "user", "name", "scopes", "made", "expires", "last used", "from")
				for _, k := range list {
					t.AppendRow(table.Row{k.ID, k.Owner, query.Visible(k.Name), strings.Join(k.Scopes, " "), when(k.Created), when(k.Expires), when(k.Used), k.From})
				}
				t.Render()
				return nil
			})
		},
	}
	c.Flags().StringVar(&r.Owner, "user", "", "only of this user")
	outputFlag(c, &output)
	return c
}

func tokensRevoke(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Make a token stop working", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				_, err := svc.Tokens(cmd.Context(), httpapi.TokenRequest{Do: "revoke", ID: args[0], By: app.Commander()})
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), "revoked", args[0])
				}
				return err
			})
		},
	}
}
