package schema

import "net/netip"

// ParseIP reads an address in any usual spelling and returns its canonical form: v4-mapped
// addresses become IPv4, a zone is refused.
func ParseIP(s string) (netip.Addr, bool) {
	if len(s) == 0 || len(s) > 45 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// IP16 is the sortable 16-byte form: IPv4 addresses stand at ::ffff:0:0/96.
func IP16(a netip.Addr) [16]byte { return a.As16() }

// PrefixRange returns the first and last 16-byte form inside a network.
func PrefixRange(p netip.Prefix) (lo, hi [16]byte) {
	bits := p.Bits()
	if p.Addr().Unmap().Is4() {
		if p.Addr().Is4() {
			bits += 96
		}
	}
	lo = p.Addr().As16()
	hi = lo
	for i := range lo {
		keep := bits - 8*i
		switch {
		case keep >= 8:
		case keep <= 0:
			lo[i], hi[i] = 0, 0xff
		default:
			mask := byte(0xff) << (8 - keep)
			lo[i] &= mask
			hi[i] |= ^mask
		}
	}
	return lo, hi
}
