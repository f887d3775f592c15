package s3

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/yagura-siem/yagura/internal/source"
)

func version(etag string, size int64) string {
	return "e" + strings.Trim(etag, `"`) + "-s" + strconv.FormatInt(size, 10)
}

// full lists everything with the prefix.
func (c *scan) full(prefix string) {
	n := 0
	for after := ""; ; {
		p, ok := c.list(prefix, after, "")
		if !ok {
			return
		}
		objs := c.objects(p)
		n += len(objs)
		if !c.hand(objs) {
			return
		}
		for _, o := range objs {
			c.learn(o)
		}
		if !p.more {
			c.s.small[prefix] = n <= c.s.smallPrefix
			c.forget(prefix)
			return
		}
		after = p.last
	}
}

// relist walks the directories below a prefix without the dated ones that are too old.
func (c *scan) relist(prefix string) {
	cutoff := midnight(c.now).AddDate(0, 0, -c.s.cfg.RelistDays)
	faults := len(c.faults)
	todo := []string{prefix}
	for len(todo) > 0 {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		delimiter := "/"
		if _, end := dateOf(dir); end > 0 {
			delimiter = "" // one recent day: all of it
		}
		for after := ""; ; {
			p, ok := c.list(dir, after, delimiter)
			if !ok {
				if c.ended != nil {
					return
				}
				break
			}
			objs := c.objects(p)
			if !c.hand(objs) {
				return
			}
			for _, o := range objs {
				c.learn(o)
			}
			for _, d := range p.dirs {
				if sub := aws.ToString(d.Prefix); !tooOld(sub, cutoff) {
					todo = append(todo, sub)
				}
			}
			if !p.more {
				break
			}
			after = max(p.last, jump(p.last, cutoff))
		}
	}
	if len(c.faults) == faults {
		c.forget(prefix)
	}
}

// tooOld reports whether the directories of a prefix say that it ended before cutoff.
func tooOld(dir string, cutoff time.Time) bool {
	d, _ := dateOf(dir)
	return d.year != 0 && !d.end().After(cutoff)
}

// jump gives the key from which names like the last one are recent, when their time is in the name
// and old; "" else.
func jump(last string, cutoff time.Time) string {
	dir := directory(last)
	before, layout := stem(last[len(dir):])
	if layout == "" {
		return ""
	}
	return dir + before + cutoff.Format(layout)
}

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

const (
	// maxStems is how many streams one directory may have before it counts as one.
	maxStems = 50
	// maxLeaves is how many leaves fast passes of one source follow; what is in others is found by
	// the re-list.
	maxLeaves = 2000
)

// learn makes the leaf of a recent object known to fast passes.
func (c *scan) learn(o source.Object) {
	if d, end := dateOf(o.Key); end > 0 {
		if d.end().Before(c.now.Add(-keepLeaf)) {
			return
		}
	} else if o.Modified.Before(c.now.Add(-keepUndated)) {
		return
	}
	leaf := leafOf(o.Key)
	if c.alive[leaf] {
		return
	}
	dir := directory(leaf)
	_, known := c.cursors[leaf]
	if !known && c.inDir[dir] >= maxStems {
		leaf = dir
		_, known = c.cursors[leaf]
	}
	c.alive[leaf] = true
	if !known && len(c.cursors) < maxLeaves {
		c.inDir[dir]++
		c.cursors[leaf] = ""
	}
}

// forget drops the undated leaves below a completely listed prefix that have no recent object.
// Dated ones are dropped by their date.
func (c *scan) forget(prefix string) {
	for leaf := range c.cursors {
		if _, end := dateOf(leaf); end == 0 && strings.HasPrefix(leaf, prefix) && !c.alive[leaf] {
			delete(c.cursors, leaf)
		}
	}
}
