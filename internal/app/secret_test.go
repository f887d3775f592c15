package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/httpapi"
	"github.com/yagura-siem/yagura/internal/state"
)

// secretMark is in every secret of TestSecrets and nowhere else.
const secretMark = "s3cr3tValue"

// TestSecrets loads records with credentials in every place that is masked by default, whole,
// broken and wrapped, and looks for them in everything that is kept or said.
func TestSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	secret := func() string { n++; return fmt.Sprintf("%s%d", secretMark, n) }
	waf := func() string {
		return fmt.Sprintf(`{"timestamp":%d,"formatVersion":1,"webaclId":"arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/x/y","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","httpSourceName":"ALB","httpSourceId":"x","ruleGroupList":[],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"httpRequest":{"clientIp":"192.0.2.1","country":"JP","headers":[{"name":"Host","value":"www.example.com"},{"name":"Authorization","value":"Bearer %s"},{"name":"cookie","value":"session=%s; theme=dark"},{"name":"Referer","value":"https://www.example.com/?access_token=%s"}],"uri":"/login","args":"token=%s&password=%s&x=1","httpVersion":"HTTP/1.1","httpMethod":"GET","requestId":"r%d"}}`+"\n",
			lastDay().UnixMilli(), secret(), secret(), secret(), secret(), secret(), n)
	}
	alb := func() string {
		line := string(text(t).alb[0])
		i := strings.Index(line, `"GET `)
		if i < 0 {
			i = strings.Index(line, ` "`) + 1
		}
		end := i + 1 + strings.IndexByte(line[i+1:], '"')
		return line[:i] + fmt.Sprintf(`"GET https://www.example.com:443/cb?code=1&token=%s&password=%s HTTP/1.1"`, secret(), secret()) + line[end+1:]
	}
	trail := func() string {
		return fmt.Sprintf(`{"Records":[{"eventVersion":"1.08","eventTime":"2026-04-01T00:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.9","userAgent":"x","requestParameters":{"password":%q,"secretAccessKey":%q},"responseElements":{"credentials":{"sessionToken":%q}},"eventID":"e%d","eventType":"AwsApiCall","recipientAccountId":"111122223333"}]}`+"\n",
			secret(), secret(), secret(), n)
	}
	in := filepath.Join(dir, "logs")
	put(t, filepath.Join(in, "waf.log"), []byte(waf()+waf()))
	put(t, filepath.Join(in, "waf.log.gz"), squeeze(t, []byte(waf())))
	put(t, filepath.Join(in, "elb.log"), []byte(alb()+alb()))
	put(t, filepath.Join(in, "trail.json"), []byte(trail()))
	broken := waf()
	put(t, filepath.Join(in, "broken-waf.log"), []byte(broken[:len(broken)-20]))
	put(t, filepath.Join(in, "broken-alb.log"), []byte(strings.Replace(alb(), `HTTP/1.1"`, `HTTP/1.1`, 1)))
	put(t, filepath.Join(in, "stranger.json"), []byte(fmt.Sprintf(`{"what":"unknown","authorization":%q,"password":%q}`+"\n", "Bearer "+secret(), secret())))
	put(t, filepath.Join(in, "stranger.txt"), []byte("GET /x?token="+secret()+"&password="+secret()+" nobody knows this\n"))
	put(t, filepath.Join(in, "wrapped.json"), cloudWatch(t, [][]byte{[]byte(waf()), []byte(alb())}))
	cut := squeeze(t, []byte(waf()+waf()+waf()))
	put(t, filepath.Join(in, "cut.gz"), cut[:len(cut)-12])

	a := opened(t, configAt(filepath.Join(dir, "data")), probes{})
	var said bytes.Buffer
	s := loadOf(t, a, in)
	fmt.Fprintf(&said, "%+v\n", s)
	if s.Events < 8 || s.Quarantined < 4 {
		t.Errorf("summary %+v", s)
	}
	r := loadAs(t, a, filepath.Join(in, "waf.log"), "aws.alb") // known already
	fmt.Fprintf(&said, "%+v\n", r)
	said.WriteString(ask(t, a, "event.id:* or not event.id:*"))
	if got := strings.Count(said.String(), "\n"); got < 8 {
		t.Errorf("only %d lines are searched", got)
	}
	list, err := a.db.Quarantine(ctxOf(t), state.QuarantineFilter{}, state.Page{})
	if err != nil || len(list) < 4 {
		t.Fatalf("%d quarantined, %v", len(list), err)
	}
	for _, q := range list {
		fmt.Fprintf(&said, "quarantine %s %s: %s %s\n", q.Identity.Key, q.Reason, q.Detail, q.Body)
	}
	answer, err := a.Quarantine(ctxOf(t), httpapi.QuarantineRequest{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&said, "%+v\n", answer)
	for line := range strings.Lines(said.String()) {
		if i := strings.Index(line, secretMark); i >= 0 {
			t.Errorf("a secret is in: %s", line[max(0, i-200):min(len(line), i+60)])
		}
	}
	settled(t, a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if i := bytes.Index(b, []byte(secretMark)); i >= 0 {
			t.Errorf("a secret is in %s: %q", path, b[max(0, i-60):i+40])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
