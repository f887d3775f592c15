package detect

// Switch is a file that turns a rule of another file on or off and says nothing else:
//
//	id: 6c1f1f0e-3f0e-4a51-9d2b-6b8f0a6d3c55
//	yagura:
//	  enabled: false
type Switch struct {
	ID      string // of the rule
	Enabled bool
	Pos     Pos
}

// maxSwitch is the size of the longest file that is looked at as a switch.
const maxSwitch = 4 << 10

// ParseSwitch reads a switch; ok is false when the text is anything else.
func ParseSwitch(src []byte) (s Switch, ok bool) {
	if len(src) > maxSwitch {
		return s, false
	}
	p := newProblems("", src)
	docs := readYAML(src, p)
	if p.errors > 0 || len(docs) != 1 || docs[0].kind != yamlMap || len(docs[0].pairs) != 2 {
		return s, false
	}
	id, own := docs[0].get("id"), docs[0].get("yagura")
	if id == nil || own == nil || id.kind != yamlText && id.kind != yamlNumber || id.text == "" || own.kind != yamlMap || len(own.pairs) != 1 {
		return s, false
	}
	on := own.get("enabled")
	if on == nil || on.kind != yamlBool {
		return s, false
	}
	return Switch{ID: id.text, Enabled: on.text == "true", Pos: id.pos}, true
}

// Text is the file of a switch.
func (s Switch) Text() string {
	state := "false"
	if s.Enabled {
		state = "true"
	}
	return "id: '" + s.ID + "'\nyagura:\n  enabled: " + state + "\n"
}
