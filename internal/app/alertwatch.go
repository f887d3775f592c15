package app

import (
	"sync"

	"github.com/yagura-siem/yagura/internal/alert"
)

// alertWatchers are told of changes of alerts, whoever made them. The zero value is ready.
type alertWatchers struct {
	mu   sync.Mutex
	next int
	list map[int]func([]alert.Change)
}

// WatchAlerts calls f after every commit that changed alerts, with those whose status changed (none
// when only counts did), and after what people do, with none. f must not block. The returned
// function ends it.
func (a *App) WatchAlerts(f func([]alert.Change)) (end func()) {
	w := &a.watching
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.list == nil {
		w.list = map[int]func([]alert.Change){}
	}
	n := w.next
	w.next++
	w.list[n] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.list, n)
	}
}

func (a *App) alertsChanged(changes []alert.Change) {
	a.watching.mu.Lock()
	defer a.watching.mu.Unlock()
	for _, f := range a.watching.list {
		f(changes)
	}
}
