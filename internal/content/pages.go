package content

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/schema"
)

// labels are the fixed texts of a generated page.
type labels struct {
	lang, suffix                                                  string
	generated, reference, version, fields, enriched, enrichedText string
	mask, maskText, rest, sample, sampleEvent, questions          string
	head, index, indexText, indexHead, other                      string
}

func pageLabels(lang string) labels {
	if lang == "ja" {
		return labels{
			lang: "ja", suffix: ".ja.md",
			generated: "定義から生成したページです。編集しないでください", reference: "ベンダーの資料", version: "定義の版",
			fields: "フィールド", enriched: "付加されるフィールド", enrichedText: "設定された表 (位置情報、AS、リスト、アカウント名など) から取り込み時に書き込まれます。",
			mask: "マスク", maskText: "何よりも先に、同じ長さの `*` で上書きします。秘密らしい名前のクエリパラメータとキーは常に対象です。",
			rest: "ここにない項目は元の名前のまま検索できます。", sample: "例", sampleEvent: "このレコードは次のイベントになります。", questions: "そのまま使える質問",
			head: "| フィールド | 種類 | 意味 | 元 |", index: "ログ種別", indexText: "標準で読み取れるログです。自分のログを加える方法は [CONTRIBUTING](../../CONTRIBUTING.md) にあります。",
			indexHead: "| 名前 | ログ | 版 | フィールド数 |", other: "[English](%s.md)",
		}
	}
	return labels{
		lang: "en", suffix: ".md",
		generated: "Generated from the definition; do not edit", reference: "Vendor documentation", version: "Definition version",
		fields: "Fields", enriched: "Fields added by enrichment", enrichedText: "Written on the way in from the tables that are configured (places, networks, lists, account names …).",
		mask: "Masking", maskText: "Overwritten with `*` of the same length before anything else reads the record. Query parameters and keys with names of secrets always are.",
		rest: "Everything else stays searchable under its native name.", sample: "Example", sampleEvent: "becomes this event:", questions: "Ready questions",
		head: "| field | kind | meaning | from |", index: "Log types", indexText: "Logs that are read out of the box. How to add your own: [CONTRIBUTING](../../CONTRIBUTING.md).",
		indexHead: "| name | log | version | fields |", other: "[日本語](%s.ja.md)",
	}
}

// Languages of the generated pages.
func languages() []string { return []string{"en", "ja"} }

// Pages generates the documentation of log types: file name → text, an index (README.md) and
// a page a log type, each in English and Japanese. dict holds the ECS fields.
func Pages(folders []Folder, dict *schema.Dictionary) (map[string]string, error) {
	out := map[string]string{}
	for _, lang := range languages() {
		l := pageLabels(lang)
		var index strings.Builder
		fmt.Fprintf(&index, "<!-- %s -->\n# %s\n\n%s\n\n%s\n\n%s\n|---|---|---|---|\n", l.generated, l.index, fmt.Sprintf(l.other, "README"), l.indexText, l.indexHead)
		for _, f := range folders {
			src, err := f.Definition()
			if err != nil {
				return nil, err
			}
			o, err := readOutline(f.File(definitionFile), src, lang)
			if err != nil {
				return nil, fmt.Errorf("page of %s: %w", f.Name, err)
			}
			page, err := typePage(f, o, dict, l)
			if err != nil {
				return nil, fmt.Errorf("page of %s: %w", f.Name, err)
			}
			out[f.Name+l.suffix] = page
			fmt.Fprintf(&index, "| [%s](%s%s) | %s | %d | %d |\n", f.Name, f.Name, l.suffix, cell(o.Title.In(lang)), o.Version, len(o.Set))
		}
		out["README"+l.suffix] = index.String()
	}
	return out, nil
}

func typePage(f Folder, o outline, dict *schema.Dictionary, l labels) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- %s -->\n# %s (`%s`)\n\n%s\n\n%s\n\n", l.generated, o.Title.In(l.lang), f.Name, fmt.Sprintf(l.other, f.Name), o.About.In(l.lang))
	fmt.Fprintf(&b, "%s: <%s>  \n%s: %d\n\n## %s\n\n%s\n|---|---|---|---|\n", l.reference, o.Reference, l.version, o.Version, l.fields, l.head)
	own := map[string]outlineField{}
	for _, d := range o.Fields {
		own[d.Name] = d
	}
	var declared []schema.Field
	for _, s := range o.Set {
		kind, _ := dict.Lookup(s.Field)
		name, about := kind.String(), describe(dict, s.Field, l.lang)
		if d, ok := own[s.Field]; ok {
			kind, _ = schema.ParseKind(d.Kind)
			name, about = d.Kind, d.About.In(l.lang)
		}
		declared = append(declared, schema.Field{Name: s.Field, Kind: kind})
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Field, name, cell(about), cell(s.From))
	}
	if o.Rest {
		fmt.Fprintf(&b, "\n%s\n", l.rest)
	}
	if added := schema.EnrichmentFields(declared); len(added) > 0 {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", l.enriched, l.enrichedText)
		for _, e := range added {
			fmt.Fprintf(&b, "- `%s`: %s\n", e.Name, describe(dict, e.Name, l.lang))
		}
	}
	fmt.Fprintf(&b, "\n## %s\n\n%s\n", l.mask, l.maskText)
	if len(o.Mask) > 0 {
		b.WriteString("\n")
	}
	for _, m := range o.Mask {
		fmt.Fprintf(&b, "- %s\n", m)
	}
	if err := samplePart(&b, f, l); err != nil {
		return "", err
	}
	questionPart(&b, f, l)
	return b.String(), nil
}

func describe(dict *schema.Dictionary, field, lang string) string {
	if lang == "ja" {
		return dict.DescribeJA(field)
	}
	return dict.Describe(field)
}

// A sample record longer than this is cut on the page, bytes.
const maxShownRecord = 3000

// samplePart shows the first record of the first good sample and its event.
func samplePart(b *strings.Builder, f Folder, l labels) error {
	fixtures, err := f.Fixtures()
	if err != nil {
		return err
	}
	for _, x := range fixtures {
		if x.Bad {
			continue
		}
		raw, err := readDecoded(f.FS, x.Name)
		if err != nil {
			return err
		}
		want, err := readFile(f.FS, x.Want)
		if err != nil {
			continue // not generated yet; lint says so
		}
		var events []json.RawMessage
		if err := json.Unmarshal(want, &events); err != nil {
			return fmt.Errorf("reading %s: %w", f.File(x.Want), err)
		}
		if len(events) == 0 {
			continue
		}
		record := firstRecord(raw)
		var first struct{ Event struct{ Original string } }
		if json.Unmarshal(events[0], &first) == nil && first.Event.Original != "" {
			record = firstRecord([]byte(first.Event.Original)) // masked
		}
		fmt.Fprintf(b, "\n## %s\n\n%s\n\n%s\n\n%s\n", l.sample, fenced("", record), l.sampleEvent, fenced("json", unindent(string(events[0]))))
		return nil
	}
	return nil
}

// firstRecord is the first line that is no comment, or the whole first JSON value when it
// spans lines.
func firstRecord(raw []byte) string {
	text := strings.TrimSpace(string(raw))
	line := ""
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			line = l
			break
		}
	}
	if (strings.HasPrefix(line, "{") || strings.HasPrefix(line, "[")) && !json.Valid([]byte(line)) {
		var v json.RawMessage
		if json.NewDecoder(strings.NewReader(text)).Decode(&v) == nil {
			line = string(v)
		}
	}
	line = strings.ToValidUTF8(line, "\ufffd")
	if len(line) > maxShownRecord {
		cut := maxShownRecord
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		line = line[:cut] + " …"
	}
	return line
}

// unindent takes the indent of the list off an element of it.
func unindent(s string) string { return strings.ReplaceAll(s, "\n  ", "\n") }

// questionPart lists the queries of queries.md.
func questionPart(b *strings.Builder, f Folder, l labels) {
	src, err := readFile(f.FS, queriesFile)
	if err != nil {
		return // none; lint says so
	}
	questions := ParseQuestions(string(src))
	if len(questions) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n", l.questions)
	for _, q := range questions {
		fmt.Fprintf(b, "\n%s\n\n%s\n", q.Title.In(l.lang), fenced("", q.Query))
	}
}

// fenced is a code block whose fence is longer than any in the text.
func fenced(lang, s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + lang + "\n" + strings.TrimRight(s, "\n") + "\n" + fence
}

// cell makes a text fit into one cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", "").Replace(s)
}
