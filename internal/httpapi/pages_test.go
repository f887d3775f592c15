package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPages(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("let x = 1;\n", 500)
	files := fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><title>y</title>")},
		"assets/app-1a2b.js":   {Data: []byte(big)},
		"assets/logo-9.png":    {Data: []byte(big)},
		"boot.js":              {Data: []byte("boot")},
		"assets/sub/x-1.woff2": {Data: []byte("font")},
	}
	h := Pages(files, false)
	const forEver, again = "public, max-age=31536000, immutable", "no-cache"
	for _, c := range []struct {
		path   string
		gzip   bool
		status int
		kind   string
		cache  string
		zipped bool
	}{
		{"/", false, 200, "text/html; charset=utf-8", again, false},
		{"/explore", true, 200, "text/html; charset=utf-8", again, false},
		{"/entity/path/%2Fadmin%2Flogin.php", false, 200, "text/html; charset=utf-8", again, false},
		{"/assets/app-1a2b.js", true, 200, "text/javascript; charset=utf-8", forEver, true},
		{"/assets/app-1a2b.js", false, 200, "text/javascript; charset=utf-8", forEver, false},
		{"/assets/logo-9.png", true, 200, "image/png", forEver, false},
		{"/assets/app-0000.js", false, 404, "text/plain; charset=utf-8", "", false},
		{"/assets/", false, 404, "text/plain; charset=utf-8", "", false},
		{"/boot.js", false, 200, "text/javascript; charset=utf-8", again, false},
		{"/../../etc/passwd", false, 200, "text/html; charset=utf-8", again, false},
		{"/assets/../../x", false, 200, "text/html; charset=utf-8", again, false},
		{"/%00", false, 200, "text/html; charset=utf-8", again, false},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		if c.gzip {
			r.Header.Set("Accept-Encoding", "br, gzip")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		res := w.Result()
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.kind || res.Header.Get("Cache-Control") != c.cache || (res.Header.Get("Content-Encoding") == "gzip") != c.zipped {
			t.Errorf("%s: %d %v", c.path, res.StatusCode, res.Header)
		}
		if c.zipped {
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(z); err != nil || string(b) != big {
				t.Errorf("%s: %d bytes, %v", c.path, len(b), err)
			}
		}
		if c.status != 200 {
			continue
		}
		r.Header.Set("If-None-Match", res.Header.Get("ETag"))
		w = httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s again: %d, %d bytes", c.path, w.Code, w.Body.Len())
		}
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil)); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	for accept, want := range map[string]bool{"": false, "gzip": true, "gzip;q=0": false, "gzip; q=0.0": false, "deflate, gzip;q=0.5": true, "x-gzip": false} {
		if takesGzip(accept) != want {
			t.Errorf("%q: %t", accept, !want)
		}
	}
}

func TestPagesFromDisk(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"index.html": {Data: []byte("one")}}
	h := Pages(files, true)
	get := func() string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Body.String()
	}
	first := get()
	files["index.html"] = &fstest.MapFile{Data: []byte("two")}
	if second := get(); first != "one" || second != "two" {
		t.Errorf("%q, then %q", first, second)
	}
}
