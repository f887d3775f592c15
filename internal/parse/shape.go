package parse

// Shape is the set of slots and lists that have values in a record. Records of one kind have
// few shapes, so what a shape makes superfluous need not be found out for each record. The
// first half of it is for slots, the second for lists; all that do not fit share one bit, which
// tells nothing.
type Shape [shapeWords]uint64

// Bit is a member of a Shape.
type Bit uint16

const (
	shapeWords = 8
	shapeHalf  = shapeWords / 2 * 64
	// NoBit is shared by the slots and lists that did not fit.
	NoBit Bit = shapeWords*64 - 1
)

// SlotBit is the bit of a slot, or NoBit.
func SlotBit(slot int) Bit {
	if slot >= shapeHalf {
		return NoBit
	}
	return Bit(slot)
}

// ListBit is the bit of a list, or NoBit.
func ListBit(list int) Bit {
	if list >= shapeHalf-1 {
		return NoBit
	}
	return Bit(shapeHalf + list)
}

// Add puts a bit in.
func (s *Shape) Add(b Bit) { s[b>>6&(shapeWords-1)] |= 1 << (b & 63) }

// Has reports whether a bit is in.
func (s *Shape) Has(b Bit) bool { return s[b>>6&(shapeWords-1)]&(1<<(b&63)) != 0 }

// Or puts all bits of another shape in.
func (s *Shape) Or(o *Shape) {
	for i := range s {
		s[i] |= o[i]
	}
}

// Slot is the slot of a bit; ok is false when it is the bit of a list.
func (b Bit) Slot() (slot int, ok bool) { return int(b), b < shapeHalf }

// List is the list of a bit; ok is false when it is the bit of a slot.
func (b Bit) List() (list int, ok bool) { return int(b) - shapeHalf, b >= shapeHalf && b != NoBit }
