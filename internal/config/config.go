// Package config reads the one configuration file. It knows what may be written there and
// nothing of what is done with it; only app and the commands import it.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Config is the whole configuration. Every field has a usable default: an empty file, or no
// file, is a working configuration.
type Config struct {
	// Data is the folder that holds everything Yagura writes: state, parts, temporary files. Its inbox/ is watched.
	Data string `yaml:"data"`
	// Listen is the address of the web server. Any address but loopback needs a user: yagura users add NAME --role admin.
	Listen string `yaml:"listen"`
	// TLS makes the web server speak HTTPS.
	TLS TLS `yaml:"tls,omitempty"`
	// Content is a folder of your own log types and lists, laid over the built-in ones.
	Content string `yaml:"content,omitempty"`
	// Sources are the buckets and folders to read, beside the inbox.
	Sources []Source `yaml:"sources,omitempty"`
	// Intake bounds what reading logs may cost.
	Intake Intake `yaml:"intake"`
	// Enrich names the tables that add context to events.
	Enrich Enrich `yaml:"enrich"`
	// Detect says what becomes of what the detection rules find.
	Detect Detect `yaml:"detect"`
	// Query bounds what searching may cost.
	Query Query `yaml:"query"`
	// Auth is about signing in, and the record of who did what.
	Auth Auth `yaml:"auth"`
}

// TLS names a certificate and its key, both PEM files. They are read again when they change.
type TLS struct {
	// Cert is the certificate, with those that lead to the root behind it.
	Cert string `yaml:"cert,omitempty"`
	// Key is the private key of the certificate.
	Key string `yaml:"key,omitempty"`
}

// Auth is about signing in. Users are not configured here: see yagura users.
type Auth struct {
	// Idle is how long a session lasts without being used.
	Idle Duration `yaml:"idle"`
	// Longest is how long a session lasts, used or not.
	Longest Duration `yaml:"longest"`
	// Hosts are the names (or name:port) by which browsers reach the server, if it is not this machine's own.
	Hosts []string `yaml:"hosts,omitempty"`
	// TrustedProxies are networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed.
	TrustedProxies []string `yaml:"trusted_proxies,omitempty"`
	// AuditDays is how long the audit log is kept.
	AuditDays int `yaml:"audit_days"`
}

// Source is one bucket or folder of logs.
type Source struct {
	// Name identifies the source for ever: objects are remembered under it.
	Name string `yaml:"name"`
	// Dir is a folder; its objects are the files below it. Either dir or bucket.
	Dir string `yaml:"dir,omitempty"`
	// Bucket is an S3 (or compatible) bucket. Either dir or bucket.
	Bucket string `yaml:"bucket,omitempty"`
	// Prefixes limits a bucket to keys that begin with one of these.
	Prefixes []string `yaml:"prefixes,omitempty"`
	// Region of the bucket.
	Region string `yaml:"region,omitempty"`
	// Endpoint of an S3-compatible server; empty = AWS.
	Endpoint string `yaml:"endpoint,omitempty"`
	// PathStyle addresses the bucket in the path, as most S3-compatible servers want.
	PathStyle bool `yaml:"path_style,omitempty"`
	// RoleARN is assumed to read the bucket (another account's).
	RoleARN string `yaml:"role_arn,omitempty"`
	// ExternalID goes with role_arn.
	ExternalID string `yaml:"external_id,omitempty"`
	// AccessKey is the first half of static credentials; empty = the usual AWS chain.
	AccessKey Secret `yaml:"access_key,omitempty"`
	// SecretKey is the other half.
	SecretKey Secret `yaml:"secret_key,omitempty"`
	// LogType forces the log type of every object; empty = recognised.
	LogType string `yaml:"log_type,omitempty"`
	// Every is how often the fast listing runs.
	Every Duration `yaml:"every,omitempty"`
	// RelistDays is how many past days are listed again in turn, for late objects.
	RelistDays int `yaml:"relist_days,omitempty"`
}

// Intake bounds reading.
type Intake struct {
	// Workers read objects side by side; 0 = one a core.
	Workers int `yaml:"workers"`
	// MaxRecord is the largest record; a longer one goes to quarantine.
	MaxRecord Size `yaml:"max_record"`
	// Batch is how many decoded bytes are gathered before a part is written.
	Batch Size `yaml:"batch"`
	// KeepOriginal keeps each (masked) original record beside its event.
	KeepOriginal bool `yaml:"keep_original"`
}

// Enrich names tables.
type Enrich struct {
	// Geo lists MaxMind-format databases (country, city, ASN).
	Geo []string `yaml:"geo,omitempty"`
	// TrustedProxies are networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies,omitempty"`
	// OwnNetworks are networks of yours.
	OwnNetworks []string `yaml:"own_networks,omitempty"`
	// Accounts is a CSV or YAML file: account id, name, owner.
	Accounts string `yaml:"accounts,omitempty"`
	// Lists are named lists of addresses and networks, one a line.
	Lists []List `yaml:"lists,omitempty"`
}

// List is one user list.
type List struct {
	// Name is what events that match carry.
	Name string `yaml:"name"`
	// File holds the list.
	File string `yaml:"file"`
}

// Detect is about findings.
type Detect struct {
	// BackfillAfter is the age from which an event is old when it comes in: its findings raise alerts, but nobody is told.
	BackfillAfter Duration `yaml:"backfill_after"`
}

// Query bounds searching.
type Query struct {
	// Memory is the limit of the query engine.
	Memory Size `yaml:"memory"`
	// Threads of the query engine; 0 = one a core.
	Threads int `yaml:"threads"`
	// Zone is the time zone of days and hours when a query names none.
	Zone string `yaml:"zone"`
}

// Default is the configuration of an empty file.
func Default() Config {
	return Config{
		Data:   "yagura-data",
		Listen: "127.0.0.1:8514",
		Intake: Intake{MaxRecord: 16 << 20, Batch: 64 << 20, KeepOriginal: true},
		Detect: Detect{BackfillAfter: Duration(24 * time.Hour)},
		Query:  Query{Memory: 1 << 30, Zone: "Local"},
		Auth:   Auth{Idle: Duration(12 * time.Hour), Longest: Duration(7 * 24 * time.Hour), AuditDays: 400},
	}
}

// WorkerCount is Workers with its default filled in.
func (i Intake) WorkerCount() int {
	if i.Workers > 0 {
		return i.Workers
	}
	return max(1, runtime.NumCPU())
}

// Validate checks what can be checked without touching disk or network, all at once.
func (c *Config) Validate() error {
	var p problems
	if c.Data == "" {
		p.add("data", "is empty: name a folder")
	}
	p.listen(c.Listen)
	names := map[string]bool{"inbox": true, "file": true}
	for i := range c.Sources {
		p.source(i, &c.Sources[i], names)
	}
	if c.Intake.Workers < 0 || c.Intake.Workers > 256 {
		p.add("intake.workers", "is %d: want 0 (one a core) to 256", c.Intake.Workers)
	}
	if c.Intake.MaxRecord < 64<<10 || c.Intake.MaxRecord > 1<<30 {
		p.add("intake.max_record", "is %s: want 64KiB to 1GiB", c.Intake.MaxRecord)
	}
	if c.Intake.Batch < 1<<20 || c.Intake.Batch > 1<<30 {
		p.add("intake.batch", "is %s: want 1MiB to 1GiB", c.Intake.Batch)
	}
	if c.Query.Memory < 128<<20 {
		p.add("query.memory", "is %s: want at least 128MiB", c.Query.Memory)
	}
	if c.Query.Threads < 0 || c.Query.Threads > 256 {
		p.add("query.threads", "is %d: want 0 (one a core) to 256", c.Query.Threads)
	}
	p.auth(&c.Auth)
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		p.add("tls", "has one of cert and key: give both or none")
	}
	for i, s := range c.Enrich.TrustedProxies {
		p.network(fmt.Sprintf("enrich.trusted_proxies[%d]", i), s)
	}
	for i, s := range c.Enrich.OwnNetworks {
		p.network(fmt.Sprintf("enrich.own_networks[%d]", i), s)
	}
	for i, l := range c.Enrich.Lists {
		if l.Name == "" || l.File == "" {
			p.add(fmt.Sprintf("enrich.lists[%d]", i), "needs a name and a file")
		}
	}
	return p.err()
}

type problems []string

func (p *problems) add(where, format string, args ...any) {
	*p = append(*p, where+" "+fmt.Sprintf(format, args...))
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("checking the configuration:\n  %s", strings.Join(p, "\n  "))
}

func (p *problems) listen(addr string) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		p.add("listen", "is %q: want host:port, such as 127.0.0.1:8514", addr)
		return
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		p.add("listen", "is %q: want an address of this machine, such as 127.0.0.1:8514, or :8514 for all of them", addr)
	}
}

// Loopback tells whether the web server is reached from this machine alone.
func (c *Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (p *problems) auth(a *Auth) {
	if d := time.Duration(a.Idle); d < time.Minute || d > 90*24*time.Hour {
		p.add("auth.idle", "is %s: want 1m to 2160h", d)
	}
	if d := time.Duration(a.Longest); d < time.Duration(a.Idle) || d > 90*24*time.Hour {
		p.add("auth.longest", "is %s: want auth.idle to 2160h", d)
	}
	if a.AuditDays < 1 || a.AuditDays > 3660 {
		p.add("auth.audit_days", "is %d: want 1 to 3660", a.AuditDays)
	}
	for i, h := range a.Hosts {
		if h == "" || strings.ContainsAny(h, "/* \t") {
			p.add(fmt.Sprintf("auth.hosts[%d]", i), "is %q: want a name as browsers show it, such as siem.example.com or siem.example.com:8514", h)
		}
	}
	for i, s := range a.TrustedProxies {
		p.network(fmt.Sprintf("auth.trusted_proxies[%d]", i), s)
	}
}

func (p *problems) network(where, s string) {
	if _, err := netip.ParsePrefix(s); err == nil {
		return
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return
	}
	p.add(where, "is %q: want an address or a network, such as 10.0.0.0/8", s)
}

func (p *problems) source(i int, s *Source, names map[string]bool) {
	where := fmt.Sprintf("sources[%d]", i)
	switch {
	case s.Name == "":
		p.add(where+".name", "is missing: objects are remembered under it, so choose one that stays")
	case names[s.Name]:
		p.add(where+".name", "%q is taken: every source needs a name of its own (inbox and file are built in)", s.Name)
	}
	names[s.Name] = true
	switch {
	case s.Dir == "" && s.Bucket == "":
		p.add(where, "needs dir (a folder) or bucket (S3)")
	case s.Dir != "" && s.Bucket != "":
		p.add(where, "has both dir and bucket: make two sources of it")
	case s.Dir != "" && (s.Region != "" || s.Endpoint != "" || s.RoleARN != "" || len(s.Prefixes) > 0 || s.AccessKey.Set() || s.SecretKey.Set()):
		p.add(where, "is a folder, but has settings of a bucket (region, endpoint, role_arn, prefixes, keys)")
	}
	if s.ExternalID != "" && s.RoleARN == "" {
		p.add(where+".external_id", "goes with role_arn, which is missing")
	}
	if s.AccessKey.Set() != s.SecretKey.Set() {
		p.add(where, "has one of access_key and secret_key: give both or none")
	}
	if s.RelistDays < 0 || s.RelistDays > 366 {
		p.add(where+".relist_days", "is %d: want 0 to 366", s.RelistDays)
	}
}

// Resolve makes relative paths absolute, against the folder of the configuration file.
func (c *Config) Resolve(base string) {
	abs := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(base, *p)
		}
	}
	abs(&c.Data)
	abs(&c.Content)
	abs(&c.TLS.Cert)
	abs(&c.TLS.Key)
	abs(&c.Enrich.Accounts)
	for i := range c.Enrich.Geo {
		abs(&c.Enrich.Geo[i])
	}
	for i := range c.Enrich.Lists {
		abs(&c.Enrich.Lists[i].File)
	}
	for i := range c.Sources {
		abs(&c.Sources[i].Dir)
	}
}

// Folder is the folder relative paths of a file are read against: the file's own, or the
// working folder without a file.
func Folder(file string) (string, error) {
	if file == "" {
		return os.Getwd()
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("resolving %s: %w", file, err)
	}
	return filepath.Dir(abs), nil
}
