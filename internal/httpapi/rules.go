package httpapi

import (
	"context"
	"net/http"
)

// RuleService is what a Service may offer beside itself: rules that change while it runs.
type RuleService interface {
	// ReloadRules reads the rules again and tells what is different.
	ReloadRules(ctx context.Context) (RuleChanges, error)
}

// RuleChanges are the ids of the rules that differ from before.
type RuleChanges struct {
	Added    []string `json:"added,omitempty"`   // also switched on
	Changed  []string `json:"changed,omitempty"` // in force before and now
	Removed  []string `json:"removed,omitempty"` // also switched off
	Rules    int      `json:"rules"`             // in force now
	Problems int      `json:"problems"`          // mistakes in files; what they are, lint says
}

func controlRules(mux *http.ServeMux, s Service) {
	rules, ok := s.(RuleService)
	if !ok {
		return
	}
	mux.HandleFunc("POST /v1/rules/reload", func(w http.ResponseWriter, r *http.Request) {
		v, err := rules.ReloadRules(r.Context())
		answer(w, v, err)
	})
}

// ReloadRules implements RuleService.
func (c *Client) ReloadRules(ctx context.Context) (out RuleChanges, err error) {
	err = c.call(ctx, "/v1/rules/reload", struct{}{}, &out)
	return out, err
}
