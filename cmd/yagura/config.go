package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/config"
)

func configCommand(g *global) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Make, check and show the configuration"}
	c.AddCommand(
		&cobra.Command{
			Use: "init FILE", Short: "Write a commented file to start from", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if errors.Is(err, os.ErrExist) {
					return usageError{fmt.Errorf("%s is there already; it is left as it is", args[0])}
				}
				if err != nil {
					return fmt.Errorf("writing a configuration: %w", err)
				}
				if _, err := f.Write(config.Example()); err != nil {
					return fmt.Errorf("writing a configuration: %w", err)
				}
				return f.Close()
			},
		},
		&cobra.Command{
			Use: "check [FILE]", Short: "Say what is wrong with a configuration", Args: cobra.MaximumNArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				if len(args) == 1 {
					g.config = args[0]
				}
				if _, err := g.settings(); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "ok")
				return nil
			},
		},
		&cobra.Command{
			Use: "show", Short: "Show the configuration in force, secrets redacted", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				cfg, err := g.settings()
				if err != nil {
					return err
				}
				b, err := cfg.Show()
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(b)
				return err
			},
		},
		&cobra.Command{
			Use: "schema", Short: "Print the JSON Schema of the file, for editors", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				b, err := config.Schema()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", b)
				return err
			},
		},
	)
	return c
}
