package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/auth"
)

// SavedBackend keeps searches and long addresses. Who asks is in the context.
type SavedBackend interface {
	// Saved lists one's own and shared searches, by name.
	Saved(ctx context.Context) ([]SavedSearch, error)
	AddSaved(ctx context.Context, s SavedSearchBody) (SavedSearch, error)
	// PutSaved replaces one; etag "" = whatever is there.
	PutSaved(ctx context.Context, id, etag string, s SavedSearchBody) (SavedSearch, error)
	RemoveSaved(ctx context.Context, id string) error
	// AddLink keeps an address of a page and returns its id: the same for the same address.
	AddLink(ctx context.Context, url string) (string, error)
	Link(ctx context.Context, id string) (string, error)
}

// SavedSearchBody is a search as a page has it.
type SavedSearchBody struct {
	Name    string   `json:"name" minLength:"1" maxLength:"200"`
	Q       string   `json:"q" maxLength:"65536"`
	Filters []Filter `json:"filters,omitempty" maxItems:"200"`
	Columns []string `json:"columns,omitempty" maxItems:"500"`
	From    string   `json:"from,omitempty" maxLength:"64"`
	To      string   `json:"to,omitempty" maxLength:"64"`
	By      string   `json:"by,omitempty" maxLength:"512" doc:"field of the histogram"`
	Shared  bool     `json:"shared,omitempty" doc:"everybody sees it; only its owner and admins change it"`
}

// SavedSearch is a stored search.
type SavedSearch struct {
	ID string `json:"id"`
	SavedSearchBody
	Owner   string    `json:"owner"`
	Mine    bool      `json:"mine" doc:"the one who asks may change it"`
	Created time.Time `json:"created"`
	Changed time.Time `json:"changed"`
	ETag    string    `json:"etag" doc:"goes into If-Match"`
}

// SavedSearchList lists searches.
type SavedSearchList struct {
	Items []SavedSearch `json:"items"`
}

// LinkBody is an address of a page.
type LinkBody struct {
	URL string `json:"url" maxLength:"65536" doc:"path and query of a page of this server, such as /explore?q=…"`
}

// LinkID names a kept address.
type LinkID struct {
	ID string `json:"id"`
}

type savedOut struct {
	ETag string `header:"ETag"`
	Body SavedSearch
}

func registerSaved(a *API, b SavedBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodGet, Path: "/saved-searches", ID: "list-saved-searches", Area: "saved", Needs: auth.Look, Summary: "List one's own and shared searches"},
		func(ctx context.Context, _ *struct{}) (*body[SavedSearchList], error) {
			list, err := b.Saved(ctx)
			if list == nil {
				list = []SavedSearch{}
			}
			return &body[SavedSearchList]{SavedSearchList{list}}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/saved-searches", ID: "add-saved-search", Area: "saved", Needs: auth.SaveSearches, Status: http.StatusCreated, Summary: "Save a search"},
		func(ctx context.Context, r *in[SavedSearchBody]) (*savedOut, error) {
			s, err := b.AddSaved(ctx, r.Body)
			return &savedOut{s.ETag, s}, err
		})
	add(a, there, route{Method: http.MethodPut, Path: "/saved-searches/{id}", ID: "change-saved-search", Area: "saved", Needs: auth.SaveSearches,
		Summary: "Replace a saved search", About: "With If-Match it is refused (412) when somebody changed it meanwhile."},
		func(ctx context.Context, r *struct {
			ID      string `path:"id" maxLength:"64"`
			IfMatch string `header:"If-Match" maxLength:"64"`
			Body    SavedSearchBody
		}) (*savedOut, error) {
			s, err := b.PutSaved(ctx, r.ID, r.IfMatch, r.Body)
			return &savedOut{s.ETag, s}, err
		})
	add(a, there, route{Method: http.MethodDelete, Path: "/saved-searches/{id}", ID: "remove-saved-search", Area: "saved", Needs: auth.SaveSearches, Status: http.StatusNoContent, Summary: "Remove a saved search"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*nothing, error) {
			return nil, b.RemoveSaved(ctx, r.ID)
		})
	add(a, there, route{Method: http.MethodPost, Path: "/links", ID: "add-link", Area: "saved", Needs: auth.Look, Status: http.StatusCreated,
		Summary: "Keep the address of a page under a short id", About: "For addresses too long for chats and tickets. The same address has the same id."},
		func(ctx context.Context, r *in[LinkBody]) (*body[LinkID], error) {
			if !pageAddress(r.Body.URL) {
				return nil, Invalid("body.url", "want the path and query of a page of this server, such as /explore?q=…")
			}
			id, err := b.AddLink(ctx, r.Body.URL)
			return &body[LinkID]{LinkID{id}}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/links/{id}", ID: "get-link", Area: "saved", Needs: auth.Look, Summary: "The address kept under an id"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*body[LinkBody], error) {
			url, err := b.Link(ctx, r.ID)
			return &body[LinkBody]{LinkBody{url}}, err
		})
}

// pageAddress takes paths of this server alone: a link must lead nowhere else and run nothing.
func pageAddress(s string) bool {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.HasPrefix(s, "/api/") || !utf8.ValidString(s) {
		return false
	}
	page, _, _ := strings.Cut(s, "?")
	page, _, _ = strings.Cut(page, "#")
	if strings.Contains(page, "//") || strings.Contains(page+"/", "/./") || strings.Contains(page+"/", "/../") {
		return false // what browsers make of it may begin with two slashes
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f })
}
