package enrich

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// writeMMDB writes a database of the given records by network.
func writeMMDB(t testing.TB, kind string, records map[string]mmdbtype.DataType) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, BuildEpoch: 1, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for n, r := range records {
		_, network, err := net.ParseCIDR(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, r); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if _, err := tree.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, kind+".mmdb", buf.String())
}

func writeFile(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type m = mmdbtype.Map

func names(s string) m {
	return m{"names": m{"en": mmdbtype.String(s), "ja": mmdbtype.String("別名")}}
}

// cityDB is laid out as MaxMind does it.
func cityDB(t testing.TB) string {
	return writeMMDB(t, "City", map[string]mmdbtype.DataType{
		"203.0.113.0/24": m{
			"country": m{"iso_code": mmdbtype.String("JP"), "names": m{"en": mmdbtype.String("Japan")}}, "city": names("Chiyoda"),
			"subdivisions": mmdbtype.Slice{names("Tokyo")}, "location": m{"latitude": mmdbtype.Float64(35.5), "longitude": mmdbtype.Float64(139.75)},
		},
		"2001:db8::/32":   m{"registered_country": m{"iso_code": mmdbtype.String("DE")}},
		"198.51.100.0/24": m{"country": m{"iso_code": mmdbtype.String("US")}, "city": names("Ashburn"), "location": m{"latitude": mmdbtype.Float64(39), "longitude": mmdbtype.Float64(-77.5)}},
	})
}

func asnDB(t testing.TB) string {
	return writeMMDB(t, "ASN", map[string]mmdbtype.DataType{
		"203.0.113.0/24": m{"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Example Net")},
		"2001:db8::/32":  m{"autonomous_system_number": mmdbtype.Uint32(64501), "autonomous_system_organization": mmdbtype.String("Example Six")},
	})
}

// batch builds a batch from rows of declared fields; the enrichment columns are added as the
// log type compiler does it. Values are text, or lists separated by |.
func batch(declared []schema.Field, rows ...map[string]string) *event.Batch {
	fields := append(declared, schema.EnrichmentFields(declared)...)
	b := event.NewBatch(schema.NewTable("test", 1, fields), 0)
	for r, row := range rows {
		for i := range b.Columns {
			c := &b.Columns[i]
			v, ok := row[c.Name]
			if !ok {
				continue
			}
			if c.Kind.List() {
				c.Pad(r)
				for s := range strings.SplitSeq(v, "|") {
					c.AddText([]byte(s))
				}
				c.CloseList(r)
			} else {
				c.SetText(r, []byte(v))
			}
		}
		b.Rows++
	}
	return b
}

func fields(kind schema.Kind, names ...string) []schema.Field {
	var out []schema.Field
	for _, n := range names {
		out = append(out, schema.Field{Name: n, Kind: kind})
	}
	return out
}

// rows reads a batch back: per row the present values of the columns not declared.
func rows(t *testing.T, b *event.Batch, skip ...string) []map[string]string {
	t.Helper()
	n := b.Rows
	b.Seal()
	out := make([]map[string]string, n)
	for r := range out {
		out[r] = map[string]string{}
	column:
		for i := range b.Columns {
			c := &b.Columns[i]
			if c.Len() != n {
				t.Fatalf("%s has %d rows of %d", c.Name, c.Len(), n)
			}
			for _, s := range skip {
				if c.Name == s {
					continue column
				}
			}
			v := ""
			switch {
			case c.Kind.List():
				var parts []string
				for _, code := range c.List(r) {
					parts = append(parts, c.Dict.Values[code])
				}
				v = strings.Join(parts, "|")
			case c.Kind.Text():
				v = c.Text(r)
			case c.Kind == schema.Float && c.Set[r]:
				v = fmt.Sprint(c.Floats[r])
			case c.Kind == schema.Int && c.Set[r]:
				v = fmt.Sprint(c.Ints[r])
			}
			if v != "" {
				out[r][c.Name] = v
			}
		}
	}
	return out
}

func enrich(t *testing.T, o Options, b *event.Batch) {
	t.Helper()
	testTables(t, o).NewWorker().Enrich(b)
}

func TestGeoAndNetwork(t *testing.T) {
	t.Parallel()
	o := Options{Geo: []string{cityDB(t), asnDB(t)}, OwnNetworks: []string{"10.1.0.0/16"}}
	b := batch(fields(schema.IP, "source.ip"),
		map[string]string{"source.ip": "203.0.113.9"}, nil, map[string]string{"source.ip": "2001:db8::1"}, map[string]string{"source.ip": "198.51.100.7"},
		map[string]string{"source.ip": "10.1.2.3"}, map[string]string{"source.ip": "10.2.2.3"}, map[string]string{"source.ip": "8.8.8.8"}, map[string]string{"source.ip": "203.0.113.9"})
	enrich(t, o, b)
	tokyo := map[string]string{
		"source.geo.country_iso_code": "JP", "source.geo.country_name": "Japan", "source.geo.city_name": "Chiyoda", "source.geo.region_name": "Tokyo",
		"source.geo.location.lat": "35.5", "source.geo.location.lon": "139.75", "source.as.number": "64500", "source.as.organization.name": "Example Net",
		"yagura.source.network": "reserved",
	}
	want := []map[string]string{
		tokyo, {},
		{"source.geo.country_iso_code": "DE", "source.geo.country_name": "Germany", "source.as.number": "64501", "source.as.organization.name": "Example Six", "yagura.source.network": "reserved"},
		{"source.geo.country_iso_code": "US", "source.geo.country_name": "United States", "source.geo.city_name": "Ashburn", "source.geo.location.lat": "39", "source.geo.location.lon": "-77.5", "yagura.source.network": "reserved"},
		{"yagura.source.network": "own"}, {"yagura.source.network": "private"}, {"yagura.source.network": "public"}, tokyo,
	}
	if diff := cmp.Diff(want, rows(t, b, "source.ip")); diff != "" {
		t.Error(diff)
	}
}

func TestOwnCountryIsKept(t *testing.T) {
	t.Parallel()
	declared := append(fields(schema.IP, "source.ip"), fields(schema.String, "source.geo.country_iso_code")...)
	b := batch(declared,
		map[string]string{"source.ip": "203.0.113.9", "source.geo.country_iso_code": "US"}, // disagrees: no city of another country
		map[string]string{"source.ip": "203.0.113.9", "source.geo.country_iso_code": "JP"},
		map[string]string{"source.ip": "203.0.113.9"},
		map[string]string{"source.ip": "192.0.2.1", "source.geo.country_iso_code": "FR"})
	enrich(t, Options{Geo: []string{cityDB(t)}}, b)
	tokyo := map[string]string{
		"source.geo.country_iso_code": "JP", "source.geo.country_name": "Japan", "source.geo.city_name": "Chiyoda", "source.geo.region_name": "Tokyo",
		"source.geo.location.lat": "35.5", "source.geo.location.lon": "139.75", "yagura.source.network": "reserved",
	}
	want := []map[string]string{
		{"source.geo.country_iso_code": "US", "source.geo.country_name": "United States", "yagura.source.network": "reserved"}, tokyo, tokyo,
		{"source.geo.country_iso_code": "FR", "source.geo.country_name": "France", "yagura.source.network": "reserved"},
	}
	if diff := cmp.Diff(want, rows(t, b, "source.ip")); diff != "" {
		t.Error(diff)
	}
	b = batch(declared, map[string]string{"source.ip": "203.0.113.9", "source.geo.country_iso_code": "JP"})
	enrich(t, Options{}, b)
	if got := b.Column("source.geo.country_name").Text(0); got != "Japan" {
		t.Errorf("without a database the name is %q", got)
	}
}

func TestOwnASIsKept(t *testing.T) {
	t.Parallel()
	declared := append(fields(schema.IP, "source.ip"), fields(schema.Int, "source.as.number")...)
	b := batch(declared, map[string]string{"source.ip": "203.0.113.9"}, map[string]string{"source.ip": "203.0.113.9"}, map[string]string{"source.ip": "203.0.113.9"})
	b.Column("source.as.number").SetInt(0, 64500)
	b.Column("source.as.number").SetInt(1, 7)
	enrich(t, Options{Geo: []string{asnDB(t)}}, b)
	var got []string
	for _, r := range rows(t, b) {
		got = append(got, r["source.as.number"]+" "+r["source.as.organization.name"])
	}
	if diff := cmp.Diff([]string{"64500 Example Net", "7 ", "64500 Example Net"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	o := Options{TrustedProxies: []string{"10.0.0.0/8", "2001:db8:1::/48"}, Geo: []string{cityDB(t)}}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "198.51.100.1", "203.0.113.9"}, // not a proxy: not believed
		{"10.0.0.1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
		{"10.0.0.1", "1.2.3.4,198.51.100.1:443 ,unknown", "198.51.100.1"},
		{"10.0.0.1", "\"[2001:db8::1]:8080\"", "2001:db8::1"},
		{"10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", "fe80::1%eth0", "10.0.0.1"},
		{"10.0.0.1", "10.1.1.1, 10.2.2.2", "10.0.0.1"},
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", strings.Repeat("1.2.3.4,", 10000) + "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1", strings.Repeat("9", 10000), "10.0.0.1"},
		{"2001:db8:1::5", "198.51.100.1", "198.51.100.1"},
		{"", "198.51.100.1", ""},
	} {
		for _, kind := range []schema.Kind{schema.String, schema.Strings} {
			declared := append(fields(schema.IP, "source.ip"), fields(kind, "yagura.forwarded_for")...)
			b := batch(declared, map[string]string{"source.ip": c.peer, "yagura.forwarded_for": c.forwarded})
			enrich(t, o, b)
			b.Seal()
			if got := b.Column("client.ip").Text(0); got != c.want {
				t.Errorf("%.60s from %s (%s): %q, want %q", c.forwarded, c.peer, kind, got, c.want)
			}
			if c.want == "198.51.100.1" && b.Column("client.geo.country_iso_code").Text(0) != "US" {
				t.Error("no country of the client")
			}
		}
	}
	b := batch(append(fields(schema.IP, "source.ip"), fields(schema.Strings, "yagura.forwarded_for")...),
		map[string]string{"source.ip": "10.0.0.1", "yagura.forwarded_for": "1.2.3.4|198.51.100.1|10.3.3.3"})
	enrich(t, o, b)
	if got := b.Column("client.ip").Text(0); got != "198.51.100.1" {
		t.Errorf("from a list: %q", got)
	}
}

func TestAgentColumnsAndPlain(t *testing.T) {
	t.Parallel()
	declared := []schema.Field{{Name: "user_agent.original", Kind: schema.String, Plain: true}, {Name: "user_agent.version", Kind: schema.String}, {Name: "user_agent.os.name", Kind: schema.String, Plain: true}}
	long := strings.Repeat("x", 2000)
	b := batch(declared, map[string]string{"user_agent.original": chromeWin}, nil, map[string]string{"user_agent.original": "sqlmap/1.8", "user_agent.version": "own"},
		map[string]string{"user_agent.original": chromeWin + long}, map[string]string{"user_agent.original": "curl/8.1 " + long}, map[string]string{"user_agent.original": chromeWin})
	enrich(t, Options{}, b)
	chrome := map[string]string{"user_agent.name": "Chrome", "user_agent.version": "131.0.0.0", "user_agent.os.name": "Windows", "user_agent.os.version": "10"}
	want := []map[string]string{
		chrome, {}, {"user_agent.name": "sqlmap", "user_agent.version": "own", "yagura.bot.name": "sqlmap", "yagura.bot.class": "attack_tool"}, chrome,
		{"user_agent.name": "curl", "user_agent.version": "8.1", "yagura.bot.name": "curl", "yagura.bot.class": "http_library"}, chrome,
	}
	if diff := cmp.Diff(want, rows(t, b, "user_agent.original")); diff != "" {
		t.Error(diff)
	}
}

func TestListsAndAccounts(t *testing.T) {
	t.Parallel()
	o := Options{
		Accounts: writeFile(t, "accounts.csv", "id,name,owner\n012345678901,shop-prod,payments\n111111111111,\"audit, log\"\n"),
		Lists: []List{
			{Name: "wide", File: writeFile(t, "wide.txt", "# ours\n203.0.113.0/24\n\n2001:db8::/32 # six\n")},
			{Name: "narrow", Values: []string{"203.0.113.64/26", "::ffff:198.51.100.1"}},
			{Name: "servers", Values: []string{"203.0.113.65"}, Fields: []string{"destination.ip"}},
			{Name: "admins", Values: []string{"alice"}, Fields: []string{"user.name"}},
		},
	}
	declared := append(fields(schema.IP, "source.ip", "destination.ip"), fields(schema.String, "user.name", "cloud.account.id")...)
	declared = append(declared, fields(schema.IPs, "related.ip")...)
	b := batch(declared,
		map[string]string{"source.ip": "203.0.113.65", "cloud.account.id": "012345678901"},
		map[string]string{"source.ip": "192.0.2.1", "destination.ip": "203.0.113.65", "user.name": "alice"},
		map[string]string{"source.ip": "192.0.2.1", "cloud.account.id": "111111111111", "user.name": "Alice"},
		map[string]string{"related.ip": "192.0.2.9|198.51.100.1|2001:db8::5"},
		map[string]string{"cloud.account.id": "999"})
	enrich(t, o, b)
	var got []string
	for _, r := range rows(t, b) {
		got = append(got, strings.Join([]string{r["yagura.lists"], r["cloud.account.name"], r["yagura.account.owner"]}, ";"))
	}
	want := []string{"wide|narrow;shop-prod;payments", "wide|narrow|servers|admins;;", ";audit, log;", "wide|narrow;;", ";;"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestWorkerKeepsNoBatchMemory overwrites the buffer a batch aliases and enriches the next.
func TestWorkerKeepsNoBatchMemory(t *testing.T) {
	t.Parallel()
	w := testTables(t, Options{Geo: []string{cityDB(t), asnDB(t)}}).NewWorker()
	declared := append(fields(schema.IP, "source.ip"), fields(schema.String, "user_agent.original")...)
	for range 3 {
		ip, ua := []byte("203.0.113.9"), []byte("curl/8.7.1")
		b := event.NewBatch(schema.NewTable("t", 1, append(declared[:2:2], schema.EnrichmentFields(declared)...)), 0)
		b.Column("source.ip").SetText(0, ip)
		b.Column("user_agent.original").SetText(0, ua)
		b.Rows = 1
		w.Enrich(b)
		copy(ip, "xxxxxxxxxxx")
		copy(ua, "yyyyyyyyyy")
		if c, n := b.Column("source.geo.city_name").Text(0), b.Column("user_agent.name").Text(0); c != "Chiyoda" || n != "curl" {
			t.Fatalf("got %q %q", c, n)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	w := testTables(t, Options{}).NewWorker()
	w.addrs.max, w.agents.max = 100, 100
	declared := append(fields(schema.IP, "source.ip"), fields(schema.String, "user_agent.original")...)
	for i := range 20 {
		var in []map[string]string
		for j := range 100 {
			in = append(in, map[string]string{"source.ip": fmt.Sprintf("10.0.%d.%d", i, j), "user_agent.original": fmt.Sprintf("curl/%d.%d", i, j)})
		}
		b := batch(declared, in...)
		w.Enrich(b)
		if got, want := b.Column("user_agent.version").Text(99), fmt.Sprintf("%d.99", i); got != want {
			t.Fatalf("version %q, want %q", got, want)
		}
	}
	if n := len(w.addrs.young) + len(w.addrs.old); n > 200 {
		t.Errorf("%d addresses remembered", n)
	}
	for i := range maxPool + 1 {
		w.uaVersion.id(fmt.Sprint(i))
	}
	b := batch(declared, map[string]string{"user_agent.original": "curl/8"})
	w.Enrich(b)
	if len(w.uaVersion.values) > 2 || b.Column("user_agent.version").Text(0) != "8" {
		t.Errorf("%d versions kept", len(w.uaVersion.values))
	}
}
