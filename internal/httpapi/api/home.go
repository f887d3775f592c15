package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// HomeBackend gathers the first page.
type HomeBackend interface {
	Home(ctx context.Context, zone string) (Home, error)
}

// Home is the first page.
type Home struct {
	Alerts       HomeAlerts   `json:"alerts"`
	Events       HomeEvents   `json:"events"`
	Intake       HomeIntake   `json:"intake"`
	Fresh        HomeFresh    `json:"fresh"`
	RecentAlerts []AlertCard  `json:"recent_alerts"`
	GetStarted   []GetStarted `json:"get_started"`
	Empty        bool         `json:"empty" doc:"no event was ever stored"`
	Now          time.Time    `json:"now"`
	Zone         string       `json:"zone"`
	Stats        Stats        `json:"stats"`
}

// HomeAlerts counts open alerts.
type HomeAlerts struct {
	New          int64          `json:"new"`
	Acknowledged int64          `json:"acknowledged"`
	BySeverity   SeverityCounts `json:"by_severity" doc:"of new and acknowledged ones"`
}

// SeverityCounts is a number for each severity.
type SeverityCounts struct {
	Critical      int64 `json:"critical"`
	High          int64 `json:"high"`
	Medium        int64 `json:"medium"`
	Low           int64 `json:"low"`
	Informational int64 `json:"informational"`
}

// HomeEvents compares today with other days, each up to the same time of day.
type HomeEvents struct {
	Today             int64     `json:"today"`
	YesterdaySameTime int64     `json:"yesterday_same_time"`
	LastWeekSameTime  int64     `json:"last_week_same_time"`
	PerHour           []int64   `json:"per_hour" doc:"of today by the clock of the zone: 24, on days of a clock change 23 or 25; hours to come are 0"`
	PerHourLastWeek   []int64   `json:"per_hour_last_week" doc:"of the whole day a week ago"`
	PerHourYesterday  []int64   `json:"per_hour_yesterday"`
	From              time.Time `json:"from" doc:"start of today"`
}

// HomeIntake is the strip of the sources.
type HomeIntake struct {
	Sources     []HomeSource `json:"sources"`
	Waiting     int64        `json:"waiting" doc:"objects"`
	Failed      int64        `json:"failed" doc:"objects"`
	Quarantined int64        `json:"quarantined" doc:"records"`
	Paused      string       `json:"paused,omitempty"`
}

// HomeSource is one source in a line.
type HomeSource struct {
	Name         string     `json:"name"`
	Kind         string     `json:"kind"`
	State        string     `json:"state" enum:"ok,lag,failing,silent,paused"`
	EventsPerMin float64    `json:"events_per_min" doc:"over the last hour"`
	LagSeconds   float64    `json:"lag_seconds"`
	LastEvent    *time.Time `json:"last_event,omitempty"`
}

// HomeFresh is what was seen today and not in the seven days before.
type HomeFresh struct {
	Countries FreshList `json:"countries"`
	Users     FreshList `json:"users"`
	ASNs      FreshList `json:"asns"`
}

// FreshList is new values of a field.
type FreshList struct {
	Field  string       `json:"field"`
	Values []ValueCount `json:"values"`
	More   bool         `json:"more"`
	Where  string       `json:"where" doc:"a condition for their events of today"`
}

// GetStarted is a line of the list of first steps.
type GetStarted struct {
	ID   string `json:"id" enum:"source,demo,rule,user"`
	Done bool   `json:"done"`
}

func registerHome(a *API, b HomeBackend) {
	add(a, b != nil, route{Method: http.MethodGet, Path: "/home", ID: "get-home", Area: "home", Summary: "The first page", Needs: auth.Look},
		func(ctx context.Context, r *struct {
			Zone string `query:"zone" maxLength:"64"`
		}) (*body[Home], error) {
			out, err := b.Home(ctx, r.Zone)
			return &body[Home]{out}, err
		})
}
