package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// maxExpiry is the longest default expiry of a group's messages.
const maxExpiry = 366 * 24 * time.Hour

// requestGroup serves a request about a group; false when it is about something else.
func (c *conn) requestGroup(req *wire.Request) bool {
	id := req.GetId()
	switch op := req.GetOp().(type) {
	case *wire.Request_GroupCreate:
		c.groupCreate(id, op.GroupCreate)
	case *wire.Request_GroupSet:
		c.groupSet(id, op.GroupSet)
	case *wire.Request_GroupDelete:
		c.groupSubmit(id, &deleteGroup{op.GroupDelete.GetGroupId()})
	case *wire.Request_GroupEditMembers:
		c.groupEditMembers(id, op.GroupEditMembers)
	case *wire.Request_GroupLeave:
		c.groupSubmit(id, &leaveGroup{op.GroupLeave.GetGroupId()})
	case *wire.Request_GroupJoin:
		c.groupSubmit(id, &joinGroup{op.GroupJoin.GetCode()})
	case *wire.Request_GroupEditPin:
		c.groupEditPin(id, op.GroupEditPin)
	case *wire.Request_GroupGet:
		c.groupGet(id, op.GroupGet.GetGroupId())
	case *wire.Request_GroupMembers:
		c.groupMembers(id, op.GroupMembers)
	default:
		return false
	}
	return true
}

// groupSubmit hands a request to the writer. Who sends too many waits, as with messages.
func (c *conn) groupSubmit(id uint64, a groupAction) {
	c.pause(c.member.Load().reserveSend(time.Now()))
	c.submit(&groupOp{c: c, request: id, actor: party{c.dev.uid, c.dev.address}, action: a})
}

// groupRefuse answers a request about a group that need not go to the writer.
func (c *conn) groupRefuse(id uint64, result, groupError uint32, reason string) {
	c.respondGroup(id, result, reason, &wire.GroupReply{Error: groupError})
	c.kick()
}

func (c *conn) groupBad(id uint64, err error) {
	c.groupRefuse(id, wire.ResultBadRequest, wire.GroupErrorGeneral, err.Error())
}

func (c *conn) groupCreate(id uint64, m *wire.GroupCreate) {
	// Nil is not empty here: what is absent is empty in a new group.
	fields := groupFields{
		name: &m.Name, status: &m.Status, pictureURL: &m.PictureUrl, flags: &m.Flags, expiry: &m.Expiry, picture: m.GetPicture(),
	}
	if err := checkNew(m.GetNonce(), len(m.GetMembers()), &fields); err != nil {
		c.groupBad(id, err)
		return
	}
	users, refused, err := c.s.directory.recipients(m.GetMembers())
	if err != nil {
		c.broken(err)
		return
	}
	a := &createGroup{nonce: m.GetNonce(), fields: fields, members: users, perms: permissionsOf(m.GetPermissions())}
	c.pause(c.member.Load().reserveSend(time.Now()))
	op := &groupOp{c: c, request: id, actor: party{c.dev.uid, c.dev.address}, action: a}
	op.reply.Refused = refused
	c.submit(op)
}

func checkNew(nonce []byte, members int, fields *groupFields) error {
	if len(nonce) != wire.NonceSize {
		return errNoNonce
	}
	if members > wire.MaxGroupEdit {
		return errManyMembers
	}
	return fields.check()
}

var errManyMembers = fmt.Errorf("more than %d members in one request", wire.MaxGroupEdit)

func (c *conn) groupSet(id uint64, m *wire.GroupSet) {
	fields := groupFields{
		name: m.Name, status: m.Status, pictureURL: m.PictureUrl, flags: m.Flags, expiry: m.Expiry, picture: m.Picture,
	}
	if err := fields.check(); err != nil {
		c.groupBad(id, err)
		return
	}
	c.groupSubmit(id, &setGroup{gid: m.GetGroupId(), fields: fields})
}

func (c *conn) groupEditMembers(id uint64, m *wire.GroupEditMembers) {
	if len(m.GetAddresses()) > wire.MaxGroupEdit {
		c.groupBad(id, errManyMembers)
		return
	}
	find := c.s.directory.recipients
	if m.GetRemove() {
		find = c.s.directory.findAll // somebody disabled can be removed
	}
	users, refused, err := find(m.GetAddresses())
	if err != nil {
		c.broken(err)
		return
	}
	c.groupSubmit(id, &editMembers{
		gid: m.GetGroupId(), users: users, refused: refused, remove: m.GetRemove(), perms: permissionsOf(m.GetPermissions()),
	})
}

func (c *conn) groupEditPin(id uint64, m *wire.GroupEditPin) {
	p := m.GetPin()
	switch {
	case p.GetCode() == "" && len(m.GetNonce()) != wire.NonceSize:
		c.groupBad(id, errNoNonce)
		return
	case p.GetExpires() > 1<<62:
		c.groupBad(id, errors.New("the time is beyond reckoning"))
		return
	}
	c.groupSubmit(id, &editPin{
		gid: m.GetGroupId(), nonce: m.GetNonce(), code: p.GetCode(), remove: m.GetRemove(),
		perms: permissionsOf(p.GetPermissions()), expires: int64(p.GetExpires()), uses: p.GetUses(),
	})
}

func (c *conn) groupGet(id uint64, gid uint32) {
	g, err := c.s.groups.find(gid)
	if err != nil {
		c.broken(err)
		return
	}
	if result, groupError, reason := refusal(g, c.dev.uid); result != wire.ResultOK {
		c.groupRefuse(id, result, groupError, reason)
		return
	}
	m := g.find(c.dev.uid)
	reply := &wire.GroupReply{Group: g.info(), Own: m.permissions.wire()}
	if m.admin&wire.AdminListPin != 0 {
		var pins []*pin
		c.s.lookups.do(func(ctx context.Context) {
			pins, err = loadPins(readFrom(c.s.reader.WithContext(ctx)), `gid = ?`, int64(gid))
		})
		if err != nil {
			c.broken(err)
			return
		}
		for _, p := range pins {
			reply.Pins = append(reply.Pins, p.wire())
		}
	}
	c.respondGroup(id, wire.ResultOK, "", reply)
	c.kick()
}

func (c *conn) groupMembers(id uint64, m *wire.GroupMembers) {
	answer := func(result uint32, reason string, reply *wire.GroupMembersReply) {
		c.respond(&wire.Response{Id: id, Result: result, Reason: reason, Payload: &wire.Response_GroupMembers{GroupMembers: reply}})
		c.kick()
	}
	g, err := c.s.groups.find(m.GetGroupId())
	if err != nil {
		c.broken(err)
		return
	}
	asker := c.dev.uid
	if g != nil && g.flags&wire.GroupListByAnyone != 0 {
		asker = 0
	}
	if result, groupError, reason := refusal(g, asker); result != wire.ResultOK {
		answer(result, reason, &wire.GroupMembersReply{Error: groupError})
		return
	}
	if !g.mayList(c.dev.uid) {
		answer(wire.ResultDenied, "you do not have the right to list the members", &wire.GroupMembersReply{Error: wire.GroupErrorPermission})
		return
	}
	count := int(m.GetCount())
	if count == 0 || count > wire.MaxGroupEdit {
		count = wire.MaxGroupEdit
	}
	var reply *wire.GroupMembersReply
	c.s.lookups.do(func(ctx context.Context) {
		reply, err = pageOfMembers(readFrom(c.s.reader.WithContext(ctx)), g.gid, m.GetAfter(), count)
	})
	if err != nil {
		c.broken(err)
		return
	}
	answer(wire.ResultOK, "", reply)
}

// pageOfMembers lists members behind an address, in the order in which addresses are compared.
func pageOfMembers(read reading, gid uint32, after string, count int) (*wire.GroupMembersReply, error) {
	reply := &wire.GroupMembersReply{}
	err := read(`SELECT u.address, m.flags, m.admin FROM members m JOIN users u ON u.uid = m.uid
		WHERE m.gid = ? AND u.folded > ? ORDER BY u.folded LIMIT ?`, []any{int64(gid), fold(after), count + 1},
		func(rows *sql.Rows) error {
			var m groupMember
			if err := rows.Scan(&m.address, &m.flags, &m.admin); err != nil {
				return fmt.Errorf("list members: %w", err)
			}
			if len(reply.Members) == count {
				reply.More = true
				return nil
			}
			reply.Members = append(reply.Members, m.wire())
			return nil
		})
	return reply, err
}
