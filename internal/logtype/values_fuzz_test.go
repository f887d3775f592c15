package logtype

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const everyTransform = `name: test.values
title: X
version: 1
recognise: {content: [v]}
frame: json
let:
  url: {from: v, parse: url}
  arn: {from: v, parse: arn}
  kv: {from: v, parse: kv}
  hp: {from: v, parse: host_port}
  ipp: {from: v, parse: ip_port}
  req: {from: v, parse: request_line}
  dis: {from: v, parse: {dissect: '%{a}/%{b} %{c}'}}
  rx: {from: v, parse: {regex: '(?P<last>[^/]+)$'}}
  json: {from: v, decode: json}
fields: {test.all: strings, test.n: float, test.t: time, test.ip: ip}
set:
  test.all:
    list: [$url.host, $url.port, $url.path, $url.query, $arn.account, $arn.resource_id, $kv.a, $hp.host, $hp.port, $ipp.ip, $ipp.port, $req.method, $req.url, $req.version,
      $dis.b, $dis.c, $rx.last, $json.a.b, {from: v, decode: base64}, {from: v, decode: url}, {from: v, split: ',', index: -1}, {from: v, after_last: /, upper: true}]
  test.n: {from: v, scale: 0.5}
  test.t: {from: v, as: iso8601}
  test.ip: v
rest: {}
`

// FuzzTransforms: whatever text a value is, its record becomes an event.
func FuzzTransforms(f *testing.F) {
	for _, s := range []string{"", "https://u:p@[2001:db8::1]:8443/a/b?q=1#f", "arn:aws:iam::1:role/a/b", `a=1 b="two \" words" c`, "203.0.113.9:80", "[::1]:", "GET / HTTP/1.1",
		"a/b c", `{"a":{"b":[1]}}`, "{{", "aGVsbG8=", "%zz%41", "1e309", "2026-11-20T10:02:03,5+09:00", "::ffff:1.2.3.4%eth0", "\x00\xff", "arn:::::", "://", "=", "\"", "\\"} {
		f.Add(s)
	}
	set := compile(f, everyTransform)
	f.Fuzz(func(t *testing.T, v string) {
		if len(v) > 1<<12 {
			return
		}
		b, err := json.Marshal(map[string]any{"v": v})
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, set, Options{}, "", strings.NewReader(string(b)), 0)
		if r.Counts.Events != 1 || r.Counts.Records != 1 {
			t.Fatalf("%+v %+v", r.Counts, r.Rejects)
		}
	})
}

// FuzzTimes: what Go reads as a time of RFC 3339 is the same time here, and nothing panics.
func FuzzTimes(f *testing.F) {
	for _, s := range []string{"2026-11-20T01:02:03Z", "2026-11-20T10:02:03.123456789+09:00", "2024-02-29T23:59:59-12:00", "2026-11-20", "20/Nov/2026:10:02:03 +0900",
		"1795136523.25", "-1.5", "9e99", "0000-00-00T00:00:00Z", "2026-11-20T24:00:00Z", "99999999999999999999", "2024-02-19T3:59:59-22:00", ""} {
		f.Add(s)
	}
	var others []func(string) (int64, bool)
	for _, as := range []string{"clf", "unix_s", "unix_ms", "unix_us", "unix_ns", "layout:Jan 2, 2006, 03:04:05 PM"} {
		others = append(others, newTimeReader(as))
	}
	iso := newTimeReader("iso8601")
	f.Fuzz(func(t *testing.T, s string) {
		for _, read := range others {
			read(s)
		}
		got, ok := iso(s)
		want, err := time.Parse(time.RFC3339Nano, s)
		// Parse takes hours of one digit, and zones that no place has.
		if _, off := want.Zone(); err != nil || s[13] != ':' || off < -18*3600 || off > 18*3600 || strings.HasSuffix(s, ":60") || want.Year() < 1900 || want.Year() > 2200 {
			return
		}
		if !ok || got != want.UnixNano() {
			t.Fatalf("%q: %d %t, want %d", s, got, ok, want.UnixNano())
		}
	})
}
