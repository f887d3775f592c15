package demo

import (
	"fmt"
	"math/rand/v2"
)

// The company's cloud accounts (numbers AWS uses in its documentation) and region.
const (
	accountProd  = "111122223333"
	accountStage = "444455556666"
	accountAudit = "777788889999"
	region       = "ap-northeast-1"
)

// Accounts is an account file for the enrichment of cloud.account.id.
const Accounts = "id,name,owner\n" +
	accountProd + ",shop-prod,web team\n" +
	accountStage + ",shop-stage,web team\n" +
	accountAudit + ",security-audit,security team\n"

// size says how many different things a world has.
type size struct {
	clients, paths, agents int
	wide                   bool // many browser builds
}

// world is everything that stays the same over the days: clients, pages, hosts.
type world struct {
	rng     *rand.Rand
	clients []client
	pages   []page
	agents  []userAgent
	pickCl  *rand.Zipf
	pickPg  *rand.Zipf
	robots  []client
}

// client is somebody who asks: an address with one program.
type client struct {
	ip      string
	country string
	labels  string // JSON labels of its place, without brackets
	agent   int32
	id      uint64 // its session and connections follow from it
	bot     string // further JSON labels of Bot Control, beginning with a comma
}

// page is a place on a host.
type page struct {
	host   int8
	method string
	uri    string // inside of a JSON string; also fit for a request line
	args   string
	static bool
	bytes  int32
	status int16 // the usual answer
}

// host is a web site of the company.
type host struct {
	name string
	acl  *webACL   // nil = not protected
	lb   *balancer // nil = answered by CloudFront
}

var hosts = []host{
	{"www.shop.example.jp", &aclShop, &lbWeb},
	{"api.shop.example.jp", nil, &lbAPI},
	{"static.shop.example.jp", &aclEdge, nil},
	{"recruit.example.jp", &aclEdge, nil},
	{"admin.shop.example.jp", &aclShop, &lbAPI},
}

// newWorld builds a world from a seed.
func newWorld(seed uint64, s size) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x59a6_0001))}
	rng := w.rng
	for range s.agents {
		w.agents = append(w.agents, newAgent(rng, s.wide))
	}
	total := 0
	blocks, labels := make([]block, len(networks)), make([]string, len(networks))
	for i := range networks {
		total += networks[i].weight
		blocks[i], labels[i] = networks[i].block(), placeLabels(&networks[i])
	}
	agent := rand.NewZipf(rng, 1.15, 8, uint64(s.agents-1))
	for range s.clients {
		k := rng.IntN(total)
		i := 0
		for k >= networks[i].weight {
			k -= networks[i].weight
			i++
		}
		w.clients = append(w.clients, client{blocks[i].pick(rng), networks[i].country, labels[i], int32(agent.Uint64()), rng.Uint64(), ""})
	}
	w.addRobots()
	w.addPages(s.paths)
	w.pickCl = rand.NewZipf(rng, 1.07, 60, uint64(s.clients-1))
	w.pickPg = rand.NewZipf(rng, 1.12, 12, uint64(len(w.pages)-1))
	return w
}

// placeLabels are the labels AWS WAF puts on every request of a place.
func placeLabels(n *network) string {
	s := `{"name":"awswaf:clientip:geo:country:` + n.country + `"}`
	if n.regionID != "" {
		s += `,{"name":"awswaf:clientip:geo:region:` + n.country + "-" + n.regionID + `"}`
	}
	return s
}

// newClient makes a client with its own program, outside the ordinary crowd.
func (w *world) newClient(ip, ua string, tool bool, bot string) client {
	n := networkOf(ip)
	a := toolAgent(w.rng, ua)
	if !tool {
		a = browserAgent(w.rng, &agentShapes[3], ua, 120)
	}
	w.agents = append(w.agents, a)
	return client{ip, n.country, placeLabels(n), int32(len(w.agents) - 1), w.rng.Uint64(), bot}
}

const botLabel = `,{"name":"awswaf:managed:aws:bot-control:`

func verifiedBot(name, category, organization string) string {
	return botLabel + `bot:category:` + category + `"}` + botLabel + `bot:name:` + name + `"}` + botLabel + `bot:organization:` + organization + `"}` + botLabel + `bot:verified"}`
}

// addRobots adds honest crawlers and checks.
func (w *world) addRobots() {
	for i, r := range []struct{ net, ua, labels string }{
		{"66.249.64.%d", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", verifiedBot("googlebot", "search_engine", "google")},
		{"66.249.64.%d", "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.91 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", verifiedBot("googlebot", "search_engine", "google")},
		{"40.77.167.%d", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", verifiedBot("bingbot", "search_engine", "microsoft")},
		{"20.171.206.%d", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", verifiedBot("gptbot", "ai", "openai")},
		{"54.36.148.%d", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", verifiedBot("ahrefsbot", "seo", "ahrefs")},
		{"52.192.10.%d", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", verifiedBot("uptimerobot", "monitoring", "uptimerobot")},
		{"52.192.10.%d", "python-requests/2.32.3", botLabel + `bot:category:http_library"}` + botLabel + `bot:name:python_requests"}` + botLabel + `bot:unverified"}` + botLabel + `signal:non_browser_user_agent"}`},
	} {
		for j := range 4 {
			w.robots = append(w.robots, w.newClient(fmt.Sprintf(r.net, 10+8*i+j), r.ua, true, r.labels))
		}
	}
}

// addPages lays out the sites; the first pages are the popular ones.
func (w *world) addPages(n int) {
	add := func(host int8, method, uri, args string, static bool, bytes int32, status int16) {
		w.pages = append(w.pages, page{host, method, uri, args, static, bytes, status})
	}
	add(0, "GET", "/", "", false, 38_211, 200)
	add(1, "GET", "/v2/session", "", false, 412, 200)
	add(2, "GET", "/assets/app.8f3c1d.js", "", true, 241_880, 200)
	add(2, "GET", "/assets/app.8f3c1d.css", "", true, 48_120, 200)
	add(0, "GET", "/search", "q=%E3%83%8E%E3%83%BC%E3%83%88", false, 51_400, 200)
	add(1, "GET", "/v2/cart", "", false, 1_804, 200)
	add(1, "POST", "/v2/events", "", false, 2, 204)
	add(0, "GET", "/login", "", false, 9_120, 200)
	add(0, "POST", "/login", "", false, 0, 302)
	add(0, "GET", "/cart", "", false, 22_310, 200)
	add(2, "GET", "/favicon.ico", "", true, 4_286, 200)
	add(1, "POST", "/v2/cart/items", "", false, 640, 201)
	add(3, "GET", "/", "", false, 30_120, 200)
	add(3, "GET", "/jobs/engineer", "", false, 18_020, 200)
	add(1, "GET", "/v2/health", "", true, 15, 200)
	add(0, "GET", "/category/stationery", "page=2", false, 61_002, 200)
	add(4, "GET", "/orders", "status=open", false, 44_100, 200)
	for i := len(w.pages); i < n; i++ {
		size := int32(900 + w.rng.IntN(60_000))
		switch i % 8 {
		case 0, 1, 2:
			add(0, "GET", fmt.Sprintf("/items/%d", 10_000+i), "", false, size, 200)
		case 3:
			add(1, "GET", fmt.Sprintf("/v2/items/%d/stock", 10_000+i), "", false, 210, 200)
		case 4, 5:
			add(2, "GET", fmt.Sprintf("/img/items/%d_l.webp", 10_000+i), "", true, size*3, 200)
		case 6:
			add(0, "GET", "/search", fmt.Sprintf("q=item%d&sort=price&page=%d", i, i%5), false, size, 200)
		default:
			add(int8(i/8%2), "GET", fmt.Sprintf("/old/page-%d.html", i), "ref=mail", false, 1_240, []int16{404, 301, 200, 200}[i/8%4])
		}
	}
}
