package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The attackers' addresses.
const (
	ipScan     = "203.0.113.66"
	ipSQLi     = "198.51.100.23"
	ipXSS      = "198.51.100.77"
	ipFakeBot  = "203.0.113.91"
	ipIntruder = "203.0.113.188"
)

var ipScrapers = []string{"192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.14"}

// scanPaths are what scanners look for.
var scanPaths = []string{
	"/.env", "/.git/config", "/wp-login.php", "/wp-admin/setup-config.php", "/phpmyadmin/index.php", "/admin.php", "/backup.zip", "/db.sql", "/.aws/credentials",
	"/actuator/env", "/server-status", "/xmlrpc.php", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/cgi-bin/luci", "/.DS_Store", "/config.json",
	"/old/index.php", "/shell.php", "/solr/admin/info/system", "/owa/auth/logon.aspx", "/boaform/admin/formLogin", "/.vscode/sftp.json", "/id_rsa", "/console/",
}

// series plans n requests from first over a span and notes them as an attack.
func (w *world) series(a *Attack, first time.Time, span time.Duration, n int, plan func(i int) request) []request {
	out := make([]request, n)
	paths := map[string]bool{}
	for i := range out {
		r := plan(i)
		r.t = first.UnixNano() + int64((float64(i)+w.rng.Float64())*float64(span)/float64(n))
		paths[r.uri] = true
		if r.status == 0 {
			r.status = 200
		}
		a.Requests++
		if hosts[r.host].lb != nil {
			a.Lines++
		}
		if r.verdict.action != "ALLOW" {
			a.Blocked++
			a.Rule = r.verdict.rule
			r.status = r.verdict.status
		}
		out[i] = r
	}
	a.Paths = len(paths)
	a.First, a.Last = time.Unix(0, out[0].t).UTC(), time.Unix(0, out[n-1].t).UTC()
	return out
}

// webAttacks plans everything bad on the web, in order of time.
func (w *world) webAttacks(end time.Time, f *Facts) []request {
	at := func(d time.Duration) time.Time { return end.Add(-d) }
	var all []request

	f.Scan = Attack{IPs: []string{ipScan}, UserAgent: "Mozilla/5.0 zgrab/0.x"}
	scan := w.newClient(ipScan, f.Scan.UserAgent, true, botLabel+`signal:non_browser_user_agent"}`)
	all = append(all, w.series(&f.Scan, at(20*time.Hour), 42*time.Minute, 1_260, func(i int) request {
		uri := scanPaths[i%len(scanPaths)]
		if i >= 2*len(scanPaths) {
			uri = fmt.Sprintf("/%s%s", []string{"old", "test", "dev", "bak", "new", "v1", "site", "tmp"}[i%8]+fmt.Sprint(i/48), uri)
		}
		return request{client: &scan, method: "GET", uri: uri, verdict: &verdictAllow, status: 404, bytes: 1_240}
	})...)

	f.SQLi = Attack{IPs: []string{ipSQLi}, UserAgent: "sqlmap/1.8.4#stable (https://sqlmap.org)"}
	sqli := w.newClient(ipSQLi, f.SQLi.UserAgent, true, botLabel+`signal:non_browser_user_agent"}`)
	all = append(all, w.series(&f.SQLi, at(18*time.Hour), 25*time.Minute, 640, func(i int) request {
		return request{
			client: &sqli, method: "GET", uri: fmt.Sprintf("/items/%d", 10_017+i%5),
			args: quote(fmt.Sprintf(`id=%d%%20UNION%%20SELECT%%20NULL,%d--%%20"\x27`, i%9, i)), verdict: &verdictSQLi, bytes: 118,
		}
	})...)

	f.XSS = Attack{IPs: []string{ipXSS}, UserAgent: chromeUA}
	xss := w.newClient(ipXSS, f.XSS.UserAgent, false, "")
	all = append(all, w.series(&f.XSS, at(17*time.Hour), 15*time.Minute, 180, func(i int) request {
		return request{client: &xss, method: "GET", uri: "/search", args: quote(fmt.Sprintf(`q=<script>alert("%d")</script>&page=%d`, i, i%3)), verdict: &verdictXSS, bytes: 118}
	})...)

	f.Scraper = Attack{IPs: ipScrapers, UserAgent: chromeUA}
	var scrapers []client
	for _, ip := range ipScrapers {
		scrapers = append(scrapers, w.newClient(ip, chromeUA, false, botLabel+`signal:automated_browser"}`))
	}
	all = append(all, w.series(&f.Scraper, at(14*time.Hour), 6*time.Hour, 18_000, func(i int) request {
		r := request{client: &scrapers[i%4], method: "GET", uri: fmt.Sprintf("/items/%d", 10_000+(i*37)%19_997), verdict: &verdictAllow, bytes: int32(9_000 + i%20_000)}
		if i > 5_000 && i%20 < 3 {
			r.verdict, r.bytes = &verdictRate, 0
		}
		return r
	})...)

	f.FakeBot = Attack{IPs: []string{ipFakeBot}, UserAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
	fake := w.newClient(ipFakeBot, f.FakeBot.UserAgent, true, botLabel+`bot:category:search_engine"}`+botLabel+`bot:name:googlebot"}`+botLabel+`bot:unverified"}`+botLabel+`signal:known_bot_data_center"}`)
	all = append(all, w.series(&f.FakeBot, at(11*time.Hour), 3*time.Hour, 900, func(i int) request {
		r := request{client: &fake, method: "GET", uri: fmt.Sprintf("/items/%d", 10_000+i*11), verdict: &verdictFakeBot, bytes: 21_000}
		if i%100 == 0 {
			r.uri = "/robots.txt"
		}
		return r
	})...)
	slices.SortStableFunc(all, func(a, b request) int { return cmp.Compare(a.t, b.t) })
	return all
}

const chromeUA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
