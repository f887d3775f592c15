package state

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The errors callers act on. All are returned wrapped; test with errors.Is and errors.As.
var (
	// ErrLeaseLost: somebody else may be working on the object. Drop the work, abort its parts.
	ErrLeaseLost = errors.New("lease lost")
	// ErrConflict: the catalogue is not as the caller believed, nothing was changed. Plan again.
	ErrConflict = errors.New("state has changed meanwhile")
	// ErrInvalid: what was handed in contradicts itself (counts that do not add up). A defect.
	ErrInvalid = errors.New("not consistent")
	// ErrFull: the disk is full, nothing was changed. The DB works again once there is room.
	ErrFull = errors.New("disk full")
	// ErrNotFound: no such object, part or quarantined record.
	ErrNotFound = errors.New("not found")
	// ErrSnapshotGone: files of that catalogue version have been removed since.
	ErrSnapshotGone = errors.New("that catalogue version is gone")
)

// SchemaError refuses a state file that a newer binary has written.
type SchemaError struct {
	Path        string
	Have, Known int64  // schema version of the file, newest one this binary knows
	Backup      string // where the copy made before the upgrade is, if it is there
}

// Error says what to do.
func (e *SchemaError) Error() string {
	s := fmt.Sprintf("state file %s has schema version %d, this yagura knows %d at most: a newer yagura has written it. Run that version again",
		e.Path, e.Have, e.Known)
	if e.Backup != "" {
		return s + fmt.Sprintf(", or go back: stop yagura and put %s (the copy made before the upgrade) in its place; objects loaded since are then loaded again", e.Backup)
	}
	return s + ", or put a backup made by this version in its place; objects loaded since are then loaded again"
}

// typed translates the errors of the engine that callers must tell apart.
func typed(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("%w (%w)", ErrFull, err)
	}
	return err
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

func conflict(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrConflict, fmt.Sprintf(format, args...))
}
