package logtype

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/parse/envelope"
	"github.com/yagura-siem/yagura/internal/schema"
)

const jsonType = `
name: test.web
title: Test
version: 1
recognise: {content: [clientIp, act], key: [web-logs]}
key_captures: ['acct-(?P<account>\d+)']
frame: {json: {records: Records}}
time: {from: ts, as: unix_ms}
null: ['', '-']
mask:
  - {each: 'headers[]', where: {name: {fold_in: [authorization]}}, at: value, hash: test.auth_hash}
  - {at: args, params: default}
ignore: {content: [digest]}
filter: 'act:HEALTH'
let:
  hdr: {from: 'headers[]', pivot: [name, value], fold: lower}
  acl: {from: arn, parse: arn}
  hit: {from: 'rules[]', where: {end: present}, pick: last}
fields:
  test.labels: strings
  test.auth_hash: string
  test.raw: string
  test.rules: strings
set:
  event.action: act
  event.outcome: {from: act, map: {ALLOW: success, BLOCK: failure}, else: unknown}
  event.type: {when: [{if: 'act:BLOCK and size >= 10', const: [denied]}], else: {const: [allowed]}}
  source.address: clientIp
  source.ip: clientIp
  cloud.account.id: {first: ['@key.account', $acl.account, '@wrap.account']}
  cloud.region: $acl.region
  url.query: args
  url.original: {join: [uri, {if_any: args, prefix: '?'}]}
  http.request.body.bytes: size
  user_agent.original: $hdr.user-agent
  rule.name: $hit.id
  test.labels: {from: 'labels[].name', distinct: true}
  test.rules: {from: 'rules[]', where: {mode: COUNT}, get: id}
  test.raw: {from: details, as: raw}
rest: {except: [secretish]}
store: {original: keep, bloom: [source.ip], plain: [url.query]}
rollup: {keys: [event.action], top: [source.ip]}
say:
  - if: 'event.action:BLOCK'
    en: '{source.address}[ with {user_agent.original}] was blocked[ by {rule.name}]'
    ja: '{source.address} を遮断[ (規則 {rule.name})]'
  - en: '{source.address} asked {url.original|nothing}'
`

const textType = `
name: test.line
title: Test lines
version: 1
recognise: {content: {like: ['line 9999-99-99T']}, key: [line-logs]}
frame: {text: {split: ' ', quote: '"', quoted: [request, agent], comment: '#', names: [kind, time, client, status, request, agent], min: 5}}
time: {from: time, as: iso8601}
null: ['-']
ignore: {content: {starts: ['line 2026-11-20T00:00:00Z started', 'Enable ']}}
let:
  client: {from: client, parse: host_port}
  req: {from: request, parse: request_line}
set:
  source.address: $client.host
  source.ip: $client.host
  source.port: $client.port
  http.response.status_code: {from: status, required: true}
  http.request.method: $req.method
  url.original: $req.url
rest: {}
store: {original: keep}
`

func compile(t testing.TB, sources ...string) *Set {
	t.Helper()
	var types []*Type
	for _, s := range sources {
		d, err := Parse("logtype.yaml", []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		ty, err := Compile(d, schema.ECS())
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, ty)
	}
	return NewSet(types)
}

// result is all that came of a stream, events in order.
type result struct {
	Events  []string
	Rejects []Reject
	Counts  Counts
}

func dump(batches []*event.Batch) []string {
	type row struct {
		offset int64
		index  int32
		text   string
	}
	var rows []row
	for _, b := range batches {
		for r := range b.Rows {
			var f []string
			for i := range b.Columns {
				if v := b.Columns[i].Value(r); v != nil {
					f = append(f, fmt.Sprintf("%s=%v", b.Columns[i].Name, v))
				}
			}
			if b.Table.Rest {
				from := int32(0)
				if r > 0 {
					from = b.Rest.Ends[r-1]
				}
				for k := from; k < b.Rest.Ends[r]; k++ {
					f = append(f, "~"+b.Rest.KeyDict.Values[b.Rest.Keys[k]]+"="+b.Rest.ValDict.Values[b.Rest.Vals[k]])
				}
			}
			orig := ""
			if b.Table.Original {
				orig = b.Original[r]
			}
			rows = append(rows, row{b.Offset[r], b.Index[r], fmt.Sprintf("%s %s %d day %d | %s | %s", b.Table.LogType,
				event.ID(b.Objects[b.Object[r]], b.Offset[r], b.Index[r]), b.Time[r], b.Day, strings.Join(f, " "), orig)})
		}
	}
	sort.SliceStable(rows, func(i, j int) bool {
		return rows[i].offset < rows[j].offset || rows[i].offset == rows[j].offset && rows[i].index < rows[j].index
	})
	var out []string
	for _, r := range rows {
		out = append(out, r.text)
	}
	return out
}

const objectID = "00000000000000000000"

func read(t testing.TB, set *Set, o Options, key string, data io.Reader, ahead int) result {
	t.Helper()
	o.Now = now
	if o.Unwrap == nil {
		o.Unwrap = envelope.Unwrap
	}
	r := set.NewReader(o)
	if ahead > 0 {
		r.ahead = ahead
	}
	sink := &keepSink{}
	c, err := r.Read(context.Background(), Object{ID: objectID, Key: key}, data, sink)
	if err != nil {
		t.Fatal(err)
	}
	if c.Records != c.Events+c.Filtered+c.Ignored+c.Quarantined {
		t.Fatalf("the counts do not add up: %+v", c)
	}
	rejected := int64(0)
	for _, x := range sink.rejects {
		rejected += x.Records
	}
	if rejected != c.Quarantined {
		t.Fatalf("%d records in rejects, %d counted", rejected, c.Quarantined)
	}
	events := dump(append(sink.batches, r.Flush()...))
	if int64(len(events)) != c.Events {
		t.Fatalf("%d events, %d counted", len(events), c.Events)
	}
	return result{events, sink.rejects, c}
}

func web(i int) string {
	return fmt.Sprintf(`{"ts":%d,"clientIp":"203.0.113.%d","act":"ALLOW","uri":"/%d"}`, 1790000000000+i, i%250, i)
}

func TestFields(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType)
	rec := `{"ts":1790000000123,"clientIp":"::ffff:203.0.113.9","act":"block","size":"12","arn":"arn:aws:wafv2:eu-west-1:123456789012:global/webacl/x/1",` +
		`"uri":"/a\/b","args":"x=1&token=abc%20def&y=2","headers":[{"name":"User-Agent","value":"cu\"rl"},{"name":"AUTHORIZATION","value":"Bearer s3cret"},{"name":"X-Other","value":"v"}],` +
		`"rules":[{"id":"r1","mode":"COUNT"},{"id":"r2","end":{"x":1},"mode":"BLOCK"},{"id":"r3","mode":"COUNT","end":null}],"labels":[{"name":"l1"},{"name":"l2"},{"name":"l1"}],` +
		`"details":[{"a": 1}],"other":{"k":true,"password":"hunter2"},"secretish":{"q":1},"n":null,"dash":"-"}`
	got := read(t, set, Options{}, "web-logs/acct-42/x", strings.NewReader(rec), 0)
	want := result{
		Events: []string{`test.web ` + objectID + `-0-0 1790000000123000000 day 20717 | ` +
			`event.action=block event.outcome=unknown event.type=[denied] source.address=::ffff:203.0.113.9 source.ip=203.0.113.9 cloud.account.id=42 cloud.region=eu-west-1 ` +
			`url.query=x=1&token=*********&y=2 url.original=/a/b?x=1&token=*********&y=2 http.request.body.bytes=12 user_agent.original=cu"rl rule.name=r2 ` +
			`test.labels=[l1 l2] test.rules=[r1 r3] test.raw=[{"a": 1}] test.auth_hash=0c9ae6066b41d371 ` +
			`~headers.authorization=************* ~headers.x-other=v ~rules[].end.x=1 ~other.k=true ~other.password=******* | ` +
			strings.NewReplacer("abc%20def", "*********", "Bearer s3cret", "*************", "hunter2", "*******").Replace(rec)},
		Counts: Counts{Records: 1, Events: 1, Bytes: int64(len(rec)), Types: map[string]int64{"test.web": 1}},
	}
	// What a field reads raw is not in the map as well.
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// TestRecords pins how streams are cut into records and what is rejected.
func TestRecords(t *testing.T) {
	t.Parallel()
	a, b, c := web(1), web(2), web(3)
	line := func(i int) string {
		return fmt.Sprintf(`line 2026-11-20T00:00:%02dZ 203.0.113.%d:80 200 "GET /%d HTTP/1.1" "ag"`, i, i, i)
	}
	pretty := strings.NewReplacer(",", ",\n  ", "{", "{\n  ", "}", "\n}").Replace
	for _, tc := range []struct {
		name, in string
		key      string
		events   int
		counts   Counts   // without Bytes and Types
		rejects  []string // offset+length reason
	}{
		{name: "lines, the last without line break", in: a + "\n" + b, events: 2},
		{name: "CRLF and blank lines", in: a + "\r\n\r\n" + b + "\r\n", events: 2},
		{name: "no separator", in: a + b + c, events: 3},
		{name: "pretty printed", in: pretty(a) + "\n" + pretty(b), events: 2},
		{name: "byte order mark", in: "\xef\xbb\xbf" + a, events: 1},
		{name: "top-level list", in: "[" + a + ",\n" + b + "]\n" + c, events: 3},
		{name: "list of records", in: `{"v":1,"Records":[` + a + "," + b + `],"z":{"Records":[1]}}` + "\n" + c, events: 3},
		{name: "identical lines stay distinct", in: a + "\n" + a + "\n" + a, events: 3},
		{name: "empty list", in: `{"Records":[]}`, events: 0},
		{name: "ignored and filtered", in: `{"digest":1}` + "\n" + strings.Replace(a, "ALLOW", "health", 1) + "\n" + b, events: 1, counts: Counts{Ignored: 1, Filtered: 1}},
		{name: "one bad line", in: a + "\n" + `{"ts":1,"clientIp":tru}` + "\n" + b, events: 2, rejects: []string{fmt.Sprint(len(a)+1, "+23 syntax")}},
		{name: "a line cut off", in: a + "\n" + `{"ts":1,"clientIp":"1.` + "\n" + b, events: 2, rejects: []string{fmt.Sprint(len(a)+1, "+23 syntax")}},
		{name: "a list without end", in: a + "\n" + `{"ts":[1,2` + "\n" + b + "\n" + c, events: 3, rejects: []string{fmt.Sprint(len(a)+1, "+11 syntax")}},
		{name: "bad in the middle, no separators", in: a + `{"ts":nul,"x":1}` + b, events: 2, rejects: []string{fmt.Sprint(len(a), "+16 syntax")}},
		{name: "the stream ends inside a record", in: a + "\n" + b[:20], events: 1, rejects: []string{fmt.Sprint(len(a)+1, "+20 truncated")}},
		{name: "the document ends inside its list", in: `{"Records":[` + a + "," + b, events: 2, rejects: []string{fmt.Sprint(len(a)+len(b)+13, "+0 truncated")}},
		{name: "bad element of a list", in: `{"Records":[` + a + `,{"ts":nul,"r":[{"a":1},{"b":2}]},` + b + `,7,` + c + `]}`, events: 3,
			rejects: []string{fmt.Sprint(13+len(a), "+32 syntax"), fmt.Sprint(13+len(a)+33+len(b)+1, "+1 syntax")}},
		{name: "element with a bracket missing", in: `{"Records":[` + a + `,{"ts":1,"r":[{"a":1},{"b":2}},` + b + `,` + c + `]}`, events: 3,
			rejects: []string{fmt.Sprint(13+len(a), "+30 syntax")}},
		{name: "text between records", in: a + "\nsome garbage\nmore\n" + b, events: 2, rejects: []string{fmt.Sprint(len(a)+1, "+18 unrecognised")}, counts: Counts{Quarantined: 2}},
		{name: "unknown records in a row", in: `{"x":1}` + "\n" + `{"y":2}` + "\n" + a, events: 1, rejects: []string{"0+15 unrecognised"}, counts: Counts{Quarantined: 2}},
		{name: "invalid UTF-8", in: a + "\n" + strings.Replace(b, "ALLOW", "\xff\xfe", 1) + "\n" + c, events: 2, rejects: []string{fmt.Sprint(len(a)+1, "+", len(b)-3, " syntax")}},
		{name: "by key when content decides nothing", in: `{"ts":1790000000000,"odd":1}`, key: "web-logs/1", events: 1},
		{name: "text lines", in: line(1) + "\n" + line(2), events: 2},
		{name: "comments", in: "#Version: 1\n" + line(1) + "\n# x\n", events: 1, counts: Counts{Filtered: 2}},
		{name: "ignored lines", in: "Enable log\n" + line(1) + "\nEnable log\nline 2026-11-20T00:00:00Z started\n" + a, events: 2, counts: Counts{Ignored: 3}},
		{name: "both kinds in one file", in: line(1) + "\n" + a + "\n" + line(2) + "\n", events: 3},
		{name: "too few fields", in: line(1) + "\nline 2026-11-20T00:00:01Z x\n" + line(2), events: 2, rejects: []string{fmt.Sprint(len(line(1))+1, "+28 syntax")}},
		{name: "required field", in: strings.Replace(line(1), " 200 ", " abc ", 1) + "\n" + line(2), events: 1, rejects: []string{"0+67 required"}},
		{name: "appended fields", in: line(1) + ` "new one" 7`, events: 1},
		{name: "quotes that fit nowhere", in: line(1) + "\n" + strings.Replace(line(2), `"ag"`, `"ag`, 1) + "\n" + line(3), events: 2, rejects: []string{fmt.Sprint(len(line(1))+1, "+67 syntax")}},
		{name: "a backslash at the end of a value", in: strings.Replace(line(1), `1" "`, `1\" "`, 1) + "\n" + line(3), events: 2},
		{name: "stray quotes", in: line(1) + "\n" + strings.Replace(line(2), "/2", `/?q="><script>alert("x")</script>`, 1) + "\n" + line(3), events: 3},
		{name: "bad bytes in a line", in: strings.Replace(line(1), "/1", "/\xff", 1), events: 1, counts: Counts{Conversions: 1}},
		{name: "only white space", in: " \n\r\n\t ", events: 0},
		{name: "nothing", in: "", events: 0},
		{name: "binary", in: "\x00\x01\x02\xff{{{[[[\"\n\x1f\x8b{\"a", events: 0, rejects: []string{"0+17 unrecognised"}, counts: Counts{Quarantined: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			set := compile(t, jsonType, textType)
			whole := read(t, set, Options{}, tc.key, strings.NewReader(tc.in), 0)
			want := tc.counts
			want.Events = int64(tc.events)
			if want.Quarantined == 0 {
				want.Quarantined = int64(len(tc.rejects))
			}
			want.Records = want.Events + want.Filtered + want.Ignored + want.Quarantined
			want.Bytes = int64(len(tc.in))
			if diff := cmp.Diff(want, whole.Counts, cmpopts.IgnoreFields(Counts{}, "Types")); diff != "" {
				t.Errorf("counts: %s\n%+v", diff, whole.Rejects)
			}
			var rejects []string
			for _, x := range whole.Rejects {
				rejects = append(rejects, fmt.Sprintf("%d+%d %s", x.Offset, x.Length, x.Reason))
				if x.Length > 0 && int64(len(x.Raw)) != x.Length {
					t.Errorf("%d bytes kept of %d", len(x.Raw), x.Length)
				}
			}
			if diff := cmp.Diff(tc.rejects, rejects, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			// Any way of cutting the stream gives the same.
			rng := rand.New(rand.NewSource(int64(len(tc.in))))
			for n := range 12 {
				var src io.Reader = strings.NewReader(tc.in)
				switch n {
				case 0:
					src = iotest.OneByteReader(src)
				case 1:
					src = iotest.DataErrReader(src)
				default:
					src = &choppy{data: []byte(tc.in), rng: rng}
				}
				got := read(t, set, Options{ChunkBytes: 16 << (n % 6)}, tc.key, src, 1)
				if diff := cmp.Diff(whole, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Reject{}, "Detail")); diff != "" {
					t.Fatalf("in pieces: %s", diff)
				}
			}
		})
	}
}

// TestAnyChunking reads random mixtures of good and bad records whole and in pieces.
func TestAnyChunking(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	rng := rand.New(rand.NewSource(11))
	pieces := []string{web(1), web(2) + "\n", "[" + web(3) + "," + web(4) + "]", `{"Records":[` + web(5) + "," + web(6) + `],"x":[{"y":1}]}`, "\n", " ", "}", "{", "\"", `\`,
		`{"ts":tru}`, `{"a":"`, "garbage", "\x00\xff", `line 2026-11-20T00:00:01Z 1.1.1.1:80 200 "GET / HTTP/1.1" "ag"` + "\n", `line 2026-11-20T00:00:01Z "` + "\n", "#c\n", "]", ",", "\r\n",
		`{"messageType":"CONTROL_MESSAGE","logEvents":[]}` + "\n", `{"Records":[{"bad":tru},` + web(7) + `]}`, `{"digest":1}`}
	for n := range 400 {
		var in strings.Builder
		for range 1 + rng.Intn(12) {
			in.WriteString(pieces[rng.Intn(len(pieces))])
		}
		whole := read(t, set, Options{}, "", strings.NewReader(in.String()), 0)
		got := read(t, set, Options{ChunkBytes: 16 << (n % 8)}, "", &choppy{[]byte(in.String()), rng}, 1)
		if diff := cmp.Diff(whole, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Reject{}, "Detail")); diff != "" {
			t.Fatalf("%q: %s", in.String(), diff)
		}
	}
}

// choppy delivers pieces of random size.
type choppy struct {
	data []byte
	rng  *rand.Rand
}

func (c *choppy) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(len(c.data), 1+c.rng.Intn(60))])
	c.data = c.data[n:]
	return n, nil
}

func TestLineFields(t *testing.T) {
	t.Parallel()
	set := compile(t, textType)
	in := `line 2026-11-20T00:00:01Z [2001:db8::1]:443 200 "GET /?q=\"x\"&token=abc HTTP/1.1" "ag" extra1 "extra 2"` + "\n" +
		`line 2026-11-20T00:00:02Z 2001:db8::2 404 "GET /" "-"`
	got := read(t, set, Options{}, "", strings.NewReader(in), 0)
	want := []string{
		`test.line ` + objectID + `-0-0 1795132801000000000 day 20777 | source.address=2001:db8::1 source.ip=2001:db8::1 source.port=443 http.response.status_code=200 http.request.method=GET url.original=/?q="x"&token=*** ~kind=line ~agent=ag ~extra=extra1 ~extra=extra 2 | ` +
			`line 2026-11-20T00:00:01Z [2001:db8::1]:443 200 "GET /?q=\"x\"&token=*** HTTP/1.1" "ag" extra1 "extra 2"`,
		`test.line ` + objectID + `-2x-0 1795132802000000000 day 20777 | source.address=2001:db8::2 source.ip=2001:db8::2 http.response.status_code=404 http.request.method=GET url.original=/ ~kind=line | line 2026-11-20T00:00:02Z 2001:db8::2 404 "GET /" "-"`,
	}
	if diff := cmp.Diff(want, got.Events); diff != "" {
		t.Error(diff)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType)
	in := strings.Join([]string{
		`{"ts":1000,"clientIp":"1.1.1.1","act":"a"}`,          // 1970
		`{"ts":4102444800000,"clientIp":"1.1.1.1","act":"b"}`, // 2100
		`{"clientIp":"1.1.1.1","act":"c"}`,
		`{"ts":"soon","clientIp":"1.1.1.1","act":"d"}`,
		`{"ts":"1790000000000.5","clientIp":"1.1.1.1","act":"e"}`,
	}, "\n")
	r := read(t, set, Options{}, "", strings.NewReader(in), 0)
	var got []string
	for _, e := range r.Events {
		f := strings.Fields(e)
		keep := []string{f[2]}
		for _, x := range f {
			if strings.HasPrefix(x, "event.time_quality") || strings.HasPrefix(x, "event.created") {
				keep = append(keep, x)
			}
		}
		got = append(got, strings.Join(keep, " "))
	}
	want := []string{
		"1795219200000000000 event.time_quality=out_of_range event.created=1970-01-01",
		"1795219200000000000 event.time_quality=out_of_range event.created=2100-01-01",
		"1795219200000000000 event.time_quality=missing",
		"1795219200000000000 event.time_quality=unreadable",
		"1790000000000500000",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Counts.BadTimes != 4 {
		t.Errorf("%d bad times", r.Counts.BadTimes)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	big := `{"ts":1790000000001,"clientIp":"1.1.1.1","act":"x","password":"hunter2","pad":"` + strings.Repeat("y\\\"", 100_000) + `"}`
	for name, in := range map[string]string{
		"lines":    web(1) + "\n" + big + "\n" + web(2),
		"joined":   web(1) + big + web(2),
		"elements": `{"Records":[` + web(1) + "," + big + "," + web(2) + "]}",
	} {
		r := read(t, set, Options{MaxRecord: 64 << 10, ChunkBytes: 16 << 10}, "", &choppy{[]byte(in), rand.New(rand.NewSource(1))}, 1)
		if len(r.Events) != 2 || len(r.Rejects) != 1 {
			t.Fatalf("%s: %d events, rejects %v", name, len(r.Events), r.Rejects)
		}
		x := r.Rejects[0]
		at := int64(strings.Index(in, big))
		if x.Offset != at || x.Length < int64(len(big)) || x.Length > int64(len(big))+1 || x.Reason != ReasonTooLarge || len(x.Raw) != maxRaw || len(x.SHA256) != 64 {
			t.Errorf("%s: offset %d (want %d) length %d (want %d) reason %s raw %d", name, x.Offset, at, x.Length, len(big), x.Reason, len(x.Raw))
		}
		if bytes.Contains(x.Raw, []byte("hunter2")) {
			t.Errorf("%s: quarantine shows a password", name)
		}
	}
	long := "line 2026-11-20T00:00:01Z " + strings.Repeat("z", 200_000)
	r := read(t, set, Options{MaxRecord: 64 << 10, ChunkBytes: 16 << 10}, "", strings.NewReader(web(1)+"\n"+long+"\n"+web(2)), 1)
	if len(r.Events) != 2 || len(r.Rejects) != 1 || r.Rejects[0].Length != int64(len(long))+1 {
		t.Errorf("a long line: %d events, %+v", len(r.Events), r.Counts)
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	msg := func(s string) string {
		return `{"id":"1","timestamp":1790000000000,"message":` + fmt.Sprintf("%q", s) + `}`
	}
	cwl := func(events ...string) string {
		return `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[` + strings.Join(events, ",") + `]}`
	}
	in := web(0) + "\n" + cwl(msg(web(1)), msg(web(2)), msg("what is this")) + "\n" + `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}` + cwl(msg(web(3)))
	r := read(t, set, Options{}, "", strings.NewReader(in), 0)
	want := Counts{Records: 6, Events: 4, Ignored: 1, Quarantined: 1, Bytes: int64(len(in)), Types: map[string]int64{"test.web": 4}}
	if diff := cmp.Diff(want, r.Counts); diff != "" {
		t.Fatalf("%s %+v", diff, r.Rejects)
	}
	second := int64(len(web(0)) + 1)
	for i, id := range []string{event.ID(objectID, 0, 0), event.ID(objectID, second, 0), event.ID(objectID, second, 1)} {
		if !strings.Contains(r.Events[i], id) {
			t.Errorf("event %d is %.60s, want %s", i, r.Events[i], id)
		}
	}
	if !strings.Contains(r.Events[1], "cloud.account.id=111122223333") {
		t.Errorf("nothing is known of the envelope: %s", r.Events[1])
	}
	if x := r.Rejects[0]; x.Offset != second || x.Index != 2 {
		t.Errorf("rejected at %d %d", x.Offset, x.Index)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType)
	var in strings.Builder
	for i := range 5000 {
		in.WriteString(web(i) + "\n")
	}
	r := set.NewReader(Options{Now: now, BatchBytes: 20_000})
	sink := &keepSink{}
	obj := Object{ID: objectID}
	if _, err := r.Read(context.Background(), obj, strings.NewReader(in.String()), sink); err != nil {
		t.Fatal(err)
	}
	if n := len(sink.batches); n < 10 {
		t.Errorf("cut %d times", n)
	}
	all := append(slices.Clone(sink.batches), r.Flush()...)
	if n := len(dump(all)); n != 5000 {
		t.Errorf("%d events", n)
	}
	// Many days: never more than 64 builders.
	in.Reset()
	for d := range 200 {
		fmt.Fprintf(&in, `{"ts":%d,"clientIp":"1.1.1.1","act":"a"}`+"\n", 1700000000000+int64(d)*86400000)
	}
	sink = &keepSink{}
	if _, err := r.Read(context.Background(), obj, strings.NewReader(in.String()), sink); err != nil {
		t.Fatal(err)
	}
	if len(r.open) > maxBuilders || len(sink.batches) != 192 {
		t.Errorf("%d open, %d cut", len(r.open), len(sink.batches))
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	r := set.NewReader(Options{Now: now})
	sink := &keepSink{}
	one := web(1) + "\n" + web(2)
	if _, err := r.Read(context.Background(), Object{ID: objectID}, strings.NewReader(one), sink); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader(web(3)+"\n"+`line 2026-11-20T00:00:01Z 1.1.1.1 200 "GET / x" "y"`+"\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	c, err := r.Read(context.Background(), Object{ID: objectID}, broken, sink)
	if err != io.ErrUnexpectedEOF || c.Events != 2 {
		t.Fatal(c, err)
	}
	r.Rollback()
	if _, err := r.Read(context.Background(), Object{ID: objectID}, strings.NewReader(web(4)), sink); err != nil {
		t.Fatal(err)
	}
	got := r.Flush()
	want := append(read(t, set, Options{}, "", strings.NewReader(one), 0).Events, read(t, set, Options{}, "", strings.NewReader(web(4)), 0).Events...)
	events := dump(got)
	sort.Strings(events)
	sort.Strings(want)
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}

func TestForcedType(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	r := read(t, set, Options{Type: "test.web"}, "", strings.NewReader(`{"odd":1}`+"\nline 2026-11-20T00:00:01Z 1.1.1.1 200 \"GET / x\" \"y\"\n"), 0)
	if r.Counts.Events != 1 || len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonFrame {
		t.Errorf("%+v %+v", r.Counts, r.Rejects)
	}
	_, err := set.NewReader(Options{Type: "test.wbe"}).Read(context.Background(), Object{}, strings.NewReader("x"), &keepSink{})
	if err == nil {
		t.Error("a wrong type name is no error")
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	ty := compile(t, jsonType).Lookup("test.web")
	for _, c := range []struct {
		lang, want string
		fields     map[string]any
	}{
		{"en", "1.1.1.1 was blocked by r", map[string]any{"source.address": "1.1.1.1", "event.action": "block", "rule.name": "r"}},
		{"ja", "1.1.1.1 を遮断", map[string]any{"source.address": "1.1.1.1", "event.action": "BLOCK"}},
		{"ja", "1.1.1.1 asked nothing", map[string]any{"source.address": "1.1.1.1"}},
	} {
		if got := ty.Sentence(c.lang, c.fields); got != c.want {
			t.Errorf("%s: %s", c.lang, got)
		}
	}
	want := map[string]string{"act": "event.action", "clientIp": "source.address", "args": "url.query", "size": "http.request.body.bytes", "details": "test.raw"}
	if diff := cmp.Diff(want, ty.Aliases()); diff != "" {
		t.Error(diff)
	}
}

// TestReadersShareASet: one set serves readers of several goroutines.
func TestReadersShareASet(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	in := web(1) + "\n" + `{"Records":[` + web(2) + `]}` + "\n" + `line 2026-11-20T00:00:01Z 1.1.1.1 200 "GET / x" "y"`
	want := read(t, set, Options{}, "web-logs/acct-1", strings.NewReader(in), 0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if diff := cmp.Diff(want, read(t, set, Options{}, "web-logs/acct-1", strings.NewReader(in), 0)); diff != "" {
				t.Error(diff)
			}
		})
	}
	wg.Wait()
}

// TestExplainNamesTheMisfit: of a list the element that did not fit is named.
func TestExplainNamesTheMisfit(t *testing.T) {
	t.Parallel()
	src := strings.Replace(jsonType, "  test.raw: {from", "  event.code: hash\n  related.hosts: hosts\n  related.ip: ips\n  related.user: {list: [who, 'users[].name'], distinct: true}\n  test.raw: {from", 1)
	set := compile(t, src)
	var got []FailedConversion
	o := Options{Explain: func(x *Explanation) { got = append(got, x.Failed...) }}
	rec := `{"ts":1790000000001,"clientIp":"1.1.1.1","act":"A","hash":{"a":1},"hosts":[10,{"b":2},"x"],"ips":["1.1.1.1","nan"],"who":"ann","users":[{"name":"bob"},{"name":{"c":3}}],"labels":[{"name":"l"},{"name":{"d":4}}]}`
	r := read(t, set, o, "", strings.NewReader(rec), 0)
	want := []FailedConversion{{"test.labels", schema.String, `{"d":4}`}, {"event.code", schema.String, `{"a":1}`}, {"related.hosts", schema.String, `{"b":2}`},
		{"related.ip", schema.IP, "nan"}, {"related.user", schema.String, `{"c":3}`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r.Counts.Conversions != int64(len(want)) {
		t.Errorf("%d conversions", r.Counts.Conversions)
	}
}

// TestExplain shows what explain is given.
func TestExplain(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	var got []string
	o := Options{Explain: func(x *Explanation) {
		s := fmt.Sprintf("%d+%d %s by %s, %s: %s %s masked %v failed %v", x.Offset, x.Length, x.Type, x.How, x.Frame, x.Outcome, x.Detail, x.Masked, x.Failed)
		for _, f := range x.Fields {
			if f.Name == "url.query" || f.Name == "cloud.region" {
				s += fmt.Sprintf(" %s=%v<-%s", f.Name, f.Value, f.Native)
			}
		}
		got = append(got, s)
	}}
	in := `{"ts":1790000000001,"clientIp":"1.1.1.x","act":"A","args":"token=abc","arn":"arn:aws:wafv2:eu-west-1:1:x"}` + "\n" + strings.Replace(web(2), "ALLOW", "HEALTH", 1) + "\n" + `{"digest":1}` + "\n{]\n"
	read(t, set, o, "", strings.NewReader(in), 0)
	want := []string{
		"0+106 test.web by content, json: event  masked [args] failed [{source.ip ip 1.1.1.x}] cloud.region=eu-west-1<-$acl.region url.query=token=***<-args",
		"107+71 test.web by previous, json: filtered  masked [] failed []",
		"179+12 test.web by previous, json: ignored  masked [] failed []",
		"192+2  by , : quarantined syntax: want a key at byte 1 of the record masked [] failed []",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The limit is exact also for a record that lies whole in a buffer.
func TestTooLargeInsideABuffer(t *testing.T) {
	t.Parallel()
	set := compile(t, jsonType, textType)
	long := strings.Replace(web(3), "{", `{"pad":"`+strings.Repeat("x", 4000)+`",`, 1)
	for _, in := range []string{web(1) + "\n" + long + "\n" + web(2), `{"Records":[` + web(1) + "," + long + "," + web(2) + "]}", long + "\n" + web(1) + "\n" + web(2)} {
		r := read(t, set, Options{MaxRecord: 2000}, "", strings.NewReader(in), 1)
		if len(r.Events) != 2 || r.Counts.Quarantined != 1 || r.Counts.Records != 3 {
			t.Errorf("%.60q: %+v", in, r.Counts)
		}
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonTooLarge || r.Rejects[0].Length > int64(len(long))+1 {
			t.Errorf("%.60q: %+v", in, r.Rejects)
		}
	}
}
