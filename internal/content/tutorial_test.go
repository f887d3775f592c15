package content_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	embedded "github.com/yagura-siem/yagura/content"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/enrich"
)

const tutorial = repository + "/docs/write-a-log-type.md"

// docBlock is a fenced block of a page: a file to write ("```yaml file=path") or commands with
// their answers ("```console").
type docBlock struct {
	file string
	text string
	line int
}

func docBlocks(page string) []docBlock {
	var out []docBlock
	fence, keep := "", false
	for i, line := range strings.Split(page, "\n") {
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			head := strings.TrimLeft(line, "`")
			fence = line[:len(line)-len(head)]
			lang, file, _ := strings.Cut(head, " file=")
			keep = file != "" || lang == "console"
			if keep {
				out = append(out, docBlock{file: file, line: i + 1})
			}
		case line == fence:
			fence, keep = "", false
		case keep:
			out[len(out)-1].text += line + "\n"
		}
	}
	return out
}

// TestTutorial writes the files of the page and runs its commands in order, as a reader would.
func TestTutorial(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run, done := 0, 0 // done: the page is up to date up to this byte
	src, err := os.ReadFile(tutorial)
	if err != nil {
		t.Fatal(err)
	}
	page := string(src)
	for _, b := range docBlocks(page) {
		if b.file != "" {
			path := filepath.Join(dir, filepath.FromSlash(b.file))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		command, want, _ := strings.Cut(b.text, "\n")
		got := runDoc(t, dir, strings.TrimPrefix(command, "$ "))
		if *update {
			at := done + strings.Index(page[done:], b.text)
			answered := command + "\n" + got
			page = page[:at] + answered + page[at+len(b.text):]
			done = at + len(answered)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("line %d: %s answers otherwise (-page +now):\n%s", b.line, command, diff)
		}
		run++
	}
	if *update {
		if err := os.WriteFile(tutorial, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if run < 3 {
		t.Errorf("the page has only %d commands", run)
	}
}

// runDoc does what the command line does for lint, test and explain.
func runDoc(t *testing.T, dir, command string) string {
	t.Helper()
	ctx := context.Background()
	word := strings.Fields(command)
	if word[0] == "sed" {
		return sed(t, filepath.Join(dir, word[len(word)-1]), word[len(word)-2], word[1])
	}
	if len(word) < 3 || word[0] != "yagura" {
		t.Fatalf("cannot run %q", command)
	}
	path := filepath.Join(dir, word[len(word)-1])
	own := filepath.Join(dir, "my-content")
	over, err := content.At(own)
	if err != nil {
		t.Fatal(err)
	}
	base, err := content.Folders(content.Source{FS: embedded.Files, Path: "content", Origin: content.BuiltIn})
	if err != nil {
		t.Fatal(err)
	}
	c, loadErr := content.Load(content.Overlay(base, over))
	var out string
	switch word[1] {
	case "lint":
		report, err := content.LintAt(ctx, base, path)
		if err != nil {
			t.Fatal(err)
		}
		out = report.Text()
	case "test":
		report, err := content.TestAt(ctx, base, path, word[2] == "--update")
		if err != nil {
			t.Fatal(err)
		}
		out = report.Text()
	case "explain":
		if loadErr != nil {
			t.Fatal(loadErr)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tables, _, err := enrich.New(enrich.Options{})
		if err != nil {
			t.Fatal(err)
		}
		x, err := c.Explain(ctx, word[len(word)-1], raw, content.ExplainOptions{Enrich: tables.NewWorker()})
		if err != nil {
			t.Fatal(err)
		}
		out = x.Text()
	default:
		t.Fatal(fmt.Sprintf("cannot run %q", command))
	}
	return strings.ReplaceAll(out, dir+"/", "")
}

// sed does the two things the page asks of it: -n A,Bp shows lines, -i s/a/b/ replaces.
func sed(t *testing.T, path, script, flag string) string {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if flag == "-n" {
		var from, to int
		if _, err := fmt.Sscanf(script, "%d,%dp", &from, &to); err != nil {
			t.Fatalf("sed %q: %v", script, err)
		}
		return strings.Join(strings.Split(string(src), "\n")[from-1:to], "\n") + "\n"
	}
	part := strings.Split(strings.Trim(script, "'"), "/")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(src), part[1], part[2])), 0o644); err != nil {
		t.Fatal(err)
	}
	return ""
}
