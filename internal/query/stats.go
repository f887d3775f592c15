package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yagura-siem/yagura/internal/schema"
	"github.com/yagura-siem/yagura/internal/store"
)

var funcNames = []string{"count", "distinct", "sum", "avg", "min", "max", "percentile"}

// What other languages call our functions.
var foreignFuncs = map[string]string{
	"dc": "write distinct(field)", "cardinality": "write distinct(field)", "uniq": "write distinct(field)", "count_distinct": "write distinct(field)", "dcount": "write distinct(field)", "values": "write … by field",
	"mean": "write avg(field)", "average": "write avg(field)", "median": "write percentile(field, 50)", "quantile": "write percentile(field, 95)", "perc": "write percentile(field, 95)",
	"bucket": "buckets stand after by: stats count() by bucket(1h)", "bin": "write … by bucket(1h)", "date_histogram": "write … by bucket(1h)", "first": "write min(field)", "last": "write max(field)",
}

// stats reads: stats agg, … [by key, …].
func (p *planner) stats(r *reader, name token) error {
	if p.stmt.Aggregate != nil {
		return r.errorAt(name, "ask for all columns in one stats", "stats can stand only once")
	}
	p.stmt.Aggregate = &store.AggregateQuery{Query: p.query}
	for {
		if err := p.agg(r); err != nil {
			return err
		}
		if r.tok.mark != ',' {
			break
		}
		if err := r.next(); err != nil {
			return err
		}
	}
	if !r.tok.word("by") {
		return nil
	}
	if err := r.next(); err != nil {
		return err
	}
	for {
		if err := p.key(r); err != nil {
			return err
		}
		if r.tok.mark != ',' {
			return p.fold(r, name)
		}
		if err := r.next(); err != nil {
			return err
		}
	}
}

// agg reads one function with its name.
func (p *planner) agg(r *reader) error {
	t, err := r.field("a function")
	if err != nil {
		return err
	}
	low := strings.ToLower(t.text)
	percent, short := shortPercentile(low)
	switch {
	case short:
		low = "percentile"
	case !slices.Contains(funcNames, low):
		hint := foreignFuncs[low]
		if hint == "" {
			hint = near(t.text, funcNames)
		}
		return r.errorAt(t, hint, "there is no function %q", t.text)
	}
	a := store.Agg{Func: store.Func(low), Arg: percent}
	if err := r.expect('(', "after "+t.text); err != nil {
		return err
	}
	var field token
	if r.tok.mark != ')' {
		if field, err = r.field("a field name"); err != nil {
			return err
		}
		a.Field = p.column(field.text)
	}
	switch {
	case a.Field == "" && a.Func != store.Count:
		return r.errorAt(r.tok, "write "+t.text+"(field)", "%s needs a field", t.text)
	case a.Field == "*" && a.Func == store.Count:
		a.Field, field.text = "", ""
	case strings.Contains(a.Field, "*"):
		return r.errorAt(field, "name one field", "%s takes no pattern", t.text)
	}
	if a.Func == store.Percentile && !short {
		if a.Arg, err = r.percent(t); err != nil {
			return err
		}
	}
	if err := p.checkNumeric(r, field, a); err != nil {
		return err
	}
	if err := r.expect(')', "after the arguments of "+t.text); err != nil {
		return err
	}
	a.Name = aggName(a, field.text)
	if short {
		a.Name = t.text + "(" + field.text + ")"
	}
	if a.Name, err = p.as(r, t, a.Name); err != nil {
		return err
	}
	p.stmt.Aggregate.Aggs = append(p.stmt.Aggregate.Aggs, a)
	return nil
}

// shortPercentile reads p95, p99.9.
func shortPercentile(name string) (float64, bool) {
	if len(name) < 2 || name[0] != 'p' || name[1] < '0' || name[1] > '9' || strings.Trim(name[1:], "0123456789.") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(name[1:], 64)
	return v, err == nil && v > 0 && v < 100
}

func (r *reader) percent(name token) (float64, error) {
	if r.tok.mark != ',' {
		return 0, r.errorAt(r.tok, "write percentile(field, 95)", "the percentage is missing before %s", r.tok.name())
	}
	if err := r.next(); err != nil {
		return 0, err
	}
	t := r.tok
	v, err := strconv.ParseFloat(t.text, 64)
	if t.mark != 0 || err != nil || !(v > 0 && v < 100) {
		return 0, r.errorAt(t, "write a number between 0 and 100, such as 95", "%s of %s is no percentage", t.name(), name.text)
	}
	return v, r.next()
}

func (p *planner) checkNumeric(r *reader, field token, a store.Agg) error {
	switch a.Func {
	case store.Sum, store.Avg, store.Percentile:
	default:
		return nil
	}
	kind, known := p.kind(a.Field)
	if !known || kind == schema.Int || kind == schema.Float || kind == schema.Map {
		return nil
	}
	return r.errorAt(field, "take count, distinct, min or max", "%s of %s: it is of kind %s, not a number", a.Func, field.text, kind)
}

func aggName(a store.Agg, field string) string {
	if a.Func == store.Percentile {
		return "percentile(" + field + ", " + strconv.FormatFloat(a.Arg, 'g', -1, 64) + ")"
	}
	return string(a.Func) + "(" + field + ")"
}

// as reads an optional name and checks that it is free.
func (p *planner) as(r *reader, t token, name string) (string, error) {
	if r.tok.word("as") {
		if err := r.next(); err != nil {
			return "", err
		}
		n, err := r.field("a column name")
		if err != nil {
			return "", err
		}
		t, name = n, n.text
	}
	if slices.Contains(p.columns(), name) {
		return "", r.errorAt(t, "give one of them another name with as", "two columns are named %q", name)
	}
	return name, nil
}

// key reads a field or bucket(…) after by.
func (p *planner) key(r *reader) error {
	t, err := r.field("a field name or bucket(…)")
	if err != nil {
		return err
	}
	k := store.Key{Name: t.text, Field: t.text}
	switch {
	case !t.quote && r.tok.mark == '(' && strings.EqualFold(t.text, "bucket"):
		if k, err = p.bucket(r, t); err != nil {
			return err
		}
	case !t.quote && r.tok.mark == '(' && (strings.EqualFold(t.text, HourOf) || strings.EqualFold(t.text, WeekdayOf)):
		if k, err = p.foldKey(r, t); err != nil {
			return err
		}
	case !t.quote && r.tok.mark == '(':
		hint := foreignFuncs[strings.ToLower(t.text)]
		if hint == "" {
			hint = "only bucket(…), hour() and weekday() can stand after by"
		}
		return r.errorAt(t, hint, "there is no function %q here", t.text)
	case strings.Contains(t.text, "*"):
		return r.errorAt(t, "name one field", "by takes no pattern")
	default:
		k.Field = p.column(t.text)
	}
	if k.Name, err = p.as(r, t, k.Name); err != nil {
		return err
	}
	p.stmt.Aggregate.By = append(p.stmt.Aggregate.By, k)
	return nil
}

// bucket reads the arguments of bucket([field,] span [, zone]).
func (p *planner) bucket(r *reader, name token) (store.Key, error) {
	k := store.Key{Name: "bucket", Field: "@timestamp"}
	var args []token
	for {
		if err := r.next(); err != nil { // past ( or ,
			return k, err
		}
		t, err := r.field("an argument of bucket")
		if err != nil {
			return k, err
		}
		args = append(args, t)
		if r.tok.mark != ',' {
			break
		}
	}
	if err := r.expect(')', "after the arguments of bucket"); err != nil {
		return k, err
	}
	if _, _, ok := readSpan(args[0].text); !ok && !args[0].word("auto") && len(args) > 1 {
		k.Field = p.column(args[0].text)
		if kind, known := p.kind(k.Field); known && kind != schema.Time {
			return k, r.errorAt(args[0], "name a field of kind time", "%s is of kind %s", args[0].text, kind)
		}
		args = args[1:]
	}
	zone := p.Zone
	if len(args) > 1 {
		loc, err := loadZone(args[1].text)
		if err != nil {
			return k, r.errorAt(args[1], `write a name such as "Asia/Tokyo" or UTC`, "there is no time zone %q", args[1].text)
		}
		zone = loc
		p.stmt.Zone = loc
	}
	if len(args) > 2 {
		return k, r.errorAt(args[2], `write bucket(1h, "Asia/Tokyo")`, "bucket takes a span and a zone")
	}
	span := args[0].text
	if args[0].word("auto") {
		span = AutoSpan(p.query.From, p.query.To)
	}
	b, err := MakeBuckets(span, p.query.From, p.query.To, zone)
	k.Buckets = b
	return k, r.asUser(args[0], err)
}

// loadZone reads an IANA name; the zone of the machine does not count.
func loadZone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "local") || len(name) > 64 {
		name = "-"
	}
	return time.LoadLocation(name)
}
