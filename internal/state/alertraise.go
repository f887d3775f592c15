package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/yagura-siem/yagura/internal/alert"
	"github.com/yagura-siem/yagura/internal/schema"
)

// raising is the part of T2 that keeps alerts.
type raising struct {
	touched map[int64]bool // alerts that have lost findings of replaced objects
	changes []alert.Change
}

// countFound adds up what the raises of each object say, to be held against the derived rows.
func (c *commit) countFound() map[int64]int64 {
	found := map[int64]int64{}
	for _, r := range c.rec.Raises {
		found[c.objects[r.Object]] += r.Findings
	}
	return found
}

// withdraw takes back what a replaced object had added to alerts.
func (c *commit) withdraw(object int64) error {
	err := c.t.each(func(r scanner) error {
		var num int64
		err := r.Scan(&num)
		c.raising.touched[num] = true
		return err
	}, `SELECT alert FROM alert_objects WHERE object = ?`, object)
	if err != nil {
		return err
	}
	return c.t.exec(`DELETE FROM alert_objects WHERE object = ?`, object)
}

// raise adds the findings of the commit to their alerts and closes alerts that have none left.
func (c *commit) raise() error {
	for _, group := range byAlert(c.rec.Raises) {
		if err := c.raiseOne(group); err != nil {
			return fmt.Errorf("alert %s: %w", group[0].Alert, err)
		}
	}
	for num := range c.raising.touched {
		if err := c.recount(num); err != nil {
			return err
		}
	}
	return nil
}

// byAlert gathers raises of one alert, alerts in the order of their first raise.
func byAlert(raises []alert.Raise) [][]alert.Raise {
	at := map[string]int{}
	var out [][]alert.Raise
	for _, r := range raises {
		i, ok := at[r.Alert]
		if !ok {
			i = len(out)
			at[r.Alert] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// heldAlert is what raising must know of an alert.
type heldAlert struct {
	num, closedLast int64
	status          alert.Status
	reason          string
	logTypes        string
	backfill        bool
}

// raiseOne adds what the objects of a commit add to one alert.
func (c *commit) raiseOne(raises []alert.Raise) error {
	sum := raises[0]
	sum.LogTypes = slices.Clone(sum.LogTypes)
	for _, r := range raises[1:] {
		sum.Findings += r.Findings
		sum.First, sum.Last = min(sum.First, r.First), max(sum.Last, r.Last)
		sum.LogTypes = append(sum.LogTypes, r.LogTypes...)
		sum.Fresh = sum.Fresh || r.Fresh
	}
	h, err := c.hold(sum)
	if err != nil {
		return err
	}
	for _, r := range raises {
		if err := c.addObject(h.num, r); err != nil {
			return err
		}
	}
	if err := c.reopen(h, sum); err != nil {
		return err
	}
	return c.t.exec(`UPDATE alerts SET version = ?, title = ?, title_ja = ?, severity = ?, author = ?, license = ?, log_types = ?, search = ?,
		findings = findings + ?, first = min(first, ?), last = max(last, ?), updated = ?, backfill = min(backfill, ?) WHERE num = ?`,
		sum.Rule.Version, sum.Rule.Title, sum.Rule.TitleJA, sum.Rule.Severity, sum.Rule.Author, sum.Rule.License,
		joined(h.logTypes, sum.LogTypes), searchText(sum),
		sum.Findings, sum.First, sum.Last, c.at, !sum.Fresh, h.num)
}

// hold finds the alert, or makes it.
func (c *commit) hold(r alert.Raise) (h heldAlert, err error) {
	err = c.t.row(`SELECT num, closed_last, status, reason, log_types, backfill FROM alerts WHERE id = ?`, r.Alert).
		Scan(&h.num, &h.closedLast, &h.status, &h.reason, &h.logTypes, &h.backfill)
	if !noRows(err) {
		return h, err
	}
	group, err := json.Marshal(append([]alert.Field{}, r.Group...))
	if err != nil {
		return h, err
	}
	h.num, err = c.t.insert(`INSERT INTO alerts (id, rule, version, title, title_ja, severity, author, license, grp, log_types, search, first, last, created, updated, backfill)
		VALUES (?, ?, '', '', '', 0, '', '', ?, '', '', ?, ?, ?, ?, 1)`, r.Alert, r.Rule.ID, string(group), r.First, r.Last, c.at, c.at)
	if err != nil {
		return h, err
	}
	h.backfill = !r.Fresh // so that it does not become current as well
	return h, c.log(h.num, r, alert.LogRaised, r.Fresh)
}

// reopen changes the status of an alert that has new findings, if they say so.
func (c *commit) reopen(h heldAlert, r alert.Raise) error {
	switch {
	case h.status == alert.Closed && (h.reason == alert.LogWithdrawn || r.Last > h.closedLast):
		err := c.t.exec(`UPDATE alerts SET status = ?, closed_at = 0, closed_last = 0, reason = '' WHERE num = ?`, alert.New, h.num)
		if err != nil {
			return err
		}
		return c.log(h.num, r, alert.LogReopened, r.Fresh)
	case h.status != alert.Closed && h.backfill && r.Fresh:
		return c.log(h.num, r, alert.LogCurrent, true)
	}
	return nil
}

// addObject adds what one object adds. Only records replayed from the quarantine find a row of
// their object.
func (c *commit) addObject(num int64, r alert.Raise) error {
	samples, err := json.Marshal(append([]string{}, r.Samples...))
	if err != nil {
		return err
	}
	object := c.objects[r.Object]
	n, err := c.t.change(`INSERT INTO alert_objects (alert, object, findings, first, last, samples) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		num, object, r.Findings, r.First, r.Last, string(samples))
	if err != nil || n > 0 {
		return err
	}
	var have string
	if err := c.t.row(`SELECT samples FROM alert_objects WHERE alert = ? AND object = ?`, num, object).Scan(&have); err != nil {
		return err
	}
	var all []string
	if err := json.Unmarshal([]byte(have), &all); err != nil {
		return err
	}
	all = append(all, r.Samples...)
	if samples, err = json.Marshal(all[:min(len(all), alert.MaxSamples)]); err != nil {
		return err
	}
	return c.t.exec(`UPDATE alert_objects SET findings = findings + ?, first = min(first, ?), last = max(last, ?), samples = ? WHERE alert = ? AND object = ?`,
		r.Findings, r.First, r.Last, string(samples), num, object)
}

// recount sets the sums of an alert that has lost objects, and closes it when none is left.
func (c *commit) recount(num int64) error {
	var findings, first, last int64
	err := c.t.row(`SELECT coalesce(sum(findings), 0), coalesce(min(first), 0), coalesce(max(last), 0) FROM alert_objects WHERE alert = ?`, num).
		Scan(&findings, &first, &last)
	if err != nil {
		return err
	}
	if findings > 0 {
		return c.t.exec(`UPDATE alerts SET findings = ?, first = ?, last = ?, updated = ? WHERE num = ?`, findings, first, last, c.at, num)
	}
	var r alert.Raise
	rule := alert.Rule{}
	var backfill bool
	err = c.t.row(fmt.Sprintf(`UPDATE alerts SET findings = 0, status = %d, closed_at = ?, closed_last = 0, reason = ?, updated = ? WHERE num = ? AND status <> %d
		RETURNING id, rule, severity, backfill`, alert.Closed, alert.Closed), c.at, alert.LogWithdrawn, c.at, num).Scan(&r.Alert, &rule.ID, &rule.Severity, &backfill)
	if noRows(err) { // closed already: by whom and why stays
		return c.t.exec(`UPDATE alerts SET findings = 0, updated = ? WHERE num = ?`, c.at, num)
	}
	if err != nil {
		return err
	}
	r.Rule = &rule
	return c.log(num, r, alert.LogWithdrawn, !backfill)
}

func (c *commit) log(num int64, r alert.Raise, action string, notify bool) error {
	c.raising.changes = append(c.raising.changes, alert.Change{ID: r.Alert, Rule: r.Rule.ID, Severity: r.Rule.Severity, Object: r.Object, Action: action, Notify: notify})
	return c.t.exec(`INSERT INTO alert_log (alert, at, seq, who, action, note, notify) VALUES (?, ?, ?, ?, ?, '', ?)`, num, c.at, c.seq, alert.System, action, notify)
}

// joined adds log types to a comma separated list.
func joined(have string, more []string) string {
	if have != "" {
		more = append(strings.Split(have, ","), more...)
	}
	slices.Sort(more)
	return strings.Join(slices.Compact(more), ",")
}

// searchText is what a text is searched in.
func searchText(r alert.Raise) string {
	parts := []string{r.Alert, r.Rule.ID, r.Rule.Title, r.Rule.TitleJA}
	for _, f := range r.Group {
		parts = append(parts, f.Value)
	}
	return schema.Fold(strings.Join(parts, "\n"))
}

// checkRaises finds contradictions inside the record: every raise belongs to an object with rows in
// a derived part.
func (c *commit) checkRaises() error {
	derived := map[string]bool{}
	for _, p := range c.rec.Parts {
		for _, o := range p.Objects {
			derived[o.Object] = derived[o.Object] || p.Derived
		}
	}
	type key struct{ alert, object string }
	seen := map[key]bool{}
	for _, r := range c.rec.Raises {
		k := key{r.Alert, r.Object}
		switch {
		case r.Rule == nil || r.Alert == "" || r.Findings < 1 || r.First > r.Last || len(r.Samples) > alert.MaxSamples:
			return invalid("alert %q is raised with %d findings from %d to %d", r.Alert, r.Findings, r.First, r.Last)
		case !derived[r.Object]:
			return invalid("alert %s is raised by object %s, which has no findings in the parts", r.Alert, r.Object)
		case seen[k]:
			return invalid("alert %s is raised twice by object %s", r.Alert, r.Object)
		}
		seen[k] = true
	}
	return nil
}
