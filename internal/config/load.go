package config

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"

	"github.com/yagura-siem/yagura/internal/yamltext"
)

// Load reads a file (none when name is empty), applies YAGURA_* variables, validates, and makes paths
// absolute. An unknown key is an error with its place and the nearest known one.
func Load(name string, environ []string) (Config, error) {
	c := Default()
	if name != "" {
		b, err := os.ReadFile(name)
		if err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %w", err)
		}
		if err := Decode(name, b, &c); err != nil {
			return Config{}, err
		}
	}
	if err := override(&c, environ); err != nil {
		return Config{}, err
	}
	if err := c.Validate(); err != nil {
		if name != "" {
			return Config{}, fmt.Errorf("%s: %w", name, err)
		}
		return Config{}, err
	}
	base, err := Folder(name)
	if err != nil {
		return Config{}, err
	}
	c.Resolve(base)
	return c, nil
}

// Decode reads YAML over c, strictly.
func Decode(name string, b []byte, c *Config) error {
	if err := yamltext.Check(b); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	before := *c
	err := yaml.UnmarshalWithOptions(b, c, yaml.Strict(), yaml.DisallowUnknownField())
	if err == nil {
		keepUnset(c, before)
		return nil
	}
	text := yaml.FormatError(err, false, true)
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		if s := nearest(m[1], keys(reflect.TypeFor[Config](), map[string]bool{})); s != "" {
			text += fmt.Sprintf("\ndid you mean %q?", s)
		}
	}
	return fmt.Errorf("reading %s: %w", name, errors.New(strings.TrimSpace(text)))
}

// keepUnset puts back what a null (a file or section of which every line is commented out) emptied.
func keepUnset(c *Config, before Config) {
	if reflect.ValueOf(*c).IsZero() {
		*c = before
		return
	}
	if c.Intake == (Intake{}) {
		c.Intake = before.Intake
	}
	if c.Query == (Query{}) {
		c.Query = before.Query
	}
	if reflect.ValueOf(c.Auth).IsZero() {
		c.Auth = before.Auth
	}
}

var unknownKey = regexp.MustCompile(`unknown field "([^"]+)"`)

// override sets scalar fields from variables: YAGURA_LISTEN, YAGURA_QUERY_MEMORY, …
func override(c *Config, environ []string) error {
	known := map[string]reflect.Value{}
	scalars(reflect.ValueOf(c).Elem(), "YAGURA", known)
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		f, ok := known[k]
		if !ok {
			continue // other YAGURA_ variables belong to commands and tests
		}
		if err := yaml.Unmarshal([]byte(v), f.Addr().Interface()); err != nil {
			return fmt.Errorf("reading the environment variable %s: %s", k, yaml.FormatError(err, false, false))
		}
	}
	return nil
}

func scalars(v reflect.Value, prefix string, out map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := prefix + "_" + strings.ToUpper(yamlName(f))
		switch f.Type.Kind() {
		case reflect.Struct:
			scalars(v.Field(i), name, out)
		case reflect.Slice:
		default:
			out[name] = v.Field(i)
		}
	}
}

func yamlName(f reflect.StructField) string {
	n, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return n
}

func keys(t reflect.Type, into map[string]bool) map[string]bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return keys(t.Elem(), into)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && yamlName(f) != "" {
				into[yamlName(f)] = true
				keys(f.Type, into)
			}
		}
	}
	return into
}

// nearest returns the known word with the smallest edit distance, if it is near enough.
func nearest(word string, known map[string]bool) string {
	best, bestD := "", len(word)/2+1
	for k := range known {
		if d := distance(word, k); d < bestD || d == bestD && best != "" && k < best {
			best, bestD = k, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			d := diag
			if a[i-1] != b[j-1] {
				d++
			}
			diag, row[j] = row[j], min(d, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// Show returns the configuration in force as YAML, secrets redacted.
func (c Config) Show() ([]byte, error) { return yaml.Marshal(c) }

//go:embed example.yaml
var example []byte

// Example is a commented file to start from.
func Example() []byte { return bytes.Clone(example) }

// Schema is the JSON Schema of the file, for editors.
func Schema() ([]byte, error) {
	r := &jsonschema.Reflector{FieldNameTag: "yaml", ExpandedStruct: true, RequiredFromJSONSchemaTags: true}
	s := r.Reflect(&Config{})
	s.Title = "Yagura configuration"
	return json.MarshalIndent(s, "", "  ")
}
