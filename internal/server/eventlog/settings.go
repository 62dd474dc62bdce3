package eventlog

import (
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Block blocks or unblocks another user.
type Block struct {
	Submission

	UID     uint32 // the blocking user
	Other   accounts.UserRef
	Blocked bool

	// Changed is false if nothing was different.
	Changed bool
}

func (ch *Block) apply(b *batch) error {
	ch.Changed = b.isBlocked(ch.UID, ch.Other.UID) != ch.Blocked
	if !ch.Changed {
		return nil
	}
	b.blocks[pair{ch.UID, ch.Other.UID}] = ch.Blocked
	if ch.Blocked {
		b.update(`INSERT INTO blocks(uid, blocked) VALUES(?, ?)`, int64(ch.UID), int64(ch.Other.UID))
	} else {
		b.update(`DELETE FROM blocks WHERE uid = ? AND blocked = ?`, int64(ch.UID), int64(ch.Other.UID))
	}
	return b.appendBody(ch.UID, record.KindSetting, &wire.Event{Body: &wire.Event_Block{Block: &wire.Block{
		Address: ch.Other.Address, Blocked: ch.Blocked,
	}}})
}

// chatSettings are a user's settings of a chat.
type chatSettings struct {
	pinned, archived bool
	unread           bool  // marked as unread
	muted            int64 // until, in ms; 0 not muted
}

// ChatSettings stores a user's settings of a chat for all devices.
type ChatSettings struct {
	Submission

	UID              uint32
	Where            Chat
	Pinned, Archived bool
	Unread           bool  // marked as unread
	MutedUntil       int64 // ms, 0 not muted
}

func (ch *ChatSettings) apply(b *batch) error {
	key := readKey{uid: ch.UID, peer: ch.Where.Peer.UID, gid: ch.Where.GID}
	s := chatSettings{pinned: ch.Pinned, archived: ch.Archived, unread: ch.Unread, muted: ch.MutedUntil}
	old, err := b.chatSettings(key)
	if err != nil || old == s {
		return err
	}
	b.settings[key] = s
	b.update(`INSERT INTO chat_settings(uid, peer, gid, pinned, archived, muted_until, unread) VALUES(?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT(uid, peer, gid) DO UPDATE SET pinned = excluded.pinned, archived = excluded.archived,
		muted_until = excluded.muted_until, unread = excluded.unread`,
		int64(key.uid), int64(key.peer), int64(key.gid), s.pinned, s.archived, s.muted, s.unread)
	event := &wire.Event{Body: &wire.Event_ChatSettings{ChatSettings: &wire.ChatSettings{
		Peer: ch.Where.Peer.Address, GroupId: key.gid, Pinned: s.pinned, Archived: s.archived,
		MutedUntil: uint64(s.muted), Unread: s.unread,
	}}}
	return b.appendBody(key.uid, record.KindSetting, event)
}

// chatSettings returns the settings of a chat, including the changes of this batch.
func (b *batch) chatSettings(k readKey) (chatSettings, error) {
	if s, ok := b.settings[k]; ok {
		return s, nil
	}
	var s chatSettings
	const query = `SELECT pinned, archived, muted_until, unread FROM chat_settings WHERE uid = ? AND peer = ? AND gid = ?`
	err := b.tx.Query(query, []any{int64(k.uid), int64(k.peer), int64(k.gid)},
		func(row record.Row) error {
			if err := row.Scan(&s.pinned, &s.archived, &s.muted, &s.unread); err != nil {
				return fmt.Errorf("read chat settings: %w", err)
			}
			return nil
		})
	return s, err
}

// LastSeen stores when users were last active.
type LastSeen struct {
	Submission

	Seen map[uint32]int64 // uid to ms
}

func (ch *LastSeen) apply(b *batch) error { //nolint:unparam // a Change
	for uid, at := range ch.Seen {
		b.seen.Add(int64(uid), at)
	}
	return nil
}
