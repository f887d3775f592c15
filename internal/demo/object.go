package demo

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
)

// Object is one object of a bucket. Data is valid until the callback returns.
type Object struct {
	Key  string
	Data []byte
	Raw  int64 // bytes before compression
}

// packer compresses objects at a level, using its memory again.
type packer struct {
	level int
	buf   bytes.Buffer
	gz    *gzip.Writer
}

// pack makes an object; keys that do not end in .gz are stored as they are.
func (p *packer) pack(key string, raw []byte, plain bool) (Object, error) {
	if plain {
		return Object{Key: key, Data: raw, Raw: int64(len(raw))}, nil
	}
	p.buf.Reset()
	if p.gz == nil {
		gz, err := gzip.NewWriterLevel(&p.buf, p.level)
		if err != nil {
			return Object{}, fmt.Errorf("compressing %s: %w", key, err)
		}
		p.gz = gz
	} else {
		p.gz.Reset(&p.buf)
	}
	if _, err := p.gz.Write(raw); err != nil {
		return Object{}, fmt.Errorf("compressing %s: %w", key, err)
	}
	if err := p.gz.Close(); err != nil {
		return Object{}, fmt.Errorf("compressing %s: %w", key, err)
	}
	return Object{Key: key, Data: p.buf.Bytes(), Raw: int64(len(raw))}, nil
}

// Levels of compression: the story is stored, a corpus only measured with.
const (
	storyLevel  = 5
	corpusLevel = 1
)
