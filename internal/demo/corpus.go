package demo

import (
	"fmt"
	"time"
)

// Corpus makes large amounts of one kind of log quickly, for measuring. Its world is wider
// than the story's: more addresses, pages and browsers.
type Corpus struct {
	world *world
	trail *trail
	pack  packer
	raw   []byte
	trace []byte
	start time.Time
}

// NewCorpus makes a corpus; records begin at start and go on for a day.
func NewCorpus(seed uint64, start time.Time) *Corpus {
	w := newWorld(seed, size{clients: 200_000, paths: 60_000, agents: 8_000, wide: true})
	return &Corpus{world: w, pack: packer{level: corpusLevel}, trail: newTrail(w.rng, start.UTC().Format("2006-01-02T15:04:05Z")), start: start.UTC()}
}

// WAF makes n WAF records in objects of at most per records.
func (c *Corpus) WAF(n, per int, emit func(Object) error) error {
	return c.each(n, per, emit, func(t time.Time) string { return wafKey(&aclShop, t, c.world.rng) }, func(b []byte, t int64, _ bool) []byte {
		r := c.protected(t)
		c.trace = c.world.appendTrace(c.trace[:0], &r)
		return c.world.appendWAF(b, &r, c.trace)
	}, "", "")
}

// ALB makes n application load balancer lines in objects of at most per lines.
func (c *Corpus) ALB(n, per int, emit func(Object) error) error {
	return c.each(n, per, emit, func(t time.Time) string { return albKey(&lbWeb, t, c.world.rng) }, func(b []byte, t int64, _ bool) []byte {
		r := c.world.ordinary(t)
		if hosts[r.host].lb == nil {
			r.host = 0
		}
		c.trace = c.world.appendTrace(c.trace[:0], &r)
		return c.world.appendALB(b, &r, c.trace)
	}, "", "")
}

// CloudTrail makes n CloudTrail events in objects of at most per events.
func (c *Corpus) CloudTrail(n, per int, emit func(Object) error) error {
	return c.each(n, per, emit, func(t time.Time) string { return trailKey("CloudTrail", accountProd, t, c.world.rng) }, func(b []byte, t int64, first bool) []byte {
		if !first {
			b = append(b, ',')
		}
		return c.trail.appendCall(b, c.world.rng, t, accountProd)
	}, `{"Records":[`, "]}")
}

// protected is an ordinary request to a host with a web ACL.
func (c *Corpus) protected(t int64) request {
	r := c.world.ordinary(t)
	if hosts[r.host].acl == nil {
		r.host = 0
	}
	return r
}

// each fills and hands over one object after another.
func (c *Corpus) each(n, per int, emit func(Object) error, key func(time.Time) string, record func(b []byte, t int64, first bool) []byte, head, tail string) error {
	if n < 0 || per < 1 {
		return fmt.Errorf("making a corpus of %d records, %d an object: want positive numbers", n, per)
	}
	step := int64(24*time.Hour) / int64(max(n, 1))
	for i := 0; i < n; i += per {
		c.raw = append(c.raw[:0], head...)
		for j := i; j < min(i+per, n); j++ {
			c.raw = record(c.raw, c.start.UnixNano()+int64(j)*step, j == i)
		}
		c.raw = append(c.raw, tail...)
		o, err := c.pack.pack(key(c.start.Add(time.Duration(int64(i)*step))), c.raw, false)
		if err != nil {
			return err
		}
		if err := emit(o); err != nil {
			return err
		}
	}
	return nil
}
