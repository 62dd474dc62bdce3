package server

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// requestPerson serves a request about other users or oneself; false when it is about something else.
func (c *conn) requestPerson(req *wire.Request) bool {
	id := req.GetId()
	switch op := req.GetOp().(type) {
	case *wire.Request_Activity:
		c.activity(id, op.Activity)
	case *wire.Request_Watch:
		c.watch(id, op.Watch)
	case *wire.Request_SetPresence:
		c.setPresence(id, op.SetPresence.GetForeground())
	case *wire.Request_SetSelf:
		c.setSelf(id, op.SetSelf)
	case *wire.Request_Block:
		c.block(id, op.Block)
	case *wire.Request_ChatSettings:
		c.chatSettings(id, op.ChatSettings)
	case *wire.Request_History:
		c.history(id, op.History)
	default:
		return false
	}
	return true
}

// done answers a request that has nothing to say but that it succeeded.
func (c *conn) done(id uint64) {
	c.respond(&wire.Response{Id: id})
	c.kick()
}

// setSelf changes the user's own profile.
func (c *conn) setSelf(id uint64, m *wire.SetSelf) {
	update := ProfileUpdate{
		Name: m.Name, Status: m.Status, PictureURL: m.PictureUrl, Picture: m.Picture, Visibility: m.Visibility,
	}
	if err := update.check(); err != nil {
		c.refuse(id, wire.ResultBadRequest, err.Error())
		return
	}
	if !c.member.Load().mayChangeSelf(time.Now()) {
		c.refuse(id, wire.ResultRateLimit, "the profile is changed too often")
		return
	}
	var (
		changed bool
		err     error
	)
	c.s.lookups.do(func(ctx context.Context) {
		changed, err = c.s.accounts.updateProfile(ctx, c.dev.uid, c.dev.uid, update)
	})
	if refused, ok := errors.AsType[pictureError](err); ok {
		c.refuse(id, wire.ResultBadRequest, refused.Error())
		return
	}
	if err != nil {
		c.broken(err)
		return
	}
	if changed {
		c.s.refresh()
	}
	if m.Visibility != nil {
		c.s.presence.setVisibility(c.dev.uid, m.GetVisibility())
	}
	c.done(id)
}

func (c *conn) block(id uint64, m *wire.Block) {
	p, err := c.s.directory.find(m.GetAddress())
	switch {
	case errors.Is(err, ErrNoUser):
		c.refuse(id, wire.ResultNoSuchUser, "nobody has this address")
		return
	case err != nil:
		c.broken(err)
		return
	case p.uid == c.dev.uid:
		c.refuse(id, wire.ResultBadRequest, "nobody can block himself")
		return
	}
	c.pause(c.member.Load().reserveSend(time.Now()))
	c.submit(&blockChange{
		own: own{c: c, request: id}, other: p.party, blocked: m.GetBlocked(),
	})
}

func (c *conn) chatSettings(id uint64, m *wire.ChatSettings) {
	where, ok := c.conversation(id, m.GetPeer(), m.GetGroupId())
	if !ok {
		return
	}
	if m.GetMutedUntil() > 1<<62 {
		c.refuse(id, wire.ResultBadRequest, "the time is beyond reckoning")
		return
	}
	if where.gid != 0 {
		g, err := c.s.groups.find(where.gid)
		switch {
		case err != nil:
			c.broken(err)
			return
		case g == nil:
			c.refuse(id, wire.ResultNoSuchUser, errNoGroup.Error())
			return
		}
	}
	c.pause(c.member.Load().reserveSend(time.Now()))
	c.submit(&settingsChange{own: own{c: c, request: id}, where: where, settings: chatSettings{
		pinned: m.GetPinned(), archived: m.GetArchived(), muted: int64(m.GetMutedUntil()),
	}})
}
