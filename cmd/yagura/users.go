package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

func usersCommand(g *global) *cobra.Command {
	c := &cobra.Command{
		Use: "users", Short: "Add, list and change who may sign in",
		Long: "While there is no user, everybody on this machine may do everything in the web page. With the first user, who must be\nan admin, signing in is demanded. The command works beside a running server.",
	}
	c.AddCommand(usersAdd(g), usersList(g), usersPassword(g), usersRole(g), usersDisable(g, "disable"), usersDisable(g, "enable"), usersRemove(g))
	return c
}

// changeUser asks for a change and says what came of it.
func (g *global) changeUser(cmd *cobra.Command, r httpapi.UserRequest, said string) error {
	r.By = app.Commander()
	return g.service(cmd, func(svc httpapi.Service) error {
		list, err := svc.Users(cmd.Context(), r)
		if err != nil {
			return err
		}
		name, role := r.Name, ""
		if len(list) == 1 {
			name, role = list[0].Name, list[0].Role
		}
		fmt.Fprintln(cmd.OutOrStdout(), strings.NewReplacer("NAME", name, "ROLE", role).Replace(said))
		return nil
	})
}

func usersAdd(g *global) *cobra.Command {
	var fromStdin, mustChange bool
	r := httpapi.UserRequest{Do: "add"}
	var lang string
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a user", Args: cobra.ExactArgs(1),
		Example: "  yagura users add sato --role admin\n  pwgen 20 1 | yagura users add tanaka --role viewer --password-stdin --must-change",
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readPassword(cmd, fromStdin)
			if err != nil {
				return err
			}
			r.Name, r.Password, r.MustChange, r.Lang = args[0], &password, &mustChange, &lang
			return g.changeUser(cmd, r, "added NAME, ROLE")
		},
	}
	c.Flags().StringVar(&r.Role, "role", "viewer", "viewer (looks), analyst (also works on alerts, saves, exports), admin (also users, tokens, audit log)")
	c.Flags().StringVar(&lang, "lang", "", "language of the web page: en or ja (default: as the browser says)")
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&mustChange, "must-change", false, "the password must be changed at the first sign-in")
	return c
}

func usersList(g *global) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List users", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.service(cmd, func(svc httpapi.Service) error {
				list, err := svc.Users(cmd.Context(), httpapi.UserRequest{})
				if err != nil {
					return err
				}
				if done, err := asJSON(cmd, output, list); done {
					return err
				}
				t := newTable(cmd, "name", "role", "state", "sessions", "tokens", "last login", "added")
				for _, u := range list {
					state := "active"
					switch {
					case u.Disabled:
						state = "disabled"
					case u.MustChange:
						state = "must change password"
					}
					t.AppendRow(table.Row{u.Name, u.Role, state, u.Sessions, u.Tokens, when(u.LastLogin), when(u.Created)})
				}
				t.Render()
				return nil
			})
		},
	}
	outputFlag(c, &output)
	return c
}

func usersPassword(g *global) *cobra.Command {
	var fromStdin, mustChange bool
	c := &cobra.Command{
		Use: "password NAME", Short: "Set a new password; all sessions of the user end", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readPassword(cmd, fromStdin)
			if err != nil {
				return err
			}
			return g.changeUser(cmd, httpapi.UserRequest{Do: "change", Name: args[0], Password: &password, MustChange: &mustChange}, "new password for NAME; the sessions ended")
		},
	}
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&mustChange, "must-change", false, "the password must be changed at the next sign-in")
	return c
}

func usersRole(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "role NAME ROLE", Short: "Give a user another role; all sessions of the user end", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.changeUser(cmd, httpapi.UserRequest{Do: "change", Name: args[0], Role: args[1]}, "NAME is ROLE now; the sessions ended")
		},
	}
}

func usersDisable(g *global, verb string) *cobra.Command {
	short := "Keep a user from signing in; sessions end and tokens stop working"
	if verb == "enable" {
		short = "Let a disabled user sign in again"
	}
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			disabled := verb == "disable"
			return g.changeUser(cmd, httpapi.UserRequest{Do: "change", Name: args[0], Disabled: &disabled}, "NAME is "+verb+"d")
		},
	}
}

func usersRemove(g *global) *cobra.Command {
	r := httpapi.UserRequest{Do: "remove"}
	c := &cobra.Command{
		Use: "remove NAME", Aliases: []string{"rm"}, Short: "Remove a user with all sessions and tokens", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Name = args[0]
			return g.changeUser(cmd, r, "removed NAME")
		},
	}
	c.Flags().BoolVar(&r.Reopen, "reopen", false, "remove even the only user: then everybody on this machine may do everything again")
	return c
}

// readPassword asks twice on a terminal, without showing what is typed, or takes the first line of
// standard input.
func readPassword(cmd *cobra.Command, fromStdin bool) (string, error) {
	if fromStdin {
		line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usageError{errors.New("there is no terminal to ask for the password: use --password-stdin")}
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(cmd.ErrOrStderr(), prompt)
		b, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("reading the password: %w", err)
		}
		return string(b), nil
	}
	first, err := ask("New password (at least 12 characters): ")
	if err != nil {
		return "", err
	}
	again, err := ask("Again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", usageError{errors.New("the two passwords differ")}
	}
	return first, nil
}
