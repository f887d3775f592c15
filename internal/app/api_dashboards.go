package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/yagura-siem/yagura/internal/content"
	"github.com/yagura-siem/yagura/internal/dashboard"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
)

// boardFace answers the area dashboards of the web API.
type boardFace struct {
	*face
	*boards
	runner *dashboard.Runner
	own    string // the folder files are saved in

	saving sync.Mutex // one save at a time, so that an ETag means something
}

var _ api.DashboardBackend = (*boardFace)(nil)

func newBoardFace(f *face) *boardFace {
	return &boardFace{
		face: f, boards: newBoards(f.app.content, f.app.cfg), own: filepath.Join(f.app.cfg.Data, ownContent, "dashboards"),
		runner: dashboard.NewRunner(dashboard.Config{Searcher: f.ask, Options: func() query.Options { return f.base }}),
	}
}

// Dashboards implements api.DashboardBackend.
func (f *boardFace) Dashboards(context.Context) ([]api.DashboardCard, error) {
	list, err := f.all()
	if err != nil {
		return nil, err
	}
	out := make([]api.DashboardCard, 0, len(list))
	for _, d := range list {
		out = append(out, f.card(d))
	}
	return out, nil
}

func (f *boardFace) card(d *content.Dashboard) api.DashboardCard {
	c := api.DashboardCard{ID: d.ID, TitleEN: d.ID, TitleJA: d.ID, Origin: "builtin", Replaces: d.Replaces != "", Editable: true, Tags: []string{}, Types: []string{}}
	if d.Origin == content.User {
		c.Origin, c.Editable = "user", filepath.Dir(filepath.FromSlash(d.Path)) == f.own
	}
	if d.Source != nil {
		x := &d.Source.Definition
		if x.Title != (dashboard.Text{}) {
			c.TitleEN, c.TitleJA = x.Title.In("en"), x.Title.In("ja")
		}
		c.DescriptionEN, c.DescriptionJA = x.Description.In("en"), x.Description.In("ja")
		c.Tags, c.Types, c.Panels = append(c.Tags, x.Tags...), append(c.Types, x.Types...), len(x.Panels)
	}
	if bad := d.Problems.Fatal(); len(bad) > 0 {
		c.Problem = &bad[0]
	}
	return c
}

func (f *boardFace) file(d *content.Dashboard) api.DashboardFile {
	out := api.DashboardFile{DashboardCard: f.card(d), YAML: string(d.Text), ETag: boardTag(d.Text), Problems: append([]dashboard.Problem{}, d.Problems...)}
	if d.Source != nil {
		out.Dashboard = d.Source.Definition
	}
	return out
}

func boardTag(text []byte) string {
	h := sha256.Sum256(text)
	return `"` + hex.EncodeToString(h[:12]) + `"`
}

// named finds a dashboard or says that there is none.
func (f *boardFace) named(id string) (*content.Dashboard, error) {
	d, err := f.boards.find(id)
	if err == nil && d == nil {
		err = api.NotFound("there is no dashboard %s", id)
	}
	return d, err
}

// Dashboard implements api.DashboardBackend.
func (f *boardFace) Dashboard(_ context.Context, id string) (api.DashboardFile, error) {
	d, err := f.named(id)
	if err != nil {
		return api.DashboardFile{}, err
	}
	return f.file(d), nil
}

// match refuses a change of what is no longer what the client has seen.
func (f *boardFace) match(id, etag string) error {
	d, err := f.boards.find(id)
	if err != nil || etag == "" {
		return err
	}
	if d == nil || etag != "*" && etag != boardTag(d.Text) {
		return api.Stale("dashboard %s has been changed meanwhile: load it again", id)
	}
	return nil
}

// SaveDashboard implements api.DashboardBackend. The name of the file is an id, so it cannot
// leave the folder.
func (f *boardFace) SaveDashboard(_ context.Context, id, etag string, text []byte) (api.DashboardFile, error) {
	f.saving.Lock()
	defer f.saving.Unlock()
	if !dashboard.ValidID(id) {
		return api.DashboardFile{}, api.Invalid("path.id", "take small letters, digits, - and _, beginning with a letter")
	}
	if err := f.match(id, etag); err != nil {
		return api.DashboardFile{}, err
	}
	d := &content.Dashboard{ID: id, Path: id + ".yaml", Origin: content.User, Text: text}
	f.lib.CompileDashboard(d)
	if bad := d.Problems.Fatal(); len(bad) > 0 {
		return api.DashboardFile{}, faulty(bad)
	}
	if err := writeWhole(f.own, id+".yaml", text); err != nil {
		return api.DashboardFile{}, fmt.Errorf("saving dashboard %s: %w", id, err)
	}
	f.forget()
	return f.Dashboard(context.Background(), id)
}

// faulty is the problem of a text with faults.
func faulty(bad dashboard.Problems) *api.Problem {
	p := &api.Problem{Status: http.StatusUnprocessableEntity, Detail: bad[0].Message, Hint: bad[0].Hint, Position: &api.Position{Line: bad[0].Line, Column: bad[0].Column}}
	for _, x := range bad {
		text := x.Message
		if x.Hint != "" {
			text += " (" + x.Hint + ")"
		}
		p.Errors = append(p.Errors, api.ErrorItem{Location: "body.yaml", Message: fmt.Sprintf("line %d, column %d: %s", x.Line, x.Column, text), Value: x})
	}
	return p
}

// RemoveDashboard implements api.DashboardBackend.
func (f *boardFace) RemoveDashboard(_ context.Context, id, etag string) error {
	f.saving.Lock()
	defer f.saving.Unlock()
	d, err := f.named(id)
	if err != nil {
		return err
	}
	if err := f.match(id, etag); err != nil {
		return err
	}
	if d.Origin != content.User || !f.card(d).Editable || !dashboard.ValidID(id) {
		return api.Conflict("dashboard %s is %s and stays; only what was saved here can be removed", id, d.Path)
	}
	if err := os.Remove(filepath.Join(f.own, id+".yaml")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing dashboard %s: %w", id, err)
	}
	f.forget()
	return nil
}

// CheckDashboard implements api.DashboardBackend.
func (f *boardFace) CheckDashboard(_ context.Context, text []byte) (api.DashboardCheck, error) {
	d := f.draft(text)
	out := api.DashboardCheck{YAML: string(text), Problems: append([]dashboard.Problem{}, d.Problems...)}
	if d.Source != nil {
		out.Dashboard = d.Source.Definition
	}
	return out, nil
}

func (f *boardFace) draft(text []byte) *content.Dashboard {
	d := &content.Dashboard{ID: "draft", Path: "draft.yaml", Origin: content.User, Text: bytes.Clone(text)}
	f.lib.CompileDashboard(d)
	return d
}

// RunDashboard implements api.DashboardBackend.
func (f *boardFace) RunDashboard(ctx context.Context, r api.DashboardRun, emit func(api.DashboardPanelEvent)) (api.DashboardAnswer, error) {
	var d *content.Dashboard
	var err error
	switch {
	case (r.ID == "") == (r.YAML == ""):
		return api.DashboardAnswer{}, api.Invalid("body.id", "give id or yaml")
	case r.YAML != "":
		d = f.draft([]byte(r.YAML))
	default:
		if d, err = f.named(r.ID); err != nil {
			return api.DashboardAnswer{}, err
		}
	}
	if d.Board == nil {
		return api.DashboardAnswer{}, faulty(d.Problems.Fatal())
	}
	loc, err := f.zone(r.Zone)
	if err != nil {
		return api.DashboardAnswer{}, err
	}
	p := dashboard.Params{From: r.From, To: r.To, Now: f.now(), Zone: loc, Variables: r.Variables, Panels: r.Panels, Compare: r.Compare, Choices: r.Choices}
	for _, x := range r.Filters {
		p.Filters = append(p.Filters, filterOf(x))
	}
	var each func(string, dashboard.PanelResult)
	if emit != nil {
		each = func(id string, x dashboard.PanelResult) {
			emit(api.DashboardPanelEvent{ID: id, Panel: f.panel(x)})
		}
	}
	res, err := f.runner.Run(ctx, d.Board, p, each)
	if errors.Is(err, dashboard.ErrParams) {
		return api.DashboardAnswer{}, api.Invalid("body", "%v", err)
	}
	if err != nil {
		return api.DashboardAnswer{}, err
	}
	out := api.DashboardAnswer{From: res.From, To: res.To, Previous: res.Previous, Zone: res.Zone, Panels: map[string]api.DashboardPanel{}, Variables: res.Variables, Stats: res.Stats}
	for id, x := range res.Panels {
		out.Panels[id] = f.panel(x)
	}
	return out, nil
}

func (f *boardFace) panel(x dashboard.PanelResult) api.DashboardPanel {
	p := api.DashboardPanel{PanelResult: x}
	for i := range x.Events {
		p.Events = append(p.Events, f.eventOf(&x.Events[i], cutText, x.Whole))
	}
	return p
}
