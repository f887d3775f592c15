package app

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
)

// ReloadRules implements httpapi.RuleService: the rules are read again and take effect with the next
// group of objects a worker begins. When folders cannot be read, the rules stay as they are.
func (a *App) ReloadRules(context.Context) (httpapi.RuleChanges, error) {
	b := &a.detection
	b.reading.Lock()
	defer b.reading.Unlock()
	log := a.log.With("component", "rules")
	lib, c, err := b.content().ReloadRules(DashboardSources(a.cfg)...)
	if err != nil {
		return httpapi.RuleChanges{}, fmt.Errorf("reading the rules again: %w", err)
	}
	b.now.Store(newDetection(lib, log))
	out := httpapi.RuleChanges{Added: c.Added, Changed: c.Changed, Removed: c.Removed}
	for _, r := range lib.Rules.Set.Rules() {
		if !r.Disabled {
			out.Rules++
		}
	}
	for _, p := range lib.Rules.Problems {
		if !p.Warning {
			out.Problems++
		}
	}
	if c.None() {
		log.Info("rules read again: nothing has changed", "rules", out.Rules)
		return out, nil
	}
	log.Info("rules changed", "rules", out.Rules, "added", named(c.Added), "changed", named(c.Changed), "removed", named(c.Removed))
	return out, nil
}

// namedRules is how many ids one line of the log names.
const namedRules = 50

func named(ids []string) []string {
	if len(ids) <= namedRules {
		return ids
	}
	return append(ids[:namedRules:namedRules], fmt.Sprintf("and %d more", len(ids)-namedRules))
}

// reloadOnSignal reads the rules again at each SIGHUP until ctx ends. From here on the signal does not
// end the process.
func (a *App) reloadOnSignal(ctx context.Context, wg *sync.WaitGroup) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	wg.Go(func() {
		defer signal.Stop(hup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				if _, err := a.ReloadRules(ctx); err != nil {
					a.log.Error("the rules stay as they are", "component", "rules", "err", err)
				}
			}
		}
	})
}

// ReloadRules makes the server that holds a data folder read its rules again.
func ReloadRules(ctx context.Context, c config.Config) (httpapi.RuleChanges, error) {
	client, ok := dialControl(ctx, c.Data)
	if !ok {
		return httpapi.RuleChanges{}, &httpapi.UserError{Err: fmt.Errorf("no server runs on %s: rules are read when one starts", c.Data)}
	}
	return client.ReloadRules(ctx)
}
