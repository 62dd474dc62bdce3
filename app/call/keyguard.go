package call

import "time"

// keysRest is for how long no key must have been pressed in a window that rings before its keys do anything.
const keysRest = time.Second

// keyGuard keeps what a user is typing when it rings from answering the call: its window takes the keyboard, and the
// next key was meant for another one.
type keyGuard struct {
	ui   Dispatcher
	last time.Time // the ring, or the last key that was not for the call; zero when keys work
}

// ring starts to ignore keys.
func (g *keyGuard) ring() { g.last = g.ui.Now() }

// ignores reports whether a key that is pressed now does nothing.
func (g *keyGuard) ignores() bool {
	if g.last.IsZero() {
		return false
	}
	now := g.ui.Now()
	if now.Sub(g.last) >= keysRest {
		g.last = time.Time{}
		return false
	}
	g.last = now
	return true
}
