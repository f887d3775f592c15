package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/httpapi/guard"
)

// routeOf is a route of the description.
type routeOf struct {
	method, path string
	needs        auth.Permission
	query        []string // names of parameters
}

// allRoutes are those of the description, in a fixed order.
func allRoutes(t *testing.T) []routeOf {
	t.Helper()
	var spec struct {
		Paths map[string]map[string]struct {
			Permission string `json:"x-permission"`
			Parameters []struct{ In, Name string }
		}
	}
	if err := json.Unmarshal(api.Spec(), &spec); err != nil {
		t.Fatal(err)
	}
	var out []routeOf
	for path, methods := range spec.Paths {
		for method, op := range methods {
			r := routeOf{method: strings.ToUpper(method), path: path, needs: auth.Permission(op.Permission)}
			for _, p := range op.Parameters {
				if p.In == "query" {
					r.query = append(r.query, p.Name)
				}
			}
			out = append(out, r)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path+out[i].method < out[j].path+out[j].method })
	if len(out) < 50 {
		t.Fatalf("%d routes only", len(out))
	}
	return out
}

func (r routeOf) String() string { return r.method + " " + r.path }

func (r routeOf) changes() bool { return r.method != http.MethodGet }

// at fills the parameters of a path.
func (r routeOf) at(value string) string {
	return regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(r.path, value)
}

// raw asks with headers as they are and nothing else. Streams are not read.
func raw(t *testing.T, base, method, path, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		if r.Header.Set(k, v); k == "Host" {
			r.Host = v
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp, ""
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp, string(b)
}

// serveFace serves everything of the web address.
func serveFace(t *testing.T, a *App) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(a.webHandler(newFace(a), a.newGuard(), ""))
	t.Cleanup(s.Close)
	return s
}

// TestEveryRouteIsGuarded asks every route as nobody, as each role, without the proof of the page,
// and from other sites.
func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	a := opened(t, configAt(filepath.Join(t.TempDir(), "data")), cheapHash)
	s := serveFace(t, a)
	boss := newBrowser(t, s)
	boss.want(201, "POST", "/users", api.NewUser{Name: "admin1", Password: longWord, Role: "admin"}, nil)
	boss.login("admin1", longWord)
	for _, role := range []string{"viewer", "analyst"} {
		boss.want(201, "POST", "/users", api.NewUser{Name: role + "1", Password: longWord, Role: role}, nil)
	}
	type who struct {
		role   auth.Role
		header map[string]string
	}
	var people []who
	for _, role := range auth.Roles() {
		b := newBrowser(t, s)
		me := b.login(string(role)+"1", longWord)
		r, _ := http.NewRequest("GET", s.URL, nil)
		cookie := b.http.Jar.Cookies(r.URL)[0]
		people = append(people, who{role, map[string]string{"Cookie": cookie.Name + "=" + cookie.Value, guard.CSRFHeader: me.CSRF}})
	}
	var token api.CreatedToken
	boss.want(201, "POST", "/tokens", api.NewToken{Name: "all", Scopes: []string{"admin"}}, &token)

	public := []string{"POST /login", "POST /logout"}
	for _, r := range allRoutes(t) {
		path := api.Prefix + r.at("0123456789abcdef")
		if slices.Contains(public, r.String()) {
			continue
		}
		check := func(how string, header map[string]string, query string, want ...int) {
			t.Helper()
			resp, body := raw(t, s.URL, r.method, path+query, "{}", header)
			if !slices.Contains(want, resp.StatusCode) && want != nil || resp.StatusCode >= 500 && resp.StatusCode != 503 {
				t.Errorf("%s %s: %d, want %v\n%.300s", r, how, resp.StatusCode, want, body)
			}
			for _, h := range []string{"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "X-Request-Id"} {
				if resp.Header.Get(h) == "" {
					t.Errorf("%s %s: no %s", r, how, h)
				}
			}
			if c := resp.Header.Get("Cache-Control"); !strings.Contains(c, "no-store") && !strings.Contains(c, "private") {
				t.Errorf("%s %s: a cache may keep it: %q", r, how, c)
			}
		}
		check("as nobody", nil, "", 401)
		check("with a token in the address", nil, "?access_token="+token.Secret+"&token="+token.Secret, 401, 422)
		check("with a wrong token and a good cookie", map[string]string{"Cookie": people[2].header["Cookie"], "Authorization": "Bearer x"}, "", 401)
		check("from another site", map[string]string{"Cookie": people[2].header["Cookie"], guard.CSRFHeader: people[2].header[guard.CSRFHeader], "Origin": "https://evil.example"}, "", 403)
		check("from an image of another site", map[string]string{"Cookie": people[2].header["Cookie"], "Sec-Fetch-Site": "cross-site"}, "", 403)
		if r.changes() {
			check("without the token of the page", map[string]string{"Cookie": people[2].header["Cookie"]}, "", 403)
			check("with the token of another page", map[string]string{"Cookie": people[2].header["Cookie"], guard.CSRFHeader: people[0].header[guard.CSRFHeader]}, "", 403)
		}
		for _, p := range people {
			if (auth.Principal{Kind: auth.Person, Role: p.role}).May(r.needs) || r.needs == "" {
				check("as "+string(p.role), p.header, "", 200, 201, 202, 204, 404, 409, 410, 412, 422, 400, 503)
				continue
			}
			check("as "+string(p.role), p.header, "", 403)
		}
		if r.method == http.MethodGet && !slices.Contains([]auth.Permission{"", auth.Look, auth.Account, auth.ExportEvents, auth.ManageUsers, auth.ReadAudit}, r.needs) {
			t.Errorf("%s reads, and needs %s", r, r.needs)
		}
	}
	var page api.AuditPage
	if text := boss.want(200, "GET", "/audit?limit=500", nil, &page); strings.Contains(text, token.Secret) || strings.Contains(text, longWord) {
		t.Error("the audit log holds a secret")
	}
	if text := boss.want(200, "GET", "/tokens?owner=*", nil, nil); strings.Contains(text, token.Secret) {
		t.Error("the list of tokens holds a secret")
	}
}

// odd values, as parts of a path and as parameters.
var odd = []string{
	"%00", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5c", "%ff%fe", "-1", "0", "99999999999999999999", "1e309", "NaN", "%22%27%3b%20DROP%20TABLE%20users--",
	"%3Cscript%3E", "%E2%80%AE", "con", "nul.yaml", "%0d%0aX-Evil:%201", "true", "now-999999y", "9999-12-31T23:59:59Z", "0001-01-01", "Asia/Tokyo", "../../etc", "*", "a*b?c[", "%F0%9F%92%A9",
}

// TestOddParameters: no value of a path or a parameter is a fault of the server, and no answer
// tells about its inside.
func TestOddParameters(t *testing.T) {
	t.Parallel()
	d := theDemo(t)
	inside := regexp.MustCompile(`(?i)SELECT .* FROM|sqlite|SQL logic|goroutine|/tmp/|\.go:\d+|panic`)
	ask := func(method, path, body string) {
		t.Helper()
		resp, text := raw(t, d.url, method, api.Prefix+path, body, nil)
		if resp.StatusCode >= 500 && resp.StatusCode != 507 {
			t.Errorf("%s %s %.100s: %d %.300s", method, path, body, resp.StatusCode, text)
		}
		if resp.StatusCode >= 400 && inside.MatchString(text) {
			t.Errorf("%s %s: the answer tells of the inside: %.300s", method, path, text)
		}
		if resp.Header.Get("X-Evil") != "" {
			t.Errorf("%s %s: a header was injected", method, path)
		}
	}
	for _, r := range allRoutes(t) {
		if r.path == "/stream" || r.path == "/export" && r.method == "GET" {
			continue // they answer with what they have, without end
		}
		for i, v := range odd {
			if strings.Contains(r.path, "{") {
				if r.changes() && (r.method == http.MethodDelete || strings.HasPrefix(r.path, "/users")) {
					continue
				}
				ask(r.method, strings.ReplaceAll(r.at(v), "..", "%2e%2e"), "{}")
			}
			if r.changes() {
				continue
			}
			for _, q := range r.query {
				if i%4 == len(q)%4 || i < 4 { // each parameter meets some of them
					ask(r.method, r.at("0")+"?"+q+"="+v, "")
				}
			}
		}
		if r.method == http.MethodPost && !strings.HasPrefix(r.path, "/log") && r.path != "/users" && r.path != "/links" {
			for _, body := range []string{`null`, `[]`, `{"yaml":"\u0000"}`, `{"yaml":"` + strings.Repeat("- ", 50_000) + `"}`, `{"id":"../x"}`, `{"text":"((((((\u202e\"","position":-5}`, `{"q":"a:/(((/"}`, `{"ids":["../x"],"action":"close"}`, strings.Repeat(`{"dashboard":`, 3000)} {
				ask(r.method, r.at("0"), body)
			}
		}
	}
	for _, x := range []string{"/api/v1/../../etc/passwd", "/api/v1//me", "/api//v1/me", "/assets/../index.html", "/assets/%2e%2e/%2e%2e/go.mod", "/%00", "//evil.example/", "/\\evil.example", "/" + strings.Repeat("a/", 3000)} {
		resp, text := raw(t, d.url, "GET", strings.ReplaceAll(x, "\\", "%5c"), "", nil)
		if resp.StatusCode >= 500 || strings.HasPrefix(resp.Header.Get("Location"), "//") || strings.Contains(text, "root:") || strings.Contains(text, "module github.com") {
			t.Errorf("%s: %d %s %.100s", x, resp.StatusCode, resp.Header.Get("Location"), text)
		}
	}
}
