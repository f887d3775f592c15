package dashboard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/store"
)

// viewRule says what a view takes: keys, options, and its size when none is said.
type viewRule struct {
	view     View
	keys     [2]int // least and most
	timed    bool   // the first key is time
	options  []string
	w, h     int
	compared bool
}

// rules of the views that draw rows of statistics, and of the others.
var rules = []viewRule{
	{view: Number, keys: [2]int{0, 1}, options: []string{"unit", "delta", "trend", "colors", "rows"}, w: 2, h: 3, compared: true},
	{view: TableOf, keys: [2]int{0, 8}, options: []string{"unit", "delta", "share", "first", "rows", "columns", "colors"}, w: 4, h: 8, compared: true},
	{view: Donut, keys: [2]int{1, 1}, options: []string{"unit", "share", "colors", "rows"}, w: 3, h: 7},
	{view: Bar, keys: [2]int{0, 2}, options: []string{"unit", "delta", "share", "colors", "stacked", "percent", "horizontal", "log", "rows"}, w: 6, h: 7, compared: true},
	{view: Line, keys: [2]int{1, 2}, timed: true, options: []string{"unit", "delta", "colors", "log"}, w: 6, h: 7, compared: true},
	{view: Area, keys: [2]int{1, 2}, timed: true, options: []string{"unit", "delta", "colors", "stacked", "percent"}, w: 6, h: 7, compared: true},
	{view: Heatmap, keys: [2]int{2, 2}, options: []string{"unit", "log"}, w: 6, h: 8},
	{view: Map, keys: [2]int{1, 1}, options: []string{"unit", "log", "share"}, w: 6, h: 9},
	{view: Sankey, keys: [2]int{2, 3}, options: []string{"unit", "colors"}, w: 12, h: 10},
	{view: Treemap, keys: [2]int{1, 2}, options: []string{"unit", "share", "colors"}, w: 6, h: 8},
	{view: Events, options: []string{"columns"}, w: 12, h: 12},
	{view: Markdown, w: 12, h: 2},
	{view: Controls, w: 12, h: 2},
}

func ruleOf(v View) (viewRule, bool) {
	i := slices.IndexFunc(rules, func(r viewRule) bool { return r.view == v })
	if i < 0 {
		return viewRule{}, false
	}
	return rules[i], true
}

// choices of options.
var optionValues = map[string][]string{
	"unit":   {"count", "bytes", "percent", "ms", "s", "ns"},
	"delta":  {"up_is_bad", "up_is_good", "neutral"},
	"colors": {"severity", "action", "outcome", "status"},
}

var compareKinds = []string{"previous", "day", "week", "none"}

// given lists the options that are set.
func (o Options) given() map[string]bool {
	return map[string]bool{
		"unit": o.Unit != "", "delta": o.Delta != "", "trend": o.Trend, "colors": o.Colors != "", "stacked": o.Stacked, "percent": o.Percent,
		"horizontal": o.Horizontal, "log": o.Log, "share": o.Share, "first": o.First != "", "rows": o.Rows != 0, "columns": o.Columns != nil,
	}
}

// panel checks a panel and takes its questions apart.
func (c *compiler) panel(i int) {
	d := &c.board.Definition.Panels[i]
	path := fmt.Sprintf("panels[%d]", i)
	if !ValidID(d.ID) {
		c.add(path+".id", "take small letters, digits, - and _", "%q is no id of a panel", d.ID)
	} else if slices.ContainsFunc(c.board.panels, func(p *panel) bool { return p.ID == d.ID }) {
		c.add(path+".id", "", "two panels have the id %s", d.ID)
	}
	rule, known := ruleOf(d.View)
	if !known {
		var names []string
		for _, r := range rules {
			names = append(names, string(r.view))
		}
		c.add(path+".view", suggest(string(d.View), names), "%q is no view", d.View)
		return
	}
	p := &panel{Panel: d, path: path}
	c.board.panels = append(c.board.panels, p)
	c.title(path+".title", d.Title, d.View != Markdown && d.View != Controls)
	c.length(path+".help", d.Help, MaxHelp)
	c.look(p, rule)
	switch d.View {
	case Markdown, Controls:
		c.quiet(p)
		return
	}
	if !slices.Contains(append(compareKinds, ""), d.Compare) {
		c.add(path+".compare", suggest(d.Compare, compareKinds), "%q is no way to compare", d.Compare)
	} else if d.Compare != "" && d.Compare != "none" && (!rule.compared || d.Minus != nil) {
		c.add(path+".compare", "", "%s", "this panel is not compared")
	}
	c.span(p.path+".at_least", d.AtLeast)
	c.span(p.path+".at_most", d.AtMost)
	c.questions(p, rule)
}

// quiet checks panels that ask nothing.
func (c *compiler) quiet(p *panel) {
	d := p.Panel
	if d.Query != "" || d.Queries != nil || d.Minus != nil || d.Ratio != "" {
		c.add(p.path, "", "a panel of view %s asks nothing", d.View)
	}
	if d.View == Markdown {
		if d.Text == (Text{}) {
			c.add(p.path, "text: {en: …, ja: …}", "a text is missing")
		}
		c.length(p.path+".text", d.Text, MaxText)
		return
	}
	for j, name := range d.Controls {
		if v := c.board.variables[name]; v == nil || v.Kind == List {
			c.add(fmt.Sprintf("%s.controls[%d]", p.path, j), "", "there is no variable %s to choose", name)
		}
	}
}

// look checks size and options.
func (c *compiler) look(p *panel, rule viewRule) {
	d := p.Panel
	if d.Size.W < 0 || d.Size.W > 12 {
		c.add(p.path+".size.w", "", "a panel is 1 to 12 columns wide")
	}
	if d.Size.H < 0 || d.Size.H > 30 {
		c.add(p.path+".size.h", "", "a panel is 1 to 30 rows high")
	}
	if x := d.Size.X; x != nil && (*x < 0 || *x > 11) {
		c.add(p.path+".size.x", "", "columns are counted from 0 to 11")
	}
	if y := d.Size.Y; y != nil && (*y < 0 || *y > 2000) {
		c.add(p.path+".size.y", "", "rows are counted from 0 to 2000")
	}
	for _, name := range slices.Sorted(maps.Keys(d.Options.given())) {
		if d.Options.given()[name] && !slices.Contains(rule.options, name) {
			c.add(p.path+".options."+name, "known here: "+strings.Join(rule.options, ", "), "%s means nothing to view %s", name, d.View)
		}
	}
	for name, value := range map[string]string{"unit": d.Options.Unit, "delta": d.Options.Delta, "colors": d.Options.Colors} {
		if value != "" && !slices.Contains(optionValues[name], value) {
			c.add(p.path+".options."+name, suggest(value, optionValues[name]), "%q is no value of %s", value, name)
		}
	}
	if d.Options.Rows < 0 || d.Options.Rows > query.MaxGroups {
		c.add(p.path+".options.rows", "", "at most %d rows are shown", query.MaxGroups)
	}
	for j, name := range d.Ignore {
		if v := c.board.variables[name]; v == nil {
			c.add(fmt.Sprintf("%s.ignore[%d]", p.path, j), "", "there is no variable %s", name)
		}
	}
	for name, t := range d.Labels {
		c.length(p.path+".labels."+name, t, MaxTitle)
	}
	if d.Text != (Text{}) && d.View != Markdown {
		c.add(p.path+".text", "write help: for a text about a panel", "text means nothing to view %s", d.View)
	}
	if d.Controls != nil && d.View != Controls {
		c.add(p.path+".controls", "", "controls mean nothing to view %s", d.View)
	}
}

// questions checks what a panel asks.
func (c *compiler) questions(p *panel, rule viewRule) {
	d := p.Panel
	type text struct {
		path, text string
		ask        NamedQuery
	}
	var texts []text
	switch {
	case d.Query != "" && d.Queries != nil:
		c.add(p.path+".queries", "", "write either query or queries")
		return
	case len(d.Queries) > MaxQueries:
		c.add(p.path+".queries", "", "more than %d questions", MaxQueries)
		return
	case d.Queries != nil:
		for j, q := range d.Queries {
			at := fmt.Sprintf("%s.queries[%d]", p.path, j)
			if !ValidID(q.Name) || slices.ContainsFunc(d.Queries[:j], func(x NamedQuery) bool { return x.Name == q.Name }) {
				c.add(at+".name", "take small letters, digits, - and _", "%q cannot name the column of a question", q.Name)
			}
			c.title(at+".title", q.Title, false)
			texts = append(texts, text{at, q.Query, q})
		}
	default:
		texts = append(texts, text{p.path, d.Query, NamedQuery{Lookback: d.Lookback}})
	}
	var first []store.Column
	keys := 0
	for j, t := range texts {
		if t.text == "" && d.View != Events {
			c.add(t.path+".query", "query: event.action:BLOCK | stats count() as n", "a query is missing")
			return
		}
		stmt, a := c.asked(t.path, t.text, t.ask.Lookback)
		if stmt == nil {
			return
		}
		a.name, a.title = t.ask.Name, t.ask.Title
		p.asks = append(p.asks, a)
		p.lists = append(p.lists, c.lists(a)...)
		if (stmt.Aggregate == nil) != (d.View == Events) {
			if d.View == Events {
				c.add(t.path+".query", "write a condition without stats and top", "an event list asks for events")
			} else {
				c.add(t.path+".query", "write … | stats count() as n, or … | top 10 field", "view %s draws statistics, not events", d.View)
			}
			return
		}
		if d.View == Events {
			c.eventColumns(p, stmt)
			continue
		}
		columns, n := shape(stmt)
		if len(d.Queries) > 0 && len(columns) != n+1 {
			c.add(t.path+".query", "", "each of several questions has one column of numbers: this one has %d", len(columns)-n)
			return
		}
		if j == 0 {
			first, keys = columns, n
			c.keys(p, rule, stmt, t.path, n, len(columns)-n)
		} else if n != keys || !slices.EqualFunc(columns[:n], first[:n], func(a, b store.Column) bool { return a.Name == b.Name }) {
			c.add(t.path+".query", "give the keys the same names with as", "the questions are joined by their keys: these are others than those of %s", texts[0].ask.Name)
			return
		}
	}
	if d.View == Events {
		if d.Queries != nil || d.Minus != nil || d.Ratio != "" {
			c.add(p.path, "", "an event list has one query")
		}
		return
	}
	names := make([]string, 0, len(first))
	for _, col := range first {
		names = append(names, col.Name)
	}
	if d.Queries != nil {
		names = names[:keys]
		for _, q := range d.Queries {
			names = append(names, q.Name)
		}
	}
	c.rest(p, names, keys)
}

// eventColumns warns of columns that no log type declares.
func (c *compiler) eventColumns(p *panel, stmt *query.Statement) {
	if stmt.Fields != nil && p.Options.Columns != nil {
		c.add(p.path+".options.columns", "", "the question chooses fields already")
		return
	}
	for i, name := range p.Options.Columns {
		path := fmt.Sprintf("%s.options.columns[%d]", p.path, i)
		if name == "" {
			c.add(path, "", "a column has no name")
		} else if name != "@timestamp" && !strings.Contains(name, "*") {
			c.field(path, name)
		}
	}
}

// asked parses one question; the statement is nil when something is wrong with it.
func (c *compiler) asked(path, text, back string) (*query.Statement, *ask) {
	path += ".query"
	a := c.question(path, text)
	if a == nil {
		return nil, nil
	}
	c.span(strings.TrimSuffix(path, ".query")+".lookback", back)
	a.back = back
	return c.statement(path, a, text), a
}

func (c *compiler) lists(a *ask) (names []string) {
	for _, r := range a.refs {
		if c.board.variables[r].Kind == List {
			names = append(names, r)
		}
	}
	return names
}

// shape is the columns of an answer, and how many of them are keys. Keys come first.
func shape(stmt *query.Statement) (columns []store.Column, keys int) {
	var t store.Table
	for _, k := range stmt.Aggregate.By {
		t.Columns = append(t.Columns, store.Column{Name: k.Name})
	}
	for _, a := range stmt.Aggregate.Aggs {
		t.Columns = append(t.Columns, store.Column{Name: a.Name})
	}
	t, _ = stmt.Finish(t)
	for _, col := range t.Columns {
		if keyOf(stmt, col.Name) >= 0 {
			columns, keys = append(columns, col), keys+1
		}
	}
	for _, col := range t.Columns {
		if keyOf(stmt, col.Name) < 0 {
			columns = append(columns, col)
		}
	}
	return columns, keys
}

func keyOf(stmt *query.Statement, name string) int {
	return slices.IndexFunc(stmt.Aggregate.By, func(k store.Key) bool { return k.Name == name })
}

// keys checks that the rows fit the view.
func (c *compiler) keys(p *panel, rule viewRule, stmt *query.Statement, path string, keys, values int) {
	path += ".query"
	switch {
	case keys < rule.keys[0] || keys > rule.keys[1]:
		want := fmt.Sprint(rule.keys[0])
		if rule.keys[0] != rule.keys[1] {
			want = fmt.Sprintf("%d to %d", rule.keys[0], rule.keys[1])
		}
		c.add(path, "keys stand after by", "view %s draws rows with %s keys: these have %d", p.View, want, keys)
	case values == 0:
		c.add(path, "add stats count() as n", "the rows have no number")
	case rule.timed && (stmt.Aggregate.By[0].Buckets == nil || stmt.FoldedBy(0) != ""):
		c.add(path, "write … by bucket(auto), …", "the first key of view %s is time", p.View)
	case p.View == Map && !strings.HasSuffix(stmt.Aggregate.By[0].Field, "country_iso_code"):
		c.warn(path, "group by source.geo.country_iso_code", "a map draws country codes")
	}
}

// rest checks what is done with the rows.
func (c *compiler) rest(p *panel, names []string, keys int) {
	d := p.Panel
	if d.Options.First != "" && !slices.Contains(names, d.Options.First) {
		c.add(p.path+".options.first", suggest(d.Options.First, names), "there is no column %s", d.Options.First)
	}
	for j, name := range d.Options.Columns {
		if !slices.Contains(names, name) {
			c.add(fmt.Sprintf("%s.options.columns[%d]", p.path, j), suggest(name, names), "there is no column %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Labels)) {
		if !slices.Contains(names, name) && name != "ratio" {
			c.add(p.path+".labels."+name, suggest(name, names), "there is no column %s", name)
		}
	}
	if d.Options.Trend && (keys > 0 || len(p.asks) > 1) {
		c.add(p.path+".options.trend", "", "a trend is drawn below one number of one question")
	}
	if d.Ratio != "" {
		c.ratio(p, keys)
	}
	if d.Minus == nil {
		return
	}
	if len(p.asks) != 1 || keys == 0 {
		c.add(p.path+".minus", "", "rows can be taken away from one question with keys")
		return
	}
	text := d.Minus.Query
	if text == "" {
		text = d.Query
		if d.Minus.Lookback == d.Lookback {
			c.add(p.path+".minus", "give one of them a lookback", "a question minus itself is always empty")
		}
	}
	stmt, a := c.asked(p.path+".minus", text, d.Minus.Lookback)
	if stmt == nil {
		return
	}
	if stmt.Aggregate == nil {
		c.add(p.path+".minus.query", "", "rows are taken away by rows, not by events")
		return
	}
	if columns, n := shape(stmt); n != keys || !slices.EqualFunc(columns[:n], names[:n], func(a store.Column, b string) bool { return a.Name == b }) {
		c.add(p.path+".minus.query", "give the keys the same names with as", "its keys are others than those of the panel")
		return
	}
	p.minus, p.lists = a, append(p.lists, c.lists(a)...)
}

func (c *compiler) ratio(p *panel, keys int) {
	part, whole, ok := strings.Cut(p.Ratio, "/")
	part, whole = strings.TrimSpace(part), strings.TrimSpace(whole)
	at := func(name string) int { return slices.IndexFunc(p.asks, func(a *ask) bool { return a.name == name }) }
	p.part, p.whole = at(part), at(whole)
	switch {
	case p.View != Number || keys > 0:
		c.add(p.path+".ratio", "", "a ratio is a number of questions without keys")
	case !ok || p.part < 0 || p.whole < 0:
		c.add(p.path+".ratio", "write the names of two queries: blocked / all", "%q is no ratio", p.Ratio)
	}
}
