package detect

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/schema"
)

// LogType is what rules need to know of a log type.
type LogType struct {
	Name    string
	Table   *schema.Table
	Sources []LogSource // the Sigma log sources its events belong to
	// Aliases are native names and the columns that hold their values: the first that has something
	// counts. They come before columns and leaves of the same name.
	Aliases map[string][]string
	// For lint only: Natives are native leaf names that were seen, with Closed there are no others,
	// nil = not known; Consumed are native names whose values are only kept in another form.
	Natives  []string
	Consumed []string
	Closed   bool
}

// Env is what rules are compiled against.
type Env struct{ Types []LogType }

// Set is a number of compiled rules. All workers share it.
type Set struct {
	rules  []*Rule
	byID   map[string]*Rule // in lower case
	env    Env
	types  map[*Rule][]string // log types of a rule
	byType map[string][]*Rule // rules of a log type

	mu       sync.Mutex
	programs map[*schema.Table]*program // compiled when a batch of the table comes
	tuned    map[*schema.Table]bool     // those made for the rows that were seen
}

// maxPrograms bounds the tables (versions of log types) that are kept compiled.
const maxPrograms = 256

// Compile binds rules to log types. Rules that fit no log type are in the set ("loaded, without log
// type"), but never match. The problems are of rules that were left out (a second one with an id),
// and warnings.
func Compile(rules []*Rule, env Env) (*Set, Problems) {
	s := &Set{env: env, byID: map[string]*Rule{}, types: map[*Rule][]string{}, byType: map[string][]*Rule{}, programs: map[*schema.Table]*program{}, tuned: map[*schema.Table]bool{}}
	var bad Problems
	for _, r := range rules {
		id := strings.ToLower(r.ID)
		if other := s.byID[id]; other != nil {
			bad = append(bad, Problem{File: r.File, Pos: r.Pos, Rule: r.Title.EN, Text: fmt.Sprintf("the id %s is that of another rule (%s)", r.ID, other.File), Hint: "every rule has its own id"})
			continue
		}
		s.byID[id] = r
		s.rules = append(s.rules, r)
		if r.Disabled {
			continue
		}
		for _, t := range env.Types {
			if r.fits(t) {
				s.types[r] = append(s.types[r], t.Name)
				s.byType[t.Name] = append(s.byType[t.Name], r)
			}
		}
		for _, name := range r.LogTypes {
			if !slices.ContainsFunc(env.Types, func(t LogType) bool { return t.Name == name }) {
				names := make([]string, len(env.Types))
				for i, t := range env.Types {
					names[i] = t.Name
				}
				bad = append(bad, Problem{File: r.File, Pos: r.Pos, Rule: r.Title.EN, Text: "there is no log type " + quote(name), Hint: suggest(name, names), Warning: true})
			}
		}
	}
	for _, t := range env.Types {
		s.program(t.Table, nil)
	}
	return s, bad
}

// fits reports whether the events of a log type are those a rule is for: every part of its log
// source that the rule names is named so by the log type.
func (r *Rule) fits(t LogType) bool {
	if len(r.LogTypes) > 0 {
		return slices.Contains(r.LogTypes, t.Name)
	}
	if r.Source == (LogSource{}) {
		return false
	}
	part := func(want, have string) bool { return want == "" || strings.EqualFold(want, have) }
	for _, l := range t.Sources {
		if part(r.Source.Product, l.Product) && part(r.Source.Category, l.Category) && part(r.Source.Service, l.Service) {
			return true
		}
	}
	return false
}

// Rules lists the rules of the set. Who reads it must not change it.
func (s *Set) Rules() []*Rule { return s.rules }

// Rule returns the rule with an id, or nil.
func (s *Set) Rule(id string) *Rule { return s.byID[strings.ToLower(id)] }

// LogTypes names the log types whose events a rule sees; none = it is loaded, but never matches.
func (s *Set) LogTypes(r *Rule) []string { return s.types[r] }

// logType finds the log type of a table.
func (s *Set) logType(name string) *LogType {
	for i := range s.env.Types {
		if s.env.Types[i].Name == name {
			return &s.env.Types[i]
		}
	}
	return nil
}

// program returns the compiled rules for a table; nil when there are none. b is a batch of the table,
// or nil: the first one with many rows says which tests are rare, and the rules are compiled once more.
func (s *Set) program(t *schema.Table, b *event.Batch) *program {
	if t == nil || len(s.byType[t.LogType]) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	many := b != nil && b.Rows >= sampleFrom
	if p, ok := s.programs[t]; ok && (s.tuned[t] || !many) {
		return p
	}
	if len(s.programs) >= maxPrograms {
		clear(s.programs)
		clear(s.tuned)
	}
	var known *sample
	if many {
		known = newSample(b)
	}
	p := compileProgram(s.byType[t.LogType], t, s.logType(t.LogType).Aliases, known)
	s.programs[t], s.tuned[t] = p, many
	return p
}
