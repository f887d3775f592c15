// Package s3server runs a real S3-compatible server (versitygw over a folder) for tests. The binary
// is built from the module in test/servers; without it tests that need it are skipped.
package s3server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BinaryEnv names the environment variable with the path of the server's binary.
const BinaryEnv = "YAGURA_TEST_VERSITYGW"

// Server is a running server with one bucket. It ends with the test.
type Server struct {
	Endpoint  string // "http://127.0.0.1:port"
	Region    string
	AccessKey string
	SecretKey string
	Bucket    string
	Root      string // folder; the objects of a bucket are the files in Root/<bucket>

	binary string
	addr   string
	cmd    *exec.Cmd
	done   chan struct{}
}

const readyWithin = 20 * time.Second

// Start runs a server with an empty bucket on a free loopback port, or skips the test if there is
// no binary.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{Region: "us-east-1", AccessKey: "testkey", SecretKey: "testsecret", Bucket: "logs", Root: t.TempDir(), binary: binary(t)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("finding a free port: %v", err)
	}
	s.addr = l.Addr().String()
	s.Endpoint = "http://" + s.addr
	l.Close()
	s.Restart(t)
	t.Cleanup(func() { s.Stop(t) })
	if _, err := s.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &s.Bucket}); err != nil {
		t.Fatalf("creating the bucket: %v", err)
	}
	return s
}

// binary finds the server's binary: by the environment, or in .cache/bin of a folder above.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(BinaryEnv); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, ".cache", "bin", "versitygw")
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skipf("no S3 server for tests: build it into .cache/bin/versitygw (see test/servers/go.mod) or name it in %s", BinaryEnv)
		}
		dir = up
	}
}

// Restart starts the server again after Stop, on the same port and folder.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	cmd := exec.Command(s.binary, "--quiet", "--port", s.addr, "--access", s.AccessKey, "--secret", s.SecretKey,
		"--region", s.Region, "--health", "/health", "--keep-alive", "posix", s.Root)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.Root}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the S3 server: %v", err)
	}
	s.cmd, s.done = cmd, make(chan struct{})
	go func(done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(s.done)
	if err := s.ready(t.Context()); err != nil {
		s.Stop(t)
		t.Fatalf("waiting for the S3 server: %v", err)
	}
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/health", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("health answers %s", resp.Status)
		}
		select {
		case <-s.done:
			return fmt.Errorf("it ended: %s", s.cmd.ProcessState)
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server; what it holds stays. A stopped server may be stopped again.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // a polite end waits for idle connections
	<-s.done
	s.cmd = nil
}

// Client is a plain client of the server.
func (s *Server) Client() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &s.Endpoint,
		Region:       s.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
		UsePathStyle: true,
	})
}

// CreateBucket makes another bucket.
func (s *Server) CreateBucket(t testing.TB, name string) {
	t.Helper()
	if _, err := s.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatalf("creating bucket %s: %v", name, err)
	}
}
