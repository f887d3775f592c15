package dir

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/source"
)

const (
	// patience says how seldom a fast pass looks at a file that was handed out: not before this
	// part of its age has passed since the last look. An hour after its last change that is every
	// 7.5 minutes.
	patience = 8
	// shareOfTime bounds how much of the time goes into reading one large, busy directory.
	shareOfTime = 5
	// quiet is how long a directory must have been unchanged before its files are forgotten. When
	// it changes again they are handed out again.
	quiet = 24 * time.Hour
	// racy is how long a directory's modification time may stay the same although it changed.
	racy = 2 * time.Second

	maxFaults = 20 // told of one scan
)

// folder is what is known of one directory.
type folder struct {
	modified time.Time     // when it was read last
	sure     bool          // nothing can have changed in it while modified stays
	read     time.Time     // when that was
	took     time.Duration // how long it took
	subdirs  []string      // names
	files    map[string]*file
}

// file is what is known of one file.
type file struct {
	size     int64
	modified int64 // ns since 1970, as the next ones
	since    int64 // when it was seen with this size and time first; 0 = never
	looked   int64 // when it was looked at last
	taken    bool  // handed out with this size and time
}

// scan is one pass.
type scan struct {
	s      *Source
	ctx    context.Context //nolint:containedctx // lives as long as the call that got it
	pass   source.Pass
	now    time.Time
	group  source.Group
	given  []*file // in the group that is being collected
	faults []error
}

// Scan walks the tree; cursors are not used, what was handed out is kept in memory.
func (s *Source) Scan(ctx context.Context, pass source.Pass, _ source.Cursors, yield func([]source.Object) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &scan{s: s, ctx: ctx, pass: pass, now: s.now()}
	c.group.Yield = func(objs []source.Object) error {
		if err := yield(objs); err != nil {
			return err
		}
		for _, f := range c.given {
			f.taken = true
		}
		c.given = nil
		return nil
	}
	if err := c.walk("."); err != nil {
		return err
	}
	if err := c.group.Flush(); err != nil {
		return err
	}
	return errors.Join(c.faults...)
}

// walk looks at one directory and everything below it. An error ends the pass.
func (c *scan) walk(dir string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	abs := filepath.Join(c.s.path, filepath.FromSlash(dir))
	fi, err := os.Lstat(abs)
	if err != nil || !fi.IsDir() {
		c.forget(dir)
		if err != nil && (dir == "." || !errors.Is(err, fs.ErrNotExist)) {
			c.note(dir, err)
		}
		return nil
	}
	d := c.s.dirs[dir]
	if d == nil || c.pass != source.Fast || (!d.sure || !d.modified.Equal(fi.ModTime())) && c.now.Sub(d.read) >= shareOfTime*d.took {
		fresh, err := c.read(dir, abs, d, fi)
		if err != nil {
			c.note(dir, err)
			if d == nil {
				return nil
			}
			fresh = d
		}
		d = fresh
		c.s.dirs[dir] = d
	}
	for name, f := range d.files {
		if err := c.look(dir, name, d, f); err != nil {
			return err
		}
	}
	if d.sure && len(d.files) > 0 && c.now.Sub(d.modified) > quiet && c.allCold(d) {
		d.files = map[string]*file{}
	}
	for _, name := range d.subdirs {
		if err := c.walk(path.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// read lists a directory. What is known of its files is kept.
func (c *scan) read(dir, abs string, old *folder, fi fs.FileInfo) (*folder, error) {
	began := c.s.now()
	entries, err := list(abs)
	if err != nil {
		return nil, err
	}
	d := &folder{modified: fi.ModTime(), sure: c.now.Sub(fi.ModTime()) > racy, read: c.now, files: make(map[string]*file, len(entries))}
	for _, e := range entries {
		name := e.Name()
		if skipped(name) {
			continue
		}
		switch {
		case e.IsDir():
			d.subdirs = append(d.subdirs, name)
		case e.Type().IsRegular(), e.Type()&fs.ModeSymlink != 0:
			if old != nil && old.files[name] != nil {
				d.files[name] = old.files[name]
			} else {
				d.files[name] = new(file)
			}
		}
	}
	if old != nil {
		have := make(map[string]bool, len(d.subdirs))
		for _, name := range d.subdirs {
			have[name] = true
		}
		for _, name := range old.subdirs {
			if !have[name] {
				c.forget(path.Join(dir, name))
			}
		}
	}
	d.took = c.s.now().Sub(began)
	return d, nil
}

// list is os.ReadDir without sorting.
func list(abs string) ([]fs.DirEntry, error) {
	f, err := os.Open(abs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// skipped are names that say that a file is not meant or not ready.
func skipped(name string) bool {
	return name[0] == '.' || strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".part") || strings.HasSuffix(name, "~")
}

// look decides whether a file is handed out now.
func (c *scan) look(dir, name string, d *folder, f *file) error {
	now := c.now.UnixNano()
	if c.pass == source.Fast && f.taken && now-f.looked < (now-f.modified)/patience {
		return nil
	}
	key := path.Join(dir, name)
	fi, err := os.Lstat(filepath.Join(c.s.path, filepath.FromSlash(key)))
	if err == nil && fi.Mode()&fs.ModeSymlink != 0 {
		fi, err = c.s.root.Stat(filepath.FromSlash(key)) // refuses what leads out of the root
		if err != nil {
			return nil
		}
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.note(key, err)
		}
		delete(d.files, name)
		d.sure = false
		return nil
	}
	if !fi.Mode().IsRegular() {
		return nil
	}
	if modified := fi.ModTime().UnixNano(); f.since == 0 || f.size != fi.Size() || f.modified != modified {
		*f = file{size: fi.Size(), modified: modified, since: now}
	}
	f.looked = now
	rested := now-f.modified >= int64(Rest) || now-f.since >= int64(Rest)
	if !rested || f.taken && c.pass == source.Fast {
		return nil
	}
	c.given = append(c.given, f)
	return c.group.Add(source.Object{Source: c.s.name, Key: key, Version: version(fi), Size: fi.Size(), Modified: fi.ModTime()})
}

// allCold reports whether no file of the directory needs to be looked at.
func (c *scan) allCold(d *folder) bool {
	for _, f := range d.files {
		if !f.taken || c.now.UnixNano()-f.modified <= int64(quiet) {
			return false
		}
	}
	return true
}

// forget drops a directory that is gone, with everything below it.
func (c *scan) forget(dir string) {
	d := c.s.dirs[dir]
	if d == nil {
		return
	}
	delete(c.s.dirs, dir)
	for _, name := range d.subdirs {
		c.forget(path.Join(dir, name))
	}
}

func (c *scan) note(key string, err error) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, c.s.fault("listing", key, err))
	}
}
