package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

// history is a catalogue that can go back to an older version; state has it.
type history interface {
	SnapshotAt(ctx context.Context, seq int64, types []string, from, to int64) (store.Snapshot, error)
}

// plan is the parts a query reads and its condition.
type plan struct {
	lake    *Lake
	query   store.Query
	parts   []store.Part // left after statistics
	seq     int64
	stats   store.Stats
	release func()
	ids     []int64 // matchers to remove
	regexes map[string]bool
	bad     map[string]bool // ids of parts found unreadable
	kinds   map[string]kindOf

	matchers matchers
}

// plan takes a snapshot and leaves out the parts that cannot hold an answer. seq > 0 asks for
// an older version of the catalogue. The caller calls done.
func (l *Lake) plan(ctx context.Context, q store.Query, seq int64) (*plan, error) {
	if l.catalogue == nil {
		return nil, ErrNoCatalogue
	}
	snap, err := l.snapshot(ctx, q, seq)
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	p, err := l.planOver(ctx, q, snap)
	if err != nil && snap.Release != nil {
		snap.Release()
	}
	return p, err
}

// planOver is plan with a snapshot at hand.
func (l *Lake) planOver(ctx context.Context, q store.Query, snap store.Snapshot) (*plan, error) {
	p := &plan{lake: l, query: q, seq: snap.Seq, release: snap.Release, kinds: kindsOf(snap.Parts), matchers: matchers{}}
	for i := range snap.Parts {
		part := &snap.Parts[i]
		if part.MaxTime < q.From || part.MinTime >= q.To || part.Rows == 0 {
			continue
		}
		p.stats.Parts++
		if q.Where != nil && (p.matchers.prune(q.Where, part) == never || l.needles.lacks(l, p.matchers, q.Where, part)) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.parts = append(p.parts, *part)
	}
	return p, nil
}

func (l *Lake) snapshot(ctx context.Context, q store.Query, seq int64) (store.Snapshot, error) {
	if h, ok := l.catalogue.(history); ok && seq > 0 {
		return h.SnapshotAt(ctx, seq, q.Types, q.From, q.To)
	}
	snap, err := l.catalogue.Snapshot(ctx, q.Types, q.From, q.To)
	if err == nil && seq > 0 {
		snap.Parts = slices.DeleteFunc(slices.Clone(snap.Parts), func(p store.Part) bool { return p.Seq > seq })
		snap.Seq = seq
	}
	return snap, err
}

func (p *plan) done() {
	if p.release != nil {
		p.release()
	}
	if p.lake.engine != nil {
		p.lake.engine.functions.remove(p.ids)
	}
}

// kindOf is the kind of a field and who declares it.
type kindOf struct {
	kind    schema.Kind // element kind
	logType string
	version int
}

// kindsOf collects the declared kinds. Where parts disagree on a name the highest version of
// the first log type by name decides.
func kindsOf(parts []store.Part) map[string]kindOf {
	out := map[string]kindOf{}
	type table struct {
		logType string
		version int
	}
	seen := map[table]bool{}
	for i := range parts {
		p := &parts[i]
		if t := (table{p.LogType, p.Version}); seen[t] {
			continue
		} else {
			seen[t] = true
		}
		for _, f := range p.Fields {
			old, ok := out[f.Name]
			if !ok || p.LogType < old.logType || p.LogType == old.logType && p.Version > old.version {
				out[f.Name] = kindOf{f.Kind.Element(), p.LogType, p.Version}
			}
		}
	}
	return out
}

// group is parts with the same columns: one file list, one condition.
type group struct {
	plan     *plan
	logType  string
	version  int
	fields   []store.Field
	kinds    map[string]schema.Kind
	original bool
	rest     bool
	inside   bool // every row lies in the time range of the query
	parts    []store.Part
}

// groups sorts parts into groups, in an order that does not depend on that of the parts. With
// split, parts wholly inside the time range stand apart and need no test of the time.
func (p *plan) groups(parts []store.Part, split bool) []*group {
	type key struct {
		logType string
		version int
		inside  bool
	}
	byKey := map[key]*group{}
	var out []*group
	for _, part := range parts {
		inside := part.MinTime >= p.query.From && part.MaxTime < p.query.To
		k := key{part.LogType, part.Version, inside && split}
		g := byKey[k]
		if g == nil {
			g = &group{plan: p, logType: k.logType, version: k.version, inside: true, fields: part.Fields, original: part.Original, rest: part.Rest, kinds: map[string]schema.Kind{}}
			for _, f := range part.Fields {
				g.kinds[f.Name] = f.Kind
			}
			byKey[k] = g
			out = append(out, g)
		}
		g.parts = append(g.parts, part)
		g.inside = g.inside && inside
	}
	slices.SortFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.logType, b.logType), cmp.Compare(a.version, b.version), boolCompare(a.inside, b.inside))
	})
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// from is the table function that reads the files of the group.
func (g *group) from(withFile bool) (string, error) {
	var b strings.Builder
	b.WriteString("read_parquet([")
	for i := range g.parts {
		path, err := g.plan.lake.localPath(g.parts[i].Path)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(path))
	}
	b.WriteString("], hive_partitioning=false")
	if withFile {
		b.WriteString(", filename='_file'")
	}
	b.WriteString(")")
	return b.String(), nil
}

const whereFalse = " WHERE false"

// where is the condition on rows of the group: the query's, its time range, and more.
func (g *group) where(extra ...string) string {
	var conds []string
	if !g.inside {
		t := ident(colTime)
		conds = append(conds, t+" >= "+timeLit(g.plan.query.From), t+" < "+timeLit(g.plan.query.To))
	}
	if g.plan.query.Where != nil {
		c := g.condition(g.plan.query.Where)
		if c == sqlFalse {
			return whereFalse
		}
		if c != sqlTrue {
			conds = append(conds, c)
		}
	}
	for _, e := range extra {
		if e != "" {
			conds = append(conds, e)
		}
	}
	if len(conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conds, " AND ")
}

// Estimate says what a query would read.
func (l *Lake) Estimate(ctx context.Context, q store.Query) (store.Estimate, error) {
	p, err := l.plan(ctx, q, 0)
	if err != nil {
		return store.Estimate{}, err
	}
	defer p.done()
	out := store.Estimate{Parts: len(p.parts)}
	for i := range p.parts {
		out.Rows += p.parts[i].Rows
		out.Bytes += p.parts[i].Bytes
	}
	return out, nil
}

// matcher compiles a predicate for a kind; what does not fit matches nothing.
func matcher(p *expr.Predicate, kind schema.Kind) *expr.Matcher {
	m, _ := expr.Compile(p, kind) // the misfit is the language's warning to give
	return m
}
