package content

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"

	"github.com/yagura-siem/yagura/internal/parse/envelope"
)

// readDecoded reads a sample and takes its compression off.
func readDecoded(fsys fs.FS, name string) ([]byte, error) {
	raw, err := readFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("reading sample %s: %w", name, err)
	}
	out, _, err := decompress(raw)
	if err != nil {
		return nil, fmt.Errorf("reading sample %s: %w", name, err)
	}
	return out, nil
}

// decompress takes the compression of an object off. What could be read is returned even
// beside an error.
func decompress(raw []byte) ([]byte, envelope.Info, error) {
	r, err := envelope.Decompress(bytes.NewReader(raw), envelope.Limits{MaxDecoded: maxFileBytes})
	if err != nil {
		return nil, envelope.Info{}, err
	}
	defer r.Close()
	out, err := io.ReadAll(r)
	return out, r.Info(), err
}
