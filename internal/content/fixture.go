package content

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Fixture is one sample file of a log type and the file that says what must come out of it.
type Fixture struct {
	Name string // "testdata/sample.json.gz"
	Want string // "testdata/sample.want.json"
	Bad  bool   // records that must be refused
}

const (
	goodPrefix = "sample"
	badPrefix  = "bad-"
	wantSuffix = ".want.json"
	clockFile  = "testdata/now" // one line, RFC 3339: the clock of this folder's fixtures
)

// defaultClock is the time at which fixtures are read, so that their results never change. The
// times of events may lie ten years before it and one day after it.
func defaultClock() time.Time { return time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC) }

// Fixtures lists the samples of a log type: files below testdata/ whose name begins with
// "sample" (every record becomes an event, one or more of this type) or "bad-" (at least one record is refused). Two
// samples with one expected file are an error.
func (f Folder) Fixtures() ([]Fixture, error) {
	entries, err := fs.ReadDir(f.FS, fixtureFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing samples of %s: %w", f.Name, err)
	}
	var out []Fixture
	taken := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		bad := strings.HasPrefix(name, badPrefix)
		if e.IsDir() || strings.HasSuffix(name, wantSuffix) || !bad && !strings.HasPrefix(name, goodPrefix) {
			continue
		}
		want := path.Join(fixtureFolder, stem(name)+wantSuffix)
		if other, ok := taken[want]; ok {
			return nil, fmt.Errorf("samples of %s: %s and %s would share %s: rename one", f.Name, other, name, want)
		}
		taken[want] = name
		out = append(out, Fixture{Name: path.Join(fixtureFolder, name), Want: want, Bad: bad})
	}
	return out, nil
}

// stem is a file name without its extensions of compression and format.
func stem(name string) string {
	for _, ext := range []string{".gz", ".zst", ".bz2", ".zip"} {
		if s, ok := strings.CutSuffix(name, ext); ok {
			name = s
			break
		}
	}
	return strings.TrimSuffix(name, path.Ext(name))
}

// clock is the time at which the fixtures of a folder are read.
func (f Folder) clock() (time.Time, error) {
	src, err := readFile(f.FS, clockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return defaultClock(), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(src)))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading %s: want one RFC 3339 time: %w", f.File(clockFile), err)
	}
	return t.UTC(), nil
}
