package config

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the reference page")

const page = "../../docs/configuration.md"

// TestReferencePage proves that the page says what the comments of the fields say.
func TestReferencePage(t *testing.T) {
	t.Parallel()
	want := reference(t)
	if *update {
		if err := os.WriteFile(filepath.FromSlash(page), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(filepath.FromSlash(page))
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not current: run make gen", page)
	}
}

const intro = `# Configuration

<!-- Written from the comments in internal/config/config.go by make gen; do not edit. -->

One YAML file, named by ` + "`--config`" + ` or the variable ` + "`YAGURA_CONFIG`" + `. Every key has a default: without a file Yagura keeps its data in
` + "`yagura-data/`" + ` and watches ` + "`yagura-data/inbox/`" + `. ` + "`--data`" + ` on the command line names another data folder.

- ` + "`yagura config init FILE`" + ` writes a commented file to start from, ` + "`config check`" + ` says all that is wrong with one, ` + "`config show`" + ` shows what is in
  force, ` + "`config schema`" + ` prints a JSON Schema for editors.
- Unknown keys are errors. Relative paths count from the folder of the file (without a file: from the working folder).
- A variable, where one is named, wins over the file; ` + "`--data`" + ` wins over both.
- Sizes are written as ` + "`64MiB`" + ` or ` + "`2GB`" + `, spans as ` + "`5s`" + `, ` + "`2m`" + `, ` + "`1h`" + `. A secret is text, ` + "`{env: NAME}`" + ` or ` + "`{file: path}`" + `, and is never shown.
- How folders and buckets are read: [sources](sources.md); what the tables add to events: [enrichment](enrichment.md).
`

func reference(t *testing.T) string {
	t.Helper()
	about, docs := comments(t)
	var b strings.Builder
	b.WriteString(intro)
	section(t, &b, reflect.ValueOf(Default()), "", "YAGURA", about, docs)
	b.WriteString("\n## Example\n\n```yaml\n" + string(Example()) + "```\n")
	return b.String()
}

// section writes the table of one struct, then those of the structs in it.
func section(t *testing.T, b *strings.Builder, v reflect.Value, prefix, variable string, about, docs map[string]string) {
	t.Helper()
	type inner struct {
		v            reflect.Value
		prefix, name string
	}
	var below []inner
	typ := v.Type()
	title := strings.TrimSuffix(prefix, ".")
	if title == "" {
		fmt.Fprint(b, "\n## The file\n\n")
	} else {
		fmt.Fprintf(b, "\n## %s\n\n%s\n\n", title, plain(typ.Name(), docs[typ.Name()]))
	}
	inList := strings.HasSuffix(title, "[]")
	if inList {
		b.WriteString("| key | kind | meaning |\n|---|---|---|\n")
	} else {
		b.WriteString("| key | kind | default | variable | meaning |\n|---|---|---|---|---|\n")
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		text := about[typ.Name()+"."+f.Name]
		if text == "" {
			t.Errorf("%s.%s has no comment for the reference page", typ.Name(), f.Name)
		}
		key := yamlName(f)
		kind, def, env := "", "", ""
		switch {
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Secret]():
			below = append(below, inner{v.Field(i), prefix + key + ".", variable + "_" + strings.ToUpper(key)})
			kind = "section"
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			below = append(below, inner{reflect.Zero(f.Type.Elem()), prefix + key + "[].", ""})
			kind = "list of sections"
		default:
			kind = kindName(f.Type)
			if !v.Field(i).IsZero() || f.Type.Kind() == reflect.Int || f.Type.Kind() == reflect.Bool {
				def = fmt.Sprintf("`%v`", v.Field(i).Interface())
			}
			if f.Type.Kind() != reflect.Slice && variable != "" {
				env = "`" + variable + "_" + strings.ToUpper(key) + "`"
			}
		}
		text = strings.ReplaceAll(strings.TrimSpace(text), "\n", " ")
		text = plain(f.Name, text)
		if inList {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", key, kind, text)
		} else {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", key, kind, def, env, text)
		}
	}
	for _, s := range below {
		section(t, b, s.v, s.prefix, s.name, about, docs)
	}
}

// plain drops the name a Go comment begins with: the table or heading above names it already.
func plain(name, text string) string {
	rest, ok := strings.CutPrefix(text, name+" ")
	if !ok || strings.HasPrefix(rest, "of ") {
		return text
	}
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}

func kindName(typ reflect.Type) string {
	switch typ {
	case reflect.TypeFor[Size]():
		return "size"
	case reflect.TypeFor[Duration]():
		return "span"
	case reflect.TypeFor[Secret]():
		return "secret"
	}
	switch typ.Kind() {
	case reflect.Slice:
		return "list of texts"
	case reflect.Bool:
		return "true, false"
	case reflect.Int:
		return "number"
	}
	return "text"
}

// comments reads config.go: the comment of each field by "Type.Field", and of each type.
func comments(t *testing.T) (fields, types map[string]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	fields, types = map[string]string{}, map[string]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			ts, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			st, ok := ts.Type.(*ast.StructType)
			if !ok {
				continue
			}
			types[ts.Name.Name] = strings.ReplaceAll(strings.TrimSpace(g.Doc.Text()), "\n", " ")
			for _, f := range st.Fields.List {
				for _, n := range f.Names {
					fields[ts.Name.Name+"."+n.Name] = f.Doc.Text()
				}
			}
		}
	}
	return fields, types
}
