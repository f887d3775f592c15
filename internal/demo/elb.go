package demo

import (
	"math/rand/v2"
	"strconv"
)

// balancer is a load balancer.
type balancer struct {
	name, id string
	targets  []string
	group    string // target group
}

var lbWeb = balancer{"shop-web", "50dc6c495c0c9188", []string{"10.0.1.21:8080", "10.0.1.22:8080", "10.0.2.21:8080", "10.0.2.22:8080"}, "shop-web/73e2d6bc24d8a067"}

var lbAPI = balancer{"shop-api", "9a1c4f00b7e2d6c3", []string{"10.0.3.11:9000", "10.0.3.12:9000", "10.0.4.11:9000"}, "shop-api/0f5c8f2b6d1e4a77"}

// appendALB writes the access log line of a request (33 fields).
func (w *world) appendALB(b []byte, r *request, trace []byte) []byte {
	rng := w.rng
	h := &hosts[r.host]
	k := rng.Uint64()
	waf := h.acl != nil
	// A client keeps a connection for some minutes.
	conn := mix(r.client.id + uint64(r.t/(10*60*1_000_000_000)))
	blocked := waf && r.verdict.status != 0
	target := h.lb.targets[k%uint64(len(h.lb.targets))]
	k >>= 8
	took := int64(1+k%40) * 1_000_000
	k >>= 8
	if k%64 == 0 {
		took *= 30
	}
	k >>= 8
	b = append(b, "h2 "...)
	b = appendTime(b, r.t+took+int64(k%1000)*1000, 6)
	b = append(b, "Z app/"...)
	b = append(b, h.lb.name...)
	b = append(b, '/')
	b = append(b, h.lb.id...)
	b = append(b, ' ')
	b = appendHostPort(b, r.client.ip, 1024+int(conn%60_000))
	switch {
	case blocked:
		b = append(b, " - -1 -1 -1 "...)
		b = strconv.AppendInt(b, int64(r.status), 10)
		b = append(b, " - "...)
	case r.status == 502:
		b = append(b, ' ')
		b = append(b, target...)
		b = append(b, " 0.000 0.004 -1 502 - "...)
	default:
		b = append(b, ' ')
		b = append(b, target...)
		b = append(b, " 0.000 0."...)
		ms := took / 1_000_000
		if ms > 999 {
			ms = 999
		}
		b = append(b, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
		b = append(b, " 0.000 "...)
		b = strconv.AppendInt(b, int64(r.status), 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(r.status), 10)
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, int64(180+k%400)+int64(r.post), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(r.bytes)+int64(k%97), 10)
	b = append(b, ` "`...)
	b = append(b, r.method...)
	b = append(b, " https://"...)
	b = append(b, h.name...)
	b = append(b, ":443"...)
	b = append(b, r.uri...)
	if r.args != "" {
		b = append(b, '?')
		b = append(b, r.args...)
	}
	b = append(b, ` HTTP/2.0" "`...)
	b = append(b, w.agents[r.client.agent].text...)
	b = append(b, `" TLS_AES_128_GCM_SHA256 TLSv1.3 `...)
	if blocked {
		b = append(b, '-')
	} else {
		b = append(b, "arn:aws:elasticloadbalancing:"+region+":"+accountProd+":targetgroup/"...)
		b = append(b, h.lb.group...)
	}
	b = append(b, ` "Root=`...)
	b = append(b, trace...)
	b = append(b, `" "`...)
	b = append(b, h.name...)
	b = append(b, `" "arn:aws:acm:`+region+`:`+accountProd+`:certificate/12345678-1234-1234-1234-123456789012" `...)
	if blocked {
		b = append(b, "-1 "...)
	} else {
		b = append(b, "0 "...)
	}
	b = appendTime(b, r.t, 6)
	b = append(b, 'Z')
	switch {
	case blocked:
		b = append(b, ` "waf" "-" "-" "-" "-" "-" "-"`...)
	default:
		if waf {
			b = append(b, ` "waf,forward" "-" "-" "`...)
		} else {
			b = append(b, ` "forward" "-" "-" "`...)
		}
		b = append(b, target...)
		if r.status == 502 {
			b = append(b, `" "-" "-" "-"`...)
		} else {
			b = append(b, `" "`...)
			b = strconv.AppendInt(b, int64(r.status), 10)
			b = append(b, `" "-" "-"`...)
		}
	}
	b = append(b, " TID_"...)
	b = appendMixed(b, conn, 32)
	return append(b, ` "-" "-" "-"`+"\n"...)
}

// appendHostPort writes address:port as load balancers do: IPv6 without brackets.
func appendHostPort(b []byte, ip string, port int) []byte {
	b = append(b, ip...)
	b = append(b, ':')
	return strconv.AppendInt(b, int64(port), 10)
}

// appendNLB writes a TLS listener line of a network load balancer (22 fields).
func appendNLB(b []byte, rng *rand.Rand, t int64, c *client) []byte {
	k := rng.Uint64()
	b = append(b, "tls 2.0 "...)
	b = appendTime(b, t, 0)
	b = append(b, " net/shop-stream/c6e77e28c25b2234 g3d4b5e8bb8464cd "...)
	b = appendHostPort(b, c.ip, 1024+int(k%60_000))
	b = append(b, " 10.0.5.10:443 "...)
	b = strconv.AppendUint(b, 40+k>>16%90_000, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, 2+k>>24%30, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, 500+k>>32%9_000, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, 900+k>>40%90_000, 10)
	b = append(b, " - arn:aws:acm:"+region+":"+accountProd+":certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-GCM-SHA256 tlsv12 - stream.shop.example.jp h2 h2 \"h2\",\"http/1.1\" "...)
	b = appendTime(b, t-int64(k>>16%90_000)*1_000_000, 0)
	return append(b, '\n')
}

// appendCLB writes a line of the old classic load balancer (15 fields).
func (w *world) appendCLB(b []byte, rng *rand.Rand, t int64, c *client) []byte {
	k := rng.Uint64()
	b = appendTime(b, t, 6)
	b = append(b, "Z legacy-partner "...)
	b = appendHostPort(b, c.ip, 1024+int(k%60_000))
	status := "200"
	if k>>20%200 == 0 {
		status = "503"
		b = append(b, " - -1 -1 -1 503 0 0 0 "...)
	} else {
		b = append(b, " 10.0.9.15:80 0.000073 0.0"...)
		b = strconv.AppendUint(b, 10+k>>24%90, 10)
		b = append(b, "48 0.000057 "...)
		b = append(b, status...)
		b = append(b, " 200 0 "...)
		b = strconv.AppendUint(b, 200+k>>32%5_000, 10)
		b = append(b, ' ')
	}
	b = append(b, `"GET https://partner.example.jp:443/feed/`...)
	b = strconv.AppendUint(b, k>>40%500, 10)
	b = append(b, `.xml HTTP/1.1" "`...)
	b = append(b, w.agents[c.agent].text...)
	return append(b, `" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2`+"\n"...)
}
