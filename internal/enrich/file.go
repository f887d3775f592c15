package enrich

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readTable reads a text table (list, accounts) of at most 256 MiB.
func readTable(path string) ([]byte, error) { return readLimited(path, 256<<20) }

// readLimited reads a regular file whole. The error names the path.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %d bytes, more than the %d allowed", path, info.Size(), limit)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// clean returns a copy-free trimmed s if it is printable UTF-8 of at most max bytes, else "".
func clean(s string, max int) string {
	s = strings.TrimSpace(s)
	if len(s) > max {
		return ""
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			if !utf8.ValidString(s) {
				return ""
			}
			for _, r := range s {
				if !unicode.IsPrint(r) {
					return ""
				}
			}
			return s
		}
		if s[i] < 0x20 || s[i] == 0x7f {
			return ""
		}
	}
	return s
}
