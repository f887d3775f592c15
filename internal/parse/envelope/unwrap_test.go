package envelope

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type got struct {
	Kind string
	Msgs []msg
}

type msg struct {
	Payload string
	Wrap    Wrap
}

func unwrapped(t testing.TB, rec string) (got, bool, error) {
	t.Helper()
	msgs, kind, ok, err := Unwrap([]byte(rec))
	g := got{Kind: kind}
	for _, m := range msgs {
		g.Msgs = append(g.Msgs, msg{string(m.Payload), m.Wrap})
	}
	return g, ok, err
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

const cwl = `{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"g","logStream":"s","subscriptionFilters":["f"],` +
	`"logEvents":[{"id":"1","timestamp":1432826855000,"message":"{\"a\":\"\\u00e9\\ud83d\\ude00\"}"},{"id":"2","timestamp":1432826855001,"message":"https 2024 \"GET \/\"\n"}]}`

var cwlMessages = []msg{
	{"{\"a\":\"\\u00e9\\ud83d\\ude00\"}", Wrap{Account: "123456789012", Time: "2015-05-28T15:27:35.000Z", ID: "1", LogGroup: "g", LogStream: "s"}},
	{"https 2024 \"GET /\"\n", Wrap{Account: "123456789012", Time: "2015-05-28T15:27:35.001Z", ID: "2", LogGroup: "g", LogStream: "s"}},
}

const event = `{"version":"0","id":"i-1","detail-type":"GuardDuty Finding","source":"aws.guardduty","account":"123456789012","time":"2025-01-20T14:32:00Z","region":"ap-northeast-1","resources":[],"detail":{"schemaVersion":"2.0","x":[1,{"y":"}"}]}}`

func TestUnwrap(t *testing.T) {
	t.Parallel()
	zipped := b64(gz(t, []byte(cwl)))
	topic := Wrap{Account: "123456789012", Region: "us-east-1", Time: "2024-01-15T12:00:00.000Z", ID: "m-1"}
	note := `{"Type":"Notification","MessageId":"m-1","TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Subject":"s","Message":"{\"a\":1}","Timestamp":"2024-01-15T12:00:00.000Z","SignatureVersion":"1"}`
	for _, tc := range []struct {
		name, rec string
		want      got
	}{
		{"cloudwatch", cwl, got{KindCloudWatch, cwlMessages}},
		{"cloudwatch in any order", `{"logEvents":[],"logGroup":"g","logStream":"s","messageType":"DATA_MESSAGE","owner":"1"}`, got{KindCloudWatch, nil}},
		{"cloudwatch control", `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1510109208016,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`, got{KindCloudWatchControl, nil}},
		{"cloudwatch to a function", `{"awslogs":{"data":"` + zipped + `"}}`, got{KindCloudWatchLambda, []msg{{cwl, Wrap{}}}}},
		{"firehose transformation", `{"invocationId":"x","deliveryStreamArn":"arn:aws:firehose:eu-west-1:123456789012:deliverystream/d","region":"eu-west-1","records":[{"recordId":"r1","approximateArrivalTimestamp":1507217624302,"data":"` + b64([]byte("one\n")) + `"},{"recordId":"r2","data":"` + zipped + `"},{"recordId":"r3","data":""}]}`,
			got{KindFirehose, []msg{
				{"one\n", Wrap{Account: "123456789012", Region: "eu-west-1", Time: "2017-10-05T15:33:44.302Z", ID: "r1"}},
				{cwl, Wrap{Account: "123456789012", Region: "eu-west-1", ID: "r2"}},
			}}},
		{"firehose transformed", `{"records":[{"recordId":"r1","result":"Ok","data":"YQ=="}]}`, got{KindFirehose, []msg{{"a", Wrap{ID: "r1"}}}}},
		{"firehose to an endpoint", `{"requestId":"q","timestamp":1578090901599,"records":[{"data":"YQ=="}]}`, got{KindFirehose, []msg{{"a", Wrap{}}}}},
		{"firehose failed", `{"attemptsMade":4,"arrivalTimestamp":1507217624302,"errorCode":"Lambda.FunctionError","errorMessage":"m","attemptEndingTimestamp":1,"rawData":"YQ==","lambdaArn":"arn:aws:lambda:us-east-1:123456789012:function:f"}`,
			got{KindFirehoseFailed, []msg{{"a", Wrap{Account: "123456789012", Region: "us-east-1", Time: "2017-10-05T15:33:44.302Z"}}}}},
		{"eventbridge", event, got{KindEventBridge, []msg{{`{"schemaVersion":"2.0","x":[1,{"y":"}"}]}`, Wrap{"123456789012", "ap-northeast-1", "2025-01-20T14:32:00Z", "i-1", "", ""}}}}},
		{"eventbridge, sorted, other name", `{"account":"1","detail":{"a":1},"detailType":"t","source":"s","time":"2025-01-20T14:32:00Z"}`, got{KindEventBridge, []msg{{`{"a":1}`, Wrap{Account: "1", Time: "2025-01-20T14:32:00Z"}}}}},
		{"sns", note, got{KindSNS, []msg{{`{"a":1}`, topic}}}},
		{"sns confirmation", `{"Type":"SubscriptionConfirmation","MessageId":"m","Token":"t","TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"You have chosen","SubscribeURL":"u"}`, got{KindSNSControl, nil}},
		{"sns to a function", `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:x","Sns":` + note + `}]}`, got{KindSNS, []msg{{`{"a":1}`, topic}}}},
		{"sqs", `{"Records":[{"messageId":"m1","receiptHandle":"h","body":"one","attributes":{"SentTimestamp":"1520621625029"},"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-west-2:123456789012:q","awsRegion":"us-west-2"},{"messageId":"m2","body":"two","eventSource":"aws:sqs"}]}`,
			got{KindSQS, []msg{{"one", Wrap{Account: "123456789012", Region: "us-west-2", Time: "2018-03-09T18:53:45.029Z", ID: "m1"}}, {"two", Wrap{ID: "m2"}}}}},
		{"sqs answer", `{"Messages":[{"MessageId":"m1","ReceiptHandle":"h","MD5OfBody":"x","Body":"one"}]}`, got{KindSQS, []msg{{"one", Wrap{ID: "m1"}}}}},
		{"kinesis", `{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"495","data":"` + zipped + `","approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"e","awsRegion":"us-east-2","eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/s"}]}`,
			got{KindKinesis, []msg{{cwl, Wrap{Account: "123456789012", Region: "us-east-2", Time: "2018-12-17T22:10:50.987Z", ID: "495"}}}}},
		{"kinesis answer", `{"Records":[{"SequenceNumber":"495","Data":"YQ==","PartitionKey":"p"}],"NextShardIterator":"x","MillisBehindLatest":0}`, got{KindKinesis, []msg{{"a", Wrap{ID: "495"}}}}},
		{"sqs record", `{"attributes":{"SentTimestamp":"1520621625029"},"awsRegion":"us-west-2","body":"one","eventSource":"aws:sqs","messageId":"m1"}`, got{KindSQS, []msg{{"one", Wrap{Region: "us-west-2", Time: "2018-03-09T18:53:45.029Z", ID: "m1"}}}}},
		{"kinesis answer record", `{"SequenceNumber":"495","Data":"YQ==","PartitionKey":"p"}`, got{KindKinesis, []msg{{"a", Wrap{ID: "495"}}}}},
		{"kinesis record", `{"kinesis":{"sequenceNumber":"495","data":"YQ=="},"eventSource":"aws:kinesis"}`, got{KindKinesis, []msg{{"a", Wrap{ID: "495"}}}}},
		{"s3 test", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-07-16T18:42:13.683Z","Bucket":"b","RequestId":"r","HostId":"h"}`, got{KindS3Control, nil}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, ok, err := unwrapped(t, tc.rec)
			if !ok || err != nil {
				t.Fatalf("ok %v, error %v", ok, err)
			}
			if diff := cmp.Diff(tc.want, g); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if g2, ok, _ := unwrapped(t, " \n"+indent(t, tc.rec)+"\n "); !ok || len(g2.Msgs) != len(g.Msgs) {
				t.Errorf("with white space: ok %v, %d messages", ok, len(g2.Msgs))
			}
		})
	}
}

func indent(t *testing.T, rec string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(rec), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(v, "", "  ") // sorts the keys, too
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Records that only look like a wrapper are left alone.
func TestUnwrapLookAlikes(t *testing.T) {
	t.Parallel()
	for _, rec := range []string{
		``, `null`, `[]`, `{}`, `{`, `"x"`, `{"Records"`, `{"Records":`, `{"messageType":"DATA_MESSAGE"`,
		`{"timestamp":1,"formatVersion":1,"httpRequest":{}}`,
		`{"Records":[]}`,
		`{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"GetObject"}]}`,
		`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","s3":{"bucket":{"name":"b"}}}]}`,
		`{"Records":[{"eventSource":"aws:sqs","messageId":"m"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"b"},{"eventSource":"aws:s3"}]}`,
		`{"Records":[{"body":"b","messageId":"m"}]}`, `{"body":"b","attributes":{"a":1},"messageId":"m"}`, `{"awsRegion":"us-east-1","eventSource":"s3.amazonaws.com"}`,
		`{"SequenceNumber":"1","Data":"YQ=="}`,
		`{"records":[]}`,
		`{"records":[{"time":"2024","category":"AuditEvent","properties":{}}]}`,
		`{"records":[{"data":"YQ=="}]}`,
		`{"Message":"hello","Type":"Notification"}`,
		`{"Type":"Notification","MessageId":"1","TopicArn":"none","Message":"m"}`,
		`{"Type":"Error","Message":"m","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:123456789012:t"}`,
		`{"id":"1","detail":{"a":1},"source":"app"}`,
		`{"source":"app","detail-type":"t","detail":{"a":1}}`,
		`{"version":2,"account_id":"1","detail-type":"t","source":"s","detail":{},"id":"x","time":"t"}`,
		`{"version":"0","id":"1","detail-type":"t","source":"s","account":"1","detail":"text"}`,
		`{"messageType":"DATA_MESSAGE","owner":"1"}`,
		`{"messageType":"chat","owner":"1","logGroup":"g","logStream":"s","logEvents":[]}`,
		`{"owner":"me","repo":"x","a":1,"b":2}`,
		`{"awslogs":{"group":"x"}}`, `{"awslogs":"x"}`,
		`{"Messages":[{"Body":"x"}]}`, `{"Messages":["x"]}`,
		`{"Service":"Amazon S3","Event":"s3:ObjectCreated"}`,
		`{"kinesis":{"a":1}}`,
	} {
		if g, ok, err := unwrapped(t, rec); ok || err != nil || g.Kind != "" || g.Msgs != nil {
			t.Errorf("%s was unwrapped as %+v (%v)", rec, g, err)
		}
	}
}

func TestUnwrapDamagedPayload(t *testing.T) {
	t.Parallel()
	packed := gz(t, lines(2000))
	rec := fmt.Sprintf(`{"invocationId":"x","records":[{"recordId":"1","data":"YQ=="},{"recordId":"2","data":"?"},{"recordId":"3","data":"%s"},{"recordId":"4","data":"Yg=="}]}`, b64(packed[:len(packed)/2]))
	msgs, kind, ok, err := Unwrap([]byte(rec))
	if !ok || kind != KindFirehose || len(msgs) != 3 || string(msgs[2].Payload) != "b" {
		t.Fatalf("ok %v, kind %q, %d messages", ok, kind, len(msgs))
	}
	if len(msgs[1].Payload) < 10000 {
		t.Errorf("%d bytes of the cut payload were delivered", len(msgs[1].Payload))
	}
	var pe *PayloadError
	if !errors.As(err, &pe) || pe.Index != 1 || !errors.Is(err, ErrTruncated) {
		t.Errorf("error %v", err)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	in, out := Wrap{Account: "1", Time: "t"}, Wrap{Account: "2", Region: "r", LogGroup: "g"}
	if diff := cmp.Diff(Wrap{Account: "1", Region: "r", Time: "t", LogGroup: "g"}, in.Within(out)); diff != "" {
		t.Error(diff)
	}
}

// TestUnwrapSamples follows every wrapper of the shared samples to its innermost payloads.
func TestUnwrapSamples(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..", "shared", "samples")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no shared samples beside the project: %v", err)
	}
	want := map[string]string{
		"cwl-wrapper/awsdocs-subscription.json":         "cloudwatch 3, cloudwatch 3",
		"cwl-wrapper/cloudwatch-logs-event.json":        "cloudwatch-lambda 1 > cloudwatch 2",
		"cwl-wrapper/datadog-cloudwatch_logs.json":      "cloudwatch 19",
		"cwl-wrapper/datadog-cloudwatch_logs_2.json":    "cloudwatch 1",
		"cwl-wrapper/kinesis-firehose-event.json":       "firehose 2",
		"sqs-s3-notification/eventbridge-s3-event.json": "eventbridge 1",
		"sqs-s3-notification/s3-event.json":             "-",
		"sqs-s3-notification/s3-test-event.json":        "s3-control 0",
		"sqs-s3-notification/sqs-event.json":            "sqs 1",
		"sqs-s3-notification/sqs_sns_s3.json":           "sqs 1 > sns 1",
		"guardduty/eventbridge-warren.json":             "eventbridge 1",
		"config-history/awsdocs-history.json":           "-",
		"cloudtrail-digest/awsdocs-digest.json":         "-",
	}
	have := map[string]string{}
	for name := range want {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		var walk func(b []byte, depth int) string
		walk = func(b []byte, depth int) string {
			var out []string
			for i := skipSpace(b, 0); i < len(b); i = skipSpace(b, i) {
				end := skipValue(b, i)
				if end < 0 {
					return ""
				}
				msgs, kind, ok, err := Unwrap(b[i:end])
				if err != nil || depth > MaxDepth {
					t.Errorf("%s: depth %d: %v", name, depth, err)
				}
				s := "-"
				if ok {
					s = fmt.Sprintf("%s %d", kind, len(msgs))
				}
				for _, m := range msgs {
					if inner := walk(m.Payload, depth+1); inner != "" && strings.Trim(inner, "-, ") != "" {
						s += " > " + inner
					}
				}
				out = append(out, s)
				i = end
			}
			return strings.Join(out, ", ")
		}
		have[name] = walk(b, 0)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzUnwrap(f *testing.F) {
	for _, rec := range []string{
		cwl, event, `{"awslogs":{"data":"` + b64(gz(f, []byte(cwl))) + `"}}`, `{"records":[{"recordId":"r","data":"YQ=="}]}`,
		`{"Records":[{"messageId":"m","body":"b","eventSource":"aws:sqs"}]}`, `{"Messages":[{"MessageId":"m","MD5OfBody":"x","Body":"\ud800\u0041"}]}`,
		`{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:r:1:t","Message":"m"}`, `{"Records":[{"Data":"YQ==","SequenceNumber":"1"}]}`,
	} {
		f.Add([]byte(rec))
	}
	f.Fuzz(func(t *testing.T, rec []byte) {
		msgs, kind, ok, err := Unwrap(rec)
		if !ok && (msgs != nil || kind != "" || err != nil) {
			t.Errorf("not a wrapper, yet %d messages, kind %q, error %v", len(msgs), kind, err)
		}
		if ok && kind == "" {
			t.Error("a wrapper without a kind")
		}
		for _, m := range msgs {
			if len(m.Payload) == 0 {
				t.Error("an empty message")
			}
		}
		if ok && err == nil && json.Valid(rec) && kind == KindEventBridge && !json.Valid(msgs[0].Payload) {
			t.Errorf("payload %q of a valid record is not valid", msgs[0].Payload)
		}
	})
}

func BenchmarkUnwrap(b *testing.B) {
	var u Unwrapper
	waf := []byte(`{"timestamp":1683355579981,"formatVersion":1,"webaclId":"` + strings.Repeat("x", 1900) + `"}`)
	trail := []byte(`{"Records":[` + strings.Repeat(`{"eventVersion":"1.08","eventSource":"s3.amazonaws.com"},`, 1000) + `{}]}`)
	for name, rec := range map[string][]byte{"ordinary": waf, "cloudtrail file": trail, "cloudwatch": []byte(cwl), "firehose gzip": []byte(`{"records":[{"recordId":"r","data":"` + b64(gz(b, []byte(cwl))) + `"}]}`)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := u.Unwrap(rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
