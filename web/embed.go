// Package web carries the built user interface (web/dist), so that the binary serves it without any other file and
// builds without Node. It neither serves nor builds: internal/httpapi serves what Files gives, scripts/web builds it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built interface: index.html, boot.js, assets/ with hashed names, licenses.md. Read-only, safe for concurrent use.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant; fs.Sub refuses only names that are no paths
	}
	return files
}
