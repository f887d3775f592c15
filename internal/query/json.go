package query

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"time"

	"github.com/yagura-siem/yagura/internal/event"
)

func writeLines(w *bufio.Writer, r Result) error {
	return documents(r, func(doc []byte) error {
		_, err := w.Write(append(doc, '\n'))
		return err
	})
}

func writeJSON(w *bufio.Writer, r Result) error {
	open := "[\n"
	err := documents(r, func(doc []byte) error {
		var b bytes.Buffer
		b.WriteString(open + "  ")
		if err := json.Indent(&b, doc, "  ", "  "); err != nil {
			return err
		}
		open = ",\n"
		_, err := w.Write(b.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	if open == "[\n" {
		_, err = w.WriteString("[]\n")
		return err
	}
	_, err = w.WriteString("\n]\n")
	return err
}

// documents calls each with one line of JSON for every event or row; the bytes are only valid
// during the call.
func documents(r Result, each func([]byte) error) error {
	var buf []byte
	if r.Table == nil {
		var fields []string
		if r.Statement != nil {
			fields = r.Statement.Fields
		}
		for _, e := range r.Events {
			buf = event.AppendJSON(buf[:0], document(e, fields), "")
			if err := each(buf); err != nil {
				return err
			}
		}
		return nil
	}
	for _, row := range r.Table.Rows {
		buf = append(buf[:0], '{')
		for i, c := range r.Table.Columns {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(event.AppendJSONValue(buf, c.Name, ""), ':')
			buf = r.appendCell(buf, row[i])
		}
		if err := each(append(buf, '}')); err != nil {
			return err
		}
	}
	return nil
}

func (r Result) appendCell(buf []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, "null"...)
	case time.Time:
		return event.AppendJSONValue(buf, stamp(v, r.zone()), "")
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(buf, "null"...)
		}
	}
	return event.AppendJSONValue(buf, v, "")
}
