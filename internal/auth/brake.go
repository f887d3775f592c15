package auth

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// Bounds of guessing. A handful of mistakes is free, then the wait doubles with each attempt.
// The wait for a name stays short, so that nobody can lock another one out for long.
const (
	freeTries     = 5
	firstWait     = time.Second
	longestName   = time.Minute
	longestPlace  = 15 * time.Minute
	forgetAfter   = 30 * time.Minute
	brakeCapacity = 8192
)

// Brake slows attempts to sign in, by name and by address. It counts an attempt when it begins,
// so that many at once do not slip through, and takes it back when it succeeds. Its memory is
// bounded: the keys seen longest ago are forgotten first.
type Brake struct {
	now  func() time.Time
	mu   sync.Mutex
	keys map[string]*list.Element
	used list.List // of *tries, latest first
}

type tries struct {
	key   string
	count int
	last  time.Time
	until time.Time // no attempt before
	told  bool      // a refusal since the last attempt was reported
}

// NewBrake makes a brake that goes by a clock.
func NewBrake(now func() time.Time) *Brake {
	return &Brake{now: now, keys: map[string]*list.Element{}}
}

// Take asks for an attempt. When it must wait, after says how long, and first is true once for
// a row of refusals, so that a flood makes no flood of reports.
func (b *Brake) Take(name, address string) (after time.Duration, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	n, a := b.at("n:"+name, now), b.at(placeKey(address), now)
	if wait := max(n.until.Sub(now), a.until.Sub(now)); wait > 0 {
		first = !n.told && !a.told
		n.told, a.told = n.told || n.until.After(now), a.told || a.until.After(now)
		return wait, first
	}
	n.count, a.count = n.count+1, a.count+1
	n.last, a.last, n.told, a.told = now, now, false, false
	n.until, a.until = now.Add(wait(n.count, longestName)), now.Add(wait(a.count, longestPlace))
	return 0, false
}

// Succeed forgets the attempts of a name, and the one that succeeded of an address: a user's
// own sign-in must not free an address for guessing others.
func (b *Brake) Succeed(name, address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.keys["n:"+name]; e != nil {
		b.used.Remove(e)
		delete(b.keys, "n:"+name)
	}
	if e := b.keys[placeKey(address)]; e != nil {
		t := e.Value.(*tries)
		t.count = max(0, t.count-1)
		t.until = t.last.Add(wait(t.count, longestPlace))
	}
}

// at returns the tries of a key, made when it is new.
func (b *Brake) at(key string, now time.Time) *tries {
	if e := b.keys[key]; e != nil {
		b.used.MoveToFront(e)
		t := e.Value.(*tries)
		if now.Sub(t.last) > forgetAfter {
			*t = tries{key: key, last: now}
		}
		return t
	}
	for len(b.keys) >= brakeCapacity {
		old := b.used.Back()
		b.used.Remove(old)
		delete(b.keys, old.Value.(*tries).key)
	}
	t := &tries{key: key, last: now}
	b.keys[key] = b.used.PushFront(t)
	return t
}

func wait(count int, longest time.Duration) time.Duration {
	over := count - freeTries
	if over < 0 {
		return 0
	}
	return min(firstWait<<min(over, 20), longest)
}

// placeKey counts a network of IPv6 as one place: a customer usually has 2^64 addresses.
func placeKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "a:"
	}
	if ip.Is6() && !ip.Is4In6() {
		p, _ := ip.Prefix(64)
		return "a:" + p.String()
	}
	return "a:" + ip.Unmap().String()
}
