package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

const plainBoard = "title: {en: Mine, ja: 私の}\npanels:\n  - {id: n, title: {en: Events, ja: 件数}, view: number, query: '| stats count() as n'}\n"

// TestSavedFilesStayInTheirFolder: ids that are paths are refused, links out of the folder are
// neither read nor written through.
func TestSavedFilesStayInTheirFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	secret := filepath.Join(t.TempDir(), "secret.yaml")
	put(t, secret, []byte("password: hunter2\n"))
	own := filepath.Join(data, ownContent, "dashboards")
	if err := os.MkdirAll(own, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"peek", "mine"} {
		if err := os.Symlink(secret, filepath.Join(own, link+".yaml")); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	if _, err := fs.ReadFile(ownTree(filepath.Join(data, ownContent)), "dashboards/peek.yaml"); err == nil {
		t.Error("a link out of the folder is read")
	}
	a := opened(t, configAt(data), cheapHash)
	d := serveFace(t, a)
	b := newBrowser(t, d)
	if _, text := b.call("GET", "/dashboards/peek", nil, nil); strings.Contains(text, "hunter2") {
		t.Errorf("a link out of the folder is shown: %s", text)
	}
	for _, id := range []string{"..%2fx", "%2e%2e", "x%2fy", "X", "x.yaml", "x%00", "ｘ", "-x", "x%20", "%5c%5chost%5cx", "c:x", strings.Repeat("x", 100)} {
		if status, text := b.call("PUT", "/dashboards/"+id, api.DashboardText{YAML: plainBoard}, nil); status < 400 || status >= 500 {
			t.Errorf("PUT /dashboards/%s: %d %s", id, status, text)
		}
		if status, text := b.call("PUT", "/rules/"+id, map[string]string{"yaml": "id: " + id}, nil); status < 400 || status >= 500 {
			t.Errorf("PUT /rules/%s: %d %s", id, status, text)
		}
	}
	b.want(200, "PUT", "/dashboards/mine", api.DashboardText{YAML: plainBoard}, nil)
	if got, _ := os.ReadFile(secret); string(got) != "password: hunter2\n" {
		t.Errorf("a link was written through: %s", got)
	}
	if info, err := os.Lstat(filepath.Join(own, "mine.yaml")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v %v", info, err)
	}

	// The whole folder is a link.
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(data, ownContent, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(filepath.Join(data, ownContent, "linked"), "x.yaml", []byte("x")); err == nil {
		t.Error("a folder that is a link is written into")
	}
	for _, dir := range []string{elsewhere, own} {
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			if e.Name() != "peek.yaml" && e.Name() != "mine.yaml" {
				t.Errorf("%s was left in %s", e.Name(), dir)
			}
		}
	}
}
