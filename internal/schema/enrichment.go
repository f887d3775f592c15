package schema

// EnrichmentFields returns the columns that enrichment adds to a log type with the given
// declared fields. Those that the log type declares itself are not returned: enrichment only
// fills their absent rows.
func EnrichmentFields(declared []Field) []Field {
	has := map[string]bool{}
	ip := false
	for _, f := range declared {
		has[f.Name] = true
		ip = ip || f.Kind.Element() == IP
	}
	var out []Field
	add := func(kind Kind, names ...string) {
		for _, n := range names {
			if !has[n] {
				has[n] = true
				out = append(out, Field{Name: n, Kind: kind, Derived: true, Bloom: kind == IP})
			}
		}
	}
	if has["source.ip"] && has["yagura.forwarded_for"] {
		add(IP, "client.ip")
	}
	for _, p := range []string{"source", "destination", "client", "server"} {
		if has[p+".ip"] {
			add(String, p+".geo.country_iso_code", p+".geo.country_name", p+".geo.region_name", p+".geo.city_name")
			add(Float, p+".geo.location.lat", p+".geo.location.lon")
			add(Int, p+".as.number")
			add(String, p+".as.organization.name")
			add(String, "yagura."+p+".network") // own, private, loopback, link_local, multicast, reserved, public
		}
	}
	if has["user_agent.original"] {
		add(String, "user_agent.name", "user_agent.version", "user_agent.os.name", "user_agent.os.version", "user_agent.device.name")
		add(String, "yagura.bot.name", "yagura.bot.class")
	}
	if has["cloud.account.id"] {
		add(String, "cloud.account.name", "yagura.account.owner")
	}
	if ip {
		add(Strings, "yagura.lists")
	}
	return out
}
