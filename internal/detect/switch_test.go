package detect_test

import (
	"strings"
	"testing"

	"github.com/yagura-siem/yagura/internal/detect"
)

func TestSwitch(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		s := detect.Switch{ID: "0e1", Enabled: on}
		got, ok := detect.ParseSwitch([]byte("# why: too loud\n" + s.Text()))
		if !ok || got.ID != s.ID || got.Enabled != on {
			t.Errorf("%q is read as %+v, %t", s.Text(), got, ok)
		}
	}
	for _, text := range []string{
		"", "id: x\n", "id: x\nyagura: {enabled: maybe}\n", "id: x\nyagura: {enabled: false, group_by: [a]}\n", "id: [x]\nyagura: {enabled: false}\n",
		"id: x\nyagura: {enabled: false}\ntitle: y\n", "id: x\nyagura: {enabled: false}\n---\nid: y\nyagura: {enabled: false}\n", "id: ''\nyagura: {enabled: false}\n",
		"id: x\nyagura: {enabled: false}\n" + strings.Repeat("#", 5000),
	} {
		if s, ok := detect.ParseSwitch([]byte(text)); ok {
			t.Errorf("%q is taken for the switch %+v", text, s)
		}
	}
}

func FuzzSwitch(f *testing.F) {
	f.Add([]byte("id: x\nyagura: {enabled: false}\n"))
	f.Add([]byte("id: 1\nyagura:\n  enabled: true"))
	f.Fuzz(func(t *testing.T, src []byte) {
		s, ok := detect.ParseSwitch(src)
		if ok && s.ID == "" {
			t.Error("a switch of no rule")
		}
	})
}
