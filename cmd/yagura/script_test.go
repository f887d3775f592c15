package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"yagura": main})
}

// TestScript runs the stories of testdata/script: whole commands against small logs. Beside what testscript offers:
//
//	exits CODE COMMAND…       the command ends with this code
//	poll SPAN RE COMMAND…     the command is repeated until it succeeds and its output matches
//	get URL                   the body becomes stdout; repeated until somebody listens
//	gz FILE TO [BYTES]        compresses a file, keeping only the first bytes of the result
//	noise TO BYTES            writes bytes that mean nothing
//	grow FILE BYTES           puts that many letters in the place of the word GROW
//	sub FILE OLD NEW          replaces text in a file
//	term                      sends SIGTERM to what runs in the background, and ends what has not stopped after 10 s
//
// $LISTEN is a free loopback address, $YAGURA_DATA a fresh data folder.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("LISTEN", l.Addr().String())
			e.Setenv("YAGURA_LISTEN", l.Addr().String())
			e.Setenv("YAGURA_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("YAGURA_QUERY_MEMORY", "256MiB")
			e.Setenv("TZ", "UTC")
			return l.Close()
		},
		Condition: func(c string) (bool, error) {
			if c != "root" {
				return false, errors.New("unknown condition " + c)
			}
			return os.Getuid() == 0, nil // for whom every file can be read
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "poll": poll, "get": get, "gz": gz, "noise": noise, "sub": sub, "grow": grow, "term": terminate,
		},
	})
}

func want(ts *testscript.TestScript, neg bool, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "exits CODE COMMAND…")
	code := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%s: %v", args[1], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s ended with %d, want %s", args[1], code, args[0])
	}
}

// pause is how long poll and get wait between two tries.
const pause = 50 * time.Millisecond

func poll(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 2, "poll SPAN RE COMMAND…")
	span, err := time.ParseDuration(args[0])
	ts.Check(err)
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	for end := time.Now().Add(span); ; time.Sleep(pause) {
		err := ts.Exec(args[2], args[3:]...)
		if err == nil && re.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("no answer that matches %s within %s", args[1], span)
		}
	}
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "get URL")
	client := http.Client{Timeout: 5 * time.Second}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(pause) {
		r, err := client.Get(args[0])
		if err != nil && time.Now().Before(end) {
			continue
		}
		ts.Check(err)
		defer r.Body.Close()
		_, err = io.Copy(ts.Stdout(), r.Body)
		ts.Check(err)
		if r.StatusCode != http.StatusOK {
			ts.Fatalf("%s answers %s", args[0], r.Status)
		}
		return
	}
}

func gz(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2 || len(args) == 3, "gz FILE TO [BYTES]")
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(w.Close())
	out := b.Bytes()
	if len(args) == 3 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		out = out[:min(n, len(out))]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o644))
}

func noise(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "noise TO BYTES")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
}

func sub(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "sub FILE OLD NEW")
	text := []byte(ts.ReadFile(args[0]))
	if !bytes.Contains(text, []byte(args[1])) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.ReplaceAll(text, []byte(args[1]), []byte(args[2])), 0o644))
}

func grow(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "grow FILE BYTES")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	sub(ts, false, []string{args[0], "GROW", strings.Repeat("x", n)})
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "term")
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
		time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() }) // then wait reports it
	}
}
