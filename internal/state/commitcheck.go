package state

import (
	"fmt"
	"slices"
)

// check finds contradictions inside the record, before the writer is disturbed.
func (c *commit) check() error {
	quarantined := map[string]int64{}
	objects := map[string]bool{}
	for _, o := range c.rec.Objects {
		if objects[o.ID] {
			return invalid("object %s twice", o.ID)
		}
		objects[o.ID] = true
		if err := o.Counts.Check(); err != nil {
			return fmt.Errorf("object %s: %w", o.ID, err)
		}
		switch o.State {
		case Done:
		case Ignored, Unrecognized:
			if o.Counts.Events != 0 {
				return invalid("object %s has events, but is %s", o.ID, o.State)
			}
		case Skipped:
			if o.Counts != (Counts{}) {
				return invalid("object %s is skipped, but has counts", o.ID)
			}
		default:
			return invalid("object %s cannot be committed as %s", o.ID, o.State)
		}
		if o.TailFrom < 0 || o.TailFrom > 0 && o.State == Skipped {
			return invalid("object %s is %s from offset %d", o.ID, o.State, o.TailFrom)
		}
	}
	for _, q := range c.rec.Quarantine {
		if !objects[q.Object] {
			return invalid("quarantined record of object %s, which is not part of the commit", q.Object)
		}
		quarantined[q.Object] += max(q.Records, 1)
	}
	for _, o := range c.rec.Objects {
		if quarantined[o.ID] != o.Counts.Quarantined {
			return invalid("object %s counts %d quarantined records, but %d are handed in", o.ID, o.Counts.Quarantined, quarantined[o.ID])
		}
	}
	for _, s := range c.rec.Signals {
		if !objects[s.Object] {
			return invalid("signal of object %s, which is not part of the commit", s.Object)
		}
	}
	for _, r := range c.rec.Replays {
		if r.Events < 0 || r.Filtered < 0 || r.Ignored < 0 {
			return invalid("quarantined record %d: negative counts", r.Num)
		}
	}
	for _, p := range c.rec.Parts {
		var rows int64
		for _, o := range p.Objects {
			if o.Rows < 1 {
				return invalid("part %s holds %d rows of object %s", p.ID, o.Rows, o.Object)
			}
			rows += o.Rows
		}
		if rows != p.Rows {
			return invalid("part %s has %d rows, its objects %d", p.ID, p.Rows, rows)
		}
		for _, s := range p.Sidecars {
			if s.Path != "" && !relative(s.Path) {
				return invalid("sidecar %s of part %s has path %q", s.Name, p.ID, s.Path)
			}
		}
	}
	if err := c.checkRaises(); err != nil {
		return err
	}
	ids := slices.Concat(partIDs(c.rec.Parts), c.rec.Replace, c.rec.Drop)
	slices.Sort(ids)
	if n := len(ids); n != len(slices.Compact(ids)) {
		return invalid("a part is named twice")
	}
	return nil
}

// checkRows makes sure that no row is lost or doubled: what each object gains in the new parts,
// less what it loses in the replaced ones, is exactly what this commit loads of it. Earlier
// generations that are superseded must lose all.
func (c *commit) checkRows() error {
	type key struct {
		object  int64
		derived bool
	}
	gain := map[key]int64{}
	for _, p := range c.rec.Parts {
		for _, o := range p.Objects {
			gain[key{c.objects[o.Object], p.Derived}] += o.Rows
		}
	}
	if len(c.rec.Replace) > 0 {
		err := c.t.each(func(r scanner) error {
			var k key
			var rows int64
			if err := r.Scan(&k.object, &k.derived, &rows); err != nil {
				return err
			}
			gain[k] -= rows
			return nil
		}, `SELECT po.object, p.derived, sum(po.rows) FROM json_each(?) e JOIN parts p ON p.id = e.value
			JOIN part_objects po ON po.part = p.num GROUP BY 1, 2`, list(c.rec.Replace))
		if err != nil {
			return err
		}
	}
	superseded, err := c.superseded()
	if err != nil {
		return err
	}
	found := c.countFound()
	for k, n := range gain {
		switch {
		case superseded[k.object]:
			if n > 0 {
				return invalid("a replaced generation (object number %d) gains %d rows", k.object, n)
			}
		case k.derived && n != found[k.object]:
			return invalid("object number %d gains %d findings in the parts, %d are raised", k.object, n, found[k.object])
		case !k.derived && n != c.rows[k.object]:
			return invalid("object number %d gains %d rows in the parts, %d are committed", k.object, n, c.rows[k.object])
		}
	}
	for object, n := range found {
		if gain[key{object, true}] != n {
			return invalid("object number %d raises %d findings, %d are in the parts", object, n, gain[key{object, true}])
		}
	}
	for object, n := range c.rows {
		if n != 0 && gain[key{object, false}] != n {
			return invalid("object number %d has %d events, %d rows are in the parts", object, n, gain[key{object, false}])
		}
	}
	return nil
}

// superseded lists the loaded earlier generations of the objects that replace them.
func (c *commit) superseded() (map[int64]bool, error) {
	out := map[int64]bool{}
	for _, o := range c.later {
		err := c.t.each(func(r scanner) error {
			var num int64
			err := r.Scan(&num)
			out[num] = true
			return err
		}, earlierGenerations(`p.num`), o)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func earlierGenerations(columns string) string {
	return fmt.Sprintf(`SELECT %s FROM objects o JOIN objects p
		ON p.place = o.place AND p.source = o.source AND p.bucket = o.bucket AND p.key = o.key AND p.generation < o.generation
		WHERE o.num = ? AND p.state IN (%d, %d, %d, %d)`, columns, Done, Skipped, Ignored, Unrecognized)
}

// supersede ends the earlier generations and takes back what they had counted.
func (c *commit) supersede() error {
	type old struct {
		num, source int64
		Counts
	}
	for _, o := range c.later {
		var gone []old
		err := c.t.each(func(r scanner) error {
			var g old
			err := r.Scan(&g.num, &g.source, &g.Records, &g.Events, &g.Filtered, &g.Ignored, &g.Quarantined)
			gone = append(gone, g)
			return err
		}, earlierGenerations(`p.num, p.source, p.records, p.events, p.filtered, p.ignored, p.quarantined`), o)
		if err != nil {
			return err
		}
		for _, g := range gone {
			var left int64
			err := c.t.row(fmt.Sprintf(`SELECT count(*) FROM part_objects po JOIN parts p ON p.num = po.part WHERE po.object = ? AND p.state = %d`, partLive), g.num).Scan(&left)
			if err != nil {
				return err
			}
			if left > 0 {
				return conflict("%d live parts still hold rows of an earlier generation of object number %d", left, o)
			}
			for _, q := range []string{
				fmt.Sprintf(`UPDATE objects SET state = %d WHERE num = ?`, Replaced),
				`DELETE FROM quarantine WHERE object = ?`,
			} {
				if err := c.t.exec(q, g.num); err != nil {
					return err
				}
			}
			if err := c.withdraw(g.num); err != nil {
				return err
			}
			if err := c.t.exec(`UPDATE signals SET withdrawn = ? WHERE object = ? AND withdrawn = 0`, c.seq, g.num); err != nil {
				return err
			}
			s := c.total(g.source)
			s.Counts = s.Add(g.minus())
		}
	}
	return nil
}
