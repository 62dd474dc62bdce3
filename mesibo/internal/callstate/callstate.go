// Package callstate is the state of one call at one device: what happens next when a signal arrives, the user does
// something, or the media connection changes. It has no clock and does nothing itself; its methods return what is to
// be done, in order.
package callstate

import "github.com/parley-chat/parley/internal/wire"

// Statuses of calls that only devices have: the reference's CALLSTATUS_* numbers.
const (
	StatusConnected    = 0x30
	StatusReconnecting = 0x32
	StatusNetworkError = 0x62
)

// State is how far a call is.
type State int

// The states.
const (
	New          State = iota
	Starting           // the caller has asked the server
	Calling            // the server knows the call
	Ringing            // a device of the callee rings
	Incoming           // it rings here
	Answering          // this device answers; another one may be first
	Answered           // the media are connecting
	Connected          // they are connected
	Reconnecting       // they are not any more
	Ended
)

// Kind is what is to be done.
type Kind int

// The kinds of actions.
const (
	Start      Kind = iota // make the offer and ask the server to start the call, then call Replied
	Send                   // send Change to the server, then call Acknowledged
	Notify                 // the application gets Status
	MakeAnswer             // make the answer to the offer, then call AnswerMade
	Accept                 // give Change.Sdp, the answer, to the media
	Remote                 // the other party has sent Change
	TakeOver               // the other party is calling: make the answer to its offer instead
	End                    // stop everything; Status says why, ByRemote who ended it
)

// Action is one thing to be done.
type Action struct {
	Kind     Kind
	Status   uint32
	Change   *wire.CallChange
	ByRemote bool
}

// Machine is the state of a call. The zero value is a new call. It is not safe for concurrent use.
type Machine struct {
	state  State
	status uint32 // the newest that the application got
	caller bool
	last   uint32 // number of the newest signal
	hung   bool   // it ended here before the server knew it
	rung   bool   // the server was asked to let the caller know that it rings
	sent   bool   // the answer was sent
	up     bool   // the media are connected
}

// State returns how far the call is.
func (m *Machine) State() State { return m.state }

// Status returns the newest status that the application got, 0 before the first.
func (m *Machine) Status() uint32 { return m.status }

// IsCaller reports whether this device is the caller's, which makes the offers.
func (m *Machine) IsCaller() bool { return m.caller }

// IsLive reports whether the call has been started or rings, and has not ended.
func (m *Machine) IsLive() bool { return m.state != New && m.state != Ended }

// IsAnswered reports whether the callee has answered and the call has not ended.
func (m *Machine) IsAnswered() bool {
	return m.state == Answered || m.state == Connected || m.state == Reconnecting
}

// HasSentAnswer reports whether this device has sent the answer to the call of the other party, also after the end.
func (m *Machine) HasSentAnswer() bool { return m.sent }

func (m *Machine) notify(status uint32) Action {
	m.status = status
	return Action{Kind: Notify, Status: status}
}

func (m *Machine) end(status uint32, remote bool) []Action {
	m.state, m.status = Ended, status
	return []Action{{Kind: End, Status: status, ByRemote: remote}}
}

// leave sends a change and ends the call.
func (m *Machine) leave(change *wire.CallChange, status uint32) []Action {
	return append([]Action{send(change)}, m.end(status, false)...)
}

func send(change *wire.CallChange) Action { return Action{Kind: Send, Change: change} }

func sendStatus(status uint32) Action { return send(&wire.CallChange{Status: status}) }

// Dial is the caller's first step.
func (m *Machine) Dial() []Action {
	if m.state != New {
		return nil
	}
	m.state, m.caller = Starting, true
	return []Action{{Kind: Start}}
}

// Replied handles the server's reply to the start.
func (m *Machine) Replied(status uint32) []Action {
	ended := status&wire.CallEnded != 0
	switch {
	case m.hung && !ended && status != wire.CallIncoming:
		m.hung = false
		return []Action{sendStatus(wire.CallCancel)}
	case m.state != Starting:
		return nil
	case ended:
		return m.end(status, true)
	case status == wire.CallIncoming:
		m.state, m.caller = Answering, false
		return []Action{m.notify(wire.CallInProgress), {Kind: TakeOver}}
	}
	m.state = Calling
	actions := []Action{m.notify(wire.CallInProgress)}
	if status == wire.CallRinging {
		m.state = Ringing
		actions = append(actions, m.notify(wire.CallRinging))
	}
	return actions
}

// Arrived is the callee's first step: it rings here.
func (m *Machine) Arrived() []Action {
	if m.state != New {
		return nil
	}
	m.state = Incoming
	return []Action{m.notify(wire.CallIncoming)}
}

// Rung lets the caller know that it rings here.
func (m *Machine) Rung() []Action {
	if m.state != Incoming || m.rung {
		return nil
	}
	m.rung = true
	return []Action{sendStatus(wire.CallRinging)}
}

// Busy is the answer of a device that cannot ring; declined says that the user does not want the call on any device.
func (m *Machine) Busy(declined bool) []Action {
	if m.state != New && m.state != Incoming {
		return nil
	}
	return m.leave(&wire.CallChange{Status: wire.CallBusy, Declined: declined}, wire.CallBusy)
}

// Answer is the user's answer.
func (m *Machine) Answer() []Action {
	if m.state != Incoming {
		return nil
	}
	m.state = Answering
	return []Action{{Kind: MakeAnswer}}
}

// AnswerMade sends the answer.
func (m *Machine) AnswerMade(sdp string, video bool) []Action {
	if m.state != Answering || m.sent {
		return nil
	}
	m.sent = true
	return []Action{send(&wire.CallChange{Status: wire.CallAnswer, Sdp: sdp, Video: video})}
}

// Replaced ends a call that rings here because another object of this device answers it.
func (m *Machine) Replaced() []Action {
	if m.state != Incoming {
		return nil
	}
	return m.end(wire.CallSwitched, false)
}

// Acknowledged handles the server's reply to a change with a status.
func (m *Machine) Acknowledged(sent, status uint32) []Action {
	switch {
	case m.state == Ended:
		return nil
	case status&wire.CallEnded != 0:
		return m.end(status, true)
	case m.state == Answering && sent == wire.CallAnswer && status == wire.CallAnswer:
		return m.answered()
	}
	return nil
}

func (m *Machine) answered() []Action {
	m.state = Answered
	actions := []Action{m.notify(wire.CallAnswer)}
	if m.up {
		m.state = Connected
		actions = append(actions, m.notify(StatusConnected))
	}
	return actions
}

// Signalled handles a signal. seq is its number, 0 for one to all devices. Signals that do not fit are ignored.
func (m *Machine) Signalled(seq uint32, change *wire.CallChange) []Action {
	status := change.GetStatus()
	old := seq != 0 && seq <= m.last
	m.last = max(m.last, seq)
	switch {
	case old, !m.IsLive(), status > wire.CallMaxStatus:
		return nil
	case status == wire.CallSwitched && m.state != Incoming: // this device is the one, or the reply to it says otherwise
		return nil
	case status&wire.CallEnded != 0:
		return m.end(status, true)
	case m.IsAnswered(), m.state == Answering:
		if relayed(status) {
			return []Action{{Kind: Remote, Change: change}}
		}
	case m.caller:
		return m.signalledCaller(status, change)
	}
	return nil
}

// signalledCaller handles a signal to the caller of an unanswered call.
func (m *Machine) signalledCaller(status uint32, change *wire.CallChange) []Action {
	switch {
	case status == wire.CallRinging && m.state == Calling:
		m.state = Ringing
		return []Action{m.notify(wire.CallRinging)}
	case status == wire.CallAnswer && m.state != Starting && change.GetSdp() != "":
		return append([]Action{{Kind: Accept, Change: change}}, m.answered()...)
	}
	return nil
}

// relayed reports whether the server passes changes with a status from one party to the other.
func relayed(status uint32) bool {
	switch status {
	case wire.CallSDP, wire.CallUpdate, wire.CallMute, wire.CallUnmute, wire.CallHold, wire.CallUnhold, wire.CallDTMF:
		return true
	}
	return false
}

// Hangup ends the call for the user.
func (m *Machine) Hangup() []Action {
	switch m.state {
	case New, Ended:
		return nil
	case Starting:
		m.hung = true
		return m.end(wire.CallCancel, false)
	case Calling, Ringing:
		return m.leave(&wire.CallChange{Status: wire.CallCancel}, wire.CallCancel)
	case Incoming:
		return m.Busy(true)
	case Answering:
		if !m.sent {
			return m.leave(&wire.CallChange{Status: wire.CallBusy, Declined: true}, wire.CallBusy)
		}
	case Answered, Connected, Reconnecting:
	}
	return m.leave(&wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
}

// Leave ends the call at this device for good: one that is not answered here goes on ringing at the callee's others.
func (m *Machine) Leave() []Action {
	if m.state == Incoming || m.state == Answering && !m.sent {
		return m.leave(&wire.CallChange{Status: wire.CallBusy}, wire.CallBusy)
	}
	return m.Hangup()
}

// Forgotten ends a call that this device has a part in, but does not know any more.
func (m *Machine) Forgotten() []Action {
	if m.state != New {
		return nil
	}
	return m.leave(&wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
}

// Fail ends the call because of an error at this device. A call that has not been answered here goes on ringing at the
// callee's other devices.
func (m *Machine) Fail(status uint32) []Action {
	switch m.state {
	case New, Ended:
		return nil
	case Starting:
		m.hung = true
		return m.end(status, false)
	case Incoming:
		return m.leave(&wire.CallChange{Status: wire.CallBusy}, status)
	case Answering:
		if !m.sent {
			return m.leave(&wire.CallChange{Status: wire.CallBusy}, status)
		}
	case Calling, Ringing, Answered, Connected, Reconnecting:
	}
	return m.leave(&wire.CallChange{Status: status}, status)
}

// Expired handles that the call has been in its state for too long.
func (m *Machine) Expired() []Action {
	switch m.state {
	case Calling, Ringing:
		return m.leave(&wire.CallChange{Status: wire.CallCancel}, wire.CallNoAnswer)
	case Incoming: // the server has ended it
		return m.end(wire.CallNoAnswer, true)
	case Starting, Answering, Answered, Reconnecting:
		return m.Fail(StatusNetworkError)
	case New, Connected, Ended:
	}
	return nil
}

// MediaUp notes that the media are connected.
func (m *Machine) MediaUp() []Action {
	m.up = true
	switch m.state {
	case Answered, Reconnecting:
		m.state = Connected
		return []Action{m.notify(StatusConnected)}
	case Answering: // the server's reply is still under way
	case New, Starting, Calling, Ringing, Incoming, Connected, Ended:
	}
	return nil
}

// MediaDown notes that the media are not connected any more.
func (m *Machine) MediaDown() []Action {
	m.up = false
	if m.state != Connected {
		return nil
	}
	m.state = Reconnecting
	return []Action{m.notify(StatusReconnecting)}
}

// Resumed is called on a new connection to the server, which may have forgotten what it was not asked to store: it asks
// how the call stands.
func (m *Machine) Resumed() []Action {
	switch m.state {
	case Incoming:
		if m.rung {
			return []Action{sendStatus(wire.CallRinging)}
		}
		return []Action{sendStatus(wire.CallInfo)}
	case Calling, Ringing, Answered, Connected, Reconnecting:
		return []Action{sendStatus(wire.CallInfo)}
	case New, Starting, Answering, Ended: // nothing, or a request that is repeated
	}
	return nil
}
