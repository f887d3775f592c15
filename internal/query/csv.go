package query

import (
	"bufio"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/store"
)

func writeCSV(w *bufio.Writer, r Result, s Style) error {
	g := r.cells(everyName)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(g.names))
	for i, n := range g.names {
		line[i] = guarded(n, s.Guard && n != event.TimestampField) // the one name of ours a spreadsheet would mind
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range g.rows {
		for i, v := range row {
			line[i] = plain(v, r.zone())
			switch v.(type) {
			case string, []string:
				line[i] = guarded(line[i], s.Guard)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// everyName is the union of the fields of all events, the common ones first. Undeclared leaves
// are columns of their own.
func everyName(events []store.Event) []string {
	found := map[string]bool{}
	for _, e := range events {
		for name, v := range e.Fields {
			if native, ok := v.(map[string]string); ok {
				for leaf := range native {
					if _, declared := e.Fields[leaf]; !declared {
						found[leaf] = true
					}
				}
				continue
			}
			found[name] = true
		}
	}
	first := []string{event.TimestampField, event.ModuleField, event.IDField}
	for _, f := range first {
		delete(found, f)
	}
	return append(first, slices.Sorted(maps.Keys(found))...)
}

// guarded puts a ' before what a spreadsheet would take for a formula.
func guarded(s string, guard bool) string {
	if !guard || s == "" {
		return s
	}
	if strings.IndexByte("\t\r\n", s[0]) >= 0 {
		return "'" + s
	}
	seen := strings.TrimLeftFunc(s, func(r rune) bool { // programs do not see these when they look for a formula
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	})
	if first, _ := utf8.DecodeRuneInString(seen); seen != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// plain is a cell as text, in full.
func plain(v any, loc *time.Location) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, "; ")
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return stamp(v, loc)
	case map[string]string:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+"="+v[k])
		}
		return strings.Join(parts, "; ")
	}
	return ""
}

// Text is a value as text, in full; times in UTC.
func Text(v any) string { return plain(v, time.UTC) }

// Guarded puts a ' before a text that a spreadsheet would take for a formula.
func Guarded(s string) string { return guarded(s, true) }

// Stamp is a time as answers write it: in a zone, with the decimals it needs.
func Stamp(t time.Time, loc *time.Location) string { return stamp(t, loc) }

// Member is the value of a name in an event, nil when absent.
func Member(e store.Event, name string) any { return member(e, name) }

// Document is an event as files hold it: all of it (nil), or the fields named.
func Document(e store.Event, fields []string) event.Document { return document(e, fields) }
