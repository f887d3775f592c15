package codes

// Grouping gives the rows of one row group numbers of groups, one key after another. Numbers
// are small: products of codes while there are few, else counted out in a hash table. It is
// used again for the next row group; not safe for concurrent use.
type Grouping struct {
	Rows []uint32 // rows in the order of Of, nil for all of them; rows of lists repeat
	Of   []uint32 // number of the group by place in Rows; nil when there is one group
	Size int      // numbers are below it; some may be empty
	n    int      // rows of the row group

	stages []stage
	table  []uint32
	arena  *Arena
}

// stage is one key: a number is that of the keys before times size plus the code, looked up in
// pairs unless it is nil.
type stage struct {
	size  uint32
	pairs []uint64
}

// maxDense is the most numbers that are products.
const maxDense = 1 << 16

// maxUnfolded is the most rows lists may unfold a row group to.
const maxUnfolded = 1 << 24

// Begin starts with rows of a row group of n: one group.
func (g *Grouping) Begin(a *Arena, rows []uint32, n int) {
	g.Rows, g.Of, g.Size, g.n, g.arena = rows, nil, 1, n, a
	g.stages = g.stages[:0]
}

// Len is the number of places.
func (g *Grouping) Len() int {
	if g.Rows != nil {
		return len(g.Rows)
	}
	return g.n
}

// By splits the groups by a column. The code of no value makes groups too.
func (g *Grouping) By(c *Column) error {
	if c.Lists() {
		return g.byList(c)
	}
	if c.Same {
		g.stages = append(g.stages, stage{size: 1})
		return nil
	}
	codes := g.arena.Nums(g.Len())
	switch {
	case c.C8 != nil:
		gather(codes, c.C8, g.Rows)
	case c.C16 != nil:
		gather(codes, c.C16, g.Rows)
	default:
		gather(codes, c.C32, g.Rows)
	}
	g.ByCodes(codes, c.Size+1)
	return nil
}

func gather[T uint8 | uint16 | uint32](dst []uint32, codes []T, rows []uint32) {
	if rows == nil {
		for i, c := range codes[:len(dst)] {
			dst[i] = uint32(c)
		}
		return
	}
	for i, r := range rows[:len(dst)] {
		dst[i] = uint32(codes[r])
	}
}

// ByCodes splits the groups by codes below size, one for each place. codes is kept.
func (g *Grouping) ByCodes(codes []uint32, size int) {
	st := stage{size: uint32(size)}
	total := uint64(g.Size) * uint64(size)
	switch {
	case g.Of == nil:
		g.Of, g.Size = codes, size
	case total <= maxDense:
		for i, of := range g.Of {
			codes[i] += of * st.size
		}
		g.Of, g.Size = codes, int(total)
	default:
		st.pairs = g.number(codes, st.size)
		g.Of, g.Size = codes, len(st.pairs)
	}
	g.stages = append(g.stages, st)
}

// number replaces codes by numbers of the pairs (group, code) that occur, and returns them.
func (g *Grouping) number(codes []uint32, size uint32) []uint64 {
	slots := 1 << 8
	for slots < 2*len(codes) {
		slots *= 2
	}
	if len(g.table) < slots {
		g.table = make([]uint32, slots)
	}
	table := g.table[:slots]
	clear(table)
	mask := uint64(slots - 1)
	var pairs []uint64
	for i, code := range codes {
		key := uint64(g.Of[i])*uint64(size) + uint64(code)
		at := key * 0x9e3779b97f4a7c15 >> 20 & mask
		for {
			n := table[at]
			if n == 0 {
				pairs = append(pairs, key)
				table[at] = uint32(len(pairs))
				codes[i] = uint32(len(pairs) - 1)
				break
			}
			if pairs[n-1] == key {
				codes[i] = n - 1
				break
			}
			at = (at + 1) & mask
		}
	}
	return pairs
}

// byList puts a row into a group for each element.
func (g *Grouping) byList(c *Column) error {
	n := g.Len()
	lists := g.arena.Nums(n)
	switch {
	case c.Same:
		clear(lists)
	case c.C8 != nil:
		gather(lists, c.C8, g.Rows)
	case c.C16 != nil:
		gather(lists, c.C16, g.Rows)
	default:
		gather(lists, c.C32, g.Rows)
	}
	total, none := 0, uint32(c.Size)
	for _, l := range lists {
		if l == none {
			total++
		} else {
			total += len(c.List(l))
		}
	}
	if total > maxUnfolded {
		return ErrTooBig
	}
	rows, codes := g.arena.Nums(total), g.arena.Nums(total)
	var of []uint32
	if g.Of != nil {
		of = g.arena.Nums(total)
	}
	absent := []uint32{uint32(len(c.IDs))}
	at := 0
	for i, l := range lists {
		row := uint32(i)
		if g.Rows != nil {
			row = g.Rows[i]
		}
		elems := absent
		if l != none {
			elems = c.List(l)
		}
		for _, e := range elems {
			rows[at], codes[at] = row, e
			if of != nil {
				of[at] = g.Of[i]
			}
			at++
		}
	}
	g.Rows, g.Of = rows, of
	g.ByCodes(codes, len(c.IDs)+1)
	return nil
}

// Codes takes a number apart: the code of each key, in dst.
func (g *Grouping) Codes(dst []uint32, number int) {
	v := uint64(number)
	for i := len(g.stages) - 1; i >= 0; i-- {
		st := &g.stages[i]
		if st.pairs != nil {
			v = st.pairs[v]
		}
		dst[i] = uint32(v % uint64(st.size))
		v /= uint64(st.size)
	}
}

// Counts adds the places of each group to counts, which has Size places.
func (g *Grouping) Counts(counts []uint32) {
	if g.Of == nil {
		counts[0] += uint32(g.Len())
		return
	}
	for _, n := range g.Of {
		counts[n]++
	}
}

// CountOne counts the rows of each code of a column.
func CountOne(c *Column, rows []uint32, counts []uint32) {
	n := c.Rows
	if rows != nil {
		n = len(rows)
	}
	switch {
	case c.Same:
		counts[0] += uint32(n)
	case c.C8 != nil:
		countOne(c.C8, rows, counts)
	case c.C16 != nil:
		countOne(c.C16, rows, counts)
	default:
		countOne(c.C32, rows, counts)
	}
}

func countOne[T uint8 | uint16 | uint32](codes []T, rows []uint32, counts []uint32) {
	if rows == nil {
		for _, c := range codes {
			counts[c]++
		}
		return
	}
	for _, r := range rows {
		counts[codes[r]]++
	}
}
