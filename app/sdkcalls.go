package app

import (
	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
)

// NewCall implements call.Backend.
func (c client) NewCall(address string, video bool) (call.Call, error) { //nolint:ireturn // the SDK's, and tests make others
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
			if kind == mesibo.CallNotifyMissed && profile != nil {
				l.OnMissed(profile.Address, video)
			}
		},
	}
	return func() { c.RemoveListener(listener) }, c.AddListener(listener)
}
