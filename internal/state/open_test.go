package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestPragmas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, nil)
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "trusted_schema": "0"}
	check := func(name string, c *sql.Conn) {
		got := map[string]string{}
		for p := range want {
			var v string
			ok(t, c.QueryRowContext(ctx, "PRAGMA "+p).Scan(&v))
			got[p] = v
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	check("writer", d.writer.conn)
	if n := d.writer.db.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writers", n)
	}
	for i := range d.readers.Stats().MaxOpenConnections {
		c := must[*sql.Conn](t)(d.readers.Conn(ctx))
		defer c.Close()
		check(fmt.Sprint("reader ", i), c)
		if _, err := c.ExecContext(ctx, "DELETE FROM meta"); err == nil {
			t.Error("a reader may write")
		}
	}
}

func withStep(t *testing.T, name, text string) fs.FS {
	t.Helper()
	m := fstest.MapFS{name: {Data: []byte(text)}}
	files := must[[]fs.DirEntry](t)(fs.ReadDir(migrations(), "."))
	for _, f := range files {
		m[f.Name()] = &fstest.MapFile{Data: must[[]byte](t)(fs.ReadFile(migrations(), f.Name()))}
	}
	return m
}

func TestSchemaVersions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "state.db")
	d := openAt(t, path, nil)
	must[int](t)(d.Offer(ctx, infos("waf", 3)))
	ok(t, d.Close())

	// A broken upgrade leaves the file as it was.
	if _, err := open(ctx, path, Options{}, withStep(t, "90000_bad.sql", "-- +goose Up\nCREATE TABLE bench (x);\nnonsense;\n")); err == nil {
		t.Fatal("a broken upgrade passed")
	}
	d = openAt(t, path, nil)
	ok(t, d.Close())

	d = must[*DB](t)(open(ctx, path, Options{}, withStep(t, "90000_next.sql", "-- +goose Up\nCREATE TABLE bench (x);\n")))
	ok(t, d.Close())
	_, err := Open(ctx, path, Options{})
	var refused *SchemaError
	if !errors.As(err, &refused) {
		t.Fatalf("a newer schema was opened: %v", err)
	}
	known := refused.Known
	if diff := cmp.Diff(&SchemaError{Path: path, Have: 90000, Known: known, Backup: backupName(path, known)}, refused); diff != "" {
		t.Fatal(diff)
	}
	if !strings.Contains(err.Error(), refused.Backup) {
		t.Fatalf("the message does not name the way back: %v", err)
	}
	// The way back works.
	for _, s := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + s); err == nil {
			t.Fatalf("%s is left behind", path+s)
		}
	}
	ok(t, os.Rename(refused.Backup, path))
	d = openAt(t, path, nil)
	if n := must[int](t)(d.Offer(ctx, infos("waf", 4))); n != 1 {
		t.Fatal(n)
	}
}

func TestForeignFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "other.db")
	db := must[*sql.DB](t)(sql.Open("sqlite", path))
	must[sql.Result](t)(db.Exec("CREATE TABLE theirs (x)"))
	ok(t, db.Close())
	if _, err := Open(ctx, path, Options{}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text")
	ok(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o640))
	if _, err := Open(ctx, text, Options{}); err == nil {
		t.Fatal("a text file was opened")
	}
	if _, err := Open(ctx, filepath.Join(dir, "none", "state.db"), Options{}); err == nil {
		t.Fatal("a missing folder was opened")
	}
}

// TestFull fills the disk (by a bound on the file) and makes room again.
func TestFull(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, nil)
	must[int](t)(d.Offer(ctx, infos("waf", 50)))
	leases := lease(t, d, "w", 1)
	rec := CommitRecord{Objects: []ObjectResult{{ID: leases[0].Object.ID, Epoch: leases[0].Epoch, State: Done, Counts: Counts{Records: 1, Quarantined: 1}}}}
	// Bytes that do not compress.
	body := make([]byte, 0, 1<<20)
	for x := uint64(1); len(body) < 1<<20; x = x*6364136223846793005 + 1442695040888963407 {
		body = append(body, byte(x>>56))
	}
	rec.Quarantine = []Quarantined{{Object: leases[0].Object.ID, Reason: "x", Body: body}}

	limit := func(pages int) {
		var have int
		ok(t, d.writer.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&have))
		must[sql.Result](t)(d.writer.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", have+pages)))
	}
	limit(0)
	for range 3 {
		if _, err := d.Commit(ctx, rec); !errors.Is(err, ErrFull) {
			t.Fatalf("full disk: %v", err)
		}
		if _, err := d.Offer(ctx, infos("more", 2000)); !errors.Is(err, ErrFull) {
			t.Fatalf("full disk: %v", err)
		}
	}
	if o := must[Object](t)(d.Object(ctx, leases[0].Object.ID)); o.State != Leased || d.Seq() != 0 {
		t.Fatalf("half a commit stayed: %+v", o)
	}
	limit(100_000)
	if seq := must[int64](t)(d.Commit(ctx, rec)); seq != 1 {
		t.Fatal(seq)
	}
	if n := must[int](t)(d.Offer(ctx, infos("more", 2000))); n != 2000 {
		t.Fatal(n)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	d := openTest(t, nil)
	cancel()
	if err := d.PutMeta(ctx, "k", []byte("v")); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	ok(t, d.PutMeta(context.Background(), "k", []byte("v")))
	if v := must[[]byte](t)(d.Meta(context.Background(), "k")); string(v) != "v" {
		t.Fatal(v)
	}
	ok(t, d.Close())
	if err := d.PutMeta(context.Background(), "k", nil); err == nil {
		t.Fatal("wrote to a closed file")
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := openTest(t, nil)
	ok(t, d.PutCursors(ctx, "waf", []Cursor{{"2026/03/01/", []byte("a")}, {"2026/03/02/", []byte("b")}}))
	ok(t, d.PutCursors(ctx, "waf", []Cursor{{"2026/03/01/", nil}, {"2026/03/02/", []byte("c")}}))
	if diff := cmp.Diff(map[string][]byte{"2026/03/02/": []byte("c")}, must[map[string][]byte](t)(d.Cursors(ctx, "waf"))); diff != "" {
		t.Fatal(diff)
	}
	ok(t, d.PutMeta(ctx, "k", []byte("v")))
	ok(t, d.PutMeta(ctx, "k", nil))
	if v := must[[]byte](t)(d.Meta(ctx, "k")); v != nil {
		t.Fatal(v)
	}
}

func TestLock(t *testing.T) {
	if dir := os.Getenv("YAGURA_STATE_LOCK_DIR"); dir != "" {
		_, err := Lock(dir, Holder{Command: "load"})
		fmt.Println("child:", err)
		return
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	unlock, err := Lock(dir, Holder{Command: "serve", Address: "127.0.0.1:9400"})
	ok(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestLock$")
	cmd.Env = append(os.Environ(), "YAGURA_STATE_LOCK_DIR="+dir)
	out := string(must[[]byte](t)(cmd.CombinedOutput()))
	for _, want := range []string{"in use", fmt.Sprint("process ", os.Getpid()), "use the running server"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in %s", want, out)
		}
	}
	_, err = Lock(dir, Holder{Command: "load"})
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Holder.Address != "127.0.0.1:9400" {
		t.Fatal(err)
	}
	ok(t, unlock())
	if h := must[Holder](t)(LockHolder(dir)); h != (Holder{}) {
		t.Fatalf("%+v", h)
	}
	unlock, err = Lock(dir, Holder{Command: "load"})
	ok(t, err)
	ok(t, unlock())
}
