package envelope

import (
	"bytes"
	"io"
)

// randomAccess gives the archive or columnar file in as something that can be read anywhere: the object itself, a
// copy in memory, or a copy in a spool. closer may be nil.
func (x *Reader) randomAccess(in io.Reader, f format, level int) (at io.ReaderAt, size int64, closer io.Closer, err error) {
	if level == 0 {
		if at, size, ok := x.inPlace(); ok {
			return at, size, nil, nil
		}
	}
	var mem bytes.Buffer
	limit := x.limits.ZipMemory
	if limit < 0 {
		limit = 1<<63 - 2
	}
	n, err := io.Copy(&mem, io.LimitReader(in, limit+1))
	if err != nil {
		return nil, 0, nil, err
	}
	if n <= limit {
		return bytes.NewReader(mem.Bytes()), n, nil, nil
	}
	if x.limits.Spool == nil {
		return nil, 0, nil, x.refuse(f, ErrLimit, "a file of this size that must be read at random cannot be kept in memory: deliver it as gzip or zstd, or allow a temporary folder")
	}
	sp, err := x.limits.Spool()
	if err != nil {
		return nil, 0, nil, err
	}
	if _, err := sp.Write(mem.Bytes()); err != nil {
		return nil, 0, sp, err
	}
	mem = bytes.Buffer{}
	more, err := io.Copy(sp, in)
	return sp, n + more, sp, err
}

// inPlace finds out whether the object itself can be read at random, from where it stands. The
// first bytes were read already.
func (x *Reader) inPlace() (io.ReaderAt, int64, bool) {
	at, ok := x.src.r.(io.ReaderAt)
	if !ok {
		return nil, 0, false
	}
	sk, ok := x.src.r.(io.Seeker)
	if !ok {
		return nil, 0, false
	}
	pos, err := sk.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, 0, false
	}
	end, err := sk.Seek(0, io.SeekEnd)
	if err != nil || end < pos {
		return nil, 0, false
	}
	start := pos - x.src.n
	x.src.n = end - start
	return &watched{at: io.NewSectionReader(at, start, end-start), src: &x.src}, end - start, true
}

// watched remembers failures of the object, as source does.
type watched struct {
	at  io.ReaderAt
	src *source
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.at.ReadAt(p, off)
	if err != nil && err != io.EOF {
		w.src.err = err
	}
	return n, err
}
