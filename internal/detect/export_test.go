package detect

import "github.com/yagura-siem/yagura/internal/event"

// Judge tells of every step-th row which of the rules for a batch match it, by the plain evaluator.
func (s *Set) Judge(b *event.Batch, step int, yield func(row int, r *Rule)) {
	var aliases map[string][]string
	if t := s.logType(b.Table.LogType); t != nil {
		aliases = t.Aliases
	}
	res := newResolver(b.Table, aliases)
	bound := map[string]*binding{}
	for row := 0; row < b.Rows; row += step {
		e := newEvaluator(res, rowSubject{b, row})
		e.bound = bound
		for _, r := range s.byType[b.Table.LogType] {
			if e.eval(r.root) {
				yield(row, r)
			}
		}
	}
}

// Unindexed names the rules for a log type that are tried on every row.
func (s *Set) Unindexed(logType string) (names []string) {
	p := s.program(s.logType(logType).Table, nil)
	if p == nil {
		return nil
	}
	for _, i := range p.always {
		names = append(names, p.rules[i].rule.Title.EN)
	}
	return names
}

// Routed counts the rules for a log type.
func (s *Set) Routed(logType string) int { return len(s.byType[logType]) }

// Tune compiles the rules for a batch once more, with what its rows hold.
func (s *Set) Tune(b *event.Batch) {
	if s.program(b.Table, nil) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.programs[b.Table] = compileProgram(s.byType[b.Table.LogType], b.Table, s.logType(b.Table.LogType).Aliases, newSample(b))
	s.tuned[b.Table] = true
}
