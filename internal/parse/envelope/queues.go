package envelope

import "math"

// lambdaRecords is what a function receives from SQS, SNS or Kinesis, and what Kinesis answers to
// GetRecords: {"Records": […]}. CloudTrail files and S3 notifications have that key too; the first
// element tells.
func lambdaRecords(b *builder, rec, _ []byte) bool {
	found := false
	foreign := 0
	return fields(rec, func(key, from []byte) bool {
		switch string(key) {
		case "Records":
			found = true
			return elements(from, b.queued)
		case "NextShardIterator", "MillisBehindLatest":
			return true
		}
		foreign++
		return foreign <= maxForeign
	}) && found && b.kind != ""
}

// lambdaRecord is one element of such a list by itself, which is how a reader that takes the
// list for a file of CloudTrail meets it.
func lambdaRecord(b *builder, rec, _ []byte) bool { return b.queued(rec) }

// queued adds one element of Records. All elements must be of one kind.
func (b *builder) queued(elem []byte) bool {
	var w Wrap
	var source string
	var body, data, note []byte
	var hasBody, hasData, hasSequence, hasPartition bool
	if !fields(elem, func(key, from []byte) bool {
		switch string(key) {
		case "eventSource", "EventSource":
			source = str(from)
			return source == "aws:sqs" || source == "aws:sns" || source == "aws:kinesis"
		case "eventVersion":
			return str(from) == "1.0" // Kinesis; CloudTrail and S3 begin with others: leave early
		case "awsRegion":
			w.Region = str(from)
		case "eventSourceARN":
			region, account := arnPlace(str(from))
			w.Account = account
			if w.Region == "" {
				w.Region = region
			}
		case "messageId":
			w.ID = str(from)
		case "attributes":
			return fields(value(from), func(key, from []byte) bool {
				if string(key) == "SentTimestamp" {
					w.Time = millisText(integer(from))
				}
				return true
			})
		case "body":
			body, hasBody = text(from)
			return hasBody
		case "kinesis":
			return fields(value(from), func(key, from []byte) bool {
				switch string(key) {
				case "data":
					data, hasData = text(from)
				case "sequenceNumber":
					w.ID, hasSequence = str(from), true
				case "approximateArrivalTimestamp":
					w.Time = millisText(int64(math.Round(number(from) * 1000)))
				}
				return true
			})
		case "Data":
			data, hasData = text(from)
			return hasData
		case "SequenceNumber":
			w.ID, hasSequence = str(from), true
		case "PartitionKey":
			hasPartition = true
		case "Sns":
			note = value(from)
		}
		return true
	}) {
		return false
	}
	switch {
	case source == "aws:sqs" && hasBody && w.ID != "":
		return b.is(KindSQS) && b.addPlain(body, w)
	case source == "aws:sns" && note != nil:
		return (b.kind == "" || b.kind == KindSNS) && sns(b, note, nil) && b.kind == KindSNS
	case (source == "aws:kinesis" || source == "" && hasPartition) && hasData && hasSequence:
		return b.is(KindKinesis) && b.addEncoded(data, w)
	}
	return false
}

// is sets the kind, or reports whether it is the same as before.
func (b *builder) is(kind string) bool {
	if b.kind == "" {
		b.kind = kind
	}
	return b.kind == kind
}

// sqsMessages is the answer of SQS ReceiveMessage.
func sqsMessages(b *builder, rec, first []byte) bool {
	if !firstHas(first, "Body") {
		return false
	}
	b.kind = KindSQS
	n := 0
	return fields(rec, func(key, from []byte) bool {
		n++
		return n == 1 && elements(from, func(elem []byte) bool {
			var w Wrap
			var body []byte
			var ok, sealed bool
			return fields(elem, func(key, from []byte) bool {
				switch string(key) {
				case "Body":
					body, ok = text(from)
					return ok
				case "MessageId":
					w.ID = str(from)
				case "ReceiptHandle", "MD5OfBody":
					sealed = true
				case "Attributes":
					return fields(value(from), func(key, from []byte) bool {
						if string(key) == "SentTimestamp" {
							w.Time = millisText(integer(from))
						}
						return true
					})
				}
				return true
			}) && ok && sealed && w.ID != "" && b.addPlain(body, w)
		})
	})
}
