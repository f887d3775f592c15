package main

import (
	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
)

func demoCommand(*global) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "demo", Short: "Write eight days of made-up logs, load them, ask questions", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			bar := newLoadBar(cmd.ErrOrStderr())
			defer bar.close()
			return app.RunDemo(cmd.Context(), dir, quiet(cmd), cmd.OutOrStdout(), bar.update)
		},
	}
	c.Flags().StringVar(&dir, "dir", ".demo", "folder to write; a former demonstration in it is replaced")
	return c
}
