package app

import (
	"io/fs"
	"net/http"
	"os"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/httpapi/guard"
	"github.com/yagura-siem/yagura/web"
)

// webHandler is everything on the web address: the API, health and metrics, and the interface for
// every other path. ui "" = the built one; else a folder on disk, read anew each time.
func (a *App) webHandler(f *face, g *guard.Guard, ui string) http.Handler {
	health := a.guarded(g, httpapi.Health(a.ready, a.writeMetrics))
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, health)
	}
	mux.Handle("/api/", api.New(a.apiConfig(f, g)))
	var files fs.FS = web.Files()
	if ui != "" {
		files = os.DirFS(ui)
	}
	mux.Handle("/", httpapi.Pages(files, ui != ""))
	return g.Wrap(mux)
}

// apiConfig says what answers which area of the API.
func (a *App) apiConfig(f *face, g *guard.Guard) api.Config {
	c := api.Config{
		Allow: g.Allow, Audit: a.access, Log: a.log,
		Me: f, Search: f, Field: f, Entity: f, Home: f, Live: f,
		Alerts: alertFace{f}, Rules: newRuleFace(f),
	}
	a.addAccess(&c)
	c.Dashboards = newBoardFace(f)
	return c
}
