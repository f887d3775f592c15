package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Pages serves the built interface: files below assets/ carry a hash in their names and may be
// kept for ever, everything else is asked for again each time (by its ETag). A path that is no file
// is one of the pages the interface makes itself: it gets index.html, except below assets/. With
// live the files are read anew at every request (a folder on disk while somebody works on it).
func Pages(files fs.FS, live bool) http.Handler { return &pages{files: files, live: live} }

type pages struct {
	files fs.FS
	live  bool
	known sync.Map // path → *page, only names that exist
}

// page is a file in memory, and compressed where that is worth it.
type page struct {
	raw, zipped []byte
	kind, etag  string
}

const assets = "assets/"

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	f, err := p.load(name)
	if err != nil && !strings.HasPrefix(name+"/", assets) {
		name = "index.html"
		f, err = p.load(name)
	}
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, assets) && !p.live {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := f.raw
	if f.zipped != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", strings.TrimSuffix(f.etag, `"`)+`-gz"`)
		body = f.zipped
	}
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, h.Get("ETag")) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}

// takesGzip reads Accept-Encoding as far as it matters: gzip named and not refused.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == "gzip" {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && !strings.HasPrefix(weight, "q=0.0")
		}
	}
	return false
}

func (p *pages) load(name string) (*page, error) {
	if f, ok := p.known.Load(name); ok && !p.live {
		return f.(*page), nil
	}
	if name == "" || !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	if info, err := fs.Stat(p.files, name); err != nil || info.IsDir() {
		return nil, errors.Join(fs.ErrNotExist, err)
	}
	raw, err := fs.ReadFile(p.files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	f := &page{raw: raw, kind: kindOf(name), etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if len(raw) > 1024 && !strings.HasPrefix(f.kind, "image/png") && !strings.HasPrefix(f.kind, "font/") {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		_, _ = z.Write(raw) // into memory
		_ = z.Close()
		f.zipped = b.Bytes()
	}
	if !p.live {
		p.known.Store(name, f)
	}
	return f, nil
}

// kindOf does not ask the machine, whose table may say anything.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".md", ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
