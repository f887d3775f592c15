package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/web"
)

var update = flag.Bool("update", false, "rewrite THIRD_PARTY.md")

// fine are the licences a linked module may have.
var fine = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "Public domain", "Unicode", "Unlicense", "Zlib"}

// marks are words that only one licence has, whatever its line breaks.
var marks = []struct{ licence, words string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"BSL-1.0", "boost software license - version 1.0"},
	{"CC0-1.0", "cc0 1.0 universal"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"Public domain", "dedicated to the public domain by the authors"},
	{"Unicode", "unicode, inc. license agreement"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
	{"Zlib", "altered source versions must be plainly marked as such"},
	{"MPL-2.0", "mozilla public license"},
	{"GPL", "gnu general public license"},
	{"LGPL", "gnu lesser general public license"},
	{"AGPL", "gnu affero general public license"},
	{"EPL", "eclipse public license"},
	{"CDDL", "common development and distribution license"},
	{"SSPL", "server side public license"},
	{"BUSL", "business source license"},
	{"CC-BY", "creative commons attribution"},
}

// licences names what a licence text holds. Some texts hold notices of several works.
func licences(text string) []string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	var out []string
	for _, m := range marks {
		if strings.Contains(text, m.words) && !slices.Contains(out, m.licence) {
			out = append(out, m.licence)
		}
	}
	if strings.Contains(text, "redistribution and use in source and binary forms") {
		if strings.Contains(text, "endorse or promote") {
			out = append(out, "BSD-3-Clause")
		} else {
			out = append(out, "BSD-2-Clause")
		}
	}
	slices.Sort(out)
	return out
}

type module struct {
	path, dir string
}

// linked lists the modules whose packages are in the binary of this platform. Modules that differ only by platform
// (…/lib/linux-amd64) are one.
func linked(t *testing.T) []module {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", ".")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mods []module
	for line := range strings.Lines(string(out)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue
		}
		if parent, platform, ok := strings.Cut(path, "/lib/"); ok && strings.HasPrefix(platform, runtime.GOOS+"-") {
			path = parent + "/lib/*"
		}
		if m := (module{path, dir}); !slices.Contains(mods, m) {
			mods = append(mods, m)
		}
	}
	slices.SortFunc(mods, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return mods
}

// licenceOf reads the licence files of a module, or of the repository it is a folder of.
func licenceOf(m module) ([]string, error) {
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "UNLICENSE*", "COPYING*", "License*", "license*"} {
		files, err := filepath.Glob(filepath.Join(m.dir, pattern))
		if err != nil {
			return nil, err
		}
		var found []string
		for _, f := range files {
			if fi, err := os.Stat(f); err != nil || fi.IsDir() {
				continue
			}
			if strings.Contains(f, "3RD-PARTY") { // also of what only the module's own tests use
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			for _, l := range licences(string(b)) {
				if !slices.Contains(found, l) {
					found = append(found, l)
				}
			}
		}
		if len(found) > 0 {
			slices.Sort(found)
			return found, nil
		}
	}
	return nil, fmt.Errorf("%s has no licence file that is understood", m.path)
}

const thirdPartyIntro = `# Third-party modules

<!-- Written by make gen from the modules that are linked into the binary and their licence files; do not edit. -->

What is linked into ` + "`yagura`" + `, with the licences found in each module's licence files (several: the module carries notices of
other works). Their texts are in the modules. The Go standard library and run time are under BSD-3-Clause. The query engine is DuckDB (MIT), a C++ library that
github.com/duckdb/duckdb-go-bindings brings for each platform.

| module | licences |
|---|---|
`

const thirdPartyWeb = `
## In the browser interface

What is built into ` + "`web/dist`" + `; the texts of the licences are in ` + "`web/dist/licenses.md`" + `, which the binary serves as ` + "`/licenses.md`" + `. The world map is drawn from
Natural Earth (public domain), prepared by world-atlas (ISC).

| package | licence |
|---|---|
`

// bundled lists the packages that the build put into the browser interface, by the headings of the notice it wrote.
func bundled(t *testing.T) (lines string) {
	t.Helper()
	b, err := fs.ReadFile(web.Files(), "licenses.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^## (\S+) - \S+ \((.+)\)$`).FindAllStringSubmatch(string(b), -1) {
		if !slices.Contains(fine, m[2]) {
			t.Errorf("%s is under %s, which is none of %v", m[1], m[2], fine)
		}
		lines += fmt.Sprintf("| %s | %s |\n", m[1], m[2])
	}
	return lines
}

// TestThirdParty proves that every linked module is listed and that nobody brought a licence that asks for more.
func TestThirdParty(t *testing.T) {
	t.Parallel()
	page := filepath.Join(repository, "THIRD_PARTY.md")
	want := thirdPartyIntro
	for _, m := range linked(t) {
		l, err := licenceOf(m)
		if err != nil {
			t.Error(err)
		}
		for _, x := range l {
			if !slices.Contains(fine, x) {
				t.Errorf("%s is under %s, which is none of %v", m.path, x, fine)
			}
		}
		want += fmt.Sprintf("| %s | %s |\n", m.path, strings.Join(l, ", "))
	}
	want += thirdPartyWeb + bundled(t)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if have := string(b); have != want {
		for line := range strings.Lines(want) { // other platforms link a few others
			if !strings.Contains(have, line) {
				t.Errorf("THIRD_PARTY.md lacks this line: run make gen\n%s", line)
			}
		}
		for line := range strings.Lines(have) {
			if runtime.GOOS == "linux" && !strings.Contains(want, line) {
				t.Errorf("THIRD_PARTY.md has a line too many: run make gen\n%s", line)
			}
		}
	}
}
