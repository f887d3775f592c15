package envelope

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zip"
	"github.com/klauspost/compress/zstd"
)

// zipLayer delivers the files of an archive one after another, each freed of its own compression.
// A file that cannot be read does not keep the next ones back; its fault comes at the end.
type zipLayer struct {
	x       *Reader
	level   int
	members memberList
	cur     chain
	closer  io.Closer
	name    string
	last    byte // last byte delivered
	began   bool // something was delivered
	faults  []error
}

// memberList walks the files of an archive; io.EOF after the last one.
type memberList interface {
	next() (name string, r io.ReadCloser, err error)
}

// openZip reads the archive in place if the object allows it, else from a copy.
func (x *Reader) openZip(in io.Reader, level int) chain {
	at, size, closer, err := x.randomAccess(in, zipped, level)
	c := chain{}
	if closer != nil {
		c.release = append(c.release, func() { _ = closer.Close() })
	}
	if err != nil {
		if !isStreamError(err) && x.src.err == nil {
			err = fmt.Errorf("keeping a zip archive for random access: %w", err)
		}
		c.Reader = failing{err}
		return c
	}
	z := &zipLayer{x: x, level: level}
	if zr, err := zip.NewReader(at, size); err == nil {
		zr.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderMaxWindow(maxWindow)))
		z.members = &directory{x: x, files: zr.File}
	} else {
		z.members = &salvage{x: x, at: at, size: size}
	}
	c.Reader = &meter{x: x, in: z, format: zipped}
	c.release = append(c.release, z.closeMember)
	return c
}

// directory walks the archive's own list of files.
type directory struct {
	x     *Reader
	files []*zip.File
	i     int
}

func (d *directory) next() (string, io.ReadCloser, error) {
	for d.i < len(d.files) {
		f := d.files[d.i]
		d.i++
		if noData(f.Name) {
			d.x.info.Skipped++
			continue
		}
		if f.Flags&1 != 0 {
			return f.Name, nil, errEncrypted
		}
		r, err := f.Open()
		if err == io.EOF {
			err = errEarlyEnd // io.EOF would be the end of the list
		}
		if err != nil {
			return f.Name, nil, err
		}
		return f.Name, listed{r}, nil
	}
	return "", nil, io.EOF
}

// listed is a file whose length is known to be in the archive, so that an early end is damage.
type listed struct{ io.ReadCloser }

func (r listed) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err == io.ErrUnexpectedEOF {
		err = errEarlyEnd
	}
	return n, err
}

var (
	errEncrypted = errors.New("the file is encrypted")
	errEarlyEnd  = errors.New("its compressed data ends too early")
)

// noData reports entries that hold no log: folders and what desktop systems add.
func noData(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") ||
		base == ".DS_Store" || base == "Thumbs.db"
}

func (z *zipLayer) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if z.cur.Reader == nil {
			sep, err := z.openNext()
			if err != nil {
				return 0, err
			}
			if sep {
				p[0], z.last = '\n', '\n'
				return 1, nil
			}
			continue
		}
		n, err := z.cur.Read(p)
		if n > 0 {
			z.began, z.last = true, p[n-1]
		}
		if err != nil {
			z.closeMember()
			if err != io.EOF {
				if errors.Is(err, ErrLimit) || z.x.src.err != nil {
					return n, err
				}
				z.note(err)
			}
		}
		if n > 0 {
			return n, nil
		}
	}
}

// openNext opens the following file. sep asks for a line end between two files, so that the last
// line of one and the first of the next stay two.
func (z *zipLayer) openNext() (sep bool, err error) {
	name, r, err := z.members.next()
	if err == io.EOF {
		if len(z.faults) > 0 {
			return false, errors.Join(z.faults...)
		}
		return false, io.EOF
	}
	z.name = name
	if err != nil {
		if z.x.src.err != nil {
			return false, z.x.src.err
		}
		z.note(err)
		return false, nil
	}
	z.x.info.Members++
	z.closer = r
	z.cur = z.x.peel(&meter{x: z.x, in: r, format: zipped}, z.level+1)
	return z.began && z.last != '\n', nil
}

func (z *zipLayer) closeMember() {
	z.cur.free()
	z.cur = chain{}
	if z.closer != nil {
		_ = z.closer.Close()
		z.closer = nil
	}
}

const maxFaults = 20 // kept of one archive

func (z *zipLayer) note(err error) {
	if len(z.faults) >= maxFaults {
		return
	}
	var se *StreamError
	switch {
	case errors.As(err, &se):
		copied := *se
		se = &copied
	case errors.Is(err, errEncrypted):
		se = z.x.refuse(zipped, ErrUnsupported, "deliver it without a password")
		se.Detail = err.Error()
	case errors.Is(err, zip.ErrAlgorithm):
		se = z.x.refuse(zipped, ErrUnsupported, "use deflate, zstd or no compression inside the archive")
		se.Detail = err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		se = z.x.refuse(zipped, ErrTruncated, "deliver the complete object again")
	default:
		se = z.x.refuse(zipped, ErrCorrupt, "check the object where it was written and deliver it again")
		se.Detail = err.Error()
	}
	if se.Member == "" {
		se.Member = z.name
	}
	z.faults = append(z.faults, se)
}
