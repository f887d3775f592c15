//go:build race

package app

// raced: the race detector is on, which multiplies memory.
const raced = true
