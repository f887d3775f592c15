package content

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Names inside the folder of a log type.
const (
	definitionFile = "logtype.yaml"
	queriesFile    = "queries.md"
	releasedFile   = "released.tsv"
	fixtureFolder  = "testdata"
	typesFolder    = "logtypes"
)

// Origins of a folder, as people see them.
const (
	BuiltIn = "built-in"
	User    = "user"
)

// Source is a tree of content: the embedded one, or a user's folder of the same shape.
type Source struct {
	FS     fs.FS
	Path   string // how files are named in messages: "content", "/etc/yagura/content"
	Origin string // BuiltIn or User
}

// Folder is one log type as its author wrote it.
type Folder struct {
	Name   string // "aws.waf"
	FS     fs.FS  // the folder itself
	Path   string // how it is named in messages
	Origin string
	// Replaces is the path of the built-in folder that this one stands in for, if any.
	Replaces string
}

// File names a file of the folder for messages.
func (f Folder) File(name string) string { return path.Join(f.Path, name) }

// Definition reads the definition file.
func (f Folder) Definition() ([]byte, error) {
	src, err := readFile(f.FS, definitionFile)
	if err != nil {
		return nil, fmt.Errorf("log type %s: reading %s: %w", f.Name, f.File(definitionFile), err)
	}
	return src, nil
}

// No file of a log type that is read whole is larger (samples included).
const maxFileBytes = 32 << 20

// readFile reads a file of content with a bound on its size.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%d bytes: a file of a log type holds %d at most", info.Size(), maxFileBytes)
	}
	return fs.ReadFile(fsys, name)
}

// folders lists the log types of one source. A source without the folder logtypes/ has none.
func (s Source) folders() ([]Folder, error) {
	entries, err := fs.ReadDir(s.FS, typesFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing log types in %s: %w", s.Path, err)
	}
	var out []Folder
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		sub, err := fs.Sub(s.FS, path.Join(typesFolder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("listing log types in %s: %w", s.Path, err)
		}
		out = append(out, Folder{Name: e.Name(), FS: sub, Path: path.Join(s.Path, typesFolder, e.Name()), Origin: s.Origin})
	}
	return out, nil
}

// Folders lists the log types of several sources by name; a later source replaces the folder of
// an earlier one with the same name.
func Folders(sources ...Source) ([]Folder, error) {
	var out []Folder
	for _, s := range sources {
		list, err := s.folders()
		if err != nil {
			return nil, err
		}
		out = Overlay(out, list)
	}
	return out, nil
}
