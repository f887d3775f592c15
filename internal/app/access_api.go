package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/state"
)

// addAccess puts the areas of signing in, saved searches and intake into the configuration of the API.
func (a *App) addAccess(c *api.Config) {
	c.Audit = a.access
	c.SignIn, c.Users, c.AuditLog = a.access, a.access, auditLog{a}
	c.Saved, c.Intake, c.Quarantine = saved{a.db}, intake{a}, quarantine{a}
}

// cursorNum reads a cursor that is a number; what is none is a mistake of the client.
func cursorNum(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 36, 64)
	if err != nil || n <= 0 {
		return 0, api.Invalid("query.cursor", "this is no cursor of an answer")
	}
	return n, nil
}

func numCursor(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 36)
}

// auditLog is api.AuditBackend.
type auditLog struct{ app *App }

func (l auditLog) AuditLog(ctx context.Context, r api.AuditRequest) (api.AuditPage, error) {
	zone, err := l.app.zone(r.Zone)
	if err != nil {
		return api.AuditPage{}, api.Invalid("query.zone", "%v", err)
	}
	f, err := auditFilter(r.From, r.To, l.app.access.now(), zone)
	if err != nil {
		return api.AuditPage{}, api.Invalid("query.from", "%v", err)
	}
	f.Who, f.Action, f.Outcome = r.Who, r.Action, auth.Outcome(r.Outcome)
	after, err := cursorNum(r.Cursor)
	if err != nil {
		return api.AuditPage{}, err
	}
	list, next, err := l.app.access.read(ctx, f, state.Page{Limit: r.Limit, After: after})
	out := api.AuditPage{Items: []api.AuditItem{}, Next: numCursor(next), Limit: r.Limit}
	for _, e := range list {
		out.Items = append(out.Items, api.AuditItem{
			Time: e.Time, Who: e.Who, Address: e.Address, Action: e.Action, Target: e.Target, Outcome: string(e.Outcome), Detail: e.Detail,
		})
	}
	return out, err
}

// saved is api.SavedBackend.
type saved struct{ db *state.DB }

// searchID makes the id of a saved search: 80 random bits.
func searchID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func savedETag(s state.SavedSearch) string { return fmt.Sprintf(`"%d"`, s.Revision) }

// mayChange: own searches, those made while there were no users, and for admins all.
func mayChange(p auth.Principal, s state.SavedSearch) bool {
	return p.May(auth.SaveSearches) && (s.Owner == p.Name || s.Owner == auth.LocalName || p.May(auth.ManageUsers))
}

func savedOf(ctx context.Context, s state.SavedSearch) (api.SavedSearch, error) {
	var b api.SavedSearchBody
	if err := json.Unmarshal(s.Body, &b); err != nil {
		return api.SavedSearch{}, fmt.Errorf("reading saved search %s: %w", s.ID, err)
	}
	return api.SavedSearch{ID: s.ID, SavedSearchBody: b, Owner: s.Owner, Mine: mayChange(auth.From(ctx), s), Created: s.Created, Changed: s.Changed, ETag: savedETag(s)}, nil
}

func savedProblem(err error) error {
	switch {
	case errors.Is(err, state.ErrNotFound):
		return api.NotFound("there is no such saved search")
	case errors.Is(err, state.ErrInvalid):
		return api.Conflict("there are too many saved searches: remove some")
	}
	return err
}

func (v saved) Saved(ctx context.Context) ([]api.SavedSearch, error) {
	list, err := v.db.SavedSearches(ctx, auth.From(ctx).Name)
	if err != nil {
		return nil, err
	}
	out := make([]api.SavedSearch, 0, len(list))
	for _, s := range list {
		one, err := savedOf(ctx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (v saved) AddSaved(ctx context.Context, b api.SavedSearchBody) (api.SavedSearch, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return api.SavedSearch{}, fmt.Errorf("writing a search: %w", err)
	}
	s, err := v.db.AddSavedSearch(ctx, state.SavedSearch{ID: searchID(), Owner: auth.From(ctx).Name, Name: b.Name, Shared: b.Shared, Body: raw})
	if err != nil {
		return api.SavedSearch{}, savedProblem(err)
	}
	return savedOf(ctx, s)
}

func (v saved) PutSaved(ctx context.Context, id, etag string, b api.SavedSearchBody) (api.SavedSearch, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return api.SavedSearch{}, fmt.Errorf("writing a search: %w", err)
	}
	s, err := v.db.ChangeSavedSearch(ctx, id, func(s *state.SavedSearch) error {
		if err := visible(ctx, *s); err != nil {
			return err
		}
		if etag != "" && etag != savedETag(*s) {
			return api.Stale("the search was changed meanwhile: load it again")
		}
		s.Name, s.Shared, s.Body = b.Name, b.Shared, raw
		return nil
	})
	if err != nil {
		return api.SavedSearch{}, savedProblem(err)
	}
	return savedOf(ctx, s)
}

func (v saved) RemoveSaved(ctx context.Context, id string) error {
	return savedProblem(v.db.RemoveSavedSearch(ctx, id, func(s state.SavedSearch) error { return visible(ctx, s) }))
}

// visible refuses changes: a search that is not shown does not exist, one that is shown is forbidden.
func visible(ctx context.Context, s state.SavedSearch) error {
	switch {
	case mayChange(auth.From(ctx), s):
		return nil
	case s.Shared:
		return &api.Problem{Status: 403, Detail: "the search belongs to " + s.Owner}
	}
	return state.ErrNotFound
}

// AddLink makes the id of the address itself: 72 bits of its hash.
func (v saved) AddLink(ctx context.Context, url string) (string, error) {
	sum := sha256.Sum256([]byte(url))
	id := strings.NewReplacer("-", "a", "_", "b").Replace(base64.RawURLEncoding.EncodeToString(sum[:9]))
	return id, v.db.PutLink(ctx, id, url, auth.From(ctx).Name)
}

func (v saved) Link(ctx context.Context, id string) (string, error) {
	url, err := v.db.LinkURL(ctx, id)
	if errors.Is(err, state.ErrNotFound) {
		return "", api.NotFound("there is no such link, or it was made too long ago")
	}
	return url, err
}
