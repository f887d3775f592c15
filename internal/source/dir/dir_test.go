package dir_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/source"
	"github.com/yagura-siem/yagura/internal/source/dir"
	"github.com/yagura-siem/yagura/internal/source/sourcetest"
)

func put(t testing.TB, root, key string, body []byte) string {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, root string, now func() time.Time) *dir.Source {
	t.Helper()
	s, err := dir.Open(dir.Config{Name: "inbox", Path: root}, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Place {
		root, clock := t.TempDir(), sourcetest.NewClock()
		p := &sourcetest.Place{
			Put: func(t *testing.T, key string, body []byte) { put(t, root, key, body) },
			Remove: func(t *testing.T, key string) {
				if err := os.Remove(filepath.Join(root, filepath.FromSlash(key))); err != nil {
					t.Fatal(err)
				}
			},
			Advance: clock.Advance,
			Open:    func(t *testing.T) source.Source { return open(t, root, clock.Now) },
		}
		if os.Geteuid() != 0 { // root reads everything
			p.Deny = func(t *testing.T, key string) {
				if err := os.Chmod(filepath.Join(root, filepath.FromSlash(key)), 0); err != nil {
					t.Fatal(err)
				}
			}
		}
		return p
	})
}

func names(t *testing.T, s source.Source, pass source.Pass) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(sourcetest.List(t, s, pass, source.Cursors{})))
}

func expect(t *testing.T, s source.Source, pass source.Pass, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, names(t, s, pass)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", pass, diff)
	}
}

// A file is taken when it has rested, and again when it grew and rested.
func TestRest(t *testing.T) {
	t.Parallel()
	root, clock := t.TempDir(), sourcetest.NewClock()
	s := open(t, root, clock.Now)
	path := put(t, root, "a.log", []byte("one\n"))
	setTime := func(at time.Time) {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	setTime(clock.Now())
	expect(t, s, source.Fast)
	clock.Advance(dir.Rest / 2)
	expect(t, s, source.Full)
	clock.Advance(dir.Rest / 2)
	expect(t, s, source.Fast, "a.log")
	expect(t, s, source.Fast)
	expect(t, s, source.Relist, "a.log")

	put(t, root, "a.log", []byte("one\ntwo\n"))
	setTime(clock.Now())
	expect(t, s, source.Fast)
	clock.Advance(dir.Rest)
	expect(t, s, source.Fast, "a.log")

	// moved in with an old time: at once
	moved := put(t, t.TempDir(), "b.log", []byte("x"))
	old := clock.Now().Add(-time.Hour)
	if err := os.Chtimes(moved, old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(moved, filepath.Join(root, "b.log")); err != nil {
		t.Fatal(err)
	}
	expect(t, s, source.Fast, "b.log")

	// a time in the future must not keep a file out for ever
	setTime(clock.Now().Add(24 * time.Hour))
	clock.Advance(time.Second)
	expect(t, s, source.Fast)
	clock.Advance(dir.Rest)
	expect(t, s, source.Fast, "a.log")

	// grown after a long time: the fast pass sees it within an eighth of that time
	clock.Advance(20 * time.Hour)
	expect(t, s, source.Fast)
	put(t, root, "b.log", []byte("x and more"))
	setOld := clock.Now().Add(-time.Minute)
	if err := os.Chtimes(filepath.Join(root, "b.log"), setOld, setOld); err != nil {
		t.Fatal(err)
	}
	clock.Advance(4 * time.Hour)
	expect(t, s, source.Fast, "b.log")
	expect(t, s, source.Full, "a.log", "b.log")
}

func TestSkippedNames(t *testing.T) {
	t.Parallel()
	root, clock := t.TempDir(), sourcetest.NewClock()
	for _, k := range []string{".hidden", ".git/a", "a.tmp", "a.part", "a~", "ok.log", "sub/.x", "sub/ok.log"} {
		put(t, root, k, []byte("x"))
	}
	clock.Advance(time.Minute)
	expect(t, open(t, root, clock.Now), source.Full, "ok.log", "sub/ok.log")
}

func TestLinks(t *testing.T) {
	t.Parallel()
	root, outside, clock := t.TempDir(), t.TempDir(), sourcetest.NewClock()
	secret := put(t, outside, "secret", []byte("x"))
	put(t, root, "d/real.log", []byte("y"))
	for link, to := range map[string]string{"out.log": secret, "outdir": outside, "in.log": filepath.Join("d", "real.log"), "loop": ".", "dead": "nothing"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	clock.Advance(time.Minute)
	s := open(t, root, clock.Now)
	expect(t, s, source.Full, "d/real.log", "in.log")
	// a file that is replaced by a link out after it was listed
	o := sourcetest.List(t, s, source.Full, nil)["d/real.log"]
	if err := os.Remove(filepath.Join(root, "d", "real.log")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(root, "d", "real.log")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), o); err == nil {
		t.Error("a link out of the folder was opened")
	}
	if _, err := s.Open(t.Context(), source.Object{Key: "../x"}); err == nil {
		t.Error("a key out of the folder was opened")
	}
}

// Whole directories come and go.
func TestDirectories(t *testing.T) {
	t.Parallel()
	root, clock := t.TempDir(), sourcetest.NewClock()
	s := open(t, root, clock.Now)
	put(t, root, "d/e/a.log", []byte("x"))
	clock.Advance(time.Minute)
	expect(t, s, source.Fast, "d/e/a.log")
	if err := os.RemoveAll(filepath.Join(root, "d")); err != nil {
		t.Fatal(err)
	}
	expect(t, s, source.Fast)
	put(t, root, "d/e/b.log", []byte("x"))
	clock.Advance(time.Minute)
	expect(t, s, source.Fast, "d/e/b.log")
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	err := s.Scan(t.Context(), source.Fast, nil, func([]source.Object) error { return nil })
	if !errors.Is(err, source.ErrGone) {
		t.Errorf("scan of a folder that is gone: %v", err)
	}
}

func TestUnreadableDirectory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("the superuser reads every directory")
	}
	root, clock := t.TempDir(), sourcetest.NewClock()
	put(t, root, "a/x.log", nil)
	put(t, root, "b/x.log", nil)
	if err := os.Chmod(filepath.Join(root, "a"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "a"), 0o755) })
	clock.Advance(time.Minute)
	var got []string
	err := open(t, root, clock.Now).Scan(t.Context(), source.Fast, nil, func(objs []source.Object) error {
		for _, o := range objs {
			got = append(got, o.Key)
		}
		return nil
	})
	if diff := cmp.Diff([]string{"b/x.log"}, got); diff != "" || !errors.Is(err, source.ErrDenied) {
		t.Errorf("found %v, error %v", got, err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []dir.Config{{}, {Name: "a"}, {Path: "x"}, {Name: "a", Path: "/"}, {Name: "a", Path: "a\x00b"}} {
		if c.Validate() == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
	if _, err := dir.Open(dir.Config{Name: "a", Path: filepath.Join(t.TempDir(), "none")}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// BenchmarkFastPass is one poll of a quiet tree of 100,000 files in 1,000 directories, and of a
// tree whose files are all young.
func BenchmarkFastPass(b *testing.B) {
	root := b.TempDir()
	now := time.Now()
	for i := range 1000 {
		for j := range 100 {
			put(b, root, fmt.Sprintf("%02d/%03d/%d.log", i%30, i, j), nil)
		}
	}
	for name, after := range map[string]time.Duration{"quiet": 2 * time.Hour, "young": time.Minute} {
		b.Run(name, func(b *testing.B) {
			s := open(b, root, func() time.Time { return now.Add(after) })
			pass := func() (n int) {
				if err := s.Scan(b.Context(), source.Fast, nil, func(o []source.Object) error { n += len(o); return nil }); err != nil {
					b.Fatal(err)
				}
				return n
			}
			if n := pass(); n != 100_000 {
				b.Fatalf("%d files", n)
			}
			for b.Loop() {
				if n := pass(); n != 0 {
					b.Fatalf("%d files", n)
				}
			}
		})
	}
}
