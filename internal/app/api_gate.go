package app

import (
	"context"
	"sync"
)

// gate lets a bounded number of queries run at once. Those who wait are served in turns: one of
// each asker, then the next of each, so that a page of fifty panels does not hold up a person
// with one question.
type gate struct {
	mu    sync.Mutex
	free  int
	turns []string                   // askers that wait, in the order of their turns
	lines map[string][]chan struct{} // who waits, by asker
}

func newGate(n int) *gate { return &gate{free: max(1, n), lines: map[string][]chan struct{}{}} }

// enter waits for a place; leave gives it back. The error is that of the context.
func (g *gate) enter(ctx context.Context, asker string) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	if g.free > 0 {
		g.free--
		g.mu.Unlock()
		return g.leave, nil
	}
	turn := make(chan struct{})
	if len(g.lines[asker]) == 0 {
		g.turns = append(g.turns, asker)
	}
	g.lines[asker] = append(g.lines[asker], turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return g.leave, nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-turn: // it came between
		g.next()
	default:
		g.drop(asker, turn)
	}
	return nil, ctx.Err()
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next()
}

// next hands a place that is free on; the lock is held.
func (g *gate) next() {
	if len(g.turns) == 0 {
		g.free++
		return
	}
	asker := g.turns[0]
	g.turns = g.turns[1:]
	line := g.lines[asker]
	close(line[0])
	if line = line[1:]; len(line) > 0 {
		g.lines[asker] = line
		g.turns = append(g.turns, asker)
	} else {
		delete(g.lines, asker)
	}
}

// drop takes one who gave up out of the line; the lock is held.
func (g *gate) drop(asker string, turn chan struct{}) {
	line := g.lines[asker]
	for i, t := range line {
		if t == turn {
			line = append(line[:i:i], line[i+1:]...)
			break
		}
	}
	if len(line) > 0 {
		g.lines[asker] = line
		return
	}
	delete(g.lines, asker)
	for i, t := range g.turns {
		if t == asker {
			g.turns = append(g.turns[:i:i], g.turns[i+1:]...)
			break
		}
	}
}
