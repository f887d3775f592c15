package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/yagura-siem/yagura/test/s3server"
)

// wafObject is a gzipped object of WAF records.
func wafObject(t *testing.T, from time.Time, records int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for i := range records {
		fmt.Fprintf(w, `{"timestamp":%d,"formatVersion":1,"webaclId":"arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/shop/0a1b","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","httpRequest":{"clientIp":"203.0.113.9","country":"JP","headers":[],"uri":"/%d","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"r%d"}}`+"\n", from.UnixMilli()+int64(i), i, i)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBucket loads a bucket once, twice, and watches it.
func TestBucket(t *testing.T) {
	t.Parallel()
	srv := s3server.Start(t)
	now := time.Now().UTC()
	put := func(key string, records int) {
		t.Helper()
		_, err := srv.Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &srv.Bucket, Key: &key, Body: bytes.NewReader(wafObject(t, now.Add(-time.Minute), records))})
		if err != nil {
			t.Fatal(err)
		}
	}
	key := func(name string) string {
		return "AWSLogs/111122223333/WAFLogs/ap-northeast-1/shop/" + now.Format("2006/01/02/15") + "/00/" + name + ".log.gz"
	}
	put(key("a"), 2)
	put(key("b"), 3)
	put("elsewhere/c.log.gz", 10)

	r := newShell(t)
	text := fmt.Sprintf("data: data\nsources:\n  - {name: logs, bucket: %s, prefixes: [AWSLogs/], endpoint: '%s', region: %s, path_style: true, access_key: {env: BUCKET_KEY}, secret_key: {file: secret}}\n", srv.Bucket, srv.Endpoint, srv.Region)
	for name, text := range map[string]string{"yagura.yaml": text, "secret": srv.SecretKey + "\n"} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.env = append(r.env, "YAGURA_CONFIG=yagura.yaml", "BUCKET_KEY="+srv.AccessKey)
	expect := func(command string, wants ...string) {
		t.Helper()
		out := r.run(t, block{text: command + "\n"})
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", command, want, out)
			}
		}
		if strings.Contains(out, srv.SecretKey) {
			t.Errorf("%s shows the secret", command)
		}
	}
	expect("./yagura config show", "bucket: logs")
	expect("./yagura load s3://logs/"+key("a"), "1 object: 1 loaded, 0 known before", "2 records = 2 events")
	expect("./yagura load s3://logs/AWSLogs/", "2 objects: 1 loaded, 1 known before", "3 records = 3 events")
	expect("./yagura load s3://logs/AWSLogs/", "2 objects: 0 loaded, 2 known before")
	expect("./yagura sources -o table", "s3://logs/AWSLogs/")

	r.serve(t, block{text: "./yagura serve\n"})
	put(key("d"), 4)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(pause) {
		out := r.run(t, block{text: "./yagura query '* | stats count() as n, distinct(event.id) as ids' --since 1h\n"})
		if strings.Contains(out, `{"n":9,"ids":9}`) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the new object is not searchable: %s", out)
		}
	}
	expect("./yagura load s3://logs/AWSLogs/", "3 objects: 0 loaded, 3 known before")
}
