// Package dashboard reads dashboards (one YAML file each), checks them, and answers all their
// panels at once: equal questions are asked once, answers are kept by what was read for them
// and shared by everybody who looks. It knows no storage engine, no HTTP and no drawing.
package dashboard

// The bounds of a dashboard.
const (
	MaxFile      = 256 << 10 // bytes of YAML
	MaxPanels    = 60
	MaxVariables = 20
	MaxQueries   = 8      // of one panel
	MaxText      = 16_000 // bytes of a text panel, one language
	MaxQueryText = 8_000  // bytes of one question
	MaxTitle     = 200    // bytes of a title, one language
	MaxHelp      = 2_000  // bytes of a help text or description, one language
)

// Definition is a dashboard as its author wrote it. Its JSON has the structure of the YAML.
type Definition struct {
	// Title is shown in lists and above the panels.
	Title Text `json:"title"`
	// Description says whom it is for and what it answers.
	Description Text `json:"description,omitzero"`
	// Tags are words to find it by.
	Tags []string `json:"tags,omitempty"`
	// Types are the log types it is about; a dashboard without any is about all of them.
	Types []string `json:"types,omitempty"`
	// Range is the first range of time, from its start to now; default now-24h.
	Range string `json:"range,omitempty"`
	// Refresh is how often the page asks again, such as 1m; none if not said.
	Refresh string `json:"refresh,omitempty"`
	// Where is a condition that holds for all panels, except those with base: false.
	Where string `json:"where,omitempty"`
	// Variables are what a reader can choose.
	Variables []Variable `json:"variables,omitempty"`
	// Panels in order of importance: they flow from left to right, twelve columns wide.
	Panels []Panel `json:"panels"`
}

// Text is something for people in English and Japanese. In YAML one text for both will do.
type Text struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// In returns the text in a language ("en", "ja"); one that is missing is given in the other.
func (t Text) In(lang string) string {
	if lang == "ja" && t.JA != "" || t.EN == "" {
		return t.JA
	}
	return t.EN
}

// VariableKind says what a variable does.
type VariableKind string

// The kinds of variables.
const (
	// Values narrows all panels to the chosen values of a field.
	Values VariableKind = "values"
	// Typed narrows all panels to events whose field contains a typed text.
	Typed VariableKind = "text"
	// Toggle adds a condition to all panels while it is on ("on" is its value).
	Toggle VariableKind = "toggle"
	// Param changes nothing by itself: panels name it, field:$name.
	Param VariableKind = "param"
	// List holds the values a question finds; panels name it, field:$name. Nobody chooses it.
	List VariableKind = "list"
)

// Variable is something a reader chooses, or a list that a question fills.
type Variable struct {
	// Name is how panels name it: $name.
	Name string `json:"name"`
	// Title is shown beside the choice.
	Title Text `json:"title,omitzero"`
	// Help explains it.
	Help Text `json:"help,omitzero"`
	// Kind is values, text, toggle, param or list.
	Kind VariableKind `json:"kind"`
	// Field is what values and text narrow, and where the choices of values and param come from.
	Field string `json:"field,omitempty"`
	// Where is the condition of a toggle; for values and param it narrows the choices offered.
	Where string `json:"where,omitempty"`
	// Query fills a list: the first column of its rows.
	Query string `json:"query,omitempty"`
	// Lookback lets the query of a list look at this span before the range instead of the range.
	Lookback string `json:"lookback,omitempty"`
	// Default is what is chosen at first.
	Default []string `json:"default,omitempty"`
}

// View is how a panel is drawn.
type View string

// The views.
const (
	Number   View = "number"   // one number, or one for each row
	TableOf  View = "table"    // rows
	Donut    View = "donut"    // one key, one number
	Bar      View = "bar"      // a key or time; a second key stacks
	Line     View = "line"     // time; a second key or several questions make several lines
	Area     View = "area"     // as line, filled
	Heatmap  View = "heatmap"  // two keys, one number
	Map      View = "map"      // a country code, one number
	Sankey   View = "sankey"   // two or three keys, one number
	Treemap  View = "treemap"  // one or two keys, one number
	Events   View = "events"   // events themselves
	Markdown View = "text"     // a text for people
	Controls View = "controls" // the choices of the variables
)

// Panel is one field of the page.
type Panel struct {
	// ID names the panel in addresses and commands; unique in the dashboard.
	ID string `json:"id"`
	// Title stands above it.
	Title Text `json:"title,omitzero"`
	// Help says what the panel tells and what to do about it.
	Help Text `json:"help,omitzero"`
	// View is how it is drawn.
	View View `json:"view"`
	// Size in columns and rows; every view has a default.
	Size Size `json:"size,omitzero"`
	// Query is the question, see the query language.
	Query string `json:"query,omitempty"`
	// Lookback lets the query look at this span before the range instead of the range.
	Lookback string `json:"lookback,omitempty"`
	// AtLeast makes the panel look at this span up to the end of the range when the range is
	// shorter: a week has no shape in a day.
	AtLeast string `json:"at_least,omitempty"`
	// AtMost makes the panel look at this span up to the end of the range when the range is
	// longer: minutes of a year are too many.
	AtMost string `json:"at_most,omitempty"`
	// Queries are several questions joined by their keys: each gives a column of its name.
	Queries []NamedQuery `json:"queries,omitempty"`
	// Ratio makes one number of two of the queries: "blocked / all".
	Ratio string `json:"ratio,omitempty"`
	// Minus takes the rows away whose keys another question finds.
	Minus *Minus `json:"minus,omitempty"`
	// Compare is previous, day, week or none; default previous for numbers, none for the rest.
	Compare string `json:"compare,omitempty"`
	// Base false leaves the dashboard's own condition out; the reader's choices still hold.
	Base *bool `json:"base,omitempty"`
	// Ignore names variables that do not narrow this panel.
	Ignore []string `json:"ignore,omitempty"`
	// Text is shown by view text, in a safe part of Markdown.
	Text Text `json:"text,omitzero"`
	// Controls names the variables that view controls offers; all if not said.
	Controls []string `json:"controls,omitempty"`
	// Labels name columns for people; common names have labels already.
	Labels map[string]Text `json:"labels,omitempty"`
	// Options are how it is drawn in detail.
	Options Options `json:"options,omitzero"`
}

// NamedQuery is one of several questions.
type NamedQuery struct {
	// Name of its column.
	Name string `json:"name"`
	// Title of its column for people.
	Title Text `json:"title,omitzero"`
	// Query is the question: its statistics have one column.
	Query string `json:"query"`
	// Lookback lets it look at this span before the range instead of the range.
	Lookback string `json:"lookback,omitempty"`
}

// Minus is the question whose rows are taken away.
type Minus struct {
	// Query is asked; the panel's own query if not said.
	Query string `json:"query,omitempty"`
	// Lookback lets it look at this span before the range instead of the range.
	Lookback string `json:"lookback,omitempty"`
}

// Size of a panel: W of 12 columns, H rows of 40 px. X and Y place it; panels without them flow.
type Size struct {
	// W is the width in columns, 1 to 12.
	W int `json:"w,omitempty"`
	// H is the height in rows of 40 px, 1 to 30.
	H int `json:"h,omitempty"`
	// X is the first column, from 0.
	X *int `json:"x,omitempty"`
	// Y is the first row, from 0.
	Y *int `json:"y,omitempty"`
}

// Options are how a panel is drawn. Those that mean nothing to its view are refused.
type Options struct {
	// Unit of the numbers: count, bytes, percent, ms, s, ns.
	Unit string `json:"unit,omitempty"`
	// Delta says what a rise means: up_is_bad, up_is_good or neutral (default).
	Delta string `json:"delta,omitempty"`
	// Trend draws a small line over time below a number.
	Trend bool `json:"trend,omitempty"`
	// Colors fixed by meaning: severity, action, outcome or status.
	Colors string `json:"colors,omitempty"`
	// Stacked puts the pieces of bars and areas on one another.
	Stacked bool `json:"stacked,omitempty"`
	// Percent draws shares of 100 instead of numbers.
	Percent bool `json:"percent,omitempty"`
	// Horizontal lays bars on their side.
	Horizontal bool `json:"horizontal,omitempty"`
	// Log draws a logarithmic scale.
	Log bool `json:"log,omitempty"`
	// Share adds the share of the total to each row.
	Share bool `json:"share,omitempty"`
	// First keeps the first row of each value of a column.
	First string `json:"first,omitempty"`
	// Rows shows at most this many rows, after minus and first.
	Rows int `json:"rows,omitempty"`
	// Columns are the fields of an event list, or the columns of a table in order.
	Columns []string `json:"columns,omitempty"`
}
