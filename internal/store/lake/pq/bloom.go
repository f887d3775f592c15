package pq

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// Bloom is a split-block bloom filter over the plain bytes of values, one false positive in
// a hundred. It is sized when the column ends, by what was added.
type Bloom struct {
	hashes []uint64
	words  []uint32 // blocks of eight
}

var bloomSalt = [8]uint32{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31}

const bloomFalsePositive = 0.01

// NewBloom makes an empty filter with room for about n values.
func NewBloom(n int) *Bloom { return &Bloom{hashes: make([]uint64, 0, n)} }

// Add puts a value into the filter. A value added twice makes it larger than need be.
func (b *Bloom) Add(v string) { b.hashes = append(b.hashes, xxhash.Sum64String(v)) }

// seal makes the bits.
func (b *Bloom) seal() {
	perValue := -8 / math.Log(1-math.Pow(bloomFalsePositive, 1.0/8))
	size := uint(max(32, int(float64(len(b.hashes))*perValue/8)))
	size = 1 << bits.Len(size-1) // some readers want a power of two
	b.words = make([]uint32, size/4)
	for _, h := range b.hashes {
		block := b.block(h)
		for i, s := range bloomSalt {
			block[i] |= 1 << (uint32(h) * s >> 27)
		}
	}
	b.hashes = nil
}

func (b *Bloom) block(h uint64) []uint32 {
	at := (h >> 32) * uint64(len(b.words)/8) >> 32 * 8
	return b.words[at : at+8 : at+8]
}

// append writes header and bits as the format wants them.
func (b *Bloom) append(dst []byte, t *thrift) []byte {
	t.start()
	t.i32(1, int32(len(b.words)*4))
	for id := int16(2); id <= 4; id++ { // algorithm BLOCK, hash XXHASH, compression UNCOMPRESSED
		t.begin(id)
		t.empty(1)
		t.end()
	}
	t.end()
	dst = append(dst, t.buf...)
	for _, w := range b.words {
		dst = binary.LittleEndian.AppendUint32(dst, w)
	}
	return dst
}
