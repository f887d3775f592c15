package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/httpapi/guard"
	"github.com/yagura-siem/yagura/internal/state"
)

// cheapHash keeps tests quick.
var cheapHash = probes{password: auth.Params{MemoryKiB: 64, Passes: 1, Threads: 1}}

// webOf serves the API of an App behind its guard.
func webOf(t *testing.T, a *App) *httptest.Server {
	t.Helper()
	c := api.Config{}
	a.addAccess(&c)
	c.Me = newFace(a)
	g := a.newGuard()
	c.Allow = g.Allow
	s := httptest.NewServer(g.Wrap(api.New(c)))
	t.Cleanup(s.Close)
	return s
}

// browser is a client with cookies that sends its CSRF token.
type browser struct {
	t    *testing.T
	base string
	http http.Client
	csrf string
	with map[string]string // more headers
}

func newBrowser(t *testing.T, s *httptest.Server) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: s.URL + "/api/v1", http: http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// call asks, decodes the answer into out when it is not nil, and returns the status and the body.
func (b *browser) call(method, path string, in, out any) (int, string) {
	b.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctxOf(b.t), method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(guard.CSRFHeader, b.csrf)
	for k, v := range b.with {
		r.Header.Set(k, v)
	}
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if out != nil && resp.StatusCode < 300 {
		if err := json.Unmarshal(text, out); err != nil {
			b.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
		}
	}
	return resp.StatusCode, string(text)
}

// want asks and compares the status.
func (b *browser) want(status int, method, path string, in, out any) string {
	b.t.Helper()
	got, text := b.call(method, path, in, out)
	if got != status {
		b.t.Errorf("%s %s: %d, want %d\n%s", method, path, got, status, text)
	}
	return text
}

func (b *browser) login(name, password string) api.Me {
	b.t.Helper()
	var me api.Me
	b.want(200, "POST", "/login", api.Credentials{Name: name, Password: password}, &me)
	b.csrf = me.CSRF
	return me
}

const (
	longWord  = "correct horse battery"
	otherWord = "another long password"
)

func TestSignInEndToEnd(t *testing.T) {
	t.Parallel()
	a := opened(t, configAt(filepath.Join(t.TempDir(), "data")), cheapHash)
	s := webOf(t, a)
	b := newBrowser(t, s)

	// Open on this machine, until the first user is there.
	var me api.Me
	b.want(200, "GET", "/me", nil, &me)
	if me.Kind != "local" || me.Role != "admin" {
		t.Errorf("open: %+v", me)
	}
	b.want(422, "POST", "/users", api.NewUser{Name: "sato", Password: "short", Role: "admin"}, nil)
	b.want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	b.want(401, "GET", "/me", nil, nil)
	b.want(401, "GET", "/users", nil, nil)
	b.want(401, "POST", "/login", api.Credentials{Name: "sato", Password: "wrong password"}, nil)

	// me → change → logout
	me = b.login("Sato", longWord)
	if me.Name != "sato" || me.CSRF == "" || !cmp.Equal(me.Permissions[0], "look") {
		t.Errorf("login: %+v", me)
	}
	b.want(200, "GET", "/me", nil, &me)
	b.want(201, "POST", "/users", api.NewUser{Name: "tanaka", Password: longWord, Role: "viewer", MustChange: true}, nil)
	b.want(409, "POST", "/users", api.NewUser{Name: "tanaka", Password: longWord, Role: "viewer"}, nil)
	b.want(409, "DELETE", "/users/sato", nil, nil)
	b.want(404, "PATCH", "/users/nobody", api.UserPatch{}, nil)
	ja, bad := "ja", "Mars/Base"
	b.want(200, "PATCH", "/me", api.MePatch{Lang: &ja}, &me)
	b.want(422, "PATCH", "/me", api.MePatch{Zone: &bad}, nil)
	if me.Lang != "ja" {
		t.Errorf("language: %+v", me)
	}
	csrf := b.csrf
	b.csrf = ""
	b.want(403, "POST", "/logout", nil, nil)
	b.csrf = csrf

	// A user who must change the password can do nothing else.
	v := newBrowser(t, s)
	if me := v.login("tanaka", longWord); !me.MustChange || len(me.Permissions) != 1 {
		t.Errorf("must change: %+v", me)
	}
	v.want(403, "GET", "/intake", nil, nil)
	v.want(422, "POST", "/me/password", api.PasswordChange{Current: "wrong password", New: otherWord}, nil)
	v.want(422, "POST", "/me/password", api.PasswordChange{Current: longWord, New: "short"}, nil)
	v.want(200, "POST", "/me/password", api.PasswordChange{Current: longWord, New: otherWord}, &me)
	v.want(403, "DELETE", "/sessions/all", nil, nil) // the CSRF token is that of the session before
	v.csrf = me.CSRF
	v.want(200, "GET", "/intake", nil, nil)
	v.want(403, "GET", "/audit", nil, nil)
	v.want(403, "POST", "/intake/quarantine/replay", api.ReplayRequest{}, nil)
	v.want(403, "GET", "/sessions?user=sato", nil, nil)
	v.want(403, "GET", "/tokens?owner=*", nil, nil)

	// Tokens.
	var made api.CreatedToken
	v.want(422, "POST", "/tokens", api.NewToken{Name: "x", Scopes: []string{"admin"}}, nil)
	v.want(201, "POST", "/tokens", api.NewToken{Name: "ci", Scopes: []string{"read"}, Days: 1}, &made)
	c := newBrowser(t, s)
	c.with = map[string]string{"Authorization": "Bearer " + made.Secret}
	c.want(200, "GET", "/intake", nil, nil)
	c.want(403, "POST", "/tokens", api.NewToken{Name: "y", Scopes: []string{"read"}}, nil)
	v.want(204, "DELETE", "/tokens/"+made.Token.ID, nil, nil)
	c.want(401, "GET", "/intake", nil, nil)

	// The admin lowers, ends, reads the log.
	var sessions api.SessionList
	b.want(200, "GET", "/sessions?user=*", nil, &sessions)
	if len(sessions.Items) != 2 {
		t.Errorf("sessions: %+v", sessions)
	}
	b.want(200, "PATCH", "/users/tanaka", map[string]any{"role": "analyst"}, nil)
	v.want(401, "GET", "/intake", nil, nil)
	v.login("tanaka", otherWord)
	v.want(204, "DELETE", "/sessions/all", nil, nil)
	v.want(401, "GET", "/me", nil, nil)
	var page api.AuditPage
	b.want(200, "GET", "/audit?limit=3", nil, &page)
	seen := map[string]bool{}
	for cursor := ""; ; cursor = page.Next {
		page = api.AuditPage{}
		b.want(200, "GET", "/audit?limit=3&cursor="+cursor, nil, &page)
		for _, e := range page.Items {
			seen[fmt.Sprintf("%s %s %s %s", e.Who, e.Action, e.Target, e.Outcome)] = true
			if text := fmt.Sprint(e); strings.Contains(text, longWord) || strings.Contains(text, otherWord) || strings.Contains(text, made.Secret) {
				t.Errorf("the log holds a secret: %s", text)
			}
		}
		if page.Next == "" {
			break
		}
	}
	for _, want := range []string{
		"local user.add sato done", " login sato failed", "sato login sato done", "sato user.add tanaka done", "tanaka forbidden GET /api/v1/audit denied",
		"tanaka password.change tanaka failed", "tanaka password.change tanaka done", "tanaka token.create tanaka/ci done", "sato user.change tanaka done",
		"tanaka/ci forbidden POST /api/v1/tokens denied", "tanaka session.end * done",
	} {
		if !seen[want] {
			t.Errorf("the log lacks %q", want)
		}
	}
	b.want(422, "GET", "/audit?cursor=%2B%2B", nil, nil)
	b.want(422, "GET", "/audit?from=someday", nil, nil)
	b.want(204, "POST", "/logout", nil, nil)
	b.want(401, "GET", "/me", nil, nil)
	b.want(204, "POST", "/logout", nil, nil)

	// Guessing is slowed, with the time to wait.
	guess := newBrowser(t, s)
	var text string
	for i := range 20 {
		status := 0
		if status, text = guess.call("POST", "/login", api.Credentials{Name: "sato", Password: fmt.Sprintf("wrong password %d", i)}, nil); status == 429 {
			break
		}
	}
	if !strings.Contains(text, "urn:yagura:problem:too-many") {
		t.Errorf("guessing: %s", text)
	}
}

func TestSavedSearchesEndToEnd(t *testing.T) {
	t.Parallel()
	a := opened(t, configAt(filepath.Join(t.TempDir(), "data")), cheapHash)
	s := webOf(t, a)
	b := newBrowser(t, s)
	b.want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	b.login("sato", longWord)
	for _, name := range []string{"ann", "bob"} {
		b.want(201, "POST", "/users", api.NewUser{Name: name, Password: longWord, Role: "analyst"}, nil)
	}
	b.want(201, "POST", "/users", api.NewUser{Name: "eve", Password: longWord, Role: "viewer"}, nil)
	ann, bob, eve := newBrowser(t, s), newBrowser(t, s), newBrowser(t, s)
	ann.login("ann", longWord)
	bob.login("bob", longWord)
	eve.login("eve", longWord)

	body := api.SavedSearchBody{Name: "遮断 <b>", Q: "event.action:BLOCK", Filters: []api.Filter{{Field: "source.geo.country_iso_code", Op: "exists"}}, From: "now-24h", To: "now", Columns: []string{"source.ip"}, By: "event.action"}
	var mine, shared, got api.SavedSearch
	ann.want(201, "POST", "/saved-searches", body, &mine)
	if d := cmp.Diff(body, mine.SavedSearchBody); d != "" || !mine.Mine || mine.Owner != "ann" {
		t.Errorf("%+v\n%s", mine, d)
	}
	body.Shared = true
	ann.want(201, "POST", "/saved-searches", body, &shared)
	ann.want(422, "POST", "/saved-searches", api.SavedSearchBody{}, nil)
	eve.want(403, "POST", "/saved-searches", body, nil)
	var list api.SavedSearchList
	bob.want(200, "GET", "/saved-searches", nil, &list)
	if len(list.Items) != 1 || list.Items[0].Mine {
		t.Errorf("bob sees %+v", list)
	}
	bob.want(403, "PUT", "/saved-searches/"+shared.ID, body, nil)
	bob.want(404, "PUT", "/saved-searches/"+mine.ID, body, nil)
	bob.want(404, "DELETE", "/saved-searches/"+mine.ID, nil, nil)
	body.Name = "blocked"
	ann.with = map[string]string{"If-Match": shared.ETag}
	ann.want(200, "PUT", "/saved-searches/"+shared.ID, body, &got)
	ann.want(412, "PUT", "/saved-searches/"+shared.ID, body, nil)
	ann.with = nil
	if got.Name != "blocked" || got.ETag == shared.ETag {
		t.Errorf("%+v", got)
	}
	b.want(204, "DELETE", "/saved-searches/"+shared.ID, nil, nil) // an admin

	var link, again api.LinkID
	eve.want(201, "POST", "/links", api.LinkBody{URL: "/explore?q=a%3Ab&f=x"}, &link)
	bob.want(201, "POST", "/links", api.LinkBody{URL: "/explore?q=a%3Ab&f=x"}, &again)
	var back api.LinkBody
	bob.want(200, "GET", "/links/"+link.ID, nil, &back)
	if link != again || back.URL != "/explore?q=a%3Ab&f=x" {
		t.Errorf("%+v %+v %+v", link, again, back)
	}
	for _, bad := range []string{"", "explore", "//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a b", "/a\nb", "/api/v1/logout"} {
		eve.want(422, "POST", "/links", api.LinkBody{URL: bad}, nil)
	}
	eve.want(404, "GET", "/links/nothing", nil, nil)
}

func TestIntakeEndToEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "logs", "odd.log"), []byte("what is this\nand this\n"))
	logs(t, filepath.Join(dir, "logs"), 3, 5)
	a := opened(t, configAt(filepath.Join(dir, "data")), cheapHash)
	loadOf(t, a, filepath.Join(dir, "logs"))
	b := newBrowser(t, webOf(t, a))

	var in api.Intake
	b.want(200, "GET", "/intake", nil, &in)
	var total, events int64
	for _, s := range in.Sources {
		total += s.Events
	}
	for _, n := range in.Rates.Events {
		events += n
	}
	if total == 0 || events != total || len(in.Rates.Buckets) != len(in.Rates.Events) || in.Quarantined == 0 {
		t.Errorf("%d events, %d in the rates\n%+v", total, events, in)
	}
	var objects api.IntakeObjects
	b.want(200, "GET", "/intake/objects?limit=2", nil, &objects)
	var all int
	for {
		all += len(objects.Items)
		next := objects.Next
		if next == "" {
			break
		}
		objects = api.IntakeObjects{}
		b.want(200, "GET", "/intake/objects?limit=2&cursor="+next, nil, &objects)
	}
	if all < 4 {
		t.Errorf("%d objects", all)
	}
	b.want(200, "GET", "/intake/objects?state=unrecognized", nil, &objects)
	if len(objects.Items) == 1 {
		b.want(204, "POST", "/intake/objects/"+objects.Items[0].ID+"/retry", nil, nil)
		b.want(409, "POST", "/intake/objects/"+objects.Items[0].ID+"/retry", nil, nil)
	} else {
		t.Errorf("unrecognized: %+v", objects)
	}
	b.want(404, "POST", "/intake/objects/nothing/retry", nil, nil)
	b.want(422, "GET", "/intake/objects?state=odd", nil, nil)
	b.want(422, "GET", "/intake/objects?limit=501", nil, nil)

	var st api.Storage
	b.want(200, "GET", "/intake/storage", nil, &st)
	var rows int64
	for _, d := range st.Days {
		rows += d.Rows
	}
	if rows < total || st.Disk.Free <= 0 || st.Disk.Total < st.Disk.Free || st.Ratio <= 0 || len(st.Types) == 0 {
		t.Errorf("%+v", st)
	}
}

func TestReplayJobEndToEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs(t, filepath.Join(dir, "logs"), 2, 5)
	put(t, filepath.Join(dir, "logs", "broken.json"), []byte("{\"timestamp\":1762000000000,\"formatVersion\":1,\"webaclId\":\"arn\",\"action\":\"BLOCK\"\n"))
	a := opened(t, configAt(filepath.Join(dir, "data")), cheapHash)
	loadOf(t, a, filepath.Join(dir, "logs"))
	b := newBrowser(t, webOf(t, a))
	var groups api.QuarantineGroups
	b.want(200, "GET", "/intake/quarantine", nil, &groups)
	var records api.QuarantineRecords
	b.want(200, "GET", "/intake/quarantine/records", nil, &records)
	if len(groups.Groups) == 0 || len(records.Items) == 0 {
		t.Fatalf("nothing in quarantine: %+v %+v", groups, records)
	}
	var one api.QuarantineDetail
	b.want(200, "GET", fmt.Sprintf("/intake/quarantine/%d", records.Items[0].ID), nil, &one)
	if len(one.Raw) == 0 || one.Text == "" || !strings.HasPrefix(one.Hex, "00000000") {
		t.Errorf("%+v", one)
	}
	b.want(404, "GET", "/intake/quarantine/99999", nil, nil)
	b.want(404, "POST", "/intake/quarantine/replay", api.ReplayRequest{ID: 99999}, nil)
	var started api.JobStarted
	b.want(202, "POST", "/intake/quarantine/replay", api.ReplayRequest{}, &started)
	var j api.Job
	for end := time.Now().Add(20 * time.Second); j.State != "done" && time.Now().Before(end); {
		b.want(200, "GET", "/jobs/"+started.Job, nil, &j)
		time.Sleep(5 * time.Millisecond)
	}
	if j.State != "done" || j.Result == nil || j.Result.Left+j.Result.Cut == 0 || j.Progress.Done != j.Progress.Total || j.Who != "local" {
		t.Errorf("%+v %+v", j, j.Result)
	}
	b.want(204, "DELETE", "/jobs/"+started.Job, nil, nil)
	b.want(404, "GET", "/jobs/nothing", nil, nil)
}

func TestJobsEndWithTheProcess(t *testing.T) {
	t.Parallel()
	js := newJobs()
	began := make(chan struct{})
	work := func(ctx context.Context) (*api.ReplayResult, error) {
		close(began)
		<-ctx.Done()
		return &api.ReplayResult{Replayed: 3}, ctx.Err()
	}
	j, err := js.start(t.Context(), "replay", 9, nil, work)
	if err != nil {
		t.Fatal(err)
	}
	<-began
	if _, err := js.start(t.Context(), "replay", 1, nil, work); err == nil {
		t.Error("two at once")
	}
	js.close()
	if v := j.show(); v.State != "cancelled" || v.Progress.Done != 3 {
		t.Errorf("%+v", v)
	}
	if _, err := js.start(t.Context(), "replay", 1, nil, work); err == nil {
		t.Error("one begins after the end")
	}
}

func TestRhythm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	steady := func(until time.Duration) (out []state.IntakeMinute) {
		for at := until + 100*time.Hour; at >= until; at -= 10 * time.Minute {
			out = append(out, state.IntakeMinute{Start: now.Add(-at), Source: "waf", Events: 60})
		}
		return out
	}
	for _, c := range []struct {
		name    string
		minutes []state.IntakeMinute
		silent  bool
	}{
		{"never", nil, false},
		{"as always", steady(0), false},
		{"a little late", steady(14 * time.Minute), false},
		{"too late", steady(20 * time.Minute), true},
		{"loaded once", []state.IntakeMinute{{Start: now.Add(-50 * time.Hour), Source: "waf", Events: 1e6}}, false},
		{"another source", append(steady(3*time.Hour), state.IntakeMinute{Start: now, Source: "alb", Events: 1}), true},
	} {
		if r := rhythmOf("waf", c.minutes, now); r.silent != c.silent {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	if r := rhythmOf("waf", steady(0), now); r.perMin != 7 || r.longest != 10*time.Minute {
		t.Errorf("%+v", r)
	}
}

// TestOpenIsOverForEverybody: requests race with the first user; once it is there nobody is let in.
func TestOpenIsOverForEverybody(t *testing.T) {
	t.Parallel()
	a := opened(t, configAt(filepath.Join(t.TempDir(), "data")), cheapHash)
	s := webOf(t, a)
	added := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		b := newBrowser(t, s)
		wg.Go(func() {
			for over := false; !over; {
				select {
				case <-added:
					over = true
				default:
				}
				if status, _ := b.call("GET", "/users", nil, nil); over && status != 401 || status != 200 && status != 401 {
					t.Errorf("over %v: %d", over, status)
				}
			}
		})
	}
	newBrowser(t, s).want(201, "POST", "/users", api.NewUser{Name: "sato", Password: longWord, Role: "admin"}, nil)
	close(added)
	wg.Wait()
}

func TestMetricsOfOtherMachinesNeedAToken(t *testing.T) {
	t.Parallel()
	c := configAt(filepath.Join(t.TempDir(), "data"))
	c.Listen = "0.0.0.0:0"
	a := opened(t, c, cheapHash)
	if err := a.mayListen(); err == nil || !strings.Contains(err.Error(), "users add NAME --role admin") {
		t.Errorf("without users: %v", err)
	}
	as := func(p auth.Principal) context.Context { return auth.With(ctxOf(t), p, auth.Client{}) }
	if _, err := a.access.AddUser(as(auth.LocalPrincipal()), auth.NewUser{Name: "sato", Password: longWord, Role: auth.Admin}); err != nil {
		t.Fatal(err)
	}
	if err := a.mayListen(); err != nil {
		t.Errorf("with a user: %v", err)
	}
	_, secret, err := a.access.CreateToken(as(auth.LocalPrincipal()), auth.NewToken{Owner: "sato", Name: "prometheus", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	g := a.newGuard()
	h := g.Wrap(a.guarded(g, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })))
	for _, c := range []struct {
		path, authorization string
		status              int
	}{
		{"/healthz", "", 200}, {"/readyz", "", 200}, {"/metrics", "", 401}, {"/metrics", "Bearer " + secret, 200}, {"/metrics", "Bearer " + secret[:40], 401},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %.12q: %d", c.path, c.authorization, w.Code)
		}
	}
	// The last user cannot be removed while other machines are served.
	if _, err := a.Users(ctxOf(t), httpapi.UserRequest{Do: "remove", Name: "sato", Reopen: true}); err == nil {
		t.Error("the only user is gone, and the server open to all")
	}
}

func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	k := &keyPair{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), now: func() time.Time { return now }}
	if _, err := k.get(nil); err == nil {
		t.Error("there is no certificate")
	}
	first, second := certificate(t, k, 1, now), []byte(nil)
	now = now.Add(time.Hour)
	if c, err := k.get(nil); err != nil || !bytes.Equal(c.Certificate[0], first) {
		t.Fatalf("the first: %v", err)
	}
	second = certificate(t, k, 2, now.Add(time.Hour))
	if c, _ := k.get(nil); !bytes.Equal(c.Certificate[0], first) {
		t.Error("looked at more than once a minute")
	}
	now = now.Add(2 * time.Minute)
	if c, _ := k.get(nil); !bytes.Equal(c.Certificate[0], second) {
		t.Error("the new one is not in use")
	}
	put(t, k.cert, []byte("half a certif"))
	now = now.Add(2 * time.Minute)
	if c, err := k.get(nil); err != nil || !bytes.Equal(c.Certificate[0], second) {
		t.Errorf("a broken one is in use: %v", err)
	}
}

// certificate writes a pair and returns the certificate.
func certificate(t *testing.T, k *keyPair, serial int64, modified time.Time) []byte {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, NotAfter: modified.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	put(t, k.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	put(t, k.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
	if err := os.Chtimes(k.cert, modified, modified); err != nil {
		t.Fatal(err)
	}
	return der
}
