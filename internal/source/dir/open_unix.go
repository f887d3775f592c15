//go:build unix

package dir

import "syscall"

// openFlags keep an open from waiting when a file was replaced by a pipe.
const openFlags = syscall.O_NONBLOCK
