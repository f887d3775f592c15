package dashboard

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// Formats are the forms Print writes.
var Formats = []string{"table", "json", "csv"}

// Print writes the answer of a board for a terminal or a program: one table after another in the
// order of the panels, one JSON document, or CSV (several panels stand below their ids).
func Print(w io.Writer, format, lang string, b *Board, res *Result, width int) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(res)
	}
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("writing the answer: there is no format %q; known: %s", format, strings.Join(Formats, ", "))
	}
	out := bufio.NewWriter(w)
	for _, p := range b.panels {
		r, ok := res.Panels[p.ID]
		if !ok {
			continue
		}
		if len(res.Panels) > 1 || format == "table" {
			fmt.Fprintf(out, "\n# %s: %s\n", p.ID, query.Visible(p.Title.In(lang)))
		}
		if format == "table" {
			fmt.Fprintf(out, "%s\n", r.CLI)
		}
		if r.Error != nil {
			fmt.Fprintf(out, "error: %s\n", r.Error.Message)
			continue
		}
		loc, err := time.LoadLocation(r.Zone)
		if err != nil {
			loc = time.UTC
		}
		q := query.Result{Statement: &query.Statement{Zone: loc}, Events: r.Events, More: r.More}
		if p.View == Events && len(p.Options.Columns) > 0 {
			q.Statement.Fields = p.Options.Columns
		}
		if r.Data != nil {
			q = query.Result{Statement: q.Statement, Table: r.Data.table(r, p.Options.Share), More: r.Data.More}
		}
		if err := query.Write(out, format, q, query.Style{Width: width, Guard: format == "csv"}); err != nil {
			return err
		}
	}
	return out.Flush()
}

// table is data as the query language writes it; previous values of single numbers and shares
// become columns.
func (d *Data) table(r PanelResult, share bool) *store.Table {
	t := &store.Table{More: d.More}
	value := -1
	for i, c := range d.Columns {
		kind, _ := schema.ParseKind(c.Kind)
		t.Columns = append(t.Columns, store.Column{Name: c.Name, Kind: kind, Exact: c.Exact})
		if c.Role == "value" && value < 0 {
			value = i
		}
	}
	for _, row := range d.Rows {
		t.Rows = append(t.Rows, slices.Clone(row))
	}
	if share && r.Total > 0 && value >= 0 {
		t.Columns = append(t.Columns, store.Column{Name: "share", Kind: schema.Float})
		for i := range t.Rows {
			t.Rows[i] = append(t.Rows[i], number(t.Rows[i][value])/r.Total)
		}
	}
	if p := r.Previous; p != nil && len(d.Rows) == 1 && len(p.Rows) == 1 {
		for i, c := range p.Columns {
			if c.Role == "value" {
				t.Columns = append(t.Columns, store.Column{Name: c.Name + " before", Kind: t.Columns[i].Kind})
				t.Rows[0] = append(t.Rows[0], p.Rows[0][i])
			}
		}
	}
	return t
}
