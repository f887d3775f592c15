package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yagura-siem/yagura/internal/detect"
	"github.com/yagura-siem/yagura/internal/httpapi/api"
)

// ruleID is what a saved rule may be called: its file has the name.
var ruleID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,99}$`)

// SaveRule implements api.RuleBackend.
func (f *ruleFace) SaveRule(ctx context.Context, id, text string) (api.RuleSaved, error) {
	f.saving.Lock()
	defer f.saving.Unlock()
	if !ruleID.MatchString(id) {
		return api.RuleSaved{}, api.Invalid("path.id", "take small letters, digits, - and _: a UUID is best")
	}
	rules, r, bad := f.draftRule(text)
	var fatal []api.RuleProblem
	for _, p := range ruleProblemsOf(bad) {
		if !p.Warning {
			fatal = append(fatal, p)
		}
	}
	if len(fatal) > 0 || r == nil {
		return api.RuleSaved{}, faultyRule(fatal)
	}
	if len(rules.Set.Rules()) != 1 || !strings.EqualFold(r.ID, id) {
		return api.RuleSaved{}, api.Invalid("body.yaml", "want one rule with the id %s", id)
	}
	if err := writeWhole(f.own, id+".yaml", []byte(text)); err != nil {
		return api.RuleSaved{}, fmt.Errorf("saving rule %s: %w", id, err)
	}
	if _, err := f.app.ReloadRules(ctx); err != nil {
		return api.RuleSaved{}, err
	}
	// The file is over all others, so the rule in force is this one, unless somebody was quicker.
	if now := f.app.detection.content().Rules; now.Set.Rule(id) != nil {
		rules, r = now, now.Set.Rule(id)
	}
	card := cardOfRule(rules, r, ruleCount{})
	return api.RuleSaved{Rule: card, File: filepath.Join(f.own, id+".yaml"), Effective: "now"}, nil
}

// DeleteRule implements api.RuleBackend: it takes away what SaveRule wrote.
func (f *ruleFace) DeleteRule(ctx context.Context, id string) error {
	f.saving.Lock()
	defer f.saving.Unlock()
	if !ruleID.MatchString(id) {
		return noRule(id)
	}
	path := filepath.Join(f.own, id+".yaml")
	switch err := os.Remove(path); {
	case errors.Is(err, fs.ErrNotExist):
		r, err := f.rule(id)
		if err != nil {
			return err
		}
		return api.Conflict("the rule was not saved in the page: its file is %s; it can be switched off", r.File)
	case err != nil:
		return fmt.Errorf("deleting rule %s: %w", id, err)
	}
	_, err := f.app.ReloadRules(ctx)
	return err
}

// SwitchRule implements api.RuleBackend. A switch is taken away when the rule is as wanted without it.
func (f *ruleFace) SwitchRule(ctx context.Context, id string, on bool) (api.RuleSaved, error) {
	f.saving.Lock()
	defer f.saving.Unlock()
	r, err := f.rule(id)
	if err != nil {
		return api.RuleSaved{}, err
	}
	name := switchName(r.ID)
	if r.Disabled == on {
		switch err := os.Remove(filepath.Join(f.switches, name)); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return api.RuleSaved{}, fmt.Errorf("switching rule %s: %w", r.ID, err)
		default:
			if _, err := f.app.ReloadRules(ctx); err != nil {
				return api.RuleSaved{}, err
			}
			if r, err = f.rule(id); err != nil {
				return api.RuleSaved{}, err
			}
		}
	}
	file := ""
	if r.Disabled == on {
		text := detect.Switch{ID: r.ID, Enabled: on}.Text()
		if err := writeWhole(f.switches, name, []byte(text)); err != nil {
			return api.RuleSaved{}, fmt.Errorf("switching rule %s: %w", r.ID, err)
		}
		file = filepath.Join(f.switches, name)
		if _, err := f.app.ReloadRules(ctx); err != nil {
			return api.RuleSaved{}, err
		}
	}
	rules := f.app.detection.content().Rules
	if r = rules.Set.Rule(id); r == nil {
		return api.RuleSaved{}, noRule(id)
	}
	if r.Disabled == on {
		return api.RuleSaved{}, api.Conflict("the rule %s was changed meanwhile", id)
	}
	return api.RuleSaved{Rule: cardOfRule(rules, r, ruleCount{}), File: file, Effective: "now"}, nil
}

// switchName is the file of a switch: any id a rule may have makes a name.
func switchName(id string) string {
	if id = strings.ToLower(id); !ruleID.MatchString(id) {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:16])
	}
	return id + ".yaml"
}
