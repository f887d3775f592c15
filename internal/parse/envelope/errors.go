package envelope

import (
	"errors"
	"fmt"
	"io"
)

// Causes of a StreamError, for errors.Is.
var (
	ErrTruncated   = errors.New("the compressed data is cut short")
	ErrCorrupt     = errors.New("the compressed data is damaged")
	ErrLimit       = errors.New("the object exceeds a limit")
	ErrUnsupported = errors.New("the compression is not supported")
)

// StreamError says why the rest of an object cannot be read. Everything before it was delivered.
type StreamError struct {
	Format     string // of the layer that failed: "gzip", "zip", …
	Member     string // file in the zip archive, "" otherwise
	Compressed int64  // bytes of the object used until then
	Decoded    int64  // bytes the layer had delivered
	Cause      error  // ErrTruncated, ErrCorrupt, ErrLimit or ErrUnsupported
	Detail     string // what the decoder said, "" if nothing
	Hint       string // what to do
}

// Error names layer, place, cause and what to do.
func (e *StreamError) Error() string {
	s := "decoding " + e.Format
	if e.Member != "" {
		s += fmt.Sprintf(" member %q", e.Member)
	}
	s += fmt.Sprintf(" at byte %d of the object, %d bytes decoded: %s", e.Compressed, e.Decoded, e.Cause)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives the cause.
func (e *StreamError) Unwrap() error { return e.Cause }

func isStreamError(err error) bool {
	var se *StreamError
	return errors.As(err, &se)
}

// fault turns a decoder's error into one with a place, unless the object itself could not be read.
func (x *Reader) fault(f format, decoded int64, err error) error {
	if x.src.err != nil {
		return x.src.err
	}
	if isStreamError(err) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return x.stop(f, decoded, ErrTruncated, "deliver the complete object again")
	}
	se := x.stop(f, decoded, ErrCorrupt, "check the object where it was written and deliver it again")
	se.Detail = err.Error()
	return se
}

func (x *Reader) stop(f format, decoded int64, cause error, hint string) *StreamError {
	return &StreamError{Format: f.String(), Compressed: x.consumed(), Decoded: decoded, Cause: cause, Hint: hint}
}

// refuse is stop for a layer that was not opened.
func (x *Reader) refuse(f format, cause error, hint string) *StreamError {
	return x.stop(f, 0, cause, hint)
}
