package logtype

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yagura-siem/yagura/internal/schema"
)

const sigmaType = `name: test.web
title: Test
version: 1
recognise: {content: [act]}
frame: json
set: {event.action: act, url.path: uri}
sigma:
  sources:
    - {product: test, category: webserver}
    - {service: web}
  fields: {cs-uri-stem: url.path, cs-uri: [url.path, event.action]}
`

func TestSigma(t *testing.T) {
	t.Parallel()
	d, err := Parse("logtype.yaml", []byte(sigmaType))
	if err != nil {
		t.Fatal(err)
	}
	ty, err := Compile(d, schema.ECS())
	if err != nil {
		t.Fatal(err)
	}
	want := Sigma{
		Sources: []SigmaSource{{Pos{9, 7}, "test", "webserver", ""}, {Pos{10, 7}, "", "", "web"}},
		Fields: []SigmaField{
			{Located{"cs-uri-stem", Pos{11, 12}}, []Located{{"url.path", Pos{11, 25}}}},
			{Located{"cs-uri", Pos{11, 35}}, []Located{{"url.path", Pos{11, 44}}, {"event.action", Pos{11, 54}}}},
		},
	}
	if diff := cmp.Diff(want, ty.Def.Sigma); diff != "" {
		t.Error(diff)
	}
	for src, want := range map[string]string{
		strings.Replace(sigmaType, "url.path, cs-uri", "url.pth, cs-uri", 1): "url.pth is no field of this log type (did you mean url.path?)",
		strings.Replace(sigmaType, "{service: web}", "{}", 1):                "a log source names a product, a category or a service",
		strings.Replace(sigmaType, "service: web", "sevice: web", 1):         "did you mean service?",
	} {
		d, err := Parse("logtype.yaml", []byte(src))
		if err == nil {
			_, err = Compile(d, schema.ECS())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
