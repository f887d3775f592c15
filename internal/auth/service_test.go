package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/auth"
	"github.com/yagura-siem/yagura/internal/state"
)

const good, better = "correct horse battery", "another long password"

// house is a service over a real state file, with a clock that tests move.
type house struct {
	*auth.Service
	t     *testing.T
	db    *state.DB
	trail *auth.Trail
	mu    sync.Mutex
	time  time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.time
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.time = h.time.Add(d)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, time: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), state.Options{Now: h.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h.db, h.trail = db, auth.NewTrail(db, h.now, slog.New(slog.DiscardHandler))
	h.Service = h.service(auth.Params{MemoryKiB: 64, Passes: 1, Threads: 1})
	return h
}

func (h *house) service(p auth.Params) *auth.Service {
	h.t.Helper()
	s, err := auth.NewService(h.t.Context(), h.db, h.trail, auth.Options{Idle: 12 * time.Hour, Longest: 7 * 24 * time.Hour, Now: h.now, Password: p})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) as(p auth.Principal) context.Context {
	return auth.With(h.t.Context(), p, auth.Client{Address: "192.0.2.7", Agent: "test"})
}

func (h *house) admin() context.Context { return h.as(auth.LocalPrincipal()) }

func (h *house) add(name string, r auth.Role) {
	h.t.Helper()
	if _, err := h.AddUser(h.admin(), auth.NewUser{Name: name, Password: good, Role: r}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) login(name, password string) auth.SignedIn {
	h.t.Helper()
	in, err := h.Login(h.as(auth.Principal{}), name, password)
	if err != nil {
		h.t.Fatal(err)
	}
	return in
}

// alive tells whether a session lets somebody in.
func (h *house) alive(secret string) bool {
	h.t.Helper()
	_, err := h.Session(h.t.Context(), secret)
	if err != nil && !errors.Is(err, auth.ErrUnknown) {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestSessionLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if !h.Empty() {
		t.Error("a new house is not empty")
	}
	h.add("Sato", auth.Admin)
	h.add("tanaka", auth.Analyst)
	if h.Empty() {
		t.Error("the house is still empty")
	}
	in := h.login(" SATO ", good)
	p, err := h.Session(t.Context(), in.Secret)
	if err != nil || cmp.Diff(in.Principal, p) != "" || p.Name != "sato" || p.CSRF == "" || strings.Contains(in.Secret, p.Session) {
		t.Errorf("%+v, %v", p, err)
	}
	h.wait(12*time.Hour - time.Second)
	if !h.alive(in.Secret) {
		t.Error("ended before it was idle long enough")
	}
	h.wait(time.Hour) // the use above counts, also before it is written
	if !h.alive(in.Secret) {
		t.Error("a use did not count")
	}
	if err := h.trail.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wait(11*time.Hour + 59*time.Minute)
	if !h.alive(in.Secret) {
		t.Error("a use that was written did not count")
	}
	h.wait(12 * time.Hour)
	if h.alive(in.Secret) {
		t.Error("idle and still alive")
	}
	in = h.login("sato", good)
	for range 7*24/6 - 1 {
		h.wait(6 * time.Hour)
		if !h.alive(in.Secret) {
			t.Fatal("ended while it was used")
		}
	}
	h.wait(6 * time.Hour)
	if h.alive(in.Secret) {
		t.Error("older than the longest and still alive")
	}
	if err := h.db.ForgetTrace(t.Context(), h.now().Add(-time.Hour), h.now()); err != nil {
		t.Fatal(err)
	}
	if list, err := h.db.Sessions(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("%d ended sessions stay, %v", len(list), err)
	}
}

func TestWhatEndsSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add("sato", auth.Admin)
	h.add("tanaka", auth.Analyst)
	role, yes, no, password, ja := auth.Viewer, true, false, better, "ja"
	for _, c := range []struct {
		name  string
		do    func(in auth.SignedIn) error
		alive bool
	}{
		{"language", func(auth.SignedIn) error {
			_, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Lang: &ja})
			return err
		}, true},
		{"role", func(auth.SignedIn) error {
			_, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Role: &role})
			return err
		}, false},
		{"disabled", func(auth.SignedIn) error {
			_, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Disabled: &yes})
			_, err2 := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Disabled: &no})
			return errors.Join(err, err2)
		}, false},
		{"logout", func(in auth.SignedIn) error { return h.Logout(h.as(in.Principal)) }, false},
		{"ended by an admin", func(in auth.SignedIn) error {
			_, err := h.EndSessions(h.admin(), "*", in.Principal.Session)
			return err
		}, false},
		{"everywhere", func(in auth.SignedIn) error {
			other := h.login("tanaka", good)
			n, err := h.EndSessions(h.as(in.Principal), "", "*")
			if n != 2 || h.alive(other.Secret) {
				t.Errorf("%d ended", n)
			}
			return err
		}, false},
		{"somebody else's", func(in auth.SignedIn) error {
			in.Principal.Name = "suzuki"
			_, err := h.EndSessions(h.as(in.Principal), "", in.Principal.Session)
			return err
		}, true},
		{"password", func(in auth.SignedIn) error {
			h.wait(time.Second)
			fresh, err := h.ChangePassword(h.as(in.Principal), good, better)
			if err == nil && !h.alive(fresh.Secret) {
				t.Error("the new session is dead")
			}
			return err
		}, false},
		{"password by an admin", func(auth.SignedIn) error {
			h.wait(time.Second)
			_, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Password: &password})
			return err
		}, false},
		{"removed", func(auth.SignedIn) error { return h.RemoveUser(h.admin(), "tanaka", false) }, false},
	} {
		word := good
		if c.name == "password by an admin" || c.name == "removed" {
			word = better
		}
		in := h.login("tanaka", word)
		if err := c.do(in); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if h.alive(in.Secret) != c.alive {
			t.Errorf("%s: alive %v", c.name, !c.alive)
		}
	}
}

func TestLoginSaysNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add("sato", auth.Admin)
	h.add("off", auth.Viewer)
	yes := true
	if _, err := h.ChangeUser(h.admin(), "off", auth.UserChange{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	ctx := func(addr string) context.Context {
		return auth.With(t.Context(), auth.Principal{}, auth.Client{Address: addr})
	}
	for i, c := range [][2]string{{"sato", "wrong password"}, {"nobody", good}, {"off", good}, {"", good}, {"\x00\xff", good}, {strings.Repeat("x", 1<<16), good}, {"sato", strings.Repeat("x", 1<<16)}} {
		_, err := h.Login(ctx("192.0.2."+string(rune('1'+i))), c[0], c[1])
		if err == nil || err.Error() != auth.ErrUnknown.Error() {
			t.Errorf("%.20q: %v", c[0], err)
		}
	}
	for _, name := range []string{"sato", "nobody2"} { // known or not, the brake is the same
		var slow *auth.TooManyError
		for range 10 {
			_, err := h.Login(ctx("198.51.100.1"), name, "wrong password")
			errors.As(err, &slow)
			h.wait(0)
		}
		if slow == nil || slow.After <= 0 || slow.After > time.Minute {
			t.Errorf("%s: %v", name, slow)
		}
		h.wait(time.Hour)
	}
	if err := h.trail.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := h.db.Audit(t.Context(), state.AuditFilter{Action: "login"}, state.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	denied := 0
	for _, e := range list {
		if e.Outcome == auth.Denied {
			denied++
		}
		if e.Target != "sato" && e.Target != "off" && e.Target != "(unknown)" {
			t.Errorf("the log shows what was typed as a name: %q", e.Target)
		}
	}
	if denied == 0 || denied > 2 {
		t.Errorf("%d entries for attempts that were not looked at", denied)
	}
}

func TestHashIsMadeAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add("sato", auth.Admin)
	before := h.login("sato", good)
	dearer := h.service(auth.Params{MemoryKiB: 128, Passes: 2, Threads: 1})
	if _, err := dearer.Login(h.as(auth.Principal{}), "sato", good); err != nil {
		t.Fatal(err)
	}
	u, err := h.db.User(t.Context(), "sato")
	if err != nil || !strings.HasPrefix(u.Hash, "$argon2id$v=19$m=128,t=2,p=1$") {
		t.Errorf("%.40s, %v", u.Hash, err)
	}
	if !h.alive(before.Secret) {
		t.Error("making the hash again ended a session")
	}
	if _, err := dearer.Login(h.as(auth.Principal{}), "sato", good); err != nil {
		t.Error(err)
	}
}

func TestUsersAreManagedByAdmins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.AddUser(h.admin(), auth.NewUser{Name: "x", Password: good, Role: auth.Viewer}); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("a first user who is no admin: %v", err)
	}
	h.add("sato", auth.Admin)
	h.add("tanaka", auth.Analyst)
	analyst := h.as(h.login("tanaka", good).Principal)
	role, ja, viewer := auth.Admin, "ja", auth.Viewer
	_, addErr := h.AddUser(analyst, auth.NewUser{Name: "y", Password: good, Role: auth.Viewer})
	_, listErr := h.Users(analyst)
	_, riseErr := h.ChangeUser(analyst, "tanaka", auth.UserChange{Role: &role})
	_, otherErr := h.ChangeUser(analyst, "sato", auth.UserChange{Lang: &ja})
	_, sessErr := h.Sessions(analyst, "sato")
	_, tokErr := h.Tokens(analyst, "*")
	for i, err := range []error{addErr, listErr, riseErr, otherErr, sessErr, tokErr, h.RemoveUser(analyst, "sato", false)} {
		if !errors.Is(err, auth.ErrForbidden) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if u, err := h.ChangeUser(analyst, "tanaka", auth.UserChange{Lang: &ja}); err != nil || u.Lang != "ja" {
		t.Errorf("own language: %v", err)
	}
	if _, err := h.ChangeUser(h.admin(), "sato", auth.UserChange{Role: &viewer}); !errors.Is(err, auth.ErrLastAdmin) {
		t.Errorf("last admin: %v", err)
	}
	// Two admins who demote each other at once: one of them stays.
	h.add("suzuki", auth.Admin)
	var wg sync.WaitGroup
	for _, name := range []string{"sato", "suzuki"} {
		wg.Go(func() { _, _ = h.ChangeUser(h.admin(), name, auth.UserChange{Role: &viewer}) })
	}
	wg.Wait()
	all, _ := h.Users(h.admin())
	admins := 0
	for _, u := range all {
		if u.Role == auth.Admin {
			admins++
		}
	}
	if admins != 1 {
		t.Errorf("%d admins are left", admins)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add("sato", auth.Admin)
	h.add("tanaka", auth.Analyst)
	tanaka := h.as(h.login("tanaka", good).Principal)
	tok, secret, err := h.CreateToken(tanaka, auth.NewToken{Name: "ci", Scopes: []string{"read", "alerts:write"}, Lasts: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Token(t.Context(), secret, auth.Client{Address: "192.0.2.9"})
	if err != nil || p.Who() != "tanaka/ci" || !p.May(auth.ActOnAlerts) || p.May(auth.Account) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, _, err := h.CreateToken(h.as(p), auth.NewToken{Name: "child", Scopes: []string{"read"}}); !errors.Is(err, auth.ErrForbidden) {
		t.Errorf("a token makes tokens: %v", err)
	}
	if _, _, err := h.CreateToken(tanaka, auth.NewToken{Name: "root", Scopes: []string{"admin"}}); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("beyond the role: %v", err)
	}
	role := auth.Viewer
	if _, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Role: &role}); err != nil {
		t.Fatal(err)
	}
	if p, err = h.Token(t.Context(), secret, auth.Client{}); err != nil || p.May(auth.ActOnAlerts) || !p.May(auth.Look) {
		t.Errorf("after the role was lowered: %+v, %v", p.Permissions(), err)
	}
	if err := h.trail.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := h.Tokens(tanaka, ""); err != nil || len(list) != 1 || list[0].From != "192.0.2.9" || list[0].Used.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	h.wait(24 * time.Hour)
	if _, err := h.Token(t.Context(), secret, auth.Client{}); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("expired: %v", err)
	}
	_, secret, err = h.CreateToken(h.admin(), auth.NewToken{Owner: "tanaka", Name: "two", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.RevokeToken(h.as(auth.Principal{Kind: auth.Person, Name: "other", Role: auth.Viewer}), tok.ID()); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	yes := true
	if _, err := h.ChangeUser(h.admin(), "tanaka", auth.UserChange{Disabled: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Token(t.Context(), secret, auth.Client{}); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("disabled owner: %v", err)
	}
}

// TestTrailLosesNothing records from many sides while it writes, and stops.
func TestTrailLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.trail.Run(ctx); close(done) }()
	const sides, each = 8, 250
	var wg sync.WaitGroup
	for range sides {
		wg.Go(func() {
			for range each {
				h.trail.Record(h.admin(), auth.Entry{Action: auth.ActionQuery, Detail: map[string]any{"q": "*", "token": "x"}})
			}
		})
	}
	wg.Wait()
	stop()
	<-done
	list, err := h.db.Audit(t.Context(), state.AuditFilter{Who: "local"}, state.Page{Limit: 10000})
	if err != nil || len(list) != sides*each {
		t.Fatalf("%d entries, %v", len(list), err)
	}
	want := auth.Entry{Time: list[0].Time, Who: "local", Address: "192.0.2.7", Action: "query", Outcome: auth.Done, Detail: map[string]any{"q": "*", "token": "****"}}
	if d := cmp.Diff(want, list[0].Entry); d != "" {
		t.Error(d)
	}
}

// broken is a trace that cannot be written for a while.
type broken struct {
	auth.Trace
	bad bool
	got []auth.Entry
}

func (b *broken) WriteTrace(_ context.Context, e []auth.Entry, _ []auth.Use) error {
	if b.bad {
		return errors.New("disk full")
	}
	b.got = append(b.got, e...)
	return nil
}

func TestTrailKeepsWhatItCannotWrite(t *testing.T) {
	t.Parallel()
	b := &broken{bad: true}
	trail := auth.NewTrail(b, time.Now, slog.New(slog.DiscardHandler))
	for i := range 20_010 {
		trail.Record(t.Context(), auth.Entry{Action: "query", Target: time.Duration(i).String()})
		if i == 100 && trail.Flush(t.Context()) == nil {
			t.Error("no error")
		}
	}
	b.bad = false
	if err := trail.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := b.got[len(b.got)-1]
	if len(b.got) != 20_001 || b.got[0].Target != "0s" || last.Action != auth.ActionLost || last.Detail["entries"] != 10 {
		t.Errorf("%d entries, first %+v, last %+v", len(b.got), b.got[0], last)
	}
}
