package server

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
)

// own is what the changes have in common that concern nobody but the user who asks for them.
type own struct {
	c       *conn
	request uint64
}

func (o *own) origin() *conn { return o.c }

func (*own) plan(*batch) {}

func (o *own) finish(err error) {
	if err != nil {
		o.c.storageFailure()
		return
	}
	o.c.respond(&wire.Response{Id: o.request})
}

// blockChange stops what comes from somebody, or allows it again.
type blockChange struct {
	own

	other   party
	blocked bool
	changed bool
}

func (ch *blockChange) apply(ctx context.Context, b *batch) error {
	uid := ch.c.dev.uid
	if b.isBlocked(uid, ch.other.uid) == ch.blocked {
		return nil
	}
	ch.changed = true
	b.blocks[pair{uid, ch.other.uid}] = ch.blocked
	if ch.blocked {
		b.update(`INSERT INTO blocks(uid, blocked) VALUES(?, ?)`, int64(uid), int64(ch.other.uid))
	} else {
		b.update(`DELETE FROM blocks WHERE uid = ? AND blocked = ?`, int64(uid), int64(ch.other.uid))
	}
	return b.appendBody(ctx, uid, kindSetting, &wire.Event{Body: &wire.Event_Block{Block: &wire.Block{
		Address: ch.other.address, Blocked: ch.blocked,
	}}})
}

func (ch *blockChange) finish(err error) {
	ch.own.finish(err)
	if err == nil && ch.changed {
		ch.c.s.presence.poke(ch.c.dev.uid)
		ch.c.s.presence.poke(ch.other.uid)
	}
}

// chatSettings are how somebody wants a conversation treated.
type chatSettings struct {
	pinned, archived bool
	muted            int64 // ms, 0 not
}

// settingsChange keeps them, and tells the user's other devices.
type settingsChange struct {
	own

	where    conversation
	settings chatSettings
}

func (ch *settingsChange) apply(ctx context.Context, b *batch) error {
	key := readKey{uid: ch.c.dev.uid, peer: ch.where.peer.uid, gid: ch.where.gid}
	old, err := b.chatSettings(ctx, key)
	if err != nil || old == ch.settings {
		return err
	}
	b.settings[key] = ch.settings
	s := ch.settings
	b.update(`INSERT INTO chat_settings(uid, peer, gid, pinned, archived, muted_until) VALUES(?, ?, ?, ?, ?, ?)
		ON CONFLICT(uid, peer, gid) DO UPDATE SET pinned = excluded.pinned, archived = excluded.archived,
		muted_until = excluded.muted_until`, int64(key.uid), int64(key.peer), int64(key.gid), s.pinned, s.archived, s.muted)
	return b.appendBody(ctx, key.uid, kindSetting, &wire.Event{Body: &wire.Event_ChatSettings{ChatSettings: &wire.ChatSettings{
		Peer: ch.where.peer.address, GroupId: key.gid, Pinned: s.pinned, Archived: s.archived, MutedUntil: uint64(s.muted),
	}}})
}

// chatSettings returns what was settled last, the zero value when nothing was.
func (b *batch) chatSettings(ctx context.Context, k readKey) (chatSettings, error) {
	if s, ok := b.settings[k]; ok {
		return s, nil
	}
	var s chatSettings
	err := b.query(ctx, `SELECT pinned, archived, muted_until FROM chat_settings WHERE uid = ? AND peer = ? AND gid = ?`,
		[]any{int64(k.uid), int64(k.peer), int64(k.gid)}, func(rows *sql.Rows) error {
			if err := rows.Scan(&s.pinned, &s.archived, &s.muted); err != nil {
				return fmt.Errorf("read chat settings: %w", err)
			}
			return nil
		})
	return s, err
}
