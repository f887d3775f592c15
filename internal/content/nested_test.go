package content_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/content"
)

// TestNestedWrappers delivers records the ways AWS can: services that wrap what others wrapped.
// Every record comes out as its own event, at a place of its own, which is what makes its id unique.
func TestNestedWrappers(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	three := func(one func(i int) string) []string { return []string{one(0), one(1), one(2)} }
	waf := func(i int) string { return wafRecord(fmt.Sprint("/", i)) }
	logs := string(squeezed(t, cloudWatchOf(t, three(waf))))
	for name, tc := range map[string]struct {
		in     string
		module string
		events int
	}{
		"findings: EventBridge, SNS, SQS":                   {sqsOf(t, three(func(int) string { return snsOf(t, eventBridgeOf(finding("8"))) })), "aws.guardduty", 3},
		"findings: EventBridge to Firehose, line by line":   {strings.Join(three(func(int) string { return eventBridgeOf(finding("8")) }), "\n"), "aws.guardduty", 3},
		"WAF: CloudWatch Logs, Firehose":                    {firehoseOf(t, []string{logs, logs}), "aws.waf", 6},
		"WAF: CloudWatch Logs, Firehose, SQS":               {sqsOf(t, three(func(int) string { return firehoseOf(t, []string{logs, logs}) })), "aws.waf", 18},
		"WAF: CloudWatch Logs, Firehose, SNS, SQS, gzip":    {string(squeezed(t, sqsOf(t, []string{snsOf(t, firehoseOf(t, []string{logs}))}))), "aws.waf", 3},
		"WAF: CloudWatch Logs, members of gzip in a row":    {logs + logs + logs, "aws.waf", 9},
		"WAF: several records in one message":               {cloudWatchOf(t, []string{waf(1) + "\n" + waf(2), waf(3) + waf(4)}), "aws.waf", 4},
		"CloudTrail: CloudWatch Logs to a function":         {asJSON(t, map[string]any{"awslogs": map[string]any{"data": encoded(string(squeezed(t, cloudWatchOf(t, three(func(int) string { return trail(`"x":1`) })))))}}), "aws.cloudtrail", 3},
		"CloudTrail: a whole file in a notification":        {snsOf(t, `{"Records":[`+strings.Join(three(func(int) string { return trail(`"x":1`) }), ",")+`]}`), "aws.cloudtrail", 3},
		"load balancer: lines in Firehose, some of it gzip": {firehoseOf(t, []string{albLine(1, "/a", "x") + "\n" + albLine(2, "/b", "x") + "\n", string(squeezed(t, albLine(1, "/a", "x")))}), "aws.alb", 3},
		"WAF: CloudWatch Logs, Kinesis, to a function":      {asJSON(t, map[string]any{"Records": []any{map[string]any{"kinesis": map[string]any{"data": encoded(logs), "sequenceNumber": "49"}, "eventSource": "aws:kinesis", "awsRegion": "us-east-1", "eventVersion": "1.0"}}}), "aws.waf", 3},
		"WAF: CloudWatch Logs, Kinesis, as it answers":      {asJSON(t, map[string]any{"Records": []any{map[string]any{"Data": encoded(logs), "SequenceNumber": "49", "PartitionKey": "p"}, map[string]any{"Data": encoded(logs), "SequenceNumber": "50", "PartitionKey": "p"}}, "NextShardIterator": "x", "MillisBehindLatest": 0}), "aws.waf", 6},
		"WAF: SNS to a function":                            {asJSON(t, map[string]any{"Records": []any{map[string]any{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": json.RawMessage(snsOf(t, waf(1)))}}}), "aws.waf", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := c.Explain(context.Background(), "delivered/x", []byte(tc.in), content.ExplainOptions{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			places := map[string]bool{}
			for _, r := range x.Records {
				if r.Outcome != "event" || r.LogType != tc.module {
					t.Errorf("byte %d: %s of %q: %s %s", r.Offset, r.Outcome, r.LogType, r.Reason, r.Excerpt)
				}
				places[fmt.Sprint(r.Offset, "-", r.Index)] = true
			}
			if x.Events != int64(tc.events) || len(places) != tc.events || x.Refused != 0 {
				t.Errorf("%d events at %d places, %d refused; want %d", x.Events, len(places), x.Refused, tc.events)
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func squeezed(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func eventBridgeOf(detail string) string {
	return `{"version":"0","id":"e-1","detail-type":"GuardDuty Finding","source":"aws.guardduty","account":"111122223333","time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":[],"detail":` + strings.TrimSpace(detail) + `}`
}

func snsOf(t *testing.T, message string) string {
	return asJSON(t, map[string]any{"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:us-east-1:111122223333:topic", "Message": message, "Timestamp": "2026-01-02T03:04:05.000Z", "SignatureVersion": "1"})
}

func sqsOf(t *testing.T, bodies []string) string {
	var records []any
	for i, b := range bodies {
		records = append(records, map[string]any{"messageId": fmt.Sprint("m", i), "receiptHandle": "h", "body": b, "attributes": map[string]any{"SentTimestamp": "1767323045000"}, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:queue", "awsRegion": "us-east-1"})
	}
	return asJSON(t, map[string]any{"Records": records})
}

func firehoseOf(t *testing.T, data []string) string {
	var records []any
	for i, d := range data {
		records = append(records, map[string]any{"recordId": fmt.Sprint("r", i), "approximateArrivalTimestamp": 1767323045000, "data": encoded(d)})
	}
	return asJSON(t, map[string]any{"invocationId": "x", "deliveryStreamArn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/d", "region": "us-east-1", "records": records})
}

func cloudWatchOf(t *testing.T, messages []string) string {
	var events []any
	for i, m := range messages {
		events = append(events, map[string]any{"id": fmt.Sprint(i), "timestamp": 1767323045000, "message": m})
	}
	return asJSON(t, map[string]any{"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "g", "logStream": "s", "subscriptionFilters": []string{"f"}, "logEvents": events})
}
