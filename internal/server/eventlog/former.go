package eventlog

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// A former member keeps the messages that came before the end of the membership, as they were then: frozen has the
// users for whom a message stays as it was before an edit, and versions has its content of that time.

// errBanned refuses a user who was removed from the group.
var errBanned = refusal.Denied(wire.GroupErrorDenied,
	"you were removed from this group; a member who may add others has to add you")

type groupUser struct{ gid, uid uint32 }

// endMembership notes that members have left a group. Notes that no edit can concern any more are deleted.
func (b *batch) endMembership(gid uint32, gone []groupMember) {
	now := b.now.UnixMilli()
	for _, m := range gone {
		b.update(`INSERT INTO former(gid, uid, joined, gone) VALUES(?, ?, ?, ?)
			ON CONFLICT(gid, uid, joined) DO UPDATE SET gone = excluded.gone`, int64(gid), int64(m.UID), m.joined, now)
	}
	if w := b.log.RetractWindow(); w >= 0 {
		b.update(`DELETE FROM former WHERE gid = ? AND gone < ?`, int64(gid), now-w.Milliseconds()-time.Hour.Milliseconds())
	}
}

// setBan keeps a user from joining a group with a code or a link, or allows it again.
func (b *batch) setBan(gid, uid uint32, banned bool) error {
	was, err := b.isBanned(gid, uid)
	if err != nil || was == banned {
		return err
	}
	b.bans[groupUser{gid, uid}] = banned
	if banned {
		b.update(`INSERT INTO bans(gid, uid) VALUES(?, ?)`, int64(gid), int64(uid))
	} else {
		b.update(`DELETE FROM bans WHERE gid = ? AND uid = ?`, int64(gid), int64(uid))
	}
	return nil
}

func (b *batch) isBanned(gid, uid uint32) (banned bool, err error) {
	if banned, ok := b.bans[groupUser{gid, uid}]; ok {
		return banned, nil
	}
	return readBan(b.tx, gid, uid)
}

func readBan(read record.Reader, gid, uid uint32) (banned bool, err error) {
	err = read.Query(`SELECT uid FROM bans WHERE gid = ? AND uid = ?`, []any{int64(gid), int64(uid)},
		func(record.Row) error {
			banned = true
			return nil
		})
	return banned, err
}

// freeze keeps a message as it is for the users who have it, perhaps, and may not see the edit emid: former members,
// and members who do not receive the group's messages any more.
func (b *batch) freeze(m *storedMsg, g *group, emid uint64) error {
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m.msg}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	received := uint32(0) // the flag that members need to receive messages
	if g.flags&wire.GroupRecvBySelected != 0 {
		received = wire.MemberRecv
	}
	b.update(`DELETE FROM frozen WHERE mid = ? AND uid IN (
		SELECT uid FROM members WHERE gid = ? AND joined <= ? AND flags & ? = ?)`,
		int64(m.mid), int64(g.gid), m.ts, received, received)
	b.update(`INSERT INTO frozen(mid, uid, emid) SELECT DISTINCT ?, uid, ? FROM former WHERE gid = ? AND joined <= ?
		ON CONFLICT(mid, uid) DO NOTHING`, int64(m.mid), int64(emid), int64(g.gid), m.ts)
	for i := range g.members {
		if r := &g.members[i]; r.joined <= m.ts && !r.disabled && !g.receives(r) && r.UID != m.sender {
			b.update(`INSERT INTO frozen(mid, uid, emid) VALUES(?, ?, ?) ON CONFLICT(mid, uid) DO NOTHING`,
				int64(m.mid), int64(r.UID), int64(emid))
		}
	}
	b.update(`INSERT INTO versions(mid, emid, body) SELECT ?, ?, ? WHERE EXISTS (
		SELECT 1 FROM frozen WHERE mid = ? AND emid = ?)`, int64(m.mid), int64(emid), raw, int64(m.mid), int64(emid))
	return nil
}

// drop removes what refers to a message whose content is removed everywhere.
func (b *batch) drop(mid uint64) {
	for _, text := range []string{
		`DELETE FROM reactions WHERE mid = ?`, `DELETE FROM frozen WHERE mid = ?`, `DELETE FROM versions WHERE mid = ?`,
	} {
		b.update(text, int64(mid))
	}
	b.removeFileRef(fileref.OfMessage, int64(mid))
}

// bodyFor is the SQL expression for the body of the message e.mid as the user of its one parameter sees it, before a
// later default.
const bodyFor = `(SELECT v.body FROM frozen f JOIN versions v ON v.mid = f.mid AND v.emid = f.emid
	WHERE f.mid = e.mid AND f.uid = ?)`
