package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// built and single are what the interface is built of: folders taken whole, and files beside them. scripts/manifest.ts has the same list.
var (
	built   = []string{"src", "public", "scripts"}
	single  = []string{"index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"}
	outside = regexp.MustCompile(`(^|/)\.|\.test\.tsx?$|^src/fixtures/`)
)

// sources gives the same lines as the build wrote into dist/sources.sha256.
func sources(t *testing.T) string {
	t.Helper()
	files := slices.Clone(single)
	for _, dir := range built {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	var out strings.Builder
	for _, f := range files {
		if outside.MatchString(f) {
			continue
		}
		b, err := os.ReadFile(filepath.FromSlash(f))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(b), f)
	}
	return out.String()
}

// TestBuiltFromTheseSources proves, without Node, that the committed build was made from the sources beside it.
func TestBuiltFromTheseSources(t *testing.T) {
	t.Parallel()
	want := sources(t)
	have, err := fs.ReadFile(Files(), "sources.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if want == string(have) {
		return
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(have)) {
		seen[line] = true
	}
	for line := range strings.Lines(want) {
		if !seen[line] {
			t.Errorf("%s is not what dist was built from", strings.TrimSpace(line[66:]))
		}
		delete(seen, line)
	}
	for line := range seen {
		if !strings.Contains(want, line[64:]) {
			t.Errorf("%s was built in and is gone", strings.TrimSpace(line[66:]))
		}
	}
	t.Error("build the interface and commit it: scripts/web")
}

// TestPageIsWhole proves that all the page asks for at first is there, and that nothing in it needs a looser policy than our CSP.
func TestPageIsWhole(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`(?:src|href)="/([^"]+)"`).FindAllSubmatch(page, -1)
	if len(asked) < 4 {
		t.Errorf("index.html asks for %d files", len(asked))
	}
	for _, m := range asked {
		if _, err := fs.Stat(Files(), string(m[1])); err != nil {
			t.Errorf("index.html asks for %s: %v", m[1], err)
		}
	}
	if regexp.MustCompile(`<script(?:[^>]*)>[^<]`).Match(page) || bytes.Contains(page, []byte("<style")) {
		t.Error("index.html holds a script or style of its own: the content security policy forbids it")
	}
}

// TestNoSourceMaps: they would double the binary and are of no use to whoever runs it.
func TestNoSourceMaps(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(Files(), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".map") {
			t.Errorf("%s is a source map", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
