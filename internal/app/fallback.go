package app

import (
	"fmt"

	"github.com/yagura-siem/yagura/internal/store"
)

// leftToEngine counts and logs a question of statistics that the scan over codes refused and the
// engine answered: many of them make pages slow, and nothing else would tell.
func (a *App) leftToEngine(why string, q store.AggregateQuery) {
	a.metrics.GetOrCreateCounter(fmt.Sprintf("yagura_questions_left_to_engine_total{why=%q}", why)).Inc()
	a.log.Debug("a question was left to the engine", "why", why, "question", questionText(q))
	if a.probes.fallback != nil {
		a.probes.fallback(why, q)
	}
}
