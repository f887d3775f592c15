package enrich

import (
	"slices"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Enrich fills the columns that schema.EnrichmentFields names, where the batch has them. A
// row that already has a value keeps it. Afterwards every column it looked at or wrote is as
// long as the batch. Texts it adds are its own and outlive the batch.
func (w *Worker) Enrich(b *event.Batch) {
	if b.Rows == 0 {
		return
	}
	w.trim()
	w.client(b)
	for i := range ends {
		w.end(b, &ends[i])
	}
	w.userAgent(b)
	w.account(b)
	w.lists(b)
}

// endNames are the column names of one end of a connection.
type endNames struct{ ip, network, country, countryName, region, city, lat, lon, asn, org string }

// ends are the ends ECS knows. The names are spelt out once so that no batch builds them.
var ends = [...]endNames{endOf("source"), endOf("destination"), endOf("client"), endOf("server")}

func endOf(p string) endNames {
	return endNames{
		ip: p + ".ip", network: "yagura." + p + ".network", country: p + ".geo.country_iso_code", countryName: p + ".geo.country_name",
		region: p + ".geo.region_name", city: p + ".geo.city_name", lat: p + ".geo.location.lat", lon: p + ".geo.location.lon",
		asn: p + ".as.number", org: p + ".as.organization.name",
	}
}

// end fills place, AS and network class of one address column.
func (w *Worker) end(b *event.Batch, n *endNames) {
	ip := target(b, n.ip, schema.IP)
	if ip == nil {
		return
	}
	src := w.open(ip, b.Rows)
	infos := w.scratch.infos[:0]
	for _, s := range src.values {
		infos = append(infos, w.addr(s))
	}
	w.scratch.infos = infos

	w.fillTexts(target(b, n.network, schema.String), &w.network, src, b.Rows, func(c int) int32 { return infos[c].network })
	w.system(b, n, src, infos)

	country := target(b, n.country, schema.String)
	// A log that names the country itself is right about it: places inside another country are
	// then left out, row by row.
	own := country != nil && !country.Plain && present(country)
	w.fillTexts(country, &w.country, src, b.Rows, func(c int) int32 { return infos[c].country })
	if country != nil {
		w.countryNames(target(b, n.countryName, schema.String), country, b.Rows)
	}
	if !own {
		w.fillTexts(target(b, n.region, schema.String), &w.region, src, b.Rows, func(c int) int32 { return infos[c].region })
		w.fillTexts(target(b, n.city, schema.String), &w.city, src, b.Rows, func(c int) int32 { return infos[c].city })
		w.location(b, n, src, infos, src.codes)
		return
	}
	agreed := w.agreed(country, src, infos, b.Rows)
	in := source{src.values, agreed}
	w.fillTexts(target(b, n.region, schema.String), &w.region, in, b.Rows, func(c int) int32 { return infos[c].region })
	w.fillTexts(target(b, n.city, schema.String), &w.city, in, b.Rows, func(c int) int32 { return infos[c].city })
	w.location(b, n, src, infos, agreed)
}

// system fills AS number and organization. A row whose own number differs gets no
// organization of another AS.
func (w *Worker) system(b *event.Batch, n *endNames, src source, infos []*addrInfo) {
	org := source{src.values, src.codes}
	if asn := target(b, n.asn, schema.Int); asn != nil {
		numbers(asn, b.Rows)
		var own []int32
		for r, c := range src.codes[:b.Rows] {
			switch {
			case c < 0 || infos[c].asn == asn.Ints[r]:
			case !asn.Set[r]:
				asn.Ints[r], asn.Set[r] = infos[c].asn, true
			default:
				if own == nil {
					own = slices.Clone(src.codes[:b.Rows])
				}
				own[r] = -1
			}
		}
		if own != nil {
			org.codes = own
		}
	}
	w.fillTexts(target(b, n.org, schema.String), &w.org, org, b.Rows, func(c int) int32 { return infos[c].org })
}

// present reports whether some row of a text column has a value.
func present(c *event.Column) bool {
	for _, code := range c.Codes {
		if code >= 0 {
			return true
		}
	}
	return false
}

// agreed returns the address codes of the rows whose country is the one the databases give
// for the address, and -1 for the others.
func (w *Worker) agreed(country *event.Column, src source, infos []*addrInfo, rows int) []int32 {
	m := resize(&w.scratch.m, len(src.values))
	for c, i := range infos {
		m[c] = -1
		if i.country >= 0 {
			m[c] = country.Dict.Find(w.country.values[i.country])
		}
	}
	out := resize(&w.scratch.codes, rows)
	for r, c := range src.codes[:rows] {
		out[r] = -1
		if c >= 0 && m[c] >= 0 && country.Codes[r] == m[c] {
			out[r] = c
		}
	}
	return out
}

// countryNames derives the names from the codes, so that the two never disagree.
func (w *Worker) countryNames(dst, country *event.Column, rows int) {
	if dst == nil {
		return
	}
	src := w.open(country, rows)
	ids := make([]int32, len(src.values))
	for c, code := range src.values {
		ids[c] = w.country.id(w.t.country[code])
	}
	w.fillTexts(dst, &w.country, src, rows, func(c int) int32 { return ids[c] })
}

// location fills latitude and longitude together.
func (w *Worker) location(b *event.Batch, n *endNames, src source, infos []*addrInfo, codes []int32) {
	lat, lon := target(b, n.lat, schema.Float), target(b, n.lon, schema.Float)
	if lat == nil || lon == nil {
		return
	}
	numbers(lat, b.Rows)
	numbers(lon, b.Rows)
	for r, c := range codes[:b.Rows] {
		if c < 0 || lat.Set[r] || lon.Set[r] {
			continue
		}
		if i := infos[c]; i.located {
			lat.Floats[r], lat.Set[r] = i.lat, true
			lon.Floats[r], lon.Set[r] = i.lon, true
		}
	}
}

// userAgent fills what the user agent says of itself.
func (w *Worker) userAgent(b *event.Batch) {
	c := target(b, "user_agent.original", schema.String)
	if c == nil {
		return
	}
	src := w.open(c, b.Rows)
	uas := w.scratch.uas[:0]
	for _, s := range src.values {
		if len(s) > maxKey {
			// Not remembered by the cache: keep a copy for this batch.
			long := *w.agent(s)
			uas = append(uas, &long)
			continue
		}
		uas = append(uas, w.agent(s))
	}
	w.scratch.uas = uas
	fill := func(name string, p *pool, id func(*agentInfo) int32) {
		w.fillTexts(target(b, name, schema.String), p, src, b.Rows, func(c int) int32 { return id(uas[c]) })
	}
	fill("user_agent.name", &w.uaName, func(a *agentInfo) int32 { return a.name })
	fill("user_agent.version", &w.uaVersion, func(a *agentInfo) int32 { return a.version })
	fill("user_agent.os.name", &w.osName, func(a *agentInfo) int32 { return a.os })
	fill("user_agent.os.version", &w.osVersion, func(a *agentInfo) int32 { return a.osVersion })
	fill("user_agent.device.name", &w.dev, func(a *agentInfo) int32 { return a.device })
	fill("yagura.bot.name", &w.botName, func(a *agentInfo) int32 { return a.bot })
	fill("yagura.bot.class", &w.botClass, func(a *agentInfo) int32 { return a.botClass })
}

// account fills name and owner of cloud accounts.
func (w *Worker) account(b *event.Batch) {
	id := target(b, "cloud.account.id", schema.String)
	if id == nil {
		return
	}
	src := w.open(id, b.Rows)
	found := make([]account, len(src.values))
	for c, s := range src.values {
		found[c] = w.t.accounts[s]
	}
	w.fillTexts(target(b, "cloud.account.name", schema.String), &w.accounts, src, b.Rows, func(c int) int32 { return w.accounts.id(found[c].name) })
	w.fillTexts(target(b, "yagura.account.owner", schema.String), &w.accounts, src, b.Rows, func(c int) int32 { return w.accounts.id(found[c].owner) })
}
