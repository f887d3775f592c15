package enrich

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// place is what databases say about an address. Empty texts and a zero number are unknown.
type place struct {
	country string // ISO 3166-1 alpha-2, upper case
	region  string
	city    string
	lat     float64
	lon     float64
	located bool // lat and lon are known
	asn     int64
	org     string
}

// geoDB is one database, held in memory: a file that is overwritten while the program runs
// must not be able to take it down.
type geoDB struct {
	path   string
	reader *maxminddb.Reader
	sum    [32]byte
	geo    bool // some record has a country
	as     bool // some record has an AS number
}

// probe is how many records of a database are read when it is opened.
const probe = 2000

// openGeo reads a database and checks that its records decode.
func openGeo(path string) (geoDB, error) {
	data, err := readLimited(path, 4<<30)
	if err != nil {
		return geoDB{}, fmt.Errorf("opening geo database: %w", err)
	}
	r, err := maxminddb.OpenBytes(data)
	if err != nil {
		return geoDB{}, fmt.Errorf("opening geo database %s: %w", path, err)
	}
	db := geoDB{path: path, reader: r, sum: sha256.Sum256(data)}
	n := 0
	for res := range r.Networks() {
		p, err := decodePlace(res)
		if err != nil {
			return geoDB{}, fmt.Errorf("opening geo database %s: reading its records: %w", path, err)
		}
		db.geo = db.geo || p.country != ""
		db.as = db.as || p.asn != 0
		if n++; n == probe {
			break
		}
	}
	if !db.geo && !db.as {
		return geoDB{}, fmt.Errorf("opening geo database %s: type %q has neither countries nor AS numbers in its first %d records",
			path, r.Metadata.DatabaseType, n)
	}
	return db, nil
}

// geoNotices says which facts no database gives.
func geoNotices(dbs []geoDB, named int) []Notice {
	if named == 0 {
		return []Notice{{"geo", "no MaxMind-format database is configured: country, city, location and AS of addresses stay empty, except a country that a log itself names"}}
	}
	geo, as := false, false
	for _, db := range dbs {
		geo, as = geo || db.geo, as || db.as
	}
	var out []Notice
	if !geo {
		out = append(out, Notice{"geo", "no configured database has countries: country, city and location of addresses stay empty, except a country that a log itself names"})
	}
	if !as {
		out = append(out, Notice{"as", "no configured database has AS numbers: AS number and organization of addresses stay empty"})
	}
	return out
}

// decodePlace reads a record of any of the usual layouts.
func decodePlace(res maxminddb.Result) (place, error) {
	var v any
	if err := res.Decode(&v); err != nil {
		return place{}, err
	}
	m, _ := v.(map[string]any)
	return placeOf(m), nil
}

// placeOf finds the facts in a record. MaxMind (and DB-IP, IP2Location) nest them: country.
// iso_code, subdivisions[0].names.en, location.latitude. Others are flat: country_code or
// country, region or state1, city, lat or latitude, asn ("AS64500"), as_name.
func placeOf(m map[string]any) place {
	var p place
	for _, k := range []string{"country", "registered_country", "represented_country"} {
		if c, ok := m[k].(map[string]any); ok && p.country == "" {
			p.country = countryCode(text(c["iso_code"]))
		}
	}
	for _, k := range []string{"country_code", "country", "iso_code"} {
		if p.country == "" {
			p.country = countryCode(text(m[k]))
		}
	}
	if subs, ok := m["subdivisions"].([]any); ok && len(subs) > 0 {
		p.region = name(subs[0])
	}
	for _, k := range []string{"region", "region_name", "state1", "state"} {
		if p.region == "" {
			p.region = name(m[k])
		}
	}
	for _, k := range []string{"city", "city_name"} {
		if p.city == "" {
			p.city = name(m[k])
		}
	}
	loc, ok := m["location"].(map[string]any)
	if !ok {
		loc = m
	}
	lat, okLat := number(loc, "latitude", "lat")
	lon, okLon := number(loc, "longitude", "lon", "lng")
	if okLat && okLon && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
		p.lat, p.lon, p.located = lat, lon, true
	}
	for _, t := range []any{m, m["traits"], m["asn"], m["as"]} {
		if a, ok := t.(map[string]any); ok && p.asn == 0 {
			p.asn = asNumber(a)
			p.org = first(a, "autonomous_system_organization", "as_name", "as_org", "organization", "name", "org")
		}
	}
	if p.asn == 0 {
		p.org = ""
	}
	return p
}

func asNumber(m map[string]any) int64 {
	for _, k := range []string{"autonomous_system_number", "asn", "as_number", "number"} {
		switch v := m[k].(type) {
		case string:
			if n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(v), "AS"), 10, 32); err == nil && n != 0 {
				return int64(n)
			}
		default:
			if n, ok := number(m, k); ok && n >= 1 && n <= math.MaxUint32 {
				return int64(n)
			}
		}
	}
	return 0
}

// countryCode accepts two letters.
func countryCode(s string) string {
	if len(s) != 2 {
		return ""
	}
	s = strings.ToUpper(s)
	for i := range 2 {
		if s[i] < 'A' || s[i] > 'Z' {
			return ""
		}
	}
	return s
}

// name is a text, or the English (else any, in code order) name of a named thing.
func name(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return text(v)
	}
	names, ok := m["names"].(map[string]any)
	if !ok {
		return text(m["name"])
	}
	if s := text(names["en"]); s != "" {
		return s
	}
	best := ""
	for k := range names {
		if text(names[k]) != "" && (best == "" || k < best) {
			best = k
		}
	}
	return text(names[best])
}

func first(m map[string]any, keys ...string) string {
	for _, k := range keys {
		if s := text(m[k]); s != "" {
			return s
		}
	}
	return ""
}

// text is a printable text of bounded length, or "".
func text(v any) string {
	s, _ := v.(string)
	return clean(s, 256)
}

func number(m map[string]any, keys ...string) (float64, bool) {
	for _, k := range keys {
		switch v := m[k].(type) {
		case float64:
			return v, !math.IsNaN(v) && !math.IsInf(v, 0)
		case float32:
			return float64(v), !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
		case uint64:
			return float64(v), true
		case uint32:
			return float64(v), true
		case uint16:
			return float64(v), true
		case int32:
			return float64(v), true
		case int:
			return float64(v), true
		case string:
			if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
				return f, true
			}
		}
	}
	return 0, false
}

// lookup asks the databases in order. The first that knows the country gives the place; a
// later one fills what is missing if it agrees on the country. failed counts records that
// could not be decoded.
func (w *Worker) lookup(a netip.Addr) place {
	var p place
	for i := range w.t.geo {
		q, ok := w.record(i, a)
		if !ok {
			continue
		}
		if p.asn == 0 {
			p.asn, p.org = q.asn, q.org
		}
		if p.country == "" {
			p.country = q.country
		} else if q.country != p.country {
			continue
		}
		if p.region == "" && p.city == "" {
			p.region, p.city = q.region, q.city
		}
		if !p.located {
			p.lat, p.lon, p.located = q.lat, q.lon, q.located
		}
	}
	return p
}

// record reads the record of an address in one database; records are remembered by where
// they stand in the file, since many networks share one.
func (w *Worker) record(db int, a netip.Addr) (place, bool) {
	res := w.t.geo[db].reader.Lookup(a)
	if res.Err() != nil {
		// An IPv6 address in an IPv4 database is simply not known to it.
		if a.Is4() {
			w.failed++
		}
		return place{}, false
	}
	if !res.Found() {
		return place{}, false
	}
	key := recordKey{db, res.Offset()}
	if p, ok := w.records[key]; ok {
		return p, true
	}
	p, err := decodePlace(res)
	if err != nil {
		w.failed++
		return place{}, false
	}
	if len(w.records) >= maxRecords {
		clear(w.records)
	}
	w.records[key] = p
	return p, true
}

type recordKey struct {
	db     int
	offset uintptr
}
