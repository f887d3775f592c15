package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"github.com/yagura-siem/yagura/internal/store"
)

// Column statistics are stored as zstd of:
//
//	version (1 byte) = 1, number of columns, then per column, by name:
//	name, present, distinct, flags (bit 0 NonASCII), min, max, number of values, values
//
// Numbers are uvarints, texts are length and bytes. The texts of a decoded block share one
// string.
const statsVersion = 1

const (
	maxStats       = 8 << 20 // decoded bytes; statistics of a thousand columns stay far below
	maxStatsValues = 1 << 16
)

var errStats = errors.New("column statistics are damaged")

// codec holds the compressors; both are safe for concurrent use by EncodeAll and DecodeAll.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

var newCodec = sync.OnceValue(func() codec {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic(err) // constant options
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxStats))
	if err != nil {
		panic(err)
	}
	return codec{enc, dec}
})

func pack(b []byte) []byte { return newCodec().enc.EncodeAll(b, nil) }

func unpack(b []byte) ([]byte, error) { return newCodec().dec.DecodeAll(b, nil) }

func encodeStats(stats map[string]store.ColumnStats) []byte { return pack(formatStats(stats)) }

func formatStats(stats map[string]store.ColumnStats) []byte {
	names := make([]string, 0, len(stats))
	for n := range stats {
		names = append(names, n)
	}
	slices.Sort(names)
	b := []byte{statsVersion}
	b = binary.AppendUvarint(b, uint64(len(names)))
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, n := range names {
		s := stats[n]
		text(n)
		b = binary.AppendUvarint(b, uint64(s.Present))
		b = binary.AppendUvarint(b, uint64(s.Distinct))
		var flags byte
		if s.NonASCII {
			flags |= 1
		}
		b = append(b, flags)
		text(s.Min)
		text(s.Max)
		b = binary.AppendUvarint(b, uint64(len(s.Values)))
		for _, v := range s.Values {
			text(v)
		}
	}
	return b
}

func decodeStats(packed []byte) (map[string]store.ColumnStats, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	b, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStats, err)
	}
	return parseStats(b)
}

// parseStats keeps b: nobody may change it any more.
func parseStats(b []byte) (map[string]store.ColumnStats, error) {
	d := statsReader{s: unsafe.String(unsafe.SliceData(b), len(b))}
	if d.byte() != statsVersion {
		return nil, fmt.Errorf("%w: unknown version", errStats)
	}
	n := d.count()
	out := make(map[string]store.ColumnStats, n)
	for range n {
		name := d.text()
		s := store.ColumnStats{Present: int64(d.number()), Distinct: int64(d.number())}
		s.NonASCII = d.byte()&1 != 0
		s.Min, s.Max = d.text(), d.text()
		if k := d.count(); k > 0 {
			s.Values = make([]string, k)
			for i := range s.Values {
				s.Values[i] = d.text()
			}
		}
		if d.bad {
			break
		}
		out[name] = s
	}
	if d.bad || d.s != "" {
		return nil, errStats
	}
	return out, nil
}

// statsReader takes from the front of a string; once something is missing it stays bad and
// returns zeros.
type statsReader struct {
	s   string
	bad bool
}

func (d *statsReader) byte() byte {
	if d.bad || d.s == "" {
		d.bad = true
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

func (d *statsReader) number() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c := d.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.bad = true
	return 0
}

// count is a number of things that follow, each at least a byte long.
func (d *statsReader) count() int {
	n := d.number()
	if n > uint64(len(d.s)) || n > maxStatsValues {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *statsReader) text() string {
	n := d.number()
	if d.bad || n > uint64(len(d.s)) {
		d.bad = true
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}
