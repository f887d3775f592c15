package envelope

import (
	"bytes"
	"math"
	"strconv"
)

// cloudWatch is a CloudWatch Logs subscription message.
func cloudWatch(b *builder, rec, _ []byte) bool {
	var kind, owner, group, stream, events []byte
	var has [4]bool
	foreign := 0
	if !fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "messageType":
			kind, has[0] = text(from)
			return string(kind) == "DATA_MESSAGE" || string(kind) == "CONTROL_MESSAGE"
		case "owner":
			owner, has[1] = text(from)
			return has[1]
		case "logGroup":
			group, has[2] = text(from)
			return has[2]
		case "logStream":
			stream, has[3] = text(from)
			return has[3]
		case "logEvents":
			events = from
			return len(from) > 0 && from[0] == '['
		case "subscriptionFilters", "policyLevel":
		default:
			foreign++
		}
		return foreign <= maxForeign
	}) || has != [4]bool{true, true, true, true} || events == nil {
		return false
	}
	if string(kind) == "CONTROL_MESSAGE" {
		b.kind = KindCloudWatchControl
		return true
	}
	b.kind = KindCloudWatch
	w := Wrap{Account: string(owner), LogGroup: string(group), LogStream: string(stream)}
	return elements(events, func(elem []byte) bool {
		var msg []byte
		var ok bool
		w := w
		return fields(elem, func(key, from []byte) bool {
			switch string(key) {
			case "message":
				msg, ok = text(from)
				return ok
			case "timestamp":
				w.Time = millisText(integer(from))
			case "id":
				w.ID = str(from)
			}
			return true
		}) && ok && b.addPlain(msg, w)
	})
}

func (b *builder) addPlain(payload []byte, w Wrap) bool { b.plain(payload, w); return true }

func (b *builder) addEncoded(data []byte, w Wrap) bool { b.encoded(data, w); return true }

// maxForeign is how many keys a wrapper may have that its kind does not define, before it counts
// as something else.
const maxForeign = 4

// cloudWatchLambda is what a function subscribed to CloudWatch Logs receives.
func cloudWatchLambda(b *builder, rec, _ []byte) bool {
	b.kind = KindCloudWatchLambda
	var data []byte
	n := 0
	return fields(rec, func(key, from []byte) bool {
		n++
		return n == 1 && fields(value(from), func(key, from []byte) bool {
			var ok bool
			data, ok = text(from)
			return ok && string(key) == "data"
		})
	}) && len(data) > 0 && b.addEncoded(data, Wrap{})
}

// firehose is the body of a transformation (in or out) or of an HTTP endpoint delivery.
func firehose(b *builder, rec, _ []byte) bool {
	var records []byte
	var w Wrap
	var request, stamp bool
	foreign := 0
	if !fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "records":
			records = from
			return firstHas(from, "data")
		case "requestId":
			_, request = text(from)
		case "timestamp":
			stamp = integer(from) > 0
		case "region":
			w.Region = str(from)
		case "deliveryStreamArn", "sourceKinesisStreamArn":
			if region, account := arnPlace(str(from)); account != "" {
				w.Account = account
				if w.Region == "" {
					w.Region = region
				}
			}
		case "invocationId":
		default:
			foreign++
		}
		return foreign <= maxForeign
	}) || records == nil {
		return false
	}
	b.kind = KindFirehose
	return elements(records, func(elem []byte) bool {
		var data []byte
		var ok, id bool
		w := w
		return fields(elem, func(key, from []byte) bool {
			switch string(key) {
			case "data":
				data, ok = text(from)
				return ok
			case "recordId":
				w.ID, id = str(from), true
			case "approximateArrivalTimestamp":
				w.Time = millisText(integer(from))
			}
			return true
		}) && ok && (id || request && stamp) && b.addEncoded(data, w)
	})
}

// firehoseFailed is a record that Firehose put aside because its transformation failed.
func firehoseFailed(b *builder, rec, _ []byte) bool {
	var data []byte
	var code, attempts, ok bool
	var w Wrap
	b.kind = KindFirehoseFailed
	return fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "rawData":
			data, ok = text(from)
			return ok
		case "errorCode":
			code = true
		case "attemptsMade":
			attempts = true
		case "arrivalTimestamp":
			w.Time = millisText(integer(from))
		case "lambdaArn":
			w.Region, w.Account = arnPlace(str(from))
		}
		return true
	}) && ok && code && attempts && b.addEncoded(data, w)
}

// eventBridge is an event on an event bus; its detail is the record.
func eventBridge(b *builder, rec, _ []byte) bool {
	var w Wrap
	var detail []byte
	var kind, source bool
	foreign := 0
	if !fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "version":
			return str(from) == "0"
		case "detail-type", "detailType":
			_, kind = text(from)
			return kind
		case "source":
			_, source = text(from)
			return source
		case "detail":
			if len(from) == 0 || from[0] != '{' {
				return false
			}
			detail = value(from)
		case "id":
			w.ID = str(from)
		case "account":
			w.Account = str(from)
		case "time":
			w.Time = str(from)
		case "region":
			w.Region = str(from)
		case "resources", "replay-name", "trace-header":
		default:
			foreign++
		}
		return foreign <= maxForeign
	}) {
		return false
	}
	known := 0
	for _, s := range []string{w.ID, w.Account, w.Time, w.Region} {
		if s != "" {
			known++
		}
	}
	b.kind = KindEventBridge
	return kind && source && detail != nil && known >= 2 && b.addPlain(detail, w)
}

// sns is a notification as SNS delivers it to queues and endpoints.
func sns(b *builder, rec, _ []byte) bool {
	var w Wrap
	var kind string
	var msg []byte
	var ok, topic bool
	foreign := 0
	if !fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "Type":
			kind = str(from)
			return kind == "Notification" || kind == "SubscriptionConfirmation" || kind == "UnsubscribeConfirmation"
		case "Message":
			msg, ok = text(from)
			return ok
		case "TopicArn":
			arn := str(from)
			w.Region, w.Account = arnPlace(arn)
			topic = w.Account != ""
			return topic
		case "MessageId":
			w.ID = str(from)
		case "Timestamp":
			w.Time = str(from)
		case "Subject", "Signature", "SignatureVersion", "SigningCertURL", "SigningCertUrl", "UnsubscribeURL",
			"UnsubscribeUrl", "MessageAttributes", "SubscribeURL", "SubscribeUrl", "Token", "SequenceNumber":
		default:
			foreign++
		}
		return foreign <= maxForeign
	}) || !ok || !topic || kind == "" || w.ID == "" {
		return false
	}
	if kind != "Notification" {
		b.kind = KindSNSControl
		return true
	}
	b.kind = KindSNS
	return b.addPlain(msg, w)
}

// s3Test is what S3 sends when a notification is set up.
func s3Test(b *builder, rec, _ []byte) bool {
	var service, event string
	b.kind = KindS3Control
	return len(rec) < 4096 && bytes.Contains(rec, []byte("s3:TestEvent")) && fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "Service":
			service = str(from)
		case "Event":
			event = str(from)
		}
		return true
	}) && service == "Amazon S3" && event == "s3:TestEvent"
}

// firstHas reports whether from is an array whose first element is an object with the key.
func firstHas(from []byte, key string) bool {
	if len(from) == 0 || from[0] != '[' {
		return false
	}
	found := false
	return fields(value(from[skipSpace(from, 1):]), func(k, _ []byte) bool {
		found = found || string(k) == key
		return true
	}) && found
}

// integer is the number at the start of from cut to a whole one, or the one in a text; 0 if there
// is none.
func integer(from []byte) int64 { return int64(number(from)) }

func number(from []byte) float64 {
	v := value(from)
	if len(v) > 0 && v[0] == '"' {
		v, _ = text(v)
	}
	if len(v) == 0 || len(v) > 40 {
		return 0
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1<<60 {
		return 0
	}
	return f
}
