package parse

// Habit finds out whether something repeats often enough to remember it: it looks at some
// tries, and if they were in vain, lets a while pass.
type Habit struct {
	Hits  int // counted by the user
	Rest  int // tries to leave out
	tries int
}

const (
	habitTries = 128
	habitRest  = 64 * habitTries
)

// Worth reports whether to look this time.
func (h *Habit) Worth() bool {
	if h.Rest > 0 {
		h.Rest--
		return false
	}
	if h.tries++; h.tries > habitTries {
		if h.Hits < habitTries/2 {
			h.Rest = habitRest
		}
		h.tries, h.Hits = 0, 0
		return h.Rest == 0
	}
	return true
}
