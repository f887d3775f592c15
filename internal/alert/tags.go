package alert

import (
	"regexp"
	"strings"
)

// Threat is what the tags of a rule say in the terms of MITRE ATT&CK.
type Threat struct {
	Tactics       []string // "Initial Access"
	Techniques    []string // "T1078"
	SubTechniques []string // "T1078.004"
}

var technique = regexp.MustCompile(`^t\d{4}(\.\d{3})?$`)

// tactics by the names that tags use; older rules write underscores.
var tactics = map[string]string{
	"reconnaissance": "Reconnaissance", "resource-development": "Resource Development", "initial-access": "Initial Access",
	"execution": "Execution", "persistence": "Persistence", "privilege-escalation": "Privilege Escalation",
	"defense-evasion": "Defense Evasion", "stealth": "Stealth", "credential-access": "Credential Access", "discovery": "Discovery",
	"lateral-movement": "Lateral Movement", "collection": "Collection", "command-and-control": "Command and Control",
	"exfiltration": "Exfiltration", "impact": "Impact",
}

// ReadThreat reads tags such as attack.initial-access and attack.t1078.004.
func ReadThreat(tags []string) Threat {
	var t Threat
	add := func(list *[]string, v string) {
		for _, have := range *list {
			if have == v {
				return
			}
		}
		*list = append(*list, v)
	}
	for _, tag := range tags {
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		if !ok {
			continue
		}
		if technique.MatchString(name) {
			id := strings.ToUpper(name)
			base, _, sub := strings.Cut(id, ".")
			add(&t.Techniques, base)
			if sub {
				add(&t.SubTechniques, id)
			}
			continue
		}
		if tactic, ok := tactics[strings.ReplaceAll(name, "_", "-")]; ok {
			add(&t.Tactics, tactic)
		}
	}
	return t
}
