package dashboard

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var fence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestDocumentation: the pages name every key, view and option, and their dashboards are good.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../docs/dashboards.md", "../../docs/dashboards.ja.md"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, v := range []any{Definition{}, Variable{}, Panel{}, NamedQuery{}, Minus{}, Size{}, Options{}} {
			for _, name := range jsonNames(reflect.TypeOf(v)) {
				if !strings.Contains(text, "`"+name+"`") {
					t.Errorf("%s: %T: `%s` is not described", file, v, name)
				}
			}
		}
		for _, r := range rules {
			row := ""
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, "| `"+string(r.view)+"` |") && strings.Count(line, "|") == 4 {
					row = line
				}
			}
			if row == "" {
				t.Errorf("%s: view %s is not described", file, r.view)
				continue
			}
			cell := strings.Split(row, "|")[3]
			if want := strings.Fields(strings.ReplaceAll(cell, "`", "")); !reflect.DeepEqual(want, append([]string{}, r.options...)) {
				t.Errorf("%s: options of %s: %v, the program knows %v", file, r.view, want, r.options)
			}
		}
		for name, values := range optionValues {
			for _, v := range append(values, compareKinds...) {
				if !strings.Contains(text, "`"+v+"`") {
					t.Errorf("%s: %s: `%s` is not described", file, name, v)
				}
			}
		}
		blocks := fence.FindAllStringSubmatch(text, -1)
		if len(blocks) == 0 {
			t.Errorf("%s: no example", file)
		}
		for _, b := range blocks {
			o := options()
			o.Fields, o.Types = nil, nil
			src, list := Parse("doc", file, []byte(b[1]))
			if len(list) == 0 {
				_, list = Compile(src, o)
			}
			for _, p := range list {
				t.Error(p)
			}
		}
	}
}
