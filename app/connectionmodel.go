package app

import (
	"errors"
	"math"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

const (
	troubleAfter  = 2 * time.Second // trouble shorter than this shows no banner
	recoveredWait = time.Second     // how long the banner stays after the trouble
)

// connectionBackend is what the connection's model needs of the SDK.
type connectionBackend interface {
	GetConnectionStatus() mesibo.ConnectionStatus
	GetSuspension() *mesibo.Suspension
	GetConnectionError() error
	RetryAt() time.Time
	OutboxCount() int
	Reconnect()
}

// clock is the part of the dispatcher that models use.
type clock interface {
	Now() time.Time
	After(delay time.Duration, f func()) (cancel func())
}

// health is the state of the connection.
type health int

const (
	healthy health = iota // connected
	connecting
	troubled  // not connected; it tries again
	suspended // not connected; the server keeps this user out
	signedOut // not connected; it does not try again
	broken    // the session could not be started
)

// connectionModel turns the connection's status into text: a line under the chat list, always, and a banner above the
// messages when something is wrong for more than a moment. Its methods are called on the user interface's goroutine.
type connectionModel struct {
	backend connectionBackend
	clock   clock
	server  string // the server's name for the user
	changed func()

	status     mesibo.ConnectionStatus
	suspension *mesibo.Suspension // until it is online again
	out        bool               // signed out or refused, until it is online again
	failed     bool               // the session could not even start to connect
	showBanner bool
	wait       func() // cancels the change of showBanner that is due
	tick       func() // cancels the countdown
}

func newConnectionModel(backend connectionBackend, clock clock, server string, changed func()) *connectionModel {
	m := &connectionModel{backend: backend, clock: clock, server: server, changed: changed}
	m.Status(backend.GetConnectionStatus())
	return m
}

// Status applies a new status of the connection.
func (m *connectionModel) Status(status mesibo.ConnectionStatus) {
	m.status = status
	switch status {
	case mesibo.StatusSignOut, mesibo.StatusAuthFail:
		m.out = true
	case mesibo.StatusSuspended:
		m.suspension = m.backend.GetSuspension()
	case mesibo.StatusOnline:
		m.out, m.suspension = false, nil
	default:
	}
	m.schedule()
	m.countDown()
	m.changed()
}

// Fail is called when the session could not be started: it does not try again.
func (m *connectionModel) Fail() {
	m.failed, m.showBanner = true, true
	m.cancelWait()
	m.changed()
}

// schedule shows the banner after a while of trouble, and hides it soon after the trouble ended.
func (m *connectionModel) schedule() {
	want := m.health() != healthy
	if h := m.health(); h == suspended || h == signedOut || h == broken {
		m.cancelWait()
		m.showBanner = true
		return
	}
	if want == m.showBanner {
		m.cancelWait()
		return
	}
	if m.wait != nil {
		return
	}
	delay := recoveredWait
	if want {
		delay = troubleAfter
	}
	m.wait = m.clock.After(delay, func() {
		m.wait = nil
		m.showBanner = want
		m.changed()
	})
}

func (m *connectionModel) cancelWait() {
	if m.wait != nil {
		m.wait()
		m.wait = nil
	}
}

// countDown refreshes the text each time the seconds until the next attempt change.
func (m *connectionModel) countDown() {
	if m.tick != nil {
		m.tick()
		m.tick = nil
	}
	left := m.untilRetry()
	if left <= 0 || m.health() != troubled {
		return
	}
	next := left % time.Second
	if next == 0 {
		next = time.Second
	}
	m.tick = m.clock.After(next, func() {
		m.tick = nil
		m.changed()
		m.countDown()
	})
}

// Close stops the timers.
func (m *connectionModel) Close() {
	m.cancelWait()
	if m.tick != nil {
		m.tick()
		m.tick = nil
	}
}

// Retry connects now.
func (m *connectionModel) Retry() { m.backend.Reconnect() }

func (m *connectionModel) health() health {
	switch {
	case m.failed:
		return broken
	case m.suspension != nil:
		return suspended
	case m.out:
		return signedOut
	case m.status == mesibo.StatusOnline:
		return healthy
	case m.status == mesibo.StatusConnecting, m.status == mesibo.StatusUnknown:
		return connecting
	default:
		return troubled
	}
}

func (m *connectionModel) untilRetry() time.Duration {
	at := m.backend.RetryAt()
	if at.IsZero() {
		return 0
	}
	return at.Sub(m.clock.Now())
}

// seconds are those until the next attempt, rounded up; 0 when it is due or none is planned.
func (m *connectionModel) seconds() int {
	return max(0, int(math.Ceil(m.untilRetry().Seconds())))
}

// FooterWords are the line under the chat list.
func (m *connectionModel) FooterWords() string {
	h := m.health()
	waiting := 0
	if h == connecting || h == troubled {
		waiting = m.backend.OutboxCount()
	}
	switch {
	case h == suspended:
		return tr.L("Suspended")
	case h == signedOut:
		return tr.L("Signed out")
	case h == broken:
		return tr.L("Not connected")
	case h == healthy:
		return tr.L("Connected")
	case waiting > 0 && (h == troubled || m.showBanner):
		return tr.N("Offline · {{.N}} waiting", "Offline · {{.N}} waiting", waiting)
	case h == connecting:
		return tr.L("Connecting…")
	case m.status == mesibo.StatusNoNetwork:
		return tr.L("No network")
	case m.seconds() > 0:
		return tr.L("Reconnecting in {{.Seconds}} s", "Seconds", m.seconds())
	default:
		return tr.L("Reconnecting…")
	}
}

// certificateWords say what to do about a server with an unknown certificate.
func certificateWords() string {
	return tr.L("The server does not prove who it is: its certificate is another one. Ask who runs it for its address, and " +
		"enter it under Settings, Account, Server address.")
}

// CanRetry reports whether "Retry" makes sense.
func (m *connectionModel) CanRetry() bool {
	return m.health() == troubled && m.status != mesibo.StatusNoNetwork
}

// BannerWords are the line above the messages, empty for no banner.
func (m *connectionModel) BannerWords() string {
	if !m.showBanner {
		return ""
	}
	switch m.health() {
	case healthy: // for the moment before it is hidden
		return tr.L("Connected again.")
	case suspended:
		return format.Suspension(m.suspension)
	case signedOut:
		return tr.L("You were signed out on this device. You can read what is here.")
	case broken:
		return tr.L("Your account could not be connected. You can read and write; to try again, quit and start again.")
	default:
	}
	if m.health() == troubled && errors.Is(m.backend.GetConnectionError(), mesibo.ErrCertificate) {
		return certificateWords()
	}
	words := ""
	switch {
	case m.status == mesibo.StatusNoNetwork:
		words = tr.X("No network. You can read and write", "goes on")
	case m.seconds() > 0 && m.health() == troubled:
		words = tr.X("Can't reach {{.Server}}. Retrying in {{.Seconds}} s", "goes on",
			"Server", m.server, "Seconds", m.seconds())
	default:
		words = tr.X("Can't reach {{.Server}}. Trying now", "goes on", "Server", m.server)
	}
	if n := m.backend.OutboxCount(); n > 0 {
		return tr.N("{{.State}}; {{.N}} message waits.", "{{.State}}; {{.N}} messages wait.", n, "State", words)
	}
	return tr.L("{{.State}}.", "State", words)
}
