// Package dir is a source of objects that are files in a folder tree. It polls: a pass looks at the
// modification time of every directory, reads the changed ones and looks at young files, so that a
// big quiet tree costs one stat per directory.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/source"
)

// Rest is how long size and modification time of a file must have been the same before it is
// taken.
const Rest = 2 * time.Second

// Source reads one folder.
type Source struct {
	name string
	path string // absolute
	root *os.Root
	now  func() time.Time

	mu   sync.Mutex // held by a scan
	dirs map[string]*folder
}

// Open opens the folder, which must exist. now nil = time.Now.
func Open(c Config, now func() time.Time) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("opening source %s: %w", c.Name, err)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, fmt.Errorf("opening source %s: %w", c.Name, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("opening source %s: %w", c.Name, err)
	}
	if now == nil {
		now = time.Now
	}
	return &Source{name: c.Name, path: path, root: root, now: now, dirs: map[string]*folder{}}, nil
}

// Name is the configured name.
func (s *Source) Name() string { return s.name }

// Close gives the folder back.
func (s *Source) Close() error { return s.root.Close() }

// version is the same as long as size and modification time are.
func version(fi fs.FileInfo) string {
	return "s" + strconv.FormatInt(fi.Size(), 10) + "-m" + strconv.FormatInt(fi.ModTime().UnixNano(), 10)
}

// Open opens a file if it is still the one that was listed. The reader ends at the listed size,
// also when the file grows meanwhile, and can be read at random.
func (s *Source) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.root.OpenFile(filepath.FromSlash(o.Key), os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, s.fault("opening", o.Key, err)
	}
	fi, err := f.Stat()
	if err == nil {
		err = s.same("opening", o, fi)
	}
	if err != nil {
		f.Close()
		return nil, s.fault("opening", o.Key, err)
	}
	return &reader{SectionReader: io.NewSectionReader(f, 0, fi.Size()), f: f, s: s, key: o.Key}, nil
}

// Check looks at the file again.
func (s *Source) Check(ctx context.Context, o source.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	fi, err := s.root.Stat(filepath.FromSlash(o.Key))
	if err != nil {
		return s.fault("checking", o.Key, err)
	}
	return s.same("checking", o, fi)
}

func (s *Source) same(op string, o source.Object, fi fs.FileInfo) error {
	if !fi.Mode().IsRegular() || version(fi) != o.Version {
		return &source.Error{Op: op, Place: s.place(o.Key), Cause: source.ErrChanged}
	}
	return nil
}

func (s *Source) place(key string) string { return filepath.Join(s.path, filepath.FromSlash(key)) }

// fault gives a system's error a cause.
func (s *Source) fault(op, key string, err error) error {
	var se *source.Error
	if errors.As(err, &se) {
		return se
	}
	se = &source.Error{Op: op, Place: s.place(key), Cause: source.ErrFailed, Detail: err}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		se.Detail = pe.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		se.Cause = source.ErrGone
	case errors.Is(err, fs.ErrPermission):
		se.Cause = source.ErrDenied
		se.Hint = "give the user that runs yagura the right to read it"
	}
	return se
}

// reader is an open file up to its listed size.
type reader struct {
	*io.SectionReader
	f   *os.File
	s   *Source
	key string
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.SectionReader.Read(p)
	if err != nil && err != io.EOF {
		err = r.s.fault("reading", r.key, err)
	}
	return n, err
}

func (r *reader) Close() error { return r.f.Close() }
