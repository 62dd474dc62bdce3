package lock

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/tr"
)

// Dispatcher brings work away from the user interface's goroutine and its result back.
type Dispatcher interface {
	Now() time.Time
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}

const (
	freeTries = 5                // wrong passcodes before there is a pause
	firstWait = 10 * time.Second // of the first pause; each next one is twice as long
	mostWait  = 10 * time.Minute
)

// Model is the state of the screen. Its methods are called on the user interface's goroutine.
type Model struct {
	ui       Dispatcher
	hash     string
	changed  func()
	unlocked func()

	busy    bool
	problem string
	tries   int
	until   time.Time // no passcode is tried before
	tick    func()    // cancels the countdown
}

// NewModel makes the state of a screen that wants the passcode of a hash. changed is called when there is something
// else to show, unlocked after the right passcode.
func NewModel(ui Dispatcher, hash string, changed, unlocked func()) *Model {
	return &Model{ui: ui, hash: hash, changed: changed, unlocked: unlocked}
}

// Busy reports whether a passcode is being tried.
func (m *Model) Busy() bool { return m.busy }

// Problem says why the passcode was not taken; empty for nothing.
func (m *Model) Problem() string { return m.problem }

// Try tries a passcode; it reports whether it will be tried.
func (m *Model) Try(passcode string) bool {
	if m.busy || passcode == "" || m.ui.Now().Before(m.until) {
		return false
	}
	m.busy, m.problem = true, ""
	m.changed()
	var ok bool
	var err error
	m.ui.Async(func(context.Context) { ok, err = Matches(m.hash, passcode) }, func() {
		m.busy = false
		switch {
		case err != nil:
			m.problem = tr.L("The stored passcode is damaged.")
			m.changed()
		case ok:
			m.unlocked()
		default:
			m.wrong()
		}
	})
	return true
}

func (m *Model) wrong() {
	m.tries++
	m.problem = tr.L("This is not the passcode.")
	if m.tries >= freeTries {
		m.until = m.ui.Now().Add(min(mostWait, firstWait<<min(m.tries-freeTries, 8)))
		m.countDown()
	}
	m.changed()
}

// countDown says how long there is to wait.
func (m *Model) countDown() {
	left := m.until.Sub(m.ui.Now())
	if left <= 0 {
		m.problem = ""
		return
	}
	m.problem = tr.N("This is not the passcode. Try again in {{.N}} s.", "This is not the passcode. Try again in {{.N}} s.",
		int((left + time.Second - 1).Seconds()))
	m.tick = m.ui.After(time.Second, func() {
		m.countDown()
		m.changed()
	})
}

// Close stops the countdown.
func (m *Model) Close() {
	if m.tick != nil {
		m.tick()
	}
}
