package pq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"
)

// The directory lists the bloom filters of a file so that one value can be looked up with a
// few short reads, without the footer. It stands between the last filter and the footer,
// where readers of the format see a gap:
//
//	for each filter: column name (varint length, bytes), offset and length of its bits (varints)
//	length of the above (4 bytes, little endian), "YBD1"
const directoryMagic = "YBD1"

// Bits are the bits of one bloom filter in a file: those of one column in one row group.
type Bits struct{ Offset, Length int64 }

// ErrNoDirectory says that a file has no directory of bloom filters.
var ErrNoDirectory = errors.New("no directory of bloom filters")

func appendDirectory(dst []byte, name string, b Bits) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(name)))
	dst = append(dst, name...)
	dst = binary.AppendUvarint(dst, uint64(b.Offset))
	return binary.AppendUvarint(dst, uint64(b.Length))
}

// ReadDirectory reads the directory of a file of a size: bits by column name.
func ReadDirectory(r io.ReaderAt, size int64) (map[string][]Bits, error) {
	var tail [8]byte
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return nil, fmt.Errorf("reading the end of the file: %w", err)
	}
	end := size - 8 - int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != "PAR1" || end < 12 {
		return nil, ErrNoDirectory
	}
	if _, err := r.ReadAt(tail[:], end-8); err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != directoryMagic || n > end-12 {
		return nil, ErrNoDirectory
	}
	buf := make([]byte, n)
	if _, err := r.ReadAt(buf, end-8-n); err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	return parseDirectory(buf, size)
}

func parseDirectory(buf []byte, size int64) (map[string][]Bits, error) {
	out := map[string][]Bits{}
	number := func() uint64 {
		v, n := binary.Uvarint(buf)
		if n <= 0 {
			buf = nil
			return 1 << 62
		}
		buf = buf[n:]
		return v
	}
	for len(buf) > 0 {
		n := number()
		if n > uint64(len(buf)) {
			return nil, ErrNoDirectory
		}
		name := string(buf[:n])
		buf = buf[n:]
		offset, length := number(), number()
		if offset > uint64(size) || length > uint64(size)-offset || length%32 != 0 || length == 0 {
			return nil, ErrNoDirectory
		}
		out[name] = append(out[name], Bits{int64(offset), int64(length)})
	}
	return out, nil
}

// Has reports whether the filter may hold a value; it reads one block of it.
func (b Bits) Has(r io.ReaderAt, v string) (bool, error) {
	h := xxhash.Sum64String(v)
	block := int64((h >> 32) * uint64(b.Length/32) >> 32)
	var buf [32]byte
	if _, err := r.ReadAt(buf[:], b.Offset+block*32); err != nil {
		return true, fmt.Errorf("reading a bloom filter: %w", err)
	}
	for i, s := range bloomSalt {
		if binary.LittleEndian.Uint32(buf[i*4:])&(1<<(uint32(h)*s>>27)) == 0 {
			return false, nil
		}
	}
	return true, nil
}
