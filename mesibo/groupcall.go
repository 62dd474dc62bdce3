package mesibo

import (
	"errors"
	"sync"
)

// Why a function of calls of groups refuses.
var (
	// ErrGroupCallListen: this user may only listen in the calls of the group.
	ErrGroupCallListen = errors.New("this user may only listen in the calls of the group")
	// ErrGroupCallRight: this user has no right to mute or remove other participants.
	ErrGroupCallRight = errors.New("this user has no right to mute or remove other participants")

	errNoGroup = errors.New("there is no group")
)

// GroupCall is the call of a group, whether this device takes part or not. Where the server has an SFU, and the device
// that starts the call an engine (SetGroupCallEngine), sound and video go through that, encrypted with a key that the
// server gives to those who take part. Otherwise up to four devices take part, each connected with each; every one has
// the sound and the video of the others encoded for it alone. The functions may be called from any goroutine, also from
// listeners, and do not wait.
type GroupCall struct {
	m       *Mesibo // immutable, like groupID
	groupID uint32

	mu      sync.Mutex
	cp      CallProperties
	meeting *meeting // the newest, nil before the first Join
}

// CreateGroupCallProperties makes the properties of a call of a group, for GroupCall.SetCallProperties: with video, or
// of sound alone.
func (m *Mesibo) CreateGroupCallProperties(video bool) *CallProperties {
	return m.CreateCallProperties(video)
}

// GroupCall returns the call of a group; always the same value for the same group. Nothing happens until
// GroupCall.Join. The error is ResultBadRequest when groupID is 0.
func (m *Mesibo) GroupCall(groupID uint32) (*GroupCall, error) {
	if err := m.made(); err != nil {
		return nil, opError("GroupCall", ResultFail, err)
	}
	if groupID == 0 {
		return nil, opError("GroupCall", ResultBadRequest, errNoGroup)
	}
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	g := m.calls.groups[groupID]
	if g == nil {
		g = &GroupCall{m: m, groupID: groupID, cp: CallProperties{Video: VideoProperties{Enabled: true}}}
		m.calls.groups[groupID] = g
	}
	return g, nil
}

// GetActiveGroupCall returns the call of a group in which this device takes part, nil when there is none.
func (m *Mesibo) GetActiveGroupCall() *GroupCall {
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	if m.calls.meeting == nil {
		return nil
	}
	return m.calls.meeting.g
}

// GetGroupID returns the group.
func (g *GroupCall) GetGroupID() uint32 { return g.groupID }

// SetCallProperties sets how this device takes part after the next Join: Video.Enabled, which the call is when this
// device starts it, size, rate and source of the own video, the bitrate of the sound, IceServers and RelayOnly. User
// does not count. Default: video.
func (g *GroupCall) SetCallProperties(cp *CallProperties) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cp = *cp
	g.cp.User = &UserProfile{GroupID: g.groupID}
	g.cp = g.cp.clone()
}

// Join takes part in the call, or starts it when there is none. ring lets it ring at the members who do not take part.
// GroupCallListener.OnGroupCallStatus follows: CallStatusInProgress when this device takes part, or why it does not; l
// may be nil. Joining sends nothing: CreatePublisher does. Errors: ResultFail with ErrCallMedia without devices and
// codecs; ResultReqInProgress with ErrCallBusy when there is another call at this device, or it takes part already;
// ResultDisconnected when not online.
func (g *GroupCall) Join(l GroupCallListener, ring bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := newMeeting(g, l, g.cp, ring)
	if err := g.m.calls.enter(t, g.meeting); err != nil {
		return err
	}
	g.meeting = t
	return nil
}

// Leave ends the part of this device in the call. CallStatusComplete follows, and is the last status.
func (g *GroupCall) Leave() {
	if t := g.current(); t != nil {
		t.finish(CallStatusComplete)
	}
}

// current returns what there is of the newest Join, nil when there was none.
func (g *GroupCall) current() *meeting {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.meeting
}

// CreatePublisher returns the participant that this user is, whose CallParticipant.Call sends sound and video. sid is a
// number of the application's choice by which the others know what is sent. There is one for each Join: later calls
// return the same with another sid. Before Join it returns nil.
func (g *GroupCall) CreatePublisher(sid uint32) *CallParticipant {
	t := g.current()
	if t == nil {
		return nil
	}
	t.mu.Lock()
	t.own.sid = sid
	t.mu.Unlock()
	t.wakeUp()
	return t.own
}

// GetParticipants returns the other participants, in the order in which they joined.
func (g *GroupCall) GetParticipants() []*CallParticipant {
	t := g.current()
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*CallParticipant(nil), t.others...)
}

// Status returns how far the part of this device in the call is, and how it ended; CallStatusNone before the first
// Join.
func (g *GroupCall) Status() CallStatus {
	t := g.current()
	if t == nil {
		return CallStatusNone
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// IsListener reports whether this user may only listen.
func (g *GroupCall) IsListener() bool {
	t := g.current()
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.own.listens
}

// HasAdminPermissions reports whether this user may mute other participants, and whether the user may remove them.
func (g *GroupCall) HasAdminPermissions() (mute, hangup bool) {
	t := g.current()
	if t == nil {
		return false, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.controls, t.removes
}

// enter starts a meeting after the one before of the same group has ended.
func (cs *calls) enter(t *meeting, before *meeting) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	switch {
	case cs.media == nil, cs.engine == nil:
		return opError("Join", ResultFail, ErrCallMedia)
	case len(cs.liveOnes()) > 0, cs.meeting != nil:
		return opError("Join", ResultReqInProgress, ErrCallBusy)
	case cs.run == nil, !cs.m.IsOnline():
		return opError("Join", ResultDisconnected, nil)
	}
	t.session, t.device = cs.run.session, *cs.media
	t.groupEngine, t.endpoint = cs.groupEngine, cs.run.endpoint
	t.join = t.newJoin(t.ring)
	cs.meeting = t
	cs.workers.Add(1)
	go t.work(before) // close waits for it
	return nil
}

// leave forgets a meeting that has ended.
func (cs *calls) leave(t *meeting) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.meeting == t {
		cs.meeting = nil
	}
}
