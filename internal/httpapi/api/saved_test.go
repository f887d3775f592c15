package api

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
)

func TestPageAddress(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"/explore?q=a//b&from=../x": true, "/": true, "/entities/ip/192.0.2.1": true, "/a#b//c": true,
		"": false, "explore": false, "//evil.example": false, "/.//evil.example": false, "/a/..//evil.example": false, "/..": false, "/a/.": false, "/\\evil": false,
		"/\t/evil": false, "https://evil.example": false, "javascript:x": false, "/api/v1/logout": false, "/a\xff": false, "/ x": false,
	} {
		if got := pageAddress(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	a, _ := build(Config{})
	p := a.problemOf(t.Context(), fmt.Errorf("saving /srv/x: %w", syscall.ENOSPC))
	if p.Status != http.StatusInsufficientStorage || p.Type != kind("disk-full") || p.Detail == p.Unwrap().Error() {
		t.Errorf("%+v", p)
	}
}
