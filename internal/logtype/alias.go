package logtype

import "unsafe"

// aliasText makes a text of bytes without copying: they must not change while it is used,
// except by masking before anything has read it.
func aliasText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
