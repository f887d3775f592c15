package logtype

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/yagura-siem/yagura/internal/schema"
)

// TestShippedDefinitions compiles what content/ ships.
func TestShippedDefinitions(t *testing.T) {
	files, _ := filepath.Glob("../../content/logtypes/*/logtype.yaml")
	if len(files) == 0 {
		t.Skip("no definitions in content/logtypes yet")
	}
	dict := schema.ECS()
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(filepath.Base(filepath.Dir(f)), src)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if _, err := Compile(d, dict); err != nil {
			t.Errorf("%v", err)
		}
	}
}
