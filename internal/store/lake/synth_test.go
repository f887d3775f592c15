package lake

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// synthDay is the day all synthetic batches fall on.
var synthDay = event.DayOf(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).UnixNano())

// wafTable is a table like that of a web firewall: 65 fields, of which 25 stay absent.
func wafTable(original bool) *schema.Table {
	fields := []schema.Field{
		{Name: "event.action", Kind: schema.String},
		{Name: "event.outcome", Kind: schema.String},
		{Name: "event.kind", Kind: schema.String},
		{Name: "source.ip", Kind: schema.IP, Bloom: true},
		{Name: "source.geo.country_iso_code", Kind: schema.String},
		{Name: "source.geo.country_name", Kind: schema.String},
		{Name: "source.geo.city_name", Kind: schema.String},
		{Name: "source.geo.location.lat", Kind: schema.Float},
		{Name: "source.geo.location.lon", Kind: schema.Float},
		{Name: "source.as.number", Kind: schema.Int},
		{Name: "source.as.organization.name", Kind: schema.String},
		{Name: "yagura.source.network", Kind: schema.String},
		{Name: "url.path", Kind: schema.String},
		{Name: "url.query", Kind: schema.String},
		{Name: "url.domain", Kind: schema.String},
		{Name: "url.scheme", Kind: schema.String},
		{Name: "http.request.method", Kind: schema.String},
		{Name: "http.request.id", Kind: schema.String, Plain: true, Bloom: true},
		{Name: "http.version", Kind: schema.String},
		{Name: "http.response.status_code", Kind: schema.Int},
		{Name: "http.response.bytes", Kind: schema.Int},
		{Name: "user_agent.original", Kind: schema.String},
		{Name: "user_agent.name", Kind: schema.String},
		{Name: "user_agent.version", Kind: schema.String},
		{Name: "user_agent.os.name", Kind: schema.String},
		{Name: "user_agent.device.name", Kind: schema.String},
		{Name: "yagura.bot.name", Kind: schema.String},
		{Name: "yagura.bot.class", Kind: schema.String},
		{Name: "tls.client.ja3", Kind: schema.String},
		{Name: "tls.client.ja4", Kind: schema.String},
		{Name: "rule.id", Kind: schema.String},
		{Name: "rule.ruleset", Kind: schema.String},
		{Name: "aws.waf.labels", Kind: schema.Strings},
		{Name: "aws.waf.matched", Kind: schema.Strings},
		{Name: "cloud.account.id", Kind: schema.String},
		{Name: "cloud.region", Kind: schema.String},
		{Name: "aws.waf.acl", Kind: schema.String},
		{Name: "related.ip", Kind: schema.IPs},
		{Name: "yagura.known", Kind: schema.Bool},
		{Name: "event.start", Kind: schema.Time},
	}
	for i := len(fields); i < 65; i++ {
		fields = append(fields, schema.Field{Name: fmt.Sprintf("aws.waf.spare_%02d", i), Kind: schema.String})
	}
	t := schema.NewTable("aws.waf", 1, fields)
	t.Original, t.Rest = original, true
	return t
}

// wafWorld is the fixed cast of the synthetic logs.
type wafWorld struct {
	ips, paths, agents, ja []string
	ipZipf, pathZipf       *rand.Zipf
	agentZipf              *rand.Zipf
	rnd                    *rand.Rand
	request                int
}

func newWAFWorld(seed uint64) *wafWorld {
	w := &wafWorld{rnd: rand.New(rand.NewPCG(seed, 1))}
	for range 100_000 {
		if w.rnd.IntN(20) == 0 {
			w.ips = append(w.ips, fmt.Sprintf("2001:db8:%x:%x::%x", w.rnd.IntN(65535)+1, w.rnd.IntN(65535)+1, w.rnd.IntN(65535)+1))
			continue
		}
		w.ips = append(w.ips, fmt.Sprintf("%d.%d.%d.%d", 1+w.rnd.IntN(222), w.rnd.IntN(256), w.rnd.IntN(256), w.rnd.IntN(256)))
	}
	for i := range 40_000 {
		w.paths = append(w.paths, fmt.Sprintf("/shop/%d/item-%x", i%97, w.rnd.IntN(1<<30)))
	}
	w.paths[5000] = "/wp-login.php"
	for i := range 3000 {
		w.agents = append(w.agents, fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.%d (KHTML, like Gecko) Chrome/%d.0.%d", i%40, 90+i%40, i))
		w.ja = append(w.ja, fmt.Sprintf("%032x", w.rnd.Uint64()))
	}
	w.agents[700] = "sqlmap/1.7 (https://sqlmap.org)"
	w.ipZipf = rand.NewZipf(w.rnd, 1.2, 20, uint64(len(w.ips)-1))
	w.pathZipf = rand.NewZipf(w.rnd, 1.3, 10, uint64(len(w.paths)-1))
	w.agentZipf = rand.NewZipf(w.rnd, 1.3, 10, uint64(len(w.agents)-1))
	return w
}

var (
	countries = []string{"JP", "US", "CN", "DE", "FR", "GB", "KR", "TW", "BR", "IN", "RU", "NL", "CA", "AU", "SG", "VN", "TH", "ID", "PH", "IT", "ES", "SE", "PL", "UA", "TR", "MX", "AR", "ZA", "EG", "NG"}
	hosts     = []string{"www.example.jp", "api.example.jp", "shop.example.jp", "img.example.jp", "auth.example.jp", "m.example.jp"}
	methods   = []string{"GET", "GET", "GET", "GET", "POST", "HEAD", "PUT"}
	actions   = []string{"ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW", "BLOCK", "COUNT"}
	statuses  = []int64{200, 200, 200, 301, 304, 403, 404, 500}
)

// batch makes one batch of rows whose times run from a given one at a given mean distance.
func (w *wafWorld) batch(t *schema.Table, rows int, from int64, step int64, object string) *event.Batch {
	b := event.NewBatch(t, synthDay)
	num := b.AddObject(object)
	offset, at := int64(0), from
	for r := range rows {
		at += w.rnd.Int64N(2*step+1) / 1_000_000 * 1_000_000
		b.Time, b.Object = append(b.Time, at), append(b.Object, num)
		b.Offset, b.Index = append(b.Offset, offset), append(b.Index, 0)
		size := 1700 + w.rnd.Int64N(500)
		offset += size
		b.RawBytes += size
		b.Rows++
		w.row(b, r, size)
	}
	b.Seal()
	return b
}

func (w *wafWorld) row(b *event.Batch, r int, size int64) {
	text := func(name, v string) { b.Column(name).SetText(r, []byte(v)) }
	ipn, agent := w.ipZipf.Uint64(), w.agentZipf.Uint64()
	ip := w.ips[ipn]
	c := int(ipn*7919) % len(countries)
	if ipn%3 > 0 {
		c = 0
	}
	action := actions[w.rnd.IntN(len(actions))]
	text("event.action", action)
	text("event.outcome", map[string]string{"ALLOW": "success", "BLOCK": "failure", "COUNT": "unknown"}[action])
	text("event.kind", "event")
	text("source.ip", ip)
	text("source.geo.country_iso_code", countries[c])
	text("source.geo.country_name", "Country of "+countries[c])
	text("source.geo.city_name", fmt.Sprintf("City %d", ipn%500))
	b.Column("source.geo.location.lat").SetFloat(r, float64(ipn%1800)/10-90)
	b.Column("source.geo.location.lon").SetFloat(r, float64(ipn%3600)/10-180)
	b.Column("source.as.number").SetInt(r, int64(1000+ipn%400))
	text("source.as.organization.name", fmt.Sprintf("Provider %d", ipn%400))
	text("yagura.source.network", "public")
	text("url.path", w.paths[w.pathZipf.Uint64()])
	if w.rnd.IntN(3) == 0 {
		text("url.query", fmt.Sprintf("q=%d&page=%d", w.rnd.IntN(2000), w.rnd.IntN(20)))
	}
	text("url.domain", hosts[w.rnd.IntN(len(hosts))])
	text("url.scheme", "https")
	text("http.request.method", methods[w.rnd.IntN(len(methods))])
	w.request++
	text("http.request.id", fmt.Sprintf("1-%08x-%016x%08x", w.request/100, w.rnd.Uint64(), w.request))
	text("http.version", "HTTP/2.0")
	b.Column("http.response.status_code").SetInt(r, statuses[w.rnd.IntN(len(statuses))])
	b.Column("http.response.bytes").SetInt(r, w.rnd.Int64N(1<<20))
	text("user_agent.original", w.agents[agent])
	text("user_agent.name", fmt.Sprintf("Browser %d", agent%12))
	text("user_agent.version", fmt.Sprintf("%d.0", 90+agent%40))
	text("user_agent.os.name", fmt.Sprintf("OS %d", agent%6))
	text("user_agent.device.name", fmt.Sprintf("Device %d", agent%30))
	if agent%50 == 0 {
		text("yagura.bot.name", fmt.Sprintf("bot-%d", agent%7))
		text("yagura.bot.class", "search")
	}
	text("tls.client.ja3", w.ja[(agent*31)%3000])
	text("tls.client.ja4", "t13d"+w.ja[(agent*17)%3000])
	text("rule.id", fmt.Sprintf("rule-%d", w.rnd.IntN(20)))
	text("rule.ruleset", "AWS-AWSManagedRulesCommonRuleSet")
	labels := b.Column("aws.waf.labels")
	for range w.rnd.IntN(4) {
		labels.AddText(fmt.Appendf(nil, "awswaf:managed:label-%d", w.rnd.IntN(60)))
	}
	labels.CloseList(r)
	matched := b.Column("aws.waf.matched")
	if action != "ALLOW" {
		matched.AddText(fmt.Appendf(nil, "rule-%d", w.rnd.IntN(20)))
	}
	matched.CloseList(r)
	text("cloud.account.id", "123456789012")
	text("cloud.region", "ap-northeast-1")
	text("aws.waf.acl", fmt.Sprintf("arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/main/%d", w.rnd.IntN(3)))
	related := b.Column("related.ip")
	related.AddText([]byte(ip))
	related.CloseList(r)
	b.Column("yagura.known").SetInt(r, int64(ipn%2))
	b.Column("event.start").SetInt(r, b.Time[r]-w.rnd.Int64N(1000)*1_000_000)
	if b.Table.Rest {
		for range w.rnd.IntN(3) {
			b.Rest.Keys = append(b.Rest.Keys, b.Rest.KeyDict.CodeString(fmt.Sprintf("httpRequest.extra%d", w.rnd.IntN(10))))
			b.Rest.Vals = append(b.Rest.Vals, b.Rest.ValDict.CodeString(fmt.Sprintf("value %d", w.rnd.IntN(200))))
		}
		b.Rest.Ends = append(b.Rest.Ends, int32(len(b.Rest.Keys)))
	}
	if b.Table.Original {
		b.Original = append(b.Original, original(ip, w.agents[agent], action, int(size), w.rnd))
	}
}

// original makes a record of a size as a firewall would write it.
func original(ip, agent, action string, size int, rnd *rand.Rand) string {
	out := fmt.Sprintf(`{"timestamp":%d,"formatVersion":1,"webaclId":"arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/main/0","action":%q,"httpRequest":{"clientIp":%q,"headers":[{"name":"user-agent","value":%q}]}`, rnd.Uint64(), action, ip, agent)
	for len(out) < size-60 {
		out += fmt.Sprintf(`,"ruleGroup%d":{"terminatingRule":null,"nonTerminatingMatchingRules":[],"excludedRules":null,"id":"%x"}`, rnd.IntN(50), rnd.Uint32())
	}
	return out + "}"
}
