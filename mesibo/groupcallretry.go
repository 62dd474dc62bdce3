package mesibo

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/wire"
)

// This file makes a connection with another participant anew that has failed: after other ways to the other side were
// looked for (ICE restarts) both sides make new media, as long as both take part. Each connection has a number, that of
// its offer; what is sent about an earlier one is ignored. The side that does not offer asks for the next one by its
// number. But for fail it is the worker's.

const (
	retryMost = 30 * time.Second // between two connections

	// How many connections the other side can make in a second, and at once.
	renewalRate  = rate.Limit(1)
	renewalBurst = 5
)

// fail notes that the link is of no use any more. Under mu.
func (p *CallParticipant) fail() { p.failed, p.up = true, false }

// failLink lets the link be made anew.
func (t *meeting) failLink(p *CallParticipant) {
	t.mu.Lock()
	p.fail()
	t.mu.Unlock()
	t.wakeUp()
}

// waitToRetry starts the time after which a link is made anew.
func (t *meeting) waitToRetry(p *CallParticipant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := t.g.m.calls.times.linkAgain
	for range p.failures {
		wait = min(2*wait, retryMost)
	}
	p.failures++
	p.waiting = true
	time.AfterFunc(wait, func() {
		t.mu.Lock()
		p.waiting = false
		t.mu.Unlock()
		t.wakeUp()
	})
}

// newestOffer returns the number of the newest offer among changes, 0 if there is none.
func newestOffer(inbox []*wire.CallChange) (connection uint32) {
	for _, change := range inbox {
		if change.GetStatus() == wire.CallSDP && change.GetSdp() != "" {
			connection = max(connection, change.GetConnection())
		}
	}
	return connection
}

// nextLink makes the first link with a participant, or the next one when it is time for it; nil when it is not. newest
// is the newest offer that has come.
func (t *meeting) nextLink(p *CallParticipant, newest uint32) *groupLink {
	t.mu.Lock()
	offers, offered := t.own.number > p.number, newest > p.connection
	waiting, again := p.waiting, p.failures > 0
	t.mu.Unlock()
	if waiting && (offers || !offered) {
		return nil
	}
	l := t.newLink(p, offers)
	if l != nil && again && !offers && !offered {
		t.sendDescription(p, l, "")
	}
	return l
}

// follow makes the link that of an offer of the other side: another one, if it has been used. It returns nil when that
// fails.
func (t *meeting) follow(p *CallParticipant, l *groupLink, connection uint32) *groupLink {
	if l.answers[0] != "" {
		t.closeLink(p)
		if l = t.newLink(p, false); l == nil {
			return nil
		}
	}
	t.mu.Lock()
	p.connection, l.connection = connection, connection
	t.mu.Unlock()
	return l
}
