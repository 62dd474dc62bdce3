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

// SetLoopLimit sets how long the toolkit's loop may take to return.
func (a *App) SetLoopLimit(d time.Duration) { a.ending.limit = d }

// SetExit sets what ends the process.
func (a *App) SetExit(exit func()) { a.cfg.Exit = exit }
