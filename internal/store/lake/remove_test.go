package lake

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	l, err := Open(Config{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(l.root, "aws.waf", "2026-11-21", "x.parquet")
	outside := filepath.Join(filepath.Dir(l.root), "outside.parquet")
	for _, f := range []string{file, outside} {
		if err := os.MkdirAll(filepath.Dir(f), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time it is not there
		if err := l.Remove("aws.waf/2026-11-21/x.parquet"); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Fatalf("the file is still there: %v", err)
		}
	}
	if err := l.Remove("no/such/folder/x.parquet"); err != nil {
		t.Error(err)
	}
	if err := l.Remove("../outside.parquet"); err == nil {
		t.Error("a path out of the lake was taken")
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a file outside the lake is gone: %v", err)
	}
}
