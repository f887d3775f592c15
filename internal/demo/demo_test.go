package demo

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/oschwald/maxminddb-golang/v2"
)

var end = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// small is a story with little ordinary traffic: the attack is whole.
var small = Story{Seed: 1, End: end, Scale: 0.03}

func unpack(t *testing.T, o Object) []byte {
	t.Helper()
	if !strings.HasSuffix(o.Key, ".gz") {
		return o.Data
	}
	r, err := gzip.NewReader(bytes.NewReader(o.Data))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(data)) != o.Raw {
		t.Errorf("%s: %d bytes, said to be %d", o.Key, len(data), o.Raw)
	}
	return data
}

func digest(t *testing.T, s Story) string {
	t.Helper()
	h := sha256.New()
	f, err := s.Write(func(o Object) error {
		fmt.Fprintf(h, "%s %d\n", o.Key, len(o.Data))
		h.Write(o.Data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(h, "%+v", f)
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestDeterminism(t *testing.T) {
	t.Parallel()
	a, b := digest(t, small), digest(t, small)
	if a != b {
		t.Error("the same seed gives different bytes")
	}
	other := small
	other.Seed = 2
	if digest(t, other) == a {
		t.Error("another seed gives the same bytes")
	}
}

// record is what the tests read of any log.
type record struct {
	kind, key string
	t         time.Time
	ip, ua    string
	waf       struct {
		Timestamp         int64  `json:"timestamp"`
		WebACL            string `json:"webaclId"`
		Action            string `json:"action"`
		TerminatingRuleID string `json:"terminatingRuleId"`
		HTTPRequest       struct {
			ClientIP string                         `json:"clientIp"`
			Country  string                         `json:"country"`
			Headers  []struct{ Name, Value string } `json:"headers"`
			URI      string                         `json:"uri"`
			ID       string                         `json:"requestId"`
		} `json:"httpRequest"`
	}
	call struct {
		EventTime, EventSource, EventName, SourceIPAddress, ErrorCode, ErrorMessage, RecipientAccountID, EventID string
		ResponseElements                                                                                         map[string]any
		AdditionalEventData                                                                                      map[string]any
		ReadOnly                                                                                                 bool
	}
	finding struct {
		ID, Type, UpdatedAt string
		Severity            float64
	}
	fields []string
}

// read takes an object apart and fails on any record that is not well-formed.
func read(t *testing.T, o Object, each func(r *record)) {
	t.Helper()
	data := unpack(t, o)
	if strings.Contains(o.Key, "CloudTrail") {
		var f struct {
			Records []json.RawMessage
			Digest  string `json:"digestStartTime"`
		}
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatalf("%s: %v", o.Key, err)
		}
		if f.Digest != "" {
			each(&record{kind: "digest"})
		}
		for _, raw := range f.Records {
			r := record{kind: typeCloudTrail, key: o.Key}
			if err := json.Unmarshal(raw, &r.call); err != nil {
				t.Fatalf("%s: %v in %s", o.Key, err, raw)
			}
			r.t, r.ip = parse(t, time.RFC3339, r.call.EventTime), r.call.SourceIPAddress
			each(&r)
		}
		return
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		r := record{key: o.Key}
		line := sc.Text()
		switch {
		case strings.Contains(o.Key, "waflogs"):
			r.kind = typeWAF
			if err := json.Unmarshal(sc.Bytes(), &r.waf); err != nil {
				t.Fatalf("%s: %v in %s", o.Key, err, line)
			}
			r.t, r.ip = time.UnixMilli(r.waf.Timestamp), r.waf.HTTPRequest.ClientIP
			for _, h := range r.waf.HTTPRequest.Headers {
				if h.Name == "user-agent" {
					r.ua = h.Value
				}
			}
		case strings.Contains(o.Key, "vpcflowlogs"):
			if strings.HasPrefix(line, "version ") {
				each(&record{kind: "header"})
				continue
			}
			r.kind, r.fields = typeVPCFlow, split(line)
			if len(r.fields) != 19 {
				t.Fatalf("%s: %d fields: %s", o.Key, len(r.fields), line)
			}
			sec, err := strconv.ParseInt(r.fields[11], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			r.t = time.Unix(sec, 0)
			if r.ip = r.fields[3]; strings.HasPrefix(r.ip, "10.") {
				r.ip = "" // our own
			}
		case strings.Contains(o.Key, "GuardDuty"):
			r.kind = typeGuardDuty
			if err := json.Unmarshal(sc.Bytes(), &r.finding); err != nil {
				t.Fatalf("%s: %v in %s", o.Key, err, line)
			}
			r.t = parse(t, time.RFC3339, r.finding.UpdatedAt)
		default:
			r.fields = split(line)
			want, peer := 33, 3
			r.kind = typeALB
			switch {
			case strings.Contains(o.Key, "_net."):
				r.kind, want, peer = typeNLB, 22, 5
				r.t = parse(t, "2006-01-02T15:04:05", r.fields[2])
			case strings.Contains(o.Key, "legacy"):
				r.kind, want, peer = typeCLB, 15, 2
				r.t = parse(t, time.RFC3339Nano, r.fields[0])
			default:
				r.t = parse(t, time.RFC3339Nano, r.fields[21])
				r.ua = r.fields[13]
			}
			if len(r.fields) != want {
				t.Fatalf("%s: %d fields, want %d: %s", o.Key, len(r.fields), want, line)
			}
			r.ip = r.fields[peer][:strings.LastIndexByte(r.fields[peer], ':')]
		}
		each(&r)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, layout, s string) time.Time {
	t.Helper()
	v, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// split cuts a line at blanks outside quotes; a backslash keeps the next byte.
func split(s string) []string {
	var out []string
	var cur strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted && i+1 < len(s):
			cur.WriteString(s[i : i+2])
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ' ' && !quoted:
			out = append(out, cur.String())
			cur.Reset()
		default:
			cur.WriteByte(s[i])
		}
	}
	return append(out, cur.String())
}

// TestStory reads the whole story back and finds in it what the facts say.
func TestStory(t *testing.T) {
	t.Parallel()
	var mmdb bytes.Buffer
	if err := MMDB(&mmdb); err != nil {
		t.Fatal(err)
	}
	geo, err := maxminddb.OpenBytes(mmdb.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got := Facts{Events: map[string]int{}, Actions: map[string]int{}, Rules: map[string]int{}}
	byIP := map[string]*Attack{}
	for ip, a := range map[string]*Attack{ipScan: &got.Scan, ipSQLi: &got.SQLi, ipXSS: &got.XSS, ipFakeBot: &got.FakeBot} {
		a.IPs = []string{ip}
		byIP[ip] = a
	}
	for _, ip := range ipScrapers {
		byIP[ip] = &got.Scraper
	}
	got.Scraper.IPs = ipScrapers
	paths := map[*Attack]map[string]bool{}
	keys, ids := map[string]bool{}, map[string]bool{}
	traces := map[string]bool{}
	matched := 0
	from, to := end.Add(-8*24*time.Hour), end.Add(10*time.Minute)
	want, err := small.Write(func(o Object) error {
		got.Objects++
		got.Bytes += int64(len(o.Data))
		got.RawBytes += o.Raw
		if keys[o.Key] {
			t.Errorf("key %s stands twice", o.Key)
		}
		keys[o.Key] = true
		read(t, o, func(r *record) {
			switch r.kind {
			case "digest":
				got.Ignored++
				return
			case "header":
				got.Filtered++
				return
			}
			got.Events[r.kind]++
			if r.t.Before(from) || r.t.After(to) {
				t.Errorf("%s: %v is outside the story", r.key, r.t)
			}
			if a, err := netip.ParseAddr(r.ip); err == nil {
				if !geo.Lookup(a).Found() {
					t.Errorf("%s: %s is not in the database", r.key, r.ip)
				}
			} else if r.kind != typeGuardDuty && r.kind != typeVPCFlow && !strings.HasSuffix(r.ip, ".amazonaws.com") {
				t.Errorf("%s: bad address %q", r.key, r.ip)
			}
			a := byIP[r.ip]
			switch r.kind {
			case typeWAF:
				got.Actions[r.waf.Action]++
				traces[r.waf.HTTPRequest.ID] = true
				if r.waf.Action == "BLOCK" {
					got.Rules[r.waf.TerminatingRuleID]++
				}
				if a == nil {
					break
				}
				a.UserAgent = r.ua
				if a.Requests == 0 {
					a.First = r.t
				}
				a.Requests++
				a.Last = r.t
				if r.waf.Action != "ALLOW" {
					a.Blocked++
					a.Rule = r.waf.TerminatingRuleID
				}
				if paths[a] == nil {
					paths[a] = map[string]bool{}
				}
				paths[a][r.waf.HTTPRequest.URI] = true
			case typeALB:
				if a != nil {
					a.Lines++
				}
				if traces[strings.TrimPrefix(r.fields[17], "Root=")] {
					matched++
				}
			case typeCloudTrail:
				c := &r.call
				if ids[c.EventID] {
					t.Errorf("event id %s stands twice", c.EventID)
				}
				ids[c.EventID] = true
				if r.ip != ipIntruder {
					break
				}
				at := Call{c.RecipientAccountID, victim, r.ip, c.EventName, r.t}
				switch c.EventName {
				case "ConsoleLogin":
					if c.ResponseElements["ConsoleLogin"] == "Failure" {
						got.SignIn.Failures++
					} else if c.AdditionalEventData["MFAUsed"] == "No" {
						got.SignIn.Call, got.SignIn.Country = at, "RO"
					}
				case "StopLogging":
					got.Stop = at
				case "GetObject":
					g := &got.Guessing
					if g.First.IsZero() {
						*g = Guessing{Account: c.RecipientAccountID, User: exporter, IP: r.ip, Bucket: bucket, First: r.t}
					}
					g.Last = r.t
					switch c.ErrorCode {
					case "AccessDenied":
						g.Denied++
					case "NoSuchKey":
						g.NoSuchKey++
					default:
						g.Found++
					}
				}
			case typeGuardDuty:
				if r.finding.Type == "Recon:EC2/PortProbeUnprotectedPort" {
					got.Probes++
				} else {
					got.Findings = append(got.Findings, Finding{r.finding.ID, r.finding.Type, accountProd, r.finding.Severity, r.t})
				}
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for a, p := range paths {
		a.Paths = len(p)
	}
	for _, a := range []*Attack{&want.Scan, &want.SQLi, &want.XSS, &want.Scraper, &want.FakeBot} {
		// A WAF writes milliseconds.
		a.First, a.Last = a.First.Truncate(time.Millisecond), a.Last.Truncate(time.Millisecond)
	}
	got.From, got.To = want.From, want.To
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want.Findings[len(want.Findings)-1].Severity < 9 || want.Scraper.Blocked == 0 {
		t.Errorf("the story lacks something: %+v", want)
	}
	if matched < got.Events[typeALB]/2 {
		t.Errorf("%d of %d balancer lines have a WAF event", matched, got.Events[typeALB])
	}
}

func TestEmitError(t *testing.T) {
	t.Parallel()
	n := 0
	_, err := small.Write(func(Object) error {
		n++
		return io.ErrShortWrite
	})
	if err != io.ErrShortWrite || n != 1 {
		t.Errorf("%v after %d objects", err, n)
	}
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	c := NewCorpus(1, end)
	for kind, f := range map[string]func(int, int, func(Object) error) error{typeWAF: c.WAF, typeALB: c.ALB, typeCloudTrail: c.CloudTrail} {
		n, objects := 0, 0
		if err := f(2_500, 1_000, func(o Object) error {
			objects++
			read(t, o, func(r *record) {
				if r.kind != kind {
					t.Errorf("%s holds %s", o.Key, r.kind)
				}
				n++
			})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n != 2_500 || objects != 3 {
			t.Errorf("%s: %d records in %d objects", kind, n, objects)
		}
	}
	if err := c.WAF(1, 0, nil); err == nil {
		t.Error("no error for objects of no records")
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	tpl := compile(`{"a":{"n":{n}},"h":"{h7}","a":"{a5}","u":"{u}","x":{}}`)
	var v map[string]any
	if err := json.Unmarshal(tpl.append(nil, newWorld(1, size{10, 30, 10, false}).rng), &v); err != nil {
		t.Fatal(err)
	}
	if len(v["h"].(string)) != 7 || len(v["a"].(string)) != 5 || len(v["u"].(string)) != 36 {
		t.Errorf("%v", v)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 60_708_090, time.UTC)
	if got, want := string(appendTime(nil, at.UnixNano(), 6)), at.Format("2006-01-02T15:04:05.000000"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func benchCorpus(b *testing.B, f func(c *Corpus, n int, emit func(Object) error) error) {
	c := NewCorpus(1, end)
	var raw, stored int64
	n := 0
	b.ResetTimer()
	for b.Loop() {
		if err := f(c, 20_000, func(o Object) error {
			raw += o.Raw
			stored += int64(len(o.Data))
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		n += 20_000
	}
	b.ReportMetric(float64(raw)/1e6/b.Elapsed().Seconds(), "rawMB/s")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(raw)/float64(n), "B/record")
	b.ReportMetric(float64(raw)/float64(stored), "ratio")
}

func BenchmarkWAF(b *testing.B) {
	benchCorpus(b, func(c *Corpus, n int, emit func(Object) error) error { return c.WAF(n, n, emit) })
}

func BenchmarkALB(b *testing.B) {
	benchCorpus(b, func(c *Corpus, n int, emit func(Object) error) error { return c.ALB(n, n, emit) })
}

func BenchmarkCloudTrail(b *testing.B) {
	benchCorpus(b, func(c *Corpus, n int, emit func(Object) error) error { return c.CloudTrail(n, n, emit) })
}

// BenchmarkStory makes the whole story.
func BenchmarkStory(b *testing.B) {
	for b.Loop() {
		f, err := Story{Seed: 1, End: end}.Write(func(Object) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, v := range f.Events {
			n += v
		}
		b.ReportMetric(float64(n), "events")
		b.ReportMetric(float64(f.Bytes)/1e6, "storedMB")
		b.ReportMetric(float64(f.RawBytes)/1e6, "rawMB")
		b.ReportMetric(float64(f.Objects), "objects")
	}
}
