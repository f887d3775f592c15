package enrich

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// BenchmarkEnrich enriches batches like those of a busy WAF: 35,000 rows, 10,000 addresses
// and 8,000 user agents. "warm" has seen the values before, "cold" has not.
func BenchmarkEnrich(b *testing.B) {
	const rows, addrs, uas = 35_000, 10_000, 8_000
	rng := rand.New(rand.NewPCG(1, 2))
	city, asn := map[string]mmdbtype.DataType{}, map[string]mmdbtype.DataType{}
	for i := range 256 {
		n := fmt.Sprintf("100.%d.0.0/16", i)
		city[n] = m{
			"country": m{"iso_code": mmdbtype.String("JP")}, "city": names(fmt.Sprint("city ", i)),
			"location": m{"latitude": mmdbtype.Float64(35), "longitude": mmdbtype.Float64(float64(i) / 2)},
		}
		asn[n] = m{"autonomous_system_number": mmdbtype.Uint32(64500 + i), "autonomous_system_organization": mmdbtype.String(fmt.Sprint("net ", i))}
	}
	tables := testTables(b, Options{
		Geo:   []string{writeMMDB(b, "City", city), writeMMDB(b, "ASN", asn)},
		Lists: []List{{Name: "partners", Values: []string{"100.7.0.0/16", "100.9.1.0/24"}}},
	})
	declared := append(fields(schema.IP, "source.ip"), fields(schema.String, "source.geo.country_iso_code", "user_agent.original", "cloud.account.id", "yagura.forwarded_for")...)
	t := schema.NewTable("bench", 1, append(declared, schema.EnrichmentFields(declared)...))
	full := event.NewBatch(t, 0)
	full.Rows = rows
	ips, agents := make([][]byte, addrs), make([][]byte, uas)
	for i := range ips {
		ips[i] = fmt.Appendf(nil, "100.%d.%d.%d", rng.IntN(256), rng.IntN(256), rng.IntN(256))
	}
	for i := range agents {
		c := agentCases[rng.IntN(70)].ua
		agents[i] = fmt.Appendf(nil, "%s x/%d", c, i)
	}
	for r := range rows {
		full.Column("source.ip").SetText(r, ips[(r*7919)%addrs])
		full.Column("source.geo.country_iso_code").SetText(r, []byte("JP"))
		full.Column("user_agent.original").SetText(r, agents[(r*104729)%uas])
		full.Column("cloud.account.id").SetText(r, []byte("111122223333"))
	}
	run := func(b *testing.B, cold bool) {
		w := tables.NewWorker()
		b.ReportAllocs()
		for b.Loop() {
			if cold {
				w = tables.NewWorker()
			}
			batch := *full
			batch.Columns = append([]event.Column{}, full.Columns...)
			w.Enrich(&batch)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	}
	b.Run("warm", func(b *testing.B) { run(b, false) })
	b.Run("cold", func(b *testing.B) { run(b, true) })
}
