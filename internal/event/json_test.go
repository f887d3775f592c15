package event_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

func sampleBatch() *event.Batch {
	t := schema.NewTable("aws.waf", 1, []schema.Field{
		{Name: "source.ip", Kind: schema.IP},
		{Name: "source.geo.location.lat", Kind: schema.Float, Derived: true},
		{Name: "source.geo.location.lon", Kind: schema.Float, Derived: true},
		{Name: "related.ip", Kind: schema.IPs},
		{Name: "aws.waf.labels", Kind: schema.Strings},
		{Name: "http.request.id", Kind: schema.String, Plain: true},
		{Name: "http.response.status_code", Kind: schema.Int},
		{Name: "tls.established", Kind: schema.Bool},
		{Name: "event.created", Kind: schema.Time},
	})
	t.Original, t.Rest = true, true
	b := event.NewBatch(t, event.DayOf(1_700_000_000_000_000_000))
	obj := b.AddObject("aaaaaaaaaaaaaaaaaaaa")
	for row := range 2 {
		b.Time = append(b.Time, 1_700_000_000_123_000_000)
		b.Object, b.Offset, b.Index = append(b.Object, obj), append(b.Offset, int64(row)*100), append(b.Index, 0)
	}
	b.Rows = 2
	b.Original = []string{"", `{"a":"<b>"}`}
	b.Column("source.ip").SetText(1, []byte("2001:db8::1"))
	b.Column("source.geo.location.lat").SetFloat(1, 35.5)
	b.Column("source.geo.location.lon").SetFloat(1, -0.25)
	b.Column("related.ip").Pad(1)
	b.Column("related.ip").AddText([]byte("2001:db8::1"))
	b.Column("related.ip").AddText([]byte("192.0.2.1"))
	b.Column("related.ip").CloseList(1)
	b.Column("http.request.id").SetText(1, []byte("r\x01\"\\\n\xff\u2028日本"))
	b.Column("http.response.status_code").SetInt(1, 403)
	b.Column("tls.established").SetInt(1, 0)
	b.Column("event.created").SetInt(1, 1_700_000_000_123_456_789)
	b.Rest.Ends = []int32{0}
	b.Rest.Keys = []int32{b.Rest.KeyDict.Code([]byte("httpRequest.fragment")), b.Rest.KeyDict.Code([]byte("x[].y")), b.Rest.KeyDict.Code([]byte("x[].y"))}
	b.Rest.Vals = []int32{b.Rest.ValDict.Code([]byte("top")), b.Rest.ValDict.Code([]byte("1")), b.Rest.ValDict.Code([]byte("2"))}
	b.Seal()
	return b
}

func TestAppendJSONOfBatch(t *testing.T) {
	t.Parallel()
	b := sampleBatch()
	got := string(event.AppendJSON(nil, b.Document(0), ""))
	want := `{"@timestamp":"2023-11-14T22:13:20.123Z","event":{"id":"aaaaaaaaaaaaaaaaaaaa-0-0","module":"aws.waf"}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	doc := b.Document(1)
	doc["yagura.sentence.en"] = "2001:db8::1 asked"
	got = string(event.AppendJSON(nil, doc, "  "))
	want = `{
  "@timestamp": "2023-11-14T22:13:20.123Z",
  "event": {
    "created": "2023-11-14T22:13:20.123456789Z",
    "id": "aaaaaaaaaaaaaaaaaaaa-2s-0",
    "module": "aws.waf",
    "original": "{\"a\":\"<b>\"}"
  },
  "http": {
    "request": {
      "id": "r\u0001\"\\\n` + "\ufffd" + `\u2028日本"
    },
    "response": {
      "status_code": 403
    }
  },
  "related": {
    "ip": ["2001:db8::1", "192.0.2.1"]
  },
  "source": {
    "geo": {
      "location": {
        "lat": 35.5,
        "lon": -0.25
      }
    },
    "ip": "2001:db8::1"
  },
  "tls": {
    "established": false
  },
  "yagura": {
    "native": {
      "httpRequest.fragment": "top",
      "x[].y": "1,2"
    },
    "sentence": {
      "en": "2001:db8::1 asked"
    }
  }
}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAppendJSONOddDocuments(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		doc  event.Document
		want string
	}{
		"empty":            {event.Document{}, `{}`},
		"value and object": {event.Document{"a": "1", "a-b": "2", "a.b": "3", "a.b.c": "4", "b.c": int64(5)}, `{"a":"1","a-b":"2","a.b":"3","a.b.c":"4","b":{"c":5}}`},
		"deep clash":       {event.Document{"x.a": true, "x.a.b.c": "v", "x.b": "w"}, `{"x":{"a":true,"a.b.c":"v","b":"w"}}`},
		"odd names":        {event.Document{"": "e", ".a": "1", "b.": "2", "c..d": "3", "e": "5"}, `{"":"e",".a":"1","b.":"2","c..d":"3","e":"5"}`},
		"numbers":          {event.Document{"a": math.NaN(), "b": math.Inf(-1), "c": 1e300, "d": 0.1, "e": int64(math.MinInt64)}, `{"a":null,"b":null,"c":1e+300,"d":0.1,"e":-9223372036854775808}`},
		"unknown types":    {event.Document{"a": struct{}{}, "b": nil, "c.d": complex(1, 1), "e": "f"}, `{"e":"f"}`},
		"nested":           {event.Document{"a": []any{map[string]any{"b.c": "d"}, nil, "e"}, "f": []string{}}, `{"a":[{"b":{"c":"d"}},"e"],"f":[]}`},
		"zone":             {event.Document{"t": time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("JST", 9*3600))}, `{"t":"2026-01-01T18:04:05.000Z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(event.AppendJSON(nil, tc.doc, ""))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if !json.Valid([]byte(got)) {
				t.Error("no JSON")
			}
			if in := event.AppendJSON(nil, tc.doc, "\t"); !json.Valid(in) {
				t.Errorf("no JSON when indented: %s", in)
			}
		})
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("a.b", "x", "a", "y", "a.b.c", "z")
	f.Add("", "\xff", ".", "\"", "..", "\\")
	f.Add("a", "", "a.", "\u2029", "b", "\x7f")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, k3, v3 string) {
		doc := event.Document{k1: v1, k2: v2, k3: []string{v3, v1}}
		out := event.AppendJSON(nil, doc, "")
		if !json.Valid(out) {
			t.Fatalf("%q gives %s", doc, out)
		}
		if again := event.AppendJSON(nil, doc, ""); string(again) != string(out) {
			t.Fatal("not stable")
		}
	})
}

func FuzzAppendJSONString(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f", "\"\\/", "日本\u2028", "\xed\xa0\x80", "a\xffb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(event.AppendJSONString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); back != want && strings.ReplaceAll(back, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Fatalf("%q comes back as %q", s, back)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	batch := sampleBatch()
	var buf []byte
	for b.Loop() {
		buf = event.AppendJSON(buf[:0], batch.Document(1), "")
	}
	b.SetBytes(int64(len(buf)))
}
