package enrich

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Bounds on one X-Forwarded-For: only its right end is read.
const (
	maxForwarded = 4096
	maxHops      = 64
)

// client fills client.ip: the peer itself, or, if the peer is a trusted proxy, the right-most
// address in X-Forwarded-For that is not a trusted proxy.
func (w *Worker) client(b *event.Batch) {
	dst, ip := target(b, "client.ip", schema.IP), target(b, "source.ip", schema.IP)
	if dst == nil || ip == nil || dst.Plain {
		return
	}
	src := w.open(ip, b.Rows)
	m := make([]int32, len(src.values))
	trusted := make([]bool, len(src.values))
	for c, s := range src.values {
		m[c] = unread
		trusted[c] = w.addr(s).trusted
	}
	dst.Codes = slices.Grow(dst.Codes, max(0, b.Rows-len(dst.Codes)))
	dst.Pad(b.Rows)
	behind := w.forwarded(b, dst)
	for r, c := range src.codes[:b.Rows] {
		if c < 0 || dst.Codes[r] >= 0 {
			continue
		}
		code := int32(-1)
		if trusted[c] {
			code = behind(r)
		}
		if code < 0 {
			if m[c] == unread {
				m[c] = dst.Dict.CodeString(src.values[c])
			}
			code = m[c]
		}
		dst.Codes[r] = code
	}
}

// forwarded returns a function that gives for a row the code in dst of the address that its
// X-Forwarded-For names, or -1. Each distinct header is read once.
func (w *Worker) forwarded(b *event.Batch, dst *event.Column) func(row int) int32 {
	xff := b.Column("yagura.forwarded_for")
	if xff == nil || !xff.Kind.Text() {
		return func(int) int32 { return -1 }
	}
	xff.Pad(b.Rows)
	read := func(s string) int32 {
		if a, ok := w.t.client(s); ok {
			return dst.Dict.CodeString(a.String())
		}
		return -1
	}
	if xff.Plain && !xff.Kind.List() {
		return func(r int) int32 { return read(xff.Texts[r]) }
	}
	known := make([]int32, len(xff.Dict.Values))
	for c := range known {
		known[c] = unread
	}
	one := func(c int32) int32 {
		if known[c] == unread {
			known[c] = read(xff.Dict.Values[c])
		}
		return known[c]
	}
	if !xff.Kind.List() {
		return func(r int) int32 {
			if c := xff.Codes[r]; c >= 0 {
				return one(c)
			}
			return -1
		}
	}
	return func(r int) int32 {
		list := xff.List(r)
		for i := len(list) - 1; i >= max(0, len(list)-maxHops); i-- {
			if code := one(list[i]); code >= 0 {
				return code
			}
		}
		return -1
	}
}

// client returns the right-most address of an X-Forwarded-For that is not a trusted proxy.
// Entries that are no addresses are ignored.
func (t *Tables) client(s string) (netip.Addr, bool) {
	if len(s) > maxForwarded {
		s = s[len(s)-maxForwarded:]
		// The cut may have gone through an entry.
		if i := strings.IndexByte(s, ','); i >= 0 {
			s = s[i+1:]
		} else {
			return netip.Addr{}, false
		}
	}
	for range maxHops {
		i := strings.LastIndexByte(s, ',')
		if a, ok := parseHop(s[i+1:]); ok && !t.proxies.Contains(a) {
			return a, true
		}
		if i < 0 {
			break
		}
		s = s[:i]
	}
	return netip.Addr{}, false
}

// parseHop reads one entry: an address, with a port or in brackets or quotes or not.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t\"")
	if a, ok := schema.ParseIP(s); ok {
		return a, true
	}
	if strings.HasPrefix(s, "[") {
		host, port, ok := strings.Cut(s[1:], "]")
		if !ok || port != "" && !isPort(port) {
			return netip.Addr{}, false
		}
		return schema.ParseIP(host)
	}
	if i := strings.IndexByte(s, ':'); i >= 0 && isPort(s[i:]) {
		return schema.ParseIP(s[:i])
	}
	return netip.Addr{}, false
}

// isPort reports whether s is a colon and 1 to 5 digits.
func isPort(s string) bool {
	if len(s) < 2 || len(s) > 6 || s[0] != ':' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
