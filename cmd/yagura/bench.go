package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"github.com/yagura-siem/yagura/internal/app"
)

func benchCommand(g *global) *cobra.Command {
	var profile string
	var out *os.File
	c := &cobra.Command{
		Use: "bench", Short: "Measure this machine; the figures come as JSON",
		Long: "How each figure is measured stands in docs/performance.md.",
		PersistentPreRunE: func(*cobra.Command, []string) (err error) {
			if profile == "" {
				return nil
			}
			if out, err = os.Create(profile); err != nil {
				return fmt.Errorf("writing a profile: %w", err)
			}
			return pprof.StartCPUProfile(out)
		},
		PersistentPostRunE: func(*cobra.Command, []string) error {
			if out == nil {
				return nil
			}
			pprof.StopCPUProfile()
			return out.Close()
		},
	}
	c.PersistentFlags().StringVar(&profile, "cpuprofile", "", "write a CPU profile of the whole command to a file")
	c.AddCommand(benchIngest(), benchParse(g), benchQuery(), benchArrive(), benchLedger(), benchBoard())
	return c
}

func printJSON(cmd *cobra.Command, v any) error {
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func benchIngest() *cobra.Command {
	var o app.IngestOptions
	c := &cobra.Command{
		Use: "ingest", Short: "Load a corpus: gunzip to committed parts with enrichment", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := app.BenchIngest(cmd.Context(), o, quiet(cmd), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Dir, "dir", ".cache/bench-ingest", "folder for corpus and data; a former bench in it is replaced")
	f.StringVar(&o.Kind, "kind", "waf", "waf, alb or cloudtrail")
	f.IntVar(&o.Records, "records", 2_000_000, "records in the corpus")
	f.IntVar(&o.PerObject, "per-object", 35_000, "records in an object")
	f.BoolVar(&o.Originals, "originals", false, "keep the original records")
	return c
}

func benchParse(g *global) *cobra.Command {
	var d time.Duration
	c := &cobra.Command{
		Use: "parse", Short: "Scan and map on one core, from decoded bytes to columns", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			b, err := app.BenchParse(cmd.Context(), cfg, d, quiet(cmd))
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	c.Flags().DurationVar(&d, "time", 5*time.Second, "how long each kind is measured")
	return c
}

func benchArrive() *cobra.Command {
	var dir string
	var objects int
	var over time.Duration
	c := &cobra.Command{
		Use: "arrive", Short: "Drop small objects into the inbox and see how soon they can be searched", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := app.BenchArrive(cmd.Context(), dir, objects, over, quiet(cmd), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	c.Flags().StringVar(&dir, "dir", ".cache/bench-arrive", "folder of the bench; a former one in it is replaced")
	c.Flags().IntVar(&objects, "objects", 10_000, "how many objects of 1 to 50 KB")
	c.Flags().DurationVar(&over, "over", time.Minute, "the time in which they arrive")
	return c
}

func benchLedger() *cobra.Command {
	var dir string
	var objects int
	c := &cobra.Command{
		Use: "ledger", Short: "Start over a ledger of very many objects", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := app.BenchLedger(cmd.Context(), dir, objects, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	c.Flags().StringVar(&dir, "dir", ".cache/bench-ledger", "folder of the bench; a former one in it is replaced")
	c.Flags().IntVar(&objects, "objects", 10_000_000, "objects in the ledger")
	return c
}

func benchQuery() *cobra.Command {
	var o app.QueryOptions
	c := &cobra.Command{
		Use: "query", Short: "Ask the questions of the engine study, beside plain SQL over the same parts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := app.BenchQuery(cmd.Context(), o, quiet(cmd), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	c.Flags().StringVar(&o.Dir, "dir", ".cache/bench-query", "folder of the bench; loaded data in it is used again")
	c.Flags().IntVar(&o.Records, "records", 10_000_000, "WAF records")
	c.Flags().IntVar(&o.Rounds, "rounds", 5, "rounds of each question; the best counts")
	c.Flags().BoolVar(&o.DashboardOnly, "dashboard", false, "only the dashboard")
	return c
}

func benchBoard() *cobra.Command {
	var o app.BoardOptions
	var prepare bool
	c := &cobra.Command{
		Use: "board", Short: "Refresh a shipped dashboard over a folder of bench query, cold and warm", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if prepare {
				day, err := app.PrepareBoardBench(cmd.Context(), o, quiet(cmd), cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				return printJSON(cmd, map[string]string{"dir": o.Dir, "day": time.Unix(0, day.Start()).UTC().Format(time.DateOnly)})
			}
			b, err := app.BenchBoard(cmd.Context(), o, quiet(cmd), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printJSON(cmd, b)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Dir, "dir", ".cache/bench-query", "folder of the bench; loaded data in it is used again")
	f.StringVar(&o.Board, "board", "aws-waf", "the dashboard")
	f.IntVar(&o.Records, "records", 0, "WAF records; 0 takes what is there, else 10,000,000")
	f.IntVar(&o.ALB, "alb", 0, "load balancer records beside them, added once")
	f.IntVar(&o.Rounds, "rounds", 3, "warm rounds; the best counts")
	f.BoolVar(&o.Single, "single", false, "also ask each question alone and list them, the dearest first")
	f.BoolVar(&prepare, "prepare", false, "only load the folder and print its day")
	return c
}
