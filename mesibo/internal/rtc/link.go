package rtc

import (
	"errors"
	"time"
)

const (
	connectMost   = 20 * time.Second // from the exchange of descriptions
	reconnectMost = 60 * time.Second
	restartEvery  = 5 * time.Second // while there is no connection
	restartLeast  = time.Second     // between two, whatever happens
	checkMost     = 2 * time.Second // for another way to the other side, before the connection counts as down
)

var (
	errNotConnected = errors.New("no connection to the other side could be made")
	errLost         = errors.New("the connection to the other side was lost")
	errFlooded      = errors.New("the other side sends too many streams")
)

// linkEvent is what happens to a connection.
type linkEvent int

const (
	linkConnected linkEvent = iota
	linkReconnecting
	linkRestartWanted
	linkNotConnected // for good
	linkLost         // for good
	linkFlooded      // for good
)

type linkState int

const (
	linkNew linkState = iota
	linkConnecting
	linkUp
	linkDown
	linkEnded
)

// link decides from what the connection reports, and from changes of the network, when to connect anew and when to give
// up. It has no clock: times are handed in.
type link struct {
	state   linkState
	since   time.Time // of state
	checks  time.Time // since when another way is looked for while the state is linkUp; zero for not at all
	wanted  time.Time // a restart, the last time
	pending bool      // a restart, when enough time has passed
}

func (l *link) enter(s linkState, now time.Time) { l.state, l.since, l.checks = s, now, time.Time{} }

// exchanged notes that both sides have the other's description.
func (l *link) exchanged(now time.Time) {
	if l.state == linkNew {
		l.enter(linkConnecting, now)
	}
}

// checking notes that another way to the other side is being looked for. It need not be found.
func (l *link) checking(now time.Time) {
	if l.state == linkUp && l.checks.IsZero() {
		l.checks = now
	}
}

// changed notes whether packets get through.
func (l *link) changed(up bool, now time.Time) []linkEvent {
	switch {
	case up && l.state == linkUp:
		l.checks = time.Time{}
	case up && l.state != linkEnded:
		l.enter(linkUp, now)
		l.pending = false
		return []linkEvent{linkConnected}
	case !up && l.state == linkUp:
		l.enter(linkDown, now)
		return append([]linkEvent{linkReconnecting}, l.want(now)...)
	}
	return nil
}

// moved notes that the addresses of this machine have changed: the connection is made anew before it is missed.
func (l *link) moved(now time.Time) []linkEvent {
	if l.state != linkUp && l.state != linkDown {
		return nil
	}
	return l.want(now)
}

// flooded notes that the other side sends more than this one can stand.
func (l *link) flooded(now time.Time) []linkEvent {
	if l.state == linkEnded {
		return nil
	}
	l.enter(linkEnded, now)
	return []linkEvent{linkFlooded}
}

func (l *link) want(now time.Time) []linkEvent {
	if !l.wanted.IsZero() && now.Sub(l.wanted) < restartLeast {
		l.pending = true
		return nil
	}
	l.wanted, l.pending = now, false
	return []linkEvent{linkRestartWanted}
}

// tick is to be called a few times a second.
func (l *link) tick(now time.Time) []linkEvent {
	switch {
	case l.state == linkUp && !l.checks.IsZero() && now.Sub(l.checks) >= checkMost:
		return l.changed(false, now)
	case l.state == linkConnecting && now.Sub(l.since) >= connectMost:
		l.enter(linkEnded, now)
		return []linkEvent{linkNotConnected}
	case l.state == linkDown && now.Sub(l.since) >= reconnectMost:
		l.enter(linkEnded, now)
		return []linkEvent{linkLost}
	case l.state == linkDown && now.Sub(l.wanted) >= restartEvery, l.pending && l.state != linkEnded:
		return l.want(now)
	}
	return nil
}

// err returns the error of an end.
func (e linkEvent) err() error {
	if e == linkNotConnected {
		return errNotConnected
	}
	if e == linkFlooded {
		return errFlooded
	}
	return errLost
}
