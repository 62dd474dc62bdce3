package app

import "time"

// KeyNames returns the names of the keys in the keyboard map, in its order.
func KeyNames() (names []string) {
	for _, k := range keyMap() {
		if k.name != "" {
			names = append(names, k.name)
		}
	}
	return names
}

// LoopLimit replaces the time that the toolkit's loop has to return: what then ends the program is received from the
// channel.
func (a *App) LoopLimit() <-chan func() {
	passed := make(chan func(), 1)
	a.ending.after = func(_ time.Duration, f func()) { passed <- f }
	return passed
}

// SetExit sets what ends the process.
func (a *App) SetExit(exit func()) { a.cfg.Exit = exit }
