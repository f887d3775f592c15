package enrich

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/gaissmai/bart"
)

// Options names what the tables are built from. The zero value is useful: user agents and
// network classes need no file.
type Options struct {
	// Geo lists files in MaxMind DB format: city, country, ASN, of any vendor. For each kind of
	// fact the first file that knows it wins.
	Geo []string
	// TrustedProxies are networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// OwnNetworks are classed "own" before anything else.
	OwnNetworks []string
	// Accounts is a CSV or YAML file of cloud accounts; empty = none.
	Accounts string
	// Lists are the user's named lists.
	Lists []List
}

// Notice tells an operator of something that works, but not as fully as it could. Subject is
// a stable word ("geo", "as"), Text a sentence.
type Notice struct {
	Subject string
	Text    string
}

// Tables are everything enrichment looks up. They never change once built and may be used by
// any number of workers at once.
type Tables struct {
	geo      []geoDB
	proxies  *bart.Lite
	own      *bart.Lite
	accounts map[string]account
	lists    lists
	bots     *botTable
	country  map[string]string // ISO code → English name
	version  string
}

// New reads and checks all files and returns all that is wrong with them at once.
func New(o Options) (*Tables, []Notice, error) {
	t := &Tables{country: parseCountries(countryData)}
	var notices []Notice
	var errs []error
	sum := sha256.New()
	fmt.Fprintf(sum, "rules %d\n%s\n%s\n", rulesVersion, botData, countryData)

	for _, path := range o.Geo {
		db, err := openGeo(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		fmt.Fprintf(sum, "geo %x\n", db.sum)
		t.geo = append(t.geo, db)
	}
	notices = append(notices, geoNotices(t.geo, len(o.Geo))...)

	var err error
	if t.proxies, err = parseNetworks("trusted proxies", o.TrustedProxies); err != nil {
		errs = append(errs, err)
	}
	if t.own, err = parseNetworks("own networks", o.OwnNetworks); err != nil {
		errs = append(errs, err)
	}
	fmt.Fprintf(sum, "proxies %q own %q\n", o.TrustedProxies, o.OwnNetworks)

	if o.Accounts != "" {
		data, err := readTable(o.Accounts)
		if err == nil {
			t.accounts, err = parseAccounts(o.Accounts, data)
			fmt.Fprintf(sum, "accounts %x\n", sha256.Sum256(data))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}

	if t.lists, err = loadLists(o.Lists, sum); err != nil {
		errs = append(errs, err)
	}
	if t.bots, err = parseBots(botData); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	t.version = fmt.Sprintf("%x", sum.Sum(nil)[:8])
	return t, notices, nil
}

// rulesVersion counts changes of what the code derives from the same tables.
const rulesVersion = 1

// Version names the content of the tables: the same files and options give the same version,
// and equal versions enrich a batch equally.
func (t *Tables) Version() string { return t.version }

// parseNetworks reads networks and single addresses and reports every bad one.
func parseNetworks(what string, texts []string) (*bart.Lite, error) {
	p := new(bart.Lite)
	var errs []error
	for _, s := range texts {
		n, err := parseNetwork(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("reading %s: %w", what, err))
			continue
		}
		p.Insert(n)
	}
	return p, errors.Join(errs...)
}

// parseNetwork reads a network or a single address; v4-mapped ones become IPv4 and host bits
// are dropped.
func parseNetwork(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return netip.Prefix{}, fmt.Errorf("%.40q…: not an address or network", s)
	}
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q: not an address or network", s)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q: not an address or network", s)
	}
	if p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%q: an IPv4-mapped network needs at least /96", s)
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}
