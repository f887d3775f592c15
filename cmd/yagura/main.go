// Command yagura reads security logs from folders and buckets, normalizes and stores them, and
// answers questions about them. Each subcommand has a file of its own: flags only, no logic.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// Exit codes, the same for all commands.
const (
	exitOK          = 0
	exitError       = 1   // it could not be done
	exitUsage       = 2   // what was asked is wrong: a flag, a query, a file
	exitPartial     = 3   // done, but some records or objects were refused
	exitInterrupted = 130 // stopped by a signal
)

// errPartial ends a command that did its work but refused some input, which it has already
// reported.
var errPartial = errors.New("some input was refused")

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the whole program, so that tests can call it in process.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := command()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(stderr, "yagura: interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "yagura: %v\n", err)
	var user *httpapi.UserError
	var usage usageError
	var mistakes content.Problems // in a definition
	if errors.As(err, &user) || errors.As(err, &usage) || errors.As(err, &mistakes) {
		return exitUsage
	}
	return exitError
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// global are the flags of every command.
type global struct {
	config string
	data   string
}

func command() *cobra.Command {
	g := &global{}
	root := &cobra.Command{
		Use:           "yagura",
		Short:         "Security logs in, answers out",
		Long:          "Yagura reads security logs from folders and S3 buckets, normalizes them to ECS, stores them as open Parquet\nfiles exactly once, and answers questions about them.\n\nExit codes: 0 done, 1 could not be done, 2 wrong use or bad query, 3 done but some input was refused, 130 interrupted.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       app.Version(),
	}
	root.SetVersionTemplate("yagura {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
	})
	root.PersistentFlags().StringVarP(&g.config, "config", "c", os.Getenv("YAGURA_CONFIG"), "configuration file")
	root.PersistentFlags().StringVar(&g.data, "data", "", "data folder (overrides the configuration)")
	root.AddCommand(
		serveCommand(g), loadCommand(g), queryCommand(g), parseCommand(g), explainCommand(g),
		logtypesCommand(g), rulesCommand(g), alertsCommand(g), lintCommand(g), testCommand(g), sourcesCommand(g), quarantineCommand(g),
		usersCommand(g), tokensCommand(g), auditCommand(g),
		configCommand(g), dashboardsCommand(g), demoCommand(g), benchCommand(g), versionCommand(),
	)
	wrapArgs(root)
	return root
}

// wrapArgs makes wrong numbers of arguments, and unknown commands, usage errors.
func wrapArgs(c *cobra.Command) {
	if c.HasSubCommands() && !c.Runnable() {
		c.Args = oneOf
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	} else if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, s := range c.Commands() {
		wrapArgs(s)
	}
}

// oneOf accepts no argument: whatever stands behind a group of commands should have been one of them.
func oneOf(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	err := fmt.Errorf("%s has no command %q", c.CommandPath(), args[0])
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %q?", err, near[0])
	}
	return usageError{fmt.Errorf("%w (see %s --help)", err, c.CommandPath())}
}
