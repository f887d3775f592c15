package detect

import (
	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// LogType is what rules need to know of a log type.
type LogType struct {
	Name    string
	Table   *schema.Table
	Sources []LogSource // the Sigma log sources its events belong to
	// Aliases are native names and the columns that hold their values, the best first. They come
	// before columns and leaves of the same name.
	Aliases map[string][]string
	// Natives are native leaf names that can be there, for lint only; with Closed there are no others.
	Natives []string
	Closed  bool
}

// Env is what rules are compiled against.
type Env struct{ Types []LogType }

// Set is a number of compiled rules. It is immutable and shared by all workers.
type Set struct {
	rules []*Rule
	env   Env
}

// Compile binds rules to log types. Rules that fit no log type are in the set ("loaded, without log
// type"), but never match. The problems are of rules that were left out, and warnings.
func Compile(rules []*Rule, env Env) (*Set, Problems) {
	return &Set{rules: rules, env: env}, nil
}

// Rules lists the rules of the set. Who reads it must not change it.
func (s *Set) Rules() []*Rule { return s.rules }

// Match is a rule that matched a row of a batch. Its texts alias the batch and the slice is used
// again: copy what is kept.
type Match struct {
	Rule   *Rule
	Row    int
	Fields []MatchedField // what made it match, in the order of the rule
}

// MatchedField is a column or native leaf and the value (cut at 1 KB) that a rule was looking for.
type MatchedField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// NewMatcher makes a matcher. One goroutine at a time may use it.
func (s *Set) NewMatcher() *Matcher { return &Matcher{set: s} }

// Matcher runs the rules of a set over batches.
type Matcher struct{ set *Set }

// Match yields every match in a sealed batch, by row, then in the order of the rules.
func (m *Matcher) Match(b *event.Batch, yield func(Match)) {}

// Group returns what a finding of the rule in a row is grouped by: the fields of GroupBy that the
// row has, or the first of DefaultGroupBy it has.
func (r *Rule) Group(b *event.Batch, row int) []MatchedField { return nil }
