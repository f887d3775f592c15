package lake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// sink is a file being written; tests replace it to play a full disk.
type sink interface {
	io.Writer
	Sync() error
	Close() error
}

// partFile is the file of a part between creation and commit.
type partFile struct {
	sink
	path string
	dirs []string // directories to sync: the file's own and the parents of new ones
}

// createFile makes the file of a part and the directories it needs.
func (l *Lake) createFile(rel string) (*partFile, error) {
	full, err := l.localPath(rel)
	if err != nil {
		return nil, err
	}
	dirs, err := makeDirs(l.root, filepath.Dir(full))
	if err != nil {
		return nil, err
	}
	f, err := l.create(full)
	if err != nil {
		return nil, err
	}
	return &partFile{sink: f, path: full, dirs: dirs}, nil
}

// createExclusive is the default of Lake.create: a part name is never reused.
func createExclusive(path string) (sink, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// makeDirs makes the directories from root down to dir and returns those to sync, deepest
// first: dir, and the parent of every directory made.
func makeDirs(root, dir string) ([]string, error) {
	sync := []string{dir}
	for d := dir; d != root; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil {
			break
		} else if !isNotExist(err) {
			return nil, err
		}
		sync = append(sync, filepath.Dir(d))
	}
	return sync, os.MkdirAll(dir, 0o750)
}

// commit makes the file and its directory entries durable.
func (f *partFile) commit() error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("closing: %w", err)
	}
	for _, d := range f.dirs {
		if err := syncDir(d); err != nil {
			return fmt.Errorf("syncing the directory: %w", err)
		}
	}
	return nil
}

// discard removes the half-written file. It may run after a failed commit.
func (f *partFile) discard() {
	_ = f.Close() // may be closed already; the file goes away either way
	_ = os.Remove(f.path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
