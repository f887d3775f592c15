package content_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
)

const questionsText = "# Ready questions\n\n## Who was blocked most? / 最もブロックされたのは?\n\nSome text.\n\n```yagura\nevent.action:BLOCK | top 10 source.ip\n```\n\n" +
	"### Second\nja: 二つ目\n```\na:b\nand c:d\n```\n```sh\nyagura query\n```\n````yagura\nx:'```'\n````\n"

func TestParseQuestions(t *testing.T) {
	t.Parallel()
	want := []content.Question{
		{Title: content.Bilingual{EN: "Who was blocked most?", JA: "最もブロックされたのは?"}, Text: "Some text.", Query: "event.action:BLOCK | top 10 source.ip", Line: 8},
		{Title: content.Bilingual{EN: "Second", JA: "二つ目"}, Query: "a:b\nand c:d", Line: 14},
		{Title: content.Bilingual{EN: "Second", JA: "二つ目"}, Query: "x:'```'", Line: 21},
	}
	if diff := cmp.Diff(want, content.ParseQuestions(questionsText)); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseQuestions(f *testing.F) {
	f.Add(questionsText)
	f.Add("```\nopen")
	f.Add("# a / b\n``````\n```\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range content.ParseQuestions(s) {
			if q.Line < 1 || q.Line > strings.Count(s, "\n")+2 {
				t.Fatalf("line %d of %q", q.Line, s)
			}
		}
	})
}
