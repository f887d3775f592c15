// Package state keeps what must never be lost beside the events themselves: the ledger of
// objects, the catalogue of parts, quarantined records, listing cursors, and the place of
// signals, findings and occurrences. It is one SQLite file with one writer. Commit is the only
// transaction that makes events visible; docs/design/commit-protocol.md is its law.
//
// The package never touches part files: it says which may be unlinked, others do it.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "modernc.org/sqlite" // the "sqlite" driver
)

// Options of Open. The zero value is right outside tests.
type Options struct {
	// Now is the clock leases and retries are judged by; nil = time.Now.
	Now func() time.Time
}

// DB is an open state file. All methods are safe for concurrent use. There must be only one DB
// on a file at a time: hold the Lock of the data folder while it is open, because snapshots are
// answered from memory.
type DB struct {
	path    string
	now     func() time.Time
	writer  *writer
	readers *sql.DB
	parts   *catalogue
	hook    func(step string) // called inside Commit by kill tests; nil otherwise
}

// Open opens the state file at path, creating it when it does not exist, and brings its schema
// up to date. A file with a newer schema is refused with a *SchemaError and left untouched. The
// cost does not depend on the size of the ledger, only on the number of live parts.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	return open(ctx, path, o, migrations())
}

func open(ctx context.Context, path string, o Options, steps migrationSet) (_ *DB, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	d := &DB{path: path, now: o.Now, parts: newCatalogue()}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	w, err := sql.Open("sqlite", dsn(path, writerPragmas))
	if err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	w.SetMaxIdleConns(1)
	d.writer = newWriter(w)
	if err := migrate(ctx, w, path, steps); err != nil {
		return nil, typed(err)
	}
	if err := syncFolder(path); err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	if err := d.writer.pin(ctx); err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, typed(err))
	}
	d.readers, err = sql.Open("sqlite", dsn(path, readerPragmas))
	if err != nil {
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	n := max(4, runtime.GOMAXPROCS(0))
	d.readers.SetMaxOpenConns(n)
	d.readers.SetMaxIdleConns(n)
	if err := d.loadCatalogue(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Close closes the file. Leases stay as they are: give them back with Release first. Snapshots
// must not be taken any more; those taken stay readable.
func (d *DB) Close() error {
	var errs []error
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	if d.writer != nil {
		errs = append(errs, d.writer.close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close state file: %w", err)
	}
	return nil
}

// Path is where the file is.
func (d *DB) Path() string { return d.path }

// Pragmas that every connection sets before its first statement. NORMAL is forbidden for
// synchronous: what was acknowledged before a lost commit would be gone.
var (
	commonPragmas = []string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		"temp_store(MEMORY)",
		"trusted_schema(0)",
	}
	writerPragmas = append([]string{
		"cache_size(-65536)",
		"wal_autocheckpoint(4000)",
		"journal_size_limit(67108864)",
	}, commonPragmas...)
	readerPragmas = append([]string{
		"cache_size(-16384)",
		"query_only(1)",
	}, commonPragmas...)
)

func dsn(path string, pragmas []string) string {
	u := url.URL{Scheme: "file", Path: path}
	return u.String() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

// syncFolder makes the name of a new file durable; SQLite syncs only the file itself.
func syncFolder(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// private makes the file readable by its owner and group alone: it holds what logs said. The
// engine gives its side files the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	return f.Close()
}
