package content

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// The columns of a released version never change: parts on disk were written with them. The
// file released.tsv in the folder of a log type holds, for each version that ever shipped, one
// line a column: version, name, kind. A version that is not in it may still change freely.

// release is what a released.tsv says: columns ("name kind") by version.
type release map[int][]string

func (f Folder) released() (release, error) {
	src, err := readFile(f.FS, releasedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.File(releasedFile), err)
	}
	out := release{}
	for i, line := range strings.Split(string(src), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.Split(line, "\t")
		v, err := strconv.Atoi(col[0])
		if err != nil || len(col) != 3 {
			return nil, fmt.Errorf("%s:%d: want version, field and kind, separated by tabs", f.File(releasedFile), i+1)
		}
		if _, ok := schema.ParseKind(col[2]); !ok {
			return nil, fmt.Errorf("%s:%d: kind %q is unknown", f.File(releasedFile), i+1, col[2])
		}
		out[v] = append(out[v], col[1]+" "+col[2])
	}
	return out, nil
}

// columns spells a table in the same way.
func columns(t *schema.Table) []string {
	out := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		out[i] = f.Name + " " + f.Kind.String()
	}
	slices.Sort(out)
	return out
}

// check compares the columns of a version with what was released under it. It returns "" when
// they agree or the version never shipped, else what changed.
func (r release) check(t *schema.Table) string {
	old, ok := r[t.Version]
	if !ok {
		for v := range r {
			if v > t.Version {
				return fmt.Sprintf("version %d is lower than the released version %d", t.Version, v)
			}
		}
		return ""
	}
	now := columns(t)
	slices.Sort(old)
	var changes []string
	for _, c := range now {
		if _, found := slices.BinarySearch(old, c); !found {
			changes = append(changes, "+"+c)
		}
	}
	for _, c := range old {
		if _, found := slices.BinarySearch(now, c); !found {
			changes = append(changes, "-"+c)
		}
	}
	if len(changes) == 0 {
		return ""
	}
	const shown = 5
	more := ""
	if len(changes) > shown {
		more = fmt.Sprintf(" and %d more", len(changes)-shown)
		changes = changes[:shown]
	}
	return fmt.Sprintf("the columns of version %d were released and have changed (%s%s)", t.Version, strings.Join(changes, ", "), more)
}

// Release returns the text of released.tsv with the columns of this version added; releasing a
// version twice changes nothing, changing a released one is an error.
func (f Folder) Release(t *schema.Table) ([]byte, error) {
	r, err := f.released()
	if err != nil {
		return nil, err
	}
	if what := r.check(t); what != "" {
		return nil, fmt.Errorf("releasing %s: %s: raise its version", f.Name, what)
	}
	if r == nil {
		r = release{}
	}
	r[t.Version] = columns(t)
	var b strings.Builder
	b.WriteString("# version, field, kind of every released version; lines are added, never changed\n")
	for _, v := range slices.Sorted(maps.Keys(r)) {
		cols := slices.Clone(r[v])
		slices.Sort(cols)
		for _, c := range cols {
			name, kind, _ := strings.Cut(c, " ")
			fmt.Fprintf(&b, "%d\t%s\t%s\n", v, name, kind)
		}
	}
	return []byte(b.String()), nil
}
