package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
)

func demoCommand(*global) *cobra.Command {
	var dir, listen, ui string
	var questions, noServe, open bool
	c := &cobra.Command{
		Use: "demo", Short: "Write eight days of made-up logs, load them, show them in a web page", Args: cobra.NoArgs,
		Long: "The web page is served until Ctrl-C. Nothing leaves the machine, and every name in the logs is made up.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			bar := newLoadBar(cmd.ErrOrStderr())
			cfg, err := app.RunDemo(cmd.Context(), app.DemoOptions{Dir: dir, Questions: questions, Progress: bar.update, Started: time.Now()}, quiet(cmd), cmd.OutOrStdout())
			bar.close()
			if err != nil {
				return err
			}
			if noServe {
				fmt.Fprintf(cmd.OutOrStdout(), "See it in the web page:  ./yagura serve -c %s/yagura.yaml\n", strings.TrimSuffix(dir, "/"))
				return nil
			}
			if cfg.Listen = listen; !cmd.Flags().Changed("listen") && taken(listen) {
				cfg.Listen = "127.0.0.1:0"
			}
			if err := cfg.Validate(); err != nil {
				return usageError{err}
			}
			if !cmd.Flags().Changed("open") {
				open = desktop(cmd)
			}
			return app.Serve(cmd.Context(), cfg, quiet(cmd), ui, func(addr string) {
				address := webAddress(cfg, addr)
				fmt.Fprintf(cmd.OutOrStdout(), "\nThe AWS WAF dashboard:  %s%s\nCtrl-C ends it.\n", address, firstPage)
				if open {
					browse(address + firstPage)
				}
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", ".demo", "folder to write; a former demonstration in it is replaced")
	c.Flags().BoolVar(&questions, "questions", false, "print questions with their answers")
	c.Flags().BoolVar(&noServe, "no-serve", false, "end when everything is loaded")
	c.Flags().BoolVar(&open, "open", false, "open the browser (by itself on a desktop)")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8514", "address of the web page; a free port of this machine when it is taken and none was named")
	c.Flags().StringVar(&ui, "ui-dir", "", "serve the web page from this folder (web/dist) instead of the one in the program")
	return c
}

// taken tells whether somebody listens on an address already.
func taken(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}

// desktop tells whether a person sits before this terminal who has a browser here.
func desktop(cmd *cobra.Command) bool {
	if !isTerminal(cmd.OutOrStdout()) || os.Getenv("SSH_CONNECTION") != "" || os.Getenv("CI") != "" {
		return false
	}
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// firstPage is where the demonstration begins.
const firstPage = "/dashboards/aws-waf"

// browse opens the browser as well as it can; the address was printed.
func browse(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
