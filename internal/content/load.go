package content

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Content is what was loaded: the compiled log types and the dictionary of all their fields.
type Content struct {
	Folders    []Folder // by name, also of those that do not compile
	Types      []*logtype.Type
	Set        *logtype.Set
	Dictionary *schema.Dictionary
	Rules      *Rules // see LoadRules; never nil

	types    map[string]*logtype.Type
	outlines map[string]outline
	failed   map[string]Problems // why a type does not compile
	seen     func() detect.Env   // what rules can find, samples read
}

// Problem is one thing wrong with content. String shows its place and the line at fault.
type Problem struct {
	logtype.Problem
	// Warning: it works, but an author should look at it.
	Warning bool
}

// Problems are all things wrong with content. It is an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Load compiles the log types of folders (see Folders and At). Types that compile are in the
// content even when others do not; the error is Problems with everything that is wrong.
func Load(folders []Folder) (*Content, error) {
	c := &Content{Folders: folders, Dictionary: schema.ECS(), types: map[string]*logtype.Type{}, outlines: map[string]outline{}, failed: map[string]Problems{}}
	var all Problems
	fail := func(f Folder, p ...Problem) {
		c.failed[f.Name] = p
		all = append(all, p...)
	}
	for _, f := range folders {
		src, err := f.Definition()
		if err != nil {
			fail(f, fileProblem(f, err.Error(), missingHint(f, err)))
			continue
		}
		t, err := compile(f, src, c.Dictionary)
		if err != nil {
			fail(f, asProblems(f, err)...)
			continue
		}
		if o, err := readOutline(f.File(definitionFile), src, "en"); err == nil {
			c.outlines[f.Name] = o
		}
		c.Types = append(c.Types, t)
		c.types[f.Name] = t
	}
	c.Set = logtype.NewSet(c.Types)
	c.Rules = c.compileRules(nil)
	c.seen = sync.OnceValue(c.ruleEnvSeen)
	if len(all) > 0 {
		return c, all
	}
	return c, nil
}

// compile compiles one definition against the ECS fields and adds its own fields to dict. A
// field that another log type declared with another kind is a problem naming both places.
func compile(f Folder, src []byte, dict *schema.Dictionary) (*logtype.Type, error) {
	d, err := logtype.Parse(f.File(definitionFile), src)
	if err != nil {
		return nil, err
	}
	if d.Name != f.Name {
		return nil, logtype.Problems{{File: d.File, Pos: d.Pos, Text: fmt.Sprintf("name is %s but the folder is %s", d.Name, f.Name), Hint: "both must be the same"}}
	}
	t, err := logtype.Compile(d, schema.ECS())
	if err != nil {
		return nil, err
	}
	var clashes logtype.Problems
	for _, own := range d.Fields {
		if err := dict.Extend(d.Name, d.File, own.Pos.Line, []schema.Field{{Name: own.Name, Kind: own.Kind}}); err != nil {
			clashes = append(clashes, logtype.Problem{File: d.File, Pos: own.Pos, Text: err.Error()})
		}
	}
	if clashes != nil {
		return nil, clashes
	}
	return t, nil
}

// missingHint helps who keeps a folder without a definition.
func missingHint(f Folder, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "every folder below " + typesFolder + "/ is a log type and needs a " + definitionFile
	}
	return ""
}

func fileProblem(f Folder, text, hint string) Problem {
	return Problem{Problem: logtype.Problem{File: f.File(definitionFile), Pos: logtype.Pos{Line: 1, Col: 1}, Text: text, Hint: hint}}
}

func asProblems(f Folder, err error) Problems {
	var list logtype.Problems
	if !errors.As(err, &list) {
		return Problems{fileProblem(f, err.Error(), "")}
	}
	out := make(Problems, len(list))
	for i, p := range list {
		out[i] = Problem{Problem: p}
	}
	return out
}

// Type returns a compiled log type, or nil.
func (c *Content) Type(name string) *logtype.Type { return c.types[name] }

// Folder returns the folder of a log type.
func (c *Content) Folder(name string) (Folder, bool) {
	i, ok := slices.BinarySearchFunc(c.Folders, name, func(f Folder, n string) int { return strings.Compare(f.Name, n) })
	if !ok {
		return Folder{}, false
	}
	return c.Folders[i], true
}

func (c *Content) outline(name string) (outline, Folder, bool) {
	o, ok := c.outlines[name]
	f, _ := c.Folder(name)
	return o, f, ok
}

// At finds the log types a path on disk means: the folder of one log type, a folder of them
// (logtypes/), or the root of a content folder. It is an error when there is none.
func At(path string) ([]Folder, error) {
	clean := filepath.Clean(path)
	if isFile(filepath.Join(clean, definitionFile)) {
		abs, err := filepath.Abs(clean)
		if err != nil {
			return nil, fmt.Errorf("looking for log types: %w", err)
		}
		return []Folder{{Name: filepath.Base(abs), FS: os.DirFS(clean), Path: filepath.ToSlash(clean), Origin: User}}, nil
	}
	if info, err := os.Stat(clean); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("looking for log types in %s: not a folder", path)
	}
	root := clean
	if filepath.Base(clean) == typesFolder {
		root = filepath.Dir(clean)
	}
	list, err := Folders(Source{FS: os.DirFS(root), Path: filepath.ToSlash(root), Origin: User})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("looking for log types in %s: neither a %s nor a folder %s/ is there", path, definitionFile, typesFolder)
	}
	return list, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Overlay puts folders over others: those with the same name are replaced.
func Overlay(base, over []Folder) []Folder {
	byName := map[string]Folder{}
	for _, f := range base {
		byName[f.Name] = f
	}
	for _, f := range over {
		if old, ok := byName[f.Name]; ok && old.Path != f.Path {
			f.Replaces = old.Path
		}
		byName[f.Name] = f
	}
	out := make([]Folder, 0, len(byName))
	for _, f := range byName {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Folder) int { return strings.Compare(a.Name, b.Name) })
	return out
}
