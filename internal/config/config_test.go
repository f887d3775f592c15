package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, text string) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), "yagura.yaml")
	if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEmptyIsWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# nothing\n", "intake:\n  # workers: 1\nquery:\n"} {
		f := write(t, text)
		c, err := Load(f, nil)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := Default()
		want.Resolve(filepath.Dir(f))
		if d := cmp.Diff(want, c, cmp.AllowUnexported(Secret{})); d != "" {
			t.Errorf("%q:\n%s", text, d)
		}
	}
}

func TestExampleIsValid(t *testing.T) {
	t.Parallel()
	if _, err := Load(write(t, string(Example())), nil); err != nil {
		t.Fatal(err)
	}
	// Every commented key of the example must be a real one.
	var on []string
	for line := range strings.Lines(string(Example())) {
		if rest, ok := strings.CutPrefix(line, "# "); ok && !strings.HasPrefix(rest, "Yagura") && !strings.HasPrefix(rest, "yagura") {
			line = rest
		} else if line == "#\n" {
			line = "\n"
		}
		on = append(on, line)
	}
	c := Default()
	if err := Decode("example", []byte(strings.Join(on, "")), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 3 || len(c.Enrich.Geo) != 2 {
		t.Errorf("the example shows %d sources and %d databases", len(c.Sources), len(c.Enrich.Geo))
	}
}

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"unknown key", "lisen: 127.0.0.1:1", `did you mean "listen"`},
		{"unknown nested key", "intake: {worker: 2}", `did you mean "workers"`},
		{"a name to listen on", "listen: siem.example.com:8514", "address of this machine"},
		{"half a certificate", "tls: {cert: a.pem}", "cert and key"},
		{"endless sessions", "auth: {longest: 9999h}", "auth.longest"},
		{"idle longer than all", "auth: {idle: 24h, longest: 1h}", "auth.longest"},
		{"no audit", "auth: {audit_days: 0}", "audit_days"},
		{"a host that is an address of a page", "auth: {hosts: ['https://siem.example.com']}", "auth.hosts[0]"},
		{"a proxy by name", "auth: {trusted_proxies: [proxy]}", "auth.trusted_proxies[0]"},
		{"no port", "listen: localhost", "host:port"},
		{"bad size", "intake: {batch: many}", "no size"},
		{"both kinds", "sources: [{name: a, dir: x, bucket: y}]", "both dir and bucket"},
		{"no kind", "sources: [{name: a}]", "needs dir"},
		{"no name", "sources: [{dir: a}]", "name"},
		{"name twice", "sources: [{name: a, dir: x}, {name: a, dir: y}]", "taken"},
		{"built-in name", "sources: [{name: inbox, dir: x}]", "taken"},
		{"half a key", "sources: [{name: a, bucket: b, access_key: k}]", "access_key"},
		{"external id alone", "sources: [{name: a, bucket: b, external_id: k}]", "role_arn"},
		{"network", "enrich: {own_networks: [10.0.0.0/99]}", "10.0.0.0/99"},
		{"span", "sources: [{name: a, dir: x, every: soon}]", "time span"},
		{"secret form", "sources: [{name: a, bucket: b, access_key: {vault: x}, secret_key: y}]", "secret"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(write(t, c.text), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a text with %q", err, c.want)
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"127.0.0.1:8514": true, "127.9.9.9:1": true, "[::1]:8514": true, "localhost:0": true,
		":8514": false, "0.0.0.0:8514": false, "[::]:8514": false, "10.0.0.1:8514": false,
	} {
		c, err := Load(write(t, "listen: '"+addr+"'"), nil)
		if err != nil || c.Loopback() != want {
			t.Errorf("%s: loopback %v, %v", addr, c.Loopback(), err)
		}
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, "listen: x\nintake: {workers: -1}\nsources: [{name: a}]\n"), nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"listen", "intake.workers", "sources[0]"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestEnvironmentWins(t *testing.T) {
	t.Parallel()
	c, err := Load(write(t, "listen: 127.0.0.1:1\n"), []string{"YAGURA_LISTEN=127.0.0.1:2", "YAGURA_QUERY_MEMORY=2GiB", "YAGURA_INTAKE_KEEP_ORIGINAL=false", "YAGURA_CONFIG=elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.Query.Memory != 2<<30 || c.Intake.KeepOriginal {
		t.Errorf("got %+v", c)
	}
	if _, err := Load("", []string{"YAGURA_QUERY_MEMORY=lots"}); err == nil || !strings.Contains(err.Error(), "YAGURA_QUERY_MEMORY") {
		t.Errorf("a bad variable gives %v", err)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Setenv("CONFIG_TEST_KEY", "from-environment")
	f := write(t, "sources: [{name: a, bucket: b, access_key: plain-key, secret_key: {env: CONFIG_TEST_KEY}}]\n")
	c, err := Load(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources[0]
	if v, err := s.SecretKey.Reveal(); err != nil || v != "from-environment" {
		t.Errorf("secret is %q, %v", v, err)
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	js, _ := json.Marshal(c)
	for _, text := range []string{string(shown), fmt.Sprintf("%v %+v %#v", s, s, s), string(js)} {
		if strings.Contains(text, "plain-key") || strings.Contains(text, "from-environment") {
			t.Errorf("a secret shows: %s", text)
		}
	}
}

func TestShownConfigurationLoads(t *testing.T) {
	t.Parallel()
	c, err := Load(write(t, "intake: {batch: 32MiB}\nsources: [{name: a, dir: x, every: 3s}]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(write(t, string(shown)), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	if d := cmp.Diff(c, again, cmp.AllowUnexported(Secret{})); d != "" {
		t.Error(d)
	}
}

func TestSchemaNamesEveryKey(t *testing.T) {
	t.Parallel()
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"sources", "trusted_proxies", "max_record", "role_arn", "additionalProperties"} {
		if !strings.Contains(string(b), `"`+k+`"`) {
			t.Errorf("the schema lacks %s", k)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:1\nsources: [{name: a, bucket: b}]\n"))
	f.Add(Example())
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		c := Default()
		if Decode("fuzz", b, &c) == nil {
			_ = c.Validate()
			if _, err := yaml.Marshal(c); err != nil {
				t.Error(err)
			}
		}
	})
}
