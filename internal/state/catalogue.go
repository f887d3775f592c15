package state

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/yagura-siem/yagura/internal/event"
	"github.com/yagura-siem/yagura/internal/store"
)

// entry is a part in memory. Everything but refs and dead is fixed. Statistics are read from
// the file when a plan needs them, see stats.
type entry struct {
	num  int64
	part store.Part // without Stats
	refs int        // snapshots that name it
	dead int64      // commit that replaced it; 0 = live
}

// catalogue is the set of live parts in memory, changed only by commits, in their order.
type catalogue struct {
	mu    sync.Mutex
	seq   int64
	gone  int64                  // newest commit that replaced a part whose file is forgotten
	live  map[string]*entry      // by part id
	dead  map[string]*entry      // replaced, file not forgotten yet
	types map[string][]*entry    // live, by MinTime, then id
	field map[int64]fieldList    // column lists by number
	stats *cache[int64, statsOf] // by part number
}

type (
	fieldList = []store.Field
	statsOf   = map[string]store.ColumnStats
)

// statsBytes is the memory that decoded statistics may take, by a rough count.
const statsBytes = 192 << 20

func newCatalogue() *catalogue {
	return &catalogue{
		live: map[string]*entry{}, dead: map[string]*entry{}, types: map[string][]*entry{}, field: map[int64]fieldList{},
		stats: newCache[int64](statsBytes, sizeOfStats),
	}
}

func sizeOfStats(s statsOf) int64 {
	n := int64(64)
	for k, c := range s {
		n += 160 + int64(len(k)+len(c.Min)+len(c.Max))
		for _, v := range c.Values {
			n += 16 + int64(len(v))
		}
	}
	return n
}

// Order of the parts of a type.
func byTime(a, b *entry) int {
	if c := cmp.Compare(a.part.MinTime, b.part.MinTime); c != 0 {
		return c
	}
	return cmp.Compare(a.part.ID, b.part.ID)
}

// loadCatalogue reads the live parts, and the replaced ones whose files are still there.
func (d *DB) loadCatalogue(ctx context.Context) error {
	c := d.parts
	err := d.read(ctx, func(r scanner) error {
		var num int64
		var text string
		if err := r.Scan(&num, &text); err != nil {
			return err
		}
		var f fieldList
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return err
		}
		c.field[num] = f
		return nil
	}, `SELECT num, fields FROM part_fields`)
	if err == nil {
		err = d.read(ctx, func(r scanner) error {
			var dead int64
			p, err := scanPart(r, &dead)
			if err != nil {
				return err
			}
			e := c.entry(p)
			e.dead = dead
			if dead > 0 {
				c.dead[p.ID] = e
				return nil
			}
			c.live[p.ID] = e
			c.types[p.LogType] = append(c.types[p.LogType], e)
			return nil
		}, fmt.Sprintf(`SELECT `+partColumns+`, p.dead_seq FROM parts p WHERE p.state = %d
			UNION ALL SELECT `+partColumns+`, p.dead_seq FROM parts p WHERE p.state = %d AND p.dead_seq > 0`, partLive, partDead))
	}
	if err == nil {
		err = d.readers.QueryRowContext(ctx, `SELECT (SELECT value FROM counters WHERE name = 'commit_seq'), (SELECT value FROM counters WHERE name = 'forgotten_seq')`).Scan(&c.seq, &c.gone)
	}
	if err != nil {
		return fmt.Errorf("read the catalogue of %s: %w", d.path, err)
	}
	for _, l := range c.types {
		slices.SortFunc(l, byTime)
	}
	return nil
}

// entry makes an entry that shares the column list of its number.
func (c *catalogue) entry(p partRow) *entry {
	if f, ok := c.field[p.fields]; ok {
		p.Part.Fields = f
	} else if p.fields != 0 {
		c.field[p.fields] = p.Part.Fields
	}
	p.Part.Stats = nil
	return &entry{num: p.num, part: p.Part}
}

// apply brings a commit into memory.
func (c *catalogue) apply(seq int64, live []partRow, dead []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq = seq
	for _, id := range dead {
		e := c.live[id]
		delete(c.live, id)
		e.dead = seq
		c.dead[id] = e
		l := c.types[e.part.LogType]
		if i, ok := slices.BinarySearchFunc(l, e, byTime); ok {
			c.types[e.part.LogType] = slices.Delete(l, i, i+1)
		}
	}
	for _, p := range live {
		e := c.entry(p)
		c.live[p.ID] = e
		l := c.types[p.LogType]
		i, _ := slices.BinarySearchFunc(l, e, byTime)
		c.types[p.LogType] = slices.Insert(l, i, e)
		if p.Part.Stats != nil {
			c.stats.put(p.num, p.Part.Stats)
		}
	}
}

// Snapshot implements store.Catalogue: the parts live now, of the types (empty = all but derived ones), whose
// rows may lie in [from, to), ordered by type, MinTime and id. Fields and Stats are shared: do
// not change them. Release must be called once the files are no longer read.
func (d *DB) Snapshot(ctx context.Context, types []string, from, to int64) (store.Snapshot, error) {
	return d.snapshot(ctx, 0, types, from, to)
}

// SnapshotAt is the Snapshot as it was right after commit seq, for the next page of an answer
// begun then. ErrSnapshotGone when files of that version have been removed; they are kept for
// the grace time given to Garbage.
func (d *DB) SnapshotAt(ctx context.Context, seq int64, types []string, from, to int64) (store.Snapshot, error) {
	if seq < 1 {
		return store.Snapshot{}, fmt.Errorf("snapshot at commit %d: %w", seq, invalid("commits count from 1"))
	}
	return d.snapshot(ctx, seq, types, from, to)
}

// Seq is the number of the last commit.
func (d *DB) Seq() int64 {
	d.parts.mu.Lock()
	defer d.parts.mu.Unlock()
	return d.parts.seq
}

func (d *DB) snapshot(ctx context.Context, at int64, types []string, from, to int64) (store.Snapshot, error) {
	c := d.parts
	c.mu.Lock()
	if at > 0 && (at < c.gone || at > c.seq) {
		c.mu.Unlock()
		return store.Snapshot{}, fmt.Errorf("snapshot at commit %d: %w", at, ErrSnapshotGone)
	}
	if at == 0 {
		at = c.seq
	}
	held := c.hold(at, types, from, to)
	c.mu.Unlock()
	var once sync.Once
	release := func() { once.Do(func() { c.release(held) }) }
	parts, err := d.withStats(ctx, held)
	if err != nil {
		release()
		return store.Snapshot{}, fmt.Errorf("plan over %d parts: %w", len(held), err)
	}
	return store.Snapshot{Seq: at, Parts: parts, Release: release}, nil
}

// hold collects and counts the entries of a snapshot.
func (c *catalogue) hold(at int64, types []string, from, to int64) []*entry {
	var names []string
	all := len(types) == 0
	if all {
		for n := range c.types {
			names = append(names, n)
		}
	} else {
		names = slices.Clone(types)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var held []*entry
	// A part holds one UTC day, so none that begins before the day of from reaches into it.
	first := int64(math.MinInt64)
	if d := event.DayOf(from); from > math.MinInt64+2*dayNS {
		first = d.Start()
	}
	for _, n := range names {
		l := c.types[n]
		i, _ := slices.BinarySearchFunc(l, first, func(e *entry, t int64) int { return cmp.Compare(e.part.MinTime, t) })
		begin := len(held)
		for ; i < len(l) && l[i].part.MinTime < to; i++ {
			if all && l[i].part.Derived {
				continue
			}
			if l[i].part.MaxTime >= from && l[i].part.Seq <= at {
				held = append(held, l[i])
			}
		}
		if at < c.seq {
			for _, e := range c.dead {
				if p := &e.part; p.LogType == n && !(all && p.Derived) && p.Seq <= at && e.dead > at && p.MinTime < to && p.MaxTime >= from {
					held = append(held, e)
				}
			}
			slices.SortFunc(held[begin:], byTime)
		}
	}
	for _, e := range held {
		e.refs++
	}
	return held
}

const dayNS = 24 * 60 * 60 * 1_000_000_000

func (c *catalogue) release(held []*entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range held {
		e.refs--
	}
}

// withStats copies parts out and adds their statistics.
func (d *DB) withStats(ctx context.Context, held []*entry) ([]store.Part, error) {
	parts := make([]store.Part, len(held))
	var missing []int64
	at := map[int64]int{}
	for i, e := range held {
		parts[i] = e.part
		s, ok := d.parts.stats.get(e.num)
		if !ok {
			missing = append(missing, e.num)
			at[e.num] = i
			continue
		}
		parts[i].Stats = s
	}
	if len(missing) == 0 {
		return parts, nil
	}
	slices.Sort(missing)
	err := d.read(ctx, func(r scanner) error {
		var num int64
		var packed []byte
		if err := r.Scan(&num, &packed); err != nil {
			return err
		}
		s, err := decodeStats(packed)
		if err != nil {
			return fmt.Errorf("part %s: %w", parts[at[num]].ID, err)
		}
		parts[at[num]].Stats = s
		d.parts.stats.put(num, s)
		return nil
	}, `SELECT p.num, p.stats FROM json_each(?) e JOIN parts p ON p.num = e.value`, list(missing))
	return parts, err
}
