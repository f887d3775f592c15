package detect

// Levels of a rule, from harmless to worst. They are the severities of its alerts.
var Levels = []string{"informational", "low", "medium", "high", "critical"}

// Text is a text for people in the languages of the program.
type Text struct{ EN, JA string }

// In returns the text in a language ("en" or "ja"), English when there is no other.
func (t Text) In(lang string) string {
	if lang == "ja" && t.JA != "" {
		return t.JA
	}
	return t.EN
}

// LogSource is what a Sigma rule says about the logs it is for. Empty parts fit everything.
type LogSource struct {
	Product  string `json:"product,omitempty"`
	Category string `json:"category,omitempty"`
	Service  string `json:"service,omitempty"`
}

// String is the log source as people write it: product/category/service.
func (l LogSource) String() string {
	s := ""
	for _, p := range []string{l.Product, l.Category, l.Service} {
		if p == "" {
			continue
		}
		if s != "" {
			s += "/"
		}
		s += p
	}
	return s
}

// Rule is a detection rule as its author wrote it. Parse makes it; it is not changed afterwards.
type Rule struct {
	File string
	Pos  Pos // of the title

	ID             string // a UUID; the name of the file without it when it has none
	Title          Text
	Description    Text
	Level          string // one of Levels; "medium" when the rule does not say
	Status         string // stable, test, experimental …; may be empty
	Author         string
	License        string // "DRL 1.1" when the rule does not say, as for all public Sigma rules
	Date           string
	Modified       string
	References     []string
	Tags           []string
	FalsePositives []string
	Fields         []string // worth showing beside a match
	Source         LogSource

	GroupBy  []string // what makes one alert of many findings; nil = DefaultGroupBy
	LogTypes []string // explicit routing; nil = by Source
	Disabled bool     // loaded, but never matches
	Runbook  Text
	Tests    []Test

	// Hash is of the text of the rule: a rule whose meaning changed has another one.
	Hash string
	// Conditions are the texts of the condition; a list of them is joined by or.
	Conditions []string

	root *node
}

// DefaultGroupBy: the first of these that an event has groups the findings of a rule that says
// nothing.
var DefaultGroupBy = []string{"user.name", "source.ip", "host.name", "cloud.account.id"}

// Test is a test inside a rule: an event and whether the rule matches it.
type Test struct {
	Name    string
	Pos     Pos
	LogType string         // of a raw record, or of the event when the rule has several log types
	Event   map[string]any // a native or an ECS document, nested or dotted
	Record  string         // a raw record, as it stands in a log file
	Match   bool
	Fields  map[string]string // fields that must be among the matched ones, with these values
}

// Pos is a place in a file, counted from 1.
type Pos struct{ Line, Col int }
