package mesibo

import (
	"context"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// ask asks the listeners what to do with an incoming call. The caller learns that it rings when they have said so, but
// does not wait for them for long.
func (c *Call) ask() {
	time.AfterFunc(c.calls.times.incoming, func() { c.apply((*callstate.Machine).Rung) })
	c.m.listeners.post(context.Background(), func(ls *snapshot) {
		if !c.isRinging() {
			return // it ended while earlier callbacks ran
		}
		cp := c.GetCallProperties()
		var wanted *CallProperties
		asked := false
		each(ls, func(l CallListener) {
			if wanted == nil {
				profile := *cp.User
				wanted = l.OnIncoming(&profile, cp.Video.Enabled, cp.Waiting)
				asked = true
			}
		})
		switch {
		case wanted != nil:
			c.accepted(ls, wanted)
		case asked:
			c.apply((*callstate.Machine).Hangup)
		default: // no listener is left, or all of them panicked
			c.apply(func(m *callstate.Machine) []callstate.Action { return m.Busy(false) })
		}
	})
}

// accepted lets the call ring here, on the goroutine of the listeners.
func (c *Call) accepted(ls *snapshot, wanted *CallProperties) {
	c.mu.Lock()
	c.cp.adopt(wanted)
	c.source = c.cp.Video.Source
	cp := c.cp
	c.applyLocked((*callstate.Machine).Rung)
	ringing := c.machine.State() == callstate.Incoming
	c.mu.Unlock()
	c.wakeUp()
	if !ringing { // it has ended meanwhile
		return
	}
	shown := false
	each(ls, func(l CallListener) {
		if !shown {
			own := cp.clone()
			shown = l.OnShowUserInterface(c, &own)
		}
	})
	ls.callNotify(CallNotifyIncoming, cp.User, cp.Video.Enabled)
	if cp.AutoAnswer {
		_ = c.Answer(cp.Video.Enabled) // an error: it was hung up meanwhile
	}
}

func (ls *snapshot) callNotify(kind CallNotify, profile *UserProfile, video bool) {
	each(ls, func(l CallListener) {
		own := *profile
		l.OnCallNotify(kind, &own, video)
	})
}
