package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// HashPrefix reads exactly n bytes and returns their SHA-256 in lower-case hex; r then stands at
// the tail. A shorter r gives io.ErrUnexpectedEOF. With the size and hash of what was loaded
// before it tells whether an object only grew.
func HashPrefix(r io.Reader, n int64) (string, error) {
	h := sha256.New()
	got, err := io.Copy(h, io.LimitReader(r, n))
	if err == nil && got < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("hashing the first %d bytes: %w", n, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Hash reads r to its end and returns the SHA-256 in lower-case hex and the number of bytes.
func Hash(r io.Reader) (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return "", n, fmt.Errorf("hashing at byte %d: %w", n, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}
