package enrich

import "strings"

// browsers gives the product tokens that name a program, with a rank: a browser built on
// another carries the other's tokens too, so the highest rank wins.
var browsers = map[string]struct {
	name string
	rank int
}{
	// Programs that show pages inside themselves.
	"FBAN": {"Facebook", 95}, "FBAV": {"Facebook", 94}, "FB_IAB": {"Facebook", 95}, "Instagram": {"Instagram", 96},
	"Line": {"LINE", 95}, "LIFF": {"LINE", 94}, "YJApp-IOS": {"Yahoo! Japan", 95}, "YJApp-ANDROID": {"Yahoo! Japan", 95},
	"GSA": {"Google app", 95}, "MicroMessenger": {"WeChat", 95}, "KAKAOTALK": {"KakaoTalk", 95}, "Twitter": {"Twitter", 95},
	"TwitterAndroid": {"Twitter", 95}, "Pinterest": {"Pinterest", 95}, "BytedanceWebview": {"TikTok", 95}, "musical_ly": {"TikTok", 95},
	"Slack": {"Slack", 95}, "Teams": {"Microsoft Teams", 95}, "Slack_SSB": {"Slack", 95}, "Snapchat": {"Snapchat", 95},
	"Code": {"Visual Studio Code", 95}, "Electron": {"Electron", 60}, "SmartNews": {"SmartNews", 95}, "Yahoo": {"Yahoo", 60},
	// Browsers.
	"OPR": {"Opera", 90}, "OPiOS": {"Opera", 90}, "OPT": {"Opera Touch", 90}, "OPX": {"Opera GX", 90}, "Opera": {"Opera", 45},
	"Edg": {"Edge", 90}, "EdgA": {"Edge", 90}, "EdgiOS": {"Edge", 90}, "Edge": {"Edge", 90}, "EdgW": {"Edge", 90},
	"SamsungBrowser": {"Samsung Internet", 90}, "Vivaldi": {"Vivaldi", 90}, "YaBrowser": {"Yandex Browser", 90}, "UCBrowser": {"UC Browser", 90},
	"UBrowser": {"UC Browser", 90}, "Whale": {"Whale", 90}, "DuckDuckGo": {"DuckDuckGo", 90}, "Ddg": {"DuckDuckGo", 90}, "Brave": {"Brave", 90},
	"MiuiBrowser": {"MIUI Browser", 90}, "HuaweiBrowser": {"Huawei Browser", 90}, "ArkWeb": {"ArkWeb", 70}, "QQBrowser": {"QQ Browser", 90},
	"MQQBrowser": {"QQ Browser", 90}, "Silk": {"Silk", 90}, "PaleMoon": {"Pale Moon", 90}, "SeaMonkey": {"SeaMonkey", 90}, "Waterfox": {"Waterfox", 90},
	"Focus": {"Firefox Focus", 85}, "Klar": {"Firefox Focus", 85}, "FxiOS": {"Firefox", 84}, "CriOS": {"Chrome", 84}, "Sleipnir": {"Sleipnir", 90},
	"Lunascape": {"Lunascape", 90}, "coc_coc_browser": {"Coc Coc", 90}, "Maxthon": {"Maxthon", 90}, "Puffin": {"Puffin", 90}, "Konqueror": {"Konqueror", 90},
	"Epiphany": {"Epiphany", 90}, "Falkon": {"Falkon", 90}, "Thunderbird": {"Thunderbird", 90}, "NetFront": {"NetFront", 90}, "NintendoBrowser": {"Nintendo Browser", 91},
	"VivoBrowser": {"Vivo Browser", 90}, "HeyTapBrowser": {"HeyTap Browser", 90}, "OculusBrowser": {"Oculus Browser", 90}, "Avast": {"Avast", 90}, "AvastSecureBrowser": {"Avast", 90},
	"Firefox": {"Firefox", 70}, "Chromium": {"Chromium", 52}, "Chrome": {"Chrome", 50}, "Safari": {"Safari", 40},
	"Links": {"Links", 60}, "Lynx": {"Lynx", 60}, "w3m": {"w3m", 60}, "ELinks": {"ELinks", 60}, "Dalvik": {"Dalvik", 30},
}

// furniture are product tokens that name no program.
var furniture = map[string]bool{
	"Mozilla": true, "AppleWebKit": true, "Gecko": true, "KHTML,": true, "like": true, "Version": true, "Mobile": true,
	"Presto": true, "CFNetwork": true, "Darwin": true, "KHTML": true, "Trident": true, "compatible": true, "wv": true,
}

// browser names the program of a user agent that no line of the bot table matched.
func browser(k *tokens) (name, version string) {
	if v, ok := k.ie(); ok {
		return "Internet Explorer", v
	}
	if v, ok := k.item("Opera Mini/"); ok {
		v, _, _ = strings.Cut(v, "/")
		return "Opera Mini", v
	}
	if p := k.products[0]; k.nProducts > 0 && p.name == "Opera" {
		if v, ok := k.version("Version"); ok {
			return "Opera", v
		}
		return "Opera", p.version
	}
	best := -1
	for i := range k.products[:k.nProducts] {
		p := &k.products[i]
		if b, ok := browsers[p.name]; ok && b.rank > best && (p.version != "" || b.rank > 90) {
			best, name, version = b.rank, b.name, p.version
		}
	}
	for i := range k.items[:k.nItems] {
		// In-app browsers put their tokens in square brackets: [FBAN/FBIOS;FBAV/1.2].
		n, v, ok := strings.Cut(k.items[i], "/")
		if b, known := browsers[n]; ok && known && b.rank >= 94 && b.rank > best {
			best, name, version = b.rank, b.name, v
			if fbav, ok := k.item("FBAV/"); ok && b.name == "Facebook" {
				version = fbav
			}
		}
	}
	switch {
	case name == "Instagram" && version == "":
		version = k.after("Instagram")
	case best == 95 && name == "Facebook" && !startsDigit(version):
		if v, ok := k.item("FBAV/"); ok {
			version = v
		}
	case best == 50 && k.has("wv"):
		name = "Chrome WebView"
	case best == 40:
		if v, ok := k.version("Version"); ok {
			version = v
			if k.has("Android") || k.hasPrefix("Android ") {
				name = "Android Browser"
			}
		}
	case best < 0 && k.nProducts > 0 && k.products[0].name == "Mozilla":
		if _, ok := k.version("AppleWebKit"); ok && (k.hasPrefix("CPU iPhone OS") || k.hasPrefix("CPU OS")) {
			return "Safari WebView", ""
		}
		return k.firstProduct()
	case best < 0:
		return k.firstProduct()
	}
	if i := strings.IndexAny(version, "/,"); i >= 0 {
		version = version[:i]
	}
	return name, version
}

// after returns the product after one, if it is a bare version.
func (k *tokens) after(name string) string {
	for i := 1; i < k.nProducts; i++ {
		if p := k.products[i]; k.products[i-1].name == name && startsDigit(p.name) {
			return p.name
		}
	}
	return ""
}

// firstProduct names an unknown program: the first token that is not furniture.
func (k *tokens) firstProduct() (string, string) {
	for _, p := range k.products[:k.nProducts] {
		if !furniture[p.name] && letter(p.name) {
			v, _, _ := strings.Cut(p.version, "/")
			return p.name, v
		}
	}
	return "", ""
}

// ie finds Internet Explorer, which names itself in the comment.
func (k *tokens) ie() (string, bool) {
	if v, ok := k.item("MSIE "); ok {
		return v, true
	}
	if _, ok := k.item("Trident/"); ok {
		if v, ok := k.item("rv:"); ok {
			return v, true
		}
	}
	return "", false
}

// item returns what follows prefix in the first comment item that has it.
func (k *tokens) item(prefix string) (string, bool) {
	for _, s := range k.items[:k.nItems] {
		if v, ok := strings.CutPrefix(s, prefix); ok {
			return v, true
		}
	}
	return "", false
}

func (k *tokens) has(item string) bool {
	for _, s := range k.items[:k.nItems] {
		if s == item {
			return true
		}
	}
	return false
}

func (k *tokens) hasPrefix(prefix string) bool {
	_, ok := k.item(prefix)
	return ok
}

func startsDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func letter(s string) bool {
	return s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 0x80)
}
