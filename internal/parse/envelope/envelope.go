// Package envelope takes off what logs are wrapped in on their way: compression and archives
// around an object (Decompress), and delivery wrappers around a record (Unwrap). It does not know
// log types, opens no files and keeps nothing between objects but reusable decoders.
package envelope

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxLevels is how many layers of compression may lie inside each other in one object.
const MaxLevels = 3

// Limits bounds the work one object may cause. The zero value means the defaults; a negative
// number means no limit.
type Limits struct {
	// MaxDecoded is the highest number of decoded bytes of one object, at any level.
	// Default 1 TiB.
	MaxDecoded int64
	// MaxRatio is the highest ratio of decoded to compressed bytes, looked at once RatioFrom
	// bytes are decoded. Default 1000.
	MaxRatio int64
	// RatioFrom is the number of decoded bytes below which no ratio is suspicious. Default 256 MiB.
	RatioFrom int64
	// ZipMemory is how much of a zip archive or Parquet file that cannot be read at random is kept in
	// memory before Spool is asked. Default 64 MiB.
	ZipMemory int64
	// Spool makes a temporary place for a larger one; it is closed (and should vanish) with the
	// Reader. nil = such an object is refused.
	Spool func() (Spool, error)
}

// Spool is a temporary place that is written once from the beginning and then read at random.
type Spool interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

const (
	defaultMaxDecoded = 1 << 40
	defaultMaxRatio   = 1000
	defaultRatioFrom  = 256 << 20
	defaultZipMemory  = 64 << 20
	inputBuffer       = 256 << 10 // bytes read from a source at a time
)

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		at  *int64
		def int64
	}{
		{&l.MaxDecoded, defaultMaxDecoded},
		{&l.MaxRatio, defaultMaxRatio},
		{&l.RatioFrom, defaultRatioFrom},
		{&l.ZipMemory, defaultZipMemory},
	} {
		if *d.at == 0 {
			*d.at = d.def
		}
	}
	return l
}

// Info is what was found around the bytes of an object. It is complete once the Reader has
// returned io.EOF or an error.
type Info struct {
	Formats    []string // outermost first ("gzip", "zip", …); empty = plain. Of a zip's members: of the first
	Members    int      // gzip members and zip files that were opened
	Skipped    int      // zip entries that are no data (folders, resource forks)
	Compressed int64    // bytes taken from the object so far
	Decoded    int64    // bytes handed out so far
	Trailing   int64    // bytes after the end of the compressed data that were left out (not padding)
}

// Decompressor opens objects and keeps their decoders for reuse. The zero value is ready; it is
// safe for concurrent use and must not be copied after first use.
type Decompressor struct {
	Limits Limits

	buffers sync.Pool // *bufio.Reader
	gzips   sync.Pool // *gzip.Reader
	zstds   sync.Pool // *zstd.Decoder
}

// Decompress opens one object: see Decompressor.Open. Who opens many keeps a Decompressor.
func Decompress(r io.Reader, limits Limits) (*Reader, error) {
	return (&Decompressor{Limits: limits}).Open(r)
}

// Open looks at the first bytes of r and returns a reader of the decoded bytes. An empty object is
// fine. Faults of the first bytes of compressed data come from Read, so that what is readable is
// always delivered first; the only error here is that r could not be read at all.
// If r is also an io.ReaderAt and io.Seeker, a zip is read in place.
// The Reader does not close r.
func (d *Decompressor) Open(r io.Reader) (*Reader, error) {
	x := &Reader{d: d, limits: d.Limits.withDefaults(), src: source{r: r}}
	x.top = x.peel(&x.src, 0)
	if err := x.src.err; err != nil && x.src.n == 0 {
		x.Close()
		return nil, fmt.Errorf("reading the first bytes: %w", err)
	}
	return x, nil
}

// Reader yields the decoded bytes of one object. Not for concurrent use.
type Reader struct {
	d      *Decompressor
	limits Limits
	src    source
	input  *bufio.Reader // over src, nil for plain objects
	top    chain
	info   Info
	err    error
}

// Read delivers decoded bytes. After everything readable it returns io.EOF, a *StreamError (the
// object is damaged or refused), or the error of the source itself, wrapped.
func (x *Reader) Read(p []byte) (int, error) {
	if x.err != nil {
		return 0, x.err
	}
	n, err := x.top.Read(p)
	x.info.Decoded += int64(n)
	if err != nil {
		if err != io.EOF && !isStreamError(err) {
			err = fmt.Errorf("reading the object at byte %d: %w", x.src.n, err)
		}
		x.err = err
		if n > 0 {
			err = nil
		}
	}
	return n, err
}

// Info tells what was found so far.
func (x *Reader) Info() Info {
	i := x.info
	i.Compressed = x.consumed()
	return i
}

// Close gives the decoders back. It may be called at any time and more than once.
func (x *Reader) Close() error {
	x.top.free()
	x.top = chain{}
	if x.err == nil {
		x.err = errors.New("reading a closed object")
	}
	return nil
}

// consumed is how many bytes of the object were used, without what only waits in the buffer.
func (x *Reader) consumed() int64 {
	if x.input == nil {
		return x.src.n
	}
	return x.src.n - int64(x.input.Buffered())
}

// chain is a stack of layers seen from its decoded end, with what must be given back afterwards.
type chain struct {
	io.Reader
	release []func()
}

func (c *chain) free() {
	for i := len(c.release) - 1; i >= 0; i-- {
		c.release[i]()
	}
	c.release = nil
}

// peel puts decoders over in until its output is plain. level counts the layers below.
func (x *Reader) peel(in io.Reader, level int) chain {
	head, err := readHead(in)
	rest := &prefixed{head: head, err: err, in: in}
	f := sniff(head)
	switch {
	case f == plain:
		return chain{Reader: rest}
	case !f.supported():
		return chain{Reader: failing{x.refuse(f, ErrUnsupported, "its compression is not one of gzip, zstd, bzip2, zip and Parquet: deliver it in one of these")}}
	case level >= MaxLevels:
		return chain{Reader: failing{x.refuse(f, ErrUnsupported, fmt.Sprintf("more than %d layers of compression: unpack it before it is delivered", MaxLevels))}}
	}
	if len(x.info.Formats) <= level {
		x.info.Formats = append(x.info.Formats, f.String())
	}
	switch f {
	case zipped:
		return x.openZip(rest, level)
	case columnar:
		return x.openParquet(rest, level)
	}

	var c chain
	br := x.d.buffer(rest)
	if level == 0 {
		x.input = br
	}
	c.release = append(c.release, func() {
		if x.input == br {
			x.src.n -= int64(br.Buffered()) // consumed stays right
			x.input = nil
		}
		x.d.putBuffer(br)
	})
	var out io.Reader
	var free func()
	switch f {
	case gzipped:
		out, free = x.openGzip(br)
	case zstandard:
		out, free = x.openZstd(br)
	default:
		out = x.openBzip2(br)
	}
	if free != nil {
		c.release = append(c.release, free)
	}
	inner := x.peel(&meter{x: x, in: out, format: f}, level+1)
	c.Reader = inner.Reader
	c.release = append(c.release, inner.release...)
	return c
}

func (d *Decompressor) buffer(r io.Reader) *bufio.Reader {
	if br, ok := d.buffers.Get().(*bufio.Reader); ok {
		br.Reset(r)
		return br
	}
	return bufio.NewReaderSize(r, inputBuffer)
}

func (d *Decompressor) putBuffer(br *bufio.Reader) {
	br.Reset(nil)
	d.buffers.Put(br)
}
