package pq

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// Encodings of the format.
type Encoding int32

// The encodings in use.
const (
	Plain           Encoding = 0
	RLE             Encoding = 3
	DeltaPacked     Encoding = 5
	RLEDictionary   Encoding = 8
	ByteStreamSplit Encoding = 9
)

const (
	codecNone = 0
	codecZstd = 6

	pageData = 0
	pageDict = 2
)

// Stats are the statistics of one column chunk. Min and Max are plain-encoded values without
// length; nil leaves both out.
type Stats struct {
	Nulls    int64
	Distinct int64 // 0 = not counted
	Min, Max []byte
}

// chunkMeta is what the footer says of a chunk.
type chunkMeta struct {
	codec       int32
	encoding    Encoding
	dict        bool
	pages       int
	values      int64
	raw, packed int64
	start       int64
	dataOffset  int64
	stats       Stats
	bloom       *Bloom
	bloomOffset int64
	bloomLength int32
}

type rowGroup struct {
	rows   int64
	offset int64
	chunks []chunkMeta
}

// Writer writes one file after another; Reset starts the next. Not safe for concurrent use.
type Writer struct {
	cols   []Column
	out    *bufio.Writer
	at     int64
	err    error
	groups []rowGroup
	zstd   *zstd.Encoder
	head   thrift
	packed []byte
}

// NewWriter makes a writer; Reset must be called before use.
func NewWriter() *Writer {
	// The frame checksum lets any reader notice a rotten page.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true), zstd.WithZeroFrames(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return &Writer{out: bufio.NewWriterSize(nil, 1<<18), zstd: enc}
}

// Reset starts a file with the given leaf columns.
func (w *Writer) Reset(out io.Writer, cols []Column) {
	w.cols, w.at, w.err, w.groups = cols, 0, nil, w.groups[:0]
	w.out.Reset(out)
	w.write([]byte("PAR1"))
}

func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(b)
	w.at += int64(n)
	w.err = err
}

// BeginRowGroup opens a row group; the caller then writes each column once, in order.
func (w *Writer) BeginRowGroup(rows int) {
	w.groups = append(w.groups, rowGroup{rows: int64(rows), offset: w.at, chunks: make([]chunkMeta, 0, len(w.cols))})
}

// BeginColumn opens the next column chunk of the row group. A chunk of a few bytes is better
// left uncompressed.
func (w *Writer) BeginColumn(compress bool) {
	g := &w.groups[len(w.groups)-1]
	m := chunkMeta{start: w.at}
	if compress {
		m.codec = codecZstd
	}
	g.chunks = append(g.chunks, m)
}

// Dictionary writes the dictionary page: n plain-encoded values. It comes before the data
// pages. The body is not kept.
func (w *Writer) Dictionary(body []byte, n int) {
	m := w.open()
	m.dict = true
	m.raw += w.page(m.codec, pageDict, body, n, Plain)
}

// Page writes a data page: levels and values encoded, n counting absent values too. All
// pages of a chunk have the same encoding. The body is not kept.
func (w *Writer) Page(body []byte, n int, enc Encoding) {
	m := w.open()
	if m.pages == 0 {
		m.dataOffset = w.at
	}
	m.pages++
	m.values += int64(n)
	m.encoding = enc
	m.raw += w.page(m.codec, pageData, body, n, enc)
}

// EndColumn closes the column chunk. bloom may be nil; it is written at the end of the file.
func (w *Writer) EndColumn(s Stats, bloom *Bloom) error {
	m := w.open()
	m.stats, m.bloom = s, bloom
	if bloom != nil {
		bloom.seal()
	}
	m.packed = w.at - m.start
	return w.err
}

func (w *Writer) open() *chunkMeta {
	g := &w.groups[len(w.groups)-1]
	return &g.chunks[len(g.chunks)-1]
}

// page writes header and body and returns the size before compression.
func (w *Writer) page(codec, kind int32, body []byte, values int, enc Encoding) int64 {
	if len(body) > math.MaxInt32 {
		w.err = fmt.Errorf("page of %d bytes is over the limit of the format", len(body))
		return 0
	}
	packed := body
	if codec != codecNone {
		w.packed = w.zstd.EncodeAll(body, w.packed[:0])
		packed = w.packed
	}
	t := &w.head
	t.start()
	t.i32(1, kind)
	t.i32(2, int32(len(body)))
	t.i32(3, int32(len(packed)))
	if kind == pageDict {
		t.begin(7)
		t.i32(1, int32(values))
		t.i32(2, int32(enc))
	} else {
		t.begin(5)
		t.i32(1, int32(values))
		t.i32(2, int32(enc))
		t.i32(3, int32(RLE))
		t.i32(4, int32(RLE))
	}
	t.end()
	t.end()
	w.write(t.buf)
	w.write(packed)
	return int64(len(t.buf) + len(body))
}

// Close writes bloom filters, their directory and the footer. keys and values are file metadata, pairwise.
// sortedBy is the column the rows are in ascending order of, or -1. It returns the size of
// the file.
func (w *Writer) Close(sortedBy int, meta ...string) (int64, error) {
	var directory []byte
	for gi := range w.groups {
		for ci := range w.groups[gi].chunks {
			m := &w.groups[gi].chunks[ci]
			if m.bloom == nil {
				continue
			}
			w.packed = m.bloom.append(w.packed[:0], &w.head)
			m.bloomOffset, m.bloomLength = w.at, int32(len(w.packed))
			w.write(w.packed)
			bits := int64(len(m.bloom.words) * 4)
			directory = appendDirectory(directory, w.cols[ci].Name, Bits{w.at - bits, bits})
			m.bloom = nil
		}
	}
	n := len(directory)
	directory = binary.LittleEndian.AppendUint32(directory, uint32(n))
	w.write(append(directory, directoryMagic...))
	w.footer(sortedBy, meta)
	n = len(w.head.buf)
	w.write(w.head.buf)
	w.write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), "PAR1"...))
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.at, w.err
}
