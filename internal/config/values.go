package config

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"
)

// Size is a number of bytes, written as 64MiB, 2GB or a plain number.
type Size int64

var sizeUnits = []struct {
	suffix string
	factor int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// ParseSize reads a size.
func ParseSize(s string) (Size, error) {
	text, factor := strings.TrimSpace(s), int64(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(text, u.suffix); ok {
			text, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 0 || n*float64(factor) > 1<<62 {
		return 0, fmt.Errorf("%q is no size: write a number with a unit, such as 64MiB or 2GB", s)
	}
	return Size(n * float64(factor)), nil
}

func (s Size) String() string {
	for _, u := range []int{3, 2, 1, 0} {
		if f := sizeUnits[u].factor; int64(s) >= f && int64(s)%f == 0 {
			return strconv.FormatInt(int64(s)/f, 10) + sizeUnits[u].suffix
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalYAML reads a size.
func (s *Size) UnmarshalYAML(b []byte) error {
	var text string
	if err := yaml.Unmarshal(b, &text); err != nil {
		return err
	}
	v, err := ParseSize(text)
	*s = v
	return err
}

// MarshalYAML writes the shortest exact form.
func (s Size) MarshalYAML() ([]byte, error) { return []byte(s.String()), nil }

// JSONSchema describes a size to editors.
func (Size) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
		{Type: "string", Pattern: `^[0-9.]+ *(|B|[KMGT]i?B)$`}, {Type: "integer"},
	}}
}

// Duration is a time span, written as 5s, 2m, 1h.
type Duration time.Duration

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(b []byte) error {
	var text string
	if err := yaml.Unmarshal(b, &text); err != nil {
		return err
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no time span: write a number with a unit, such as 5s, 2m or 1h", text)
	}
	*d = Duration(v)
	return nil
}

// String is the shortest form: 12h, not 12h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if t, ok := strings.CutSuffix(s, "m0s"); ok {
		s = t + "m"
	}
	if t, ok := strings.CutSuffix(s, "h0m"); ok {
		s = t + "h"
	}
	return s
}

// MarshalYAML writes the usual form.
func (d Duration) MarshalYAML() ([]byte, error) { return []byte(d.String()), nil }

// JSONSchema describes a duration to editors.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9.]+(ns|us|ms|s|m|h))+$`}
}

// Secret is a value that is never printed. In the file it is text, {env: NAME} or {file: path}.
type Secret struct {
	value     string
	env, file string
}

// NewSecret wraps a value.
func NewSecret(v string) Secret { return Secret{value: v} }

// Set reports whether anything was configured.
func (s Secret) Set() bool { return s.value != "" || s.env != "" || s.file != "" }

// IsZero keeps a secret that is not set out of what is written.
func (s Secret) IsZero() bool { return !s.Set() }

// Reveal returns the value, reading the variable or file it is kept in.
func (s Secret) Reveal() (string, error) {
	switch {
	case s.env != "":
		v, ok := os.LookupEnv(s.env)
		if !ok {
			return "", fmt.Errorf("reading a secret: the environment variable %s is not set", s.env)
		}
		return v, nil
	case s.file != "":
		b, err := os.ReadFile(s.file)
		if err != nil {
			return "", fmt.Errorf("reading a secret: %w", err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	return s.value, nil
}

// String never shows the value.
func (s Secret) String() string {
	switch {
	case s.env != "":
		return "(from environment " + s.env + ")"
	case s.file != "":
		return "(from file " + s.file + ")"
	case s.value != "":
		return "(secret)"
	}
	return ""
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return s.String() }

// UnmarshalYAML reads one of the three forms.
func (s *Secret) UnmarshalYAML(b []byte) error {
	var text string
	if err := yaml.Unmarshal(b, &text); err == nil {
		s.value = text
		return nil
	}
	var from struct {
		Env  string `yaml:"env"`
		File string `yaml:"file"`
	}
	if err := yaml.UnmarshalWithOptions(b, &from, yaml.Strict()); err != nil {
		return fmt.Errorf("a secret is text, {env: NAME} or {file: path}")
	}
	if (from.Env == "") == (from.File == "") {
		return fmt.Errorf("a secret is text, {env: NAME} or {file: path}")
	}
	s.env, s.file = from.Env, from.File
	return nil
}

// MarshalYAML shows where the value comes from, never the value.
func (s Secret) MarshalYAML() ([]byte, error) { return yaml.Marshal(s.String()) }

// JSONSchema describes a secret to editors.
func (Secret) JSONSchema() *jsonschema.Schema {
	named := func(k string) *jsonschema.Schema {
		p := jsonschema.NewProperties()
		p.Set(k, &jsonschema.Schema{Type: "string"})
		return &jsonschema.Schema{Type: "object", Properties: p, Required: []string{k}, AdditionalProperties: jsonschema.FalseSchema}
	}
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string"}, named("env"), named("file")}}
}
