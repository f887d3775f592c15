package state

import (
	"context"
	"fmt"
	"time"
)

// keepMinutes is how long IntakeMinutes can look back.
const keepMinutes = 8 * 24 * time.Hour

// IntakeMinute is what of a source was finished in a minute.
type IntakeMinute struct {
	Start   time.Time
	Source  string
	Objects int64
	Events  int64
	Bytes   int64 // decoded
}

// IntakeMinutes lists what was finished since a time, in order of time. It looks back eight days.
func (d *DB) IntakeMinutes(ctx context.Context, since time.Time) ([]IntakeMinute, error) {
	var out []IntakeMinute
	err := d.read(ctx, func(r scanner) error {
		var m IntakeMinute
		var minute int64
		err := r.Scan(&minute, &m.Source, &m.Objects, &m.Events, &m.Bytes)
		m.Start = time.Unix(minute*60, 0).UTC()
		out = append(out, m)
		return err
	}, `SELECT m.minute, s.name, m.objects, m.events, m.bytes FROM intake_minutes m JOIN sources s ON s.num = m.source WHERE m.minute >= ? ORDER BY m.minute, s.name`, since.Unix()/60)
	if err != nil {
		return nil, fmt.Errorf("read rates of intake: %w", err)
	}
	return out, nil
}

// ForgetMinutes removes what IntakeMinutes does not look back to.
func (d *DB) ForgetMinutes(ctx context.Context) error {
	err := d.write(ctx, func(t *tx) error {
		return t.exec(`DELETE FROM intake_minutes WHERE minute < ?`, d.now().Add(-keepMinutes).Unix()/60)
	}, nil)
	if err != nil {
		return fmt.Errorf("forget rates of intake: %w", err)
	}
	return nil
}

// StoredDay is what the live parts of a log type hold of a day.
type StoredDay struct {
	LogType  string
	Day      int // since 1970, UTC
	Parts    int64
	Rows     int64
	Bytes    int64
	RawBytes int64
}

// StoredDays sums the live parts by day, newest first, and log type.
func (d *DB) StoredDays(ctx context.Context) ([]StoredDay, error) {
	var out []StoredDay
	err := d.read(ctx, func(r scanner) error {
		var s StoredDay
		err := r.Scan(&s.LogType, &s.Day, &s.Parts, &s.Rows, &s.Bytes, &s.RawBytes)
		out = append(out, s)
		return err
	}, fmt.Sprintf(`SELECT log_type, day, count(*), sum(rows), sum(bytes), sum(raw_bytes) FROM parts WHERE state = %d GROUP BY day, log_type ORDER BY day DESC, log_type`, partLive))
	if err != nil {
		return nil, fmt.Errorf("sum parts: %w", err)
	}
	return out, nil
}
