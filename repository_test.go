// Package yagura_test checks the repository itself: the floors of the design, package
// comments, file sizes, and that nothing of a developer's machine got in.
package yagura_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/yagura-siem/yagura/"

// floors lists every package folder below internal/ with its floor; a package may import only
// packages of lower floors, and those of its own floor that allowed names.
var floors = map[string]int{
	"event": 0, "schema": 0, "expr": 0, "alert": 0, "yamltext": 0,
	"parse": 1, "logtype": 1, "enrich": 1, "store": 1, "query": 1, "detect": 1, "alerting": 1, "dashboard": 1, "auth": 1, "demo": 1,
	"ingest": 2, "content": 2, "watch": 2,
	"source": 3, "state": 3, "notify": 3, "issue": 3, "httpapi": 3,
	"config": 4, "app": 5,
}

// allowed are imports inside one floor.
var allowed = map[string]bool{
	"event>schema": true, "expr>schema": true, "alert>event": true, "alert>schema": true,
	"query>store": true, "logtype>parse": true, "dashboard>query": true, "dashboard>store": true,
}

type goPackage struct {
	ImportPath                         string
	Doc                                string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,TestImports,XTestImports", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	var pkgs []goPackage
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func floorOf(importPath string) (name string, floor int, ok bool) {
	rest, inside := strings.CutPrefix(importPath, module+"internal/")
	if !inside {
		return "", 0, false
	}
	name, _, _ = strings.Cut(rest, "/")
	floor, ok = floors[name]
	return name, floor, ok
}

func TestFloors(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name, floor, ok := floorOf(p.ImportPath)
		if !ok {
			if strings.HasPrefix(p.ImportPath, module+"internal/") {
				t.Errorf("%s stands on no floor: add it to the design and to this test", p.ImportPath)
			}
			continue
		}
		for _, imp := range p.Imports {
			other, otherFloor, ok := floorOf(imp)
			if !ok || other == name {
				continue
			}
			if otherFloor < floor || otherFloor == floor && allowed[name+">"+other] {
				continue
			}
			t.Errorf("%s imports %s: imports point down only (floor %d to %d)", p.ImportPath, imp, floor, otherFloor)
		}
	}
}

func TestConfigIsForTheRoof(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if imp == module+"internal/config" && p.ImportPath != module+"internal/app" && !strings.HasPrefix(p.ImportPath, module+"cmd/") {
				t.Errorf("%s imports config: only app and cmd may", p.ImportPath)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.Doc == "" && strings.HasPrefix(p.ImportPath, module) && !strings.Contains(p.ImportPath, "/testdata/") && len(p.Imports) > 0 {
			t.Errorf("%s has no package comment: say what it is for and what it is not", p.ImportPath)
		}
	}
}

func trackedFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("git does not answer here (%v): the files of the repository cannot be listed", err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	sort.Strings(files)
	return files
}

func TestNothingOfAMachine(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`/(?:home|root)/[a-z]+/|/work/(?:main|shared)|\.library/`)
	for _, f := range trackedFiles(t) {
		if strings.HasSuffix(f, ".sum") || strings.HasSuffix(f, ".gz") || f == "repository_test.go" {
			continue
		}
		b, err := os.ReadFile(filepath.FromSlash(f))
		if err != nil {
			continue // deleted in the work tree
		}
		if m := bad.Find(b); m != nil {
			t.Errorf("%s holds %q: a path of one machine", f, m)
		}
	}
}

// TestScriptsRunInAClone: git keeps one bit of a file's mode, and make calls the scripts by their names.
func TestScriptsRunInAClone(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "ls-files", "-s", "scripts").Output()
	if err != nil {
		t.Skipf("git does not answer here (%v): the files of the repository cannot be listed", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if !strings.HasPrefix(line, "100755 ") {
			t.Errorf("%s: not executable in a clone; run: git update-index --chmod=+x", line)
		}
	}
}

func TestFilesHaveOneSubject(t *testing.T) {
	t.Parallel()
	const most = 700
	for _, f := range trackedFiles(t) {
		if !strings.HasSuffix(f, ".go") {
			continue
		}
		b, err := os.ReadFile(filepath.FromSlash(f))
		if err != nil {
			continue
		}
		if n := strings.Count(string(b), "\n"); n > most {
			t.Errorf("%s has %d lines (at most %d): what is its second subject?", f, n, most)
		}
	}
}
