package content_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	embedded "github.com/yagura-siem/yagura/content"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/schema"
)

var update = flag.Bool("update", false, "rewrite expected events and generated pages; review the diff")

const (
	repository = "../.."
	pagesDir   = repository + "/docs/log-types"
)

// shipped loads the log types of the work tree, which are those that are embedded.
func shipped(t *testing.T) *content.Content {
	t.Helper()
	folders, err := content.At(repository + "/content")
	if err != nil {
		t.Fatal(err)
	}
	c, err := content.Load(folders)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShippedFixtures(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, f := range c.Folders {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			results, err := c.Test(context.Background(), f, *update)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !r.Passed() {
					t.Errorf("%s: %s\n%s", f.File(r.Fixture.Name), r.Problem, r.Diff)
				}
			}
		})
	}
}

func TestShippedLint(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, f := range c.Folders {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			for _, p := range c.Lint(context.Background(), f) {
				if p.Warning {
					t.Logf("warning: %s", p)
				} else {
					t.Error(p)
				}
			}
		})
	}
}

// The binary holds what the work tree holds.
func TestEmbeddedContentLoads(t *testing.T) {
	t.Parallel()
	folders, err := content.Folders(content.Source{FS: embedded.Files, Path: "content", Origin: content.BuiltIn})
	if err != nil {
		t.Fatal(err)
	}
	c, err := content.Load(folders)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, x := range c.Types {
		got = append(got, x.Name)
	}
	for _, x := range shipped(t).Types {
		want = append(want, x.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	pages, err := content.Pages(shipped(t).Folders, schema.ECS())
	if err != nil {
		t.Fatal(err)
	}
	have, err := filepath.Glob(pagesDir + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range have {
		if _, ok := pages[filepath.Base(path)]; !ok {
			if *update {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
				continue
			}
			t.Errorf("%s is the page of no log type", path)
		}
	}
	for name, text := range pages {
		path := filepath.Join(pagesDir, name)
		old, _ := os.ReadFile(path)
		if string(old) == text {
			continue
		}
		if !*update {
			t.Errorf("%s is not current: run go test ./internal/content -update", path)
			continue
		}
		if err := os.MkdirAll(pagesDir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var release = flag.Bool("release", false, "write the columns of every shipped version into released.tsv; done when a version of the program is released")

// TestReleasedColumns guards what shipped: the columns of a released version never change.
func TestReleasedColumns(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, f := range c.Folders {
		text, err := f.Release(c.Type(f.Name).Table)
		if err != nil {
			t.Error(err)
			continue
		}
		if !*release {
			continue
		}
		if err := os.WriteFile(filepath.Join(f.Path, "released.tsv"), text, 0o644); err != nil {
			t.Error(err)
		}
	}
}
