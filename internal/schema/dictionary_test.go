package schema_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/schema"
)

func TestECSTableIsWhole(t *testing.T) {
	t.Parallel()
	d := schema.ECS()
	names := d.Names()
	if len(names) < 500 {
		t.Fatalf("%d fields, want 500 or more", len(names))
	}
	for _, n := range names {
		kind, _ := d.Lookup(n)
		if kind == 0 || kind == schema.Map {
			t.Errorf("%s: kind %s", n, kind)
		}
		if d.Describe(n) == "" || d.DescribeJA(n) == "" {
			t.Errorf("%s: a description is missing", n)
		}
		if strings.ToLower(n) != n || strings.ContainsAny(n, " -") {
			t.Errorf("%s: odd characters in the name", n)
		}
		for p := n; strings.Contains(p, "."); {
			p = p[:strings.LastIndexByte(p, '.')]
			if _, ok := d.Lookup(p); ok {
				t.Errorf("%s lies below the field %s", n, p)
			}
		}
	}
}

func TestECSListFields(t *testing.T) {
	t.Parallel()
	d := schema.ECS()
	for name, want := range map[string]schema.Kind{
		"event.category": schema.Strings, "event.type": schema.Strings, "tags": schema.Strings,
		"related.ip": schema.IPs, "related.user": schema.Strings, "related.hosts": schema.Strings, "related.hash": schema.Strings,
		"yagura.forwarded_for": schema.Strings, "yagura.lists": schema.Strings, "event.time_quality": schema.String,
		"source.geo.location.lat": schema.Float, "@timestamp": schema.Time, "source.ip": schema.IP,
		"http.response.status_code": schema.Int, "event.action": schema.String,
	} {
		if got, _ := d.Lookup(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestEnrichmentFieldsAreInTheDictionary(t *testing.T) {
	t.Parallel()
	d := schema.ECS()
	declared := []schema.Field{
		{Name: "source.ip", Kind: schema.IP}, {Name: "destination.ip", Kind: schema.IP}, {Name: "server.ip", Kind: schema.IP},
		{Name: "yagura.forwarded_for", Kind: schema.Strings}, {Name: "user_agent.original", Kind: schema.String},
		{Name: "cloud.account.id", Kind: schema.String},
	}
	withClient := append(slices.Clone(declared), schema.Field{Name: "client.ip", Kind: schema.IP})
	for _, f := range append(schema.EnrichmentFields(declared), schema.EnrichmentFields(withClient)...) {
		if got, ok := d.Lookup(f.Name); !ok || got != f.Kind {
			t.Errorf("%s: dictionary says %s, enrichment %s", f.Name, got, f.Kind)
		}
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	d := schema.ECS()
	own := []schema.Field{{Name: "aws.waf.labels", Kind: schema.Strings}}
	if err := d.Extend("aws.waf", "waf/logtype.yaml", 7, own); err != nil {
		t.Fatal(err)
	}
	if err := d.Extend("aws.other", "other/logtype.yaml", 3, own); err != nil {
		t.Fatalf("same kind again: %v", err)
	}
	if got, _ := d.Declared("aws.waf.labels"); got != (schema.Place{Owner: "aws.waf", File: "waf/logtype.yaml", Line: 7}) {
		t.Errorf("declared at %v", got)
	}

	before := d.Clone()
	err := d.Extend("x.y", "y/logtype.yaml", 9, []schema.Field{
		{Name: "aws.waf.labels", Kind: schema.Int},
		{Name: "aws.waf", Kind: schema.String},
		{Name: "source.ip.text", Kind: schema.String},
		{Name: "x.y.fine", Kind: schema.Int},
	})
	want := strings.Join([]string{
		"field aws.waf.labels is int in x.y (y/logtype.yaml:9) but strings in aws.waf (waf/logtype.yaml:7): a field has one kind everywhere",
		"field aws.waf declared by x.y (y/logtype.yaml:9) clashes with aws.waf.labels declared by aws.waf (waf/logtype.yaml:7): one name cannot be a value and hold other fields",
		"field source.ip.text declared by x.y (y/logtype.yaml:9) clashes with source.ip declared by ECS: one name cannot be a value and hold other fields",
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	var clash *schema.ClashError
	if !errors.As(err, &clash) || clash.OtherPlace.Owner != "aws.waf" {
		t.Errorf("clash = %+v", clash)
	}
	if _, ok := d.Lookup("x.y.fine"); !ok {
		t.Error("a field without a clash was not added")
	}
	if _, ok := before.Lookup("x.y.fine"); ok {
		t.Error("the clone changed with its origin")
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	d := schema.ECS()
	for in, want := range map[string]string{
		"source.pi":                 "source.ip",
		"Source.IP":                 "source.ip",
		"event.catgory":             "event.category",
		"http.response.status-code": "http.response.status_code",
		"status_code":               "http.response.status_code",
		"useragent.original":        "user_agent.original",
		"completely.other.thing":    "",
		"":                          "",
		strings.Repeat("x", 10000):  "",
	} {
		if got := d.Suggest(in); got != want {
			t.Errorf("Suggest(%.40q) = %q, want %q", in, got, want)
		}
	}
}
