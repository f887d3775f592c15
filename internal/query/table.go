package query

import (
	"bufio"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

// Columns of events when the text asks for none: those that some event has, up to maxShown.
var usualColumns = []string{"event.action", "event.outcome", "source.ip", "source.geo.country_iso_code", "user.name", "http.request.method", "url.domain", "url.path",
	"http.response.status_code", "rule.name", "destination.ip", "message"}

const (
	maxShown    = 9  // columns of events
	roomyColumn = 14 // width that a column of events should have
	minColumn   = 8  // narrowest a column is cut to
	unknownCell = 80 // widest cell when the width of the terminal is not known
)

func writeTable(w *bufio.Writer, r Result, s Style) error {
	g := r.cells(func(events []store.Event) []string { return r.usual(events, s.Width) })
	rows := make([][]string, len(g.rows))
	natural := make([]int, len(g.names))
	for i, n := range g.names {
		natural[i] = text.StringWidthWithoutEscSequences(Visible(n))
	}
	for i, row := range g.rows {
		rows[i] = make([]string, len(row))
		for j, v := range row {
			rows[i][j] = Visible(short(v, r.zone()))
			natural[j] = max(natural[j], text.StringWidthWithoutEscSequences(rows[i][j]))
		}
	}
	widths := fit(natural, leastWidths(g.names), s.Width)
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder, style.Options.SeparateColumns = false, false
	t.SetStyle(style)
	header := make(table.Row, len(g.names))
	configs := make([]table.ColumnConfig, len(g.names))
	for i, n := range g.names {
		header[i] = clip(Visible(n), widths[i])
		configs[i] = table.ColumnConfig{Number: i + 1, Align: align(g.rows, i), AlignHeader: align(g.rows, i)}
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for _, row := range rows {
		line := make(table.Row, len(row))
		for j, c := range row {
			line[j] = clip(c, widths[j])
		}
		t.AppendRow(line)
	}
	if len(rows) > 0 {
		for line := range strings.Lines(t.Render() + "\n") {
			w.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
	}
	_, err := w.WriteString(summary(r, len(rows), s.Cost))
	return err
}

// usual picks the columns of events: the readable sentence alone if there is one, else what
// the condition names and what people look at first, as far as some event has it.
func (r Result) usual(events []store.Event, width int) []string {
	most := maxShown
	if width > 0 {
		most = max(3, min(maxShown, width/roomyColumn))
	}
	names := []string{event.TimestampField, event.ModuleField}
	has := func(name string) bool {
		return slices.ContainsFunc(events, func(e store.Event) bool { return member(e, name) != nil })
	}
	for _, lang := range []string{"en", "ja"} {
		if f := event.SentenceField + "." + lang; has(f) {
			return append(names, f)
		}
	}
	var asked []string
	if r.Statement != nil && r.Statement.Events != nil && r.Statement.Events.Where != nil {
		asked = expr.Fields(r.Statement.Events.Where)
	}
	for _, f := range append(asked, usualColumns...) {
		if len(names) < most && f != event.OriginalField && !slices.Contains(names, f) && !expr.WildField(f) && has(f) {
			names = append(names, f)
		}
	}
	return names
}

// leastWidths are what columns are not cut below: a time without its seconds puts nothing in order.
func leastWidths(names []string) []int {
	out := make([]int, len(names))
	for i, n := range names {
		if out[i] = minColumn; n == event.TimestampField {
			out[i] = len("2006-01-02T15:04:05…") - len("…") + 1
		}
	}
	return out
}

// fit shrinks the widest columns that are above their least until a line has room. go-pretty puts a space on each side.
func fit(natural, least []int, width int) []int {
	out := slices.Clone(natural)
	if width <= 0 {
		for i := range out {
			out[i] = min(out[i], unknownCell)
		}
		return out
	}
	room, floor := width-2*len(out), 0
	for _, n := range least {
		floor += n
	}
	if floor > room {
		least = slices.Repeat([]int{minColumn}, len(out))
	}
	for {
		total, widest := 0, -1
		for i, n := range out {
			total += n
			if n > least[i] && (widest < 0 || n > out[widest]) {
				widest = i
			}
		}
		if total <= room || widest < 0 {
			return out
		}
		next := 0
		for i, n := range out {
			if i != widest && n > least[i] {
				next = max(next, n)
			}
		}
		// Down to the second widest, or by what is needed, whichever is less.
		out[widest] = max(least[widest], min(out[widest]-1, max(next, out[widest]-(total-room))))
	}
}

// clip cuts a text to a number of columns, wide characters counted as two.
func clip(s string, width int) string {
	if text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		w := text.RuneWidth(r)
		if used+w > width-1 {
			break
		}
		used += w
		b.WriteRune(r)
	}
	return b.String() + "…"
}

func align(rows [][]any, column int) text.Align {
	for _, r := range rows {
		switch r[column].(type) {
		case int64, float64:
			return text.AlignRight
		case nil:
		default:
			return text.AlignLeft
		}
	}
	return text.AlignLeft
}

// short is a cell for people: few decimals.
func short(v any, loc *time.Location) string {
	if f, ok := v.(float64); ok && math.Abs(f) < 1e15 && (math.Abs(f) >= 0.01 || f == 0) {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 3, 64), "0"), ".")
	}
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', 6, 64)
	}
	if l, ok := v.([]string); ok {
		return strings.Join(l, ", ")
	}
	return plain(v, loc)
}

func summary(r Result, n int, cost bool) string {
	word := "events"
	if r.Table != nil {
		word = "rows"
	}
	if n == 1 {
		word = word[:len(word)-1]
	}
	line := fmt.Sprintf("%d %s", n, word)
	if r.More {
		line += " (more match: raise the limit or narrow the condition)"
	}
	if r.Stats.Partial {
		line += "\npartial: " + Visible(r.Stats.PartialNote)
	}
	if cost {
		line += fmt.Sprintf("\nread %d of %d parts, %d rows, %.1f MB in %s", r.Stats.PartsRead, r.Stats.Parts, r.Stats.Rows, float64(r.Stats.Bytes)/1e6, r.Stats.Elapsed.Round(time.Millisecond))
	}
	return line + "\n"
}
