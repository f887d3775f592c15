package pq

import (
	"encoding/binary"
	"math/bits"
)

// BitWidth is the number of bits that hold 0..max.
func BitWidth(max int) int { return bits.Len64(uint64(max)) }

// AppendHybrid appends values in the RLE and bit-packing hybrid encoding. Every value is
// non-negative and fits the width. Equal runs of eight or more become one run.
func AppendHybrid(dst []byte, vals []int32, width int) []byte {
	if width == 0 {
		return appendRun(dst, 0, len(vals), 0)
	}
	lit := 0 // start of values not yet written, all literals
	i := 0
	for i+8 <= len(vals) {
		v := vals[i]
		g := vals[i : i+8 : i+8]
		if g[1] != v || g[2] != v || g[3] != v || g[4] != v || g[5] != v || g[6] != v || g[7] != v {
			i += 8
			continue
		}
		run := i + 8
		for run < len(vals) && vals[run] == v {
			run++
		}
		dst = appendPacked(dst, vals[lit:i], width)
		dst = appendRun(dst, v, run-i, width)
		i, lit = run, run
	}
	if lit < len(vals) {
		rest := vals[lit:]
		if equal(rest) {
			return appendRun(dst, rest[0], len(rest), width)
		}
		dst = appendPacked(dst, rest, width)
	}
	return dst
}

func equal(vals []int32) bool {
	for _, v := range vals[1:] {
		if v != vals[0] {
			return false
		}
	}
	return true
}

// appendRun appends n times the same value.
func appendRun(dst []byte, v int32, n, width int) []byte {
	if n == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for w := 0; w < width; w += 8 {
		dst = append(dst, byte(v>>w))
	}
	return dst
}

// appendPacked appends values as groups of eight, the last filled up with zeros.
func appendPacked(dst []byte, vals []int32, width int) []byte {
	if len(vals) == 0 {
		return dst
	}
	groups := (len(vals) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	at := len(dst)
	size := groups * width
	dst = append(dst, make([]byte, size+8)...) // 8 bytes of room for whole-word stores
	acc, n := uint64(0), 0
	for _, v := range vals {
		acc |= uint64(uint32(v)) << n
		n += width
		if n >= 32 {
			binary.LittleEndian.PutUint32(dst[at:], uint32(acc))
			at += 4
			acc >>= 32
			n -= 32
		}
	}
	binary.LittleEndian.PutUint64(dst[at:], acc)
	return dst[:len(dst)-8] // the padding of the last group is zero already
}

// AppendLevels appends repetition or definition levels as data page v1 wants them: length
// first.
func AppendLevels(dst []byte, levels []int32, width int) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = AppendHybrid(dst, levels, width)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// AppendLevelRun is AppendLevels for n equal levels.
func AppendLevelRun(dst []byte, level int32, n, width int) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = appendRun(dst, level, n, width)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}
