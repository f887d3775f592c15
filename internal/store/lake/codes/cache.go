package codes

import (
	"math/rand/v2"
	"sync"
)

// Key names something kept: of a row group of a part, or of the whole part.
type Key struct {
	Part  string
	Group int
	Name  string
	Form  uint8 // what is kept under the name
}

// Kept is anything a cache may hold.
type Kept interface{ Bytes() int64 }

// Cache keeps decoded columns and dictionaries up to a number of bytes. What goes is chosen by
// chance: dashboards read the same columns round and round, where dropping the oldest first
// would keep nothing of use. Safe for concurrent use.
type Cache struct {
	limit     int64 // of columns
	dictLimit int64 // of all dictionaries; half of it for one, when it is handed out

	mu    sync.Mutex
	used  int64
	at    map[Key]int
	list  []kept
	dicts map[string]*Dict
	over  map[string]int64 // by field: of how many rows its dictionary grew too large
}

type kept struct {
	key   Key
	value Kept
	bytes int64
}

// NewCache makes a cache of a number of bytes, a quarter of it for dictionaries.
func NewCache(limit int64) *Cache {
	return &Cache{limit: limit * 3 / 4, dictLimit: limit / 4, at: map[Key]int{}, dicts: map[string]*Dict{}, over: map[string]int64{}}
}

// Get returns what is kept under a key, or nil.
func (c *Cache) Get(k Key) Kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, ok := c.at[k]; ok {
		return c.list[i].value
	}
	return nil
}

const keyBytes = 160 // of the books of an entry

// Put keeps a value, unless it alone takes much of the room.
func (c *Cache) Put(k Key, v Kept) {
	n := v.Bytes() + keyBytes
	if n > c.limit/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, ok := c.at[k]; ok {
		c.used += n - c.list[i].bytes
		c.list[i] = kept{k, v, n}
	} else {
		c.used += n
		c.at[k] = len(c.list)
		c.list = append(c.list, kept{k, v, n})
	}
	for c.used > c.limit && len(c.list) > 0 {
		c.drop(rand.IntN(len(c.list)))
	}
}

func (c *Cache) drop(i int) {
	last := len(c.list) - 1
	c.used -= c.list[i].bytes
	delete(c.at, c.list[i].key)
	if i != last {
		c.list[i] = c.list[last]
		c.at[c.list[i].key] = i
	}
	c.list[last] = kept{}
	c.list = c.list[:last]
}

// Dict returns the dictionary of a field. One that has grown too large is begun anew, and all
// are when they are too large together: columns numbered by old ones are read again.
func (c *Cache) Dict(field string) *Dict {
	c.mu.Lock()
	defer c.mu.Unlock()
	total := int64(0)
	for _, o := range c.dicts {
		total += o.Bytes()
	}
	if total > c.dictLimit {
		clear(c.dicts)
	}
	d := c.dicts[field]
	if d == nil || d.Bytes() > c.dictLimit/2 {
		d = NewDict(c.dictLimit)
		c.dicts[field] = d
	}
	return d
}

// Overflowed notes that the values of a field in so many rows were too many for a dictionary.
func (c *Cache) Overflowed(field string, rows int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over[field] = rows
}

// Hopeless reports whether about as many rows have been too many before.
func (c *Cache) Hopeless(field string, rows int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.over[field]
	return ok && rows > n/2
}

// Clear drops everything.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.list = 0, nil
	clear(c.at)
	clear(c.dicts)
	clear(c.over)
}

// Bytes is what is in use: columns and dictionaries.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.used
	for _, d := range c.dicts {
		n += d.Bytes()
	}
	return n
}
