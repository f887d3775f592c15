package demo

import (
	"fmt"
	"math/rand/v2"
)

// agentShape is a family of browsers: %d places take versions.
type agentShape struct {
	ua     string
	weight int
	chrome bool // sends client hints
	mobile bool
	os     string
	min    int // first major version
	span   int // how many
}

var agentShapes = []agentShape{
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_%[2]d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.%[2]d Mobile/15E148 Safari/604.1", 30, false, true, "iOS", 1, 7},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_%[2]d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.%[2]d Mobile/15E148 Safari/604.1", 26, false, true, "iOS", 0, 3},
	{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.0.0 Mobile Safari/537.36", 24, true, true, "Android", 118, 14},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.0.0 Safari/537.36", 28, true, false, "Windows", 118, 14},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.0.0 Safari/537.36 Edg/%[1]d.0.0.0", 14, true, false, "Windows", 120, 12},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.0.0 Safari/537.36", 10, true, false, "macOS", 118, 14},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.%[2]d Safari/605.1.15", 7, false, false, "macOS", 0, 7},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%[1]d.0) Gecko/20100101 Firefox/%[1]d.0", 5, false, false, "Windows", 115, 18},
	{"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S921Q) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/%[3]d.0 Chrome/%[1]d.0.0.0 Mobile Safari/537.36", 4, true, true, "Android", 110, 8},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_%[2]d_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.%[4]d.1", 8, false, true, "iOS", 1, 7},
	{"Mozilla/5.0 (Linux; Android 13; SO-52C Build/67.1.A.2.%[4]d; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/%[1]d.0.6%[5]d.%[4]d Mobile Safari/537.36 Line/14.%[4]d.0/IAB", 6, true, true, "Android", 112, 18},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_%[2]d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/%[1]d.0.6%[5]d.%[4]d Mobile/15E148 Safari/604.1", 7, false, true, "iOS", 118, 12},
	{"Mozilla/5.0 (iPad; CPU OS 17_%[2]d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.%[2]d Mobile/15E148 Safari/604.1", 4, false, true, "iOS", 1, 7},
	{"ShopApp/5.%[4]d.0 (iPhone; iOS 17.%[2]d; Scale/3.00)", 9, false, true, "iOS", 1, 7},
	{"ShopApp/5.%[4]d.0 (Linux; Android 14; Pixel 8) okhttp/4.12.0", 7, false, true, "Android", 1, 7},
	{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.0.0 Safari/537.36", 2, true, false, "Chrome OS", 118, 12},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%[1]d.0.%[5]d.%[4]d Safari/537.36", 2, true, false, "Linux", 118, 12},
}

// userAgent is one user agent with what goes with it.
type userAgent struct {
	text    string
	headers string // JSON headers after host, without brackets
	ja3     string
	ja4     string
}

// newAgent draws a browser. wide spreads build numbers, so that many differ.
func newAgent(rng *rand.Rand, wide bool) userAgent {
	total := 0
	for _, s := range agentShapes {
		total += s.weight
	}
	k := rng.IntN(total)
	i := 0
	for k >= agentShapes[i].weight {
		k -= agentShapes[i].weight
		i++
	}
	s := &agentShapes[i]
	build, patch := rng.IntN(12), 100+rng.IntN(20)
	if wide {
		build, patch = rng.IntN(160), 100+rng.IntN(800)
	}
	v := s.min + rng.IntN(s.span)
	ua := fmt.Sprintf(s.ua+"%[6]s", v, v%8, v/5, build, patch, "")
	return browserAgent(rng, s, ua, v)
}

// browserAgent builds the headers a browser of this shape sends, in its order.
func browserAgent(rng *rand.Rand, s *agentShape, ua string, v int) userAgent {
	h := ""
	add := func(name, value string) { h += `,{"name":"` + name + `","value":"` + quote(value) + `"}` }
	if s.chrome {
		add("sec-ch-ua", fmt.Sprintf(`"Chromium";v="%d", "Google Chrome";v="%d", "Not?A_Brand";v="99"`, v, v))
		add("sec-ch-ua-mobile", map[bool]string{true: "?1", false: "?0"}[s.mobile])
		add("sec-ch-ua-platform", `"`+s.os+`"`)
	}
	add("user-agent", ua)
	add("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")
	add("accept-encoding", "gzip, deflate, br")
	add("accept-language", "ja-JP,ja;q=0.9,en-US;q=0.8")
	return userAgent{ua, h, string(appendHex(nil, rng, 32)), fingerprint(rng, "h2")}
}

// toolAgent is a program that sends few headers.
func toolAgent(rng *rand.Rand, ua string) userAgent {
	h := `,{"name":"user-agent","value":"` + quote(ua) + `"},{"name":"accept","value":"*/*"},{"name":"accept-encoding","value":"gzip, deflate"}`
	return userAgent{ua, h, string(appendHex(nil, rng, 32)), fingerprint(rng, "h1")}
}

// fingerprint is a text of the form of a JA4.
func fingerprint(rng *rand.Rand, alpn string) string {
	b := fmt.Appendf(nil, "t13d%02d%02d%s_", 10+rng.IntN(8), 8+rng.IntN(10), alpn)
	b = appendHex(b, rng, 12)
	b = append(b, '_')
	return string(appendHex(b, rng, 12))
}
