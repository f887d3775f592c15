package enrich

import (
	_ "embed"
	"strings"
)

//go:embed countries.txt
var countryData string

// parseCountries maps ISO codes to English names.
func parseCountries(data string) map[string]string {
	m := make(map[string]string, 256)
	for s := range strings.Lines(data) {
		if code, name, ok := strings.Cut(strings.TrimSpace(s), " "); ok && len(code) == 2 {
			m[code] = name
		}
	}
	return m
}
