package envelope

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest zstd window that is decoded (zstd --long=27), in bytes.
const maxWindow = 128 << 20

// gzipLayer reads all members of a gzip stream and leaves out what follows them.
type gzipLayer struct {
	x       *Reader
	br      *bufio.Reader
	zr      *gzip.Reader
	open    bool
	members int
}

func (x *Reader) openGzip(br *bufio.Reader) (io.Reader, func()) {
	zr, ok := x.d.gzips.Get().(*gzip.Reader)
	if !ok {
		zr = new(gzip.Reader)
	}
	return &gzipLayer{x: x, br: br, zr: zr}, func() { x.d.gzips.Put(zr) }
}

func (g *gzipLayer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if !g.open {
			if err := g.next(); err != nil {
				return 0, err
			}
		}
		n, err := g.zr.Read(p)
		if err == io.EOF {
			g.open, err = false, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next opens the following member; io.EOF when there is none.
func (g *gzipLayer) next() error {
	if g.members > 0 {
		head, err := g.br.Peek(4)
		if len(head) == 0 {
			return err
		}
		if !isGzip(head) {
			return g.x.skipTrailing(g.br)
		}
	}
	g.members++
	if err := g.zr.Reset(g.br); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	g.zr.Multistream(false)
	g.open = true
	g.x.info.Members++
	return nil
}

// skipTrailing reads what follows the compressed data and counts it, unless it is zero padding.
func (x *Reader) skipTrailing(br *bufio.Reader) error {
	padding, n := true, int64(0)
	for {
		_, err := br.Peek(1)
		if err != nil {
			if !padding {
				x.info.Trailing += n
			}
			return err
		}
		b, _ := br.Peek(br.Buffered())
		for i := 0; padding && i < len(b); i++ {
			padding = b[i] == 0
		}
		k, _ := br.Discard(len(b))
		n += int64(k)
	}
}

type zstdLayer struct {
	x  *Reader
	br *bufio.Reader
	zr *zstd.Decoder
}

func (x *Reader) openZstd(br *bufio.Reader) (io.Reader, func()) {
	zr, ok := x.d.zstds.Get().(*zstd.Decoder)
	if !ok {
		var err error
		zr, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return failing{err}, nil
		}
	}
	free := func() {
		if zr.Reset(nil) == nil {
			x.d.zstds.Put(zr)
		}
	}
	if err := zr.Reset(br); err != nil {
		return failing{err}, free
	}
	return &zstdLayer{x: x, br: br, zr: zr}, free
}

// Read delivers frame after frame; a wrong signature after the first frame is trailing garbage.
func (z *zstdLayer) Read(p []byte) (int, error) {
	n, err := z.zr.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, zstd.ErrMagicMismatch) && z.x.src.err == nil:
		z.x.info.Trailing += 4
		err = z.x.skipTrailing(z.br)
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		se := z.x.refuse(zstandard, ErrLimit, "compress it with a window of at most 128 MiB (zstd --long=27)")
		se.Detail = err.Error()
		err = se
	}
	return n, err
}

// bzip2Trailing is what the decoder says of bytes after the last stream.
const bzip2Trailing = bzip2.StructuralError("bad magic value in continuation file")

type bzip2Layer struct {
	x  *Reader
	br *bufio.Reader
	zr io.Reader
}

func (x *Reader) openBzip2(br *bufio.Reader) io.Reader {
	return &bzip2Layer{x: x, br: br, zr: bzip2.NewReader(br)}
}

func (b *bzip2Layer) Read(p []byte) (int, error) {
	n, err := b.zr.Read(p)
	if err == bzip2Trailing {
		b.x.info.Trailing += 2
		err = b.x.skipTrailing(b.br)
	}
	return n, err
}
