package state

import "sync"

// cache keeps values up to a size, in two generations: what is not asked for while the young
// one fills up goes with the old one.
type cache[K comparable, V any] struct {
	size  func(V) int64
	limit int64

	mu         sync.Mutex
	young, old map[K]V
	bytes      int64 // of young
}

func newCache[K comparable, V any](limit int64, size func(V) int64) *cache[K, V] {
	return &cache[K, V]{size: size, limit: limit, young: map[K]V{}}
}

func (c *cache[K, V]) get(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[k]; ok {
		return v, true
	}
	v, ok := c.old[k]
	if ok {
		c.add(k, v)
	}
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(k, v)
}

func (c *cache[K, V]) add(k K, v V) {
	if _, ok := c.young[k]; ok {
		return
	}
	n := c.size(v)
	if c.bytes+n > c.limit/2 {
		c.old, c.young, c.bytes = c.young, map[K]V{}, 0
	}
	c.young[k] = v
	c.bytes += n
}
