package gateway

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errNoActivity = refusal.Bad("the activity is 0")
	errActivities = &refusal.Error{Result: wire.ResultRateLimit, Reason: "too many activities in a short time"}
)

// activity signals what the user is doing to the connected users of a chat.
func (c *conn) activity(id uint64, m *wire.Activity) {
	if m.GetActivity() == 0 {
		c.refuse(id, errNoActivity)
		return
	}
	if !c.rates.activities.Allow() {
		c.refuse(id, errActivities)
		return
	}
	where, err := c.chat(m.GetPeer(), m.GetGroupId())
	if err != nil {
		c.refuse(id, err)
		return
	}
	uids, err := c.activityAudience(where)
	if err != nil {
		c.refuse(id, err)
		return
	}
	_, err = c.g.hub.Signal(uids, &wire.Signal{Body: &wire.Signal_Activity{Activity: &wire.ActivitySignal{
		From: c.device.Address, GroupId: where.GID, Activity: m.GetActivity(), Time: uint64(c.g.c.Log.Now().UnixMilli()),
	}}}, true)
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.succeed(id)
}

// activityAudience returns the users who are signaled the user's activity in a chat.
func (c *conn) activityAudience(where eventlog.Chat) ([]uint32, error) {
	if where.GID != 0 {
		return c.g.c.Log.ActivityAudience(c.context(), where.GID, c.device.UID)
	}
	if where.Peer.UID == c.device.UID || c.g.c.Log.EitherBlocks(where.Peer.UID, c.device.UID) {
		return nil, nil
	}
	if stranger, err := c.g.c.Log.IsStranger(c.context(), where.Peer.UID, c.device.UID); stranger || err != nil {
		return nil, err
	}
	return []uint32{where.Peer.UID}, nil
}

// watch replaces the users that this connection watches.
func (c *conn) watch(id uint64, m *wire.Watch) {
	if len(m.GetAddresses()) > wire.MaxWatch {
		c.refuse(id, refusal.Bad("a device can watch at most %d users", wire.MaxWatch))
		return
	}
	c.pause(c.rates.activities.Reserve().Delay())
	users, _, err := c.g.c.Directory.FindAll(c.context(), m.GetAddresses())
	var list []*wire.Presence
	if err == nil {
		c.unwatch()
		c.setWatching(users)
		list, err = c.g.c.Presence.Watch(c.context(), c, users)
	}
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.respondLarge(&wire.Response{Id: id, Payload: &wire.Response_Watch{Watch: &wire.WatchReply{Presences: list}}})
	c.wakeWriter()
}

// setPresence sets whether this device is in the foreground.
func (c *conn) setPresence(id uint64, m *wire.SetPresence) {
	c.pause(c.rates.activities.Reserve().Delay())
	c.setForeground(m.GetForeground(), false)
	c.succeed(id)
}

// setForeground is called by the reading goroutine.
func (c *conn) setForeground(foreground, ending bool) {
	if c.foreground != foreground {
		c.foreground = foreground
		c.g.c.Presence.Foreground(c.device.UID, foreground, ending)
	}
}

// User implements presence.Watcher.
func (c *conn) User() uint32 { return c.device.UID }

// PresenceChanged implements presence.Watcher. Several changes before the next write are sent as one.
func (c *conn) PresenceChanged(uid uint32) {
	c.mu.Lock()
	if c.presenceDue == nil {
		c.presenceDue = make(map[uint32]struct{})
	}
	c.presenceDue[uid] = struct{}{}
	c.mu.Unlock()
	c.wakeWriter()
}

func (c *conn) writePresences() error {
	c.mu.Lock()
	due := c.presenceDue
	c.presenceDue = nil
	c.mu.Unlock()
	for uid := range due {
		state, _ := c.g.c.Presence.State(uid, c)
		if state == nil {
			continue // no longer watched
		}
		b, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{
			Body: &wire.Signal_Presence{Presence: state},
		}}})
		if err != nil {
			return fmt.Errorf("encode frame: %w", err)
		}
		if err := c.writeFrame(b); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) setWatching(users []accounts.UserRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range users {
		c.watching = append(c.watching, u.UID)
	}
}

// unwatch stops watching all users.
func (c *conn) unwatch() {
	c.mu.Lock()
	uids := c.watching
	c.watching = nil
	c.mu.Unlock()
	if len(uids) > 0 {
		c.g.c.Presence.Unwatch(c, uids)
	}
}
