package demo

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// network is a block of addresses of one place and one operator.
type network struct {
	cidr     string
	country  string
	name     string // of the country
	region   string
	regionID string // ISO 3166-2, without the country
	city     string
	lat, lon float64
	asn      uint32
	org      string
	weight   int // share of the ordinary clients; 0 = none of them
}

// networks are all networks of the demo. AS numbers are from the private range.
var networks = []network{
	{"27.80.0.0/14", "JP", "Japan", "Tokyo", "13", "Chiyoda", 35.69, 139.75, 64512, "Demo Mobile", 240},
	{"36.240.0.0/14", "JP", "Japan", "Kanagawa", "14", "Yokohama", 35.44, 139.64, 64513, "Demo Hikari", 190},
	{"60.64.0.0/14", "JP", "Japan", "Osaka", "27", "Osaka", 34.69, 135.5, 64513, "Demo Hikari", 130},
	{"106.128.0.0/14", "JP", "Japan", "Aichi", "23", "Nagoya", 35.18, 136.91, 64512, "Demo Mobile", 90},
	{"114.16.0.0/15", "JP", "Japan", "Fukuoka", "40", "Fukuoka", 33.59, 130.4, 64514, "Demo Cable", 60},
	{"118.104.0.0/15", "JP", "Japan", "Hokkaido", "01", "Sapporo", 43.06, 141.35, 64514, "Demo Cable", 50},
	{"126.64.0.0/14", "JP", "Japan", "Saitama", "11", "Saitama", 35.86, 139.65, 64515, "Demo Bank Telecom", 70},
	{"133.32.0.0/16", "JP", "Japan", "Miyagi", "04", "Sendai", 38.27, 140.87, 64516, "Demo Academic", 20},
	{"2001:db8:a000::/36", "JP", "Japan", "Tokyo", "13", "Minato", 35.66, 139.75, 64512, "Demo Mobile", 50},
	{"73.16.0.0/15", "US", "United States", "Virginia", "VA", "Ashburn", 39.04, -77.49, 64520, "Demo Broadband US", 18},
	{"98.32.0.0/16", "US", "United States", "California", "CA", "San Jose", 37.34, -121.89, 64520, "Demo Broadband US", 12},
	{"61.216.0.0/16", "TW", "Taiwan", "Taipei City", "TPE", "Taipei", 25.04, 121.56, 64521, "Demo Taiwan", 10},
	{"121.128.0.0/16", "KR", "South Korea", "Seoul", "11", "Seoul", 37.57, 126.98, 64522, "Demo Korea", 8},
	{"116.224.0.0/16", "CN", "China", "Shanghai", "SH", "Shanghai", 31.22, 121.46, 64523, "Demo China", 8},
	{"14.160.0.0/16", "VN", "Vietnam", "Hanoi", "HN", "Hanoi", 21.03, 105.85, 64524, "Demo Vietnam", 6},
	{"49.144.0.0/16", "PH", "Philippines", "Metro Manila", "00", "Manila", 14.6, 120.98, 64525, "Demo Philippines", 4},
	{"42.60.0.0/16", "SG", "Singapore", "", "", "Singapore", 1.29, 103.85, 64526, "Demo Singapore", 5},
	{"49.36.0.0/16", "IN", "India", "Maharashtra", "MH", "Mumbai", 19.07, 72.88, 64527, "Demo India", 5},
	{"84.128.0.0/16", "DE", "Germany", "Hesse", "HE", "Frankfurt am Main", 50.11, 8.68, 64528, "Demo Germany", 4},
	{"81.128.0.0/16", "GB", "United Kingdom", "England", "ENG", "London", 51.51, -0.13, 64529, "Demo Britain", 4},
	{"90.0.0.0/16", "FR", "France", "Île-de-France", "IDF", "Paris", 48.86, 2.35, 64530, "Demo France", 3},
	{"1.120.0.0/16", "AU", "Australia", "New South Wales", "NSW", "Sydney", -33.87, 151.21, 64531, "Demo Australia", 4},
	{"177.32.0.0/16", "BR", "Brazil", "São Paulo", "SP", "São Paulo", -23.55, -46.63, 64532, "Demo Brazil", 3},
	// Robots that are who they say they are, and the company's own ways out.
	{"66.249.64.0/24", "US", "United States", "California", "CA", "Mountain View", 37.39, -122.08, 64540, "Demo Search", 0},
	{"40.77.167.0/24", "US", "United States", "Washington", "WA", "Redmond", 47.67, -122.12, 64541, "Demo Search Two", 0},
	{"20.171.206.0/24", "US", "United States", "Iowa", "IA", "Des Moines", 41.6, -93.61, 64542, "Demo Language Models", 0},
	{"54.36.148.0/24", "FR", "France", "Hauts-de-France", "HDF", "Roubaix", 50.69, 3.17, 64543, "Demo Links", 0},
	{"52.192.10.0/24", "JP", "Japan", "Tokyo", "13", "Tokyo", 35.68, 139.69, 64544, "Demo Cloud Tokyo", 0},
	{"153.120.40.0/24", "JP", "Japan", "Tokyo", "13", "Shibuya", 35.66, 139.7, 64545, "Demo Office", 0},
	// Documentation networks: everything bad.
	{"203.0.113.0/25", "NL", "Netherlands", "North Holland", "NH", "Amsterdam", 52.37, 4.89, 64550, "Example Hosting", 0},
	{"203.0.113.128/25", "RO", "Romania", "Bucharest", "B", "Bucharest", 44.43, 26.1, 64551, "Example Telecom", 0},
	{"198.51.100.0/24", "US", "United States", "New Jersey", "NJ", "Secaucus", 40.79, -74.06, 64552, "Example Cloud", 0},
	{"192.0.2.0/24", "SG", "Singapore", "", "", "Singapore", 1.29, 103.85, 64553, "Example VPS", 0},
}

// MMDB writes a MaxMind-format database with city, country and AS of exactly the addresses
// that occur in the demo.
func MMDB(w io.Writer) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: "Yagura-Demo-City-ASN", BuildEpoch: 1_700_000_000, IncludeReservedNetworks: true, RecordSize: 24,
		Description: map[string]string{"en": "Imaginary places of the demo's addresses"}, Languages: []string{"en"},
	})
	if err != nil {
		return fmt.Errorf("making the demo database: %w", err)
	}
	named := func(s string) mmdbtype.Map { return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(s)}} }
	for _, n := range networks {
		_, cidr, err := net.ParseCIDR(n.cidr)
		if err != nil {
			return fmt.Errorf("making the demo database: %w", err)
		}
		country := named(n.name)
		country["iso_code"] = mmdbtype.String(n.country)
		rec := mmdbtype.Map{
			"country": country, "city": named(n.city),
			"location":                       mmdbtype.Map{"latitude": mmdbtype.Float64(n.lat), "longitude": mmdbtype.Float64(n.lon)},
			"autonomous_system_number":       mmdbtype.Uint32(n.asn),
			"autonomous_system_organization": mmdbtype.String(n.org),
		}
		if n.region != "" {
			rec["subdivisions"] = mmdbtype.Slice{named(n.region)}
		}
		if err := tree.Insert(cidr, rec); err != nil {
			return fmt.Errorf("making the demo database: %s: %w", n.cidr, err)
		}
	}
	if _, err := tree.WriteTo(w); err != nil {
		return fmt.Errorf("writing the demo database: %w", err)
	}
	return nil
}

// block is a network ready to draw addresses from.
type block struct {
	base uint32
	host uint32 // mask of the part that is drawn
	v6   bool
}

func (n *network) block() block {
	p, err := netip.ParsePrefix(n.cidr)
	if err != nil || p.Addr().Is6() {
		return block{v6: true}
	}
	v := p.Addr().As4()
	return block{base: uint32(v[0])<<24 | uint32(v[1])<<16 | uint32(v[2])<<8 | uint32(v[3]), host: 1<<(32-p.Bits()) - 1}
}

// pick draws an address; never the first or last of a /24.
func (b block) pick(rng *rand.Rand) string {
	r := rng.Uint64()
	if b.v6 {
		return fmt.Sprintf("2001:db8:a%03x:%x:%x:%x:%x:%x", r&0xfff, r>>12&0xff|0x100, r>>20&0xff|0x1000, r>>28&0xffff|1, r>>44&0xfff|1, r>>56|1)
	}
	v := b.base | uint32(r)&b.host
	if v&0xff == 0 || v&0xff == 0xff {
		v ^= 0x55
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}).String()
}

// networkOf finds the network of an address that is in one.
func networkOf(ip string) *network {
	a := net.ParseIP(ip)
	for i := range networks {
		if _, cidr, err := net.ParseCIDR(networks[i].cidr); err == nil && cidr.Contains(a) {
			return &networks[i]
		}
	}
	return nil
}
