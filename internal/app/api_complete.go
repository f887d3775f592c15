package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yagura-siem/yagura/internal/expr"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
	"github.com/yagura-siem/yagura/internal/query"
	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

const (
	maxProposals  = 50
	valueTime     = 40 * time.Millisecond // to look for values in
	maxValueShown = 300                   // bytes
)

// completer gathers proposals for one place.
type completer struct {
	f     *face
	lang  string
	place query.Place
	out   api.CompleteAnswer
}

func (c *completer) expects(e query.Expected) bool { return c.place.Expects&e != 0 }

func (c *completer) add(p api.Proposal) {
	if len(c.out.Items) < maxProposals && p.Insert != "" {
		c.out.Items = append(c.out.Items, p)
	}
}

func (c *completer) say(en, ja string) string {
	if c.lang == "ja" && ja != "" {
		return ja
	}
	return en
}

// rank tells how well a name fits what was typed: 0 as its beginning, 1 as the beginning of one
// of its parts, 2 somewhere, -1 not.
func rank(name, typed string) int {
	low := strings.ToLower(name)
	switch {
	case strings.HasPrefix(low, typed):
		return 0
	case strings.Contains(low, "."+typed), strings.Contains(low, "_"+typed):
		return 1
	case strings.Contains(low, typed):
		return 2
	}
	return -1
}

func (c *completer) fields() {
	typed := strings.ToLower(c.place.Prefix)
	type fit struct {
		name string
		rank int
	}
	var fits []fit
	for name := range c.f.fields {
		if r := rank(name, typed); r >= 0 {
			fits = append(fits, fit{name, r})
		}
	}
	for _, name := range alwaysThere {
		if _, declared := c.f.fields[name]; !declared && rank(name, typed) >= 0 {
			fits = append(fits, fit{name, rank(name, typed)})
		}
	}
	slices.SortFunc(fits, func(a, b fit) int { // fields of many log types first: they are what people know
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(c.f.fields[b.name].types), len(c.f.fields[a.name].types)), cmp.Compare(a.name, b.name))
	})
	colon := ""
	if c.place.Stage == "" && !c.place.Quoted {
		colon = ":"
	}
	for _, x := range fits {
		en, ja := c.f.titles(x.name)
		about := c.say(en, ja)
		if k := c.f.fields[x.name].kind; k != 0 {
			about = strings.TrimSpace(k.String() + "  " + about)
		}
		c.add(api.Proposal{Label: x.name, Insert: nameText(x.name) + colon, Kind: "field", Detail: about})
	}
}

func (c *completer) columns(names []string) {
	typed := strings.ToLower(c.place.Prefix)
	for _, n := range names {
		if rank(n, typed) >= 0 {
			insert := n
			if strings.ContainsAny(n, " \t") && !strings.Contains(n, "(") {
				insert = `"` + n + `"`
			}
			c.add(api.Proposal{Label: n, Insert: insert, Kind: "column"})
		}
	}
	if len(names) > 0 {
		c.place.Expects &^= query.ExpectField
	} else if c.place.Stage == "sort" && rank("@timestamp", typed) >= 0 {
		c.add(api.Proposal{Label: "@timestamp", Insert: "@timestamp", Kind: "field"})
	}
}

// words proposes what belongs to the language itself.
func (c *completer) words() {
	typed := strings.ToLower(c.place.Prefix)
	put := func(e query.Expected, kind, name, insert, en, ja string) {
		if c.expects(e) && !c.place.Quoted && strings.HasPrefix(name, typed) {
			c.add(api.Proposal{Label: name, Insert: insert, Kind: kind, Detail: c.say(en, ja)})
		}
	}
	put(query.ExpectConnect, "keyword", "and", "and ", "both hold", "両方を満たす")
	put(query.ExpectConnect, "keyword", "or", "or ", "one of them holds", "どちらかを満たす")
	put(query.ExpectConnect, "keyword", "|", "| ", "begin a stage", "次の段へ")
	put(query.ExpectNot, "keyword", "not", "not ", "the contrary", "否定")
	put(query.ExpectBy, "keyword", "by", "by ", "for each value of", "値ごとに")
	put(query.ExpectAs, "keyword", "as", "as ", "name the column", "列に名前を付ける")
	put(query.ExpectOrder, "keyword", "desc", "desc", "largest first", "降順")
	put(query.ExpectOrder, "keyword", "asc", "asc", "smallest first", "昇順")
	for _, w := range query.Stages {
		put(query.ExpectStage, "stage", w.Name, w.Name+" ", w.EN, w.JA)
	}
	for _, w := range query.Functions {
		insert := w.Name + "("
		if w.Name == "count" {
			insert = "count()"
		}
		put(query.ExpectFunction, "function", w.Name, insert, w.EN, w.JA)
	}
	put(query.ExpectBucket, "function", "bucket", "bucket(1h)", "time in steps", "時間で区切る")
}

// values proposes values of the field: those the parts know, or the most frequent ones found
// before the time is up.
func (c *completer) values(ctx context.Context, from, to string) {
	field := c.f.column(c.place.Field)
	if field == "" || expr.WildField(field) {
		return
	}
	typed := schema.Fold(c.place.Prefix)
	typed = strings.TrimSuffix(typed, "*")
	put := func(v string, count int64) {
		if v != "" && len(v) <= maxValueShown && utf8.ValidString(v) && strings.Contains(schema.Fold(v), typed) {
			c.add(api.Proposal{Label: v, Insert: valueText(v), Kind: "value", Count: count})
		}
	}
	if slices.Contains([]string{"event.module", "event.dataset", "yagura.log_type"}, field) {
		for _, t := range c.f.types {
			ref := c.f.typeRef(t)
			if strings.Contains(t, typed) {
				c.add(api.Proposal{Label: t, Insert: valueText(t), Kind: "value", Detail: c.say(ref.TitleEN, ref.TitleJA)})
			}
		}
		return
	}
	if c.f.fields[field].kind == schema.Bool {
		put("true", 0)
		put("false", 0)
		return
	}
	now := c.f.instant()
	if from == "" {
		from = "24h"
	}
	lo, hi, err := query.ReadRange(from, to, now, time.UTC)
	if err != nil {
		lo, hi = now.Add(-24*time.Hour).UnixNano(), now.UnixNano()
	}
	q := store.Query{From: lo, To: hi}
	if values, whole := c.known(ctx, q, field); whole {
		for _, v := range values {
			put(v, 0)
		}
		return
	}
	c.frequent(ctx, q, field, typed, put)
}

// known gathers the values that part statistics list; whole = every part with the field does.
func (c *completer) known(ctx context.Context, q store.Query, field string) (values []string, whole bool) {
	snap, err := c.f.app.db.Snapshot(ctx, nil, q.From, q.To)
	if err != nil {
		return nil, false
	}
	defer snap.Release()
	found := map[string]bool{}
	for i := range snap.Parts {
		st, has := snap.Parts[i].Stats[field]
		if !has {
			continue
		}
		if len(st.Values) == 0 {
			return nil, false
		}
		for _, v := range st.Values {
			found[v] = true
		}
	}
	return sortedKeys(found), true
}

// frequent asks the store; an answer that comes too late is remembered for the next key stroke.
func (c *completer) frequent(ctx context.Context, q store.Query, field, typed string, put func(string, int64)) {
	where := []expr.Node{&expr.Predicate{Field: field, Op: expr.Exists}}
	textual := c.f.fields[field].kind.Text() || c.f.fields[field].kind == 0
	if typed != "" && textual {
		where = append(where, &expr.Predicate{Field: field, Op: expr.Wildcard, Text: "*" + globText(typed) + "*"})
	}
	type result struct {
		t   store.Table
		err error
	}
	done := make(chan result, 1)
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	go func() {
		defer cancel()
		t, err := c.f.ask.Aggregate(late, store.AggregateQuery{
			Query: with(q, where...), By: []store.Key{{Name: "v", Field: field}}, Aggs: countAgg, Sort: []store.Sort{{Column: "n", Desc: true}}, Limit: maxProposals,
		})
		done <- result{t, err}
	}()
	timer := time.NewTimer(valueTime)
	defer timer.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			c.out.Partial = true
			return
		}
		for _, first := range []bool{true, false} { // what begins with it stands before what contains it
			for _, row := range r.t.Rows {
				n, _ := row[1].(int64)
				if text := plainText(row[0]); strings.HasPrefix(schema.Fold(text), typed) == first {
					put(text, n)
				}
			}
		}
	case <-timer.C:
		c.out.Partial = true
	case <-ctx.Done():
		cancel()
	}
}
