package app

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLoadTwice loads a folder, then again: everything is known.
func TestLoadTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 6, 20)
	a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
	s := loadOf(t, a, filepath.Join(dir, "logs"))
	if s.Objects != 18 || s.Loaded != 18 || s.Events != 246 || len(s.Errors) != 0 {
		t.Errorf("first load: %+v", s)
	}
	first := settled(t, a)
	s = loadOf(t, a, filepath.Join(dir, "logs"))
	if s.Objects != 18 || s.Known != 18 || s.Records != 0 {
		t.Errorf("second load: %+v", s)
	}
	if diff := cmp.Diff(first, settled(t, a)); diff != "" {
		t.Error(diff)
	}
}
