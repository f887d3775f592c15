package content

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yagura-siem/yagura/internal/event"
)

// Text renders an explanation for a terminal. Control and bidirectional characters of the log
// are replaced.
func (x Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", printable(x.Object), counted(x.Events, "event"))
	for _, c := range []struct {
		n    int64
		what string
	}{{x.Refused, "refused"}, {x.Filtered, "filtered"}, {x.Ignored, "ignored"}} {
		if c.n > 0 {
			fmt.Fprintf(&b, ", %d %s", c.n, c.what)
		}
	}
	fmt.Fprintf(&b, "; %d bytes", x.Bytes)
	if len(x.Compression) > 0 {
		fmt.Fprintf(&b, " of %s, %d decoded", strings.Join(x.Compression, " in "), x.Decoded)
	}
	b.WriteString("\n")
	if x.Broken != "" {
		fmt.Fprintf(&b, "reading ended early: %s\n", printable(x.Broken))
	}
	if x.Conversions > 0 {
		fmt.Fprintf(&b, "%s did not fit the kind of their field and were left out\n", counted(x.Conversions, "value"))
	}
	for _, r := range x.Records {
		b.WriteString("\n")
		r.text(&b)
	}
	if x.More > 0 {
		fmt.Fprintf(&b, "\n… and %d more records\n", x.More)
	}
	return b.String()
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r ExplainedRecord) text(b *strings.Builder) {
	row := func(label, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-11s %s\n", label, printable(value))
		}
	}
	if r.Outcome != "event" {
		fmt.Fprintf(b, "record at byte %d: %s\n", r.Offset, r.Outcome)
		row("reason", r.Reason)
		row("taken for", r.LogType)
		row("wrapped in", strings.Join(r.Wrappers, ", in it "))
		row("record", r.Excerpt)
		return
	}
	fmt.Fprintf(b, "record at byte %d", r.Offset)
	if r.Index > 0 {
		fmt.Fprintf(b, ", event %d of it", r.Index+1)
	}
	fmt.Fprintf(b, ": event of %s version %d\n", r.LogType, r.Version)
	row("recognised", r.Recognised)
	row("wrapped in", strings.Join(r.Wrappers, ", in it "))
	row("frame", r.Frame)
	if r.Time != nil {
		row("time", event.FormatTime(*r.Time)+fromText(r.TimeFrom))
	}
	r.fieldText(b, "fields", "definition")
	r.fieldText(b, "enriched", "enrichment")
	for i, m := range r.Masked {
		row(first(i, "masked"), m)
	}
	for i, m := range r.Failed {
		row(first(i, "left out"), m)
	}
	for i, k := range slices.Sorted(maps.Keys(r.LeftOver)) {
		row(first(i, "left over"), k+" = "+short(r.LeftOver[k]))
	}
	row("in words", r.SentenceEN)
	if r.SentenceJA != r.SentenceEN {
		row("", r.SentenceJA)
	}
}

func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}

func fromText(from string) string {
	if from == "" {
		return ""
	}
	return "  ← " + cut(strings.ReplaceAll(from, "`", ""), shownOrigin)
}

func (r ExplainedRecord) fieldText(b *strings.Builder, label, by string) {
	width := 0
	for _, f := range r.Fields {
		if f.By == by {
			width = max(width, len(f.Name))
		}
	}
	n := 0
	for _, f := range r.Fields {
		if f.By != by {
			continue
		}
		fmt.Fprintf(b, "  %-11s %-*s  %s\n", first(n, label), min(width, 44), f.Name, printable(valueText(f.Value)+fromText(f.From)))
		n++
	}
}

func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return short(v)
	case []string:
		return short(strings.Join(v, ", "))
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// Characters shown of a value and of its origin on one line.
const (
	shownValue  = 120
	shownOrigin = 90
)

func short(s string) string { return cut(s, shownValue) }

// cut shortens a long text for one line.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + " …"
	}
	return s
}

// printable replaces what could change a terminal or the reading order.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return '·'
		}
		return r
	}, s)
}
