package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cheap keeps tests quick.
var cheap = Params{MemoryKiB: 64, Passes: 1, Threads: 1}

func TestPermissions(t *testing.T) {
	t.Parallel()
	all := func(p Principal) string { return strings.Join(texts(p.Permissions()), " ") }
	person := func(r Role) Principal { return Principal{Kind: Person, Name: "x", Role: r} }
	token := func(r Role, s ...Scope) Principal { return Principal{Kind: Bearer, Name: "x", Role: r, Scopes: s} }
	analyst := "look account export alerts.act searches.save dashboards.save rules.save intake.replay"
	everything := analyst + " users.manage tokens.manage audit.read settings.change"
	for _, c := range []struct {
		name string
		p    Principal
		want string
	}{
		{"nobody", Principal{}, ""},
		{"nobody with a role", Principal{Role: Admin}, ""},
		{"no role", person(""), ""},
		{"unknown role", person("root"), ""},
		{"viewer", person(Viewer), "look account"},
		{"analyst", person(Analyst), analyst},
		{"admin", person(Admin), everything},
		{"local", LocalPrincipal(), everything},
		{"must change first", Principal{Kind: Person, Role: Admin, MustChange: true}, "account"},
		{"token without scope", token(Admin), ""},
		{"token that reads", token(Admin, ScopeRead), "look"},
		{"token for alerts", token(Admin, ScopeRead, ScopeAlerts), "look alerts.act"},
		{"token beyond its owner", token(Viewer, ScopeRead, ScopeAlerts, ScopeAdmin), "look"},
		{"token for all", token(Admin, ScopeAdmin), strings.Replace(everything, "account ", "", 1)},
		{"token of a locked owner", Principal{Kind: Bearer, Role: Admin, Scopes: []Scope{ScopeAdmin}, MustChange: true}, ""},
	} {
		if d := cmp.Diff(c.want, all(c.p)); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
	}
	for _, g := range Table() {
		if g.About == "" || !Role.atLeast(Admin, g.Least) {
			t.Errorf("%s: %+v", g.Permission, g)
		}
	}
	if person(Admin).May("everything") {
		t.Error("a permission that does not exist is granted")
	}
}

func TestPasswordRule(t *testing.T) {
	t.Parallel()
	for password, ok := range map[string]bool{
		"":                             false,
		"hunter2":                      false,
		"elevenchars":                  false,
		"twelve chars":                 true,
		"パスワードは十二文字です":                 true,
		"パスワードは十一文字だ":                  false,
		"SATO@example.com":             false,
		"aaaaaaaaaaaa":                 true,
		"bad \xff utf-8 text":          false,
		strings.Repeat("x", 512):       true,
		strings.Repeat("x", 513):       false,
		"correct horse battery staple": true,
	} {
		if err := CheckPassword("sato@example.com", password); (err == nil) != ok {
			t.Errorf("%.20q: %v", password, err)
		}
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := NewHasher(cheap)
	one, err := h.Hash(ctx, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.Hash(ctx, "correct horse")
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("%s, %s", one, two)
	}
	check := func(h *Hasher, hash, password string, wantOK, wantStale bool) {
		t.Helper()
		ok, stale, err := h.Verify(ctx, hash, password)
		if err != nil || ok != wantOK || stale != wantStale {
			t.Errorf("ok %v, stale %v, %v", ok, stale, err)
		}
	}
	check(h, one, "correct horse", true, false)
	check(h, one, "Correct horse", false, false)
	check(h, one, "", false, false)
	check(h, "", "correct horse", false, false) // nobody
	dearer := NewHasher(Params{MemoryKiB: 128, Passes: 2, Threads: 1})
	check(dearer, one, "correct horse", true, true)
	full, _ := h.Hash(ctx, "ｐａｓｓｗｏｒｄ１２３４") // typed with another input method
	check(h, full, "password1234", true, false)
	for _, bad := range []string{"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=9999999,t=1,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("$", 1000)} {
		if _, _, err := h.Verify(ctx, bad, "x"); err == nil {
			t.Errorf("%.40q is taken for a hash", bad)
		}
	}
}

func TestHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := NewHasher(cheap)
	for range hashing { // all places taken
		if err := h.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range queued {
		wg.Go(func() {
			if _, _, err := h.Verify(ctx, "", "x"); !errors.Is(err, context.Canceled) {
				t.Errorf("a waiting one: %v", err)
			}
		})
	}
	for h.waiting.Load() < hashing+queued { // bounded by the deadline of the test
		if ctx.Err() != nil {
			t.Fatal("they do not wait")
		}
		time.Sleep(time.Millisecond)
	}
	if _, _, err := h.Verify(ctx, "", "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	cancel()
	wg.Wait()
	for range hashing {
		h.leave()
	}
	if _, err := h.Hash(t.Context(), "x"); err != nil || h.waiting.Load() != 0 {
		t.Errorf("afterwards: %v, %d wait", err, h.waiting.Load())
	}
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestBrake(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := NewBrake(c.now)
	take := func(name, addr string) time.Duration { w, _ := b.Take(name, addr); return w }
	for i := range freeTries {
		if w := take("sato", "192.0.2.1"); w != 0 {
			t.Fatalf("attempt %d waits %s", i, w)
		}
	}
	if w, first := b.Take("sato", "198.51.100.9"); w != time.Second || !first {
		t.Errorf("the name from elsewhere: %s, %v", w, first)
	}
	if w, first := b.Take("sato", "192.0.2.1"); w != time.Second || first {
		t.Errorf("again: %s, told %v", w, first)
	}
	if w := take("suzuki", "192.0.2.1"); w != time.Second {
		t.Errorf("another name from there: %s", w)
	}
	if w := take("suzuki", "198.51.100.9"); w != 0 {
		t.Errorf("another name from elsewhere: %s", w)
	}
	var waits []time.Duration
	for range 8 {
		c.add(longestPlace)
		if w := take("sato", "192.0.2.1"); w != 0 {
			t.Fatalf("after the wait: %s", w)
		}
		waits = append(waits, take("sato", "203.0.113.5"))
	}
	want := []time.Duration{2, 4, 8, 16, 32, 60, 60, 60}
	for i := range want {
		want[i] *= time.Second
	}
	if d := cmp.Diff(want, waits); d != "" {
		t.Error(d)
	}
	c.add(longestPlace)
	b.Take("sato", "192.0.2.1")
	b.Succeed("sato", "192.0.2.1")
	if w := take("sato", "203.0.113.77"); w != 0 {
		t.Errorf("after success: %s", w)
	}
	if w := take("x", "192.0.2.1"); w == 0 {
		t.Error("one success frees the address for guessing")
	}
	c.add(forgetAfter + time.Hour)
	if w := take("x", "192.0.2.1"); w != 0 {
		t.Errorf("long after: %s", w)
	}
}

func TestBrakeIsBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := NewBrake(c.now)
	for i := range 3 * brakeCapacity {
		b.Take(strings.Repeat("n", i%7)+time.Duration(i).String(), "")
	}
	if len(b.keys) > brakeCapacity || b.used.Len() != len(b.keys) {
		t.Errorf("%d keys, %d used", len(b.keys), b.used.Len())
	}
	for i := range 20 { // one customer of a provider is one place
		b.Take("a", "2001:db8:1:2::"+string(rune('a'+i%6)))
	}
	if w, _ := b.Take("b", "2001:db8:1:2:3:4:5:6"); w == 0 {
		t.Error("addresses of one network are counted apart")
	}
	var wg sync.WaitGroup
	got := make(chan bool, 100)
	for range 100 {
		wg.Go(func() { w, _ := b.Take("many", "192.0.2.200"); got <- w == 0 })
	}
	wg.Wait()
	close(got)
	n := 0
	for ok := range got {
		if ok {
			n++
		}
	}
	if n != freeTries {
		t.Errorf("%d of 100 at once went through", n)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	s, k := newSession(), newToken()
	if !LooksLikeSession(s) || !LooksLikeToken(k) || LooksLikeSession(k) || LooksLikeToken(s) || s == newSession() || k == newToken() {
		t.Errorf("%q %q", s, k)
	}
	for i := range k {
		b := []byte(k)
		b[i] ^= 1
		if LooksLikeToken(string(b)) {
			t.Errorf("changed at %d it is still a token", i)
		}
	}
	if csrfToken(s) == csrfToken(newSession()) || csrfToken(s) != csrfToken(s) || strings.Contains(csrfToken(s), s) {
		t.Error("the CSRF token is not bound to its session")
	}
}

func FuzzSecrets(f *testing.F) {
	for _, s := range []string{"", "ygr_", newToken(), newSession(), "ygr_" + strings.Repeat("\xff", 46), strings.Repeat("A", 43), "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if LooksLikeToken(s) && len(s) != 50 || LooksLikeSession(s) && len(s) != 43 {
			t.Errorf("%q", s)
		}
		_, _ = parsePHC(s)
		if n, err := CheckName(s); err == nil {
			if again, err := CheckName(n); err != nil || again != n {
				t.Errorf("name %q is %q, then %q", s, n, again)
			}
		}
	})
}

func TestRedact(t *testing.T) {
	t.Parallel()
	got := redact(map[string]any{
		"q": "user.name:sato and token=abcdef12 https://u:pw12345@h/ Bearer abcdefghijk", "password": "x", "api_key": []string{"a"}, "rows": 7,
		"nested": map[string]any{"Authorization": "Basic Zm9v", "ok": true}, "t": "ygr_0123456789", "typed": struct{ Secret string }{"s"},
	})
	want := map[string]any{
		"q": "user.name:sato and token=**** https://u:****@h/ Bearer ****", "password": "****", "api_key": []any{"****"}, "rows": 7,
		"nested": map[string]any{"Authorization": "****", "ok": true}, "t": "ygr_****", "typed": map[string]any{"Secret": "****"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	big := map[string]any{}
	for i := range 1000 {
		big[time.Duration(i).String()] = strings.Repeat("漢", 5000)
	}
	if d := redact(big); len(d) != 1 {
		t.Errorf("%d keys are kept of a huge detail", len(d))
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("password", "Bearer abcdefghijkl")
	f.Add("q", "https://a:bcd@e/\xff")
	f.Fuzz(func(t *testing.T, k, v string) {
		out := redact(map[string]any{k: v})
		if len(out) == 0 {
			t.Error("the detail is gone")
		}
		if s := redactText(v, 100); len(s) > 103+3 {
			t.Errorf("%d bytes", len(s))
		}
	})
}
