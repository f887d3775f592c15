package guard

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// bodyTime is how long a client may take to send a request: 8 MiB in it are 1 Mbit/s.
const bodyTime = time.Minute

// slowBody is the body of a request whose reads end at a deadline, which is lifted when the body
// is read: then the connection is listened to only to notice that the client hangs up.
type slowBody struct {
	io.ReadCloser
	lift func()
}

// timed bounds the time in which a body arrives, so that slow clients cannot hold connections for ever.
func timed(w http.ResponseWriter, body io.ReadCloser, most time.Duration) io.ReadCloser {
	c := http.NewResponseController(w)
	if body == http.NoBody || c.SetReadDeadline(time.Now().Add(most)) != nil {
		return body // test writers cannot
	}
	return &slowBody{body, sync.OnceFunc(func() { _ = c.SetReadDeadline(time.Time{}) })}
}

// Read implements io.Reader.
func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.lift()
	}
	return n, err
}
