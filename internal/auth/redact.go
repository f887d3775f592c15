package auth

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Bounds of one entry.
const (
	maxTarget     = 500  // bytes
	maxDetailText = 2000 // bytes of one value
	maxDetail     = 8000 // bytes of JSON
	maxDetailKeys = 30
)

// secretKeys name values that never belong into a log.
var secretKeys = regexp.MustCompile(`(?i)passw|secret|token|cookie|authorization|credential|csrf|api_?key|^current$|^new$`)

// secretForms are secrets inside of texts: our tokens, bearer headers, AWS secret-like
// assignments, passwords in addresses.
var secretForms = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`ygr_[0-9A-Za-z]{6,}`), "ygr_****"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}`), "$1 ****"},
	{regexp.MustCompile(`(?i)\b(password|passwd|secret|token|api_?key|authorization)(["']?\s*[:=]\s*["']?)[^\s"'&,;]{3,}`), "$1$2****"},
	{regexp.MustCompile(`(://[^/\s:@]{1,100}:)[^/\s@]{1,200}@`), "$1****@"},
}

// redactText takes secrets out of a text and cuts it.
func redactText(s string, most int) string {
	if len(s) > 4*most {
		s = s[:4*most]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	for _, f := range secretForms {
		s = f.re.ReplaceAllString(s, f.with)
	}
	return cut(s, most)
}

// cut keeps whole characters of the first most bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// redact returns a detail that is safe and small enough to be stored.
func redact(detail map[string]any) map[string]any {
	if len(detail) == 0 {
		return nil
	}
	out := make(map[string]any, len(detail))
	for k, v := range detail {
		if len(out) == maxDetailKeys {
			out["more"] = true
			break
		}
		k = cut(k, 100)
		out[k] = redactValue(k, v, 0)
	}
	if b, err := json.Marshal(out); err != nil || len(b) > maxDetail {
		return map[string]any{"too_long": len(b)}
	}
	return out
}

func redactValue(key string, v any, depth int) any {
	switch v := v.(type) {
	case nil, bool, int, int64, int32, uint64, float64:
		return v // counts of tokens are no tokens
	case string:
		if secretKeys.MatchString(key) && v != "" {
			return "****"
		}
		return redactText(v, maxDetailText)
	case []string:
		out := make([]any, 0, min(len(v), 50))
		for _, s := range v[:min(len(v), 50)] {
			out = append(out, redactValue(key, s, depth+1))
		}
		return out
	case []any:
		if depth > 3 {
			return "…"
		}
		out := make([]any, 0, min(len(v), 50))
		for _, e := range v[:min(len(v), 50)] {
			out = append(out, redactValue(key, e, depth+1))
		}
		return out
	case map[string]any:
		if depth > 3 {
			return "…"
		}
		out := make(map[string]any, min(len(v), maxDetailKeys))
		for k, e := range v {
			if len(out) == maxDetailKeys {
				break
			}
			out[k] = redactValue(k, e, depth+1)
		}
		return out
	}
	if secretKeys.MatchString(key) {
		return "****"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	var plain any
	if depth > 3 || len(b) > 4*maxDetail || json.Unmarshal(b, &plain) != nil {
		return "…"
	}
	return redactValue(key, plain, depth+1)
}
