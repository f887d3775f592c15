package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/yagura-siem/yagura/internal/app"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

func loadCommand(g *global) *cobra.Command {
	var req httpapi.LoadRequest
	c := &cobra.Command{
		Use:   "load PATH|s3://BUCKET/PREFIX",
		Short: "Load a file, a folder or a bucket once",
		Long:  "Loads what is there now and ends with a count that adds up. Interrupting and repeating doubles nothing: objects\nthat are already loaded are passed over. Beside a running server on the same data folder the server does the work.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.settings()
			if err != nil {
				return err
			}
			svc, closeService, err := app.Connect(cmd.Context(), cfg, quiet(cmd))
			if err != nil {
				return err
			}
			defer closeService()
			if req.Target, err = target(args[0]); err != nil {
				return err
			}
			bar := newLoadBar(cmd.ErrOrStderr())
			sum, err := svc.Load(cmd.Context(), req, bar.update)
			bar.close()
			if err != nil {
				return err
			}
			printSummary(cmd.OutOrStdout(), cmd.ErrOrStderr(), sum)
			if sum.Failed > 0 || sum.Quarantined > 0 {
				return errPartial
			}
			return nil
		},
	}
	c.Flags().StringVarP(&req.Type, "type", "t", "", "log type of every object (default: recognised)")
	return c
}

// target makes a path absolute: a server beside this command has another working folder.
func target(name string) (string, error) {
	if strings.HasPrefix(name, "s3://") {
		return name, nil
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", fmt.Errorf("resolving %s: %w", name, err)
	}
	return abs, nil
}

// loadBar shows progress on a terminal; elsewhere it is silent.
type loadBar struct {
	p    *mpb.Progress
	bar  *mpb.Bar
	last httpapi.Progress
}

func newLoadBar(w io.Writer) *loadBar {
	b := &loadBar{}
	if !isTerminal(w) {
		return b
	}
	b.p = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	b.bar = b.p.AddBar(0,
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf("%d of %d objects", b.last.Objects, b.last.Total)
		})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.figures() })),
	)
	return b
}

func (b *loadBar) figures() string {
	l := b.last
	s := max(l.Elapsed.Seconds(), 0.001)
	text := fmt.Sprintf("%s events  %.0f MB/s", humanize.Comma(l.Events), float64(l.Bytes)/1e6/s)
	if l.StoredIn > 0 && l.TotalStored > l.StoredIn && !l.Listing {
		left := time.Duration(s * float64(l.TotalStored-l.StoredIn) / float64(l.StoredIn) * float64(time.Second))
		text += fmt.Sprintf("  %s left", left.Round(time.Second))
	}
	if l.Failed > 0 {
		text += fmt.Sprintf("  %d failed", l.Failed)
	}
	return text
}

func (b *loadBar) update(p httpapi.Progress) {
	b.last = p
	if b.bar != nil {
		b.bar.SetTotal(max(p.TotalStored, 1), false)
		b.bar.SetCurrent(p.StoredIn)
	}
}

func (b *loadBar) close() {
	if b.bar != nil {
		b.bar.SetTotal(-1, true)
		b.bar.Abort(false)
		b.p.Wait()
	}
}

func printSummary(out, errw io.Writer, s httpapi.LoadSummary) {
	for _, e := range s.Errors {
		fmt.Fprintf(errw, "%s: %s\n", e.Object, e.Reason)
	}
	fmt.Fprintf(out, "%s: %s loaded, %s known before, %s failed\n",
		counted(s.Objects, "object"), humanize.Comma(s.Loaded), humanize.Comma(s.Known), humanize.Comma(s.Failed))
	if s.Resumed > 0 {
		fmt.Fprintf(out, "(and %s that an interrupted load had left)\n", counted(s.Resumed, "object"))
	}
	fmt.Fprintf(out, "%s = %s + %s filtered + %s ignored + %s quarantined\n",
		counted(s.Records, "record"), counted(s.Events, "event"), humanize.Comma(s.Filtered), humanize.Comma(s.Ignored), humanize.Comma(s.Quarantined))
	types := make([]string, 0, len(s.Types))
	for t := range s.Types {
		types = append(types, t)
	}
	slices.Sort(types)
	for _, t := range types {
		fmt.Fprintf(out, "  %-24s %s\n", t, counted(s.Types[t], "event"))
	}
	if s.Findings > 0 {
		fmt.Fprintf(out, "%s, %s raised (see: yagura alerts list)\n", counted(s.Findings, "finding"), counted(s.Raised, "alert"))
	}
	if s.Bytes > 0 { // else there was nothing new, or a server had done it already
		sec := max(s.Elapsed.Seconds(), 0.001)
		fmt.Fprintf(out, "%s in %s (%s records/s, %.0f MB/s)\n", humanize.Bytes(uint64(max(s.Bytes, 0))), s.Elapsed.Round(time.Millisecond), humanize.Comma(int64(float64(s.Records)/sec)), float64(s.Bytes)/1e6/sec)
	}
	for _, n := range s.Notices {
		fmt.Fprintln(errw, "note:", n)
	}
	if s.Quarantined > 0 {
		fmt.Fprintln(errw, "see: yagura quarantine ls")
	}
}

// counted is "1 object", "2,000 objects".
func counted(n int64, one string) string {
	if n != 1 {
		one += "s"
	}
	return humanize.Comma(n) + " " + one
}
