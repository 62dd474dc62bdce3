package server

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// errNoGroup is what a request about a group that has never existed is answered with.
var errNoGroup = errors.New("there is no such group")

// groupAction decides about one request that changes a group.
type groupAction interface {
	// run looks at the group and notes rows. A refusal is noted in op; an error means the storage failed.
	run(ctx context.Context, b *batch, op *groupOp) error
}

// groupOp takes a request about a group through the writer.
type groupOp struct {
	c       *conn
	request uint64
	actor   party // uid 0: the application's backend, who may do everything
	action  groupAction
	done    func(*groupOp, error) // not nil: told instead of c, which is nil then

	reply  wire.GroupReply
	result uint32
	reason string
}

func (o *groupOp) origin() *conn { return o.c }

func (*groupOp) plan(*batch) {}

func (o *groupOp) apply(ctx context.Context, b *batch) error { return o.action.run(ctx, b, o) }

func (o *groupOp) finish(err error) {
	switch {
	case o.done != nil:
		o.done(o, err)
	case err != nil:
		o.c.storageFailure()
	default:
		o.c.respondGroup(o.request, o.result, o.reason, &o.reply)
	}
}

func (c *conn) respondGroup(id uint64, result uint32, reason string, reply *wire.GroupReply) {
	if result != wire.ResultOK {
		c.s.metrics.refused("group")
	}
	c.respond(&wire.Response{Id: id, Result: result, Reason: reason, Payload: &wire.Response_Group{Group: reply}})
}

// refuse notes why nothing is done.
func (o *groupOp) refuse(result, groupError uint32, reason string) {
	o.result, o.reason = result, reason
	o.reply.Error = groupError
}

// accept notes the group as the actor sees it.
func (o *groupOp) accept(g *group) {
	o.reply.Group = g.info()
	if m := g.find(o.actor.uid); m != nil {
		o.reply.Own = m.permissions.wire()
	}
}

// pictureOf makes a group refer to the file of its picture, or refuses the request.
func (o *groupOp) pictureOf(ctx context.Context, b *batch, g *group) (ok bool, err error) {
	id, refused, err := b.fileFor(ctx, o.actor.uid, g.pictureURL)
	switch {
	case err != nil:
		return false, err
	case refused != "":
		o.refuse(wire.ResultBadRequest, wire.GroupErrorGeneral, refused)
		return false, nil
	}
	b.refer(refGroup, int64(g.gid), id, 0)
	return true, nil
}

// rights are what the actor may change in a group.
func (o *groupOp) rights(g *group) uint32 {
	if o.actor.uid == 0 {
		return wire.AdminOwnerAll
	}
	if m := g.find(o.actor.uid); m != nil {
		return m.admin
	}
	return 0
}

// open finds the group of a request whose actor has to be a member with certain rights; nil when the request is refused.
func (o *groupOp) open(ctx context.Context, b *batch, gid, needed uint32) (*group, error) {
	g, err := b.group(ctx, gid)
	if err != nil {
		return nil, err
	}
	if result, groupError, reason := refusal(g, o.actor.uid); result != wire.ResultOK {
		o.refuse(result, groupError, reason)
		return nil, nil //nolint:nilnil // refused is an answer, not a failure
	}
	if !o.may(g, needed) {
		return nil, nil //nolint:nilnil // refused is an answer, not a failure
	}
	return g, nil
}

// may refuses the request when the actor lacks one of the rights.
func (o *groupOp) may(g *group, needed uint32) bool {
	if o.rights(g)&needed == needed {
		return true
	}
	o.refuse(wire.ResultDenied, wire.GroupErrorPermission, "you do not have the right to do this in the group")
	return false
}

// refusal says why somebody may not ask about a group at all. The backend is nobody's member and may.
func refusal(g *group, uid uint32) (result, groupError uint32, reason string) {
	switch {
	case g == nil:
		return wire.ResultNoSuchUser, wire.GroupErrorGeneral, errNoGroup.Error()
	case g.deleted:
		return wire.ResultNoSuchUser, wire.GroupErrorDeleted, "the group has been deleted"
	case uid != 0 && g.find(uid) == nil:
		return wire.ResultDenied, wire.GroupErrorNotMember, "you are not a member of the group"
	}
	return wire.ResultOK, 0, ""
}

// group returns a group as this batch will leave it, nil when there has never been one.
func (b *batch) group(ctx context.Context, gid uint32) (*group, error) {
	if g, ok := b.groups[gid]; ok {
		return g, nil
	}
	g, epoch := b.w.groups.cached(gid)
	if g != nil {
		return g, nil
	}
	g, err := loadGroup(b.reading(ctx), gid)
	if err != nil || g == nil {
		return nil, err
	}
	b.w.groups.offer(g, epoch)
	return g, nil
}

// save notes a changed group. Rows of members are written for upserts and deleted for removed.
func (b *batch) save(g *group, upserts []groupMember, removed []uint32) {
	g.changed = b.now.UnixMilli()
	b.groups[g.gid] = g
	b.update(`UPDATE meta SET v = v + 1 WHERE k = ?`, metaProfileRev)
	b.update(`INSERT INTO groups(gid, creator, nonce, name, status, flags, expiry, picture, picture_url, created, changed, deleted, rev)
		VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT v FROM meta WHERE k = ?))
		ON CONFLICT(gid) DO UPDATE SET name = excluded.name, status = excluded.status, flags = excluded.flags,
		expiry = excluded.expiry, picture = excluded.picture, picture_url = excluded.picture_url, changed = excluded.changed,
		deleted = excluded.deleted, rev = excluded.rev`,
		int64(g.gid), int64(g.creator), g.nonce, g.name, g.status, int64(g.flags), int64(g.expiry), g.picture, g.pictureURL,
		g.created, g.changed, g.deleted, metaProfileRev)
	if g.deleted {
		b.unrefer(refGroup, int64(g.gid))
	}
	const chunk = 100
	for len(upserts) > 0 {
		n := min(chunk, len(upserts))
		args := make([]any, 0, 6*n)
		for _, m := range upserts[:n] {
			args = append(args, int64(g.gid), int64(m.uid), int64(m.flags), int64(m.admin), m.joined, m.place)
		}
		b.update(`INSERT INTO members(gid, uid, flags, admin, joined, place) VALUES (?,?,?,?,?,?)`+
			strings.Repeat(",(?,?,?,?,?,?)", n-1)+
			` ON CONFLICT(gid, uid) DO UPDATE SET flags = excluded.flags, admin = excluded.admin`, args...)
		upserts = upserts[n:]
	}
	for len(removed) > 0 {
		n := min(chunk, len(removed))
		args := []any{int64(g.gid)}
		for _, uid := range removed[:n] {
			args = append(args, int64(uid))
		}
		b.update(`DELETE FROM members WHERE gid = ? AND uid IN (?`+strings.Repeat(",?", n-1)+`)`, args...)
		removed = removed[n:]
	}
}

// announce tells users of a change to a group, as a message from whoever made it. An actor among them gets it as the
// own copy.
func (b *batch) announce(ctx context.Context, g *group, actor party, change *wire.GroupChange, uids []uint32) error {
	if err := b.loadHeads(ctx, uids); err != nil {
		return err
	}
	mid, err := b.reserveAny(ctx)
	if err != nil {
		return err
	}
	change.Group = g.info()
	now := b.now.UnixMilli()
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: mid, From: actor.address, GroupId: g.gid, Time: uint64(now), Content: &wire.Content{Group: change},
	}}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	var own uint64
	others := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		if uid != actor.uid {
			others = append(others, uid)
			continue
		}
		if own, err = b.append(ctx, uid, entry{kind: kindOwn, mid: mid, raw: raw}); err != nil {
			return err
		}
	}
	copies := fanOut{kind: kindMessage, mid: mid, raw: raw, from: arrival{sender: actor.uid, sseq: own, gid: g.gid}}
	if err := b.fanOut(ctx, copies, others); err != nil {
		return err
	}
	b.msgs.add(int64(mid), int64(actor.uid), int64(own), 0, int64(g.gid), now, 0, 0, raw)
	return nil
}

// reserveAny finds a free 64-bit id for a message of the server's own.
func (b *batch) reserveAny(ctx context.Context) (uint64, error) {
	for {
		low := random32()
		if err := b.lookupMIDs(ctx, []uint64{wire.MessageID(b.now, low)}); err != nil {
			return 0, err
		}
		mid, ok, err := b.reserve(ctx, low)
		if err != nil || ok {
			return mid, err
		}
	}
}

// random32 is not 0.
func random32() uint32 {
	var buf [4]byte
	for {
		_, _ = rand.Read(buf[:]) // never fails
		if n := binary.LittleEndian.Uint32(buf[:]); n != 0 {
			return n
		}
	}
}
