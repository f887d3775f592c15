package content

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/logtype"
)

const rulesFolder = "rules"

// Bounds of the folder of rules.
const (
	maxRuleFiles = 20_000
	maxRuleBytes = 1 << 20
)

// Rules are the detection rules in force: those of the sources, laid over each other.
type Rules struct {
	Set      *detect.Set
	Files    []RuleFile // by path below rules/
	Problems Problems   // of all files; rules of other files, and sound rules of the same file, work
}

// RuleFile is a file of rules as its author wrote it.
type RuleFile struct {
	Name     string // below rules/: "aws/root-login.yaml"
	Path     string // how it is named in messages
	Origin   string // BuiltIn or User
	Replaces string // path of the built-in file that it stands in for, if any
	Source   []byte
	Rules    []*detect.Rule
	Problems Problems
}

// LoadRules reads the rules of sources and binds them to the log types. A file of a later source
// replaces that of an earlier one with the same path below rules/, and a rule replaces one with the
// same id. What is wrong stands in the problems of the rules; the error is only of folders that
// cannot be listed. It sets c.Rules.
func (c *Content) LoadRules(sources ...Source) error {
	var files []RuleFile
	for _, s := range sources {
		list, err := s.ruleFiles()
		if err != nil {
			return err
		}
		files = overlayRules(files, list)
	}
	c.Rules = c.compileRules(files)
	return nil
}

// overlayRules puts files over others: those with the same name are replaced.
func overlayRules(base, over []RuleFile) []RuleFile {
	byName := map[string]RuleFile{}
	for _, f := range base {
		byName[f.Name] = f
	}
	for _, f := range over {
		if old, ok := byName[f.Name]; ok && old.Path != f.Path {
			f.Replaces = old.Path
		}
		byName[f.Name] = f
	}
	out := make([]RuleFile, 0, len(byName))
	for _, f := range byName {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b RuleFile) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// compileRules makes the set of all sound rules.
func (c *Content) compileRules(files []RuleFile) *Rules {
	r := &Rules{Files: files}
	own := map[string]bool{} // ids of the user's rules
	for _, f := range files {
		for _, x := range f.Rules {
			own[strings.ToLower(x.ID)] = own[strings.ToLower(x.ID)] || f.Origin == User
		}
	}
	var rules []*detect.Rule
	for i := range files {
		f := &files[i]
		r.Problems = append(r.Problems, f.Problems...)
		for _, x := range f.Rules {
			if f.Origin == User || !own[strings.ToLower(x.ID)] {
				rules = append(rules, x)
			}
		}
	}
	set, bad := detect.Compile(rules, c.RuleEnv())
	r.Set = set
	r.Problems = append(r.Problems, ruleProblems(bad)...)
	return r
}

// File returns the file a rule stands in.
func (r *Rules) File(x *detect.Rule) (RuleFile, bool) {
	for _, f := range r.Files {
		if slices.Contains(f.Rules, x) {
			return f, true
		}
	}
	return RuleFile{}, false
}

// ruleFiles reads the rules of a source. A source without the folder rules/ has none.
func (s Source) ruleFiles() ([]RuleFile, error) {
	return ruleFilesBelow(s.FS, rulesFolder, path.Join(s.Path, rulesFolder), s.Origin)
}

// ruleFilesBelow reads the rules below a folder, named shown in messages.
func ruleFilesBelow(fsys fs.FS, root, shown, origin string) ([]RuleFile, error) {
	var out []RuleFile
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		hidden := strings.HasPrefix(base, ".") && base != "."
		if d.IsDir() {
			if hidden || base == fixtureFolder {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(name); hidden || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		if len(out) == maxRuleFiles {
			return fmt.Errorf("more than %d files", maxRuleFiles)
		}
		below := strings.TrimPrefix(name, root+"/")
		f := RuleFile{Name: below, Path: path.Join(shown, below), Origin: origin}
		f.read(fsys, name)
		out = append(out, f)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing rules in %s: %w", shown, err)
	}
	return out, nil
}

// read parses a file; what is wrong becomes its problems.
func (f *RuleFile) read(fsys fs.FS, name string) {
	fail := func(text string) {
		f.Problems = Problems{{Problem: logtype.Problem{File: f.Path, Pos: logtype.Pos{Line: 1, Col: 1}, Text: text}}}
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		fail(err.Error())
		return
	case !info.Mode().IsRegular():
		fail("this is no regular file")
		return
	case info.Size() > maxRuleBytes:
		fail(fmt.Sprintf("%d bytes: a file of rules has at most %d", info.Size(), maxRuleBytes))
		return
	}
	if f.Source, err = fs.ReadFile(fsys, name); err != nil {
		fail(err.Error())
		return
	}
	rules, bad := detect.Parse(f.Path, f.Source)
	f.Rules, f.Problems = rules, ruleProblems(bad)
}

func ruleProblems(list detect.Problems) Problems {
	out := make(Problems, len(list))
	for i, p := range list {
		out[i] = Problem{
			Problem: logtype.Problem{File: p.File, Pos: logtype.Pos(p.Pos), Text: p.Text, Hint: p.Hint, Line: p.Line},
			Warning: p.Warning,
		}
	}
	return out
}

// ParseRule reads the text of a rule that is in no file yet and binds it to the log types alone.
func (c *Content) ParseRule(file string, src []byte) (*Rules, Problems) {
	f := RuleFile{Name: path.Base(file), Path: file, Origin: User, Source: src}
	rules, bad := detect.Parse(file, src)
	f.Rules, f.Problems = rules, ruleProblems(bad)
	r := c.compileRules([]RuleFile{f})
	return r, r.Problems
}
