package calls

import (
	"log/slog"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errListens = refusal.Denied(wire.GroupErrorPermission, "you may only listen in the calls of this group")
	errControl = refusal.Denied(wire.GroupErrorPermission, "you may not mute or remove others in the calls of this group")
)

// Signal handles what happens at a participant. The reply has the status INPROGRESS while the device takes part.
func (gs *Groups) Signal(d Device, m *wire.CallSignal) (*wire.CallReply, error) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	p := gs.devices[d.key()]
	if p == nil || p.call.id != m.GetCallId() || p.call.gid != m.GetGroupId() {
		return &wire.CallReply{CallId: m.GetCallId(), Status: wire.CallBadID}, nil
	}
	p.back()
	reply := &wire.CallReply{CallId: p.call.id, Status: wire.CallInProgress}
	if m.GetSeq() <= p.seen {
		return reply, nil
	}
	p.seen = m.GetSeq()
	if m.GetTo() != 0 {
		return reply, gs.signalTo(p, m.GetTo(), m.GetChange())
	}
	switch ch := m.GetChange(); {
	case ch.GetStatus()&wire.CallEnded != 0:
		gs.leave(p)
		reply.Status = wire.CallComplete
	case ch.GetStatus() == wire.CallPublish:
		if ch.GetPublishes() && !p.rights.Publish {
			return nil, errListens
		}
		p.publishes, p.video, p.mute, p.sid = ch.GetPublishes(), ch.GetVideo(), ch.GetMute(), ch.GetSid()
		gs.announceInside(p.call)
	}
	return reply, nil
}

// signalTo handles what a participant signals to another. Under mu.
func (gs *Groups) signalTo(p *participant, to uint32, ch *wire.CallChange) error {
	other := p.call.find(to)
	if other == nil { // it has left
		return nil
	}
	switch s := ch.GetStatus(); {
	case s == wire.CallSDP, s == wire.CallUpdate:
		gs.sendTo(other, p.number, ch)
	case s == wire.CallMute && !p.rights.Controls, s&wire.CallEnded != 0 && !p.rights.Removes:
		return errControl
	case s == wire.CallMute:
		gs.sendTo(other, p.number, ch)
	case s&wire.CallEnded != 0:
		p.call.removed[other.user.UID] = struct{}{}
		for _, of := range slices.Clone(p.call.participants) {
			if of.user.UID == other.user.UID {
				gs.remove(of)
			}
		}
		gs.rekey(p.call)
	}
	return nil
}

// Connected sends a device the calls of its groups, and what it has missed as a participant. send must not block.
func (gs *Groups) Connected(d Device, send func(*wire.Signal) error) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	var missed []*wire.CallSignalled
	for _, c := range gs.live {
		_, member := c.members[d.UID]
		switch {
		case !member, len(missed) >= maxStates:
		case gs.ringsAt(c, d.UID, gs.c.Clock()):
			missed = append(missed, c.ring(0))
		default:
			missed = append(missed, c.state())
		}
	}
	if p := gs.devices[d.key()]; p != nil {
		missed = append(missed, p.kept...)
	}
	for _, s := range missed {
		if err := send(&wire.Signal{Body: &wire.Signal_Call{Call: s}}); err != nil {
			gs.c.Logger.Error("signal a call", slog.Any("error", err))
		}
	}
}

// Disconnected notes that a device is gone, unless it has connected again. One that may not come back leaves at once.
func (gs *Groups) Disconnected(d Device, forGood bool) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	p := gs.devices[d.key()]
	switch {
	case p == nil, gs.stopped, gs.c.connected(d):
	case forGood:
		gs.leave(p)
		gs.rekey(p.call)
	case !p.away:
		gs.away(p)
	}
}

// away starts the time after which a disconnected participant leaves. Under mu.
func (gs *Groups) away(p *participant) {
	p.back()
	if gs.stopped {
		return
	}
	p.away = true
	var timer *time.Timer
	timer = time.AfterFunc(groupGrace, func() {
		gs.mu.Lock()
		defer gs.mu.Unlock()
		if p.timer == timer && !gs.stopped { // it has not come back
			gs.leave(p)
		}
	})
	p.timer = timer
}

// connected reports whether a device is connected.
func (c *GroupsConfig) connected(d Device) bool { return slices.Contains(c.Hub.Devices(d.UID), d.ID) }
