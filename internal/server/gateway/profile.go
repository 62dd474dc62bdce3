package gateway

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errProfileRate = &refusal.Error{Result: wire.ResultRateLimit, Reason: "the profile was changed too often"}
	errBlockSelf   = refusal.Bad("you cannot block yourself")
	errBlockServer = refusal.Denied(0, "notices of the server cannot be blocked")
	errTime        = refusal.Bad("the time is out of range")
)

// profileSync responds with the profiles, and the user's groups, that changed after a revision.
func (c *conn) profileSync(id uint64, p *wire.ProfileSync) {
	reply, err := c.g.c.Log.Changes(c.context(), c.device.UID, p.GetRevision())
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.rates.owe(float64(len(reply.GetProfiles())+len(reply.GetGroups())) / addressesPerUnit)
	c.respondLarge(&wire.Response{Id: id, Payload: &wire.Response_ProfileSync{ProfileSync: reply}})
	c.wakeWriter()
}

// profileGet responds with the profiles of users whose exact addresses the device knows.
func (c *conn) profileGet(id uint64, m *wire.ProfileGet) {
	if n := len(m.GetAddresses()); n == 0 || n > wire.MaxProfileGet {
		c.refuse(id, refusal.Bad("a request must name between 1 and %d addresses", wire.MaxProfileGet))
		return
	}
	users, _, err := c.g.c.Directory.Recipients(c.context(), m.GetAddresses())
	if err != nil {
		c.refuse(id, err)
		return
	}
	list, err := c.g.c.Log.Profiles(c.context(), c.device.UID, users)
	if err != nil {
		c.refuse(id, err)
		return
	}
	c.respondLarge(&wire.Response{Id: id, Payload: &wire.Response_ProfileGet{
		ProfileGet: &wire.ProfileGetReply{Profiles: list},
	}})
	c.wakeWriter()
}

// ProfileChanged is called after a user's profile has changed on this node.
func (g *Gateway) ProfileChanged(uid uint32) {
	g.c.ProfileChanged(uid)
	g.hub.publish(bus.All, &bus.Frame{Profiles: []uint32{uid}})
}

// announceProfiles notifies the device of a revision. Several before the next write are sent as one.
func (c *conn) announceProfiles(revision uint64) {
	if c.member.Load() == nil {
		return
	}
	c.mu.Lock()
	c.profilesDue = max(c.profilesDue, revision)
	c.mu.Unlock()
	c.wakeWriter()
}

// writeProfiles notifies the device of a revision, unless it is 0.
func (c *conn) writeProfiles(revision uint64) error {
	if revision == 0 {
		return nil
	}
	b, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{
		Body: &wire.Signal_Profile{Profile: &wire.ProfileChange{Revision: revision}},
	}}})
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	return c.writeFrame(b)
}

// setSelf changes the user's own profile.
func (c *conn) setSelf(id uint64, m *wire.SetSelf) {
	update := accounts.ProfileUpdate{
		Name: m.Name, Status: m.Status, PictureURL: m.PictureUrl, Picture: m.Picture, Visibility: m.Visibility,
		GroupAdds: m.GroupAdds,
	}
	if err := update.Check(); err != nil {
		c.refuse(id, err)
		return
	}
	if !c.rates.profileChanges.Allow() {
		c.refuse(id, errProfileRate)
		return
	}
	ch := &eventlog.SetProfile{UID: c.device.UID, By: c.device.UID, Update: update}
	c.submit(ch, &ch.Submission, func() {
		c.respond(responseTo(id, ch.Refused))
		if ch.Refused != nil {
			return
		}
		if ch.Visible {
			c.g.ProfileChanged(c.device.UID)
		}
		c.g.c.Log.ForgetPrivacy()
		if m.Visibility != nil {
			c.g.c.Presence.SetVisibility(c.device.UID, m.GetVisibility())
		}
	})
}

func (c *conn) block(id uint64, m *wire.Block) {
	p, err := c.g.c.Directory.Find(c.context(), m.GetAddress())
	switch {
	case err != nil:
		c.refuse(id, err)
		return
	case p.UID == c.device.UID:
		c.refuse(id, errBlockSelf)
		return
	case p.Address == wire.ServerAddress:
		c.refuse(id, errBlockServer)
		return
	}
	ch := &eventlog.Block{UID: c.device.UID, Other: p.UserRef, Blocked: m.GetBlocked()}
	c.submit(ch, &ch.Submission, func() {
		c.respond(responseTo(id, nil))
		if ch.Changed {
			c.g.c.Presence.NotifyWatchers(c.device.UID)
			c.g.c.Presence.NotifyWatchers(ch.Other.UID)
		}
	})
}

// accept accepts the messages of another user.
func (c *conn) accept(id uint64, m *wire.Accept) {
	p, err := c.g.c.Directory.Find(c.context(), m.GetAddress())
	switch {
	case err != nil:
		c.refuse(id, err)
		return
	case p.UID == c.device.UID:
		c.succeed(id)
		return
	}
	ch := &eventlog.Accept{UID: c.device.UID, Other: p.UserRef}
	c.submit(ch, &ch.Submission, func() { c.respond(responseTo(id, nil)) })
}

func (c *conn) chatSettings(id uint64, m *wire.ChatSettings) {
	where, err := c.chat(m.GetPeer(), m.GetGroupId())
	switch {
	case err != nil:
	case m.GetMutedUntil() > maxMilli:
		err = errTime
	default:
		err = c.knowsGroup(where.GID)
	}
	if err != nil {
		c.refuse(id, err)
		return
	}
	ch := &eventlog.ChatSettings{
		UID: c.device.UID, Where: where, Pinned: m.GetPinned(), Archived: m.GetArchived(),
		MutedUntil: int64(m.GetMutedUntil()), Unread: m.GetUnread(),
	}
	c.submit(ch, &ch.Submission, func() { c.respond(responseTo(id, nil)) })
}

// maxMilli is the latest time in a request, in ms. A chat that is muted until then is muted for good.
const maxMilli = math.MaxInt64
