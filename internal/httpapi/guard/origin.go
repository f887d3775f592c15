package guard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// open tells whether a request is answered without credentials: this machine alone is served,
// there is no user, and no proxy stands between.
func (g *Guard) open(r *http.Request) bool {
	return g.cfg.Loopback && g.sessions.Empty() && !forwarded(r.Header) && local(r.RemoteAddr)
}

// Open is open for handlers: it says whether a page may work without signing in.
func (g *Guard) Open(r *http.Request) bool { return g.open(r) }

func forwarded(h http.Header) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}

// knownHost refuses names that are not ours: a page of another site whose name was made to point
// here (DNS rebinding) would else be taken for one of ours. Where users sign in the session is
// bound to the name by the browser, so only a configured list is enforced.
func (g *Guard) knownHost(w http.ResponseWriter, r *http.Request) bool {
	if !g.sessions.Empty() && len(g.cfg.Hosts) == 0 || loopbackHost(r.Host) || g.listed(r.Host) {
		return true
	}
	if g.cfg.Loopback || !g.sessions.Empty() {
		WriteProblem(w, r, http.StatusMisdirectedRequest, "host",
			"this server does not answer to the name "+shorten(r.Host, 100)+"; add it to auth.hosts in the configuration if it is meant to")
		return false
	}
	return true // not on loopback and without users nothing is open anyway
}

// listed tells whether a host is configured: with its port or by name alone.
func (g *Guard) listed(host string) bool {
	name := hostname(host)
	return slices.ContainsFunc(g.cfg.Hosts, func(h string) bool {
		return strings.EqualFold(h, host) || strings.EqualFold(h, name)
	})
}

func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

func loopbackHost(host string) bool {
	name := strings.TrimSuffix(strings.ToLower(hostname(host)), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// local tells whether a peer address is of this machine.
func local(remote string) bool {
	ip, ok := peer(remote)
	return ok && ip.IsLoopback()
}

func peer(remote string) (netip.Addr, bool) {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}, false
	}
	return ap.Addr().Unmap().WithZone(""), true
}

// ownPage refuses what pages of other sites make a browser send. Programs that are no browsers
// send neither header and pass: they have no cookies that somebody could abuse.
func (g *Guard) ownPage(w http.ResponseWriter, r *http.Request) bool {
	protected := !safe(r.Method) || strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics"
	if !protected {
		return true
	}
	ok := true
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		ok = false
	}
	if o := r.Header.Get("Origin"); ok && o != "" {
		ok = g.sameOrigin(r, o)
	}
	if !ok {
		WriteProblem(w, r, http.StatusForbidden, "cross-site", "requests of other sites are not answered")
	}
	return ok
}

func (g *Guard) sameOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return false // "null" among them
	}
	if strings.EqualFold(u.Host, r.Host) || g.listed(u.Host) {
		return true
	}
	return g.trusted(r) && strings.EqualFold(u.Host, r.Header.Get("X-Forwarded-Host"))
}

// trusted tells whether a request comes from a proxy whose headers are believed.
func (g *Guard) trusted(r *http.Request) bool {
	ip, ok := peer(r.RemoteAddr)
	return ok && g.proxy(ip)
}

func (g *Guard) proxy(ip netip.Addr) bool {
	return slices.ContainsFunc(g.cfg.Proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// secure tells whether the browser speaks TLS, with us or with a trusted proxy.
func (g *Guard) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	proto, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	return g.trusted(r) && strings.EqualFold(strings.TrimSpace(proto), "https")
}

// address is where a request comes from: behind trusted proxies the nearest address that is none.
func (g *Guard) address(r *http.Request) string {
	ip, ok := peer(r.RemoteAddr)
	if !ok {
		return ""
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && g.proxy(ip) && len(hops)-i <= 20; i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = next.Unmap().WithZone("")
	}
	return ip.String()
}
