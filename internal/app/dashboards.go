package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/dashboard"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/query"
)

// ownContent is the folder of content inside the data folder: what is saved in the page.
const ownContent = "content"

// DashboardSources are the trees dashboards are read from: the built-in ones, the configured
// folder over them, and what was saved in the page over both.
func DashboardSources(c config.Config) []content.Source {
	sources := Sources(c)
	if own := filepath.Join(c.Data, ownContent); c.Data != "" && own != c.Content {
		sources = append(sources, content.Source{FS: ownTree(own), Path: own, Origin: content.User})
	}
	return sources
}

// Dashboards loads the dashboards of a configuration without opening its data.
func Dashboards(c config.Config) ([]*content.Dashboard, error) {
	lib, err := loadContent(c)
	if err != nil {
		return nil, err
	}
	return lib.Dashboards(DashboardSources(c)...)
}

// boards keeps the dashboards in force. Files changed by hand are read again when somebody asks.
type boards struct {
	lib     *content.Content
	sources []content.Source

	mu   sync.Mutex
	seen string // names, sizes and times of the files read
	list []*content.Dashboard
}

func newBoards(lib *content.Content, c config.Config) *boards {
	return &boards{lib: lib, sources: DashboardSources(c)}
}

// all returns the dashboards by id. Nobody changes them.
func (b *boards) all() ([]*content.Dashboard, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := b.look()
	if b.list != nil && seen == b.seen {
		return b.list, nil
	}
	list, err := b.lib.Dashboards(b.sources...)
	if err != nil {
		return nil, err
	}
	b.list, b.seen = list, seen
	return list, nil
}

// forget makes the next one who asks read the files again.
func (b *boards) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = nil
}

func (b *boards) look() string {
	var text strings.Builder
	for _, s := range b.sources {
		if s.Origin != content.User {
			continue
		}
		entries, err := fs.ReadDir(s.FS, "dashboards")
		if err != nil {
			continue
		}
		for _, e := range entries {
			if info, err := e.Info(); err == nil {
				fmt.Fprintf(&text, "%s/%s %d %d\n", s.Path, e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return text.String()
}

// find returns a dashboard, or nil.
func (b *boards) find(id string) (*content.Dashboard, error) {
	list, err := b.all()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(d *content.Dashboard) bool { return d.ID == id })
	if i < 0 {
		return nil, nil
	}
	return list[i], nil
}

// RunDashboard implements httpapi.Boards.
func (a *App) RunDashboard(ctx context.Context, r httpapi.DashboardRequest, w io.Writer, warn func(string)) error {
	if !slices.Contains(dashboard.Formats, r.Output) {
		return &httpapi.UserError{Err: fmt.Errorf("output %q: want one of %v", r.Output, dashboard.Formats)}
	}
	zone, err := a.zone(r.Zone)
	if err != nil {
		return &httpapi.UserError{Err: err}
	}
	all, err := newBoards(a.content, a.cfg).all()
	if err != nil {
		return err
	}
	var names []string
	var found *content.Dashboard
	for _, d := range all {
		if names = append(names, d.ID); d.ID == r.ID {
			found = d
		}
	}
	switch {
	case found == nil:
		return &httpapi.UserError{Err: fmt.Errorf("there is no dashboard %s; there are: %s", r.ID, strings.Join(names, ", "))}
	case found.Board == nil:
		return &httpapi.UserError{Err: fmt.Errorf("dashboard %s cannot run: %w", r.ID, found.Problems.Fatal())}
	}
	p := dashboard.Params{From: r.Since, To: r.Until, Now: time.Now(), Zone: zone, Variables: r.Variables, Compare: r.Compare}
	if r.Panel != "" {
		p.Panels = []string{r.Panel}
	}
	o := a.queryOptions(httpapi.QueryRequest{}, time.Time{}, time.UTC)
	runner := dashboard.NewRunner(dashboard.Config{Searcher: a.lake, Options: func() query.Options { return o }})
	res, err := runner.Run(ctx, found.Board, p, nil)
	if errors.Is(err, dashboard.ErrParams) {
		return &httpapi.UserError{Err: err}
	}
	if err != nil {
		return err
	}
	for id, x := range res.Panels {
		for _, text := range x.Warnings {
			warn(id + ": " + text)
		}
	}
	return dashboard.Print(w, r.Output, r.Lang, found.Board, res, r.Width)
}

// CheckDashboards returns what reads and checks the text of a dashboard against the log types of
// a configuration.
func CheckDashboards(c config.Config) func(*content.Dashboard) error {
	var lib *content.Content
	return func(d *content.Dashboard) (err error) {
		if lib == nil {
			if lib, err = loadContent(c); err != nil {
				return err
			}
		}
		lib.CompileDashboard(d)
		return nil
	}
}
