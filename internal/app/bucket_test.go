package app

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yagura-siem/yagura/internal/config"
	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/test/s3server"
)

func upload(t *testing.T, s *s3server.Server, key string, data []byte) {
	t.Helper()
	_, err := s.Client().PutObject(ctxOf(t), &awss3.PutObjectInput{Bucket: &s.Bucket, Key: &key, Body: bytes.NewReader(data)})
	if err != nil {
		t.Fatalf("putting %s: %v", key, err)
	}
}

// bucketConfig is a configuration with a bucket as its source.
func bucketConfig(s *s3server.Server, data string) config.Config {
	c := configAt(data)
	c.Sources = []config.Source{{
		Name: "waf", Bucket: s.Bucket, Prefixes: []string{"logs/"}, Region: s.Region, Endpoint: s.Endpoint, PathStyle: true,
		AccessKey: config.NewSecret(s.AccessKey), SecretKey: config.NewSecret(s.SecretKey), Every: config.Duration(100 * time.Millisecond),
	}}
	return c
}

// TestBucketLoad loads from a bucket with the connection of its configured source: what a
// server would load, once.
func TestBucketLoad(t *testing.T) {
	t.Parallel()
	s := s3server.Start(t)
	upload(t, s, "logs/2026/04/01/a.log.gz", squeeze(t, wafLines(t, 0, 20)))
	upload(t, s, "logs/2026/04/01/cut.log.gz", squeeze(t, wafLines(t, 20, 20))[:3000])
	upload(t, s, "logs/2026/04/02/b.log", wafLines(t, 40, 5))
	upload(t, s, "other/c.log", wafLines(t, 60, 7))
	a := opened(t, bucketConfig(s, filepath.Join(t.TempDir(), "data")), probes{})
	sum := loadOf(t, a, "s3://"+s.Bucket+"/logs/2026/04/02/")
	if sum.Objects != 1 || sum.Loaded != 1 || sum.Events != 5 {
		t.Errorf("one day: %+v", sum)
	}
	sum = loadOf(t, a, "s3://"+s.Bucket+"/logs/")
	if sum.Objects != 3 || sum.Known != 1 || sum.Loaded != 2 || len(sum.Errors) != 1 || !strings.Contains(sum.Errors[0].Reason, "cut short") {
		t.Errorf("all of the source: %+v", sum)
	}
	if a.cfg.Sources[0].LogType != "" || a.feeds[1].logType != "" {
		t.Error("a load changed its source")
	}
	sum = loadAs(t, a, "s3://"+s.Bucket+"/other/", "aws.waf")
	if sum.Objects != 1 || sum.Loaded != 1 || sum.Events != 7 {
		t.Errorf("elsewhere in the bucket: %+v", sum)
	}
	settled(t, a)
	_, err := a.Load(ctxOf(t), httpapi.LoadRequest{Target: "s3://" + s.Bucket + "/nothing/"}, func(httpapi.Progress) {})
	if err != nil {
		t.Errorf("an empty prefix: %v", err)
	}

	// Changed objects are new generations.
	upload(t, s, "logs/2026/04/02/b.log", wafLines(t, 80, 3))
	upload(t, s, "logs/2026/04/01/a.log.gz", squeeze(t, wafLines(t, 0, 20))) // the same again
	sum = loadOf(t, a, "s3://"+s.Bucket+"/logs/")
	if sum.Objects != 3 || sum.Loaded != 1 || sum.Events != 3 {
		t.Errorf("after a change: %+v", sum)
	}
	settled(t, a)
}

// TestBucketServe watches a bucket: new objects, late keys and objects that came while the
// bucket did not answer are found.
func TestBucketServe(t *testing.T) {
	t.Parallel()
	s3 := s3server.Start(t)
	day := time.Now().UTC().Format("2006/01/02")
	upload(t, s3, "logs/"+day+"/12/b.log", wafLines(t, 0, 5))
	c := bucketConfig(s3, filepath.Join(t.TempDir(), "data"))
	s := served(t, c, probes{})
	within(t, 10*time.Second, "what was there is loaded", func() bool { return s.events() == 5 })
	upload(t, s3, "logs/"+day+"/12/c.log", wafLines(t, 5, 4))
	within(t, 10*time.Second, "a new object is loaded", func() bool { return s.events() == 9 })
	upload(t, s3, "logs/"+day+"/11/z.log", wafLines(t, 9, 3)) // sorts before what is loaded
	within(t, 10*time.Second, "a late key is loaded", func() bool { return s.events() == 12 })

	s3.Stop(t)
	within(t, 20*time.Second, "the fault is shown", func() bool {
		list, err := s.client.Sources(ctxOf(t))
		return err == nil && len(list) == 2 && list[1].Name == "waf" && list[1].Error != ""
	})
	if code, body := s.get("/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d %s", code, body)
	}
	s3.Restart(t)
	upload(t, s3, "logs/"+day+"/13/a.log", wafLines(t, 12, 2))
	within(t, 20*time.Second, "it goes on", func() bool { return s.events() == 14 })
	within(t, 10*time.Second, "the fault is forgotten", func() bool {
		list, err := s.client.Sources(ctxOf(t))
		return err == nil && list[1].Error == ""
	})
	s.stop()

	// What comes while nobody looks is found at the next start, and the end is the end.
	upload(t, s3, "logs/"+day+"/10/a.log", wafLines(t, 14, 6))
	s = served(t, c, probes{})
	within(t, 10*time.Second, "what came meanwhile is loaded", func() bool { return s.events() == 20 })
	s.stop()
	settled(t, opened(t, c, probes{}))
}
