package dashboard

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/query"
)

// Board is a dashboard ready to run. It is immutable and safe for concurrent use.
type Board struct {
	ID         string
	Definition *Definition

	where     expr.Node
	variables map[string]*variable
	panels    []*panel
}

type variable struct {
	*Variable
	path  string
	where expr.Node
	ask   *ask // of a list
}

// panel is a panel with its questions taken apart.
type panel struct {
	*Panel
	path         string
	asks         []*ask
	minus        *ask
	part, whole  int // the asks a ratio is made of
	lists        []string
	valueColumns []string // one for each ask, when there are several
}

// ask is one question of a panel: a condition that more is joined to, and stages.
type ask struct {
	name   string
	title  Text
	where  expr.Node
	stages string
	back   string   // lookback
	refs   []string // variables it names
}

// Span of a lookback, of refresh, of a range.
var spanText = regexp.MustCompile(`^[1-9][0-9]{0,4}[smhdwMy]$`)

var idText = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// ValidID says whether a text may name a dashboard, a panel or a variable.
func ValidID(id string) bool { return idText.MatchString(id) }

// Compile checks everything Parse does not: questions, views, options. o knows the fields, types
// and native names; its range is not used. A board is returned unless a problem is fatal.
func Compile(src *Source, o query.Options) (*Board, Problems) {
	o.Since, o.Until, o.Limit = "24h", "", 0
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	c := &compiler{report: report{file: src.File, places: src.places}, options: o, board: &Board{ID: src.ID, Definition: &src.Definition, variables: map[string]*variable{}}}
	c.head()
	for i := range src.Definition.Variables {
		c.variable(i)
	}
	for _, v := range c.board.variables {
		c.list(v)
	}
	if n := len(src.Definition.Panels); n == 0 {
		c.add("panels", "add panels:", "a dashboard without panels shows nothing")
	} else if n > MaxPanels {
		c.add("panels", "make two dashboards of it", "%d panels: at most %d", n, MaxPanels)
	}
	for i := range src.Definition.Panels[:min(len(src.Definition.Panels), MaxPanels)] {
		c.panel(i)
	}
	list := c.sorted()
	if len(list.Fatal()) > 0 {
		return nil, list
	}
	return c.board, list
}

type compiler struct {
	report
	options query.Options
	board   *Board
}

// head checks what stands above the panels.
func (c *compiler) head() {
	d := c.board.Definition
	if !ValidID(c.board.ID) {
		c.add("", "take small letters, digits, - and _, such as my-board.yaml", "%q is no name of a dashboard", c.board.ID)
	}
	c.title("title", d.Title, true)
	c.length("description", d.Description, MaxHelp)
	if len(d.Tags) > 20 {
		c.add("tags", "", "more than 20 tags")
	}
	for i, t := range d.Types {
		if len(c.options.Types) > 0 && !slices.Contains(c.options.Types, t) {
			c.warn(fmt.Sprintf("types[%d]", i), suggest(t, c.options.Types), "there is no log type %s", t)
		}
	}
	if d.Range != "" {
		if _, _, err := query.ReadRange(d.Range, "", c.options.Now, time.UTC); err != nil {
			c.add("range", "write now-24h, now-7d or now/d", "%q is no start of a range", d.Range)
		}
	}
	if d.Refresh != "" && !spanText.MatchString(d.Refresh) {
		c.add("refresh", "write 30s, 1m or 5m", "%q is no span", d.Refresh)
	}
	if d.Where != "" {
		c.board.where, _ = c.condition("where", d.Where)
	}
}

func (c *compiler) title(path string, t Text, needed bool) {
	if needed && t.EN == "" && t.JA == "" {
		c.add(path, "title: {en: …, ja: …}", "a title is missing")
	}
	c.length(path, t, MaxTitle)
}

func (c *compiler) length(path string, t Text, most int) {
	if len(t.EN) > most || len(t.JA) > most {
		c.add(path, "", "the text is longer than %d bytes", most)
	}
}

// condition reads a condition that no stages follow.
func (c *compiler) condition(path, text string) (expr.Node, []string) {
	a := c.question(path, text)
	if a == nil {
		return nil, nil
	}
	if strings.TrimSpace(a.stages) != "" {
		c.add(path, "", "a condition has no stages: %s cannot stand here", strings.TrimSpace(a.stages))
	}
	c.statement(path, a, text)
	return a.where, a.refs
}

// question takes a text apart.
func (c *compiler) question(path, text string) *ask {
	if len(text) > MaxQueryText {
		c.add(path, "", "the question is longer than %d bytes", MaxQueryText)
		return nil
	}
	where, bar, err := expr.ParsePrefix(text)
	if err != nil {
		c.mistake(path, text, err)
		return nil
	}
	a := &ask{where: where, stages: text[bar:]}
	expr.Walk(where, func(n expr.Node) {
		if p, ok := n.(*expr.Predicate); ok {
			if name, ok := reference(p); ok {
				c.refer(path, text, p, name, a)
			}
		}
	})
	return a
}

// refer checks that a named variable can be named.
func (c *compiler) refer(path, text string, p *expr.Predicate, name string, a *ask) {
	v, known := c.board.variables[name]
	switch {
	case !known:
		var names []string
		for n, v := range c.board.variables {
			if v.Kind == Param || v.Kind == List {
				names = append(names, n)
			}
		}
		slices.Sort(names)
		c.mistake(path, text, &expr.Error{Source: text, Pos: p.Pos, End: p.Pos, Reason: fmt.Sprintf("there is no variable $%s", name), Hint: suggest(name, append(names, `"$…" in quotes for the text itself`))})
	case v.Kind != Param && v.Kind != List:
		c.mistake(path, text, &expr.Error{Source: text, Pos: p.Pos, End: p.Pos, Reason: fmt.Sprintf("$%s narrows all panels by itself", name), Hint: "only variables of kind param and list are named in questions"})
	case !slices.Contains(a.refs, name):
		a.refs = append(a.refs, name)
	}
}

var referenceText = regexp.MustCompile(`^\$([a-z][a-z0-9_-]{0,63})$`)

// reference is the variable a predicate names: field:$name.
func reference(p *expr.Predicate) (string, bool) {
	if p.Op != expr.Equal || p.Quote {
		return "", false
	}
	m := referenceText.FindStringSubmatch(p.Text)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// mistake reports a fault in a text at its place in the file.
func (c *compiler) mistake(path, text string, err error) {
	var e *expr.Error
	if !errors.As(err, &e) {
		c.add(path, "", "%v", err)
		return
	}
	at := c.place(path)
	if at.inline && e.Pos <= len(e.Source) {
		c.at(at.line, at.column+at.shift+utf8.RuneCountInString(e.Source[:e.Pos]), path, e.Hint, "%s", e.Reason)
		return
	}
	c.at(at.line, at.column, path, e.Hint, "%s", strings.TrimSuffix(e.Error(), "; "+e.Hint))
}

// statement parses what is asked when every variable is empty, and warns of what is probably
// not meant.
func (c *compiler) statement(path string, a *ask, text string) *query.Statement {
	stmt, err := query.Parse(join2(expand(a.where, nil, nil), a.stages), c.options)
	if err != nil {
		// The places of errors in stages are those of the text as written.
		if _, err2 := query.Parse(text, c.options); err2 != nil {
			err = err2
		}
		c.mistake(path, text, err)
		return nil
	}
	for _, w := range stmt.Warnings {
		c.warn(path, "", "%s", w)
	}
	return stmt
}

// variable checks a variable and makes it known.
func (c *compiler) variable(i int) {
	v := &c.board.Definition.Variables[i]
	path := fmt.Sprintf("variables[%d]", i)
	switch {
	case i >= MaxVariables:
		if i == MaxVariables {
			c.add(path, "", "more than %d variables", MaxVariables)
		}
		return
	case !ValidID(v.Name):
		c.add(path+".name", "take small letters, digits, - and _", "%q is no name", v.Name)
		return
	case c.board.variables[v.Name] != nil:
		c.add(path+".name", "", "two variables are named %s", v.Name)
		return
	}
	out := &variable{Variable: v, path: path}
	c.title(path+".title", v.Title, v.Kind != List)
	c.length(path+".help", v.Help, MaxHelp)
	if len(v.Default) > 100 {
		c.add(path+".default", "", "more than 100 values")
	}
	allowed := map[VariableKind][]string{Values: {"field", "where"}, Typed: {"field"}, Toggle: {"where"}, Param: {"field", "where"}, List: {"query", "lookback"}}[v.Kind]
	if allowed == nil {
		c.add(path+".kind", suggest(string(v.Kind), []string{"values", "text", "toggle", "param", "list"}), "%q is no kind of variable", v.Kind)
		return
	}
	for key, value := range map[string]string{"field": v.Field, "where": v.Where, "query": v.Query, "lookback": v.Lookback} {
		if value != "" && !slices.Contains(allowed, key) {
			c.add(path+"."+key, "", "%s means nothing to a variable of kind %s", key, v.Kind)
		}
	}
	needed := map[VariableKind]string{Values: v.Field, Typed: v.Field, Toggle: v.Where, List: v.Query, Param: "-"}[v.Kind]
	if needed == "" {
		c.add(path, "", "a variable of kind %s needs %s", v.Kind, allowed[0])
	}
	if v.Kind == Toggle && len(v.Default) > 0 && !slices.Equal(v.Default, []string{"on"}) {
		c.add(path+".default", "", "a toggle is on, or has no default")
	}
	if v.Field != "" {
		c.field(path+".field", v.Field)
	}
	if v.Where != "" {
		out.where, _ = c.condition(path+".where", v.Where)
	}
	c.span(path+".lookback", v.Lookback)
	c.board.variables[v.Name] = out
}

// list checks the question of a list.
func (c *compiler) list(v *variable) {
	if v.Kind != List || v.Query == "" {
		return
	}
	path := v.path + ".query"
	a := c.question(path, v.Query)
	if a == nil {
		return
	}
	for _, name := range a.refs {
		if c.board.variables[name].Kind == List {
			c.add(path, "", "a list cannot be made from another list")
			return
		}
	}
	stmt := c.statement(path, a, v.Query)
	if stmt != nil && stmt.Aggregate == nil {
		c.add(path, "write … | top 100 source.ip", "a list is made from rows, not from events")
		return
	}
	a.back = v.Lookback
	v.ask = a
}

// field warns of a name that no log type declares.
func (c *compiler) field(path, name string) {
	if len(c.options.Fields) == 0 {
		return
	}
	stmt, err := query.Parse("", c.options)
	if err != nil || stmt == nil {
		return
	}
	if s, err := query.Parse((&expr.Predicate{Field: name, Op: expr.Exists}).String(), c.options); err == nil {
		for _, w := range s.Warnings {
			c.warn(path, "", "%s", w)
		}
	}
}

func (c *compiler) span(path, text string) {
	if text != "" && !spanText.MatchString(text) {
		c.add(path, "write 24h, 7d or 30d", "%q is no span", text)
	}
}
