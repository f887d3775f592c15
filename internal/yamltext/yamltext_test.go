package yamltext

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"
)

// hostile are texts that would keep the library busy for a minute or an hour, before and unit.
var hostile = [][2]string{
	{"", "- "}, {"", "["}, {"", "{"}, {"", "[- "}, {"", "? "}, {"", "a: "}, {"", "a: ["}, {"", "<<: ["}, {"", "\r\n["}, {"", "!a ["}, {"", "&a "}, {"", "\"\t"},
	{"", "%"}, {"", "@"}, {"", "`"}, {"", "---\n...\n"}, {"", "|\n a\n---\n"}, {"", "\"a\" "}, {"", "'a': b\n"}, {"", "[]"}, {"", "- a\n"},
	{"a: |\n", ">"}, {"a: |\n", "%"}, {"a: |\n", "\n"}, {"a: |\n", "\"a\" "}, {"[", ","}, {"{", ","}, {"{", "{}"}, {"\"", " #\n"}, {"a:\n", "  a: b\n"},
}

func TestDearTextsAreRefused(t *testing.T) {
	t.Parallel()
	for _, h := range hostile {
		_, err := Parse([]byte(h[0] + strings.Repeat(h[1], 1_000_000/len(h[1]))))
		if bad := (*Error)(nil); !errors.As(err, &bad) || bad.Line < 1 || bad.Column < 1 {
			t.Errorf("%q and many %q: %v", h[0], h[1], err)
		}
	}
}

// TestShippedTextsAreCheap: what people write is far from the bounds.
func TestShippedTextsAreCheap(t *testing.T) {
	t.Parallel()
	n := 0
	err := filepath.WalkDir("../../content", func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		n++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var b Budget
		if _, err := b.Parse(text, parser.AllowDuplicateMapKey()); err != nil || b.spent > 0.1 {
			t.Errorf("%s takes %.3f of the budget: %v", path, b.spent, err)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestDocumentsShareABudget(t *testing.T) {
	t.Parallel()
	var b Budget
	third := []byte(strings.Repeat("a: b\n", 3_000))
	if err := errors.Join(b.Check(third), b.Check(nil)); err != nil {
		t.Error(err)
	}
	if err := b.Check([]byte(strings.Repeat("a: b\n", 5_500))); err == nil {
		t.Error("more than the budget was taken")
	}
	if err := b.Check([]byte("a: b\n")); err != nil {
		t.Errorf("what was refused has cost something: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("a: 1\nb: [1, 2\nc: }\n"))
	if bad := (*Error)(nil); !errors.As(err, &bad) || bad.Line < 2 || strings.Contains(bad.Text, "\n") {
		t.Errorf("%v", err)
	}
	for _, prose := range []string{"a: " + strings.Repeat("see [1 and {2 ", 200), "a: |\n" + strings.Repeat("  - [x] it's 100 % `done`\n", 300)} {
		if err := Check([]byte(prose)); err != nil {
			t.Errorf("%.40q…: %v", prose, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, h := range hostile {
		f.Add([]byte(h[0] + strings.Repeat(h[1], 20)))
	}
	f.Add([]byte("a: 1\nb: [1, {c: d}]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse(text)
		if bad := (*Error)(nil); (err == nil) != (file != nil) || err != nil && !errors.As(err, &bad) {
			t.Errorf("%v, %v", file, err)
		}
	})
}
