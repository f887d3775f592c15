package pq

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	maxPage = 256 << 20 // unpacked bytes of a page
	maxSpan = 1 << 30   // bytes of the pages of a column
	maxKept = 8 << 20   // bytes of a buffer that is kept for the next column

	maxLevels = 16 << 20 // elements of lists in a row group
)

// Chunk is the unpacked values of one column in one row group. Its slices are those of the
// reader and valid until it reads the next.
type Chunk struct {
	Rows int
	// Levels are the definition levels, one a row (a list: one an element or empty list); nil
	// when every row has a value. A value is present at Column.MaxDef.
	Levels []uint32
	// Repeats are the repetition levels of a list or map: 0 begins a row.
	Repeats []uint32
	// Codes are the numbers of present values in the dictionary; nil for plain values.
	Codes []uint32
	// Plain says that the values themselves stand in Values, in order; else they are the
	// dictionary.
	Plain  bool
	Values Values
}

// Values are values of a column: Texts for ByteArray, else Ints (floats as their bits).
type Values struct {
	Text   []byte
	Starts []uint32 // where text i begins in Text
	Ends   []uint32
	Ints   []int64
}

// Len is the number of values.
func (v *Values) Len() int { return max(len(v.Starts), len(v.Ints)) }

// At is a text.
func (v *Values) At(i int) []byte { return v.Text[v.Starts[i]:v.Ends[i]] }

// Reader unpacks columns. Its buffers are used again; not safe for concurrent use.
type Reader struct {
	zstd  *zstd.Decoder
	file  []byte
	page  []byte
	dict  []byte
	chunk Chunk
	left  int // levels still to come
}

// NewReader makes a reader.
func NewReader() *Reader {
	// One goroutine, no window beyond a page, and never more bytes than a page says it has.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return &Reader{zstd: d}
}

// Read unpacks a column of a row group.
func (r *Reader) Read(src io.ReaderAt, m *Meta, group, column int) (*Chunk, error) {
	g := &m.Groups[group]
	c, p := m.Schema.Columns[column], g.Spans[column]
	if err := r.read(src, g.Rows, c, p); err != nil {
		return nil, fmt.Errorf("reading column %s: %w", c.Name, err)
	}
	return &r.chunk, nil
}

func (r *Reader) read(src io.ReaderAt, rows int, c Column, p Span) error {
	flat := c.Shape == Required || c.Shape == Optional
	if p.Packed > maxSpan || flat && p.Values != int64(rows) || p.Values < int64(rows) || p.Values > maxLevels {
		return fmt.Errorf("%w: %d values for %d rows", ErrFormat, p.Values, rows)
	}
	r.file = grow(r.file, int(p.Packed))
	if _, err := src.ReadAt(r.file, p.Offset); err != nil {
		return err
	}
	v := &r.chunk.Values
	r.chunk = Chunk{Rows: rows, Levels: r.chunk.Levels[:0], Repeats: r.chunk.Repeats[:0], Codes: r.chunk.Codes[:0],
		Values: Values{Starts: v.Starts[:0], Ends: v.Ends[:0], Ints: v.Ints[:0], Text: v.Text[:0]}}
	r.left = int(p.Values)
	left := r.file
	for first := true; r.left > 0; first = false {
		h, body, err := pageHead(left)
		if err != nil {
			return err
		}
		left = body[h.packed:]
		if first && h.kind == pageDict {
			if err := r.dictionary(c, p, h, body[:h.packed]); err != nil {
				return err
			}
			continue
		}
		if h.kind != pageData {
			return fmt.Errorf("%w: page of kind %d", ErrFormat, h.kind)
		}
		if err := r.data(c, p, h, body[:h.packed], first || r.chunk.Plain); err != nil {
			return err
		}
	}
	return r.whole(c, rows)
}

// whole checks that the rows came out even, and drops levels that say nothing.
func (r *Reader) whole(c Column, rows int) error {
	k := &r.chunk
	if c.Shape == Required || c.Shape == Optional {
		k.Repeats = k.Repeats[:0]
		if k.present() == rows {
			k.Levels = k.Levels[:0]
		}
		return nil
	}
	n := 0
	for _, rep := range k.Repeats {
		if rep == 0 {
			n++
		}
	}
	if n != rows || len(k.Repeats) > 0 && k.Repeats[0] != 0 {
		return fmt.Errorf("%w: lists of %d rows, want %d", ErrFormat, n, rows)
	}
	return nil
}

// present is the number of present values.
func (k *Chunk) present() int {
	if k.Plain {
		return k.Values.Len()
	}
	return len(k.Codes)
}

// head is the head of a page.
type head struct {
	kind, encoding int64
	raw, packed    int64
	values         int64
}

func pageHead(buf []byte) (head, []byte, error) {
	s := &scan{buf: buf}
	h := head{kind: -1, encoding: -1, values: -1}
	s.fields(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return s.i(typ, &h.kind)
		case 2:
			return s.i(typ, &h.raw)
		case 3:
			return s.i(typ, &h.packed)
		case 5, 7:
			if typ != tStruct {
				return false
			}
			s.fields(func(id int16, typ byte) bool {
				switch id {
				case 1:
					return s.i(typ, &h.values)
				case 2:
					return s.i(typ, &h.encoding)
				}
				return false
			})
			return true
		}
		return false
	})
	if s.bad || h.raw < 0 || h.raw > maxPage || h.raw > 50_000*h.packed+1<<16 || h.packed < 0 || h.packed > int64(len(s.buf)) || h.values < 0 {
		return h, nil, fmt.Errorf("%w: head of a page", ErrFormat)
	}
	return h, s.buf, nil
}

// unpacked returns the bytes of a page in a buffer with slack behind them.
func (r *Reader) unpacked(p Span, h head, body []byte, dst []byte) ([]byte, error) {
	dst = grow(dst, int(h.raw))
	if p.codec == codecNone {
		if h.raw != h.packed {
			return dst, fmt.Errorf("%w: %d bytes of %d", ErrFormat, h.packed, h.raw)
		}
		copy(dst, body)
		return dst, nil
	}
	out, err := r.zstd.DecodeAll(body, dst[:0:h.raw])
	if err != nil {
		return dst, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if int64(len(out)) != h.raw {
		return dst, fmt.Errorf("%w: page of %d bytes, want %d", ErrFormat, len(out), h.raw)
	}
	return dst, nil
}

// grow returns n bytes with slack behind them.
func grow(b []byte, n int) []byte {
	if cap(b) < n+slack || cap(b) > maxKept && n < maxKept/2 {
		b = make([]byte, n+slack+n/4)
	}
	return b[:n]
}

func (r *Reader) dictionary(c Column, p Span, h head, body []byte) error {
	var err error
	if h.encoding != int64(Plain) || h.values > h.raw+1 {
		return fmt.Errorf("%w: encoding %d of a dictionary", ErrFormat, h.encoding)
	}
	if r.dict, err = r.unpacked(p, h, body, r.dict); err != nil {
		return err
	}
	rest, err := r.chunk.Values.append(c.Type, r.dict, int(h.values), false)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%w: %d bytes behind a dictionary", ErrFormat, len(rest))
	}
	return err
}

// data unpacks a data page: levels, then codes or values.
func (r *Reader) data(c Column, p Span, h head, body []byte, plainOK bool) error {
	var err error
	if h.values == 0 || h.values > int64(r.left) {
		return fmt.Errorf("%w: page of %d values, %d are left", ErrFormat, h.values, r.left)
	}
	n := int(h.values)
	r.left -= n
	if r.page, err = r.unpacked(p, h, body, r.page); err != nil {
		return err
	}
	buf, present := r.page, n
	k := &r.chunk
	if c.Shape >= List {
		if k.Repeats, buf, err = levels(k.Repeats, buf, n, 1, 2); err != nil {
			return err
		}
	}
	if most := uint32(c.MaxDef()); most > 0 {
		at := len(k.Levels)
		width := 1
		if most > 1 {
			width = 2
		}
		if k.Levels, buf, err = levels(k.Levels, buf, n, width, most+1); err != nil {
			return err
		}
		present = 0
		for _, l := range k.Levels[at:] {
			if l == most {
				present++
			}
		}
	}
	switch Encoding(h.encoding) {
	case RLEDictionary:
		if k.Plain || len(buf) == 0 {
			return fmt.Errorf("%w: dictionary numbers where values were", ErrFormat)
		}
		width := int(buf[0])
		k.Codes, _, err = appendUnpacked(k.Codes, buf[1:], present, width, uint32(k.Values.Len()))
		return err
	case Plain:
		if !plainOK {
			return fmt.Errorf("%w: values where dictionary numbers were", ErrFormat)
		}
		k.Plain = true
		_, err = k.Values.append(c.Type, buf, present, true)
		return err
	}
	return fmt.Errorf("%w: encoding %d", ErrFormat, h.encoding)
}

// levels reads n levels behind their length.
func levels(dst []uint32, buf []byte, n, width int, limit uint32) ([]uint32, []byte, error) {
	if len(buf) < 4 {
		return dst, buf, fmt.Errorf("%w: levels", ErrFormat)
	}
	size := int64(binary.LittleEndian.Uint32(buf))
	buf = buf[4:]
	if size > int64(len(buf)) {
		return dst, buf, fmt.Errorf("%w: levels of %d bytes", ErrFormat, size)
	}
	dst, _, err := appendUnpacked(dst, buf[:size], n, width, limit)
	return dst, buf[size:], err
}

// append reads n plain values. Texts alias buf unless they are to be copied.
func (v *Values) append(typ Type, buf []byte, n int, copied bool) ([]byte, error) {
	short := func(size int) bool { return n > len(buf)/size }
	switch typ {
	case ByteArray:
		return v.appendTexts(buf, n, copied)
	case Int64, Double:
		if short(8) {
			break
		}
		for i := range n {
			v.Ints = append(v.Ints, int64(binary.LittleEndian.Uint64(buf[8*i:])))
		}
		return buf[8*n:], nil
	case Int32:
		if short(4) {
			break
		}
		for i := range n {
			v.Ints = append(v.Ints, int64(int32(binary.LittleEndian.Uint32(buf[4*i:]))))
		}
		return buf[4*n:], nil
	case Boolean:
		if (n+7)/8 > len(buf) {
			break
		}
		for i := range n {
			v.Ints = append(v.Ints, int64(buf[i/8]>>(i%8)&1))
		}
		return buf[(n+7)/8:], nil
	}
	return buf, fmt.Errorf("%w: %d values of type %d in %d bytes", ErrFormat, n, typ, len(buf))
}

func (v *Values) appendTexts(buf []byte, n int, copied bool) ([]byte, error) {
	base := 0
	if copied {
		base = len(v.Text)
		v.Text = append(v.Text, buf...)
		if len(v.Text) > maxSpan {
			return buf, fmt.Errorf("%w: %d bytes of text", ErrFormat, len(v.Text))
		}
	} else {
		v.Text = buf
	}
	at := 0
	for range n {
		if len(buf)-at < 4 {
			return buf, fmt.Errorf("%w: texts are missing", ErrFormat)
		}
		size := int64(binary.LittleEndian.Uint32(buf[at:]))
		at += 4
		if size > int64(len(buf)-at) {
			return buf, fmt.Errorf("%w: text of %d bytes", ErrFormat, size)
		}
		v.Starts = append(v.Starts, uint32(base+at))
		at += int(size)
		v.Ends = append(v.Ends, uint32(base+at))
	}
	return buf[at:], nil
}
