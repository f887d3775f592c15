package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/schema"
)

// AlertFilter selects alerts. Zero fields select everything; the values of one field are
// alternatives.
type AlertFilter struct {
	Statuses   []alert.Status
	Severities []alert.Severity
	Rules      []string      // ids
	Group      []alert.Field // all of them are in the group; an empty Field means any
	Text       string        // words, all of which occur in title, rule, id or group values (folded)
}

// AlertSort is an order of alerts; all are descending.
type AlertSort string

// The orders.
const (
	SortLast     AlertSort = "last_seen"
	SortCreated  AlertSort = "created"
	SortSeverity AlertSort = "severity" // then last seen
	SortFindings AlertSort = "findings"
)

// sortKeys are what alerts are ordered by, and how a place in the order is written.
var sortKeys = map[AlertSort][]string{
	SortLast: {"a.last"}, SortCreated: {"a.created"}, SortSeverity: {"a.severity", "a.last"}, SortFindings: {"a.findings"},
}

// AlertPage is a page of alerts.
type AlertPage struct {
	Alerts []alert.Alert
	Next   string // cursor of the next page, "" at the end
}

// AlertFacets counts alerts by value. Each count leaves its own condition of the filter out, so
// that it says what choosing another value would give.
type AlertFacets struct {
	Status   map[alert.Status]int64
	Severity map[alert.Severity]int64
	Rules    []RuleFacet // most alerts first, at most 50
}

// RuleFacet counts the alerts of a rule.
type RuleFacet struct {
	Rule, Title, TitleJA string
	Count                int64
}

const alertColumns = `a.num, a.id, a.rule, a.version, a.title, a.title_ja, a.severity, a.author, a.license, a.grp, a.log_types, a.status, a.assignee,
	a.findings, a.first, a.last, a.created, a.updated, a.closed_at, a.reason, a.backfill`

func scanAlert(r scanner) (num int64, a alert.Alert, err error) {
	var group, types string
	var first, last, created, updated, closed int64
	err = r.Scan(&num, &a.ID, &a.Rule, &a.Version, &a.Title, &a.TitleJA, &a.Severity, &a.Author, &a.License, &group, &types, &a.Status, &a.Assignee,
		&a.Findings, &first, &last, &created, &updated, &closed, &a.Reason, &a.Backfill)
	if err != nil {
		return 0, a, err
	}
	a.First, a.Last, a.Created, a.Updated, a.Closed = fromNanos(first), fromNanos(last), fromNanos(created), fromNanos(updated), fromNanos(closed)
	if types != "" {
		a.LogTypes = strings.Split(types, ",")
	}
	if err := json.Unmarshal([]byte(group), &a.Group); err != nil {
		return 0, a, fmt.Errorf("group of alert %s: %w", a.ID, err)
	}
	return num, a, nil
}

// condition is the SQL of a filter without the fields named in but.
func (f AlertFilter) condition(but string) (string, []any) {
	conds, args := []string{"1"}, []any{}
	in := func(name string, n int, values string) {
		if n > 0 && name != but {
			conds = append(conds, `a.`+name+` IN (SELECT value FROM json_each(?))`)
			args = append(args, values)
		}
	}
	in("status", len(f.Statuses), list(f.Statuses))
	in("severity", len(f.Severities), list(f.Severities))
	in("rule", len(f.Rules), list(f.Rules))
	for _, g := range f.Group {
		conds = append(conds, `EXISTS (SELECT 1 FROM json_each(a.grp) g WHERE (? = '' OR json_extract(g.value, '$.field') = ?) AND json_extract(g.value, '$.value') = ?)`)
		args = append(args, g.Field, g.Field, g.Value)
	}
	for word := range strings.FieldsSeq(schema.Fold(f.Text)) {
		conds = append(conds, `instr(a.search, ?) > 0`)
		args = append(args, word)
	}
	return strings.Join(conds, " AND "), args
}

// Alerts lists a page of alerts. cursor is the Next of the page before, "" for the first.
func (d *DB) Alerts(ctx context.Context, f AlertFilter, sort AlertSort, cursor string, limit int) (AlertPage, error) {
	if sort == "" {
		sort = SortLast
	}
	keys := sortKeys[sort]
	if keys == nil {
		return AlertPage{}, fmt.Errorf("list alerts: %w", invalid("order %q", sort))
	}
	if limit < 1 || limit > 1000 {
		limit = 100
	}
	where, args := f.condition("")
	row := strings.Join(append(keys[:len(keys):len(keys)], "a.num"), ", ")
	if cursor != "" {
		place, err := readPlace(cursor, len(keys)+1)
		if err != nil {
			return AlertPage{}, fmt.Errorf("list alerts: %w", err)
		}
		where += ` AND (` + row + `) < (` + strings.Repeat("?, ", len(keys)) + `?)`
		args = append(args, place...)
	}
	var page AlertPage
	var last string
	err := d.read(ctx, func(r scanner) error {
		num, a, err := scanAlert(r)
		if err != nil {
			return err
		}
		if len(page.Alerts) == limit {
			page.Next = last
			return nil
		}
		page.Alerts = append(page.Alerts, a)
		last = place(sort, a, num)
		return nil
	}, `SELECT `+alertColumns+` FROM alerts a WHERE `+where+` ORDER BY `+strings.ReplaceAll(row, ",", " DESC,")+` DESC LIMIT ?`, append(args, limit+1)...)
	if err != nil {
		return AlertPage{}, fmt.Errorf("list alerts: %w", err)
	}
	return page, nil
}

// place writes where an alert stands in an order.
func place(sort AlertSort, a alert.Alert, num int64) string {
	var keys []int64
	switch sort {
	case SortCreated:
		keys = []int64{nanos(a.Created)}
	case SortSeverity:
		keys = []int64{int64(a.Severity), nanos(a.Last)}
	case SortFindings:
		keys = []int64{a.Findings}
	default:
		keys = []int64{nanos(a.Last)}
	}
	var b strings.Builder
	for _, k := range append(keys, num) {
		b.WriteString(strconv.FormatInt(k, 36) + ".")
	}
	return strings.TrimSuffix(b.String(), ".")
}

func readPlace(s string, n int) ([]any, error) {
	parts := strings.Split(s, ".")
	if len(parts) != n {
		return nil, invalid("cursor %q is not one of this order", s)
	}
	out := make([]any, n)
	for i, p := range parts {
		v, err := strconv.ParseInt(p, 36, 64)
		if err != nil {
			return nil, invalid("cursor %q is not one of this order", s)
		}
		out[i] = v
	}
	return out, nil
}

// AlertFacets counts the alerts of a filter by status, severity and rule.
func (d *DB) AlertFacets(ctx context.Context, f AlertFilter) (AlertFacets, error) {
	out := AlertFacets{Status: map[alert.Status]int64{}, Severity: map[alert.Severity]int64{}}
	where, args := f.condition("status")
	err := d.read(ctx, func(r scanner) error {
		var s alert.Status
		var n int64
		err := r.Scan(&s, &n)
		out.Status[s] = n
		return err
	}, `SELECT a.status, count(*) FROM alerts a WHERE `+where+` GROUP BY 1`, args...)
	if err == nil {
		where, args = f.condition("severity")
		err = d.read(ctx, func(r scanner) error {
			var s alert.Severity
			var n int64
			err := r.Scan(&s, &n)
			out.Severity[s] = n
			return err
		}, `SELECT a.severity, count(*) FROM alerts a WHERE `+where+` GROUP BY 1`, args...)
	}
	if err == nil {
		where, args = f.condition("rule")
		err = d.read(ctx, func(r scanner) error {
			var x RuleFacet
			err := r.Scan(&x.Rule, &x.Title, &x.TitleJA, &x.Count)
			out.Rules = append(out.Rules, x)
			return err
		}, `SELECT a.rule, max(a.title), max(a.title_ja), count(*) FROM alerts a WHERE `+where+` GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT 50`, args...)
	}
	if err != nil {
		return AlertFacets{}, fmt.Errorf("count alerts: %w", err)
	}
	return out, nil
}

// AlertCounts counts open alerts by status and severity.
func (d *DB) AlertCounts(ctx context.Context) (map[alert.Status]map[alert.Severity]int64, error) {
	out := map[alert.Status]map[alert.Severity]int64{alert.New: {}, alert.Acknowledged: {}}
	err := d.read(ctx, func(r scanner) error {
		var st alert.Status
		var s alert.Severity
		var n int64
		err := r.Scan(&st, &s, &n)
		out[st][s] = n
		return err
	}, fmt.Sprintf(`SELECT status, severity, count(*) FROM alerts WHERE status IN (%d, %d) GROUP BY 1, 2`, alert.New, alert.Acknowledged))
	if err != nil {
		return nil, fmt.Errorf("count open alerts: %w", err)
	}
	return out, nil
}
