package calls

import (
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Start is a request to call a user.
type Start struct {
	Caller Device
	Peer   *accounts.UserRef // nil: no active user has the address
	Nonce  [wire.NonceSize]byte
	Video  bool
	Offer  string
}

// CheckStart refuses a malformed request.
func CheckStart(m *wire.CallStart) error {
	switch {
	case len(m.GetNonce()) != wire.NonceSize:
		return refusal.Bad("the nonce is not %d bytes long", wire.NonceSize)
	case m.GetPeer() == "" || len(m.GetPeer()) > wire.MaxAddress:
		return refusal.Bad("the address of the callee is empty or longer than %d bytes", wire.MaxAddress)
	case m.GetSdp() == "" || len(m.GetSdp()) > wire.MaxSDP:
		return refusal.Bad("the session description is empty or longer than %d bytes", wire.MaxSDP)
	case hasNUL(m.GetSdp()):
		return errNUL
	}
	return nil
}

// errNUL refuses text that the record cannot store.
var errNUL = refusal.Bad("the session description or a candidate contains a NUL character")

func hasNUL(text string) bool { return strings.ContainsRune(text, 0) }

// Start starts a call, or returns the one that the same request started before. answer is called once, perhaps on the
// log's writer goroutine: with a reply, or with a refusal or a failure of the storage. It must not block or call Calls.
func (cs *Calls) Start(s Start, answer func(*wire.CallReply, error)) {
	cs.mu.Lock()
	existing := cs.existing(&s)
	if existing != nil && existing.opening {
		existing.waiting = append(existing.waiting, func() { cs.Start(s, answer) })
		cs.mu.Unlock()
		return
	}
	reply, err := cs.judge(&s, existing)
	if reply != nil || err != nil {
		cs.mu.Unlock()
		answer(reply, err)
		return
	}
	var end *eventlog.EndCall
	if former := cs.former(&s); former != nil { // a caller rings once at a time at the same user
		end = cs.finish(former, wire.CallCancel, false)
	}
	now := cs.c.Clock()
	c := newCall(eventlog.LiveCall{
		ID: cs.freeID(), Nonce: s.Nonce, Caller: s.Caller.UserRef, Callee: *s.Peer, CallerDevice: s.Caller.ID,
		Video: s.Video, Offer: s.Offer, Started: now.UnixMilli(),
	}, now.Add(cs.c.RingTimeout))
	c.opening = true
	cs.add(c)
	ch := &eventlog.OpenCall{Call: c.LiveCall}
	cs.mu.Unlock()

	if end != nil {
		cs.store(end, func(error) {})
	}
	ch.Done = func(err error) { cs.opened(c, ch.Over, err, answer) }
	if err := cs.c.Log.Submit(ch); err != nil {
		cs.opened(c, false, err, answer)
	}
}

// existing returns the call that a request is about, if there is one: that of the same request, or one from the peer
// that has not been answered. Under mu.
func (cs *Calls) existing(s *Start) (crossing *call) {
	for _, c := range cs.byUser[s.Caller.UID] {
		switch {
		case c.key() == startKey{s.Caller.UID, s.Nonce}:
			return c
		case s.Peer != nil && c.Caller.UID == s.Peer.UID && !c.answered():
			crossing = c
		}
	}
	return crossing
}

// former returns the call that the caller has made to the same user before and that has not been answered, nil if there
// is none. Under mu.
func (cs *Calls) former(s *Start) *call {
	for _, c := range cs.byUser[s.Caller.UID] {
		if c.isCaller(s.Caller.UID) && c.Callee.UID == s.Peer.UID && !c.answered() {
			return c
		}
	}
	return nil
}

// judge returns the reply to a request that starts no call; neither for one that does. Under mu.
func (cs *Calls) judge(s *Start, existing *call) (*wire.CallReply, error) {
	over := cs.started[startKey{s.Caller.UID, s.Nonce}]
	switch {
	case over != nil:
		return &wire.CallReply{CallId: over.id, Status: over.status}, nil
	case existing != nil && existing.isCaller(s.Caller.UID):
		cs.returned(s.Caller, existing)
		return &wire.CallReply{CallId: existing.ID, Status: existing.status()}, nil
	case s.Peer == nil, s.Peer.UID == s.Caller.UID:
		return &wire.CallReply{Status: wire.CallInvalidDest}, nil
	case cs.c.Log.Blocks(s.Peer.UID, s.Caller.UID):
		return &wire.CallReply{Status: wire.CallBlocked}, nil
	case cs.c.Log.Blocks(s.Caller.UID, s.Peer.UID):
		return &wire.CallReply{Status: wire.CallNotAllowed}, nil
	case existing != nil:
		return &wire.CallReply{CallId: existing.ID, Status: wire.CallIncoming, Sdp: existing.Offer}, nil
	}
	calling, _ := cs.count(s.Caller.UID)
	_, ringing := cs.count(s.Peer.UID)
	former := cs.former(s)
	if former != nil { // this one takes its place
		calling, ringing = calling-1, ringing-1
	}
	switch {
	case calling >= maxCalling:
		return nil, errTooMany
	case ringing >= maxRinging, former != nil && (former.opening || former.answering != nil),
		!cs.rings.allow(pair{s.Caller.UID, s.Peer.UID}):
		return &wire.CallReply{Status: wire.CallBusy}, nil
	}
	return nil, nil //nolint:nilnil // the call may start
}

// count returns in how many calls a user is the caller, and how many ring at the user. Under mu.
func (cs *Calls) count(uid uint32) (calling, ringing int) {
	for _, c := range cs.byUser[uid] {
		switch {
		case c.isCaller(uid):
			calling++
		case !c.answered():
			ringing++
		}
	}
	return calling, ringing
}

// opened lets a call ring that is in the record now. over reports that it is not because its request is an old one.
func (cs *Calls) opened(c *call, over bool, err error, answer func(*wire.CallReply, error)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.opening = false
	for _, again := range c.waiting {
		go again() // the writer must not wait for its own queue
	}
	c.waiting = nil
	switch {
	case err != nil:
		cs.remove(c)
		answer(nil, err)
		go cs.drop(c.ID)
		return
	case over:
		cs.remove(c)
		answer(&wire.CallReply{Status: wire.CallBadID}, nil)
		return
	}
	answer(&wire.CallReply{CallId: c.ID, Status: c.status()}, nil) // before a signal that needs the id
	c.caller.away = !cs.isConnected(c.Caller.UID, c.caller.device)
	cs.send(c.Callee.UID, c.ring())
	cs.watch(c, callerGrace)
}

// drop removes a call that could not be opened, and tries again until it succeeds.
func (cs *Calls) drop(id uint64) {
	ch := &eventlog.DropCall{ID: id}
	ch.Done = func(err error) {
		if err != nil {
			time.AfterFunc(retryAfter, func() { cs.drop(id) })
		}
	}
	_ = cs.c.Log.Submit(ch) // an error: the server has stopped
}
