package content

import (
	"fmt"
	"strings"
)

// Question is one ready question of queries.md: a heading, some text, and a query in a fenced
// block.
//
//	## Which addresses were blocked most?
//	ja: 最もブロックされたアドレスは?
//
//	```yagura
//	event.action:BLOCK | top 10 source.ip
//	```
type Question struct {
	Title Bilingual
	Text  string // what stands between heading and block
	Query string
	Line  int // of the first line of the query
}

// Fences that hold a query; any other language is an example of something else.
var queryFences = map[string]bool{"": true, "yagura": true, "query": true}

// ParseQuestions reads the blocks of a queries.md. Several blocks may stand below one heading.
// A heading may hold both languages as "English / 日本語".
func ParseQuestions(src string) []Question {
	var out []Question
	var title Bilingual
	var body, block []string
	fence, blockLine := "", 0
	for i, line := range strings.Split(strings.ReplaceAll(src, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "" && strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, "`") == "":
			if blockLine > 0 {
				out = append(out, Question{Title: title, Text: strings.TrimSpace(strings.Join(body, "\n")), Query: strings.Join(block, "\n"), Line: blockLine})
			}
			fence, body, block, blockLine = "", nil, nil, 0
		case fence != "":
			block = append(block, line)
		case strings.HasPrefix(trimmed, "```"):
			lang := strings.TrimLeft(trimmed, "`")
			fence = trimmed[:len(trimmed)-len(lang)]
			if queryFences[strings.TrimSpace(lang)] {
				blockLine = i + 2
			}
		case strings.HasPrefix(trimmed, "#"):
			title = splitTitle(strings.TrimSpace(strings.TrimLeft(trimmed, "#")))
			body = nil
		case strings.HasPrefix(trimmed, "ja: "):
			title.JA = strings.TrimSpace(trimmed[4:])
		default:
			body = append(body, line)
		}
	}
	return out
}

func splitTitle(s string) Bilingual {
	en, ja, ok := strings.Cut(s, " / ")
	if !ok || isASCII(ja) {
		return Bilingual{EN: s}
	}
	return Bilingual{EN: strings.TrimSpace(en), JA: strings.TrimSpace(ja)}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0
}

// Questions reads the queries.md of a log type.
func (f Folder) Questions() (string, error) {
	src, err := readFile(f.FS, queriesFile)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", f.File(queriesFile), err)
	}
	return string(src), nil
}
