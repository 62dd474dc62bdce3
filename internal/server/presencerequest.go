package server

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// How often one connection may say what its user is doing, and one user may change the profile.
const (
	activityRate  = 5
	activityBurst = 20
	selfRate      = 1
	selfBurst     = 10
)

// activity tells whoever is connected now.
func (c *conn) activity(id uint64, m *wire.Activity) {
	if m.GetActivity() == 0 {
		c.refuse(id, wire.ResultBadRequest, "the activity is 0")
		return
	}
	if !c.activityLimit().Allow() {
		c.refuse(id, wire.ResultRateLimit, "too many activities")
		return
	}
	where, ok := c.conversation(id, m.GetPeer(), m.GetGroupId())
	if !ok {
		return
	}
	conns, ok := c.activityTargets(id, where)
	if !ok {
		return
	}
	frame := &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{Body: &wire.Signal_Activity{
		Activity: &wire.ActivitySignal{
			From: c.dev.address, GroupId: where.gid, Activity: m.GetActivity(), Time: uint64(time.Now().UnixMilli()),
		},
	}}}}
	for _, to := range conns {
		if to.roomy() { // it is not worth losing a slow connection for
			to.enqueue(frame)
			to.kick()
		}
	}
	c.done(id)
}

// roomy tells whether little waits to be written.
func (c *conn) roomy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.outbox) < maxOutbox/4
}

// activityLimit bounds what the connection makes others be told.
func (c *conn) activityLimit() *rate.Limiter {
	if c.activities == nil {
		c.activities = rate.NewLimiter(activityRate, activityBurst)
	}
	return c.activities
}

// activityTargets finds out who is told; when ok is false the request has been answered.
func (c *conn) activityTargets(id uint64, where conversation) (conns []*conn, ok bool) {
	if where.gid == 0 {
		if where.peer.uid == c.dev.uid || c.s.blocks.either(where.peer.uid, c.dev.uid) {
			return nil, true
		}
		return c.s.hub.connsOf(where.peer.uid), true
	}
	g, err := c.s.groups.find(where.gid)
	switch {
	case err != nil:
		c.broken(err)
		return nil, false
	case g == nil || g.deleted:
		c.refuse(id, wire.ResultNoSuchUser, errNoGroup.Error())
		return nil, false
	case !g.maySpeak(c.dev.uid):
		c.refuse(id, wire.ResultDenied, "you may not send to the group")
		return nil, false
	}
	return c.s.hub.connsOfGroup(g, c.dev.uid), true
}

// watch replaces what this connection wants to know about others.
func (c *conn) watch(id uint64, m *wire.Watch) {
	if len(m.GetAddresses()) > wire.MaxWatch {
		c.refuse(id, wire.ResultBadRequest, fmt.Sprintf("more than %d users are watched", wire.MaxWatch))
		return
	}
	c.pause(c.activityLimit().Reserve().Delay())
	users, _, err := c.s.directory.findAll(m.GetAddresses())
	var list []*wire.Presence
	if err == nil {
		c.s.lookups.do(func(ctx context.Context) { list, err = c.s.presence.watch(ctx, c, users) })
	}
	if err != nil {
		c.broken(err)
		return
	}
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_Watch{Watch: &wire.WatchReply{Presences: list}}})
	c.kick()
}

// setPresence says whether somebody is at this device.
func (c *conn) setPresence(id uint64, foreground bool) {
	c.pause(c.activityLimit().Reserve().Delay())
	before, after := c.member.Load().setForeground(c, foreground)
	switch {
	case !before && after:
		c.s.presence.came(c.dev.uid)
	case before && !after:
		c.s.presence.left(c.dev.uid, false)
	}
	c.done(id)
}

// presenceSoon has the presence of a user sent. Several changes before that count as one.
func (c *conn) presenceSoon(uid uint32) {
	c.mu.Lock()
	if c.presenceDue == nil {
		c.presenceDue = make(map[uint32]struct{})
	}
	c.presenceDue[uid] = struct{}{}
	c.mu.Unlock()
	c.kick()
}

func (c *conn) writePresences() error {
	c.mu.Lock()
	due := c.presenceDue
	c.presenceDue = nil
	c.mu.Unlock()
	for uid := range due {
		state, _ := c.s.presence.state(uid, c)
		if state == nil {
			continue // it is watched no more
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

func (c *conn) setWatching(users []party) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range users {
		c.watching = append(c.watching, u.uid)
	}
}

// takeWatching returns and forgets whom the connection watches.
func (c *conn) takeWatching() []uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	uids := c.watching
	c.watching = nil
	return uids
}

// setForeground notes whether somebody is at a device, and tells whether somebody was and is at any of the user's.
func (m *member) setForeground(c *conn, foreground bool) (before, after bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before = m.foreground > 0
	if c.foreground != foreground {
		c.foreground = foreground
		if foreground {
			m.foreground++
		} else {
			m.foreground--
		}
	}
	return before, m.foreground > 0
}

// present tells whether somebody is at one of a user's devices.
func (h *hub) present(uid uint32) bool {
	m := h.find(uid)
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.foreground > 0
}

// mayChangeSelf takes one change of the profile from the user's allowance.
func (m *member) mayChangeSelf(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.selfs == nil {
		m.selfs = rate.NewLimiter(selfRate, selfBurst)
	}
	return m.selfs.AllowN(now, 1)
}
