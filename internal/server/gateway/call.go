package gateway

import (
	"fmt"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var errNoGroupID = refusal.Bad("the group is 0")

var errCalls = &refusal.Error{Result: wire.ResultRateLimit, Reason: "too many calls in a short time"}

// callDevice returns the device of the connection as calls know it.
func (c *conn) callDevice() calls.Device {
	return calls.Device{UserRef: c.device.UserRef, ID: c.device.ID}
}

// callStart calls a user.
func (c *conn) callStart(id uint64, m *wire.CallStart) {
	if err := calls.CheckStart(m); err != nil {
		c.refuse(id, err)
		return
	}
	if !c.rates.calls.Allow() {
		c.refuse(id, errCalls)
		return
	}
	peer, err := c.g.c.Directory.Recipient(c.context(), m.GetPeer())
	if err != nil {
		c.closeStorageError(err)
		return
	}
	if peer != nil {
		stranger, err := c.g.c.Log.IsStranger(c.context(), peer.UID, c.device.UID)
		if stranger || err != nil {
			c.answerCall(id, &wire.CallReply{Status: wire.CallNotAllowed}, err)
			return
		}
	}
	s := calls.Start{Caller: c.callDevice(), Peer: peer, Video: m.GetVideo(), Offer: m.GetSdp()}
	copy(s.Nonce[:], m.GetNonce())
	c.g.c.Calls.Start(s, func(reply *wire.CallReply, err error) { c.answerCall(id, reply, err) })
}

// callSignal handles what happens to a call at this device.
func (c *conn) callSignal(id uint64, m *wire.CallSignal) {
	if err := calls.CheckSignal(m); err != nil {
		c.refuse(id, err)
		return
	}
	if c.callSignals == nil {
		c.callSignals = rate.NewLimiter(callSignalRate, callSignalBurst)
	}
	c.pause(c.callSignals.Reserve().Delay())
	if m.GetGroupId() != 0 {
		reply, err := c.g.c.Groups.Signal(c.callDevice(), m)
		c.answerCall(id, reply, err)
		return
	}
	c.g.c.Calls.Signal(c.callDevice(), m, func(reply *wire.CallReply, err error) { c.answerCall(id, reply, err) })
}

func (c *conn) answerCall(id uint64, reply *wire.CallReply, err error) {
	switch {
	case err == nil:
		c.respond(&wire.Response{Id: id, Payload: &wire.Response_Call{Call: reply}})
		c.wakeWriter()
	case refusal.Of(err) != nil:
		c.refuse(id, err)
	default:
		c.closeStorageFailure()
	}
}

// missedCalls returns the signals of calls that this device has missed. They come before those that have been queued
// since the connection was registered: the device ignores a number that is lower than one it has had.
func (c *conn) missedCalls() (frames []outFrame) {
	add := func(sig *wire.Signal) error {
		raw, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: sig}})
		if err != nil {
			return fmt.Errorf("encode frame: %w", err)
		}
		frames = append(frames, outFrame{raw: raw})
		return nil
	}
	c.g.c.Calls.Connected(c.callDevice(), add)
	c.g.c.Groups.Connected(c.callDevice(), add)
	return frames
}

// leaveCalls notes that the device is gone.
func (c *conn) leaveCalls() {
	c.g.c.Calls.Disconnected(c.callDevice())
	c.mu.Lock()
	forGood := c.bye != nil && c.bye.status == wire.ConnAuthFail
	c.mu.Unlock()
	c.g.c.Groups.Disconnected(c.callDevice(), forGood)
}

// callJoin makes this device take part in the call of a group.
func (c *conn) callJoin(id uint64, m *wire.CallJoin) {
	if m.GetGroupId() == 0 {
		c.refuse(id, errNoGroupID)
		return
	}
	if !c.rates.calls.Allow() {
		c.refuse(id, errCalls)
		return
	}
	c.g.c.Groups.Join(c.context(), calls.Join{
		Device: c.callDevice(), GID: m.GetGroupId(), Video: m.GetVideo(), Ring: m.GetRing(), SFU: m.GetSfu(),
		Members: func() (calls.GroupMembers, error) { return c.g.c.Log.CallMembers(c.context(), m.GetGroupId()) },
	}, func(reply *wire.CallTicketReply, err error) {
		if err != nil {
			c.closeStorageError(err)
			return
		}
		c.respond(&wire.Response{Id: id, Payload: &wire.Response_Ticket{Ticket: reply}})
		c.wakeWriter()
	})
}

// callServers answers with the servers through which calls of the user may go.
func (c *conn) callServers(id uint64) {
	servers := c.g.c.Relay(c.device.UID)
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_CallServers{CallServers: servers}})
	c.wakeWriter()
}
