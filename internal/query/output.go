package query

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/store"
)

const nativeField = event.NativeField

// Formats are the forms an answer can be written in.
var Formats = []string{"table", "json", "ndjson", "csv"}

// Style says how an answer is written.
type Style struct {
	Width int  // columns of the terminal, for tables; 0 = as wide as the content
	Guard bool // csv: cells that a spreadsheet would run as a formula get a ' in front
	Cost  bool // table: what the answer cost on a last line
}

// Write writes an answer in one of Formats.
//
//	table   columns fitted to the width; text from logs cannot move the cursor or hide (see Visible)
//	json    an array of documents, indented
//	ndjson  one document a line
//	csv     RFC 4180 with a header line; lists are joined by "; "
//
// An event is written as a nested document in the way of ECS, a row of a table as one flat object with its columns in
// order. Times are in the zone of the statement in table and csv and in tables everywhere, in
// UTC in documents of events.
func Write(w io.Writer, format string, r Result, s Style) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch format {
	case "table":
		err = writeTable(out, r, s)
	case "json":
		err = writeJSON(out, r)
	case "ndjson":
		err = writeLines(out, r)
	case "csv":
		err = writeCSV(out, r, s)
	default:
		return fmt.Errorf("writing the answer: there is no format %q; known: %s", format, strings.Join(Formats, ", "))
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// document is an event as it is written: all of it, or the fields asked for.
func document(e store.Event, fields []string) event.Document {
	if fields == nil {
		d := event.Document(maps.Clone(e.Fields))
		if d == nil {
			d = event.Document{}
		}
		d[event.TimestampField], d[event.IDField], d[event.ModuleField] = e.Time, e.ID, e.LogType
		return d
	}
	d := event.Document{}
	for _, f := range fields {
		if expr.WildField(f) {
			for name, v := range e.Fields {
				if expr.MatchField(f, name) {
					d[name] = v
				}
			}
			continue
		}
		if v := member(e, f); v != nil {
			d[f] = v
		}
	}
	return d
}

// member is the value of a name, nil when absent.
func member(e store.Event, name string) any {
	switch name {
	case event.TimestampField:
		return e.Time
	case event.IDField, "_id":
		return e.ID
	case "event.module", "event.dataset", "yagura.log_type":
		return e.LogType
	}
	if v, ok := e.Fields[name]; ok {
		return v
	}
	if native, ok := e.Fields[nativeField].(map[string]string); ok && native[name] != "" {
		return native[name]
	}
	return nil
}

// grid is an answer as rows of cells.
type grid struct {
	names []string
	rows  [][]any
}

// cells turns an answer into a grid. names picks the columns of events; tables keep theirs.
func (r Result) cells(names func([]store.Event) []string) grid {
	var g grid
	if r.Table != nil {
		for _, c := range r.Table.Columns {
			g.names = append(g.names, c.Name)
		}
		g.rows = r.Table.Rows
		return g
	}
	g.names = r.chosen()
	if g.names == nil {
		g.names = names(r.Events)
	}
	for _, e := range r.Events {
		row := make([]any, len(g.names))
		for i, n := range g.names {
			row[i] = member(e, n)
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// chosen are the columns the text asks for, with patterns replaced by the names found; nil if
// it asks for none.
func (r Result) chosen() []string {
	if r.Statement == nil || r.Statement.Fields == nil {
		return nil
	}
	out := []string{}
	for _, f := range r.Statement.Fields {
		if !expr.WildField(f) {
			out = append(out, f)
			continue
		}
		found := map[string]bool{}
		for _, e := range r.Events {
			for name := range e.Fields {
				if expr.MatchField(f, name) && !slices.Contains(out, name) {
					found[name] = true
				}
			}
		}
		out = append(out, slices.Sorted(maps.Keys(found))...)
	}
	return out
}

func (r Result) zone() *time.Location {
	if r.Statement != nil && r.Statement.Zone != nil {
		return r.Statement.Zone
	}
	return time.UTC
}

// stamp is a time with as many decimals as it needs, none or in threes.
func stamp(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	switch ns := t.Nanosecond(); {
	case ns == 0:
		return t.Format("2006-01-02T15:04:05Z07:00")
	case ns%1e6 == 0:
		return t.Format("2006-01-02T15:04:05.000Z07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000000Z07:00")
}
