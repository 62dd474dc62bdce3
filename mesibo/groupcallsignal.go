package mesibo

import (
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// This file sends what happens at this device to the server, one request at a time, repeated until it is answered, and
// takes what the server sends.

const mostGroupChanges = 256 // of the call of a group, that wait to be sent

// send queues a change for a participant, 0 for the call. Under mu.
func (t *meeting) send(to uint32, change *wire.CallChange) {
	t.seq++
	t.out = append(t.out, &wire.CallSignal{GroupId: t.g.groupID, Seq: t.seq, To: to, Change: change})
	if len(t.out) > mostGroupChanges {
		t.out = slices.Delete(t.out, 1, 2)
	}
}

// sendCandidate queues a candidate, together with one that waits. Under mu.
func (t *meeting) sendCandidate(to, connection uint32, candidate string) {
	if last := len(t.out) - 1; last >= 0 && t.out[last].GetSeq() > t.tried && t.out[last].GetTo() == to {
		ch := t.out[last].GetChange()
		if ch.GetStatus() == wire.CallSDP && ch.GetSdp() == "" && ch.GetConnection() == connection &&
			len(ch.GetCandidates()) > 0 && len(ch.GetCandidates()) < wire.MaxCandidates {
			ch.Candidates = append(ch.Candidates, candidate)
			return
		}
	}
	t.send(to, &wire.CallChange{Status: wire.CallSDP, Candidates: []string{candidate}, Connection: connection})
}

// ask asks the server whether this device still takes part. Under mu.
func (t *meeting) ask() {
	if t.id != 0 && !t.ended && len(t.out) == 0 {
		t.send(0, &wire.CallChange{Status: wire.CallInfo})
	}
}

// sendNext sends the next request, if none is on its way.
func (t *meeting) sendNext() {
	t.mu.Lock()
	if t.inFlight || t.gone {
		t.mu.Unlock()
		return
	}
	request := &wire.Request{}
	var answer func(*wire.Response)
	switch {
	case t.join != nil:
		request.Op = &wire.Request_CallJoin{CallJoin: t.join}
		answer = t.joined
	case t.id != 0 && len(t.out) > 0:
		sent := t.out[0]
		sent.CallId, t.tried = t.id, sent.GetSeq()
		request.Op = &wire.Request_CallSignal{CallSignal: sent}
		answer = func(res *wire.Response) { t.acknowledged(sent, res) }
	default:
		t.mu.Unlock()
		return
	}
	t.inFlight = true
	t.mu.Unlock()
	if t.session.Ask(request, answer) {
		return
	}
	t.mu.Lock()
	t.inFlight = false
	t.gone = t.gone || t.ended && !t.session.IsOnline() // the server notices by itself
	t.mu.Unlock()
	if t.session.IsOnline() { // too many requests wait
		time.AfterFunc(t.g.m.calls.times.again, t.wakeUp)
	}
}

// joined is called by the session with the answer to the request to join, nil when the connection has ended.
func (t *meeting) joined(res *wire.Response) {
	defer t.wakeUp()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight = false
	ticket := res.GetTicket()
	switch {
	case res == nil:
		t.gone = t.gone || t.ended
		return // it is repeated when connected
	case res.GetResult() != wire.ResultOK || ticket == nil || !usable(ticket):
		t.g.m.log.Warn("call of a group refused", intAttr("result", res.GetResult()), textAttr("reason", res.GetReason()))
		t.end(CallStatusError)
		return
	case ticket.GetStatus()&wire.CallEnded != 0:
		t.end(CallStatus(ticket.GetStatus()))
		return
	}
	t.join = nil
	t.id, t.own.number = ticket.GetCallId(), ticket.GetNumber()
	if t.ended { // it was left meanwhile
		t.out = nil
		t.send(0, &wire.CallChange{Status: wire.CallComplete})
		return
	}
	t.ticket, t.key = ticket.GetSfu(), ticket.GetSfu().GetKey()
	t.controls, t.removes = ticket.GetControls(), ticket.GetRemoves()
	t.tasks = append(t.tasks, func() { t.tellStatus(CallStatusInProgress) })
	t.take(ticket.GetRoster())
	held := t.held
	t.held = nil
	for _, s := range held {
		t.handle(s)
	}
}

// usable reports whether a ticket keeps the limits of the protocol.
func usable(ticket *wire.CallTicketReply) bool {
	return ticket.GetStatus() <= wire.CallMaxStatus && (ticket.GetStatus()&wire.CallEnded != 0 ||
		ticket.GetCallId() != 0 && ticket.GetNumber() != 0 && wellFormedRoster(ticket.GetRoster()) &&
			wellFormedSFU(ticket.GetSfu()))
}

// acknowledged is called by the session, with nil when the connection has ended.
func (t *meeting) acknowledged(sent *wire.CallSignal, res *wire.Response) {
	defer t.wakeUp()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight = false
	if res == nil {
		t.gone = t.gone || t.ended
		return
	}
	t.out = slices.DeleteFunc(t.out, func(s *wire.CallSignal) bool { return s == sent })
	if res.GetResult() != wire.ResultOK {
		t.g.m.log.Warn("signal of the call of a group refused", intAttr("result", res.GetResult()),
			textAttr("reason", res.GetReason()))
		return
	}
	if res.GetCall().GetStatus() == wire.CallBadID && !t.ended && t.join == nil {
		t.rejoin()
	}
}

// newJoin returns the request to take part.
func (t *meeting) newJoin(ring bool) *wire.CallJoin {
	return &wire.CallJoin{
		GroupId: t.g.groupID, Video: t.cp.Video.Enabled, Ring: ring, Sfu: t.groupEngine != nil,
	}
}

// rejoin joins again, as a new participant. Under mu.
func (t *meeting) rejoin() {
	t.dropOthers(HangupReasonRemote)
	t.id, t.own.number, t.revision, t.seq, t.had, t.tried, t.out, t.held = 0, 0, 0, 0, 0, 0, nil, nil
	t.publishes, t.ticket, t.key = nil, nil, nil
	t.join = t.newJoin(false)
	t.tasks = append(t.tasks, func() { t.tellStatus(CallStatusReconnecting) })
}

// resume is called on a new connection: this device may have been away for too long.
func (t *meeting) resume() {
	t.mu.Lock()
	t.ask()
	t.mu.Unlock()
	t.wakeUp()
}

// signalled takes a signal about the call of the group. It does not block.
func (t *meeting) signalled(s *wire.CallSignalled) {
	defer t.wakeUp()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ended:
	case t.id != 0:
		t.handle(s)
	case len(t.held) < mostHeld:
		t.held = append(t.held, s)
	}
}

// handle handles a signal. Under mu.
func (t *meeting) handle(s *wire.CallSignalled) {
	if s.GetCallId() != t.id {
		return
	}
	if s.GetDevice() == "" {
		switch {
		case len(s.GetRoster().GetParticipants()) == 0:
			t.ask()
		case s.GetRoster().GetRevision() > t.revision:
			t.take(s.GetRoster())
		}
		return
	}
	if s.GetSeq() <= t.had || s.GetTo() != t.own.number {
		return
	}
	t.had = s.GetSeq()
	status := s.GetChange().GetStatus()
	switch {
	case status&wire.CallEnded != 0:
		t.end(CallStatus(status))
	case status == wire.CallUpdate && s.GetFrom() == 0:
		if key := s.GetChange().GetKey(); wellFormedKey(key) {
			t.key = key
		}
	case status == wire.CallMute:
		t.mutedByAdmin(MuteStatus(s.GetChange().GetMute()))
	default:
		i := slices.IndexFunc(t.others, func(p *CallParticipant) bool { return p.number == s.GetFrom() })
		if i >= 0 && len(t.others[i].inbox) < mostTasks {
			t.others[i].inbox = append(t.others[i].inbox, s.GetChange())
		}
	}
}

// mutedByAdmin mutes what a participant with the right wants muted. Under mu.
func (t *meeting) mutedByAdmin(bits MuteStatus) {
	bits &= MuteStatusAudio | MuteStatusVideo
	if bits&^t.own.muted == 0 {
		return
	}
	t.own.muted |= bits
	t.own.byAdmin = true
}
