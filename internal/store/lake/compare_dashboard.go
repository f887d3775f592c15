package lake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// DashboardComparison is one refresh of a web firewall's dashboard, as a batch and otherwise.
type DashboardComparison struct {
	Panels    int      `json:"panels"`
	ByEngine  []string `json:"by_engine"` // panels the scan leaves to the engine
	WarmMS    float64  `json:"warm_ms"`   // the best round
	WarmWorst float64  `json:"warm_worst_ms"`
	WarmCPU   float64  `json:"warm_cpu_ms"`
	ColdMS    float64  `json:"cold_ms"` // our columns, dictionaries and footers dropped; file pages are not
	ColdCPU   float64  `json:"cold_cpu_ms"`
	SingleMS  float64  `json:"single_calls_ms"` // warm, panel by panel
	EngineMS  float64  `json:"engine_ms"`       // warm, panel by panel, engine only
	Ratio     float64  `json:"ratio_to_engine"` // of the warm batch
	CacheMB   float64  `json:"cache_mb"`
	HeapMB    float64  `json:"heap_mb"`
	Panel     []Panel  `json:"panel"`
}

// Panel is one question of the dashboard, asked alone and warm.
type Panel struct {
	Name     string  `json:"name"`
	Rows     int     `json:"rows"`
	MS       float64 `json:"ms"`
	EngineMS float64 `json:"engine_ms"`
}

// CompareDashboard refreshes the dashboard of the engine bench: rounds times warm, once cold.
// It is for measuring only.
func (l *Lake) CompareDashboard(ctx context.Context, logType string, day event.Day, rounds int) (DashboardComparison, error) {
	names, qs := dashboard(logType, day)
	out := DashboardComparison{Panels: len(qs)}
	refresh := func() (wall, cpu float64, err error) {
		began, used := time.Now(), processorTime()
		_, errs := l.aggregateBy(ctx, qs, anyExecutor)
		return ms(time.Since(began)), ms(processorTime() - used), errors.Join(errs...)
	}
	for i := range qs {
		if _, errs := l.aggregateBy(ctx, qs[i:i+1], scanOnly); errors.Is(errs[0], errUnfit) {
			out.ByEngine = append(out.ByEngine, names[i])
		}
	}
	l.cache.Clear()
	runtime.GC()
	var err error
	if out.ColdMS, out.ColdCPU, err = refresh(); err != nil {
		return out, fmt.Errorf("refreshing the dashboard: %w", err)
	}
	for range max(rounds, 1) {
		wall, cpu, err := refresh()
		if err != nil {
			return out, fmt.Errorf("refreshing the dashboard: %w", err)
		}
		if out.WarmMS == 0 || wall < out.WarmMS {
			out.WarmMS, out.WarmCPU = wall, cpu
		}
		out.WarmWorst = max(out.WarmWorst, wall)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out.CacheMB, out.HeapMB = float64(l.cache.Bytes())/1e6, float64(m.HeapAlloc)/1e6
	for i := range qs {
		p := Panel{Name: names[i]}
		for _, by := range []executor{anyExecutor, engineOnly} {
			began := time.Now()
			tables, errs := l.aggregateBy(ctx, qs[i:i+1], by)
			took := ms(time.Since(began))
			if errs[0] != nil {
				return out, fmt.Errorf("panel %s: %w", names[i], errs[0])
			}
			if by == anyExecutor {
				p.MS, p.Rows = took, len(tables[0].Rows)
				out.SingleMS += took
				continue
			}
			if len(tables[0].Rows) != p.Rows {
				return out, fmt.Errorf("panel %s: %d rows by the engine, %d by the scan", names[i], len(tables[0].Rows), p.Rows)
			}
			p.EngineMS = took
			out.EngineMS += took
		}
		out.Panel = append(out.Panel, p)
	}
	out.Ratio = out.WarmMS / out.EngineMS
	return out, nil
}

// dashboard is the panels of a web firewall over one day: what people who run one look at.
func dashboard(logType string, day event.Day) (names []string, qs []store.AggregateQuery) {
	count := []store.Agg{{Name: "n", Func: store.Count}}
	top := []store.Sort{{Column: "n", Desc: true}}
	add := func(name, where string, q store.AggregateQuery) {
		q.Types, q.From, q.To = []string{logType}, day.Start(), day.End()
		if where != "" {
			n, err := expr.Parse(where)
			if err != nil {
				panic(err)
			}
			q.Where = n
		}
		names, qs = append(names, name), append(qs, q)
	}
	topOf := func(name, where string, fields ...string) {
		q := store.AggregateQuery{Aggs: count, Sort: top, Limit: 20}
		for _, f := range fields {
			q.By = append(q.By, store.Key{Name: f, Field: f})
		}
		add(name, where, q)
	}
	over := func(name, where string, width time.Duration, aggs []store.Agg, fields ...string) {
		b := &store.Buckets{Width: int64(width)}
		for t := day.Start(); t <= day.End(); t += int64(width) {
			b.Edges = append(b.Edges, t)
		}
		q := store.AggregateQuery{Aggs: aggs, By: []store.Key{{Name: "t", Field: "@timestamp", Buckets: b}}}
		for _, f := range fields {
			q.By = append(q.By, store.Key{Name: f, Field: f})
		}
		add(name, where, q)
	}
	total := func(name, where string, aggs ...store.Agg) { add(name, where, store.AggregateQuery{Aggs: aggs}) }
	addresses := store.Agg{Name: "d", Func: store.Distinct, Field: "source.ip"}
	const (
		blocked = "event.action:BLOCK"
		abroad  = "not source.geo.country_iso_code:JP"
		quarter = 15 * time.Minute
	)
	total("requests", "", count...)
	total("blocked", blocked, count...)
	total("unique addresses", "", addresses)
	total("unique addresses blocked", blocked, addresses)
	total("requests from abroad", abroad, count[0], addresses)
	total("bytes", "", store.Agg{Name: "s", Func: store.Sum, Field: "http.request.body.bytes"}, store.Agg{Name: "a", Func: store.Avg, Field: "http.request.body.bytes"})
	over("actions over time", "", quarter, count, "event.action")
	over("blocked rules over time", blocked, quarter, count, "rule.name")
	over("countries over time", abroad, quarter, count, "source.geo.country_iso_code")
	over("hosts over time", "", quarter, count, "url.domain")
	over("unique addresses over time", "", time.Hour, []store.Agg{addresses})
	over("methods over time", "", time.Hour, count, "http.request.method")
	topOf("actions", "", "event.action")
	topOf("countries", "", "source.geo.country_iso_code")
	topOf("countries blocked", blocked, "source.geo.country_iso_code")
	topOf("addresses", "", "source.ip")
	topOf("addresses blocked", blocked, "source.ip")
	topOf("addresses from abroad", abroad, "source.ip")
	topOf("paths", "", "url.path")
	topOf("paths blocked", blocked, "url.path")
	topOf("hosts", "", "url.domain")
	topOf("methods", "", "http.request.method")
	topOf("user agents", "", "user_agent.original")
	topOf("user agents blocked", blocked, "user_agent.original")
	topOf("browsers", "", "user_agent.name")
	topOf("bots", "", "yagura.bot.name", "yagura.bot.class")
	topOf("rules", blocked, "rule.name")
	topOf("rule sets", "", "rule.ruleset", "event.action")
	topOf("rules counted", "aws.waf.rules_counted:*", "aws.waf.rules_counted")
	topOf("labels", "", "aws.waf.labels")
	topOf("providers", "", "source.as.organization.name")
	topOf("JA4", "", "tls.client.ja4")
	topOf("web ACLs", "", "aws.waf.web_acl", "event.action")
	topOf("address and path, blocked", blocked, "source.ip", "url.path")
	topOf("country, host and action", "", "source.geo.country_iso_code", "url.domain", "event.action")
	return names, qs
}
