package envelope

import "io"

// source counts what is taken from the object and remembers its own failure, so that a broken
// connection is never taken for a damaged object.
type source struct {
	r   io.Reader
	n   int64
	err error // never io.EOF
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// prefixed is in with the bytes that were already looked at put back before it.
type prefixed struct {
	head []byte
	err  error // met while reading head; delivered after it
	in   io.Reader
}

func (r *prefixed) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	if r.err != nil {
		return 0, r.err
	}
	return r.in.Read(p)
}

// failing is a layer that could not be opened.
type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

// meter counts the output of one layer, holds it to the limits and gives its faults a place.
type meter struct {
	x      *Reader
	in     io.Reader
	format format
	n      int64
	err    error
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.in.Read(p)
	m.n += int64(n)
	if lim := m.x.limits.MaxDecoded; lim > 0 && m.n > lim {
		n -= int(min(m.n-lim, int64(n)))
		m.n = lim
		err = m.x.stop(m.format, m.n, ErrLimit, "it decodes to more than the limit of bytes for one object: raise the limit if the object is genuine")
	} else if m.tooDense() {
		err = m.x.stop(m.format, m.n, ErrLimit, "it expands beyond the highest ratio: raise the limit if the object is genuine")
	} else if err != nil && err != io.EOF {
		err = m.x.fault(m.format, m.n, err)
	}
	if err != nil {
		m.err = err
		if n > 0 {
			err = nil
		}
	}
	return n, err
}

func (m *meter) tooDense() bool {
	l := &m.x.limits
	return l.MaxRatio > 0 && m.n > l.RatioFrom && m.n/l.MaxRatio > m.x.src.n
}
