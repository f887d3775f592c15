package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// QuarantineGroup counts records that were refused for the same reason.
type QuarantineGroup struct {
	Type   string    `json:"type" doc:"empty = not recognized"`
	Reason string    `json:"reason"`
	Count  int64     `json:"count"`
	Bytes  int64     `json:"bytes"`
	Last   time.Time `json:"last"`
	Sample string    `json:"sample" doc:"why, of the newest"`
}

// QuarantineGroups lists groups, largest first.
type QuarantineGroups struct {
	Groups []QuarantineGroup `json:"groups"`
}

// QuarantineRequest selects records.
type QuarantineRequest struct {
	Type         string `query:"type" maxLength:"200"`
	Unrecognized bool   `query:"unrecognized" doc:"records of no log type, instead of type"`
	Reason       string `query:"reason" maxLength:"500"`
	Source       string `query:"source" maxLength:"200"`
	Object       string `query:"object" maxLength:"64"`
	Cursor       string `query:"cursor" maxLength:"64"`
	Limit        int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// QuarantineRecords is a page of records, newest first.
type QuarantineRecords struct {
	Items []QuarantineItem `json:"items"`
	Next  string           `json:"next,omitempty"`
	Limit int              `json:"limit"`
}

// QuarantineItem is a record that could not be read.
type QuarantineItem struct {
	ID       int64     `json:"id"`
	Type     string    `json:"type"`
	Reason   string    `json:"reason"`
	Detail   string    `json:"detail"`
	Source   string    `json:"source"`
	Object   string    `json:"object" doc:"id"`
	Place    string    `json:"place" doc:"source, bucket and key"`
	Offset   int64     `json:"offset"`
	Length   int64     `json:"length"`
	Records  int64     `json:"records" doc:"neighbors it stands for, mostly 1"`
	SHA256   string    `json:"sha256"`
	Time     time.Time `json:"time"`
	Replayed bool      `json:"replayed,omitempty"`
	Cut      bool      `json:"cut,omitempty" doc:"only its beginning was kept: it cannot be replayed, its object must be read again"`
}

// QuarantineDetail is a record with its masked bytes.
type QuarantineDetail struct {
	QuarantineItem
	Raw  []byte `json:"raw" doc:"base64"`
	Text string `json:"text,omitempty" doc:"the same, when it is text; control characters are shown"`
	Hex  string `json:"hex" doc:"the first 512 bytes as a hex view"`
}

// ReplayRequest selects what to replay; nothing selects all open records.
type ReplayRequest struct {
	Type   string `json:"type,omitempty" maxLength:"200"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
	ID     int64  `json:"id,omitempty" minimum:"0"`
}

// JobStarted says which job does it.
type JobStarted struct {
	Job string `json:"job"`
}

// Job is long work.
type Job struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind" enum:"replay"`
	State    string        `json:"state" enum:"running,done,failed,cancelled"`
	Who      string        `json:"who"`
	Started  time.Time     `json:"started"`
	Ended    *time.Time    `json:"ended,omitempty"`
	Progress JobProgress   `json:"progress"`
	Result   *ReplayResult `json:"result,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// JobProgress is how far a job is.
type JobProgress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// ReplayResult counts what became of replayed records.
type ReplayResult struct {
	Replayed int64 `json:"replayed"`
	Events   int64 `json:"events"`
	Filtered int64 `json:"filtered"`
	Left     int64 `json:"left" doc:"failed again and stay"`
	Cut      int64 `json:"cut" doc:"only their beginning was kept: their objects must be read again"`
}

func registerQuarantine(a *API, b QuarantineBackend) {
	there := b != nil
	add(a, there, route{Method: http.MethodGet, Path: "/intake/quarantine", ID: "list-quarantine-groups", Area: "intake", Needs: auth.Look, Summary: "Records that could not be read, by log type and reason"},
		func(ctx context.Context, _ *struct{}) (*body[QuarantineGroups], error) {
			list, err := b.QuarantineGroups(ctx)
			if list == nil {
				list = []QuarantineGroup{}
			}
			return &body[QuarantineGroups]{QuarantineGroups{list}}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/intake/quarantine/records", ID: "list-quarantine", Area: "intake", Needs: auth.Look, Summary: "Records that could not be read"},
		func(ctx context.Context, r *QuarantineRequest) (*body[QuarantineRecords], error) {
			v, err := b.QuarantineRecords(ctx, *r)
			return &body[QuarantineRecords]{v}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/intake/quarantine/{id}", ID: "get-quarantine", Area: "intake", Needs: auth.Look, Summary: "One such record with its masked bytes"},
		func(ctx context.Context, r *struct {
			ID int64 `path:"id" minimum:"1"`
		}) (*body[QuarantineDetail], error) {
			v, err := b.QuarantineRecord(ctx, r.ID)
			if err == nil {
				a.audit(ctx, auth.Entry{Action: auth.ActionQuarantineShow, Target: fmt.Sprint(r.ID)})
			}
			return &body[QuarantineDetail]{v}, err
		})
	add(a, there, route{Method: http.MethodPost, Path: "/intake/quarantine/replay", ID: "replay-quarantine", Area: "intake", Needs: auth.Replay, Status: http.StatusAccepted,
		Summary: "Normalize such records again", About: "Starts a job; one at a time (409)."},
		func(ctx context.Context, r *in[ReplayRequest]) (*body[JobStarted], error) {
			j, err := b.ReplayRecords(ctx, r.Body)
			if err == nil {
				a.audit(ctx, auth.Entry{Action: auth.ActionReplay, Target: j.ID, Detail: map[string]any{"type": r.Body.Type, "reason": r.Body.Reason, "id": r.Body.ID}})
			}
			return &body[JobStarted]{JobStarted{j.ID}}, err
		})
	add(a, there, route{Method: http.MethodGet, Path: "/jobs/{id}", ID: "get-job", Area: "intake", Needs: auth.Look, Summary: "How far a job is"},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*body[Job], error) {
			j, err := b.Job(ctx, r.ID)
			return &body[Job]{j}, err
		})
	add(a, there, route{Method: http.MethodDelete, Path: "/jobs/{id}", ID: "cancel-job", Area: "intake", Needs: auth.Replay, Status: http.StatusNoContent,
		Summary: "Cancel a job", About: "What it has done stays done."},
		func(ctx context.Context, r *struct {
			ID string `path:"id" maxLength:"64"`
		}) (*nothing, error) {
			return nil, b.CancelJob(ctx, r.ID)
		})
}
