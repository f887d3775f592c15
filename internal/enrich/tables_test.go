package enrich

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

func TestNotices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		geo  []string
		want []string
	}{
		{nil, []string{"geo"}},
		{[]string{cityDB(t)}, []string{"as"}},
		{[]string{asnDB(t)}, []string{"geo"}},
		{[]string{cityDB(t), asnDB(t)}, nil},
	} {
		_, notices, err := New(Options{Geo: c.geo})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range notices {
			got = append(got, n.Subject)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	city := cityDB(t)
	list := writeFile(t, "a.txt", "192.0.2.1\n")
	seen := map[string]int{}
	for i, o := range []Options{
		{}, {Geo: []string{city}}, {OwnNetworks: []string{"192.0.2.0/24"}}, {TrustedProxies: []string{"192.0.2.0/24"}},
		{Lists: []List{{Name: "a", File: list}}}, {Lists: []List{{Name: "b", File: list}}}, {Lists: []List{{Name: "a", Values: []string{"192.0.2.1"}}}},
		{Accounts: writeFile(t, "x.csv", "1,a,b\n")},
	} {
		v := testTables(t, o).Version()
		if v != testTables(t, o).Version() {
			t.Error("the version differs for the same options")
		}
		if j, ok := seen[v]; ok {
			t.Errorf("options %d and %d have the same version", i, j)
		}
		seen[v] = i
	}
}

func TestBadTables(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(cityDB(t))
	if err != nil {
		t.Fatal(err)
	}
	noise := append([]byte{}, good...)
	at := strings.Index(string(noise), "\xab\xcd\xefMaxMind.com")
	for i := at / 2; i < at; i++ {
		noise[i] = 0xff
	}
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{Geo: []string{"/nonexistent/x.mmdb"}}, []string{"/nonexistent/x.mmdb", "no such file"}},
		{Options{Geo: []string{writeFile(t, "bad.mmdb", "not a database")}}, []string{"bad.mmdb", "MaxMind"}},
		{Options{Geo: []string{writeFile(t, "empty.mmdb", "")}}, []string{"empty.mmdb"}},
		{Options{Geo: []string{writeFile(t, "noise.mmdb", string(noise))}}, []string{"noise.mmdb", "reading its records"}},
		{Options{Geo: []string{t.TempDir()}}, []string{"not a regular file"}},
		{Options{Geo: []string{writeMMDB(t, "Speed", map[string]mmdbtype.DataType{"192.0.2.0/24": m{"speed": mmdbtype.String("fast")}})}}, []string{"Speed", "neither"}},
		{Options{TrustedProxies: []string{"10.0.0.0/99", "x"}, OwnNetworks: []string{"1.2.3"}}, []string{`"10.0.0.0/99"`, `"x"`, "own networks", `"1.2.3"`}},
		{Options{Lists: []List{{Name: "l", File: writeFile(t, "l.txt", "192.0.2.1\n\nbogus\n192.0.2.0/33\n")}}}, []string{"l.txt:3", "l.txt:4", "bogus"}},
		{Options{Lists: []List{{Name: "l", Kind: "text", Values: []string{"a"}}}}, []string{"must name its fields"}},
		{Options{Lists: []List{{Name: "l"}, {Name: "l"}}}, []string{"twice"}},
		{Options{Lists: []List{{}}}, []string{"name"}},
		{Options{Lists: []List{{Name: "l", Kind: "domain"}}}, []string{"domain"}},
		{Options{Accounts: writeFile(t, "a.csv", "id,name\n1\n2,b,c,d\n3,x\n3,y\n,z\n")}, []string{"line 2", "line 3", "line 5", "line 4 already", "line 6"}},
		{Options{Accounts: writeFile(t, "a.yaml", "- {id: '1', nam: x}\n- 5\n- {id: 2, id2: 3}\n")}, []string{"line 1", "nam", "line 2", "line 3"}},
		{Options{Accounts: writeFile(t, "b.yaml", "id: 1\n")}, []string{"want a list"}},
		{Options{Accounts: writeFile(t, "c.yaml", "- [[\n")}, []string{"c.yaml"}},
		{Options{Accounts: writeFile(t, "d.yaml", strings.Repeat("[", 100000))}, []string{"open brackets"}},
	} {
		_, _, err := New(c.o)
		if err == nil {
			t.Errorf("%+v: no error", c.o)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("error lacks %q: %v", w, err)
			}
		}
	}
}

func TestAccountFiles(t *testing.T) {
	t.Parallel()
	want := map[string]account{"012345678901": {"shop", "web team"}, "my-project": {"analytics", ""}}
	for name, content := range map[string]string{
		"a.csv": "# accounts\n012345678901, shop, web team\nmy-project,analytics,\n",
		"b.csv": "\ufeffAccount_ID,Name,Owner\r\n012345678901,shop,web team\r\nmy-project,analytics\r\n",
		"c.yml": "# accounts\n- id: 012345678901\n  name: shop\n  owner: web team\n- {id: my-project, name: 'analytics', owner: }\n",
	} {
		tables := testTables(t, Options{Accounts: writeFile(t, name, content)})
		if diff := cmp.Diff(want, tables.accounts, cmp.AllowUnexported(account{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	type a = []any
	for name, c := range map[string]struct {
		in   map[string]any
		want place
	}{
		"ipinfo lite": {map[string]any{"country": "Japan", "country_code": "JP", "asn": "AS64500", "as_name": "Example"}, place{country: "JP", asn: 64500, org: "Example"}},
		"ipinfo location": {
			map[string]any{"country": "jp", "region": "Tokyo", "city": "Minato", "lat": "35.6", "lng": "139.7"},
			place{country: "JP", region: "Tokyo", city: "Minato", lat: 35.6, lon: 139.7, located: true},
		},
		"flat city": {
			map[string]any{"country_code": "DE", "state1": "Hesse", "city": "Frankfurt", "latitude": float32(50), "longitude": float32(8.5)},
			place{country: "DE", region: "Hesse", city: "Frankfurt", lat: 50, lon: 8.5, located: true},
		},
		"enterprise":  {map[string]any{"country": map[string]any{"iso_code": "US"}, "traits": map[string]any{"autonomous_system_number": uint64(64501), "autonomous_system_organization": "T"}}, place{country: "US", asn: 64501, org: "T"}},
		"nested asn":  {map[string]any{"asn": map[string]any{"asn": "AS64502", "name": "N"}}, place{asn: 64502, org: "N"}},
		"other names": {map[string]any{"subdivisions": a{map[string]any{"names": map[string]any{"fr": "Île", "de": "Insel"}}}}, place{region: "Insel"}},
		"nonsense":    {map[string]any{"country": uint64(3), "location": "x", "latitude": 99.0, "longitude": 1.0, "subdivisions": a{}, "asn": -1, "city": "a\x00b"}, place{}},
		"nothing":     {nil, place{}},
	} {
		if diff := cmp.Diff(c.want, placeOf(c.in), cmp.AllowUnexported(place{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestNetworkClasses(t *testing.T) {
	t.Parallel()
	tables := testTables(t, Options{OwnNetworks: []string{"192.168.7.0/24", "2001:db8:7::/48"}})
	for in, want := range map[string]string{
		"192.168.7.9": "own", "192.168.8.9": "private", "2001:db8:7::1": "own", "127.0.0.1": "loopback", "::1": "loopback", "fd00::1": "private",
		"100.64.0.1": "private", "169.254.169.254": "link_local", "fe80::1": "link_local", "224.0.0.1": "multicast", "ff02::1": "multicast",
		"0.0.0.0": "reserved", "255.255.255.255": "reserved", "192.0.2.1": "reserved", "2001:db8::1": "reserved", "::": "reserved",
		"8.8.8.8": "public", "2606:4700::1": "public",
	} {
		if got := tables.class(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCountries(t *testing.T) {
	t.Parallel()
	c := testTables(t, Options{}).country
	if len(c) != 250 || c["JP"] != "Japan" || c["AX"] != "Åland Islands" {
		t.Errorf("%d countries", len(c))
	}
}

func FuzzList(f *testing.F) {
	for _, s := range []string{"", "192.0.2.1\n", "# c\n2001:db8::/32 # x\n", "::ffff:1.2.3.4/100\n::ffff:0:0/80", "fe80::1%x", "1.2.3.4/08", "\xff\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, kind := range []string{"ip", "text"} {
			b := &listBuilder{ids: map[string]uint32{"": 0}, sets: [][]int32{nil}, nets: map[netip.Prefix][]int32{}, texts: map[string][]int32{}}
			_ = b.read(0, kind, "f", data, nil)
			for n := range b.nets {
				if n != n.Masked() || n.Addr().Is4In6() {
					t.Errorf("network %v is not canonical", n)
				}
			}
		}
	})
}

func FuzzAccounts(f *testing.F) {
	for _, s := range []string{"", "id,name,owner\n1,a,b\n", "\"", "- {id: 1, name: x}\n", "- id: 01\n  name: |\n    x\n", "a: [", "- &a {id: *a}", "- !!binary x", "? x\n: y", "\ufeff1,2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		for _, path := range []string{"a.csv", "a.yaml"} {
			m, err := parseAccounts(path, data)
			if err == nil {
				for id := range m {
					if id == "" {
						t.Error("an empty id")
					}
				}
			}
		}
	})
}

func FuzzForwarded(f *testing.F) {
	for _, s := range []string{"", "1.2.3.4", "1.2.3.4:80, [::1]:80", ",,,", "\"[", "unknown, _hidden", "[::1", "::ffff:1.2.3.4", filepath.Base("10.0.0.1")} {
		f.Add(s)
	}
	tables := testTables(f, Options{TrustedProxies: []string{"10.0.0.0/8"}})
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := tables.client(s); ok && (!a.IsValid() || a.Zone() != "" || a.Is4In6() || tables.proxies.Contains(a)) {
			t.Errorf("%q gives %v", s, a)
		}
	})
}
