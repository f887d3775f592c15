package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Remove deletes the file of a part that no snapshot names, or that was never written, and syncs
// its folder, so that a file does not come back after the catalogue has forgotten it. A file
// that is not there is no error: removing is repeated after a crash.
func (l *Lake) Remove(rel string) error {
	full, err := l.localPath(rel)
	if err != nil {
		return fmt.Errorf("removing a part: %w", err)
	}
	err = os.Remove(full)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("removing a part: %w", err)
	}
	if err := syncDir(filepath.Dir(full)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("syncing the folder of a removed part: %w", err)
	}
	return nil
}
