package content

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/logtype"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
)

// Lint checks everything about a log type that can be checked without judging its results:
// that it compiles, is documented in both languages, refers to its vendor's page, has samples good
// and bad that cover its fields, loses no native field, asks valid questions, and does not change
// the columns of a released version. f is one of the loaded folders. Warnings come last.
func (c *Content) Lint(ctx context.Context, f Folder) Problems {
	t := c.Type(f.Name)
	if t == nil {
		return slices.Clone(c.failed[f.Name])
	}
	src, err := f.Definition()
	if err != nil {
		return Problems{fileProblem(f, err.Error(), missingHint(f, err))}
	}
	l := linter{c: c, f: f, d: t.Def, lines: strings.Split(string(src), "\n")}
	l.texts()
	l.questions()
	l.version(t)
	l.samples(ctx, src)
	slices.SortStableFunc(l.list, func(a, b Problem) int {
		switch {
		case a.Warning == b.Warning:
			return 0
		case b.Warning:
			return -1
		}
		return 1
	})
	return l.list
}

type linter struct {
	c     *Content
	f     Folder
	d     *logtype.Definition
	lines []string
	list  Problems
}

func (l *linter) add(at logtype.Pos, warning bool, hint, format string, args ...any) {
	p := logtype.Problem{File: l.f.File(definitionFile), Pos: at, Text: fmt.Sprintf(format, args...), Hint: hint}
	if at.Line >= 1 && at.Line <= len(l.lines) {
		p.Line = strings.TrimRight(l.lines[at.Line-1], "\r")
	}
	l.list = append(l.list, Problem{Problem: p, Warning: warning})
}

// texts checks what people read.
func (l *linter) texts() {
	d := l.d
	if !strings.HasPrefix(d.Reference, "https://") && !strings.HasPrefix(d.Reference, "http://") {
		l.add(d.Pos, false, "add reference: https://…", "no reference to the page that describes the format")
	}
	if d.About.EN == "" || d.About.JA == "" {
		l.add(d.Pos, false, "about: {en: …, ja: …}", "about says nothing in English or in Japanese")
	}
	for _, f := range d.Fields {
		if f.About.EN == "" || f.About.JA == "" {
			l.add(f.Pos, false, "about: {en: …, ja: …}", "field %s is not described in English and Japanese", f.Name)
		}
	}
	for _, s := range d.Say {
		if s.EN.Text == "" || s.JA.Text == "" {
			l.add(s.Pos, false, "", "a sentence is missing in English or in Japanese")
		}
	}
}

// questions checks queries.md.
func (l *linter) questions() {
	file := l.f.File(queriesFile)
	add := func(line int, format string, args ...any) {
		l.list = append(l.list, Problem{Problem: logtype.Problem{File: file, Pos: logtype.Pos{Line: line, Col: 1}, Text: fmt.Sprintf(format, args...)}})
	}
	src, err := readFile(l.f.FS, queriesFile)
	if err != nil {
		add(1, "no ready questions: %v", err)
		return
	}
	list := ParseQuestions(string(src))
	if len(list) == 0 {
		add(1, "no query in a fenced block")
	}
	for _, q := range list {
		if _, err := query.Parse(q.Query, l.c.QueryOptions()); err != nil {
			add(q.Line, "%q: %v", q.Title.EN, err)
		}
	}
}

// QueryOptions are what questions are parsed with: all fields, types and native names are
// known; the range is the last day by the clock of the fixtures.
func (c *Content) QueryOptions() query.Options {
	o := query.Options{Now: defaultClock(), Since: "24h", Fields: map[string]schema.Kind{}, Aliases: map[string][]string{}}
	for _, t := range c.Types {
		o.Types = append(o.Types, t.Name)
		for _, f := range t.Table.Fields {
			o.Fields[f.Name] = f.Kind
		}
		for native, field := range t.Aliases() {
			o.Aliases[native] = append(o.Aliases[native], field)
		}
	}
	return o
}

// version guards released columns.
func (l *linter) version(t *logtype.Type) {
	r, err := l.f.released()
	if err != nil {
		l.list = append(l.list, fileProblem(l.f, err.Error(), ""))
		return
	}
	if what := r.check(t.Table); what != "" {
		l.add(l.d.Pos, false, fmt.Sprintf("raise version to %d", t.Table.Version+1), "%s", what)
	}
}

// samples checks that there are good and bad ones, that they show every field, and that no
// native field is lost.
func (l *linter) samples(ctx context.Context, src []byte) {
	fixtures, err := l.f.Fixtures()
	if err != nil {
		l.list = append(l.list, fileProblem(l.f, err.Error(), ""))
		return
	}
	good, bad := 0, 0
	for _, x := range fixtures {
		if x.Bad {
			bad++
		} else {
			good++
		}
	}
	if good == 0 {
		l.list = append(l.list, fileProblem(l.f, "no good sample", "add "+fixtureFolder+"/sample.log: its records become events"))
	}
	if bad == 0 {
		l.list = append(l.list, fileProblem(l.f, "no bad sample", "add "+fixtureFolder+"/bad-<why>.log: at least one record must be refused"))
	}
	now, err := l.f.clock()
	if err != nil {
		l.list = append(l.list, fileProblem(l.f, err.Error(), ""))
		return
	}
	seen := map[string]bool{}
	lost := map[string]string{}
	all := l.keepAll(src)
	for _, x := range fixtures {
		if x.Bad {
			continue
		}
		raw, err := readFile(l.f.FS, x.Name)
		if err != nil {
			l.list = append(l.list, fileProblem(l.f, err.Error(), ""))
			continue
		}
		got, err := read(ctx, l.c.Set, x.Name, raw, readOptions{now: now})
		if err != nil {
			l.list = append(l.list, fileProblem(l.f, err.Error(), ""))
			continue
		}
		for _, e := range got.events {
			if e.batch.Table.LogType != l.f.Name {
				continue
			}
			for name := range e.document() {
				seen[name] = true
			}
		}
		if all == nil || got.mixed() {
			continue
		}
		if got, err = read(ctx, all, x.Name, raw, readOptions{now: now, forced: l.f.Name}); err != nil {
			continue
		}
		for _, e := range got.events {
			for name := range leftOver(e.document()) {
				lost[name] = x.Name
			}
		}
	}
	for _, name := range sortedKeys(lost) {
		l.add(l.d.Pos, false, "map it below set, or add rest: {} to keep it searchable", "native field %s (%s) is neither mapped nor kept", name, lost[name])
	}
	if good == 0 {
		return
	}
	for _, s := range l.d.Set {
		if !seen[s.Name] {
			l.add(s.Pos, true, "add a record that has it", "no sample gives %s a value", s.Name)
		}
	}
}

// keepAll is a set with this type alone, changed so that everything left over is kept: what a
// definition without rest drops shows up there. nil when the definition keeps it anyway.
func (l *linter) keepAll(src []byte) *logtype.Set {
	if l.d.Rest != nil {
		return nil
	}
	d, err := logtype.Parse(l.f.File(definitionFile), append(slices.Clone(src), "\nrest: {}\n"...))
	if err != nil {
		return nil
	}
	t, err := logtype.Compile(d, schema.ECS())
	if err != nil {
		return nil
	}
	return logtype.NewSet([]*logtype.Type{t})
}
