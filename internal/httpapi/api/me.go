package api

import (
	"context"
	"net/http"
	"time"

	"github.com/yagura-siem/yagura/internal/auth"
)

// MeBackend knows the installation.
type MeBackend interface {
	// Server describes the installation; it asks nothing dear.
	Server(ctx context.Context) ServerInfo
}

// ServerInfo is what every page needs to know of the server.
type ServerInfo struct {
	Version string
	Zone    string // of days and hours when a person chose none
	Demo    bool
	Open    bool   // there are no users: everybody on this machine may do everything
	Paused  string // why intake waits
}

// Me is who asks, and where.
type Me struct {
	Name        string    `json:"name"`
	Role        string    `json:"role,omitempty" enum:"viewer,analyst,admin"`
	Kind        string    `json:"kind" enum:"local,session,token" doc:"local = no users are configured and the request comes from this machine"`
	Open        bool      `json:"open" doc:"no users are configured"`
	CSRF        string    `json:"csrf,omitempty" doc:"goes into X-Yagura-Csrf of requests that change something"`
	Lang        string    `json:"lang,omitempty" enum:"en,ja"`
	Theme       string    `json:"theme,omitempty" enum:"light,dark"`
	Zone        string    `json:"zone" doc:"IANA name"`
	MustChange  bool      `json:"must_change,omitempty" doc:"the password must be changed before anything else"`
	Permissions []string  `json:"permissions"`
	Version     string    `json:"version"`
	Now         time.Time `json:"now"`
	Demo        bool      `json:"demo"`
	Intake      MeIntake  `json:"intake"`
}

// MeIntake is what a banner would say.
type MeIntake struct {
	Paused string `json:"paused,omitempty" doc:"why intake waits; absent while it works"`
}

func registerMe(a *API, b MeBackend) {
	add(a, b != nil, route{Method: http.MethodGet, Path: "/me", ID: "get-me", Area: "me",
		Summary: "Who asks, what they may do, and what the server is", About: "401 when nobody is signed in and users are configured."},
		func(ctx context.Context, _ *struct{}) (*body[Me], error) {
			if !auth.From(ctx).Known() {
				return nil, &Problem{Status: http.StatusUnauthorized, Detail: "sign in first"}
			}
			return &body[Me]{MeOf(auth.From(ctx), b.Server(ctx), time.Now())}, nil
		})
}

// MeOf puts together what GET /me and POST /login answer.
func MeOf(p auth.Principal, s ServerInfo, now time.Time) Me {
	m := Me{
		Name: p.Name, Role: string(p.Role), Kind: string(p.Kind), Open: s.Open, CSRF: p.CSRF, Lang: p.Lang, Theme: p.Theme, Zone: p.Zone,
		MustChange: p.MustChange, Permissions: []string{}, Version: s.Version, Now: now.UTC(), Demo: s.Demo, Intake: MeIntake{s.Paused},
	}
	if m.Zone == "" {
		m.Zone = s.Zone
	}
	for _, perm := range p.Permissions() {
		m.Permissions = append(m.Permissions, string(perm))
	}
	return m
}
