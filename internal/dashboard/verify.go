package dashboard

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// Verify asks a panel's questions again with the commands its answer shows and tells every
// difference. It is what the promise "each number is that of the command line" is tested with.
func Verify(ctx context.Context, s store.Searcher, o query.Options, b *Board, id string, r PanelResult) (wrong []string) {
	i := slices.IndexFunc(b.panels, func(p *panel) bool { return p.ID == id })
	if i < 0 {
		return []string{"there is no such panel"}
	}
	p := b.panels[i].Panel
	clis := r.CLIs
	if clis == nil {
		clis = map[string]string{"": r.CLI}
	}
	for name, cli := range clis {
		res, err := runCLI(ctx, s, o, cli)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", cli, err))
			continue
		}
		if r.Data == nil {
			if len(res.Events) < len(r.Events) {
				wrong = append(wrong, fmt.Sprintf("%s: %d events, the panel has %d", cli, len(res.Events), len(r.Events)))
			}
			for i := range min(len(r.Events), len(res.Events)) {
				if res.Events[i].ID != r.Events[i].ID {
					wrong = append(wrong, fmt.Sprintf("%s: event %d is %s, the panel has %s", cli, i, res.Events[i].ID, r.Events[i].ID))
					break
				}
			}
			continue
		}
		if text := compareRows(p, r.Data, name, *res.Table); text != "" {
			wrong = append(wrong, cli+": "+text)
		}
	}
	return wrong
}

// runCLI does what the command does.
func runCLI(ctx context.Context, s store.Searcher, o query.Options, cli string) (query.Result, error) {
	text, flags, ok := strings.Cut(strings.TrimPrefix(cli, "yagura query '"), "' --since ")
	words := strings.Fields(flags) // SINCE --until UNTIL --zone ZONE
	if !ok || len(words) != 5 {
		return query.Result{}, fmt.Errorf("not a command")
	}
	zone, err := time.LoadLocation(words[4])
	if err != nil {
		return query.Result{}, err
	}
	o.Since, o.Until, o.Zone = words[0], words[2], zone
	stmt, err := query.Parse(strings.ReplaceAll(text, `'\''`, "'"), o)
	if err != nil {
		return query.Result{}, err
	}
	return query.Run(ctx, s, stmt)
}

// compareRows finds every row of the panel among those of the command, with the same numbers.
func compareRows(p *Panel, d *Data, name string, t store.Table) string {
	at := func(column string) int {
		return slices.IndexFunc(t.Columns, func(c store.Column) bool { return c.Name == column })
	}
	var keys, values [][2]int // column of the panel, column of the command
	for i, c := range d.Columns {
		j := at(c.Name)
		switch {
		case c.Role == "key" && j >= 0:
			keys = append(keys, [2]int{i, j})
		case c.Role == "key":
			return "the command has no key " + c.Name
		case name == "" && j >= 0:
			values = append(values, [2]int{i, j})
		case name != "" && c.Name == name:
			for j, x := range t.Columns {
				if !slices.ContainsFunc(keys, func(k [2]int) bool { return t.Columns[k[1]].Name == x.Name }) {
					values = append(values, [2]int{i, j})
				}
			}
		}
	}
	if len(values) == 0 {
		return "the command has none of the numbers"
	}
	if cut := p.Minus != nil || p.Options.First != "" || p.Options.Rows > 0; !cut && name == "" && len(d.Rows) != len(t.Rows) {
		return fmt.Sprintf("%d rows, the panel has %d", len(t.Rows), len(d.Rows))
	}
	for _, row := range d.Rows {
		found, same := false, false
		for _, x := range t.Rows {
			if slices.ContainsFunc(keys, func(k [2]int) bool { return !reflect.DeepEqual(row[k[0]], x[k[1]]) }) {
				continue
			}
			found = true
			same = same || !slices.ContainsFunc(values, func(v [2]int) bool { return !sameNumber(row[v[0]], x[v[1]]) })
		}
		switch {
		case found && !same:
			return fmt.Sprintf("other numbers than the panel's %v", row)
		case !found && (name == "" || !emptyCell(row[values[0][0]])):
			return fmt.Sprintf("no row for the panel's %v", row)
		}
	}
	return ""
}

// emptyCell is what a panel of several questions shows where one found nothing.
func emptyCell(v any) bool { return v == nil || v == any(int64(0)) }

// sameNumber allows floats what the order of adding them up changes.
func sameNumber(a, b any) bool {
	x, ok := a.(float64)
	y, ok2 := b.(float64)
	if ok && ok2 {
		return math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
	}
	return reflect.DeepEqual(a, b)
}
