package content

import (
	"bytes"
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

	fileOf map[*detect.Rule]int
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
	// Switch: the file only turns a rule of another file on or off.
	Switch *detect.Switch

	layer  int            // number of its source; what comes later is over what comes before
	parsed []*detect.Rule // the rules before any switch
}

// LoadRules reads the rules of sources and binds them to the log types. A file of a later source
// replaces that of an earlier one with the same path below rules/ unless it is broken, and a rule
// replaces one of an earlier source with the same id. What is wrong stands in the problems of the rules; the error is only of folders that
// cannot be listed. It sets c.Rules.
func (c *Content) LoadRules(sources ...Source) error {
	files, err := readRules(sources, nil)
	if err != nil {
		return err
	}
	c.Rules = c.compileRules(files)
	return nil
}

// readRules reads the files of sources and lays them over each other. before are files read earlier:
// one that is the same now is not parsed again, and one that is broken now keeps its rules.
func readRules(sources []Source, before map[string]*RuleFile) ([]RuleFile, error) {
	var files []RuleFile
	for i, s := range sources {
		list, err := ruleFilesBelow(s.FS, rulesFolder, path.Join(s.Path, rulesFolder), s.Origin, before)
		if err != nil {
			return nil, err
		}
		for j := range list {
			list[j].layer = i
			list[j].keep(before[list[j].Path])
		}
		files = overlayRules(files, list)
	}
	return files, nil
}

// overlayRules puts files over others: those with the same name are replaced. What a broken file
// stands in for stays beside it; rules that the broken file has all the same come first.
func overlayRules(base, over []RuleFile) []RuleFile {
	place := map[string]int{}
	for i, f := range base {
		place[f.Name] = i
	}
	out := slices.Clone(base)
	for _, f := range over {
		i, there := place[f.Name]
		if there && base[i].Path != f.Path {
			f.Replaces = base[i].Path
		}
		if there && (base[i].Path == f.Path || !f.broken()) {
			out[i] = f
		} else {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b RuleFile) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// compileRules makes the set of all sound rules: of those with one id that of the latest source.
func (c *Content) compileRules(files []RuleFile) *Rules {
	r := &Rules{Files: files, fileOf: map[*detect.Rule]int{}}
	top := map[string]int{} // id → the highest layer that has it
	for _, f := range files {
		for _, x := range f.Rules {
			top[strings.ToLower(x.ID)] = max(top[strings.ToLower(x.ID)], f.layer)
		}
	}
	bad := r.turn()
	var rules []*detect.Rule
	for i := range files {
		f := &files[i]
		r.Problems = append(r.Problems, f.Problems...)
		for _, x := range f.Rules {
			r.fileOf[x] = i
			if f.layer == top[strings.ToLower(x.ID)] {
				rules = append(rules, x)
			}
		}
	}
	set, wrong := detect.Compile(rules, c.RuleEnv())
	r.Set = set
	r.Problems = append(append(r.Problems, bad...), ruleProblems(wrong)...)
	return r
}

// File returns the file a rule stands in.
func (r *Rules) File(x *detect.Rule) (RuleFile, bool) {
	i, ok := r.fileOf[x]
	if !ok {
		return RuleFile{}, false
	}
	return r.Files[i], true
}

// ruleFiles reads the rules of a source. A source without the folder rules/ has none.
func (s Source) ruleFiles() ([]RuleFile, error) {
	return ruleFilesBelow(s.FS, rulesFolder, path.Join(s.Path, rulesFolder), s.Origin, nil)
}

// ruleFilesBelow reads the rules below a folder, named shown in messages. before are files read
// earlier, by path.
func ruleFilesBelow(fsys fs.FS, root, shown, origin string, before map[string]*RuleFile) ([]RuleFile, error) {
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
		f.read(fsys, name, before[f.Path])
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

// read parses a file; what is wrong becomes its problems. old is the file as it was, or nil.
func (f *RuleFile) read(fsys fs.FS, name string, old *RuleFile) {
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
	if old != nil && !old.broken() && bytes.Equal(old.Source, f.Source) {
		f.parsed, f.Problems, f.Switch = old.parsed, old.Problems, old.Switch
		f.Rules = f.parsed
		return
	}
	if s, ok := detect.ParseSwitch(f.Source); ok {
		f.Switch = &s
		return
	}
	rules, bad := detect.Parse(f.Path, f.Source)
	f.parsed, f.Rules, f.Problems = rules, rules, ruleProblems(bad)
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
	f.parsed, f.Rules, f.Problems = rules, rules, ruleProblems(bad)
	r := c.compileRules([]RuleFile{f})
	return r, r.Problems
}
