package eventlog

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ErrNotMember refuses a user who is not a member of a group, or a group that does not exist.
var ErrNotMember = refusal.Denied(wire.GroupErrorNotMember, "you are not a member of the group")

var errPermission = refusal.Denied(wire.GroupErrorPermission, "you do not have permission to do this in the group")

// GroupAction is an operation on a group, such as CreateGroup.
type GroupAction interface {
	// run adds rows to the batch; it returns a refusal or a storage failure.
	run(b *batch, op *GroupOp) error
}

// GroupOp changes a group with a GroupAction.
type GroupOp struct {
	Submission

	Actor  accounts.UserRef // uid 0: the application's backend, which has all rights
	Action GroupAction

	// Reply has no group if the request was refused.
	Reply *wire.GroupReply
	// Refused is nil on success.
	Refused *refusal.Error
}

func (o *GroupOp) apply(b *batch) error {
	o.Reply = &wire.GroupReply{}
	err := o.Action.run(b, o)
	if o.Refused = refusal.Of(err); o.Refused != nil {
		o.Reply = &wire.GroupReply{Error: o.Refused.GroupError, Refused: o.Reply.GetRefused()}
	}
	return failureOf(err)
}

// accept fills in the reply with the group as the actor sees it.
func (o *GroupOp) accept(g *group) {
	o.Reply.Group = g.info()
	if m := g.find(o.Actor.UID); m != nil {
		o.Reply.Own = m.permissions.wire()
	}
}

// pictureOf updates the group's reference to the file of its picture.
func (o *GroupOp) pictureOf(b *batch, g *group) error {
	id, err := b.fileFor(o.Actor.UID, g.pictureURL)
	if err != nil {
		return err
	}
	b.setFileRef(fileref.OfGroup, int64(g.gid), id, 0)
	return nil
}

// rights returns the actor's ADMIN_* rights in a group.
func (o *GroupOp) rights(g *group) uint32 {
	if o.Actor.UID == 0 {
		return wire.AdminOwnerAll
	}
	if m := g.find(o.Actor.UID); m != nil {
		return m.admin
	}
	return 0
}

// open returns a group, and refuses if the actor is not a member with the needed rights.
func (o *GroupOp) open(b *batch, gid, needed uint32) (*group, error) {
	g, err := b.group(gid)
	if err != nil {
		return nil, err
	}
	if err := g.checkAccess(o.Actor.UID); err != nil {
		return nil, err
	}
	return g, o.may(g, needed)
}

// may refuses when the actor lacks one of the rights.
func (o *GroupOp) may(g *group, needed uint32) error {
	if o.rights(g)&needed == needed {
		return nil
	}
	return errPermission
}

// checkAccess refuses a user who is not a member, in the same words whether or not there is such a group: numbers of
// groups can be guessed. g is nil if the group has never existed. uid 0 is the application's backend, which need not be a
// member.
func (g *group) checkAccess(uid uint32) error {
	switch {
	case uid != 0 && !g.has(uid):
		return ErrNotMember
	case g == nil:
		return refusal.ErrNoGroup
	case g.deleted:
		return refusal.ErrGroupDeleted
	}
	return nil
}

// has reports whether a user is a member, or was when the group was deleted.
func (g *group) has(uid uint32) bool { return g != nil && g.find(uid) != nil }

// group returns a group, including the changes of this batch; nil if it has never existed.
func (b *batch) group(gid uint32) (*group, error) {
	if g, ok := b.groups[gid]; ok {
		return g, nil
	}
	g, epoch := b.log.groups.cached(gid)
	if g != nil {
		return g, nil
	}
	g, err := loadGroup(b.tx, gid)
	if err != nil || g == nil {
		return nil, err
	}
	b.log.groups.offer(g, epoch)
	return g, nil
}

// save writes a changed group, the rows of the members upserts, and deletes those of removed.
func (b *batch) save(g *group, upserts []groupMember, removed []uint32) {
	g.changed = b.now.UnixMilli()
	b.groups[g.gid] = g
	b.raiseRevision()
	b.update(`INSERT INTO groups(gid, creator, nonce, name, status, flags, expiry, picture, picture_url, created,
		changed, deleted, rev) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT CAST(v AS BIGINT) FROM meta WHERE k = ?))
		ON CONFLICT(gid) DO UPDATE SET name = excluded.name, status = excluded.status, flags = excluded.flags,
		expiry = excluded.expiry, picture = excluded.picture, picture_url = excluded.picture_url,
		changed = excluded.changed, deleted = excluded.deleted, rev = excluded.rev`,
		int64(g.gid), int64(g.creator), g.nonce, g.name, g.status, int64(g.flags), int64(g.expiry), g.picture,
		g.pictureURL, g.created, g.changed, g.deleted, record.MetaProfileRev)
	if g.deleted {
		b.removeFileRef(fileref.OfGroup, int64(g.gid))
	}
	defer b.acquaintMembers(g, upserts)
	const chunk = 100
	for len(upserts) > 0 {
		n := min(chunk, len(upserts))
		args := make([]any, 0, 6*n)
		for _, m := range upserts[:n] {
			args = append(args, int64(g.gid), int64(m.UID), int64(m.flags), int64(m.admin), m.joined, m.place)
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

// announce sends a group notice to users, as a message from the actor. If the actor is among them, that log gets it as
// the sender's own copy.
func (b *batch) announce(g *group, actor accounts.UserRef, change *wire.GroupChange, uids []uint32) error {
	if err := b.lock(uids); err != nil {
		return err
	}
	uids, err := b.withNoticeRoom(g, actor, change, uids)
	if err != nil {
		return err
	}
	mid, err := b.reserveAny()
	if err != nil {
		return err
	}
	change.Group = g.info()
	now := b.now.UnixMilli()
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: mid, From: actor.Address, GroupId: g.gid, Time: uint64(now), Content: &wire.Content{Group: change},
	}}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	var own uint64
	chat := record.GroupChat(g.gid)
	others := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		if uid != actor.UID {
			others = append(others, uid)
			continue
		}
		if own, err = b.append(uid, entry{kind: record.KindOwn, mid: mid, chat: chat, raw: raw}); err != nil {
			return err
		}
		b.states[uid].noteNotice(g.gid, false)
	}
	settings := change.GetKind() == wire.GroupChange_SETTINGS
	if settings {
		if others, err = b.collapse(g.gid, mid, others); err != nil {
			return err
		}
	}
	from := arrival{sender: actor.UID, sseq: own, gid: g.gid}
	copies := fanOut{
		kind: record.KindMessage, mid: mid, chat: chat, raw: raw, from: from, by: actor.UID, notice: true,
		settings: settings,
	}
	if err := b.fanOut(copies, others); err != nil {
		return err
	}
	b.msgs.Add(int64(mid), int64(actor.UID), int64(own), 0, int64(g.gid), now, 0, 0, raw)
	return nil
}

// reserveAny returns a free 64-bit id for a message of the server itself.
func (b *batch) reserveAny() (uint64, error) {
	for {
		low := RandomID()
		mid, ok, err := b.reserve(0, low, 0)
		if err != nil || ok {
			return mid, err
		}
	}
}

// RandomID returns a random number other than 0.
func RandomID() uint32 {
	var buf [4]byte
	for {
		_, _ = rand.Read(buf[:]) // never fails
		if n := binary.LittleEndian.Uint32(buf[:]); n != 0 {
			return n
		}
	}
}
