package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHostileTexts: texts made to keep the parser busy end soon, with a reason. The test has no
// clock; without the bounds some of them take minutes.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	var stairs strings.Builder
	for i := range 700 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, text := range map[string]string{
		"items in a line": strings.Repeat("- ", 100_000), "keys in a line": strings.Repeat("? ", 100_000), "tags": strings.Repeat("!a ", 60_000) + "x",
		"anchors": strings.Repeat("&a ", 60_000), "maps in a line": strings.Repeat("a: ", 60_000), "brackets": strings.Repeat("[\n", 60_000),
		"braces": "x: " + strings.Repeat("{a: \n\n\n\n", 20_000), "quotes": "a: '" + strings.Repeat("''", 100_000), "keys": strings.Repeat("a:\n", 80_000),
		"list": "tags:\n" + strings.Repeat("- x\n", 19_000), "stairs": stairs.String(), "not UTF-8": "title: \xff", "too long": strings.Repeat("# x\n", 100_000),
	} {
		if _, list := Parse("hostile", "hostile.yaml", []byte(text)); len(list) == 0 && name != "list" {
			t.Errorf("%s: nothing is wrong with it", name)
		}
	}
}

// TestLargeDefinitionsAreWritten: a definition as large as a page makes it becomes YAML, and that
// is read back.
func TestLargeDefinitionsAreWritten(t *testing.T) {
	t.Parallel()
	d := Definition{Title: Text{EN: "Many", JA: "多い"}}
	for i := range 60 {
		d.Panels = append(d.Panels, Panel{ID: fmt.Sprintf("p%d", i), Title: Text{EN: "a: [x", JA: "{"}, View: "text", Text: Text{EN: strings.Repeat("[x ", 50), JA: "- 1\n- 2\n"}})
	}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	src, list := Parse("many", "many.yaml", text)
	if diff := cmp.Diff(d, src.Definition); diff != "" || len(list) > 0 {
		t.Errorf("%v\n%s", list, diff)
	}
}
