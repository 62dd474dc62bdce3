package gateway

import (
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// submitGroup submits a change of a group.
func (c *conn) submitGroup(id uint64, a eventlog.GroupAction) {
	op := &eventlog.GroupOp{Actor: c.device.UserRef, Action: a}
	c.submit(op, &op.Submission, func() { c.respondGroup(id, op.Reply, op.Refused) })
}

func (c *conn) respondGroup(id uint64, reply *wire.GroupReply, refused *refusal.Error) {
	r := responseTo(id, refused)
	if refused != nil {
		c.g.c.Metrics.Refused("group")
		if reply == nil {
			reply = &wire.GroupReply{Error: refused.GroupError}
		}
	}
	r.Payload = &wire.Response_Group{Group: reply}
	c.respondLarge(r) // with a picture, perhaps
}

// refuseGroup responds to a request about a group with a refusal; any other error closes the connection.
func (c *conn) refuseGroup(id uint64, err error) {
	refused := refusal.Of(err)
	if refused == nil {
		c.closeStorageError(err)
		return
	}
	c.respondGroup(id, nil, refused)
	c.wakeWriter()
}

func (c *conn) groupCreate(id uint64, m *wire.GroupCreate) {
	// Pointers to all fields: absent ones are empty in a new group.
	fields := eventlog.GroupFields{
		Name: &m.Name, Status: &m.Status, PictureURL: &m.PictureUrl, Flags: &m.Flags, Expiry: &m.Expiry,
		Picture: m.GetPicture(),
	}
	err := fields.Check()
	switch {
	case len(m.GetNonce()) != wire.NonceSize:
		err = eventlog.ErrNonce
	case len(m.GetMembers()) > wire.MaxGroupEdit:
		err = eventlog.ErrManyMembers
	}
	if err != nil {
		c.refuseGroup(id, err)
		return
	}
	users, unknown, err := c.g.c.Directory.Recipients(c.context(), m.GetMembers())
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.submitGroup(id, &eventlog.CreateGroup{
		Nonce: m.GetNonce(), Fields: fields, Members: users, Refused: unknown, Permissions: m.GetPermissions(),
	})
}

func (c *conn) groupSet(id uint64, m *wire.GroupSet) {
	fields := eventlog.GroupFields{
		Name: m.Name, Status: m.Status, PictureURL: m.PictureUrl, Flags: m.Flags, Expiry: m.Expiry, Picture: m.Picture,
	}
	if err := fields.Check(); err != nil {
		c.refuseGroup(id, err)
		return
	}
	if may, err := c.g.c.Log.ModifiesGroup(c.context(), c.device.UID, m.GetGroupId()); err != nil {
		c.closeStorageError(err)
		return
	} else if may { // who may not, uses nothing up
		wait, refused := c.g.hub.rates.changeGroup(m.GetGroupId())
		if refused != nil {
			c.refuseGroup(id, refused)
			return
		}
		c.pause(wait)
	}
	c.submitGroup(id, &eventlog.SetGroup{GID: m.GetGroupId(), Fields: fields})
}

func (c *conn) groupDelete(id uint64, m *wire.GroupDelete) {
	c.submitGroup(id, &eventlog.DeleteGroup{GID: m.GetGroupId()})
}

func (c *conn) groupLeave(id uint64, m *wire.GroupLeave) {
	c.submitGroup(id, &eventlog.LeaveGroup{GID: m.GetGroupId()})
}

func (c *conn) groupJoin(id uint64, m *wire.GroupJoin) {
	c.submitGroup(id, &eventlog.JoinGroup{Code: m.GetCode()})
}

func (c *conn) groupAnswer(id uint64, m *wire.GroupAnswer) {
	c.submitGroup(id, &eventlog.AnswerInvitation{GID: m.GetGroupId(), Accept: m.GetAccept()})
}

func (c *conn) groupEditMembers(id uint64, m *wire.GroupEditMembers) {
	if len(m.GetAddresses()) > wire.MaxGroupEdit {
		c.refuseGroup(id, eventlog.ErrManyMembers)
		return
	}
	find := c.g.c.Directory.Recipients
	if m.GetRemove() {
		find = c.g.c.Directory.FindAll // a disabled user can be removed
	}
	users, unknown, err := find(c.context(), m.GetAddresses())
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.submitGroup(id, &eventlog.EditMembers{
		GID: m.GetGroupId(), Users: users, Refused: unknown, Remove: m.GetRemove(), Permissions: m.GetPermissions(),
	})
}

func (c *conn) groupEditPin(id uint64, m *wire.GroupEditPin) {
	p := m.GetPin()
	switch {
	case p.GetCode() == "" && len(m.GetNonce()) != wire.NonceSize:
		c.refuseGroup(id, eventlog.ErrNonce)
		return
	case p.GetExpires() > maxMilli:
		c.refuseGroup(id, errTime)
		return
	}
	c.submitGroup(id, &eventlog.EditPin{
		GID: m.GetGroupId(), Nonce: m.GetNonce(), Code: p.GetCode(), Remove: m.GetRemove(),
		Permissions: p.GetPermissions(), Expires: int64(p.GetExpires()), Uses: p.GetUses(),
	})
}

func (c *conn) groupGet(id uint64, m *wire.GroupGet) {
	reply, err := c.g.c.Log.Group(c.context(), c.device.UID, m.GetGroupId())
	if err != nil {
		c.refuseGroup(id, err)
		return
	}
	c.respondGroup(id, reply, nil)
	c.wakeWriter()
}

func (c *conn) groupMembers(id uint64, m *wire.GroupMembers) {
	count := int(m.GetCount())
	if count == 0 || count > wire.MaxGroupEdit {
		count = wire.MaxGroupEdit
	}
	reply, err := c.g.c.Log.Members(c.context(), c.device.UID, m.GetGroupId(), m.GetAfter(), count)
	refused := refusal.Of(err)
	switch {
	case refused != nil:
		reply = &wire.GroupMembersReply{Error: refused.GroupError}
	case err != nil:
		c.closeStorageError(err)
		return
	}
	r := responseTo(id, refused)
	r.Payload = &wire.Response_GroupMembers{GroupMembers: reply}
	c.respondLarge(r)
	c.wakeWriter()
}
