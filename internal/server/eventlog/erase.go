package eventlog

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// erasure is a user whose data is to be removed.
type erasure struct {
	accounts.UserRef

	everywhere bool // from the logs of others as well
}

// eraseChunk is how many messages one change erases; it is that of one Recalled event.
const eraseChunk = wire.MaxRecall

// EraseUsers removes the data of the users in the table erasures, in chunks. It may be repeated from any point. Sweep
// calls it every tidyInterval.
func (l *Log) EraseUsers(ctx context.Context) error {
	var list []erasure
	err := l.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT e.uid, u.address, e.everywhere FROM erasures e JOIN users u ON u.uid = e.uid ORDER BY e.uid`
		return read.Query(query, nil, func(row record.Row) error {
			var e erasure
			if err := row.Scan(&e.UID, &e.Address, &e.everywhere); err != nil {
				return fmt.Errorf("list users to erase: %w", err)
			}
			list = append(list, e)
			return nil
		})
	})
	for _, e := range list {
		if err == nil {
			err = l.erase(ctx, e)
		}
	}
	return err
}

func (l *Log) erase(ctx context.Context, e erasure) error {
	if err := l.eraseMessages(ctx, e); err != nil {
		return err
	}
	if err := l.leaveGroups(ctx, e.UserRef); err != nil {
		return err
	}
	log, _, err := l.Position(ctx, e.UID)
	if err != nil {
		return err
	}
	for to := log.Floor; to < log.Last && ctx.Err() == nil; {
		to = min(to+retainChunk, log.Last)
		if err := l.Commit(&trimChange{uid: e.UID, to: to}); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("erase user: %w", ctx.Err())
	}
	return l.Commit(&erasedChange{uid: e.UID})
}

// eraseMessages removes what the user has written: to itself, and to others if it is erased everywhere.
func (l *Log) eraseMessages(ctx context.Context, e erasure) error {
	after := record.EventKey(e.UID, 0)
	for ctx.Err() == nil {
		chats := make(map[readKey]*eraseChange)
		n := 0
		err := l.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT e.id, m.mid, m.peer, m.gid FROM events e JOIN msgs m ON m.mid = e.mid
				WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.sender = ? ORDER BY e.id LIMIT ?`
			args := []any{
				after, record.EventKey(e.UID, record.MaxSeq), int(record.KindOwn), int64(e.UID), eraseChunk,
			}
			return read.Query(query, args, func(row record.Row) error {
				var (
					mid int64
					key = readKey{uid: e.UID}
				)
				if err := row.Scan(&after, &mid, &key.peer, &key.gid); err != nil {
					return fmt.Errorf("list messages to erase: %w", err)
				}
				n++
				if key.gid == 0 && key.peer == e.UID || e.everywhere {
					if chats[key] == nil {
						chats[key] = &eraseChange{user: e.UserRef, peer: key.peer, gid: key.gid}
					}
					chats[key].mids = append(chats[key].mids, uint64(mid))
				}
				return nil
			})
		})
		if err != nil || n == 0 {
			return err
		}
		for _, ch := range chats {
			if err := l.Commit(ch); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("erase messages: %w", ctx.Err())
}

// eraseChange removes the content of messages of one chat and tells the others in it.
type eraseChange struct {
	Submission

	user      accounts.UserRef
	peer, gid uint32
	mids      []uint64
}

func (c *eraseChange) apply(b *batch) error {
	op := &Edit{Actor: c.user, Where: Chat{GID: c.gid, Peer: accounts.UserRef{UID: c.peer}}}
	if c.gid != 0 {
		g, err := b.group(c.gid)
		if err != nil {
			return err
		}
		if g == nil {
			g = &group{gid: c.gid}
		}
		op.group, op.Where.Peer = g, accounts.UserRef{}
	}
	var list []*storedMsg
	for _, mid := range c.mids {
		m, err := b.message(mid)
		if err != nil {
			return err
		}
		if m == nil || m.msg.GetRecalled() || m.msg.GetContent().GetGroup() != nil {
			continue
		}
		if list = append(list, m); c.gid == 0 {
			op.Where.Peer.Address = m.msg.GetPeer()
		}
	}
	return op.recall(b, list)
}

// leaveGroups removes a user from all groups.
func (l *Log) leaveGroups(ctx context.Context, u accounts.UserRef) error {
	var gids []uint32
	err := l.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT p.gid FROM members p JOIN groups g ON g.gid = p.gid WHERE p.uid = ? AND NOT g.deleted`
		return read.Query(query, []any{int64(u.UID)}, func(row record.Row) error {
			var gid uint32
			if err := row.Scan(&gid); err != nil {
				return fmt.Errorf("list groups: %w", err)
			}
			gids = append(gids, gid)
			return nil
		})
	})
	for _, gid := range gids {
		if err == nil {
			err = l.Commit(&GroupOp{Action: &EditMembers{GID: gid, Users: []accounts.UserRef{u}, Remove: true}})
		}
	}
	return err
}

// erasedChange removes the rest of a user's data.
type erasedChange struct {
	Submission

	uid uint32
}

func (c *erasedChange) apply(b *batch) error {
	b.erases = true
	err := b.tx.Query(`SELECT blocked FROM blocks WHERE uid = ?`, []any{int64(c.uid)}, func(row record.Row) error {
		p := pair{uid: c.uid}
		if err := row.Scan(&p.other); err != nil {
			return fmt.Errorf("read blocks: %w", err)
		}
		b.blocks[p] = false
		return nil
	})
	if err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM reads WHERE uid = ?`, `DELETE FROM chat_settings WHERE uid = ?`, `DELETE FROM contacts WHERE uid = ?`,
		`DELETE FROM reactions WHERE uid = ?`, `DELETE FROM last_seen WHERE uid = ?`, `DELETE FROM blocks WHERE uid = ?`,
		`DELETE FROM former WHERE uid = ?`, `DELETE FROM bans WHERE uid = ?`, `DELETE FROM frozen WHERE uid = ?`,
		`DELETE FROM invitations WHERE uid = ?`, `DELETE FROM requests WHERE uid = ?`,
		`DELETE FROM reports WHERE reporter = ?`, `DELETE FROM reports WHERE uid = ?`, `DELETE FROM notices WHERE uid = ?`,
		`DELETE FROM erasures WHERE uid = ?`,
	} {
		b.update(text, int64(c.uid))
	}
	return nil
}
