package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Backup writes a consistent copy of the state file, safe to put back: leases are given back in
// it, and parts that are pending or dead are left out, so that a restored copy never asks for
// the removal of a file that has become live since. Files it does not know stay on disk and
// are reported (Unknown); objects loaded after the copy are loaded again.
func (d *DB) Backup(ctx context.Context, to string) error {
	if err := d.backup(ctx, to); err != nil {
		return fmt.Errorf("back up state file to %s: %w", to, err)
	}
	return nil
}

func (d *DB) backup(ctx context.Context, to string) (err error) {
	from, err := sql.Open("sqlite", dsn(d.path, commonPragmas)) // neither a reader nor the writer may do this
	if err != nil {
		return err
	}
	if err := errors.Join(backup(ctx, from, to), from.Close()); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(to, writerPragmas))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, q := range []string{
		fmt.Sprintf(`UPDATE objects SET state = CASE WHEN newer = 1 THEN %d ELSE %d END, owner = '', lease_until = 0 WHERE state = %d`, Replaced, Pending, Leased),
		fmt.Sprintf(`DELETE FROM parts WHERE state <> %d`, partLive),
		`DELETE FROM claims`,
		`UPDATE counters SET value = (SELECT value FROM counters WHERE name = 'commit_seq') WHERE name = 'forgotten_seq'`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return typed(err)
		}
	}
	return nil
}
