package envelope

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zip"
)

// salvage walks an archive whose list of files at the end is missing or damaged, by the header
// before each file. It ends with the fault that made it necessary: the list stands last, so the
// archive is taken for cut short.
type salvage struct {
	x    *Reader
	at   io.ReaderAt
	size int64
	off  int64
	open *salvaged // the file delivered before, until off is behind it
	told bool
}

const localHeaderLen = 30

func (s *salvage) next() (string, io.ReadCloser, error) {
	for {
		if s.open != nil {
			s.off = s.open.end()
			s.open = nil
		}
		var h [localHeaderLen]byte
		if _, err := s.at.ReadAt(h[:], s.off); err != nil || string(h[:4]) != "PK\x03\x04" {
			if s.told {
				return "", nil, io.EOF
			}
			s.told = true
			return "", nil, io.ErrUnexpectedEOF
		}
		flags := binary.LittleEndian.Uint16(h[6:])
		method := binary.LittleEndian.Uint16(h[8:])
		csize := int64(binary.LittleEndian.Uint32(h[18:]))
		nameLen := int64(binary.LittleEndian.Uint16(h[26:]))
		start := s.off + localHeaderLen + nameLen + int64(binary.LittleEndian.Uint16(h[28:]))
		name := make([]byte, nameLen)
		if _, err := s.at.ReadAt(name, s.off+localHeaderLen); err != nil || start > s.size {
			s.off = s.size
			continue
		}
		m := &salvaged{s: s, start: start, csize: csize, sized: flags&8 == 0 && csize != 1<<32-1}
		s.open = m
		switch {
		case noData(string(name)):
			s.x.info.Skipped++
			continue
		case flags&1 != 0:
			return string(name), nil, errEncrypted
		case method == zip.Store && m.sized:
			m.r = io.NewSectionReader(s.at, start, min(csize, s.size-start))
		case method == zip.Deflate:
			m.sec = io.NewSectionReader(s.at, start, s.size-start)
			m.br = bufio.NewReader(m.sec)
			m.r = flate.NewReader(m.br)
		default:
			return string(name), nil, zip.ErrAlgorithm
		}
		return string(name), m, nil
	}
}

// salvaged is one file of a damaged archive. Its checksum cannot be looked up before it is read,
// so it is not checked; the archive is reported as damaged in any case.
type salvaged struct {
	s     *salvage
	start int64
	csize int64
	sized bool // csize can be trusted
	r     io.Reader
	sec   *io.SectionReader // under br; both nil if stored
	br    *bufio.Reader
	n     int64 // decoded bytes
	done  bool  // read to its end
}

func (m *salvaged) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	if err == io.EOF && m.br == nil && m.n < m.csize {
		err = io.ErrUnexpectedEOF
	}
	m.done = err == io.EOF
	return n, err
}

func (m *salvaged) Close() error { return nil }

// end is where the next header is looked for. Files of unknown length end where their compressed
// data ends, followed by a descriptor of 12 to 24 bytes.
func (m *salvaged) end() int64 {
	if m.sized {
		return min(m.start+m.csize, m.s.size)
	}
	if m.br == nil {
		return m.s.size
	}
	if !m.done {
		return m.s.size // damaged: there is no telling where it ends
	}
	var h [28]byte
	pos, _ := m.sec.Seek(0, io.SeekCurrent)
	end := m.start + pos - int64(m.br.Buffered())
	n, _ := m.s.at.ReadAt(h[:], end)
	for _, d := range []int{12, 16, 20, 24} {
		if d+4 <= n && string(h[d:d+2]) == "PK" && (h[d+2] == 3 || h[d+2] == 1) {
			return end + int64(d)
		}
	}
	return m.s.size
}
