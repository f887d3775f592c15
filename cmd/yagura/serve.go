package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/config"
)

// settings reads the configuration as every command does.
func (g *global) settings() (config.Config, error) {
	environ := os.Environ()
	if g.data != "" {
		abs, err := filepath.Abs(g.data) // counts from here, not from the folder of the file
		if err != nil {
			return config.Config{}, fmt.Errorf("resolving %s: %w", g.data, err)
		}
		environ = append(environ, "YAGURA_DATA="+abs)
	}
	c, err := config.Load(g.config, environ)
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

func serveCommand(g *global) *cobra.Command {
	var verbose, jsonLog bool
	var ui string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Watch the sources, load what arrives, serve the web page",
		Long:  "Without a configuration, serve watches the folder inbox/ in the data folder. It stops on SIGTERM or Ctrl-C after\ngiving back what it had not finished.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			return app.Serve(cmd.Context(), cfg, logger(cmd, verbose, jsonLog), ui, func(addr string) {
				fmt.Fprintf(cmd.ErrOrStderr(), "yagura: watching %s; web page on %s (health: /healthz, metrics: /metrics)\n", app.Inbox(cfg), webAddress(cfg, addr))
			})
		},
	}
	c.Flags().StringVar(&ui, "ui-dir", "", "serve the web page from this folder (web/dist) instead of the one in the program")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "log what a developer wants to see")
	c.Flags().BoolVar(&jsonLog, "log-json", false, "log JSON lines")
	return c
}

// webAddress is what a browser is given.
func webAddress(c config.Config, addr string) string {
	scheme := "http://"
	if c.TLS.Cert != "" {
		scheme = "https://"
	}
	return scheme + addr
}

func logger(cmd *cobra.Command, verbose, jsonLog bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if verbose {
		o.Level = slog.LevelDebug
	}
	if jsonLog {
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), o))
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), o))
}

// quiet logs only what a person must act on: for commands that report in their own way.
func quiet(cmd *cobra.Command) *slog.Logger {
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
}
