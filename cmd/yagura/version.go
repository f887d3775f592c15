package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "yagura", app.Version()) },
	}
}
