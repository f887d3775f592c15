package envelope

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Kinds of delivery wrapper that Unwrap knows. A kind ending in "-control" carries no log.
const (
	KindCloudWatch        = "cloudwatch"         // CloudWatch Logs subscription
	KindCloudWatchControl = "cloudwatch-control" // its test message
	KindCloudWatchLambda  = "cloudwatch-lambda"  // {"awslogs":{"data":…}}
	KindFirehose          = "firehose"           // transformation or HTTP endpoint body
	KindFirehoseFailed    = "firehose-failed"    // record in Firehose's error folder
	KindEventBridge       = "eventbridge"
	KindSNS               = "sns"
	KindSNSControl        = "sns-control" // subscription confirmations
	KindSQS               = "sqs"
	KindKinesis           = "kinesis"
	KindS3Control         = "s3-control" // s3:TestEvent
)

// MaxDepth is how many wrappers inside each other a caller should follow before it gives up.
const MaxDepth = 8

// maxUnwrapped bounds what all payloads of one record may decode to, in bytes.
const maxUnwrapped = 128 << 20

// Message is what a wrapper carried.
type Message struct {
	Payload []byte // a stream of records, base64 and compression removed; may alias the record
	Wrap    Wrap
}

// Wrap is what a wrapper says of its payload; "" where it says nothing. Time is RFC 3339 in UTC,
// or the wrapper's own text if that is another format.
type Wrap struct {
	Account, Region, Time, ID, LogGroup, LogStream string
}

// Within fills what w leaves open from the wrapper around it.
func (w Wrap) Within(outer Wrap) Wrap {
	for _, p := range []struct {
		in  *string
		out string
	}{
		{&w.Account, outer.Account}, {&w.Region, outer.Region}, {&w.Time, outer.Time},
		{&w.ID, outer.ID}, {&w.LogGroup, outer.LogGroup}, {&w.LogStream, outer.LogStream},
	} {
		if *p.in == "" {
			*p.in = p.out
		}
	}
	return w
}

// PayloadError says which message of a wrapper cannot be decoded.
type PayloadError struct {
	Kind  string
	Index int // of the message in its wrapper, from 0
	Err   error
}

func (e *PayloadError) Error() string {
	return fmt.Sprintf("unwrapping message %d of a %s record: %v", e.Index, e.Kind, e.Err)
}

// Unwrap gives the cause.
func (e *PayloadError) Unwrap() error { return e.Err }

// Unwrapper takes records out of delivery wrappers and keeps its decoders for reuse. The zero
// value is ready; safe for concurrent use.
type Unwrapper struct{ d Decompressor }

// Unwrap is Unwrapper.Unwrap for who unwraps little.
func Unwrap(rec []byte) (msgs []Message, kind string, ok bool, err error) {
	return new(Unwrapper).Unwrap(rec)
}

// Unwrap looks whether rec, one JSON value, is a delivery wrapper. ok = false: it is an ordinary
// record (or not valid JSON), which costs a look at its first key. Otherwise the messages are all
// that could be decoded, in order; a control message has none. err with ok = true means that some
// messages could not be decoded, wholly or from some point on (each one a *PayloadError): rec
// should be quarantined beside processing msgs.
// A payload may be a wrapper itself: the caller unwraps its records again, up to MaxDepth, and
// joins what is known with Wrap.Within.
func (u *Unwrapper) Unwrap(rec []byte) (msgs []Message, kind string, ok bool, err error) {
	key, at, ok := firstKey(rec)
	if !ok {
		return nil, "", false, nil
	}
	try := shapeOf(key)
	if try == nil {
		return nil, "", false, nil
	}
	b := &builder{u: u, left: maxUnwrapped}
	if !try(b, rec, rec[at:]) {
		return nil, "", false, nil
	}
	return b.msgs, b.kind, true, errors.Join(b.faults...)
}

// shape decides whether rec is its kind of wrapper and collects the messages. first is rec from
// the first key's value on. After false nothing in b counts.
type shape func(b *builder, rec, first []byte) bool

// shapeOf tells which wrapper can begin with a key, by every order of keys seen in practice
// (as documented, or sorted by name). Keys with which common logs begin are left out.
func shapeOf(key []byte) shape {
	switch string(key) {
	case "messageType", "owner", "logGroup", "logStream", "logEvents", "subscriptionFilters", "policyLevel":
		return cloudWatch
	case "awslogs":
		return cloudWatchLambda
	case "records", "invocationId", "requestId", "deliveryStreamArn", "sourceKinesisStreamArn":
		return firehose
	case "attemptsMade", "rawData", "arrivalTimestamp", "attemptEndingTimestamp":
		return firehoseFailed
	case "version", "id", "detail-type", "detailType", "source", "account", "detail":
		return eventBridge
	case "Type", "MessageId", "TopicArn", "Message", "Signature":
		return sns
	case "Records", "NextShardIterator", "MillisBehindLatest":
		return lambdaRecords
	case "messageId", "attributes", "body", "receiptHandle", "md5OfBody", "kinesis", "awsRegion", "eventID", "eventSource", "EventSource",
		"SequenceNumber", "ApproximateArrivalTimestamp", "Data", "PartitionKey":
		return lambdaRecord
	case "Messages":
		return sqsMessages
	case "Service", "Event", "Bucket":
		return s3Test
	}
	return nil
}

// builder collects the messages of one record.
type builder struct {
	u      *Unwrapper
	kind   string
	msgs   []Message
	faults []error
	index  int
	left   int64 // bytes that may still be decoded
}

const maxPayloadFaults = 20

// plain adds a payload that is not encoded. An empty one is no message.
func (b *builder) plain(payload []byte, w Wrap) {
	b.index++
	if len(payload) > 0 {
		b.msgs = append(b.msgs, Message{Payload: payload, Wrap: w})
	}
}

// encoded adds a payload in base64, perhaps compressed.
func (b *builder) encoded(data []byte, w Wrap) {
	i := b.index
	raw := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, err := base64.StdEncoding.Decode(raw, data)
	if err != nil {
		b.index++
		b.fault(i, err)
		return
	}
	raw = raw[:n]
	if sniff(raw) != plain {
		raw, err = b.u.inflate(raw, b.left)
		b.left -= int64(len(raw))
	}
	b.plain(raw, w)
	if err != nil {
		b.fault(i, err)
	}
}

func (b *builder) fault(index int, err error) {
	if len(b.faults) < maxPayloadFaults {
		b.faults = append(b.faults, &PayloadError{Kind: b.kind, Index: index, Err: err})
	}
}

// inflate returns what can be read of compressed data, with the error that ended it.
func (u *Unwrapper) inflate(data []byte, limit int64) ([]byte, error) {
	x := &Reader{d: &u.d, limits: Limits{MaxDecoded: max(limit, 1), MaxRatio: -1}.withDefaults(), src: source{r: bytes.NewReader(data)}}
	x.top = x.peel(&x.src, 0)
	defer x.Close()
	var out bytes.Buffer
	out.Grow(min(8*len(data), 1<<20))
	_, err := io.Copy(&out, x)
	return out.Bytes(), err
}

// arnPlace gives region and account of an ARN, "" for what it does not say.
func arnPlace(arn string) (region, account string) {
	p := strings.SplitN(arn, ":", 6)
	if len(p) < 6 || p[0] != "arn" {
		return "", ""
	}
	return p[3], p[4]
}

const maxMillis = 253402300799999 // end of the year 9999

func millisText(ms int64) string {
	if ms <= 0 || ms > maxMillis {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
