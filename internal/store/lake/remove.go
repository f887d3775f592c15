package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/yagura-siem/yagura/internal/store"
)

// Remove deletes the file of a part that no snapshot names, or that was never written. A file
// that is not there is no error: removing is repeated after a crash.
func (l *Lake) Remove(rel string) error {
	full, err := l.localPath(rel)
	if err != nil {
		return fmt.Errorf("removing a part: %w", err)
	}
	if err := os.Remove(full); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing a part: %w", err)
	}
	return nil
}

// Sync makes removals of parts durable: the folder the part was in is synced.
func (l *Lake) Sync(p store.Part) error {
	full, err := l.localPath(p.Path)
	if err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(full)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("syncing the folder of a removed part: %w", err)
	}
	return nil
}
