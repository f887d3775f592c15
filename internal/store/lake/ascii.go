package lake

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// clean makes a text fit for a UTF-8 column: readers refuse files with anything else. It also
// says whether every byte is below 0x80.
func clean(v string) (_ string, ascii bool) {
	if isASCII(v) {
		return v, true
	}
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
	}
	return v, false
}

// isASCII is schema.ASCII eight bytes at a time: it reads every original record.
func isASCII(v string) bool {
	b := unsafe.Slice(unsafe.StringData(v), len(v))
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
