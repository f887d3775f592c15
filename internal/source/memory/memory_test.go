package memory_test

import (
	"testing"
	"time"

	"github.com/yagura-siem/yagura/internal/source"
	"github.com/yagura-siem/yagura/internal/source/memory"
	"github.com/yagura-siem/yagura/internal/source/sourcetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Place {
		clock := sourcetest.NewClock()
		m := memory.New("twin", clock.Now)
		return &sourcetest.Place{
			Put:     func(_ *testing.T, key string, body []byte) { m.Put(key, body) },
			Remove:  func(_ *testing.T, key string) { m.Remove(key) },
			Deny:    func(_ *testing.T, key string) { m.Deny(key, true) },
			Advance: func(d time.Duration) { clock.Advance(d) },
			Open:    func(*testing.T) source.Source { return m },
		}
	})
}
