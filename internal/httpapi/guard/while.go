package guard

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// ErrEnded is the cause of the context of a request whose session or token has ended meanwhile.
var ErrEnded = errors.New("whoever asked is not signed in any more")

// while returns a context that ends when the one who asks could not ask again: signed out,
// disabled, given another role, the token revoked, or the first user added. It is looked at now
// and then, for as long as the request lasts; end must be called.
func (g *Guard) while(r *http.Request, p auth.Principal) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(r.Context())
	if !p.Known() {
		return ctx, func() { cancel(nil) }
	}
	secret, has := bearer(r.Header)
	if !has {
		secret = g.SessionSecret(r)
	}
	var mu sync.Mutex
	var timer *time.Timer
	over := false
	look := func() {
		still, told := g.open(r), true
		if p.Kind != auth.Local {
			still, told = g.sessions.Still(ctx, secret, p)
		}
		if told && !still {
			cancel(ErrEnded)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !over {
			timer.Reset(g.cfg.Again)
		}
	}
	mu.Lock()
	timer = time.AfterFunc(g.cfg.Again, look)
	mu.Unlock()
	return ctx, func() {
		mu.Lock()
		over = true
		timer.Stop()
		mu.Unlock()
		cancel(nil)
	}
}
