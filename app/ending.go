package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// loopLimit is how long the toolkit's loop may take to return after it was asked to.
const loopLimit = 5 * time.Second

// ending is the end of the program.
type ending struct {
	after func(time.Duration, func()) // calls a function on another goroutine, after a while
	once  sync.Once
	left  atomic.Bool // the loop has returned
}

// Terminating is called when the system has asked the program to end, which the toolkit does by itself. It may be
// called from any goroutine.
func (a *App) Terminating() { a.watchLoop() }

// stopLoop ends the toolkit's loop.
func (a *App) stopLoop() {
	a.watchLoop()
	a.cfg.FyneApp.Quit()
}

// watchLoop ends the program without the toolkit's loop when that does not return. Fyne waits for ever for an event
// that was queued just when its loop ended.
func (a *App) watchLoop() {
	if a.cfg.Exit == nil {
		return
	}
	a.ending.after(loopLimit, func() {
		if !a.ending.left.Load() {
			a.cfg.Logger.Warn("the window's loop has not returned")
			a.end()
			a.cfg.Exit()
		}
	})
}

// end closes all that is open, after the toolkit's loop. From now on nothing may be posted, because the goroutine for
// that has ended. Nor is there a window any more.
func (a *App) end() {
	a.ending.once.Do(func() {
		a.cfg.UI.Close()
		a.windowless = true
		for _, h := range a.homes() { // the system ended the loop
			h.close()
			a.closeSession(context.Background(), h)
		}
	})
}
