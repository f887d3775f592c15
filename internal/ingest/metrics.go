package ingest

import (
	"fmt"
	"strings"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts what intake did, by source and log type.
type Metrics struct{ set *metrics.Set }

// NewMetrics registers the counters in a set.
func NewMetrics(set *metrics.Set) *Metrics { return &Metrics{set: set} }

func (m *Metrics) loaded(r Result) {
	src := label(r.Lease.Source)
	m.set.GetOrCreateCounter(fmt.Sprintf(`yagura_objects_total{source=%q,outcome=%q}`, src, r.Outcome)).Inc()
	m.add("yagura_object_bytes_total", src, r.Lease.Size)
	m.add("yagura_decoded_bytes_total", src, r.Counts.Bytes)
	m.add("yagura_records_total", src, r.Counts.Records)
	m.add("yagura_records_filtered_total", src, r.Counts.Filtered)
	m.add("yagura_records_ignored_total", src, r.Counts.Ignored)
	m.add("yagura_records_quarantined_total", src, r.Counts.Quarantined)
	m.add("yagura_values_not_converted_total", src, r.Counts.Conversions)
	m.add("yagura_times_replaced_total", src, r.Counts.BadTimes)
	for t, n := range r.Counts.Types {
		m.set.GetOrCreateCounter(fmt.Sprintf(`yagura_events_total{source=%q,log_type=%q}`, src, label(t))).Add(int(n))
	}
}

func (m *Metrics) failed(l Lease) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`yagura_objects_total{source=%q,outcome="failed"}`, label(l.Source))).Inc()
}

func (m *Metrics) add(name, source string, n int64) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`%s{source=%q}`, name, source)).Add(int(n))
}

// label keeps label values free of what the text format cannot hold.
func label(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, s)
}
