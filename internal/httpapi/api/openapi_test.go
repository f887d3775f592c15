package api

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
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
