package event

import "sync/atomic"

// Buffer is memory that the texts of batches alias. It is held by everyone who uses it, and
// goes back to whoever lent it when the last one drops it. Where nobody drops it, the garbage
// collector finds it.
type Buffer struct {
	Bytes   []byte
	holders atomic.Int32
	back    func([]byte)
}

// NewBuffer lends bytes to one holder; back (nil = nobody) gets them when they are not held any
// more.
func NewBuffer(b []byte, back func([]byte)) *Buffer {
	x := &Buffer{Bytes: b, back: back}
	x.holders.Store(1)
	return x
}

// Hold adds a holder.
func (b *Buffer) Hold() { b.holders.Add(1) }

// Drop takes a holder away. Who drops must not use any text that aliases the bytes.
func (b *Buffer) Drop() {
	if b.holders.Add(-1) == 0 && b.back != nil {
		b.back(b.Bytes)
		b.Bytes = nil
	}
}
