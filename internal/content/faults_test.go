package content_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yagura-siem/yagura/internal/content"
)

// TestFaultsOfOthers reads what other systems for these logs are known to lose, alter or show:
// each case is a fault somebody had, with the shipped log types.
func TestFaultsOfOthers(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, tc := range []struct {
		fault string
		key   string
		in    string
		field string   // shown of every event, as Explain does
		want  []string // one an event
		bad   int      // records refused
	}{
		{fault: "the last record is lost: one line", in: albLine(1, "/a", "x"), field: "url.path", want: []string{"/a"}},
		{fault: "the last record is lost: three lines, no line break", in: albLine(1, "/a", "x") + "\n" + albLine(2, "/b", "x") + "\n" + albLine(3, "/c", "x"), field: "url.path", want: []string{"/a", "/b", "/c"}},
		{fault: "identical lines become one event", in: strings.Repeat(albLine(1, "/a", "x")+"\n", 4), field: "url.path", want: []string{"/a", "/a", "/a", "/a"}},
		{fault: "one bad record costs the rest", in: albLine(1, "/a", "x") + "\nhttps 2026-01-02T03:04:05Z cut\n" + albLine(2, "/b", "x"), field: "url.path", want: []string{"/a", "/b"}, bad: 1},
		{fault: "one bad JSON record costs the rest", in: wafRecord("/a") + "\n{\"timestamp\":1,\n" + wafRecord("/b"), field: "url.path", want: []string{"/a", "/b"}, bad: 1},
		{fault: "a severity of 9 and more has no label", in: finding("8.9") + finding("9.0") + finding("9.5") + finding("10"), field: "aws.guardduty.severity_label", want: []string{"high", "critical", "critical", "critical"}},
		{fault: "a severity of 9 and more is no number", in: finding("8.9") + finding("9.0") + finding("9.5") + finding("10"), field: "event.severity", want: []string{"8", "9", "9", "10"}},
		{fault: "quotes and blanks in a request", in: albLine(1, `/?q="><script>alert("x y")</script>`, "x"), field: "url.query", want: []string{`q="><script>alert("x y")</script>`}},
		{fault: "an escape in a user agent", in: albLine(1, "/a", `() { :;}; echo \"x\"`), field: "user_agent.original", want: []string{`() { :;}; echo "x"`}},
		{fault: "an unknown cipher costs the line", in: strings.Replace(albLine(1, "/a", "x"), "TLS_AES_128_GCM_SHA256", "NEW-CIPHER_2030+X", 1), field: "tls.cipher", want: []string{"NEW-CIPHER_2030+X"}},
		{fault: "fields the vendor appends cost the line", in: albLine(1, "/a", "x") + ` "new field" 7`, field: "url.path", want: []string{"/a"}},
		{fault: "IPv6 clients of a load balancer", in: strings.Replace(albLine(1, "/a", "x"), "203.0.113.9:", "[2001:db8::9]:", 1) + "\n" + strings.Replace(albLine(2, "/a", "x"), "203.0.113.9:", "2001:db8::9:", 1), field: "source.ip", want: []string{"2001:db8::9", "2001:db8::9"}},
		{fault: "a malformed address costs the event", in: strings.Replace(wafRecord("/a"), "203.0.113.9", "not-an-address", 1), field: "source.address", want: []string{"not-an-address"}},
		{fault: "a user agent keeps an event from being stored", in: trail(`"userAgent":"siem-es-loader"`) + trail(`"userAgent":"yagura"`), field: "user_agent.original", want: []string{"siem-es-loader", "yagura"}},
		{fault: "hidden values turn objects into text", in: trail(`"requestParameters":"HIDDEN_DUE_TO_SECURITY_REASONS"`) + trail(`"requestParameters":{"a":[{"b":1}]}`), field: "event.action", want: []string{"ListBuckets", "ListBuckets"}},
		{fault: "values that look like dates or change their kind", in: trail(`"requestParameters":{"apiVersion":"2016-11-15"}`) + trail(`"requestParameters":{"apiVersion":{"x":1}}`) + trail(`"requestParameters":{"apiVersion":7}`), field: "event.action", want: []string{"ListBuckets", "ListBuckets", "ListBuckets"}},
		{fault: "matched data of another kind", in: strings.Replace(wafRecord("/a"), `"ruleGroupList"`, `"terminatingRuleMatchDetails":[{"conditionType":"XSS","matchedData":"one"}],"ruleGroupList"`, 1) +
			strings.Replace(wafRecord("/b"), `"ruleGroupList"`, `"terminatingRuleMatchDetails":[{"conditionType":"XSS","matchedData":[1,{"a":2}]}],"ruleGroupList"`, 1), field: "url.path", want: []string{"/a", "/b"}},
		{fault: "a key that sounds like another log type", key: "UserLogs/linux/aws-waf-logs-postgres-proxy/AWSLogs/CloudTrail/x.log", in: albLine(1, "/a", "x"), field: "cloud.service.name", want: []string{"elb"}},
		{fault: "a key in another case", key: "awslogs/WAFLOGS/X", in: wafRecord("/a"), field: "cloud.service.name", want: []string{"waf"}},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			t.Parallel()
			x, err := c.Explain(context.Background(), tc.key, []byte(tc.in), content.ExplainOptions{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			ids := map[string]bool{}
			for _, r := range x.Records {
				if r.Outcome != "event" {
					continue
				}
				ids[fmt.Sprint(r.Offset, "-", r.Index)] = true
				value := "absent"
				if i := slices.IndexFunc(r.Fields, func(f content.ExplainedField) bool { return f.Name == tc.field }); i >= 0 {
					value = fmt.Sprint(r.Fields[i].Value)
				}
				got = append(got, value)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s:\n%s", tc.field, diff)
			}
			if x.Refused != int64(tc.bad) || len(ids) != len(tc.want) {
				t.Errorf("%d refused, want %d; %d different places", x.Refused, tc.bad, len(ids))
			}
		})
	}
}

func albLine(i int, target, agent string) string {
	return fmt.Sprintf(`https 2026-01-02T03:04:%02d.000000Z app/shop/1 203.0.113.9:50001 10.0.0.5:8080 0.001 0.002 0.000 200 200 120 512 "GET https://shop.example.com:443%s HTTP/2.0" "%s" TLS_AES_128_GCM_SHA256 TLSv1.3 arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop/1 "Root=1-683b9902-000000000000000000000001" "shop.example.com" "-" 0 2026-01-02T03:04:05.990000Z "forward" "-" "-" "10.0.0.5:8080" "200" "-" "-" TID_0123456789abcdef0123456789abcdef`,
		i, target, agent)
}

func wafRecord(path string) string {
	return `{"timestamp":1767323045000,"formatVersion":1,"webaclId":"arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/shop/0a1b","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","httpSourceName":"ALB","httpSourceId":"x","ruleGroupList":[],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],` +
		`"httpRequest":{"clientIp":"203.0.113.9","country":"JP","headers":[{"name":"Host","value":"shop.example.com"}],"uri":"` + path + `","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"r"}}`
}

func finding(severity string) string {
	return `{"schemaVersion":"2.0","accountId":"111122223333","region":"us-east-1","id":"f","type":"Recon:EC2/Portscan","resource":{"resourceType":"Instance"},"service":{"serviceName":"guardduty"},"severity":` + severity +
		`,"createdAt":"2026-01-02T03:04:05.000Z","updatedAt":"2026-01-02T03:04:05.000Z","title":"t"}` + "\n"
}

// trail is one CloudTrail record with more members.
func trail(more string) string {
	return `{"eventVersion":"1.11","userIdentity":{"type":"Root","accountId":"111122223333"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","eventID":"e","eventType":"AwsApiCall","readOnly":true,"recipientAccountId":"111122223333",` + more + "}\n"
}
