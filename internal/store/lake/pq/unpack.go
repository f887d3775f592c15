package pq

import (
	"encoding/binary"
	"fmt"
)

// maxWidth is the most bits a level or a dictionary number may have.
const maxWidth = 31

// slack is the room behind packed bytes that unpack may read.
const slack = 8

// appendUnpacked reads n values in the hybrid encoding that end before limit, and returns what
// is left of src. src must have slack bytes of room behind it.
func appendUnpacked(dst []uint32, src []byte, n, width int, limit uint32) ([]uint32, []byte, error) {
	if width > maxWidth {
		return dst, src, fmt.Errorf("%w: values of %d bits", ErrFormat, width)
	}
	for n > 0 {
		head, k := binary.Uvarint(src)
		if k <= 0 || head>>1 == 0 {
			return dst, src, fmt.Errorf("%w: %d values missing", ErrFormat, n)
		}
		src = src[k:]
		count := head >> 1
		if head&1 == 0 {
			bytes := (width + 7) / 8
			if len(src) < bytes || count > uint64(n) {
				return dst, src, fmt.Errorf("%w: a run of %d values", ErrFormat, count)
			}
			v := uint32(0)
			for i := range bytes {
				v |= uint32(src[i]) << (8 * i)
			}
			if v >= limit {
				return dst, src, fmt.Errorf("%w: value %d of %d", ErrFormat, v, limit)
			}
			src = src[bytes:]
			dst = appendRepeated(dst, v, int(count))
			n -= int(count)
			continue
		}
		if count > uint64(len(src)) || int(count)*width > len(src) {
			return dst, src, fmt.Errorf("%w: %d groups of values", ErrFormat, count)
		}
		take := min(n, int(count)*8)
		at := len(dst)
		dst = append(dst, make([]uint32, take)...)
		if most := unpack(dst[at:], src, width); most >= limit {
			return dst, src, fmt.Errorf("%w: value %d of %d", ErrFormat, most, limit)
		}
		src = src[int(count)*width:]
		n -= take
	}
	return dst, src, nil
}

func appendRepeated(dst []uint32, v uint32, n int) []uint32 {
	at := len(dst)
	dst = append(dst, make([]uint32, n)...)
	if v != 0 {
		for i := at; i < len(dst); i++ {
			dst[i] = v
		}
	}
	return dst
}

// unpack reads len(dst) values of a width and returns the largest. src has slack behind it
// within its capacity.
func unpack(dst []uint32, src []byte, width int) (most uint32) {
	if width == 0 {
		clear(dst)
		return 0
	}
	src = src[:len(src)+slack]
	mask := uint64(1)<<width - 1
	bit := 0
	for i := range dst {
		v := uint32(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
		dst[i] = v
		most = max(most, v)
		bit += width
	}
	return most
}
