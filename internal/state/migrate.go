package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationSet is a folder of numbered SQL files.
type migrationSet = fs.FS

func migrations() migrationSet {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// applicationID marks the file as ours ("YAGU"), so that another program's database is refused.
const applicationID = 0x59414755

// migrate brings the schema up to date. Before it changes an existing file it makes a copy
// beside it, the way back for the older binary.
func migrate(ctx context.Context, db *sql.DB, path string, steps migrationSet) error {
	fresh, err := checkOurs(ctx, db, path)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, steps)
	if err != nil {
		return fmt.Errorf("read schema of state file %s: %w", path, err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema of state file %s: %w", path, err)
	}
	switch {
	case have == want:
		return nil
	case have > want:
		e := &SchemaError{Path: path, Have: have, Known: want}
		if _, err := os.Stat(backupName(path, want)); err == nil {
			e.Backup = backupName(path, want)
		}
		return e
	}
	if !fresh && have > 0 {
		if err := backup(ctx, db, backupName(path, have)); err != nil {
			return fmt.Errorf("copy state file before schema upgrade: %w", err)
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("upgrade schema of state file %s from %d to %d: %w", path, have, want, err)
	}
	return nil
}

func backupName(path string, version int64) string {
	return fmt.Sprintf("%s.schema-%d.bak", path, version)
}

// checkOurs refuses a database of another program and marks a new one.
func checkOurs(ctx context.Context, db *sql.DB, path string) (fresh bool, err error) {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return false, fmt.Errorf("open state file %s: %w", path, err)
	}
	if id == applicationID {
		return false, nil
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return false, fmt.Errorf("open state file %s: %w", path, err)
	}
	if id != 0 || tables != 0 {
		return false, fmt.Errorf("open state file %s: it is a database of another program", path)
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return false, fmt.Errorf("open state file %s: %w", path, err)
	}
	return true, nil
}

// backup writes a consistent, compact copy; an older copy under the name is replaced only when
// the new one is complete.
func backup(ctx context.Context, db *sql.DB, to string) error {
	tmp := to + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", tmp); err != nil {
		return typed(err)
	}
	f, err := os.Open(tmp)
	if err != nil {
		return err
	}
	err = f.Sync()
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	return syncFolder(to)
}
