package s3

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yagura-siem/yagura/internal/source"
)

const (
	// defaultSmall is how many objects a prefix may hold to be listed whole by each fast pass.
	defaultSmall = 3000
	// overlap is how long after its time of change an object is listed again, so that objects of
	// other writers that come later with smaller keys are found.
	overlap = time.Minute
	// maxOverlap bounds how many keys are listed again in one leaf.
	maxOverlap = 3000
	// keepLeaf is how long a dated leaf is remembered after its day, keepUndated how long another
	// one after its last object.
	keepLeaf    = 14 * 24 * time.Hour
	keepUndated = 2 * 24 * time.Hour
	// grace is how long into a day the leaf of the day before is still listed.
	grace = 2 * time.Hour

	listers = 8 // leaves listed at the same time
)

// fast finds what is new below a prefix.
func (c *scan) fast(prefix string) {
	small, known := c.s.small[prefix]
	if !known || small {
		if c.whole(prefix) || c.ended != nil {
			return
		}
	}
	leaves := c.leaves(prefix)
	if len(leaves) == 0 {
		c.relist(prefix)
		return
	}
	c.leavesAfter(leaves)
}

// whole lists a prefix completely if it is small, and reports whether it was, or failed.
func (c *scan) whole(prefix string) bool {
	var objs []source.Object
	for after := ""; ; {
		p, ok := c.list(prefix, after, "")
		if !ok {
			return true
		}
		objs = append(objs, c.objects(p)...)
		if p.more && len(objs) >= c.s.smallPrefix {
			c.s.small[prefix] = false
			return false
		}
		if !p.more {
			break
		}
		after = p.last
	}
	c.s.small[prefix] = true
	if !c.handNew(objs) {
		return true
	}
	for _, o := range objs {
		c.learn(o)
	}
	return true
}

// handNew hands out what fast passes of this process have not yet.
func (c *scan) handNew(objs []source.Object) bool {
	fresh := slices.DeleteFunc(objs, func(o source.Object) bool { return c.s.seen[o.Key] == o.Version })
	fresh = slices.Clone(fresh)
	if !c.hand(fresh) {
		return false
	}
	if len(c.s.seen)+len(fresh) > maxSeen {
		clear(c.s.seen)
	}
	for _, o := range fresh {
		c.s.seen[o.Key] = o.Version
	}
	return true
}

// leaves gives the known leaves below a prefix that can get new objects now, each dated one also
// for today. What is long over is forgotten.
func (c *scan) leaves(prefix string) []string {
	today := midnight(c.now)
	for _, leaf := range slices.Sorted(maps.Keys(c.cursors)) {
		d, end := dateOf(leaf)
		if end == 0 {
			continue
		}
		if d.end().Before(c.now.Add(-keepLeaf)) {
			delete(c.cursors, leaf)
			continue
		}
		if d.end().After(today) {
			continue // of today, or of a zone where it is tomorrow
		}
		if next, ok := onDay(leaf, today); ok {
			if _, known := c.cursors[next]; !known {
				c.cursors[next] = ""
			}
		}
	}
	var out []string
	for leaf := range c.cursors {
		if !strings.HasPrefix(leaf, prefix) {
			continue
		}
		if d, end := dateOf(leaf); end > 0 && !d.end().After(c.now.Add(-grace)) {
			continue
		}
		out = append(out, leaf)
	}
	slices.Sort(out)
	return out
}

// leavesAfter lists leaves after their cursors, several at a time.
func (c *scan) leavesAfter(leaves []string) {
	var mu sync.Mutex // hand, cursors and faults
	var g errgroup.Group
	g.SetLimit(listers)
	for _, leaf := range leaves {
		mu.Lock()
		ended, after := c.ended, c.cursors[leaf]
		mu.Unlock()
		if ended != nil {
			break
		}
		g.Go(func() error {
			one := &scan{s: c.s, ctx: c.ctx, now: c.now}
			var tail []source.Object // handed out, not behind the cursor yet
			for {
				p, ok := one.list(leaf, after, "")
				mu.Lock()
				ended := c.ended != nil
				if !ok {
					c.faults = append(c.faults, one.faults...)
					c.ended = firstError(c.ended, one.ended)
				} else if !ended {
					objs := one.objects(p)
					if ended = !c.handNew(slices.Clone(objs)); !ended {
						c.cursors[leaf], tail = advance(c.cursors[leaf], append(tail, objs...), c.now)
					}
				}
				mu.Unlock()
				if !ok || ended || !p.more {
					return nil
				}
				after = p.last
			}
		})
	}
	_ = g.Wait() // the functions keep their errors in c
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// advance moves a cursor over the objects that are old enough that nothing before them is expected
// any more, or too many to be listed again. It returns what is left.
func advance(cursor string, objs []source.Object, now time.Time) (string, []source.Object) {
	i := 0
	for i < len(objs) && (now.Sub(objs[i].Modified) >= overlap || len(objs)-i > maxOverlap) {
		i++
	}
	if i > 0 {
		cursor = max(cursor, objs[i-1].Key)
	}
	return cursor, objs[i:]
}
