package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/app"
)

var repository = filepath.Join("..", "..")

// block is a fenced block of a page that can be run.
type block struct {
	line int
	info string // what stands behind the fence
	text string
}

// blocks reads the fenced blocks of a page; a fence may be longer than three marks.
func blocks(page string) []block {
	var out []block
	fence := ""
	for i, line := range strings.Split(page, "\n") {
		switch info := strings.TrimLeft(line, "`"); {
		case fence == "" && len(line)-len(info) >= 3:
			fence = line[:len(line)-len(info)]
			out = append(out, block{line: i + 1, info: info})
		case fence != "" && line == fence:
			fence = ""
		case fence != "":
			out[len(out)-1].text += line + "\n"
		}
	}
	return out
}

// TestDocs runs the shell blocks of the pages a new user reads, in their order, beside a small demonstration:
// "sh" must end well, "sh serve" runs to the end of the page, "sh norun" is for the eye.
func TestDocs(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "README.ja.md", "docs/operating.md", "docs/api.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(filepath.Join(repository, page))
			if err != nil {
				t.Fatal(err)
			}
			r := newReader(t)
			ran := 0
			for _, b := range blocks(string(src)) {
				switch b.info {
				case "sh":
					r.run(t, b)
					ran++
				case "sh serve":
					r.serve(t, b)
				case "sh norun":
				default:
					if strings.HasPrefix(b.info, "sh") || strings.HasPrefix(b.info, "console") {
						t.Errorf("line %d: a block of kind %q is not run: write sh, sh serve or sh norun", b.line, b.info)
					}
				}
			}
			if ran < 2 {
				t.Errorf("only %d blocks were run", ran)
			}
		})
	}
}

// TestTutorial follows the page as an author would, with the real commands: files are written as shown, answers are as shown.
func TestTutorial(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the page calls GNU sed")
	}
	src, err := os.ReadFile(filepath.Join(repository, "docs", "write-a-log-type.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := newShell(t)
	r.env = append(r.env, "PATH="+r.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	answers := 0
	for _, b := range blocks(string(src)) {
		kind, file, _ := strings.Cut(b.info, " file=")
		switch {
		case file != "":
			path := filepath.Join(r.dir, filepath.FromSlash(file))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
		case kind == "sh":
			r.run(t, b)
		case kind == "console":
			line, want, _ := strings.Cut(strings.TrimPrefix(b.text, "$ "), "\n")
			out, err := r.command(t.Context(), block{text: line}).Output()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, string(out)); diff != "" {
				t.Errorf("line %d: %s answers otherwise (-page +now):\n%s", b.line, line, diff)
			}
			answers++
		}
	}
	if answers < 5 {
		t.Errorf("the page has only %d answers", answers)
	}
}

// reader is a new user in a clone after make demo.
type reader struct {
	dir     string
	env     []string
	exports string // of the blocks before
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := newShell(t)
	d, err := app.WriteDemo(filepath.Join(r.dir, ".demo"), time.Now().Truncate(time.Second), smallDemo/2)
	if err != nil {
		t.Fatal(err)
	}
	content, err := filepath.Abs(filepath.Join(repository, "content"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(content, filepath.Join(r.dir, "content")); err != nil {
		t.Fatal(err)
	}
	r.run(t, block{text: "./yagura load -c " + d.Config + " .demo/bucket\n"})
	return r
}

// newShell is a folder that holds nothing but the program.
func newShell(t *testing.T) *reader {
	t.Helper()
	r := &reader{dir: t.TempDir(), env: append(os.Environ(), "YAGURA_LISTEN=127.0.0.1:0", "YAGURA_QUERY_MEMORY=256MiB", "TZ=UTC")}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(r.dir, "yagura")); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *reader) command(ctx context.Context, b block) *exec.Cmd {
	c := exec.CommandContext(ctx, "sh", "-euc", r.exports+b.text)
	c.Dir, c.Env = r.dir, r.env
	return c
}

// run runs a block to its end and returns what it said.
func (r *reader) run(t *testing.T, b block) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := r.command(ctx, b).CombinedOutput()
	if err != nil {
		t.Fatalf("line %d: %v\n%s\n%s", b.line, err, b.text, out)
	}
	for line := range strings.Lines(b.text) {
		if strings.HasPrefix(line, "export ") {
			r.exports += line
		}
	}
	return string(out)
}

// webPage is where a server says that its page is; blocks behind it find it in YAGURA_URL.
var webPage = regexp.MustCompile(`web page on (http://\S+)`)

// serve starts a block, waits until it watches, and ends it with the test.
func (r *reader) serve(t *testing.T, b block) {
	t.Helper()
	c := r.command(context.Background(), block{text: "exec " + b.text})
	pipe, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	watching, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(io.TeeReader(pipe, &said))
		open := true
		for lines.Scan() {
			if open && strings.Contains(lines.Text(), "yagura: watching") {
				if m := webPage.FindStringSubmatch(lines.Text()); m != nil {
					r.env = append(r.env, "YAGURA_URL="+m[1])
				}
				open = false
				close(watching)
			}
		}
	}()
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		<-ended
		if err := c.Wait(); err != nil {
			t.Errorf("line %d: %v\n%s", b.line, err, said.String())
		}
	})
	select {
	case <-watching:
	case <-ended:
		t.Fatalf("line %d: it ended:\n%s", b.line, said.String())
	case <-time.After(30 * time.Second):
		t.Fatalf("line %d: it does not say that it watches", b.line)
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks follows the links between pages.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(repository, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"docs", "content"} {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d os.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".md" {
				pages = append(pages, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, page := range pages {
		src, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(src), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			target := page
			if to != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(to))
			}
			text, err := os.ReadFile(target)
			if fi, statErr := os.Stat(target); statErr == nil && fi.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor != "" && !hasHeading(string(text), anchor) {
				t.Errorf("%s links to %s, but there is no such heading", page, m[1])
			}
		}
	}
}

// hasHeading reports whether a page has the heading that GitHub gives this anchor.
func hasHeading(page, anchor string) bool {
	for line := range strings.Lines(page) {
		title := strings.TrimLeft(line, "#")
		if title == line {
			continue
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case strings.ContainsRune("?!.,:;'\"`()/&*|…", r):
				return -1
			}
			return r
		}, strings.ToLower(strings.TrimSpace(title)))
		if slug == anchor {
			return true
		}
	}
	return false
}
