package envelope

import (
	"bytes"
	"io"
)

// format is a kind of compression or archive, known by its first bytes.
type format uint8

const (
	plain format = iota
	gzipped
	zstandard
	bzipped
	zipped
	columnar
	xz
	lz4
	snappy
	sevenZip
	rar
	lzw
)

var formatNames = [...]string{"plain", "gzip", "zstd", "bzip2", "zip", "parquet", "xz", "lz4", "snappy", "7z", "rar", "compress"}

func (f format) String() string  { return formatNames[f] }
func (f format) supported() bool { return f <= columnar }

const headLen = 16 // enough for every signature

// readHead reads up to headLen bytes. The error is what came instead of more.
func readHead(r io.Reader) ([]byte, error) {
	buf := make([]byte, headLen)
	n := 0
	for empty := 0; n < headLen && empty < 100; {
		k, err := r.Read(buf[n:])
		n += k
		if err != nil {
			return buf[:n], err
		}
		if k == 0 {
			empty++
		}
	}
	return buf[:n], nil
}

// sniff tells the format from the first bytes. Signatures are long enough that text is never
// taken for compressed data.
func sniff(head []byte) format {
	has := func(sig string) bool { return len(head) >= len(sig) && string(head[:len(sig)]) == sig }
	switch {
	case isGzip(head):
		return gzipped
	case has("\x28\xb5\x2f\xfd"), len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18":
		return zstandard
	case has("BZh") && len(head) >= 10 && head[3] >= '1' && head[3] <= '9' &&
		(bytes.Equal(head[4:10], []byte("1AY&SY")) || bytes.Equal(head[4:10], []byte("\x17\x72\x45\x38\x50\x90"))):
		return bzipped
	case has("PK\x03\x04"), has("PK\x05\x06"), has("PK\x07\x08PK\x03\x04"):
		return zipped
	case has("PAR1\x15") || has("PAR1") && len(head) < 12:
		return columnar
	case has("\xfd7zXZ\x00"):
		return xz
	case has("\x04\x22\x4d\x18"):
		return lz4
	case has("\xff\x06\x00\x00sNaPpY"):
		return snappy
	case has("7z\xbc\xaf\x27\x1c"):
		return sevenZip
	case has("Rar!\x1a\x07"):
		return rar
	case has("\x1f\x9d"):
		return lzw
	}
	return plain
}

// isGzip reports a gzip member's beginning, also of one that is cut after its second byte.
func isGzip(head []byte) bool {
	return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b &&
		(len(head) < 3 || head[2] == 8) && (len(head) < 4 || head[3]&0xe0 == 0)
}
