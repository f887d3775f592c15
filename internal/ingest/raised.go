package ingest

import (
	"fmt"

	"github.com/yagura-siem/yagura/internal/alert"
)

// detected counts and logs what the rules found in a commit.
func (p *Pipeline) detected(f *Findings, changes []alert.Change) {
	p.metrics.found(f)
	raised, reopened, withdrawn := 0, 0, 0
	for _, c := range changes {
		p.metrics.alert(c)
		p.log.Debug("alert changed", "alert", c.ID, "rule", c.Rule, "severity", c.Severity.String(), "action", c.Action, "notify", c.Notify)
		switch c.Action {
		case alert.LogRaised:
			raised++
		case alert.LogReopened:
			reopened++
		case alert.LogWithdrawn:
			withdrawn++
		}
	}
	if raised+reopened+withdrawn > 0 {
		p.log.Info("alerts changed", "findings", f.Stored, "raised", raised, "reopened", reopened, "withdrawn", withdrawn)
	}
	if f.Dropped > 0 {
		p.log.Warn("more rules matched an event than findings can be kept of it", "matches", f.Dropped)
	}
}

// attribute tells each result what came of its events.
func attribute(results []Result, raises []alert.Raise, changes []alert.Change) {
	at := make(map[string]*Result, len(results))
	for i := range results {
		at[results[i].Lease.ID] = &results[i]
	}
	for _, r := range raises {
		if x := at[r.Object]; x != nil {
			x.Findings += r.Findings
		}
	}
	for _, c := range changes {
		if x := at[c.Object]; x != nil && (c.Action == alert.LogRaised || c.Action == alert.LogReopened) {
			x.Raised++
		}
	}
}

// found counts findings by severity.
func (m *Metrics) found(f *Findings) {
	for _, r := range f.Raises() {
		m.set.GetOrCreateCounter(fmt.Sprintf(`yagura_findings_total{severity=%q}`, r.Rule.Severity)).Add(int(r.Findings))
	}
	if f.Dropped > 0 {
		m.set.GetOrCreateCounter(`yagura_findings_dropped_total`).Add(int(f.Dropped))
	}
}

// alert counts what happened to alerts.
func (m *Metrics) alert(c alert.Change) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`yagura_alerts_total{severity=%q,action=%q}`, c.Severity, c.Action)).Inc()
}
