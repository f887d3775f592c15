package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ownTree is the folder of what was saved in the page, as an fs.FS: no name and no symbolic link
// leads out of it. It need not be there yet.
type ownTree string

// in does something with a name below the folder.
func (t ownTree) in(op, name string, do func(root *os.Root, name string) error) error {
	local, err := filepath.Localize(name)
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	root, err := os.OpenRoot(string(t))
	if err != nil {
		return err
	}
	defer root.Close()
	return do(root, local)
}

// Open implements fs.FS.
func (t ownTree) Open(name string) (f fs.File, err error) {
	err = t.in("open", name, func(root *os.Root, name string) error {
		info, err := root.Stat(name) // a pipe would be waited for
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return &fs.PathError{Op: "open", Path: name, Err: errors.New("not a file")}
		}
		f, err = root.Open(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Stat implements fs.StatFS.
func (t ownTree) Stat(name string) (info fs.FileInfo, err error) {
	err = t.in("stat", name, func(root *os.Root, name string) (err error) {
		info, err = root.Stat(name)
		return err
	})
	return info, err
}

// writeWhole writes a file of a folder so that readers see the old or the new one, never a part.
// A folder that is a symbolic link is refused: what is saved stays where people look for it.
func writeWhole(dir, name string, text []byte) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("%s is no folder", dir), err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	part := ".save-" + rand.Text()
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = root.Rename(part, name)
	}
	if err != nil {
		_ = root.Remove(part)
	}
	return err
}
