package logtype

import (
	"strings"
	"sync"
	"unsafe"
)

// newBuffer allocates bytes without clearing them: clearing the chunks costs a tenth of reading
// them, and every byte is written before it is read. A strings.Builder is the one place in the
// standard library that hands out such memory.
func newBuffer(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // so that there is a first byte to point at
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}

// spare is chunks that were given back.
type spare struct {
	mu   sync.Mutex
	free [][]byte
	size int // bytes of a chunk
	most int // chunks kept
}

// take returns a buffer of n bytes; its content is undefined.
func (s *spare) take(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := len(s.free); k > 0 && n == s.size {
		b := s.free[k-1]
		s.free = s.free[:k-1]
		return b
	}
	return newBuffer(n)
}

func (s *spare) give(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(b) == s.size && len(s.free) < s.most {
		s.free = append(s.free, b)
	}
}
