package mesibo

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// This file sends what happens to a call here to the server: one request at a time, repeated until it is answered.

// begin lets the call be started with an offer.
func (c *Call) begin(offer string) {
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce) // never fails
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.machine.IsLive() {
		return
	}
	c.start = &wire.CallStart{Nonce: nonce, Peer: c.peer, Video: c.cp.Video.Enabled, Sdp: offer}
	c.describe()
}

// describe notes that the session description is among what is sent, so that candidates may follow. Under mu.
func (c *Call) describe() {
	c.described = true
	for _, candidate := range c.candidates {
		c.sendCandidate(candidate)
	}
	c.candidates = nil
}

// candidate sends a candidate of the media, after the session description.
func (c *Call) candidate(candidate string) {
	switch {
	case c.described:
		c.sendCandidate(candidate)
	case len(c.candidates) < wire.MaxCandidates:
		c.candidates = append(c.candidates, candidate)
	}
}

// sendCandidate sends a candidate, together with one that waits. Under mu.
func (c *Call) sendCandidate(candidate string) {
	if last := len(c.out) - 1; last >= 0 && c.out[last].GetSeq() > c.tried {
		ch := c.out[last].GetChange()
		if ch.GetStatus() == wire.CallSDP && ch.GetSdp() == "" && len(ch.GetCandidates()) > 0 &&
			len(ch.GetCandidates()) < wire.MaxCandidates {
			ch.Candidates = append(ch.Candidates, candidate)
			return
		}
	}
	c.send(&wire.CallChange{Status: wire.CallSDP, Candidates: []string{candidate}})
}

// send queues a change. Of too many the oldest for the other party is dropped. Under mu.
func (c *Call) send(change *wire.CallChange) {
	c.seq++
	c.out = append(c.out, &wire.CallSignal{Seq: c.seq, Change: change})
	if len(c.out) <= mostChanges {
		return
	}
	oldest := slices.IndexFunc(c.out, func(s *wire.CallSignal) bool {
		status := s.GetChange().GetStatus()
		return s.GetSeq() > c.tried && status != wire.CallAnswer && status&wire.CallEnded == 0
	})
	if oldest >= 0 {
		c.out = slices.Delete(c.out, oldest, oldest+1)
	}
}

// trim drops what does not matter after the end. A start whose reply will not come is not repeated: the server cancels
// what came of it. Under mu.
func (c *Call) trim() {
	flying := c.inFlight && c.start == nil
	c.out = slices.DeleteFunc(c.out, func(s *wire.CallSignal) bool {
		kept := flying || s.GetChange().GetStatus()&wire.CallEnded != 0
		flying = false
		return !kept
	})
	if !c.inFlight {
		c.start = nil
	}
}

// sendNext sends the next request, if none is on its way.
func (c *Call) sendNext() {
	c.mu.Lock()
	if c.inFlight || c.gone {
		c.mu.Unlock()
		return
	}
	request := &wire.Request{}
	var answer func(*wire.Response)
	switch {
	case c.start != nil:
		request.Op = &wire.Request_CallStart{CallStart: c.start}
		answer = c.startAnswered
	case c.id != 0 && len(c.out) > 0:
		sent := c.out[0]
		sent.CallId, c.tried = c.id, sent.GetSeq()
		request.Op = &wire.Request_CallSignal{CallSignal: sent}
		answer = func(res *wire.Response) { c.signalAnswered(sent, res) }
	default:
		c.mu.Unlock()
		return
	}
	c.inFlight = true
	c.mu.Unlock()
	if c.session.Ask(request, answer) {
		return
	}
	c.mu.Lock()
	c.inFlight = false
	c.mu.Unlock()
	if c.session.IsOnline() { // too many requests wait
		time.AfterFunc(c.calls.times.again, c.wakeUp)
	}
}

// startAnswered is called by the session, with nil when the connection has ended.
func (c *Call) startAnswered(res *wire.Response) {
	c.mu.Lock()
	c.inFlight = false
	if res == nil && !c.machine.IsLive() {
		c.trim()
	}
	waiting := c.start != nil
	c.mu.Unlock()
	if res == nil || !waiting {
		c.wakeUp()
		return // nil: it is repeated when connected
	}
	reply := res.GetCall()
	if res.GetResult() != wire.ResultOK || reply == nil {
		c.m.log.Warn("call refused", intAttr("result", res.GetResult()), textAttr("reason", res.GetReason()))
		reply = &wire.CallReply{Status: uint32(CallStatusError)}
		if res.GetResult() == wire.ResultDenied {
			reply.Status = wire.CallNotAllowed
		}
	}
	c.calls.started(c, reply)
}

// replied handles the server's reply to the start. number and offer are those of a call that is taken over. Under mu.
func (c *Call) replied(id uint64, status, number uint32, offer string) {
	c.start, c.id, c.cp.CallID = nil, id, id
	if status == wire.CallIncoming {
		c.crossing, c.seq = offer, max(c.seq, number)
		c.out, c.candidates, c.described = nil, nil, false
	}
	c.applyLocked(func(m *callstate.Machine) []callstate.Action { return m.Replied(status) })
	if id == 0 {
		c.out = nil
	}
}

// replace ends a call that rings here because another one answers it; false when it has been answered. It raises number
// to the newest that the call has used.
func (c *Call) replace(number *uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.applyLocked((*callstate.Machine).Replaced)
	*number = max(*number, c.seq)
	defer c.wakeUp()
	return !c.machine.IsLive() && !c.machine.HasSentAnswer()
}

// signalAnswered is called by the session, with nil when the connection has ended.
func (c *Call) signalAnswered(sent *wire.CallSignal, res *wire.Response) {
	c.mu.Lock()
	c.inFlight = false
	if res != nil {
		c.out = slices.DeleteFunc(c.out, func(s *wire.CallSignal) bool { return s == sent })
		status := res.GetCall().GetStatus()
		if res.GetResult() != wire.ResultOK {
			c.m.log.Warn("signal of a call refused", intAttr("result", res.GetResult()), textAttr("reason", res.GetReason()))
			if sent.GetChange().GetStatus() == wire.CallAnswer {
				status = uint32(CallStatusError)
			}
		}
		c.applyLocked(func(m *callstate.Machine) []callstate.Action {
			return m.Acknowledged(sent.GetChange().GetStatus(), status)
		})
	}
	c.mu.Unlock()
	c.wakeUp()
}

// resume is called on a new connection: the server may have forgotten what is not stored.
func (c *Call) resume() {
	c.mu.Lock()
	if len(c.out) == 0 {
		c.applyLocked((*callstate.Machine).Resumed)
	}
	if c.machine.IsAnswered() {
		if c.restart != "" && !slices.ContainsFunc(c.out, func(s *wire.CallSignal) bool {
			return s.GetChange().GetSdp() == c.restart
		}) {
			c.send(&wire.CallChange{Status: wire.CallSDP, Sdp: c.restart})
		}
		if c.synced {
			c.sendMuted(true)
		}
	}
	c.mu.Unlock()
	c.wakeUp()
}

// mayMean reports whether a signal about an unknown call may be about this one, whose id the server has not replied
// yet.
func (c *Call) mayMean(s *wire.CallSignalled) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (c.start != nil || c.machine.State() == callstate.Starting) && strings.EqualFold(c.peer, s.GetPeer())
}

// number returns the id of the call and the number of its newest signal.
func (c *Call) number() (id uint64, seq uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id, c.seq
}

// signalled takes a signal about the call.
func (c *Call) signalled(s *wire.CallSignalled) {
	seq := s.GetSeq()
	if s.GetDevice() == "" {
		seq = 0
	}
	c.apply(func(m *callstate.Machine) []callstate.Action { return m.Signalled(seq, s.GetChange()) })
}
