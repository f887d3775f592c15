package enrich

import "strings"

// windowsNames maps the version of the kernel to the one people know. Windows 11 calls
// itself NT 10.0 too and cannot be told apart.
var windowsNames = map[string]string{
	"10.0": "10", "6.4": "10", "6.3": "8.1", "6.2": "8", "6.1": "7", "6.0": "Vista", "5.2": "XP", "5.1": "XP", "5.01": "2000", "5.0": "2000",
}

// linuxes are distributions that name themselves.
var linuxes = map[string]bool{"Ubuntu": true, "Fedora": true, "Debian": true, "CentOS": true}

// system finds the operating system, its version and the device.
func system(k *tokens) (os, version, device string) {
	for i := 0; i < k.nItems; i++ {
		s := k.items[i]
		switch {
		case strings.HasPrefix(s, "Windows Phone"):
			v := strings.TrimPrefix(strings.TrimPrefix(s, "Windows Phone"), " OS")
			return "Windows Phone", strings.TrimSpace(v), ""
		case strings.HasPrefix(s, "Windows NT "):
			v := s[len("Windows NT "):]
			if n, ok := windowsNames[v]; ok {
				v = n
			}
			return "Windows", v, ""
		case s == "Windows" || strings.HasPrefix(s, "Windows 9") || s == "Win64" || s == "Win98" || s == "win32":
			return "Windows", "", ""
		case strings.HasPrefix(s, "CPU iPhone OS "), strings.HasPrefix(s, "CPU OS "), strings.HasPrefix(s, "iPhone OS "), strings.HasPrefix(s, "CPU like Mac"):
			return "iOS", appleVersion(s), appleDevice(k)
		case s == "iPhone" || s == "iPad" || s == "iPod" || s == "iPod touch" || strings.HasPrefix(s, "iPhone"):
			os, device = "iOS", appleDevice(k)
		case strings.HasPrefix(s, "iOS "):
			return "iOS", s[4:], appleDevice(k)
		case strings.HasPrefix(s, "HarmonyOS"), strings.HasPrefix(s, "OpenHarmony"):
			return "HarmonyOS", tail(s), ""
		case s == "Android" || strings.HasPrefix(s, "Android ") || strings.HasPrefix(s, "Android-"):
			v := strings.TrimLeft(strings.TrimPrefix(s, "Android"), " -")
			v, _, _ = strings.Cut(v, " ")
			return "Android", v, androidDevice(k, i+1)
		case strings.HasPrefix(s, "CrOS "):
			return "ChromeOS", tail(s), ""
		case strings.Contains(s, "Mac OS X"):
			v := strings.TrimSpace(s[strings.Index(s, "Mac OS X")+len("Mac OS X"):])
			return "macOS", strings.ReplaceAll(v, "_", "."), "Mac"
		case strings.HasPrefix(s, "Macintosh") && os == "":
			os, device = "macOS", "Mac"
		case strings.HasPrefix(s, "macOS "), strings.HasPrefix(s, "Mac OS "):
			return "macOS", tail(s), "Mac"
		case strings.HasPrefix(s, "Tizen"):
			return "Tizen", tailIf(s), ""
		case strings.HasPrefix(s, "Web0S"), strings.HasPrefix(s, "WebOS"):
			return "webOS", "", "LG TV"
		case strings.HasPrefix(s, "PlayStation"):
			n, v, _ := strings.Cut(s, "/")
			return "PlayStation", v, strings.TrimSpace(n)
		case strings.HasPrefix(s, "Nintendo "):
			return "Nintendo", "", s
		case strings.HasPrefix(s, "Xbox"):
			device = s
		case strings.HasPrefix(s, "KAIOS"), strings.HasPrefix(s, "KaiOS"):
			return "KaiOS", tailIf(s), ""
		case strings.HasPrefix(s, "FreeBSD"), strings.HasPrefix(s, "OpenBSD"), strings.HasPrefix(s, "NetBSD"), strings.HasPrefix(s, "SunOS"):
			n, _, _ := strings.Cut(s, " ")
			return n, "", ""
		case strings.HasPrefix(s, "BlackBerry"), strings.HasPrefix(s, "BB10"):
			return "BlackBerry", "", ""
		case linuxes[s]:
			os = s
		case (s == "Linux" || strings.HasPrefix(s, "Linux ") || s == "X11") && os == "":
			os = "Linux"
		}
	}
	if os != "" {
		return os, version, device
	}
	return productSystem(k)
}

// productSystem finds the system among the products, where command-line tools name it:
// Linux/5.10, os/macos#22.6, Darwin/22.5.0.
func productSystem(k *tokens) (os, version, device string) {
	for _, p := range k.products[:k.nProducts] {
		switch p.name {
		case "Linux", "Windows", "FreeBSD":
			return p.name, p.version, ""
		case "KAIOS":
			return "KaiOS", p.version, ""
		case "Darwin":
			return "Darwin", p.version, ""
		case "Ubuntu", "Fedora":
			return p.name, p.version, ""
		case "os":
			n, v, _ := strings.Cut(p.version, "#")
			n, _, _ = strings.Cut(n, "/")
			switch strings.ToLower(n) {
			case "linux":
				return "Linux", v, ""
			case "macos":
				return "macOS", v, ""
			case "windows":
				return "Windows", v, ""
			}
		}
	}
	return "", "", ""
}

// appleVersion reads 16_5_1 out of "CPU iPhone OS 16_5_1 like Mac OS X".
func appleVersion(s string) string {
	if i := strings.Index(s, "OS "); i >= 0 {
		v, _, _ := strings.Cut(s[i+3:], " ")
		if startsDigit(v) {
			return strings.ReplaceAll(v, "_", ".")
		}
	}
	return ""
}

func appleDevice(k *tokens) string {
	for _, s := range k.items[:k.nItems] {
		for _, d := range []string{"iPhone", "iPad", "iPod"} {
			if strings.HasPrefix(s, d) {
				return d
			}
		}
	}
	return ""
}

// androidDevice reads the model, which stands after the version: Pixel 7, SM-G991B Build/….
// The reduced user agent of newer Chrome says K instead of a model.
func androidDevice(k *tokens, i int) string {
	for comment := k.comments[i-1]; i < k.nItems && k.comments[i] == comment; i++ {
		s := k.items[i]
		if n := strings.Index(s, "Build/"); n >= 0 {
			s = strings.TrimSpace(s[:n])
		}
		switch {
		case s == "" || s == "K" || s == "U" || s == "wv" || s == "Mobile" || s == "Tablet" || s == "HarmonyOS" || strings.HasPrefix(s, "rv:"):
		case len(s) == 5 && (s[2] == '-' || s[2] == '_') || len(s) == 2: // a locale
		case strings.HasPrefix(s, "compatible") || strings.Contains(s, "/"):
			return ""
		default:
			return s
		}
	}
	return ""
}

// tail is the last word, as version: "CrOS x86_64 14541.0.0".
func tail(s string) string { return s[strings.LastIndexAny(s, " /")+1:] }

func tailIf(s string) string {
	if v := tail(s); startsDigit(v) {
		return v
	}
	return ""
}
