package enrich

import "net/netip"

// The classes of yagura.<p>.network, in the order in which they are tried.
const (
	netOwn       = "own"
	netLoopback  = "loopback"
	netPrivate   = "private"
	netLinkLocal = "link_local"
	netMulticast = "multicast"
	netReserved  = "reserved"
	netPublic    = "public"
)

// Shared address space (RFC 6598) counts as private: it is never routed publicly.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// reservedNetworks are the special-purpose networks of IANA's registries that are not
// globally reachable and not of another class.
var reservedNetworks = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/128"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:2::/48"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
}

// class returns the network class of an address.
func (t *Tables) class(a netip.Addr) string {
	switch {
	case t.own.Contains(a):
		return netOwn
	case a.IsLoopback():
		return netLoopback
	case a.IsPrivate(), sharedSpace.Contains(a):
		return netPrivate
	case a.IsLinkLocalUnicast():
		return netLinkLocal
	case a.IsMulticast():
		return netMulticast
	}
	for _, n := range reservedNetworks {
		if n.Contains(a) {
			return netReserved
		}
	}
	return netPublic
}
