package app

import (
	"errors"

	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
)

// NewCall implements call.Backend.
//
//nolint:ireturn // the SDK's, and tests make others
func (c client) NewCall(address string, video bool) (call.Call, error) {
	cp := c.CreateCallProperties(video)
	cp.User = &mesibo.UserProfile{Address: address}
	made, err := c.Call(cp)
	if err != nil {
		return nil, err
	}
	return made, nil
}

// ReadCalls implements call.Backend.
func (c client) ReadCalls(count int) ([]call.Record, error) {
	var list []call.Record
	s := c.NewReadDbSession("", 0, "", collect(func(m *mesibo.Message) { list = append(list, call.NewRecord(m)) }))
	defer s.Stop()
	s.EnableMessages(false)
	s.EnableCalls(true)
	_, err := s.Read(count)
	return list, err
}

// ListenCalls implements call.Backend. Calls that ring during another one are shown, too.
func (c client) ListenCalls(l call.Listener) (stop func(), err error) {
	c.EnableCallWaiting(true)
	listener := &mesibo.CallFuncs{
		Incoming: func(_ *mesibo.UserProfile, video, _ bool) *mesibo.CallProperties {
			return c.CreateCallProperties(video)
		},
		ShowUserInterface: func(made *mesibo.Call, _ *mesibo.CallProperties) bool {
			l.OnRing(made)
			return true
		},
		Notify: func(kind mesibo.CallNotify, profile *mesibo.UserProfile, video bool) {
			switch {
			case kind != mesibo.CallNotifyMissed || profile == nil:
			case profile.GroupID != 0:
				l.OnGroupMissed(profile.GroupID, video)
			default:
				l.OnMissed(profile.Address, video)
			}
		},
	}
	groups := &mesibo.GroupCallFuncs{State: l.OnGroup}
	stop = func() {
		c.RemoveListener(listener)
		c.RemoveListener(groups)
	}
	return stop, errors.Join(c.AddListener(listener), c.AddListener(groups))
}

// CanCall implements call.Backend.
func (c client) CanCall(groupID uint32) bool {
	p := c.GetGroupProfile(groupID)
	settings, own, known := p.Settings()
	switch flags := settings.Flags; {
	case !known, !p.IsMember(), flags&mesibo.GroupFlagSubBySelected != 0 && own.Flags&mesibo.MemberFlagSubscribe == 0:
		return false
	case flags&mesibo.GroupFlagPubByAnyone != 0:
		return true
	case flags&mesibo.GroupFlagPubBySelected != 0:
		return own.Flags&mesibo.MemberFlagPublish != 0
	}
	return p.CanSend()
}

// GroupCall implements call.Backend.
func (c client) GroupCall(groupID uint32) (call.GroupCall, error) { //nolint:ireturn // the SDK's, and tests make others
	g, err := c.Mesibo.GroupCall(groupID)
	if err != nil {
		return nil, err
	}
	return groupCall{GroupCall: g, m: c.Mesibo}, nil
}

// groupCall is the call of a group with the interfaces of package call.
type groupCall struct {
	*mesibo.GroupCall

	m *mesibo.Mesibo
}

// Join implements call.GroupCall.
func (g groupCall) Join(l call.GroupListener, video, ring bool) error {
	g.SetCallProperties(g.m.CreateGroupCallProperties(video))
	return g.GroupCall.Join(&mesibo.GroupCallFuncs{
		Publisher: func(p *mesibo.CallParticipant, joined bool) { l.Publisher(p, joined) },
		Status:    l.Status,
		Problem:   l.Problem,
	}, ring)
}

// Own implements call.GroupCall.
func (g groupCall) Own() call.Participant { return g.CreatePublisher(0) } //nolint:ireturn // as Others

// Others implements call.GroupCall.
func (g groupCall) Others() []call.Participant {
	var list []call.Participant
	for _, p := range g.GetParticipants() {
		list = append(list, p)
	}
	return list
}
