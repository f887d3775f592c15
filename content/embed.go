// Package content holds the declarative content that ships inside the binary: log types,
// lists, rules, dashboards and notification texts. It has no logic; internal/content loads it.
package content

import "embed"

// Files is this folder. A user's folder of the same shape overlays it.
//
//go:embed logtypes lists rules dashboards templates
var Files embed.FS
