package enrich

import (
	"net/netip"
	"strings"

	"github.com/yagura-siem/yagura/internal/schema"
)

// Bounds of a worker's caches: entries of one generation (two are kept), distinct texts of
// one target field, decoded database records, and the longest text that is remembered.
const (
	maxAddrs   = 64 << 10
	maxAgents  = 32 << 10
	maxPool    = 128 << 10
	maxRecords = 64 << 10
	maxKey     = maxAgent
)

// Worker enriches batches with some tables and remembers what it looked up. One goroutine
// uses it at a time; make one per goroutine and a new one when the tables change.
type Worker struct {
	t       *Tables
	addrs   cache[addrInfo]
	agents  cache[agentInfo]
	records map[recordKey]place
	failed  int64

	country, region, city, org, network       pool
	uaName, uaVersion, osName, osVersion, dev pool
	botName, botClass, accounts               pool

	scratch scratch
}

// NewWorker makes a worker for one goroutine.
func (t *Tables) NewWorker() *Worker {
	w := &Worker{t: t, records: map[recordKey]place{}}
	w.addrs.max, w.agents.max = maxAddrs, maxAgents
	return w
}

// Failures counts look-ups that a database could not answer because it is damaged.
func (w *Worker) Failures() int64 { return w.failed }

// addrInfo is what is known of an address. Texts are numbers in the worker's pools.
type addrInfo struct {
	lat, lon                            float64
	asn                                 int64
	country, region, city, org, network int32
	lists                               uint32
	located, trusted, valid             bool
}

// agentInfo is a parsed user agent; texts are numbers in the pools.
type agentInfo struct{ name, version, os, osVersion, device, bot, botClass int32 }

// addr looks an address up, from memory if it can. The result is valid until the next call.
func (w *Worker) addr(s string) *addrInfo {
	if v, ok := w.addrs.get(s); ok {
		return v
	}
	info := addrInfo{country: -1, region: -1, city: -1, org: -1, network: -1}
	a, ok := schema.ParseIP(s)
	if ok {
		p := w.t.place(w, a)
		info = addrInfo{
			lat: p.lat, lon: p.lon, located: p.located, asn: p.asn,
			country: w.country.id(p.country), region: w.region.id(p.region), city: w.city.id(p.city), org: w.org.id(p.org),
			network: w.network.id(w.t.class(a)), lists: w.t.lists.ofAddr(a), trusted: w.t.proxies.Contains(a), valid: true,
		}
	}
	return w.addrs.put(s, info)
}

// agent parses a user agent, from memory if it can.
func (w *Worker) agent(s string) *agentInfo {
	if v, ok := w.agents.get(s); ok {
		return v
	}
	a := w.t.parseAgent(s)
	return w.agents.put(s, agentInfo{
		name: w.uaName.id(a.name), version: w.uaVersion.id(a.version), os: w.osName.id(a.os), osVersion: w.osVersion.id(a.osVersion),
		device: w.dev.id(a.device), bot: w.botName.id(a.bot), botClass: w.botClass.id(a.botClass),
	})
}

// place asks the databases about an address.
func (t *Tables) place(w *Worker, a netip.Addr) place {
	if len(t.geo) == 0 {
		return place{}
	}
	return w.lookup(a)
}

// trim forgets everything once some pool is full: numbers of forgotten texts are never
// reused while something refers to them, so all must go together. It runs between batches.
func (w *Worker) trim() {
	for _, p := range []*pool{
		&w.country, &w.region, &w.city, &w.org, &w.network, &w.uaName, &w.uaVersion, &w.osName, &w.osVersion, &w.dev, &w.botName, &w.botClass, &w.accounts,
	} {
		if len(p.values) > maxPool {
			fresh := w.t.NewWorker()
			fresh.records, fresh.failed, fresh.scratch = w.records, w.failed, w.scratch
			*w = *fresh
			return
		}
	}
}

// cache remembers up to twice max entries: when the young generation is full it becomes the
// old one, and what is still asked for moves over. Keys are copied.
type cache[V any] struct {
	max        int
	young, old map[string]*V
	last       V // of a key too long to remember
}

func (c *cache[V]) get(k string) (*V, bool) {
	if v, ok := c.young[k]; ok {
		return v, true
	}
	v, ok := c.old[k]
	if ok {
		c.add(strings.Clone(k), v)
	}
	return v, ok
}

func (c *cache[V]) put(k string, v V) *V {
	if len(k) > maxKey {
		c.last = v
		return &c.last
	}
	p := &v
	c.add(strings.Clone(k), p)
	return p
}

func (c *cache[V]) add(k string, v *V) {
	if c.young == nil || len(c.young) >= c.max {
		c.old, c.young = c.young, make(map[string]*V, min(c.max, 1024))
	}
	c.young[k] = v
}

// pool numbers the distinct texts of one target field across batches, and knows each text's
// code in the column being filled, so that a known text costs no hashing.
type pool struct {
	ids    map[string]int32
	values []string
	codes  []int32 // in the column of round
	rounds []uint32
	round  uint32
}

// id returns the number of a text, which is copied; "" is -1.
func (p *pool) id(s string) int32 {
	if s == "" {
		return -1
	}
	if n, ok := p.ids[s]; ok {
		return n
	}
	if p.ids == nil {
		p.ids = map[string]int32{}
	}
	s = strings.Clone(s)
	n := int32(len(p.values))
	p.ids[s] = n
	p.values, p.codes, p.rounds = append(p.values, s), append(p.codes, 0), append(p.rounds, 0)
	return n
}
