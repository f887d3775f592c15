package content

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/dashboard"
)

// dashboardsFolder holds dashboards, one file each: <id>.yaml.
const dashboardsFolder = "dashboards"

// Bounds of a folder of dashboards.
const maxDashboards = 1000

// Dashboard is one file as its author wrote it, and what it compiles to.
type Dashboard struct {
	ID     string
	Origin string // BuiltIn or User
	Path   string // how it is named in messages
	Text   []byte
	// Replaces is the path of the built-in file that this one stands in for, if any.
	Replaces string

	Source   *dashboard.Source // nil when the file could not be read
	Board    *dashboard.Board  // nil when something fatal is wrong
	Problems dashboard.Problems
}

// Dashboards loads the dashboards of several sources by id; a later source replaces a file of an
// earlier one. A broken file is listed with its problems and spoils no other.
func (c *Content) Dashboards(sources ...Source) ([]*Dashboard, error) {
	byID := map[string]*Dashboard{}
	for _, s := range sources {
		list, err := s.dashboards()
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if old := byID[d.ID]; old != nil {
				d.Replaces = old.Path
			}
			byID[d.ID] = d
		}
	}
	out := make([]*Dashboard, 0, len(byID))
	for _, d := range byID {
		c.CompileDashboard(d)
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *Dashboard) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// CompileDashboard reads and checks the text of a dashboard.
func (c *Content) CompileDashboard(d *Dashboard) {
	if len(d.Problems) > 0 && d.Text == nil {
		return // the file could not be read
	}
	var found dashboard.Problems
	d.Source, d.Problems = dashboard.Parse(d.ID, d.Path, d.Text)
	if len(d.Problems.Fatal()) == 0 {
		d.Board, found = dashboard.Compile(d.Source, c.QueryOptions())
		d.Problems = append(d.Problems, found...)
	}
}

// dashboards lists the files of one source, unparsed. A source without the folder has none.
func (s Source) dashboards() ([]*Dashboard, error) {
	entries, err := fs.ReadDir(s.FS, dashboardsFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing dashboards in %s: %w", s.Path, err)
	}
	var out []*Dashboard
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".yaml")
		if !ok || e.IsDir() || strings.HasPrefix(id, ".") || len(out) == maxDashboards {
			continue
		}
		d := &Dashboard{ID: id, Origin: s.Origin, Path: path.Join(s.Path, dashboardsFolder, e.Name())}
		d.Text, err = s.readDashboard(e.Name())
		if err != nil {
			d.Text, d.Problems = nil, dashboard.Problems{{File: d.Path, Line: 1, Column: 1, Message: err.Error()}}
		}
		out = append(out, d)
	}
	return out, nil
}

func (s Source) readDashboard(name string) ([]byte, error) {
	name = path.Join(dashboardsFolder, name)
	info, err := fs.Stat(s.FS, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("reading the dashboard: not a file")
	case info.Size() > dashboard.MaxFile:
		return nil, fmt.Errorf("reading the dashboard: %d bytes: at most %d", info.Size(), dashboard.MaxFile)
	}
	text, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	return text, nil
}
