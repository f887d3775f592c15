package codes

import "math/bits"

// MaxKeys is the most keys of a group.
const MaxKeys = 4

// Tuple is the global ids of the keys of a group.
type Tuple [MaxKeys]uint32

// Groups numbers the groups of an answer over all row groups and counts their events. Not safe
// for concurrent use.
type Groups struct {
	Keys   []Tuple
	Counts []int64

	direct []uint32 // by id+1 of the only key: number+1
	slots  []uint32 // number+1; open addressing
	single bool
}

// NewGroups makes an empty set for a number of keys.
func NewGroups(keys int) *Groups {
	g := &Groups{single: keys == 1}
	if !g.single {
		g.slots = make([]uint32, 1<<6)
	}
	return g
}

// Bytes is about the memory in use.
func (g *Groups) Bytes() int64 {
	return 16*int64(cap(g.Keys)) + 8*int64(cap(g.Counts)) + 4*int64(cap(g.direct)+len(g.slots))
}

// Number is the number of a group, new or known.
func (g *Groups) Number(t Tuple) uint32 {
	if g.single {
		i := t[0] + 1 // Absent wraps to 0
		if int(i) >= len(g.direct) {
			g.direct = append(g.direct, make([]uint32, max(int(i)+1, 2*len(g.direct), 64)-len(g.direct))...)
		}
		if g.direct[i] == 0 {
			g.direct[i] = g.add(t)
		}
		return g.direct[i] - 1
	}
	mask := uint64(len(g.slots) - 1)
	for i := hash(t) & mask; ; i = (i + 1) & mask {
		n := g.slots[i]
		if n == 0 {
			n = g.add(t)
			g.slots[i] = n
			if 2*len(g.Keys) >= len(g.slots) {
				g.rehash()
			}
			return n - 1
		}
		if g.Keys[n-1] == t {
			return n - 1
		}
	}
}

// Numbers is Number for many groups at once: numbers[i] becomes that of keys[i]. Looking the slots
// up first and the keys after that lets the processor wait for many places of memory together.
func (g *Groups) Numbers(keys []Tuple, numbers []uint32) {
	if g.single {
		for i, t := range keys {
			numbers[i] = g.Number(t)
		}
		return
	}
	const few = 256
	for len(keys) > 0 {
		n := min(len(keys), few)
		mask := uint64(len(g.slots) - 1)
		for i, t := range keys[:n] {
			numbers[i] = g.slots[hash(t)&mask]
		}
		for i, t := range keys[:n] {
			if at := numbers[i]; at > 0 && g.Keys[at-1] == t {
				numbers[i] = at - 1
			} else {
				numbers[i] = g.Number(t)
			}
		}
		keys, numbers = keys[n:], numbers[n:]
	}
}

func (g *Groups) add(t Tuple) uint32 {
	g.Keys = append(g.Keys, t)
	g.Counts = append(g.Counts, 0)
	return uint32(len(g.Keys))
}

func (g *Groups) rehash() {
	g.slots = make([]uint32, 2*len(g.slots))
	mask := uint64(len(g.slots) - 1)
	for n, t := range g.Keys {
		i := hash(t) & mask
		for g.slots[i] != 0 {
			i = (i + 1) & mask
		}
		g.slots[i] = uint32(n + 1)
	}
}

func hash(t Tuple) uint64 {
	a, b := uint64(t[0])<<32|uint64(t[1]), uint64(t[2])<<32|uint64(t[3])
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return hi ^ lo ^ a*0xff51afd7ed558ccd>>7
}

// bitmapGroups is how many groups keep the values they saw as bits; later ones share a hash
// table.
const bitmapGroups = 64

// Pairs counts the pairs (group, value) that occur. Not safe for concurrent use.
type Pairs struct {
	bits   [bitmapGroups][]uint64
	keys   []uint64
	counts []int64 // nil unless asked for
	slots  []uint32
	exact  bool

	waiting []pair // not among the keys yet: many are looked up together, see Groups.Numbers
}

type pair struct {
	key uint64
	n   int64
	at  uint32
}

// maxWaiting is how many pairs wait.
const maxWaiting = 256

// NewPairs makes an empty set; counted says that how often each pair occurs matters.
func NewPairs(counted bool) *Pairs { return &Pairs{exact: counted} }

// Bytes is about the memory in use.
func (p *Pairs) Bytes() int64 {
	n := 8*int64(cap(p.keys)+cap(p.counts)) + 4*int64(len(p.slots))
	for i := range p.bits {
		n += 8 * int64(cap(p.bits[i]))
	}
	return n
}

// Add notes n events of a group with a value.
func (p *Pairs) Add(group, id uint32, n int64) {
	if group < bitmapGroups && !p.exact {
		b := p.bits[group]
		w := int(id >> 6)
		if w >= len(b) {
			b = append(b, make([]uint64, max(w+1, 2*len(b))-len(b))...)
			p.bits[group] = b
		}
		b[w] |= 1 << (id & 63)
		return
	}
	if p.waiting == nil {
		p.waiting = make([]pair, 0, maxWaiting)
	}
	p.waiting = append(p.waiting, pair{key: uint64(group)<<32 | uint64(id), n: n})
	if len(p.waiting) == maxWaiting {
		p.settle()
	}
}

// settle takes in the pairs that wait.
func (p *Pairs) settle() {
	for 2*(len(p.keys)+len(p.waiting)) >= len(p.slots) {
		p.rehash()
	}
	mask := uint64(len(p.slots) - 1)
	for i := range p.waiting {
		w := &p.waiting[i]
		w.at = p.slots[spread(w.key)&mask]
	}
	for i := range p.waiting {
		w := &p.waiting[i]
		if w.at == 0 || p.keys[w.at-1] != w.key {
			p.take(w.key, w.n)
		} else if p.exact {
			p.counts[w.at-1] += w.n
		}
	}
	p.waiting = p.waiting[:0]
}

func spread(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 20 }

// take finds or adds one pair; there is room.
func (p *Pairs) take(key uint64, n int64) {
	mask := uint64(len(p.slots) - 1)
	i := spread(key) & mask
	for {
		at := p.slots[i]
		if at == 0 {
			p.keys = append(p.keys, key)
			if p.exact {
				p.counts = append(p.counts, n)
			}
			p.slots[i] = uint32(len(p.keys))
			return
		}
		if p.keys[at-1] == key {
			if p.exact {
				p.counts[at-1] += n
			}
			return
		}
		i = (i + 1) & mask
	}
}

func (p *Pairs) rehash() {
	p.slots = make([]uint32, max(1<<6, 2*len(p.slots)))
	mask := uint64(len(p.slots) - 1)
	for n, key := range p.keys {
		i := spread(key) & mask
		for p.slots[i] != 0 {
			i = (i + 1) & mask
		}
		p.slots[i] = uint32(n + 1)
	}
}

// Each calls f with every pair, in no order; n is 1 unless pairs are counted.
func (p *Pairs) Each(f func(group, id uint32, n int64)) {
	p.settle()
	for g := range p.bits {
		for w, v := range p.bits[g] {
			for ; v != 0; v &= v - 1 {
				f(uint32(g), uint32(w<<6+bits.TrailingZeros64(v)), 1)
			}
		}
	}
	for i, key := range p.keys {
		n := int64(1)
		if p.exact {
			n = p.counts[i]
		}
		f(uint32(key>>32), uint32(key), n)
	}
}

// Distinct adds the number of distinct values of each group to out, which has a place for each.
func (p *Pairs) Distinct(out []int64) {
	p.settle()
	for g := range p.bits {
		for _, v := range p.bits[g] {
			out[g] += int64(bits.OnesCount64(v))
		}
	}
	for _, key := range p.keys {
		out[key>>32]++
	}
}
