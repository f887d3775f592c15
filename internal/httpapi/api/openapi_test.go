package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/api/openapi.json")

// TestOpenAPI: the committed description is that of the code.
func TestOpenAPI(t *testing.T) {
	path := filepath.Join("..", "..", "..", "docs", "api", "openapi.json")
	now := Spec()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, now) {
		t.Error("docs/api/openapi.json is not what the code describes: go generate ./internal/httpapi/api")
	}
}

const routesMark = "<!-- routes: generated from openapi.json, do not edit below -->\n"

// TestReferencePage: the table of routes at the end of docs/api.md is that of the code.
func TestReferencePage(t *testing.T) {
	path := filepath.Join("..", "..", "..", "docs", "api.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, old, ok := strings.Cut(string(page), routesMark)
	if !ok {
		t.Fatalf("docs/api.md has no line %s", routesMark)
	}
	now := routesTable(t)
	if *update {
		if err := os.WriteFile(path, []byte(head+routesMark+now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != now {
		t.Error("the routes in docs/api.md are not those of the code: go generate ./internal/httpapi/api")
	}
}

func routesTable(t *testing.T) string {
	t.Helper()
	var spec struct {
		Paths map[string]map[string]struct {
			Tags       []string
			Summary    string
			Permission string `json:"x-permission"`
		}
	}
	if err := json.Unmarshal(Spec(), &spec); err != nil {
		t.Fatal(err)
	}
	areas := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(spec.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(spec.Paths[path])) {
			op := spec.Paths[path][method]
			areas[op.Tags[0]] = append(areas[op.Tags[0]], fmt.Sprintf("| `%s %s` | %s | %s |\n", strings.ToUpper(method), path, op.Summary, op.Permission))
		}
	}
	var b strings.Builder
	b.WriteString("\n## Routes\n")
	for _, area := range slices.Sorted(maps.Keys(areas)) {
		b.WriteString("\n### " + area + "\n\n| route | | permission |\n|---|---|---|\n" + strings.Join(areas[area], ""))
	}
	return b.String()
}
